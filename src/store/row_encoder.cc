#include "store/row_encoder.h"

#include <algorithm>
#include <bit>

#include "store/limits.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

constexpr size_t kRowBytesMin = 512;
constexpr size_t kGuessesMin = 64;
constexpr size_t kGuessesMax = 4096;  // 64 KiB a shard, once it has half as many shapes

// Fields on their way into the key of a shape.
class NewFields {
 public:
  explicit NewFields(std::string& key) : key_(key) {}
  bool next(FieldKind kind, ValueType type, std::string_view name = {}) {
    append_shape_field(key_, kind, type, name);
    return true;
  }

 private:
  std::string& key_;
};

// Fields beside those of a shape that is guessed; false where they differ.
class KnownFields {
 public:
  explicit KnownFields(const std::vector<Field>& fields)
      : at_(fields.data()), end_(fields.data() + fields.size()) {}
  bool next(FieldKind kind, ValueType type, std::string_view name = {}) {
    if (at_ == end_) return false;
    const Field& field = *at_++;
    return field.kind == kind && field.type == type && same_bytes(field.key, name);
  }
  bool at_end() const { return at_ == end_; }

 private:
  const Field* at_;
  const Field* end_;
};

// Goes through the fields of one row in the order of its shape, and writes their values.
template <typename Fields>
class FieldWriter {
 public:
  FieldWriter(Fields& fields, RowBuffer& values, std::string& list)
      : fields_(fields), values_(values), list_(list) {}

  bool integer(FieldKind kind, int64_t number) {
    if (!fields_.next(kind, ValueType::Int)) return false;
    values_.varint(zigzag_encode(number));
    return true;
  }
  bool count(FieldKind kind, uint64_t number) {
    return number == 0 || integer(kind, static_cast<int64_t>(number));
  }
  bool bytes(FieldKind kind, ValueType type, std::string_view text) {
    if (!fields_.next(kind, type)) return false;
    values_.sized(text);
    return true;
  }
  bool text_unless_empty(FieldKind kind, std::string_view text) {
    return text.empty() || bytes(kind, ValueType::String, text);
  }

  bool attributes(Attributes attributes, AttributeForm form) {
    if (form == AttributeForm::List) return list(attributes);
    for (const KeyValue& attribute : attributes) {
      if (!fields_.next(FieldKind::Attribute, attribute.value.type(), attribute.key)) return false;
      value(attribute.value);
    }
    return true;
  }

 private:
  bool list(Attributes attributes) {
    if (attributes.empty()) return true;
    list_.clear();
    encode_attributes(attributes, list_);
    return bytes(FieldKind::AttributeList, ValueType::Bytes, list_);
  }
  void value(const Value& value) {
    switch (value.type()) {
      case ValueType::Absent:
      case ValueType::Empty:
        return;
      case ValueType::String:
      case ValueType::Bytes:
        return values_.sized(value.as_string());
      case ValueType::Bool:
        return values_.byte(value.as_bool() ? 1 : 0);
      case ValueType::Int:
        return values_.varint(zigzag_encode(value.as_int()));
      case ValueType::Double:
        return values_.fixed(value.as_double());
      case ValueType::Array:
      case ValueType::KeyValueList:
        list_.clear();
        encode_value(value, list_);
        return values_.sized(list_);
    }
  }

  Fields& fields_;
  RowBuffer& values_;
  std::string& list_;
};

bool same_head(const Shape& a, const Shape& b) {
  return a.table == b.table && a.service == b.service && a.scope == b.scope && a.kind == b.kind &&
         a.status == b.status && a.names_parent == b.names_parent && same_bytes(a.name, b.name);
}

uint64_t ends_of(std::string_view text) {
  if (text.size() < 8) return text.empty() ? 0 : static_cast<unsigned char>(text.back());
  return load_le<uint64_t>(text.data()) ^
         std::rotl(load_le<uint64_t>(text.data() + text.size() - 8), 21);
}

Shape child_head(Table table, std::string_view name) {
  Shape head;
  head.table = table;
  head.name = name;
  return head;
}

}  // namespace

void RowBuffer::grow(size_t size) {
  size_t capacity = std::max({kRowBytesMin, capacity_ * 2, size_ + size});
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

RowEncoder::RowEncoder(ShapeTable& shapes, Guess guess)
    : shapes_(shapes), guess_(guess), guesses_(kGuessesMin) {}

RowForm RowEncoder::form_for(Attributes attributes) const {
  bool as_list = attributes.size() > kShapeFieldsMax || shapes_.size() >= kShapesMax;
  return {shapes_.size() < kShapesWithOwnNameMax ? NameForm::Own : NameForm::Value,
          as_list ? AttributeForm::List : AttributeForm::Fields};
}

// Two shapes that differ in nothing that is looked at here only take turns in one place.
RowEncoder::KnownShape& RowEncoder::guess_for(const Shape& head, Attributes attributes,
                                              RowForm form) {
  if (shapes_.size() * 2 > guesses_.size() && guesses_.size() < kGuessesMax) {
    guesses_.assign(guesses_.size() * 2, {});
  }
  uint64_t hash = ends_of(head.name) + head.name.size();
  hash = std::rotl(hash, 9) ^ (uint64_t{head.service} << 32 | head.scope);
  hash = std::rotl(hash, 9) ^ (head.kind << 4 | head.status << 8 | head.names_parent << 2 |
                               static_cast<uint64_t>(head.table));
  if (form.attributes == AttributeForm::Fields) {
    for (const KeyValue& attribute : attributes) {
      uint64_t type = static_cast<uint64_t>(attribute.value.type());
      hash = std::rotl(hash, 5) ^ (attribute.key.size() << 4 | type);
    }
  }
  hash *= 0x9e3779b97f4a7c15ull;
  return guesses_[(hash >> 40) & (guesses_.size() - 1)];
}

template <typename Write>
uint32_t RowEncoder::encode_fields(const Shape& head, Attributes attributes, RowForm form,
                                   RowBuffer& target, const Write& write) {
  size_t begin = target.size();
  KnownShape& guess = guess_for(head, attributes, form);
  if (guess.shape != nullptr && guess_ == Guess::Allowed && same_head(*guess.shape, head)) {
    KnownFields known(guess.shape->fields);
    if (write(FieldWriter(known, target, list_)) && known.at_end()) return guess.code;
    target.truncate(begin);
  }
  key_.clear();
  append_shape_head(key_, head);
  NewFields fresh(key_);
  write(FieldWriter(fresh, target, list_));
  uint32_t code = shapes_.intern(key_);
  guess = {&shapes_[code], code};
  return code;
}

void RowEncoder::append_child(uint32_t shape) {
  values_.varint(shape);
  values_.append(child_values_.view());
  child_values_.clear();
}

uint32_t RowEncoder::encode(const Span& span, uint32_t service, uint32_t scope) {
  return encode_as({}, span, service, scope);
}

uint32_t RowEncoder::encode_as(const Forms& forms, const Span& span, uint32_t service,
                               uint32_t scope) {
  values_.clear();
  RowForm form = forms.span ? *forms.span : form_for(span.attributes);
  Shape head;
  head.service = service;
  head.scope = scope;
  head.kind = span.kind;
  head.status = span.status.present ? uint64_t{span.status.code} + 1 : kStatusAbsent;
  head.names_parent = span.parent_span_id.empty() ? 0 : 1;
  const bool own_name = form.name == NameForm::Own;
  if (own_name) head.name = span.name;
  uint32_t code = encode_fields(head, span.attributes, form, values_, [&](auto fields) {
    return (own_name || fields.bytes(FieldKind::Name, ValueType::String, span.name)) &&
           fields.text_unless_empty(FieldKind::TraceState, span.trace_state) &&
           fields.count(FieldKind::Flags, span.flags) &&
           fields.text_unless_empty(FieldKind::StatusMessage, span.status.message) &&
           fields.count(FieldKind::DroppedAttributes, span.dropped_attributes_count) &&
           fields.count(FieldKind::DroppedEvents, span.dropped_events_count) &&
           fields.count(FieldKind::DroppedLinks, span.dropped_links_count) &&
           fields.attributes(span.attributes, form.attributes) &&
           fields.count(FieldKind::EventCount, span.events.size()) &&
           fields.count(FieldKind::LinkCount, span.links.size());
  });
  for (const Event& event : span.events) {
    append_event(event, span.start, forms.children ? *forms.children : form_for(event.attributes));
  }
  for (const Link& link : span.links) {
    append_link(link, forms.children ? *forms.children : form_for(link.attributes));
  }
  return code;
}

void RowEncoder::append_event(const Event& event, UnixNanos span_start, RowForm form) {
  const bool own_name = form.name == NameForm::Own;
  Shape head = child_head(Table::Event, own_name ? event.name : std::string_view());
  append_child(encode_fields(head, event.attributes, form, child_values_, [&](auto fields) {
    return (own_name || fields.bytes(FieldKind::Name, ValueType::String, event.name)) &&
           fields.integer(FieldKind::Time,
                          static_cast<int64_t>(event.time.value - span_start.value)) &&
           fields.count(FieldKind::DroppedAttributes, event.dropped_attributes_count) &&
           fields.attributes(event.attributes, form.attributes);
  }));
}

void RowEncoder::append_link(const Link& link, RowForm form) {
  const bool own_name = form.name == NameForm::Own;
  Shape head = child_head(Table::Link, {});
  append_child(encode_fields(head, link.attributes, form, child_values_, [&](auto fields) {
    return (own_name || fields.bytes(FieldKind::Name, ValueType::String, {})) &&
           fields.bytes(FieldKind::LinkTraceId, ValueType::Bytes, link.trace_id) &&
           fields.bytes(FieldKind::LinkSpanId, ValueType::Bytes, link.span_id) &&
           fields.text_unless_empty(FieldKind::TraceState, link.trace_state) &&
           fields.count(FieldKind::Flags, link.flags) &&
           fields.count(FieldKind::DroppedAttributes, link.dropped_attributes_count) &&
           fields.attributes(link.attributes, form.attributes);
  }));
}

}  // namespace spoor::store
