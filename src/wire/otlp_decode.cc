#include "wire/otlp_decode.h"

#include "wire/batch_builder.h"
#include "wire/protobuf.h"

namespace spoor::wire {
namespace {

// Each read_* takes the bytes of one message and returns false when the request must be given up;
// why, failure() tells.
class OtlpDecoder {
 public:
  OtlpDecoder(std::string_view bytes, const DecodeLimits& limits, DecodedRequest& request)
      : bytes_(bytes), builder_(limits, request) {}

  Status decode();

 private:
  using Bytes = std::string_view;

  bool read_resource_spans(Bytes bytes);
  bool read_resource(Bytes bytes, Resource& resource);
  bool read_entity_ref(Bytes bytes);
  bool read_scope_spans(Bytes bytes, uint32_t resource);
  bool read_scope(Bytes bytes, Scope& scope);
  bool read_span(Bytes bytes, uint32_t resource, uint32_t scope);
  bool read_event(Bytes bytes);
  bool read_link(Bytes bytes);
  bool read_status(Bytes bytes, SpanStatus& status);
  bool read_attribute(Bytes bytes, size_t count_before);
  bool read_key_value(Bytes bytes, uint32_t depth, KeyValue& attribute);
  bool read_value(Bytes bytes, uint32_t depth, Value& value);
  bool read_array(Bytes bytes, uint32_t depth, Value& value);
  bool read_list(Bytes bytes, uint32_t depth, Value& value);
  bool count_values(Bytes bytes, size_t& count);

  // The end of a message: false, with the place noted, if it was malformed.
  bool finish(const ProtobufReader& in) {
    if (!in.failed()) return true;
    malformed_at_ = in.field_start();
    return false;
  }
  Status failure();

  std::string_view bytes_;
  BatchBuilder builder_;
  const char* malformed_at_ = nullptr;
};

Status OtlpDecoder::failure() {
  if (malformed_at_ == nullptr) return builder_.limit_passed();
  return builder_.fail(invalid_argument("malformed protobuf: the field at byte " +
                                        std::to_string(malformed_at_ - bytes_.data()) + " of " +
                                        std::to_string(bytes_.size()) + " cannot be read"));
}

Status OtlpDecoder::decode() {
  ProtobufReader in(bytes_);
  while (in.next()) {
    if (in.tag() != sized_tag(1)) {
      in.skip();
    } else if (!read_resource_spans(in.sized())) {
      return failure();
    }
  }
  if (!finish(in)) return failure();
  return builder_.finish();
}

bool OtlpDecoder::read_resource_spans(Bytes bytes) {
  SpanBatch& batch = builder_.batch();
  size_t first_span = batch.spans.size();
  auto index = static_cast<uint32_t>(batch.resources.size());
  if (builder_.add_resource() == nullptr) return false;
  std::optional<DefectReason> defect;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        if (!read_resource(in.sized(), batch.resources[index])) return false;
        if (auto found = builder_.take_defect()) defect = found;
        break;
      case sized_tag(2):
        if (!read_scope_spans(in.sized(), index)) return false;
        break;
      case sized_tag(3):
        batch.resources[index].schema_url = in.sized();
        break;
      default:
        in.skip();
    }
  }
  builder_.mark_spans(first_span, defect);
  return finish(in);
}

bool OtlpDecoder::read_resource(Bytes bytes, Resource& resource) {
  size_t attributes = builder_.attributes().mark();
  size_t entity_refs = builder_.entity_refs().mark();
  // Of several, which is allowed, each adds to the resource.
  resource.message = resource.present ? std::string_view() : bytes;
  resource.present = true;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1): {
        size_t count = resource.attributes.size() + builder_.attributes().mark() - attributes;
        if (!read_attribute(in.sized(), count)) return false;
        break;
      }
      case varint_tag(2):
        resource.dropped_attributes_count = static_cast<uint32_t>(in.varint());
        break;
      case sized_tag(3):
        if (!read_entity_ref(in.sized())) return false;
        break;
      default:
        in.skip();
    }
  }
  resource.attributes = builder_.take(builder_.attributes(), attributes, resource.attributes);
  resource.entity_refs = builder_.take(builder_.entity_refs(), entity_refs, resource.entity_refs);
  return finish(in);
}

bool OtlpDecoder::read_entity_ref(Bytes bytes) {
  if (!builder_.charge(sizeof(EntityRef))) return false;
  size_t id_keys = 0;
  size_t description_keys = 0;
  ProtobufReader counter(bytes);
  while (counter.next()) {
    id_keys += counter.tag() == sized_tag(3);
    description_keys += counter.tag() == sized_tag(4);
    counter.skip();
  }
  if (!finish(counter)) return false;
  std::string_view* ids = nullptr;
  std::string_view* descriptions = nullptr;
  if (!builder_.allocate(id_keys, ids)) return false;
  if (!builder_.allocate(description_keys, descriptions)) return false;

  EntityRef& entity = builder_.entity_refs().push();
  entity.id_keys = {ids, id_keys};
  entity.description_keys = {descriptions, description_keys};
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        entity.schema_url = in.sized();
        break;
      case sized_tag(2):
        entity.type = in.sized();
        break;
      case sized_tag(3):
        *ids++ = in.sized();
        break;
      case sized_tag(4):
        *descriptions++ = in.sized();
        break;
      default:
        in.skip();
    }
  }
  return finish(in);
}

bool OtlpDecoder::read_scope_spans(Bytes bytes, uint32_t resource) {
  SpanBatch& batch = builder_.batch();
  size_t first_span = batch.spans.size();
  auto index = static_cast<uint32_t>(batch.scopes.size());
  if (builder_.add_scope() == nullptr) return false;
  std::optional<DefectReason> defect;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        if (!read_scope(in.sized(), batch.scopes[index])) return false;
        if (auto found = builder_.take_defect()) defect = found;
        break;
      case sized_tag(2):
        if (!read_span(in.sized(), resource, index)) return false;
        break;
      case sized_tag(3):
        batch.scopes[index].schema_url = in.sized();
        break;
      default:
        in.skip();
    }
  }
  builder_.mark_spans(first_span, defect);
  return finish(in);
}

bool OtlpDecoder::read_scope(Bytes bytes, Scope& scope) {
  size_t attributes = builder_.attributes().mark();
  scope.present = true;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        scope.name = in.sized();
        break;
      case sized_tag(2):
        scope.version = in.sized();
        break;
      case sized_tag(3): {
        size_t count = scope.attributes.size() + builder_.attributes().mark() - attributes;
        if (!read_attribute(in.sized(), count)) return false;
        break;
      }
      case varint_tag(4):
        scope.dropped_attributes_count = static_cast<uint32_t>(in.varint());
        break;
      default:
        in.skip();
    }
  }
  scope.attributes = builder_.take(builder_.attributes(), attributes, scope.attributes);
  return finish(in);
}

// The fields of a Span that are numbers; skips every other.
void read_span_number(ProtobufReader& in, Span& span) {
  switch (in.tag()) {
    case varint_tag(6):
      span.kind = static_cast<uint32_t>(in.varint());
      break;
    case fixed64_tag(7):
      span.start.value = in.fixed64();
      break;
    case fixed64_tag(8):
      span.end.value = in.fixed64();
      break;
    case varint_tag(10):
      span.dropped_attributes_count = static_cast<uint32_t>(in.varint());
      break;
    case varint_tag(12):
      span.dropped_events_count = static_cast<uint32_t>(in.varint());
      break;
    case varint_tag(14):
      span.dropped_links_count = static_cast<uint32_t>(in.varint());
      break;
    case fixed32_tag(16):
      span.flags = in.fixed32();
      break;
    default:
      in.skip();
  }
}

bool OtlpDecoder::read_span(Bytes bytes, uint32_t resource, uint32_t scope) {
  Span* added = builder_.add_span();
  if (added == nullptr) return false;
  Span& span = *added;
  span.resource = resource;
  span.scope = scope;
  size_t attributes = builder_.attributes().mark();
  size_t events = builder_.events().mark();
  size_t links = builder_.links().mark();
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        span.trace_id = in.sized();
        break;
      case sized_tag(2):
        span.span_id = in.sized();
        break;
      case sized_tag(3):
        span.trace_state = in.sized();
        break;
      case sized_tag(4):
        span.parent_span_id = in.sized();
        break;
      case sized_tag(5):
        span.name = in.sized();
        break;
      case sized_tag(9):
        if (!read_attribute(in.sized(), builder_.attributes().mark() - attributes)) return false;
        break;
      case sized_tag(11):
        if (builder_.events().mark() - events >= builder_.limits().events_per_span) {
          builder_.note_defect(DefectReason::Events);
          in.skip();
        } else if (!read_event(in.sized())) {
          return false;
        }
        break;
      case sized_tag(13):
        if (builder_.links().mark() - links >= builder_.limits().links_per_span) {
          builder_.note_defect(DefectReason::Links);
          in.skip();
        } else if (!read_link(in.sized())) {
          return false;
        }
        break;
      case sized_tag(15):
        if (!read_status(in.sized(), span.status)) return false;
        break;
      default:
        read_span_number(in, span);
    }
  }
  span.attributes = builder_.take(builder_.attributes(), attributes);
  span.events = builder_.take(builder_.events(), events);
  span.links = builder_.take(builder_.links(), links);
  builder_.mark_spans(builder_.batch().spans.size() - 1, builder_.take_defect());
  return finish(in);
}

bool OtlpDecoder::read_event(Bytes bytes) {
  if (!builder_.charge(sizeof(Event))) return false;
  Event event;
  size_t attributes = builder_.attributes().mark();
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case fixed64_tag(1):
        event.time.value = in.fixed64();
        break;
      case sized_tag(2):
        event.name = in.sized();
        break;
      case sized_tag(3):
        if (!read_attribute(in.sized(), builder_.attributes().mark() - attributes)) return false;
        break;
      case varint_tag(4):
        event.dropped_attributes_count = static_cast<uint32_t>(in.varint());
        break;
      default:
        in.skip();
    }
  }
  event.attributes = builder_.take(builder_.attributes(), attributes);
  builder_.events().push() = event;
  return finish(in);
}

bool OtlpDecoder::read_link(Bytes bytes) {
  if (!builder_.charge(sizeof(Link))) return false;
  Link link;
  size_t attributes = builder_.attributes().mark();
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        link.trace_id = in.sized();
        break;
      case sized_tag(2):
        link.span_id = in.sized();
        break;
      case sized_tag(3):
        link.trace_state = in.sized();
        break;
      case sized_tag(4):
        if (!read_attribute(in.sized(), builder_.attributes().mark() - attributes)) return false;
        break;
      case varint_tag(5):
        link.dropped_attributes_count = static_cast<uint32_t>(in.varint());
        break;
      case fixed32_tag(6):
        link.flags = in.fixed32();
        break;
      default:
        in.skip();
    }
  }
  link.attributes = builder_.take(builder_.attributes(), attributes);
  builder_.links().push() = link;
  return finish(in);
}

bool OtlpDecoder::read_status(Bytes bytes, SpanStatus& status) {
  status.present = true;
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(2):
        status.message = in.sized();
        break;
      case varint_tag(3):
        status.code = static_cast<uint32_t>(in.varint());
        break;
      default:
        in.skip();
    }
  }
  return finish(in);
}

// A length or small number of one byte, the form of nearly all in attributes.
bool is_short(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

// What every sender writes: the key, then a value that is one short string, number or flag. False
// for anything else, with nothing changed; read_key_value() then gives the same and more.
bool read_plain_key_value(std::string_view bytes, KeyValue& attribute) {
  const char* at = bytes.data();
  size_t size = bytes.size();
  if (size < 6 || at[0] != static_cast<char>(sized_tag(1)) || !is_short(at[1])) return false;
  size_t key_size = static_cast<size_t>(at[1]);
  if (size < key_size + 6) return false;
  std::string_view key(at + 2, key_size);
  at += 2 + key_size;
  if (at[0] != static_cast<char>(sized_tag(2)) || !is_short(at[1])) return false;
  size_t value_size = static_cast<size_t>(at[1]);
  if (value_size < 2 || size != 4 + key_size + value_size) return false;
  at += 2;
  switch (static_cast<unsigned char>(at[0])) {
    case sized_tag(1):
      if (static_cast<size_t>(at[1]) + 2 != value_size) return false;
      attribute.value = Value::of_string({at + 2, value_size - 2});
      break;
    case varint_tag(2):
      if (value_size != 2 || !is_short(at[1])) return false;
      attribute.value = Value::of_bool(at[1] != 0);
      break;
    case varint_tag(3): {
      ByteReader number({at + 1, value_size - 1});
      uint64_t value = number.varint();
      if (number.failed() || !number.at_end()) return false;
      attribute.value = Value::of_int(static_cast<int64_t>(value));
      break;
    }
    case fixed64_tag(4):
      if (value_size != 9) return false;
      attribute.value = Value::of_double(load_le<double>(at + 1));
      break;
    default:
      return false;
  }
  attribute.key = key;
  return true;
}

// Pushes one attribute of a list that has `count_before`.
bool OtlpDecoder::read_attribute(Bytes bytes, size_t count_before) {
  if (count_before >= builder_.limits().attributes) {
    builder_.note_defect(DefectReason::Attributes);
    return true;
  }
  if (!builder_.charge(sizeof(KeyValue))) return false;
  KeyValue& attribute = builder_.attributes().push();
  return read_plain_key_value(bytes, attribute) || read_key_value(bytes, 0, attribute);
}

// A value given twice merges: the later wins unless it says nothing.
bool OtlpDecoder::read_key_value(Bytes bytes, uint32_t depth, KeyValue& attribute) {
  ProtobufReader in(bytes);
  while (in.next()) {
    if (in.tag() == sized_tag(1)) {
      attribute.key = in.sized();
    } else if (in.tag() == sized_tag(2)) {
      Value value = Value::empty();
      if (!read_value(in.sized(), depth, value)) return false;
      if (attribute.value.type() == ValueType::Absent || value.type() != ValueType::Empty) {
        attribute.value = value;
      }
    } else {
      in.skip();
    }
  }
  return finish(in);
}

bool OtlpDecoder::read_value(Bytes bytes, uint32_t depth, Value& value) {
  ProtobufReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case sized_tag(1):
        value = Value::of_string(in.sized());
        break;
      case varint_tag(2):
        value = Value::of_bool(in.varint() != 0);
        break;
      case varint_tag(3):
        value = Value::of_int(static_cast<int64_t>(in.varint()));
        break;
      case fixed64_tag(4):
        value = Value::of_double(in.fixed_double());
        break;
      case sized_tag(5):
        if (!read_array(in.sized(), depth + 1, value)) return false;
        break;
      case sized_tag(6):
        if (!read_list(in.sized(), depth + 1, value)) return false;
        break;
      case sized_tag(7):
        value = Value::of_bytes(in.sized());
        break;
      default:
        in.skip();
    }
  }
  return finish(in);
}

// The entries of an ArrayValue or KeyValueList, both of which have them in field 1.
bool OtlpDecoder::count_values(Bytes bytes, size_t& count) {
  ProtobufReader in(bytes);
  while (in.next()) {
    count += in.tag() == sized_tag(1);
    in.skip();
  }
  return finish(in);
}

bool OtlpDecoder::read_array(Bytes bytes, uint32_t depth, Value& value) {
  if (depth > builder_.limits().any_value_depth) {
    builder_.note_defect(DefectReason::ValueDepth);
    return true;
  }
  size_t count = 0;
  if (!count_values(bytes, count)) return false;
  Value* values = nullptr;
  if (!builder_.allocate(count, values)) return false;
  value = Value::of_array({values, count});
  ProtobufReader in(bytes);
  while (in.next()) {
    if (in.tag() != sized_tag(1)) {
      in.skip();
      continue;
    }
    *values = Value::empty();
    if (!read_value(in.sized(), depth, *values++)) return false;
  }
  return true;
}

bool OtlpDecoder::read_list(Bytes bytes, uint32_t depth, Value& value) {
  if (depth > builder_.limits().any_value_depth) {
    builder_.note_defect(DefectReason::ValueDepth);
    return true;
  }
  size_t count = 0;
  if (!count_values(bytes, count)) return false;
  KeyValue* entries = nullptr;
  if (!builder_.allocate(count, entries)) return false;
  value = Value::of_list({entries, count});
  ProtobufReader in(bytes);
  while (in.next()) {
    if (in.tag() != sized_tag(1)) {
      in.skip();
      continue;
    }
    *entries = KeyValue();
    if (!read_key_value(in.sized(), depth, *entries++)) return false;
  }
  return true;
}

}  // namespace

Status decode_otlp(std::string_view bytes, const DecodeLimits& limits, DecodedRequest& request) {
  if (bytes.size() > UINT32_MAX) {
    request.clear();
    return resource_exhausted("request of " + std::to_string(bytes.size()) +
                              " bytes is larger than protobuf's 4 GiB");
  }
  return OtlpDecoder(bytes, limits, request).decode();
}

Result<DecodedRequest> decode_otlp(std::string_view bytes, const DecodeLimits& limits) {
  DecodedRequest request;
  SPOOR_TRY(decode_otlp(bytes, limits, request));
  return request;
}

}  // namespace spoor::wire
