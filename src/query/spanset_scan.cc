#include "query/spanset_scan.h"

#include <algorithm>

#include "query/traceql_value.h"
#include "store/limits.h"

namespace spoor::query {

using store::FixedColumn;
using store::Table;
using store::TracePlace;
using traceql::SpansetOperator;

namespace {

// Whether the node may keep a row, by whether its filters have any.
bool may_keep(const SpansetNode& node, const std::vector<GroupLook>& looks) {
  auto has_rows = [&](size_t filter) { return looks[filter].of_every != Verdict::No; };
  switch (node.kind) {
    case SpansetNode::Kind::Filter:
      return has_rows(node.rows) && (!node.root || has_rows(*node.root));
    case SpansetNode::Kind::Pipeline:
      return std::ranges::all_of(node.steps, [&](const SpansetStep& step) {
        return step.kind != SpansetStep::Kind::Narrow || may_keep(step.node, looks);
      });
    case SpansetNode::Kind::Operation:
      break;
  }
  auto keeps = [&](const SpansetNode& operand) { return may_keep(operand, looks); };
  if (node.op == SpansetOperator::Or) return std::ranges::any_of(node.operands, keeps);
  if (traceql::is_negated_relation(node.op)) return keeps(node.operands.back());
  return std::ranges::all_of(node.operands, keeps);
}

}  // namespace

// The tree on one row group.
class SpansetScan::Evaluation {
 public:
  Evaluation(const SpansetScan& scan, size_t group, store::RowGroupReader& reader)
      : scan_(scan),
        reader_(reader),
        first_row_(scan.section_.footer().first_row_of(group)),
        walk_(scan.section_) {}

  Status read_filters(const Looks& looks, RowStarts& starts);
  Result<RowMask> run() { return keep(scan_.tree_.root, RowMask::all(reader_.rows())); }

 private:
  Result<RowMask> keep(const SpansetNode& node, const RowMask& input);
  Result<RowMask> operation(const SpansetNode& node, const RowMask& input);
  Result<RowMask> beside(const RowMask& rows, const RowMask& others);
  Result<RowMask> counted(const SpansetStep& step, const RowMask& rows);
  template <typename Keeps>
  Result<RowMask> traces(const RowMask& rows, const Keeps& keeps);
  Status load_forest();

  const SpansetScan& scan_;
  store::RowGroupReader& reader_;
  const uint64_t first_row_;
  TraceWalk walk_;
  std::vector<RowMask> filters_;
  std::optional<Forest> forest_;
};

Status SpansetScan::Evaluation::read_filters(const Looks& looks, RowStarts& starts) {
  for (const GroupLook& look : looks) {
    bool is_all = look.of_every == Verdict::Yes;
    filters_.push_back(is_all ? RowMask::all(reader_.rows()) : RowMask(reader_.rows()));
  }
  // All filters of a vector together, because they share what is decoded.
  for (uint32_t vector = 0; vector < reader_.vectors(); ++vector) {
    for (size_t i = 0; i < filters_.size(); ++i) {
      if (looks[i].of_every == Verdict::No || looks[i].of_every == Verdict::Yes) continue;
      SPOOR_ASSIGN(RowMask rows, scan_.filters_[i]->match(reader_, looks[i], vector, starts));
      filters_[i].place(vector * store::kVectorRows, rows);
    }
  }
  return {};
}

Result<RowMask> SpansetScan::Evaluation::keep(const SpansetNode& node, const RowMask& input) {
  switch (node.kind) {
    case SpansetNode::Kind::Filter: {
      RowMask rows = RowMask(filters_[node.rows]) &= input;
      if (!node.root || rows.empty()) return rows;
      SPOOR_TRY(load_forest());
      return beside(rows, roots_of(*forest_, filters_[*node.root]));
    }
    case SpansetNode::Kind::Operation:
      return operation(node, input);
    case SpansetNode::Kind::Pipeline:
      break;
  }
  RowMask rows = input;
  for (const SpansetStep& step : node.steps) {
    if (rows.empty()) break;
    SPOOR_ASSIGN(
        rows, step.kind == SpansetStep::Kind::Narrow ? keep(step.node, rows) : counted(step, rows));
  }
  return rows;
}

Result<RowMask> SpansetScan::Evaluation::operation(const SpansetNode& node, const RowMask& input) {
  SPOOR_ASSIGN(RowMask rows, keep(node.operands.front(), input));
  for (size_t i = 1; i < node.operands.size(); ++i) {
    SPOOR_ASSIGN(RowMask more, keep(node.operands[i], input));
    if (node.op == SpansetOperator::Or) {
      rows |= more;
    } else if (node.op == SpansetOperator::And) {
      // Traces that have both: rows of either, where the other has some.
      SPOOR_ASSIGN(RowMask left, beside(rows, more));
      SPOOR_ASSIGN(RowMask right, beside(more, rows));
      rows = left |= right;
    } else {
      SPOOR_TRY(load_forest());
      rows = relate(node.op, *forest_, rows, more);
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
Result<RowMask> SpansetScan::Evaluation::beside(const RowMask& rows, const RowMask& others) {
  if (others.empty()) return RowMask(rows.rows());
  return traces(rows, [&](size_t begin, size_t end) { return others.next(begin) < end; });
}

Result<RowMask> SpansetScan::Evaluation::counted(const SpansetStep& step, const RowMask& rows) {
  return traces(rows, [&](size_t begin, size_t end) {
    auto count = static_cast<int64_t>(rows.count(begin, end));
    return compare(step.op, TypedValue::integer(count), TypedValue::integer(step.count));
  });
}

Status SpansetScan::Evaluation::load_forest() {
  if (forest_) return {};
  Forest forest{std::vector<uint32_t>(reader_.rows()), RowMask(reader_.rows())};
  const auto& templates = scan_.metadata_->templates[static_cast<size_t>(Table::Span)];
  std::vector<uint8_t> names_parent;
  for (const store::Template& entry : templates) {
    names_parent.push_back(entry.shape.names_parent);
  }
  // What may come before the first row is as deep as there are rows.
  uint64_t deepest = first_row_;
  bool is_connected = false, is_damaged = false;
  for (uint32_t vector = 0; vector < reader_.vectors(); ++vector) {
    const size_t first = vector * store::kVectorRows, rows = reader_.rows_of(vector);
    SPOOR_ASSIGN(auto depths, reader_.fixed(FixedColumn::Depth, vector));
    SPOOR_ASSIGN(auto codes, reader_.templates(Table::Span, vector));
    if (depths.size() != rows || codes.size() != rows) {
      return data_loss(scan_.section_.file().path() + ": row group: bad count of depths");
    }
    forest.connected.place(first, RowMask::where(rows, [&](size_t i) {
                             uint64_t depth = static_cast<uint64_t>(depths[i]);
                             is_damaged |= depth > deepest;
                             deepest = depth + 1;
                             forest.depths[first + i] = static_cast<uint32_t>(depth);
                             if (depth == 0)
                               is_connected = names_parent[static_cast<size_t>(codes[i])] == 0;
                             return is_connected;
                           }));
  }
  if (is_damaged) {
    return data_loss(scan_.section_.file().path() +
                     ": row group: a row is deeper than its parent allows");
  }
  forest_ = std::move(forest);
  return {};
}

Result<std::unique_ptr<SpansetScan>> SpansetScan::create(store::SectionReader& section,
                                                         const SpansetTree& tree) {
  std::unique_ptr<SpansetScan> scan(new SpansetScan(section, tree));
  SPOOR_ASSIGN(scan->metadata_, section.metadata());
  for (const Prepared& filter : tree.filters) {
    SPOOR_ASSIGN(auto of_filter, SectionScan::create(section, filter));
    scan->filters_.push_back(std::move(of_filter));
  }
  return scan;
}

Result<SpansetScan::Looks> SpansetScan::look_at_group(size_t group) const {
  Looks looks;
  for (const auto& filter : filters_) {
    SPOOR_ASSIGN(GroupLook look, filter->look_at_group(group));
    looks.push_back(std::move(look));
  }
  return looks;
}

bool SpansetScan::may_match(const Looks& looks) const {
  return may_keep(tree_.root, looks);
}

Result<RowMask> SpansetScan::match(size_t group, store::RowGroupReader& reader, const Looks& looks,
                                   RowStarts& starts) const {
  if (!may_match(looks)) return RowMask(reader.rows());
  Evaluation evaluation(*this, group, reader);
  SPOOR_TRY(evaluation.read_filters(looks, starts));
  return evaluation.run();
}

}  // namespace spoor::query
