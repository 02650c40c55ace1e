// What Tempo's completion endpoints list: names and values that the spans of the tenants have that
// are asked, from the store's catalogue.
//
// A list holds everything that the finished query could match, and may hold more: a filter narrows
// it as far as shapes and templates tell (docs/tempo.md).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/tempo_requests.h"
#include "base/arena.h"
#include "store/catalogue.h"
#include "wire/tempo_search.h"

namespace spoor::api {

struct TempoTagNames {
  struct Scope {
    std::string_view name;
    std::vector<std::string> tags;  // sorted, each once
  };
  std::vector<Scope> scopes;         // those without tags are left out
  std::vector<std::string> missing;  // why names may lack
};
TempoTagNames tempo_tag_names(std::span<const store::Snapshot> snapshots,
                              const TempoTagsRequest& request);

// The names of all scopes as one list, each once, at most `limit`; and by scope, as views.
std::vector<std::string> one_list(const TempoTagNames& found, size_t limit);
std::vector<wire::TempoTagScope> by_scope(const TempoTagNames& found);

struct TempoValues {
  std::vector<wire::TempoTagValue> values;  // by type, then by value, each once
  std::vector<std::string> missing;         // why values may lack
  Arena arena;                              // of the texts
};
TempoValues tempo_values(std::span<const store::Snapshot> snapshots,
                         const TempoValuesRequest& request);

}  // namespace spoor::api
