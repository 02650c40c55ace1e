// Which span templates of a row group are parents of which there: what a search for relations
// between spans asks before it opens the row group. Layout: docs/format/part.md, "Template edges".
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/group_templates.h"

namespace spoor::store {

// Both are places in the row group's list of templates.
struct TemplateEdge {
  uint32_t child = 0;
  uint32_t parent = 0;
  auto operator<=>(const TemplateEdge&) const = default;
};

// Ascending, each once: of every row of a depth above 0 whose parent lies in the row group.
// REQUIRES: codes and depths are those of all its rows, `templates` says which codes there are. Of
// depths that are none it makes no edges.
std::vector<TemplateEdge> edges_between(std::span<const GroupTemplate> templates,
                                        std::span<const int64_t> codes,
                                        std::span<const int64_t> depths);

// REQUIRES: as edges_between() made them of so many templates.
void encode(std::span<const TemplateEdge> edges, size_t templates, std::string& target);
// DataLoss unless both ends are places of the list, in order.
Result<std::vector<TemplateEdge>> decode_template_edges(std::string_view bytes, size_t templates);

}  // namespace spoor::store
