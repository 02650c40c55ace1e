#include "wire/span_groups.h"

#include <unordered_map>

namespace spoor::wire {

std::vector<ResourceGroup> group_spans(const SpanBatch& batch) {
  struct Place {
    size_t resource_group;
    size_t scope_group;
  };
  std::vector<ResourceGroup> groups;
  std::unordered_map<uint32_t, size_t> resource_groups;
  std::unordered_map<uint64_t, Place> places;  // by resource and scope
  uint64_t last_key = UINT64_MAX;
  Place place{};
  for (uint32_t index = 0; index < batch.spans.size(); ++index) {
    const Span& span = batch.spans[index];
    SPOOR_ASSERT(span.resource < batch.resources.size() && span.scope < batch.scopes.size());
    uint64_t key = static_cast<uint64_t>(span.resource) << 32 | span.scope;
    if (key != last_key) {
      auto [found, is_new] = places.try_emplace(key);
      if (is_new) {
        auto [group, is_new_resource] = resource_groups.try_emplace(span.resource, groups.size());
        if (is_new_resource) groups.push_back({span.resource, {}});
        std::vector<ScopeGroup>& scopes = groups[group->second].scopes;
        found->second = {group->second, scopes.size()};
        scopes.push_back({span.scope, {}});
      }
      place = found->second;
      last_key = key;
    }
    groups[place.resource_group].scopes[place.scope_group].spans.push_back(index);
  }
  return groups;
}

}  // namespace spoor::wire
