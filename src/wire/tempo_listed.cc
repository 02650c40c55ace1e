#include "wire/tempo_listed.h"

#include "wire/protobuf.h"

namespace spoor::wire {
namespace {

// ServiceStats, the value of an entry of the map.
bool read_stats(std::string_view bytes, ListedTrace& trace) {
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case varint_tag(1):
        trace.span_count += in.varint();
        break;
      case varint_tag(2):
        trace.error_count += in.varint();
        break;
      default:
        in.skip();
    }
  }
  return !in.failed();
}

bool read_service(std::string_view entry, ListedTrace& trace) {
  ++trace.service_count;
  ProtobufReader in(entry);
  while (in.next()) {
    if (in.tag() != sized_tag(2)) {
      in.skip();
    } else if (!read_stats(in.sized(), trace)) {
      return false;
    }
  }
  return !in.failed();
}

bool read_trace(std::string_view bytes, ListedTrace& trace) {
  std::string_view id;
  uint64_t millis = 0;
  bool services_are_whole = true;
  ProtobufReader in(bytes);
  while (services_are_whole && in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        id = in.sized();
        break;
      case sized_tag(2):
        trace.root_service = in.sized();
        break;
      case sized_tag(3):
        trace.root_name = in.sized();
        break;
      case varint_tag(4):
        trace.start.value = in.varint();
        break;
      case varint_tag(5):
        millis = static_cast<uint32_t>(in.varint());
        break;
      case sized_tag(8):
        services_are_whole = read_service(in.sized(), trace);
        break;
      default:
        in.skip();
    }
  }
  Result<TraceId> parsed = parse_trace_id(id);
  if (in.failed() || !services_are_whole || !parsed.ok()) return false;
  trace.id = *parsed;
  trace.end = {trace.start.value + millis * kNanosPerMilli};
  return true;
}

}  // namespace

Result<std::vector<ListedTrace>> decode_tempo_search_proto(std::string_view bytes) {
  std::vector<ListedTrace> traces;
  ProtobufReader in(bytes);
  while (in.next()) {
    if (in.tag() != sized_tag(1)) {
      in.skip();
    } else if (!read_trace(in.sized(), traces.emplace_back())) {
      return invalid_argument("malformed SearchResponse: trace " + std::to_string(traces.size()));
    }
  }
  if (in.failed()) return invalid_argument("malformed SearchResponse");
  return traces;
}

}  // namespace spoor::wire
