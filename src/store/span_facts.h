// What rollups need to know of a span, and where a shape keeps it: worked out once per shape or
// template, so that a row costs no search among its keys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "model/span.h"
#include "store/rollup.h"
#include "store/shape.h"

namespace spoor::store {

// What a span of kind client, producer or consumer says of the other side.
enum class PeerKind : uint8_t { None, Messaging, Database, Other };

struct SpanFacts {
  uint32_t service = 0;  // index into the services that the rollup was made with
  uint32_t depth = 0;    // within its fragment, depth first
  uint32_t kind = 0;     // the sender's number
  RollupStatus status = RollupStatus::Unset;
  PeerKind peer_kind = PeerKind::None;
  std::string_view name{};
  std::string_view peer{};  // not empty unless peer_kind is None
  uint64_t start = 0;
  uint64_t duration = 0;  // end minus start, modulo 2^64
};

RollupStatus rollup_status(uint64_t shape_status);  // of Shape::status

// The fields of a shape that may name the peer, best first: the first that is not empty does.
struct PeerFields {
  PeerKind kind = PeerKind::None;
  uint8_t count = 0;
  std::array<uint32_t, 5> fields{};     // indexes into Shape::fields, all of type String
  size_t list_field = Shape::kNoField;  // attributes as one value: the peer is in there
};

struct ShapeFacts {
  uint32_t kind = 0;
  RollupStatus status = RollupStatus::Unset;
  size_t name_field = Shape::kNoField;  // where the name is a value
  PeerFields peer;
};

// REQUIRES: a shape of the span table.
ShapeFacts shape_facts(const Shape& shape);

// Fills kind, status, name and peer from a row's values. Views point into both.
void read_row_facts(const ShapeFacts& known, const Shape& shape, std::string_view row_values,
                    SpanFacts& facts);

// Where the texts that a span's facts come from are kept once read: its name if that is a value,
// the peer's fields, the attributes as one value.
constexpr size_t kFactTexts = 7;
constexpr uint8_t kNameText = 0;
constexpr uint8_t kFirstPeerText = 1;
constexpr uint8_t kListText = 6;
// The place of the field's text, nothing if no fact comes from it.
std::optional<uint8_t> fact_text_of(const ShapeFacts& known, size_t field);
// The same as read_row_facts() from the texts. DataLoss if the list cannot be read.
Status read_text_facts(const ShapeFacts& known, const Shape& shape,
                       std::span<const std::string_view, kFactTexts> texts, Arena& arena,
                       SpanFacts& facts);

// The same from attributes as they came: for spans at hand and for attribute lists.
void read_peer(Attributes attributes, uint32_t kind, SpanFacts& facts);

}  // namespace spoor::store
