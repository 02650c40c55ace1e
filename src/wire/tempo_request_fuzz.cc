// Any bytes decode or are refused; a request that decodes lies in the bytes and comes back from its
// canonical form.
#include "wire/tempo_request.h"

#include <cstdint>
#include <ranges>

#include "base/assert.h"
#include "wire/protobuf.h"
#include "wire/tempo_listed.h"

namespace {

using namespace spoor::wire;  // NOLINT

void expect_within(std::string_view text, std::string_view bytes) {
  if (text.empty()) return;
  SPOOR_ASSERT(text.data() >= bytes.data());
  SPOOR_ASSERT(text.data() + text.size() <= bytes.data() + bytes.size());
}

std::string encoded(const TempoSearchMessage& message) {
  ProtobufWriter out;
  out.varint_unless_zero(9, message.spans_per_spanset);
  out.bytes_unless_empty(8, message.query);
  out.varint_unless_zero(6, message.range.end);
  out.varint_unless_zero(5, message.range.start);
  out.varint_unless_zero(4, message.limit);
  out.varint_unless_zero(3, message.duration_max_ms);
  out.varint_unless_zero(2, message.duration_min_ms);
  for (const auto& [key, value] : std::views::reverse(message.tags)) {
    size_t end = out.mark();
    out.bytes(2, value);
    out.bytes(1, key);
    out.message(1, end);
  }
  return std::string(out.view());
}

void look_at_search(std::string_view bytes) {
  auto message = decode_tempo_search_request(bytes);
  if (!message.ok()) return;
  expect_within(message->query, bytes);
  for (const auto& [key, value] : message->tags) {
    expect_within(key, bytes);
    expect_within(value, bytes);
  }
  std::string canonical = encoded(*message);
  auto again = decode_tempo_search_request(canonical);
  SPOOR_ASSERT(again.ok() && again->tags == message->tags && again->query == message->query);
  SPOOR_ASSERT(encoded(*again) == canonical);
}

void look_at_tags(std::string_view bytes) {
  auto message = decode_tempo_tags_request(bytes);
  if (!message.ok()) return;
  expect_within(message->scope, bytes);
  expect_within(message->query, bytes);
}

void look_at_tag_values(std::string_view bytes) {
  auto message = decode_tempo_tag_values_request(bytes);
  if (!message.ok()) return;
  expect_within(message->tag, bytes);
  expect_within(message->query, bytes);
}

void look_at_metrics(std::string_view bytes) {
  auto range = decode_tempo_range_request(bytes);
  auto instant = decode_tempo_instant_request(bytes);
  SPOOR_ASSERT(range.ok() == instant.ok());
  if (!range.ok()) return;
  expect_within(range->query, bytes);
  SPOOR_ASSERT(range->query == instant->query);
  SPOOR_ASSERT(range->start == instant->start && range->end == instant->end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look_at_search(bytes);
  look_at_tags(bytes);
  look_at_tag_values(bytes);
  look_at_metrics(bytes);
  decode_tempo_search_proto(bytes).status().ok();
  return 0;
}
