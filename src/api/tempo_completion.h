// What Tempo's completion endpoints list: names and values that a tenant's spans have, from the
// store's catalogue.
//
// A list holds everything that the finished query could match, and may hold more: of a filter's
// conditions only those on the service narrow it (docs/tempo.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/tempo_parameters.h"
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
TempoTagNames tempo_tag_names(const store::Snapshot& snapshot, const TempoTagsRequest& request);

struct TempoValues {
  std::vector<wire::TempoTagValue> values;  // by type, then by value, each once
  std::vector<std::string> missing;         // why values may lack
  Arena arena;                              // of the texts
};
TempoValues tempo_values(const store::Snapshot& snapshot, const TempoValuesRequest& request);

}  // namespace spoor::api
