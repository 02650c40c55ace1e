// Which templates of a row group the rows may have that a tree of spansets keeps, by the templates
// that its filters let pass and by which templates are parents of which: what the tree says of
// rows, said of templates, so that row groups without such rows need not be opened. Lives for one
// row group, on one thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "query/spanset_tree.h"
#include "store/template_edges.h"

namespace spoor::query {

// By place in the row group's list of templates, whether it is in the set.
using TemplateSet = std::vector<uint8_t>;

class TemplateRelations {
 public:
  // By filter of the tree, those of so many templates that it may let rows of pass. No edges: any
  // template may be the parent of any. All outlive this.
  TemplateRelations(size_t templates, std::span<const TemplateSet> filters,
                    std::optional<std::span<const store::TemplateEdge>> edges)
      : templates_(templates), filters_(filters), edges_(edges) {}

  // Of rows of trees that lie whole in the row group.
  TemplateSet kept(const SpansetNode& node) const;

 private:
  TemplateSet of_operation(const SpansetNode& node) const;
  TemplateSet relate(traceql::SpansetOperator op, const TemplateSet& left,
                     const TemplateSet& right) const;
  // Those that may stand on the right of the relation to one of the set.
  TemplateSet related_to(traceql::SpansetOperator relation, const TemplateSet& set) const;
  TemplateSet children_of(const TemplateSet& set) const;
  TemplateSet parents_of(const TemplateSet& set) const;

  const size_t templates_;
  std::span<const TemplateSet> filters_;
  std::optional<std::span<const store::TemplateEdge>> edges_;
};

bool is_empty(const TemplateSet& set);

}  // namespace spoor::query
