#include "wire/tempo_request.h"

#include <string>

#include "wire/protobuf.h"

namespace spoor::wire {
namespace {

// Longer varints lose their upper bits, as protobuf wants it of uint32.
uint32_t uint32_of(ProtobufReader& in) {
  return static_cast<uint32_t>(in.varint());
}

Status malformed(std::string_view name, std::string_view bytes, const ProtobufReader& in) {
  return invalid_argument("malformed " + std::string(name) + ": at byte " +
                          std::to_string(in.field_start() - bytes.data()) + " of " +
                          std::to_string(bytes.size()));
}

bool read_tag(TempoSearchMessage& message, std::string_view entry) {
  std::pair<std::string_view, std::string_view> tag;
  ProtobufReader in(entry);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        tag.first = in.sized();
        break;
      case sized_tag(2):
        tag.second = in.sized();
        break;
      default:
        in.skip();
    }
  }
  message.tags.push_back(tag);
  return !in.failed();
}

// The three fields of both requests; false for another.
bool read_common(ProtobufReader& in, TempoMetricsMessage& message) {
  switch (in.tag()) {
    case sized_tag(1):
      message.query = in.sized();
      return true;
    case varint_tag(2):
      message.start = in.varint();
      return true;
    case varint_tag(3):
      message.end = in.varint();
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<TempoSearchMessage> decode_tempo_search_request(std::string_view bytes) {
  TempoSearchMessage message;
  bool tags_are_whole = true;
  ProtobufReader in(bytes);
  while (tags_are_whole && in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        tags_are_whole = read_tag(message, in.sized());
        break;
      case varint_tag(2):
        message.duration_min_ms = uint32_of(in);
        break;
      case varint_tag(3):
        message.duration_max_ms = uint32_of(in);
        break;
      case varint_tag(4):
        message.limit = uint32_of(in);
        break;
      case varint_tag(5):
        message.range.start = uint32_of(in);
        break;
      case varint_tag(6):
        message.range.end = uint32_of(in);
        break;
      case sized_tag(8):
        message.query = in.sized();
        break;
      case varint_tag(9):
        message.spans_per_spanset = uint32_of(in);
        break;
      default:
        in.skip();
    }
  }
  if (in.failed() || !tags_are_whole) return malformed("SearchRequest", bytes, in);
  return message;
}

Result<TempoTagsMessage> decode_tempo_tags_request(std::string_view bytes) {
  TempoTagsMessage message;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        message.scope = in.sized();
        break;
      case sized_tag(2):
        message.query = in.sized();
        break;
      case varint_tag(3):
        message.range.start = uint32_of(in);
        break;
      case varint_tag(4):
        message.range.end = uint32_of(in);
        break;
      case varint_tag(5):
        message.limit = uint32_of(in);
        break;
      default:
        in.skip();
    }
  }
  if (in.failed()) return malformed("SearchTagsRequest", bytes, in);
  return message;
}

Result<TempoTagValuesMessage> decode_tempo_tag_values_request(std::string_view bytes) {
  TempoTagValuesMessage message;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        message.tag = in.sized();
        break;
      case sized_tag(2):
        message.query = in.sized();
        break;
      case varint_tag(4):
        message.range.start = uint32_of(in);
        break;
      case varint_tag(5):
        message.range.end = uint32_of(in);
        break;
      case varint_tag(6):
        message.limit = uint32_of(in);
        break;
      default:
        in.skip();
    }
  }
  if (in.failed()) return malformed("SearchTagValuesRequest", bytes, in);
  return message;
}

Result<TempoMetricsMessage> decode_tempo_range_request(std::string_view bytes) {
  TempoMetricsMessage message;
  ProtobufReader in(bytes);
  while (in.next()) {
    if (read_common(in, message)) continue;
    switch (in.tag()) {
      case varint_tag(4):
        message.step = in.varint();
        break;
      case varint_tag(16):
        message.exemplars = uint32_of(in);
        break;
      case varint_tag(17):
        message.series_max = uint32_of(in);
        break;
      default:
        in.skip();
    }
  }
  if (in.failed()) return malformed("QueryRangeRequest", bytes, in);
  return message;
}

Result<TempoMetricsMessage> decode_tempo_instant_request(std::string_view bytes) {
  TempoMetricsMessage message;
  ProtobufReader in(bytes);
  while (in.next()) {
    if (!read_common(in, message)) in.skip();
  }
  if (in.failed()) return malformed("QueryInstantRequest", bytes, in);
  return message;
}

}  // namespace spoor::wire
