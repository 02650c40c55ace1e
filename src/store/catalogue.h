// What a tenant's spans consist of: services, operations, attribute keys and values, for lists
// in which one picks and for completion.
//
// Of sections it comes from what they say of themselves (rollups, templates, dictionaries), never
// from rows; of the head from its shapes, and from rows only where shapes do not say it. Exact at
// every moment: what a snapshot's spans have is there, and nothing else, but for what a result
// calls incomplete. With a range, sections and shards of the head that
// lie outside it are left out; those that it touches count whole.
//
// The first question after a section was opened reads its names; they are kept with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/value.h"
#include "store/rollup.h"
#include "store/snapshot.h"

namespace spoor::store {

// All lists: sorted, each entry once.
struct ServiceList {
  std::vector<std::string> names;  // "" if there are spans without service.name
  bool is_incomplete = false;      // a section has more services than it keeps apart
  Missing missing;                 // what could not be read
};
ServiceList services(const Snapshot& snapshot, const TimeRange& range = {});

struct OperationName {
  std::string name;
  uint32_t kind = 0;  // the sender's number; kKindUnspecified and its like
  auto operator<=>(const OperationName&) const = default;
};
struct OperationList {
  std::vector<OperationName> operations;  // a name once for each of its kinds
  // A section that may have the service has more operations than it keeps apart.
  bool is_incomplete = false;
  Missing missing;
};
OperationList operations(const Snapshot& snapshot, std::string_view service,
                         const TimeRange& range = {});

enum class AttributeScope { Span, Resource, Instrumentation, Event, Link };

// Which spans count, where not all do: those of the span templates of a section, and of the span
// shapes of a shard, that have a 1. With masks a list has what these spans may have: values that a
// section keeps together for several templates count for each of them, resources for all spans of
// their service; what sections have of events and links is not narrowed. Thread-safe.
class SpanMasks {
 public:
  virtual ~SpanMasks() = default;
  virtual Result<std::vector<uint8_t>> templates(SectionReader& section) const = 0;  // by code
  virtual std::vector<uint8_t> shapes(const HeadView& view, const Visible& visible) const = 0;
};

struct NameList {
  std::vector<std::string> names;
  bool is_incomplete = false;  // some lie only in columns, which are not scanned
  Missing missing;
};
// The names of the spans that count.
NameList span_names(const Snapshot& snapshot, const TimeRange& range, const SpanMasks& masks);

struct AttributeKeys {
  std::vector<std::string> keys;
  // Spans with very many attributes keep them as one value; where that lies only in pages, its
  // keys are not looked up.
  bool is_incomplete = false;
  Missing missing;
};
AttributeKeys attribute_keys(const Snapshot& snapshot, AttributeScope scope,
                             const TimeRange& range = {}, const SpanMasks* masks = nullptr);

struct AttributeValues {
  // Sorted by type, then by value. Absent and empty values are left out.
  std::vector<Value> values;
  bool is_incomplete = false;  // some lie only in columns, which are not scanned
  bool is_cut = false;         // there are more than the limit
  Missing missing;
  Arena arena;  // what the values point into
};
AttributeValues attribute_values(const Snapshot& snapshot, AttributeScope scope,
                                 std::string_view key, size_t limit, const TimeRange& range = {},
                                 const SpanMasks* masks = nullptr);

}  // namespace spoor::store
