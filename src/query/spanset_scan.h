// A tree of spansets on one section: for the rows of a row group those that the tree keeps.
//
// Immutable once made, and thread-safe.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "query/forest.h"
#include "query/row_starts.h"
#include "query/section_scan.h"
#include "query/spanset_tree.h"

namespace spoor::query {

class SpansetScan {
 public:
  // `section` and `tree` outlive the scan.
  static Result<std::unique_ptr<SpansetScan>> create(store::SectionReader& section,
                                                     const SpansetTree& tree,
                                                     const SectionTraces& traces);

  // Before the row group is opened: what its templates say.
  struct Looks {
    std::span<const store::GroupTemplate> templates;  // as long as the outline
    std::vector<GroupLook> of_filters;
    bool is_possible = false;  // the tree may keep rows of trees that have their root here
    bool may_have_loose_rows = true;
  };
  Result<Looks> look_at_group(GroupOutline& outline) const;

  struct Matched {
    RowMask kept;    // rows that the tree keeps, judged by those spans of their traces that lie in
                     // the row group
    RowMask needed;  // rows of the traces that may match, as far as the row group tells
  };
  // A condition that is asked of the same rows in the same pass: `needed` are those for which it
  // holds.
  struct Beside {
    const SectionScan& scan;
    const GroupLook& look;
  };
  // `looks`, `starts` and what is beside are the group's.
  Result<Matched> match(size_t group, store::RowGroupReader& reader, const Looks& looks,
                        RowStarts& starts, const Beside& beside) const;

  // Whether ancestors decide which rows are kept (SpansetTree::decisive).
  bool looks_up() const { return !tree_.decisive.empty(); }
  // The same where they do: reads depths only where a row may be kept. `needed` are rows that are
  // kept and those of which an ancestor lies elsewhere.
  Result<Matched> match_upwards(size_t group, store::RowGroupReader& reader, const Looks& looks,
                                RowStarts& starts) const;

 private:
  class Evaluation;
  SpansetScan(store::SectionReader& section, const SpansetTree& tree)
      : section_(section), tree_(tree) {}

  store::SectionReader& section_;
  const SpansetTree& tree_;
  std::shared_ptr<const store::SectionMetadata> metadata_;
  std::vector<std::unique_ptr<SectionScan>> filters_;  // as SpansetTree::filters
  bool needs_forest_ = false;
  std::vector<uint8_t> names_parent_;  // by template of spans
};

}  // namespace spoor::query
