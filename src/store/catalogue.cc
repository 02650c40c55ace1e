#include "store/catalogue.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <compare>
#include <memory>
#include <unordered_set>

#include "store/head_catalogue.h"
#include "store/row.h"
#include "store/section_catalogue.h"
#include "store/section_rollups.h"
#include "store/snapshot.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

// Names that point into what `pinned` keeps; each once.
class NameSet {
 public:
  void add(std::string_view name) { names_.insert(name); }
  void pin(std::shared_ptr<const void> memory) { pinned_.push_back(std::move(memory)); }

  std::vector<std::string> sorted() const {
    std::vector<std::string> names(names_.begin(), names_.end());
    std::ranges::sort(names);
    return names;
  }

 private:
  boost::unordered_flat_set<std::string_view> names_;
  std::vector<std::shared_ptr<const void>> pinned_;
};

// Calls `visit` with each section whose spans the range touches, and its rollups.
template <typename Visit>
Missing visit_sections(const Snapshot& snapshot, const TimeRange& range, const Visit& visit) {
  Missing missing = snapshot.missing;
  for (const auto& section : snapshot.sections) {
    auto rollups = section->rollups();
    Status visited = rollups.status();
    if (rollups.ok() && (*rollups)->touches(range)) visited = visit(*section, *rollups);
    if (!visited.ok()) missing.push_back(section->file().path() + ": " + visited.message());
  }
  return missing;
}

// Each shard of the head that the range touches.
template <typename Visit>
void visit_shards(const Snapshot& snapshot, const TimeRange& range, const Visit& visit) {
  for (const auto& shard : snapshot.shards) {
    auto catalogue = std::make_shared<const HeadCatalogue>(*shard, snapshot.visible);
    if (catalogue->touches(range)) visit(catalogue);
  }
}

using NameAndKind = std::pair<std::string_view, uint32_t>;

Table table_of(AttributeScope scope) {
  if (scope == AttributeScope::Event) return Table::Event;
  return scope == AttributeScope::Link ? Table::Link : Table::Span;
}

// The attributes of the resources, or of the scopes, that visible spans of the shard belong to.
std::vector<Attributes> head_attributes(const HeadCatalogue& head, AttributeScope scope,
                                        Arena& arena) {
  std::vector<Attributes> all;
  if (scope == AttributeScope::Resource) {
    for (const Resource& resource : head.resources(arena)) all.push_back(resource.attributes);
  } else {
    for (const Scope& of_spans : head.scopes(arena)) all.push_back(of_spans.attributes);
  }
  return all;
}

bool is_of_origin(AttributeScope scope) {
  return scope == AttributeScope::Resource || scope == AttributeScope::Instrumentation;
}

bool is_before(const Value& a, const Value& b) {
  if (a.type() != b.type()) return a.type() < b.type();
  switch (a.type()) {
    case ValueType::Bool:
      return a.as_bool() < b.as_bool();
    case ValueType::Int:
      return a.as_int() < b.as_int();
    case ValueType::Double:
      return std::is_lt(std::strong_order(a.as_double(), b.as_double()));
    case ValueType::String:
    case ValueType::Bytes:
      return a.as_string() < b.as_string();
    default:
      break;
  }
  std::string x, y;
  encode_value(a, x);
  encode_value(b, y);
  return x < y;
}

// Distinct values up to a limit, copied.
class ValueSet {
 public:
  ValueSet(size_t limit, AttributeValues& result) : limit_(limit), result_(result) {}

  // False once there are more than the limit.
  bool add(const Value& value) {
    if (result_.is_cut) return false;
    if (!is_stored(value.type())) return true;
    key_.assign(1, static_cast<char>(value.type()));
    append_row_value(key_, value);
    if (seen_.contains(key_)) return true;
    if (result_.values.size() >= limit_) {
      result_.is_cut = true;
      return false;
    }
    seen_.insert(key_);
    result_.values.push_back(copy_value(value, result_.arena));
    return true;
  }

 private:
  const size_t limit_;
  AttributeValues& result_;
  std::unordered_set<std::string> seen_;
  std::string key_;
};

}  // namespace

ServiceList services(const Snapshot& snapshot, const TimeRange& range) {
  ServiceList result;
  NameSet names;
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader&, const std::shared_ptr<const SectionRollups>& rollups) -> Status {
        names.pin(rollups);
        for (std::string_view service : rollups->services()) names.add(service);
        result.is_incomplete |= rollups->has_operations_of_any_service();
        return {};
      });
  visit_shards(snapshot, range, [&](const std::shared_ptr<const HeadCatalogue>& head) {
    names.pin(head);
    head->visit_operations(
        [&](std::string_view service, std::string_view, uint32_t) { names.add(service); });
  });
  result.names = names.sorted();
  return result;
}

OperationList operations(const Snapshot& snapshot, std::string_view service,
                         const TimeRange& range) {
  OperationList result;
  boost::unordered_flat_set<NameAndKind> distinct;
  std::vector<std::shared_ptr<const void>> pinned;
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader&, const std::shared_ptr<const SectionRollups>& rollups) -> Status {
        pinned.push_back(rollups);
        for (uint32_t code : rollups->operations_of(service)) {
          const Operation& operation = rollups->operations()[code];
          distinct.emplace(operation.name, operation.kind);
        }
        result.is_incomplete |= rollups->has_other_operations();
        return {};
      });
  visit_shards(snapshot, range, [&](const std::shared_ptr<const HeadCatalogue>& head) {
    pinned.push_back(head);
    head->visit_operations([&](std::string_view of, std::string_view name, uint32_t kind) {
      if (of == service) distinct.emplace(name, kind);
    });
  });
  std::vector<NameAndKind> sorted(distinct.begin(), distinct.end());
  std::ranges::sort(sorted);
  result.operations.reserve(sorted.size());
  for (const auto& [name, kind] : sorted) result.operations.push_back({std::string(name), kind});
  return result;
}

AttributeKeys attribute_keys(const Snapshot& snapshot, AttributeScope scope,
                             const TimeRange& range) {
  AttributeKeys result;
  NameSet names;
  size_t place = static_cast<size_t>(scope);
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader& section, const std::shared_ptr<const SectionRollups>&) -> Status {
        SPOOR_ASSIGN(auto known, section.keys());
        names.pin(known);
        for (std::string_view key : known->keys[place]) names.add(key);
        result.is_incomplete |= known->is_incomplete[place];
        return {};
      });
  visit_shards(snapshot, range, [&](const std::shared_ptr<const HeadCatalogue>& head) {
    names.pin(head);
    if (!is_of_origin(scope)) {
      return head->visit_keys(table_of(scope), [&](std::string_view key) { names.add(key); });
    }
    // Keys point into the shard's dictionaries, which the catalogue keeps.
    Arena arena;
    for (Attributes attributes : head_attributes(*head, scope, arena)) {
      for (const KeyValue& entry : attributes) names.add(entry.key);
    }
  });
  result.keys = names.sorted();
  return result;
}

AttributeValues attribute_values(const Snapshot& snapshot, AttributeScope scope,
                                 std::string_view key, size_t limit, const TimeRange& range) {
  AttributeValues result;
  ValueSet values(limit, result);
  auto add = [&](const Value& value) { return values.add(value); };
  visit_shards(snapshot, range, [&](const std::shared_ptr<const HeadCatalogue>& head) {
    if (!is_of_origin(scope)) return head->visit_values(table_of(scope), key, add);
    Arena arena;
    for (Attributes attributes : head_attributes(*head, scope, arena)) {
      for (const KeyValue& entry : attributes) {
        if (entry.key == key && !add(entry.value)) return;
      }
    }
  });
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader& section, const std::shared_ptr<const SectionRollups>&) -> Status {
        if (result.is_cut) return {};
        SPOOR_ASSIGN(auto metadata, section.metadata());
        return visit_section_values(*metadata, scope, key, add, result.is_incomplete);
      });
  std::ranges::sort(result.values, is_before);
  return result;
}

}  // namespace spoor::store
