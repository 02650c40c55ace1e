#include "query/spanset_scan.h"

#include <algorithm>

#include "base/assert.h"
#include "query/template_relations.h"
#include "query/traceql_value.h"
#include "store/limits.h"

namespace spoor::query {

using store::FixedColumn;
using store::Table;
using store::TracePlace;
using traceql::SpansetOperator;

namespace {

// Whether the node asks how its rows lie in the trees of their traces.
bool looks_at_trees(const SpansetNode& node) {
  switch (node.kind) {
    case SpansetNode::Kind::Filter:
      return false;
    case SpansetNode::Kind::Pipeline:
      return std::ranges::any_of(node.steps, [](const SpansetStep& step) {
        return step.kind == SpansetStep::Kind::Narrow && looks_at_trees(step.node);
      });
    case SpansetNode::Kind::Operation:
      return traceql::is_relation(node.op) || std::ranges::any_of(node.operands, looks_at_trees);
  }
  return false;
}

}  // namespace

// The tree on one row group.
class SpansetScan::Evaluation {
 public:
  Evaluation(const SpansetScan& scan, size_t group, store::RowGroupReader& reader,
             const Looks& looks, RowStarts& starts);

  Result<Matched> run(const Beside& beside);
  Result<Matched> run_upwards();

 private:
  Status read_filter(size_t filter, uint32_t vector);
  Status read_filters(uint32_t vector);
  Status read_decisive(uint32_t vector);
  // Depths are of rows that lie one behind another: `deepest_` is what the vector's first may have.
  Status read_trees(uint32_t vector);
  // Trees and the other filters for the decisive rows only.
  Status read_around(const RowMask& decisive);
  // Which rows are in a tree with its root.
  void connect();
  bool is_sparse() const;

  Result<RowMask> keep(const SpansetNode& node, const RowMask& input);
  Result<RowMask> operation(const SpansetNode& node, const RowMask& input);
  Result<RowMask> with_any_of(const RowMask& rows, const RowMask& others);
  Result<RowMask> after(const SpansetStep& step, const RowMask& rows);
  Result<RowMask> counted(const SpansetStep& step, const RowMask& rows);
  template <typename Keeps>
  Result<RowMask> traces(const RowMask& rows, const Keeps& keeps);
  Result<RowMask> keep_of_all() { return keep(scan_.tree_.root, RowMask::all(reader_.rows())); }
  Status damaged(std::string_view what) const {
    return data_loss(scan_.section_.file().path() + ": row group: " + std::string(what));
  }

  const SpansetScan& scan_;
  store::RowGroupReader& reader_;
  const Looks& looks_;
  RowStarts& starts_;
  const uint64_t first_row_;
  TraceWalk walk_;
  std::vector<RowMask> filters_;
  Forest forest_;
  // Of the vectors that were read: rows of depth 0, and those of them that name no parent.
  RowMask tree_starts_, tree_roots_;
  uint64_t deepest_ = 0;
};

SpansetScan::Evaluation::Evaluation(const SpansetScan& scan, size_t group,
                                    store::RowGroupReader& reader, const Looks& looks,
                                    RowStarts& starts)
    : scan_(scan),
      reader_(reader),
      looks_(looks),
      starts_(starts),
      first_row_(scan.section_.footer().first_row_of(group)),
      walk_(scan.section_),
      tree_starts_(reader.rows()),
      tree_roots_(reader.rows()),
      // What may come before the first row is as deep as there are rows.
      deepest_(first_row_) {
  for (const GroupLook& look : looks.of_filters) {
    bool is_all = look.of_every == Verdict::Yes;
    filters_.push_back(is_all ? RowMask::all(reader.rows()) : RowMask(reader.rows()));
  }
}

// All that is asked of a vector together, because it shares what is decoded.
Result<SpansetScan::Matched> SpansetScan::Evaluation::run(const Beside& beside) {
  const bool is_possible = looks_.is_possible;
  Matched matched{RowMask(reader_.rows()), RowMask(reader_.rows())};
  for (uint32_t vector = 0; vector < reader_.vectors(); ++vector) {
    if (is_possible && scan_.needs_forest_) SPOOR_TRY(read_trees(vector));
    if (is_possible) SPOOR_TRY(read_filters(vector));
    SPOOR_ASSIGN(RowMask rows, beside.scan.match(reader_, beside.look, vector, starts_));
    matched.needed.place(vector * store::kVectorRows, rows);
  }
  if (!is_possible) return matched;
  connect();
  SPOOR_ASSIGN(matched.kept, keep_of_all());
  return matched;
}

Result<SpansetScan::Matched> SpansetScan::Evaluation::run_upwards() {
  Matched matched{RowMask(reader_.rows()), RowMask(reader_.rows())};
  const bool may_lack = scan_.needs_forest_ && looks_.may_have_loose_rows;
  if (!looks_.is_possible && !may_lack) return matched;
  const bool reads_around = scan_.needs_forest_ && is_sparse();
  for (uint32_t vector = 0; vector < reader_.vectors(); ++vector) {
    if (scan_.needs_forest_ && !reads_around) SPOOR_TRY(read_trees(vector));
    SPOOR_TRY(reads_around ? read_decisive(vector) : read_filters(vector));
  }
  RowMask decisive(reader_.rows());
  for (size_t filter : scan_.tree_.decisive) decisive |= filters_[filter];
  if (decisive.empty()) return matched;
  if (reads_around) SPOOR_TRY(read_around(decisive));
  connect();
  if (looks_.is_possible) {
    SPOOR_ASSIGN(matched.kept, keep_of_all());
  }
  if (may_lack) matched.needed = decisive.subtract(forest_.connected);
  matched.needed |= matched.kept;
  return matched;
}

// Whether few vectors are expected to have decisive rows.
bool SpansetScan::Evaluation::is_sparse() const {
  constexpr uint64_t kRowsPerVectorMax = 2, kRowsPerOpenRow = 8;
  uint64_t rows = 0;
  for (size_t filter : scan_.tree_.decisive) {
    const GroupLook& look = looks_.of_filters[filter];
    if (look.rows) {
      rows += look.rows->size();
      continue;
    }
    for (const store::GroupTemplate& entry : looks_.templates) {
      Verdict verdict = look.possible[entry.code];
      if (verdict == Verdict::Yes) rows += entry.rows;
      if (verdict == Verdict::Look) rows += entry.rows / kRowsPerOpenRow;
    }
  }
  return rows <= kRowsPerVectorMax * reader_.vectors();
}

Status SpansetScan::Evaluation::read_filter(size_t filter, uint32_t vector) {
  const GroupLook& look = looks_.of_filters[filter];
  if (look.of_every == Verdict::No || look.of_every == Verdict::Yes) return {};
  SPOOR_ASSIGN(RowMask rows, scan_.filters_[filter]->match(reader_, look, vector, starts_));
  filters_[filter].place(vector * store::kVectorRows, rows);
  return {};
}

Status SpansetScan::Evaluation::read_filters(uint32_t vector) {
  for (size_t i = 0; i < filters_.size(); ++i) SPOOR_TRY(read_filter(i, vector));
  return {};
}

Status SpansetScan::Evaluation::read_decisive(uint32_t vector) {
  for (size_t filter : scan_.tree_.decisive) SPOOR_TRY(read_filter(filter, vector));
  return {};
}

Status SpansetScan::Evaluation::read_trees(uint32_t vector) {
  const size_t first = vector * store::kVectorRows, rows = reader_.rows_of(vector);
  // Depths first: the templates of their rows come with them.
  SPOOR_ASSIGN(auto depths, reader_.fixed(FixedColumn::Depth, vector));
  SPOOR_ASSIGN(auto codes, reader_.templates(Table::Span, vector));
  if (depths.size() != rows || codes.size() != rows) return damaged("bad count of depths");
  if (forest_.depths.empty()) {
    forest_ = {std::vector<uint32_t>(reader_.rows()), RowMask(reader_.rows())};
  }
  const uint8_t* names_parent = scan_.names_parent_.data();
  uint32_t* kept = forest_.depths.data() + first;
  uint64_t deepest = deepest_;
  bool is_damaged = false;
  for (size_t row = 0; row < rows; row += 64) {
    uint64_t starts = 0, roots = 0;
    for (size_t i = row; i < std::min(row + 64, rows); ++i) {
      const auto depth = static_cast<uint64_t>(depths.data()[i]);
      is_damaged |= depth > deepest;
      deepest = depth + 1;
      kept[i] = static_cast<uint32_t>(depth);
      const uint64_t is_start = depth == 0, names_none = names_parent[codes.data()[i]] == 0;
      starts |= is_start << (i - row);
      roots |= (is_start & names_none) << (i - row);
    }
    tree_starts_.words()[(first + row) / 64] = starts;
    tree_roots_.words()[(first + row) / 64] = roots;
  }
  deepest_ = deepest;
  return is_damaged ? damaged("a row is deeper than its parent allows") : Status();
}

// From the last vector to the first: what lies above a vector's rows may begin in the one before.
Status SpansetScan::Evaluation::read_around(const RowMask& decisive) {
  bool begins_before = false;
  for (uint32_t vector = reader_.vectors(); vector-- > 0;) {
    const size_t first = vector * store::kVectorRows, end = first + reader_.rows_of(vector);
    const size_t wanted = decisive.next(first);
    if (!begins_before && wanted >= end) continue;
    deepest_ = first_row_ + first;
    SPOOR_TRY(read_trees(vector));
    SPOOR_TRY(read_filters(vector));
    const size_t tree_start = std::min(tree_starts_.next(first), end);
    begins_before = wanted < tree_start || (begins_before && tree_start == end);
  }
  return {};
}

void SpansetScan::Evaluation::connect() {
  const size_t rows = reader_.rows();
  for (size_t root = tree_roots_.next(0); root < rows; root = tree_roots_.next(root + 1)) {
    forest_.connected.set_range(root, tree_starts_.next(root + 1));
  }
}

Result<RowMask> SpansetScan::Evaluation::keep(const SpansetNode& node, const RowMask& input) {
  switch (node.kind) {
    case SpansetNode::Kind::Filter:
      return RowMask(filters_[node.rows]) &= input;
    case SpansetNode::Kind::Operation:
      return operation(node, input);
    case SpansetNode::Kind::Pipeline:
      break;
  }
  RowMask rows = input;
  for (const SpansetStep& step : node.steps) {
    if (rows.empty()) break;
    SPOOR_ASSIGN(rows, after(step, rows));
  }
  return rows;
}

Result<RowMask> SpansetScan::Evaluation::after(const SpansetStep& step, const RowMask& rows) {
  switch (step.kind) {
    case SpansetStep::Kind::Narrow:
      return keep(step.node, rows);
    case SpansetStep::Kind::Count:
      return counted(step, rows);
    case SpansetStep::Kind::Any:
      break;
  }
  SPOOR_ASSIGN(RowMask some, keep(step.node, rows));
  return with_any_of(rows, some);
}

Result<RowMask> SpansetScan::Evaluation::operation(const SpansetNode& node, const RowMask& input) {
  SPOOR_ASSIGN(RowMask rows, keep(node.operands.front(), input));
  for (size_t i = 1; i < node.operands.size(); ++i) {
    SPOOR_ASSIGN(RowMask more, keep(node.operands[i], input));
    if (node.op == SpansetOperator::Or) {
      rows |= more;
    } else if (node.op == SpansetOperator::And) {
      // Traces that have both: rows of either, where the other has some.
      SPOOR_ASSIGN(RowMask left, with_any_of(rows, more));
      SPOOR_ASSIGN(RowMask right, with_any_of(more, rows));
      rows = left |= right;
    } else {
      rows = relate(node.op, forest_, rows, more);
    }
  }
  return rows;
}

// Those of `rows` whose trace keeps(begin, end) says yes to.
template <typename Keeps>
Result<RowMask> SpansetScan::Evaluation::traces(const RowMask& rows, const Keeps& keeps) {
  RowMask kept(rows.rows());
  for (size_t row = rows.next(0); row < rows.rows();) {
    SPOOR_ASSIGN(TracePlace trace, walk_.trace_of(first_row_ + row));
    // A larger trace may have rows before and behind the row group.
    size_t begin = trace.first_row < first_row_ ? 0 : trace.first_row - first_row_;
    size_t end = std::min<uint64_t>(trace.first_row + trace.rows - first_row_, rows.rows());
    if (keeps(begin, end)) kept.copy(rows, begin, end);
    row = rows.next(end);
  }
  return kept;
}

// Those of `rows` in whose trace `others` has a row.
Result<RowMask> SpansetScan::Evaluation::with_any_of(const RowMask& rows, const RowMask& others) {
  if (others.empty()) return RowMask(rows.rows());
  return traces(rows, [&](size_t begin, size_t end) { return others.has_any(begin, end); });
}

Result<RowMask> SpansetScan::Evaluation::counted(const SpansetStep& step, const RowMask& rows) {
  return traces(rows, [&](size_t begin, size_t end) {
    auto count = static_cast<int64_t>(rows.count(begin, end));
    return compare(step.op, TypedValue::integer(count), TypedValue::integer(step.count));
  });
}

Result<std::unique_ptr<SpansetScan>> SpansetScan::create(store::SectionReader& section,
                                                         const SpansetTree& tree,
                                                         const SectionTraces& traces) {
  std::unique_ptr<SpansetScan> scan(new SpansetScan(section, tree));
  SPOOR_ASSIGN(scan->metadata_, section.metadata());
  for (const Prepared& filter : tree.filters) {
    SPOOR_ASSIGN(auto of_filter, SectionScan::create(section, filter, traces));
    scan->filters_.push_back(std::move(of_filter));
  }
  scan->needs_forest_ = looks_at_trees(tree.root);
  for (const store::Template& entry :
       scan->metadata_->templates[static_cast<size_t>(Table::Span)]) {
    scan->names_parent_.push_back(entry.shape.names_parent);
  }
  return scan;
}

Result<SpansetScan::Looks> SpansetScan::look_at_group(GroupOutline& outline) const {
  Looks looks;
  looks.may_have_loose_rows = outline.may_have_loose_rows();
  SPOOR_ASSIGN(looks.templates, outline.templates(*metadata_));
  std::vector<TemplateSet> candidates;
  for (const auto& filter : filters_) {
    SPOOR_ASSIGN(GroupLook look, filter->look_at_templates(outline));
    TemplateSet& of_filter = candidates.emplace_back(looks.templates.size());
    for (size_t i = 0; i < of_filter.size(); ++i) {
      of_filter[i] = look.is_candidate[looks.templates[i].code];
    }
    looks.of_filters.push_back(std::move(look));
  }
  auto kept = [&](std::optional<std::span<const store::TemplateEdge>> edges) {
    return TemplateRelations(looks.templates.size(), candidates, edges).kept(tree_.root);
  };
  TemplateSet templates = kept(std::nullopt);
  if (needs_forest_ && !is_empty(templates) && outline.has_template_edges()) {
    SPOOR_ASSIGN(auto edges, outline.template_edges());
    templates = kept(edges);
  }
  looks.is_possible = !is_empty(templates);
  if (!looks.is_possible) return looks;
  if (looks_up() && !looks.may_have_loose_rows) {
    // No row of another template is kept, nor asked about elsewhere.
    for (size_t filter : tree_.decisive) {
      GroupLook& look = looks.of_filters[filter];
      for (size_t i = 0; i < templates.size(); ++i) {
        if (templates[i] == 0) look.possible[looks.templates[i].code] = Verdict::No;
      }
      look.sum_up(looks.templates);
    }
  }
  for (size_t i = 0; i < filters_.size(); ++i) {
    SPOOR_TRY(filters_[i]->look_at_listed_rows(outline, looks.of_filters[i]));
  }
  // Rows may be left out by what the list says of their durations.
  auto has_none = [&](size_t filter) { return looks.of_filters[filter].of_every == Verdict::No; };
  if (looks_up() && std::ranges::all_of(tree_.decisive, has_none)) looks.is_possible = false;
  return looks;
}

Result<SpansetScan::Matched> SpansetScan::match(size_t group, store::RowGroupReader& reader,
                                                const Looks& looks, RowStarts& starts,
                                                const Beside& beside) const {
  return Evaluation(*this, group, reader, looks, starts).run(beside);
}

Result<SpansetScan::Matched> SpansetScan::match_upwards(size_t group, store::RowGroupReader& reader,
                                                        const Looks& looks,
                                                        RowStarts& starts) const {
  SPOOR_ASSERT(looks_up());
  return Evaluation(*this, group, reader, looks, starts).run_upwards();
}

}  // namespace spoor::query
