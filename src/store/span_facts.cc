#include "store/span_facts.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "store/row.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

constexpr std::string_view kPeerService = "peer.service";
// Best first. An older key stands behind the one that took its place.
constexpr std::array<std::string_view, 5> kDatabaseKeys = {kPeerService, "db.namespace", "db.name",
                                                           "db.system.name", "db.system"};
constexpr std::array<std::string_view, 3> kMessagingKeys = {
    kPeerService, "messaging.destination.name", "messaging.system"};

bool may_have_peer(uint64_t kind) {
  return kind == kKindClient || kind == kKindProducer || kind == kKindConsumer;
}

// What the keys that are there say. `find` gives the place of a key's string, or kNoField.
template <typename Find>
PeerFields choose_fields(const Find& find) {
  PeerFields fields;
  auto collect = [&](std::span<const std::string_view> keys) {
    bool names_more_than_peer = false;
    fields.count = 0;
    for (std::string_view key : keys) {
      size_t place = find(key);
      if (place == Shape::kNoField) continue;
      fields.fields[fields.count++] = static_cast<uint32_t>(place);
      names_more_than_peer |= key != kPeerService;
    }
    return names_more_than_peer;
  };
  if (collect(kDatabaseKeys)) {
    fields.kind = PeerKind::Database;
  } else if (collect(kMessagingKeys)) {
    fields.kind = PeerKind::Messaging;
  } else if (fields.count > 0) {
    fields.kind = PeerKind::Other;
  }
  return fields;
}

// Calls `visit(index, value)` for the values of fields up to `last`, until it returns false.
template <typename Visit>
void visit_fields(const Shape& shape, std::string_view row_values, size_t last,
                  const Visit& visit) {
  ByteReader reader(row_values);
  for (size_t i = 0; i <= last; ++i) {
    if (!visit(i, skip_row_value(reader, shape.fields[i].type))) return;
  }
}

std::string_view text_of_value(std::string_view row_value) {
  ByteReader reader(row_value);
  return reader.sized();
}

void read_peer_field(const PeerFields& peer, const Shape& shape, std::string_view row_values,
                     SpanFacts& facts) {
  auto wanted = std::span(peer.fields).first(peer.count);
  std::array<std::string_view, 5> found;
  visit_fields(shape, row_values, std::ranges::max(wanted), [&](size_t i, std::string_view value) {
    auto place = std::ranges::find(wanted, i);
    if (place != wanted.end()) {
      found[static_cast<size_t>(place - wanted.begin())] = text_of_value(value);
    }
    // Nothing that follows is better than the best of all.
    return found[0].empty();
  });
  for (std::string_view text : found) {
    if (text.empty()) continue;
    facts.peer = text;
    facts.peer_kind = peer.kind;
    return;
  }
}

void read_peer_list(size_t list_field, const Shape& shape, std::string_view row_values,
                    SpanFacts& facts) {
  visit_fields(shape, row_values, list_field, [&](size_t i, std::string_view value) {
    if (i != list_field) return true;
    Arena arena;
    ByteReader reader(text_of_value(value));
    Result<Attributes> attributes = decode_attributes(reader, arena);
    SPOOR_ASSERT(attributes.ok());  // rows never leave memory
    read_peer(*attributes, facts.kind, facts);
    return false;
  });
}

}  // namespace

RollupStatus rollup_status(uint64_t shape_status) {
  if (shape_status == uint64_t{kStatusOk} + 1) return RollupStatus::Ok;
  return shape_status == uint64_t{kStatusError} + 1 ? RollupStatus::Error : RollupStatus::Unset;
}

ShapeFacts shape_facts(const Shape& shape) {
  SPOOR_ASSERT(shape.table == Table::Span);
  ShapeFacts facts;
  facts.kind = static_cast<uint32_t>(shape.kind);
  facts.status = rollup_status(shape.status);
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    if (shape.fields[i].kind == FieldKind::Name) facts.name_field = i;
    if (shape.fields[i].kind == FieldKind::AttributeList) facts.peer.list_field = i;
  }
  if (!may_have_peer(shape.kind)) {
    facts.peer = {};
  } else if (facts.peer.list_field == Shape::kNoField) {
    facts.peer = choose_fields([&](std::string_view key) {
      // The first of a key counts, as wherever attributes are looked up.
      auto named = [&](const Field& field) {
        return field.kind == FieldKind::Attribute && field.key == key;
      };
      auto field = std::ranges::find_if(shape.fields, named);
      bool is_text = field != shape.fields.end() && field->type == ValueType::String;
      return is_text ? static_cast<size_t>(field - shape.fields.begin()) : Shape::kNoField;
    });
  }
  return facts;
}

void read_row_facts(const ShapeFacts& known, const Shape& shape, std::string_view row_values,
                    SpanFacts& facts) {
  facts.kind = known.kind;
  facts.status = known.status;
  facts.name = shape.name;
  facts.peer_kind = PeerKind::None;
  facts.peer = {};
  if (known.name_field != Shape::kNoField) {
    visit_fields(shape, row_values, known.name_field, [&](size_t i, std::string_view value) {
      if (i == known.name_field) facts.name = text_of_value(value);
      return true;
    });
  }
  if (known.peer.count > 0) read_peer_field(known.peer, shape, row_values, facts);
  if (known.peer.list_field != Shape::kNoField) {
    read_peer_list(known.peer.list_field, shape, row_values, facts);
  }
}

std::optional<uint8_t> fact_text_of(const ShapeFacts& known, size_t field) {
  if (field == known.name_field) return kNameText;
  if (field == known.peer.list_field) return kListText;
  for (uint8_t i = 0; i < known.peer.count; ++i) {
    if (known.peer.fields[i] == field) return static_cast<uint8_t>(kFirstPeerText + i);
  }
  return std::nullopt;
}

Status read_text_facts(const ShapeFacts& known, const Shape& shape,
                       std::span<const std::string_view, kFactTexts> texts, Arena& arena,
                       SpanFacts& facts) {
  facts.kind = known.kind;
  facts.status = known.status;
  facts.name = known.name_field == Shape::kNoField ? shape.name : texts[kNameText];
  facts.peer_kind = PeerKind::None;
  facts.peer = {};
  for (std::string_view text : texts.subspan(kFirstPeerText, known.peer.count)) {
    if (text.empty()) continue;
    facts.peer = text;
    facts.peer_kind = known.peer.kind;
    break;
  }
  if (known.peer.list_field == Shape::kNoField) return {};
  ByteReader reader(texts[kListText]);
  SPOOR_ASSIGN(Attributes attributes, decode_attributes(reader, arena));
  read_peer(attributes, facts.kind, facts);
  return {};
}

void read_peer(Attributes attributes, uint32_t kind, SpanFacts& facts) {
  facts.peer_kind = PeerKind::None;
  facts.peer = {};
  if (!may_have_peer(kind)) return;
  auto is_text = [](const Value* value) {
    return value != nullptr && value->type() == ValueType::String;
  };
  PeerFields fields = choose_fields([&](std::string_view key) {
    const Value* value = find_attribute(attributes, key);
    if (!is_text(value)) return Shape::kNoField;
    auto place =
        std::ranges::find(attributes, value, [](const KeyValue& entry) { return &entry.value; });
    return static_cast<size_t>(place - attributes.begin());
  });
  for (uint32_t field : std::span(fields.fields).first(fields.count)) {
    if (attributes[field].value.as_string().empty()) continue;
    facts.peer = attributes[field].value.as_string();
    facts.peer_kind = fields.kind;
    return;
  }
}

}  // namespace spoor::store
