// One query on one section: every leaf asked once of each template, resource, scope and
// dictionary entry; what these leave open is read from columns, vector by vector, for the rows
// that still matter.
//
// Immutable once made, and thread-safe; each thread that scans has a VectorScan of its own.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "query/group_outline.h"
#include "query/prepared.h"
#include "query/row_mask.h"
#include "query/whole_traces.h"
#include "store/limits.h"
#include "store/row_group_reader.h"
#include "store/section_reader.h"

namespace spoor::query {

// A leaf on the rows of one table.
struct TableLook {
  // A field column that holds the leaf's values for some templates.
  struct Column {
    uint32_t column = 0;  // as RowGroupReader numbers them
    ValueType type = ValueType::Absent;
    bool is_list = false;          // a whole attribute list
    std::vector<uint32_t> values;  // by template: how many values a row has in the column
    std::vector<uint8_t> of_code;  // where the column has a dictionary: what its entries say
  };
  std::vector<Verdict> verdicts;  // by template; Look: one of the columns decides
  std::vector<Column> columns;
};

struct LeafLook {
  const Leaf* leaf = nullptr;
  std::vector<Verdict> verdicts;     // by span template
  std::optional<Verdict> of_every;   // where all templates have the same
  TableLook own;                     // of leaves on the span's own fields
  std::vector<uint8_t> of_resource;  // of leaves on resources, by resource
  std::vector<uint8_t> of_root;      // of leaves on roots, by the root's template
  TableLook children;                // of leaves on events and links
  // The columns, where whatever the templates leave open is decided by texts in their pages.
  std::vector<uint32_t> text_columns;
  std::optional<uint64_t> text_hash;        // of the one text that it holds for
  std::optional<codec::SoughtText> sought;  // what every text that it holds for is or contains
};

// What the whole expression says of a row group's templates.
struct GroupLook {
  std::vector<Verdict> possible;       // by span template; No where the group has none of it
  std::vector<uint8_t> is_candidate;   // by template, whether that is not No
  std::optional<Verdict> of_every;     // where all that it has say the same
  bool is_open = false;                // any of them says Look
  std::vector<uint8_t> is_impossible;  // by leaf: it holds for no row that its template leaves open
  bool may_have_loose_rows = true;     // as GroupOutline says
  // The rows that may match, ascending, where the group lists those of all its candidates.
  std::optional<std::vector<uint32_t>> rows;

  // What follows from `possible` of the group's templates.
  void sum_up(std::span<const store::GroupTemplate> templates);
  // Those of the rows [first, first + count) of the group.
  std::span<const uint32_t> rows_within(size_t first, size_t count) const;
  // Whether the vector may have a row that matches.
  bool may_match(uint32_t vector) const {
    return !rows || !rows_within(vector * store::kVectorRows, store::kVectorRows).empty();
  }
};

// What a template says of the traces whose root has it.
struct RootTexts {
  std::optional<std::string_view> name;  // nothing where it is in a column
  std::string_view service;

  // By span template. As long as the metadata.
  static std::vector<RootTexts> of(const store::SectionMetadata& metadata);
};

// What is known of a section's traces.
struct SectionTraces {
  const DividedRows* divided = nullptr;  // null: every trace may have fragments elsewhere
  TraceNeeds needs;                      // beside those of leaves
};

class RowStarts;

class SectionScan {
 public:
  // `prepared` and `section` outlive the scan.
  static Result<std::unique_ptr<SectionScan>> create(store::SectionReader& section,
                                                     const Prepared& prepared,
                                                     SectionTraces traces = {});

  // No row of the section can match.
  bool matches_nothing() const { return matches_nothing_; }
  // By span template, whether a row of it may match.
  std::vector<uint8_t> candidates() const;

  // Before the row group is opened, what templates and filters of texts say: nothing to look for in
  // it if `of_every` is No. An equality that none of the group's texts can meet holds for no row.
  Result<GroupLook> look_at_group(GroupOutline& outline) const;
  // The same in its two steps.
  Result<GroupLook> look_at_templates(GroupOutline& outline) const;
  Status look_at_listed_rows(GroupOutline& outline, GroupLook& look) const;
  // One row group, opened.
  Result<std::unique_ptr<store::RowGroupReader>> open_group(size_t group) const;
  // The rows of the vector for which the expression holds. `look` and `starts` are the group's.
  Result<RowMask> match(store::RowGroupReader& group, const GroupLook& look, uint32_t vector,
                        RowStarts& starts) const;

  const store::SectionMetadata& metadata() const { return *metadata_; }

  const TraceNeeds& trace_needs() const { return traces_.needs; }
  // Whether rows of undecided traces may match for which match() says no.
  bool may_invert_traces() const { return inverts_traces_; }
  // By span template; empty where the trace needs do not ask for roots.
  const std::vector<RootTexts>& root_texts() const { return root_texts_; }
  // Whether the trace that begins with that row of the section may have fragments elsewhere.
  bool is_divided(uint64_t first_row) const;
  bool has_divided(size_t group) const;  // the row group

 private:
  friend class VectorScan;
  SectionScan(store::SectionReader& section, const Prepared& prepared, SectionTraces traces)
      : section_(section), prepared_(prepared), traces_(std::move(traces)) {}
  Status plan();
  void plan_roots(LeafLook& look) const;
  // Fills GroupLook::is_impossible of leaves on traces.
  Status ask_traces(GroupOutline& outline, GroupLook& look) const;
  Result<bool> may_match_trace(const LeafLook& leaf, GroupOutline& outline) const;
  Result<RowMask> match_listed(store::RowGroupReader& group, const GroupLook& look, uint32_t vector,
                               RowStarts& starts) const;
  LeafLook plan_leaf(const Leaf& leaf, Status& status) const;
  void plan_resources(LeafLook& look) const;
  void plan_scopes(LeafLook& look) const;
  using Impossible = std::vector<uint8_t>;  // as GroupLook::is_impossible
  // What filters say of a row group, and what the bytes of pages say of a vector.
  Result<Impossible> ask_filters(size_t group) const;
  Result<Impossible> search_pages(store::RowGroupReader& group, uint32_t vector) const;
  // Whether nothing can match then, whatever the template.
  bool rule_out(const Impossible& is_impossible) const;
  // Of the rows of a template in the group that was looked at so far.
  Verdict verdict(const store::GroupTemplate& entry, const GroupLook& look) const;
  Verdict leaf_verdict(size_t leaf, const store::GroupTemplate& entry, const GroupLook& look) const;
  TableLook plan_table(const Leaf& leaf, store::Table table, Status& status) const;

  store::SectionReader& section_;
  const Prepared& prepared_;
  SectionTraces traces_;
  bool inverts_traces_ = false;
  std::vector<RootTexts> root_texts_;
  std::shared_ptr<const store::SectionMetadata> metadata_;
  std::vector<LeafLook> leaves_;
  std::vector<Verdict> possible_;  // by span template: what the whole expression says
  bool matches_nothing_ = false;
  // What the leaves say of the templates that may match, each combination once.
  std::vector<std::vector<Verdict>> open_verdicts_;
  bool has_filtered_leaves_ = false;
  bool has_only_text_leaves_ = false;  // so that pages of texts are searched before all others
};

}  // namespace spoor::query
