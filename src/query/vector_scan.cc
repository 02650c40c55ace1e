#include "query/vector_scan.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "query/leaf_fields.h"
#include "query/row_traces.h"
#include "store/value_codec.h"

namespace spoor::query {

using store::FieldKind;
using store::FixedColumn;
using store::Table;
using store::Template;
using store::TemplateField;

Status VectorScan::damaged(std::string_view what) const {
  return data_loss(scan_.section_.file().path() + ": row group: " + std::string(what));
}

Result<RowMask> VectorScan::evaluate(const Node& node, const RowMask& candidates) {
  switch (node.kind) {
    case Node::Kind::True:
      return candidates;
    case Node::Kind::Leaf:
      return leaf(scan_.leaves_[node.leaf], candidates);
    case Node::Kind::Not: {
      SPOOR_ASSIGN(RowMask rows, evaluate(node.operands.front(), candidates));
      return RowMask(candidates).subtract(rows);
    }
    case Node::Kind::And: {
      RowMask rows = candidates;
      for (const Node& operand : node.operands) {
        if (rows.empty()) break;
        SPOOR_ASSIGN(rows, evaluate(operand, rows));
      }
      return rows;
    }
    case Node::Kind::Or: {
      RowMask rows(candidates.rows()), rest = candidates;
      for (const Node& operand : node.operands) {
        if (rest.empty()) break;
        SPOOR_ASSIGN(RowMask more, evaluate(operand, rest));
        rows |= more;
        rest.subtract(more);
      }
      return rows;
    }
  }
  return candidates;
}

Result<std::span<const int64_t>> VectorScan::codes() {
  if (codes_.empty()) {
    SPOOR_ASSIGN(codes_, group_.templates(Table::Span, vector_));
  }
  return codes_;
}

Result<RowMask> VectorScan::leaf(const LeafLook& look, const RowMask& candidates) {
  if (look.of_every == Verdict::Yes) return candidates;
  if (look.of_every == Verdict::No) return RowMask(candidates.rows());
  if (look.of_every == Verdict::Look) return open_leaf(look, candidates);
  SPOOR_TRY(codes().status());
  RowMask yes(candidates.rows()), open(candidates.rows());
  candidates.for_each([&](size_t row) {
    Verdict verdict = look.verdicts[static_cast<size_t>(codes_[row])];
    if (verdict == Verdict::Yes) yes.set(row);
    if (verdict == Verdict::Look) open.set(row);
  });
  if (open.empty()) return yes;
  SPOOR_ASSIGN(RowMask more, open_leaf(look, open));
  return yes |= more;
}

Result<RowMask> VectorScan::open_leaf(const LeafLook& look, const RowMask& open) {
  if (look.leaf->target == Target::Duration) return duration_leaf(look, open);
  if (look.leaf->target == Target::Start) return start_leaf(look, open);
  if (looks_at_trace(*look.leaf)) return trace_leaf(look, open);
  SPOOR_TRY(codes().status());
  switch (look.leaf->target) {
    case Target::NamesParent:
      return parent_leaf(look, open);
    case Target::ResourceAttribute:
      return resource_leaf(look, open);
    case Target::EventName:
    case Target::EventAttribute:
      return child_leaf(look, Table::Event, open);
    case Target::LinkAttribute:
      return child_leaf(look, Table::Link, open);
    default:
      break;
  }
  RowMask rows(open.rows());
  for (const TableLook::Column& column : look.own.columns) {
    SPOOR_TRY(column_rows(*look.leaf, column, codes_, open, rows));
  }
  return rows;
}

Result<RowMask> VectorScan::resource_leaf(const LeafLook& look, const RowMask& open) {
  SPOOR_ASSIGN(auto resources, group_.fixed(FixedColumn::Resource, vector_));
  const auto& templates = scan_.metadata_->templates[static_cast<size_t>(Table::Span)];
  RowMask rows(open.rows());
  bool is_known = true;
  open.for_each([&](size_t row) {
    uint32_t service = templates[static_cast<size_t>(codes_[row])].shape.service;
    uint64_t resource =
        scan_.metadata_->first_resource_of_service[service] + static_cast<uint64_t>(resources[row]);
    if (resource >= look.of_resource.size()) {
      is_known = false;
    } else if (look.of_resource[resource]) {
      rows.set(row);
    }
  });
  if (!is_known) return damaged("unknown resource");
  return rows;
}

// Of few rows.
Result<RowMask> VectorScan::duration_rows(const LeafLook& look, const RowMask& open) {
  std::vector<uint32_t> places;
  open.for_each([&](size_t row) { places.push_back(static_cast<uint32_t>(row)); });
  SPOOR_ASSIGN(auto durations, group_.fixed_at(FixedColumn::Duration, vector_, places));
  RowMask rows(open.rows());
  for (size_t i = 0; i < places.size(); ++i) {
    int64_t duration = duration_of(static_cast<uint64_t>(durations[i]));
    if (look.leaf->predicate.integer(duration)) rows.set(places[i]);
  }
  return rows;
}

Result<RowMask> VectorScan::duration_leaf(const LeafLook& look, const RowMask& open) {
  constexpr size_t kRowsPerOpenMin = 16;
  if (open.count(0, open.rows()) * kRowsPerOpenMin <= open.rows()) {
    return duration_rows(look, open);
  }
  SPOOR_ASSIGN(auto durations, group_.fixed(FixedColumn::Duration, vector_));
  if (auto range = look.leaf->predicate.integer_range()) {
    RowMask rows = RowMask::where(open.rows(), [&](size_t row) {
      int64_t duration = duration_of(static_cast<uint64_t>(durations[row]));
      return duration >= range->min && duration <= range->max;
    });
    return rows &= open;
  }
  RowMask rows(open.rows());
  open.for_each([&](size_t row) {
    int64_t duration = duration_of(static_cast<uint64_t>(durations[row]));
    if (look.leaf->predicate.integer(duration)) rows.set(row);
  });
  return rows;
}

Result<RowMask> VectorScan::parent_leaf(const LeafLook& look, const RowMask& open) {
  SPOOR_ASSIGN(RowMask none, rows_of_no_parent());
  bool of_roots = look.leaf->predicate.integer(0);
  return of_roots ? none &= open : RowMask(open).subtract(none);
}

Result<RowMask> VectorScan::rows_of_no_parent() {
  constexpr auto kParentIds = static_cast<uint32_t>(FixedColumn::ParentId);
  RowMask rows(group_.rows_of(vector_));
  if (group_.value_count(kParentIds, vector_) == 0) return rows;
  SPOOR_ASSIGN(std::string_view ids, group_.ids(kParentIds, vector_));
  if (ids.find(std::string(SpanId::kSize, '\0')) == ids.npos) return rows;
  // Rows without their parent here have the ids, in their order.
  const auto& templates = scan_.metadata_->templates[static_cast<size_t>(Table::Span)];
  SPOOR_ASSIGN(auto depths, group_.fixed(FixedColumn::Depth, vector_));
  SPOOR_ASSIGN(codes_, group_.templates(Table::Span, vector_));
  size_t place = 0;
  for (size_t row = 0; row < codes_.size(); ++row) {
    bool has_id =
        depths[row] == 0 && templates[static_cast<size_t>(codes_[row])].shape.names_parent != 0;
    if (!has_id) continue;
    if (place == ids.size()) return damaged("too few parent ids");
    if (SpanId::from_bytes(ids.substr(place, SpanId::kSize)).is_zero()) rows.set(row);
    place += SpanId::kSize;
  }
  return rows;
}

Result<RowMask> VectorScan::trace_leaf(const LeafLook& look, const RowMask& open) {
  const Predicate& predicate = look.leaf->predicate;
  const bool is_of_root = look.leaf->target != Target::TraceDuration;
  const bool of_none = is_of_root && predicate.text({});
  SPOOR_ASSIGN(auto traces, starts_.traces().of(vector_));
  auto matches = [&](const RowTrace& trace) {
    if (trace.is_undecided) return true;
    if (!is_of_root) return predicate.integer(static_cast<int64_t>(trace.duration));
    return trace.root == RowTrace::kNoRoot ? of_none : look.of_root[trace.root] != 0;
  };
  RowMask rows = rows_of_traces(traces, vector_ * store::kVectorRows, open.rows(), matches);
  return rows &= open;
}

Result<RowMask> VectorScan::start_leaf(const LeafLook& look, const RowMask& open) {
  SPOOR_ASSIGN(auto starts, starts_.of(vector_));
  RowMask rows(open.rows());
  open.for_each([&](size_t row) {
    if (look.leaf->predicate.integer(static_cast<int64_t>(starts[row]))) rows.set(row);
  });
  return rows;
}

Status VectorScan::column_rows(const Leaf& leaf, const TableLook::Column& column,
                               std::span<const int64_t> codes, const RowMask& open,
                               RowMask& result) {
  // take(place) tells whether the value at the place matches; every row's values are stepped over.
  Status status;
  auto walk = [&](size_t count, const auto& matches) -> Status {
    size_t place = 0;
    for (size_t row = 0; row < codes.size(); ++row) {
      uint32_t values = column.values[static_cast<size_t>(codes[row])];
      if (values == 0) continue;
      if (place + values > count) return damaged("a column has too few values");
      if (open.has(row)) {
        for (uint32_t i = 0; i < values; ++i) {
          if (matches(place + i)) result.set(row);
        }
      }
      place += values;
    }
    return status;
  };
  store::PageType type = scan_.metadata_->page_type(column.column);
  if (type == store::PageType::Double) {
    SPOOR_ASSIGN(auto values, group_.doubles(column.column, vector_));
    return walk(values.size(), [&](size_t i) { return leaf.predicate.number(values[i]); });
  }
  auto text_matches = [&](std::string_view text) {
    if (column.type == ValueType::String) return leaf.predicate.text(text);
    if (column.type == ValueType::Bytes && !column.is_list) {
      return leaf.predicate.value(Value::of_bytes(text));
    }
    Arena arena;
    ByteReader reader(text);
    Result<bool> matched = [&]() -> Result<bool> {
      if (column.is_list) return matches_encoded_list(leaf, text);
      SPOOR_ASSIGN(Value value, store::decode_value(reader, arena));
      return leaf.predicate.value(value);
    }();
    if (!matched.ok()) status = matched.status();
    return matched.ok() && *matched;
  };
  if (type == store::PageType::Text) {
    auto sought = leaf.predicate.required_text();
    if (sought && column.type == ValueType::String) {
      SPOOR_ASSIGN(bool may_contain, group_.may_contain(column.column, vector_, *sought));
      if (!may_contain) return {};
    }
    SPOOR_ASSIGN(auto values, group_.texts(column.column, vector_));
    return walk(values.size(), [&](size_t i) { return text_matches(values[i]); });
  }
  SPOOR_ASSIGN(auto values, group_.integers(column.column, vector_));
  if (column.type == ValueType::Int) {
    return walk(values.size(), [&](size_t i) { return leaf.predicate.integer(values[i]); });
  }
  if (column.type == ValueType::Bool) {
    return walk(values.size(), [&](size_t i) { return leaf.predicate.boolean(values[i] != 0); });
  }
  const auto& dictionary = scan_.metadata_->dictionaries[column.column - store::kFixedColumns];
  for (int64_t code : values) {
    if (static_cast<uint64_t>(code) >= dictionary.size()) return damaged("unknown dictionary code");
  }
  return walk(values.size(), [&](size_t i) {
    size_t code = static_cast<size_t>(values[i]);
    return column.of_code.empty() ? text_matches(dictionary[code]) : column.of_code[code] != 0;
  });
}

Result<std::vector<uint32_t>> VectorScan::child_counts(Table table) {
  const auto& metadata = *scan_.metadata_;
  const auto& templates = metadata.templates[static_cast<size_t>(Table::Span)];
  FieldKind kind = table == Table::Event ? FieldKind::EventCount : FieldKind::LinkCount;
  std::vector<uint32_t> counts(codes_.size());
  // Counts that are values lie in one column; the shape has the field at most once.
  std::span<const int64_t> values;
  size_t place = 0;
  for (uint32_t c = 0; c < metadata.columns.size(); ++c) {
    if (metadata.columns[c].kind != kind || metadata.columns[c].table != Table::Span) continue;
    SPOOR_ASSIGN(values, group_.integers(store::kFixedColumns + c, vector_));
  }
  for (size_t row = 0; row < codes_.size(); ++row) {
    const Template& entry = templates[static_cast<size_t>(codes_[row])];
    size_t field = kind == FieldKind::EventCount ? entry.shape.event_count_field
                                                 : entry.shape.link_count_field;
    if (field == store::Shape::kNoField) continue;
    int64_t count = 0;
    if (entry.fields[field].kind == TemplateField::Kind::Column) {
      if (place == values.size()) return damaged("a column has too few values");
      count = values[place++];
    } else if (entry.fields[field].constant.type() == ValueType::Int) {
      count = entry.fields[field].constant.as_int();
    }
    if (count < 0 || count > std::numeric_limits<uint32_t>::max()) return damaged("bad count");
    counts[row] = static_cast<uint32_t>(count);
  }
  return counts;
}

Result<RowMask> VectorScan::child_leaf(const LeafLook& look, Table table, const RowMask& open) {
  SPOOR_ASSIGN(std::vector<uint32_t> counts, child_counts(table));
  SPOOR_ASSIGN(auto codes, group_.templates(table, vector_));
  uint64_t total = 0;
  for (uint32_t count : counts) total += count;
  if (total != codes.size()) return damaged("children of a vector and their counts disagree");

  RowMask children(codes.size()), undecided(codes.size());
  size_t child = 0;
  for (size_t row = 0; row < counts.size(); ++row) {
    for (uint32_t i = 0; i < counts[row]; ++i, ++child) {
      Verdict verdict = look.children.verdicts[static_cast<size_t>(codes[child])];
      if (!open.has(row) || verdict == Verdict::No) continue;
      if (verdict == Verdict::Yes) children.set(child);
      if (verdict == Verdict::Look) undecided.set(child);
    }
  }
  if (!undecided.empty()) {
    for (const TableLook::Column& column : look.children.columns) {
      SPOOR_TRY(column_rows(*look.leaf, column, codes, undecided, children));
    }
  }
  RowMask rows(open.rows());
  child = 0;
  for (size_t row = 0; row < counts.size(); ++row) {
    for (uint32_t i = 0; i < counts[row]; ++i, ++child) {
      if (children.has(child)) rows.set(row);
    }
  }
  return rows;
}

}  // namespace spoor::query
