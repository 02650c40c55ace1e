// Spans as the program speaks of them: OTLP's messages, flattened. SpanBatch is the only
// currency between the stages of the road; every foreign format becomes one at the edge.
//
// All views point into the batch's arena or into the bytes that it was decoded from; whoever
// holds a SpanBatch keeps both alive. Everything a sender said is kept, also where it is odd:
// unknown enum numbers, end before start, empty names, duplicate keys, wrong link ids.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/value.h"

namespace spoor {

// OTLP's SpanKind and StatusCode. Stored as the sender's number, which may be none of these.
enum SpanKind : uint32_t {
  kKindUnspecified = 0,
  kKindInternal = 1,
  kKindServer = 2,
  kKindClient = 3,
  kKindProducer = 4,
  kKindConsumer = 5,
};
enum StatusCode : uint32_t { kStatusUnset = 0, kStatusOk = 1, kStatusError = 2 };

// OTLP's EntityRef: which attributes identify an entity that the resource stands for.
struct EntityRef {
  std::string_view schema_url;
  std::string_view type;
  std::span<const std::string_view> id_keys;
  std::span<const std::string_view> description_keys;
};

struct Resource {
  bool present = false;  // false: ResourceSpans came without a resource message
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  std::span<const EntityRef> entity_refs;
  std::string_view schema_url;  // of the ResourceSpans
  // The Resource message that all but the schema is read from, where it is one of OTLP's protobuf:
  // of equal messages equal resources are read. Empty: not known.
  std::string_view message;

  // The string attribute service.name; empty if there is none.
  std::string_view service_name() const;
};

struct Scope {
  bool present = false;
  std::string_view name;
  std::string_view version;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  std::string_view schema_url;  // of the ScopeSpans
};

struct Event {
  UnixNanos time;
  std::string_view name;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
};

// A link keeps its ids as they came, of any length.
struct Link {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view trace_state;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  uint32_t flags = 0;
};

struct SpanStatus {
  bool present = false;  // false: the span came without a status message
  uint32_t code = kStatusUnset;
  std::string_view message;
};

struct Span {
  uint32_t resource = 0;  // index into SpanBatch::resources
  uint32_t scope = 0;     // index into SpanBatch::scopes

  // As they came, of any length: whether they are 16 and 8 bytes is judged at admission. In a
  // batch that passed it, and in all that the store returns, they are, and the parent's length
  // is 0 or 8.
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_span_id;

  std::string_view trace_state;
  uint32_t flags = 0;
  std::string_view name;
  uint32_t kind = kKindUnspecified;
  UnixNanos start;
  UnixNanos end;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  std::span<const Event> events;
  uint32_t dropped_events_count = 0;
  std::span<const Link> links;
  uint32_t dropped_links_count = 0;
  SpanStatus status;

  bool has_parent() const;  // a parent id that is not empty and not all zero
};

// Equality of everything a sender said; Span's leaves out the resource and scope indexes.
bool operator==(const EntityRef& a, const EntityRef& b);
bool operator==(const Resource& a, const Resource& b);
bool operator==(const Scope& a, const Scope& b);
bool operator==(const Event& a, const Event& b);
bool operator==(const Link& a, const Link& b);
bool operator==(const SpanStatus& a, const SpanStatus& b);
bool operator==(const Span& a, const Span& b);

// Movable; owns the memory that its views need, in the arena or through `pinned`, unless a
// decoder says that they point into the decoded bytes.
struct SpanBatch {
  Arena arena;
  std::vector<std::shared_ptr<const void>> pinned;  // what views point into beside the arena
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  std::vector<Span> spans;

  // Forgets the content, keeps the memory.
  void clear();
  // Memory held by arena and vectors.
  size_t size_bytes() const;
};

}  // namespace spoor
