#include "model/content_hash.h"

#include <bit>

namespace spoor {
namespace {

uint64_t mix(uint64_t hash, Attributes attributes);

// Values nest as deeply as decoders allow, which is a few levels.
uint64_t mix(uint64_t hash, const Value& value) {
  hash = hash_mix(hash, static_cast<uint64_t>(value.type()));
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return hash;
    case ValueType::String:
    case ValueType::Bytes:
      return hash_mix(hash, hash64(value.as_string()));
    case ValueType::Bool:
      return hash_mix(hash, value.as_bool() ? 1 : 0);
    case ValueType::Int:
      return hash_mix(hash, static_cast<uint64_t>(value.as_int()));
    case ValueType::Double:
      return hash_mix(hash, std::bit_cast<uint64_t>(value.as_double()));
    case ValueType::Array:
      for (const Value& element : value.as_array()) hash = mix(hash, element);
      return hash_mix(hash, value.as_array().size());
    case ValueType::KeyValueList:
      return mix(hash, value.as_list());
  }
  return hash;
}

uint64_t mix(uint64_t hash, Attributes attributes) {
  for (const KeyValue& attribute : attributes) {
    hash = mix(hash_mix(hash, hash64(attribute.key)), attribute.value);
  }
  return hash_mix(hash, attributes.size());
}

uint64_t mix(uint64_t hash, const Event& event) {
  hash = hash_mix(hash_mix(hash, event.time.value), hash64(event.name));
  return hash_mix(mix(hash, event.attributes), event.dropped_attributes_count);
}

uint64_t mix(uint64_t hash, const Link& link) {
  for (std::string_view text : {link.trace_id, link.span_id, link.trace_state}) {
    hash = hash_mix(hash, hash64(text));
  }
  hash = mix(hash, link.attributes);
  return hash_mix(hash_mix(hash, link.dropped_attributes_count), link.flags);
}

}  // namespace

uint64_t content_hash(const Span& span) {
  uint64_t hash = 0;
  for (std::string_view text : {span.trace_id, span.span_id, span.parent_span_id, span.trace_state,
                                span.name, span.status.message}) {
    hash = hash_mix(hash, hash64(text));
  }
  for (uint64_t number :
       {span.start.value, span.end.value, uint64_t{span.kind}, uint64_t{span.flags},
        uint64_t{span.status.code}, uint64_t{span.dropped_attributes_count},
        uint64_t{span.dropped_events_count}, uint64_t{span.dropped_links_count}}) {
    hash = hash_mix(hash, number);
  }
  hash = hash_mix(hash, span.status.present ? 1 : 0);
  hash = mix(hash, span.attributes);
  for (const Event& event : span.events) hash = mix(hash, event);
  for (const Link& link : span.links) hash = mix(hash, link);
  return hash;
}

}  // namespace spoor
