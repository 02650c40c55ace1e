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

// Whether the node asks how its rows lie in the trees of their traces.
bool looks_at_trees(const SpansetNode& node) {
  switch (node.kind) {
    case SpansetNode::Kind::Filter:
      return node.root.has_value();
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
  Evaluation(const SpansetScan& scan, size_t group, store::RowGroupReader& reader)
      : scan_(scan),
        reader_(reader),
        first_row_(scan.section_.footer().first_row_of(group)),
        walk_(scan.section_),
        beside_(reader.rows()) {}

  Status read_vectors(const Looks& looks, RowStarts& starts, const Beside& beside);
  RowMask& beside() { return beside_; }
  Result<RowMask> run() { return keep(scan_.tree_.root, RowMask::all(reader_.rows())); }

 private:
  Result<RowMask> keep(const SpansetNode& node, const RowMask& input);
  Result<RowMask> operation(const SpansetNode& node, const RowMask& input);
  Result<RowMask> with_any_of(const RowMask& rows, const RowMask& others);
  Result<RowMask> counted(const SpansetStep& step, const RowMask& rows);
  template <typename Keeps>
  Result<RowMask> traces(const RowMask& rows, const Keeps& keeps);
  Status read_trees(uint32_t vector);
  Status damaged(std::string_view what) const {
    return data_loss(scan_.section_.file().path() + ": row group: " + std::string(what));
  }

  const SpansetScan& scan_;
  store::RowGroupReader& reader_;
  const uint64_t first_row_;
  TraceWalk walk_;
  std::vector<RowMask> filters_;
  RowMask beside_;
  Forest forest_;
  // Of the row that was read last: what may follow it, and whether its tree has a root.
  uint64_t deepest_ = 0;
  bool is_connected_ = false;
};

// All that is asked of a vector together, because it shares what is decoded.
Status SpansetScan::Evaluation::read_vectors(const Looks& looks, RowStarts& starts,
                                             const Beside& beside) {
  const bool is_possible = scan_.may_match(looks), reads_trees = is_possible && scan_.needs_forest_;
  for (const GroupLook& look : looks) {
    bool is_all = look.of_every == Verdict::Yes;
    filters_.push_back(is_all ? RowMask::all(reader_.rows()) : RowMask(reader_.rows()));
  }
  if (reads_trees) {
    forest_ = {std::vector<uint32_t>(reader_.rows()), RowMask(reader_.rows())};
    // What may come before the first row is as deep as there are rows.
    deepest_ = first_row_;
  }
  for (uint32_t vector = 0; vector < reader_.vectors(); ++vector) {
    const size_t first = vector * store::kVectorRows;
    if (reads_trees) SPOOR_TRY(read_trees(vector));
    for (size_t i = 0; i < filters_.size() && is_possible; ++i) {
      if (looks[i].of_every == Verdict::No || looks[i].of_every == Verdict::Yes) continue;
      SPOOR_ASSIGN(RowMask rows, scan_.filters_[i]->match(reader_, looks[i], vector, starts));
      filters_[i].place(first, rows);
    }
    SPOOR_ASSIGN(RowMask rows, beside.scan.match(reader_, beside.look, vector, starts));
    beside_.place(first, rows);
  }
  return {};
}

Status SpansetScan::Evaluation::read_trees(uint32_t vector) {
  const size_t first = vector * store::kVectorRows, rows = reader_.rows_of(vector);
  // Depths first: the templates of their rows come with them.
  SPOOR_ASSIGN(auto depths, reader_.fixed(FixedColumn::Depth, vector));
  SPOOR_ASSIGN(auto codes, reader_.templates(Table::Span, vector));
  if (depths.size() != rows || codes.size() != rows) return damaged("bad count of depths");
  const uint8_t* names_parent = scan_.names_parent_.data();
  uint32_t* kept = forest_.depths.data() + first;
  uint64_t deepest = deepest_;
  bool is_connected = is_connected_, is_damaged = false;
  for (size_t row = 0; row < rows; row += 64) {
    uint64_t connected = 0;
    for (size_t i = row; i < std::min(row + 64, rows); ++i) {
      const auto depth = static_cast<uint64_t>(depths.data()[i]);
      is_damaged |= depth > deepest;
      deepest = depth + 1;
      kept[i] = static_cast<uint32_t>(depth);
      if (depth == 0) is_connected = names_parent[codes.data()[i]] == 0;
      connected |= uint64_t{is_connected} << (i - row);
    }
    forest_.connected.words()[(first + row) / 64] = connected;
  }
  deepest_ = deepest;
  is_connected_ = is_connected;
  return is_damaged ? damaged("a row is deeper than its parent allows") : Status();
}

Result<RowMask> SpansetScan::Evaluation::keep(const SpansetNode& node, const RowMask& input) {
  switch (node.kind) {
    case SpansetNode::Kind::Filter: {
      RowMask rows = RowMask(filters_[node.rows]) &= input;
      if (!node.root || rows.empty()) return rows;
      return with_any_of(rows, roots_of(forest_, filters_[*node.root]));
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
  return traces(rows, [&](size_t begin, size_t end) { return others.next(begin) < end; });
}

Result<RowMask> SpansetScan::Evaluation::counted(const SpansetStep& step, const RowMask& rows) {
  return traces(rows, [&](size_t begin, size_t end) {
    auto count = static_cast<int64_t>(rows.count(begin, end));
    return compare(step.op, TypedValue::integer(count), TypedValue::integer(step.count));
  });
}

Result<std::unique_ptr<SpansetScan>> SpansetScan::create(store::SectionReader& section,
                                                         const SpansetTree& tree) {
  std::unique_ptr<SpansetScan> scan(new SpansetScan(section, tree));
  SPOOR_ASSIGN(scan->metadata_, section.metadata());
  for (const Prepared& filter : tree.filters) {
    SPOOR_ASSIGN(auto of_filter, SectionScan::create(section, filter));
    scan->filters_.push_back(std::move(of_filter));
  }
  scan->needs_forest_ = looks_at_trees(tree.root);
  for (const store::Template& entry :
       scan->metadata_->templates[static_cast<size_t>(Table::Span)]) {
    scan->names_parent_.push_back(entry.shape.names_parent);
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

Result<SpansetScan::Matched> SpansetScan::match(size_t group, store::RowGroupReader& reader,
                                                const Looks& looks, RowStarts& starts,
                                                const Beside& beside) const {
  Evaluation evaluation(*this, group, reader);
  SPOOR_TRY(evaluation.read_vectors(looks, starts, beside));
  Matched matched{RowMask(reader.rows()), std::move(evaluation.beside())};
  if (!may_match(looks)) return matched;
  SPOOR_ASSIGN(matched.kept, evaluation.run());
  return matched;
}

}  // namespace spoor::query
