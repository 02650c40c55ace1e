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
void visit_shards(const Snapshot& snapshot, const TimeRange& range, const Visit& visit,
                  const SpanMasks* masks = nullptr) {
  for (const auto& shard : snapshot.shards) {
    auto catalogue = std::make_shared<const HeadCatalogue>(*shard, snapshot.visible, masks);
    if (catalogue->touches(range)) visit(catalogue);
  }
}

using NameAndKind = std::pair<std::string_view, uint32_t>;

// Adds a sorted list to another, each entry once.
void merge(std::vector<NameAndKind>& all, const std::vector<NameAndKind>& added) {
  std::vector<NameAndKind> merged;
  merged.reserve(std::max(all.size(), added.size()));
  std::ranges::set_union(all, added, std::back_inserter(merged));
  all.swap(merged);
}

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
  std::vector<NameAndKind> all, list;
  std::vector<std::shared_ptr<const void>> pinned;
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader&, const std::shared_ptr<const SectionRollups>& rollups) -> Status {
        pinned.push_back(rollups);
        list.clear();
        for (uint32_t code : rollups->operations_of(service)) {
          const Operation& operation = rollups->operations()[code];
          NameAndKind entry(operation.name, operation.kind);
          if (list.empty() || list.back() != entry) list.push_back(entry);  // of another status
        }
        merge(all, list);
        result.is_incomplete |= rollups->has_other_operations();
        return {};
      });
  visit_shards(snapshot, range, [&](const std::shared_ptr<const HeadCatalogue>& head) {
    pinned.push_back(head);
    boost::unordered_flat_set<NameAndKind> distinct;
    head->visit_operations([&](std::string_view of, std::string_view name, uint32_t kind) {
      if (of == service) distinct.emplace(name, kind);
    });
    list.assign(distinct.begin(), distinct.end());
    std::ranges::sort(list);
    merge(all, list);
  });
  result.operations.reserve(all.size());
  for (const auto& [name, kind] : all) result.operations.push_back({std::string(name), kind});
  return result;
}

NameList span_names(const Snapshot& snapshot, const TimeRange& range, const SpanMasks& masks) {
  NameList result;
  NameSet names;
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader& section, const std::shared_ptr<const SectionRollups>&) -> Status {
        SPOOR_ASSIGN(auto metadata, section.metadata());
        names.pin(metadata);
        SPOOR_ASSIGN(std::vector<uint8_t> mask, masks.templates(section));
        return visit_section_names(
            *metadata, mask, [&](std::string_view name) { names.add(name); }, result.is_incomplete);
      });
  auto visit_head = [&](const std::shared_ptr<const HeadCatalogue>& head) {
    names.pin(head);
    head->visit_operations(
        [&](std::string_view, std::string_view name, uint32_t) { names.add(name); });
  };
  visit_shards(snapshot, range, visit_head, &masks);
  result.names = names.sorted();
  return result;
}

AttributeKeys attribute_keys(const Snapshot& snapshot, AttributeScope scope, const TimeRange& range,
                             const SpanMasks* masks) {
  AttributeKeys result;
  NameSet names;
  size_t place = static_cast<size_t>(scope);
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader& section, const std::shared_ptr<const SectionRollups>&) -> Status {
        std::shared_ptr<const SectionKeys> known;
        if (masks == nullptr) {
          SPOOR_ASSIGN(known, section.keys());
        } else {
          SPOOR_ASSIGN(auto metadata, section.metadata());
          SPOOR_ASSIGN(std::vector<uint8_t> mask, masks->templates(section));
          SPOOR_ASSIGN(known, SectionKeys::load(std::move(metadata), mask));
        }
        names.pin(known);
        for (std::string_view key : known->keys[place]) names.add(key);
        result.is_incomplete |= known->is_incomplete[place];
        return {};
      });
  auto visit_head = [&](const std::shared_ptr<const HeadCatalogue>& head) {
    names.pin(head);
    if (!is_of_origin(scope)) {
      return head->visit_keys(table_of(scope), [&](std::string_view key) { names.add(key); });
    }
    // Keys point into the shard's dictionaries, which the catalogue keeps.
    Arena arena;
    for (Attributes attributes : head_attributes(*head, scope, arena)) {
      for (const KeyValue& entry : attributes) names.add(entry.key);
    }
  };
  visit_shards(snapshot, range, visit_head, masks);
  result.keys = names.sorted();
  return result;
}

AttributeValues attribute_values(const Snapshot& snapshot, AttributeScope scope,
                                 std::string_view key, size_t limit, const TimeRange& range,
                                 const SpanMasks* masks) {
  AttributeValues result;
  ValueSet values(limit, result);
  auto add = [&](const Value& value) { return values.add(value); };
  auto visit_head = [&](const std::shared_ptr<const HeadCatalogue>& head) {
    if (!is_of_origin(scope)) return head->visit_values(table_of(scope), key, add);
    Arena arena;
    for (Attributes attributes : head_attributes(*head, scope, arena)) {
      for (const KeyValue& entry : attributes) {
        if (entry.key == key && !add(entry.value)) return;
      }
    }
  };
  visit_shards(snapshot, range, visit_head, masks);
  result.missing = visit_sections(
      snapshot, range,
      [&](SectionReader& section, const std::shared_ptr<const SectionRollups>&) -> Status {
        if (result.is_cut) return {};
        SPOOR_ASSIGN(auto metadata, section.metadata());
        std::vector<uint8_t> mask;
        if (masks != nullptr) {
          SPOOR_ASSIGN(mask, masks->templates(section));
        }
        return visit_section_values(*metadata, scope, key, mask, add, result.is_incomplete);
      });
  std::ranges::sort(result.values, is_before);
  return result;
}

}  // namespace spoor::store
