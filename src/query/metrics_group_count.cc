#include "query/metrics_group_count.h"

#include <algorithm>

#include "query/leaf_fields.h"
#include "store/limits.h"

namespace spoor::query {

MetricsGroupCount::MetricsGroupCount(store::SectionReader& section, const SectionScan& scan,
                                     const MetricsColumns& columns, const MetricsPlan& plan,
                                     const MetricsIntervals& intervals, size_t group)
    : section_(section),
      scan_(scan),
      columns_(columns),
      plan_(plan),
      intervals_(intervals),
      group_(group),
      first_row_(section.footer().first_row_of(group)),
      walk_(section),
      templates_(columns.templates().size()) {
  const store::RowGroupRef& place = section.footer().row_groups[group];
  UnixNanos first{std::max(place.start_min, intervals.first().value)};
  UnixNanos last{std::min(place.end_max, intervals.last().value)};
  last = std::max(first, last);
  first_ = first;
  first_interval_ = intervals.of(first);
  interval_count_ = intervals.of(last) - first_interval_ + 1;
}

// No row starts outside of the range, or in another interval than the first.
bool MetricsGroupCount::is_within() const {
  const store::RowGroupRef& place = section_.footer().row_groups[group_];
  return place.start_min >= intervals_.first().value && place.end_max <= intervals_.last().value &&
         interval_count_ == 1;
}

Result<MetricsOutcome> MetricsGroupCount::run(QueryContext& context) {
  GroupOutline outline(section_, group_);
  SPOOR_ASSIGN(GroupLook look, scan_.look_at_group(outline));
  if (look.of_every == Verdict::No) return MetricsOutcome::Counted;
  SPOOR_ASSIGN(bool is_enough, count_templates(outline, look));
  if (is_enough) return MetricsOutcome::Counted;
  SPOOR_ASSIGN(auto group, scan_.open_group(group_));
  RowStarts starts(section_, scan_, group_);
  bool has_lists = false;
  for (size_t code = 0; code < look.possible.size(); ++code) {
    has_lists |= look.possible[code] != Verdict::No && columns_.list_column(code).has_value();
  }
  for (uint32_t vector = 0; vector < group->vectors(); ++vector) {
    if (context.cancelled()) return cancelled("the query was cancelled");
    if (!look.may_match(vector)) continue;
    if (has_lists) SPOOR_TRY(check_lists(*group, look, vector));
    if (!is_possible_) return MetricsOutcome::NotPossible;
    SPOOR_ASSIGN(RowMask rows, scan_.match(*group, look, vector, starts));
    if (rows.empty() && !scan_.may_invert_traces()) continue;
    SPOOR_ASSIGN(MetricsOutcome outcome, count_vector(*group, vector, std::move(rows), starts));
    if (outcome == MetricsOutcome::NotPossible) return outcome;
  }
  return MetricsOutcome::Counted;
}

// Of lists that are not plain the match says nothing, neither yes nor no.
Status MetricsGroupCount::check_lists(store::RowGroupReader& group, const GroupLook& look,
                                      uint32_t vector) {
  MetricsRows values(columns_, group, scan_.root_texts());
  SPOOR_TRY(values.begin(vector));
  for (size_t row = 0; row < values.codes().size() && is_possible_; ++row) {
    auto code = static_cast<size_t>(values.codes()[row]);
    std::optional<size_t> column = columns_.list_column(code);
    if (!column || look.possible[code] == Verdict::No) continue;
    SPOOR_ASSIGN(is_possible_, values.is_plain_list(*column, row));
  }
  return {};
}

Result<bool> MetricsGroupCount::count_templates(GroupOutline& outline, const GroupLook& look) {
  if (look.is_open || !is_within() || plan_.cell_kind() != MetricsCellKind::Count) return false;
  SPOOR_ASSIGN(auto templates, outline.templates(columns_.metadata()));
  for (const store::GroupTemplate& entry : templates) {
    if (look.possible[entry.code] == Verdict::No) continue;
    TemplateGroups& groups = templates_[entry.code];
    if (groups.kind == TemplateGroups::Kind::NotLookedAt) groups = look_at(entry.code);
    if (groups.kind != TemplateGroups::Kind::One) return false;
  }
  for (const store::GroupTemplate& entry : templates) {
    if (look.possible[entry.code] == Verdict::No) continue;
    key_.clear();
    for (size_t field = 0; field < plan_.key_fields().size(); ++field) {
      append_metrics_key(key_, columns_.place(field, entry.code).constant);
    }
    cells_[group_of(key_)].add_count(0, entry.rows);
    spans_ += entry.rows;
  }
  return true;
}

MetricsGroupCount::TemplateGroups MetricsGroupCount::look_at(size_t template_code) const {
  using Kind = TemplateGroups::Kind;
  TemplateGroups groups;
  groups.kind = Kind::One;
  for (size_t field = 0; field < plan_.key_fields().size(); ++field) {
    const MetricsColumns::Place& place = columns_.place(field, template_code);
    if (place.kind == FieldPlace::Kind::Constant) continue;
    if (groups.kind != Kind::One) {
      groups.kind = Kind::ByValues;
      return groups;
    }
    groups.kind = Kind::ByValues;
    if (place.kind == FieldPlace::Kind::Resource) groups.kind = Kind::ByResource;
    if (place.kind == FieldPlace::Kind::Root) groups.kind = Kind::ByRoot;
    bool is_value = place.kind == FieldPlace::Kind::Value;
    if (is_value && columns_.columns()[place.column].has_dictionary) {
      groups.kind = Kind::ByCode;
      groups.column = place.column;
    }
  }
  return groups;
}

uint32_t MetricsGroupCount::group_of(const MetricsKey& key) {
  auto [place, is_new] = groups_.try_emplace(key, static_cast<uint32_t>(cells_.size()));
  if (is_new) {
    cells_.emplace_back(plan_.cell_kind(), interval_count_);
    keys_.push_back(key);
  }
  return place->second;
}

Result<uint32_t> MetricsGroupCount::group_by_values(MetricsRows& rows, size_t row) {
  key_.clear();
  for (size_t field = 0; field < plan_.key_fields().size(); ++field) {
    SPOOR_ASSIGN(std::optional<TypedValue> value, rows.value(field, row));
    if (!value) return kUnknown;
    append_metrics_key(key_, *value);
  }
  return group_of(key_);
}

Status MetricsGroupCount::leave_undecided(uint32_t vector, std::span<const RowTrace> traces,
                                          RowMask& rows) {
  const size_t first = vector * store::kVectorRows;
  auto is_undecided = [](const RowTrace& trace) { return trace.is_undecided; };
  if (std::ranges::none_of(traces, is_undecided)) return {};
  for (const RowTrace& trace : traces) {
    if (!trace.is_undecided) continue;
    size_t begin = trace.begin < first ? 0 : trace.begin - first;
    size_t end = std::min(trace.end - first, rows.rows());
    // What the condition says of them is right only where none of its parts is turned round.
    if (!scan_.may_invert_traces() && !rows.has_any(begin, end)) continue;
    SPOOR_ASSIGN(store::TracePlace place, walk_.trace_of(first_row_ + trace.begin));
    bool is_known = !undecided_.empty() && undecided_.back().first_row == place.first_row;
    if (!is_known) undecided_.push_back(place);
  }
  RowMask of_undecided = rows_of_traces(traces, first, rows.rows(), is_undecided);
  rows.subtract(of_undecided);
  return {};
}

Status MetricsGroupCount::find_intervals(std::span<const uint64_t> starts) {
  size_t kept = 0;
  // Of the interval of the row before.
  uint64_t first = 1, last = 0;
  size_t interval = 0;
  for (uint32_t row : rows_) {
    uint64_t start = starts[row];
    if (start < first || start > last) {
      if (!intervals_.contains({start})) continue;
      size_t number = intervals_.of({start});
      interval = number - first_interval_;
      if (interval >= interval_count_) {
        return data_loss(section_.file().path() + ": row group: a row is outside of its times");
      }
      last = intervals_.end_of(number).value;
      first = number == 0 ? intervals_.first().value : intervals_.end_of(number - 1).value + 1;
    }
    rows_[kept] = row;
    interval_of_[kept++] = static_cast<uint32_t>(interval);
  }
  rows_.resize(kept);
  return {};
}

Result<bool> MetricsGroupCount::find_intervals_of_traces(uint32_t vector, uint64_t start_spread) {
  const uint64_t first_row = first_row_ + vector * store::kVectorRows;
  kept_rows_.clear();
  // Of the trace in hand.
  uint64_t end_row = 0;
  std::optional<size_t> interval;
  for (uint32_t row : rows_) {
    if (first_row + row >= end_row) {
      SPOOR_ASSIGN(store::TracePlace trace, walk_.trace_of(first_row + row));
      end_row = trace.first_row + trace.rows;
      UnixNanos earliest{trace.start};
      UnixNanos latest{trace.start + std::min(start_spread, ~uint64_t{0} - trace.start)};
      bool is_outside =
          latest.value < intervals_.first().value || earliest.value > intervals_.last().value;
      bool is_inside = intervals_.contains(earliest) && intervals_.contains(latest);
      if (!is_outside && !is_inside) return false;
      interval.reset();
      if (is_inside) {
        interval = intervals_.of(earliest);
        if (intervals_.of(latest) != *interval) return false;
      }
    }
    if (!interval) continue;
    if (*interval - first_interval_ >= interval_count_) return false;
    interval_of_[kept_rows_.size()] = static_cast<uint32_t>(*interval - first_interval_);
    kept_rows_.push_back(row);
  }
  rows_.swap(kept_rows_);
  return true;
}

Status MetricsGroupCount::find_groups(MetricsRows& values) {
  using Kind = TemplateGroups::Kind;
  group_of_.resize(rows_.size());
  if (rows_.empty()) return {};
  if (plan_.key_fields().empty()) {
    std::ranges::fill(group_of_, group_of({}));
    return {};
  }
  std::span<const int64_t> codes = values.codes();
  std::span<const int64_t> resources;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const uint32_t row = rows_[i];
    TemplateGroups& groups = templates_[static_cast<size_t>(codes[row])];
    group_of_[i] = groups.one;
    if (groups.one != kUnknown) continue;
    if (groups.kind == Kind::NotLookedAt) {
      groups = look_at(static_cast<size_t>(codes[row]));
    }
    uint64_t entry = 0;
    if (groups.kind == Kind::ByResource) {
      if (resources.empty()) {
        SPOOR_ASSIGN(resources, values.resources());
      }
      entry = static_cast<uint64_t>(resources[row]);
    } else if (groups.kind == Kind::ByRoot) {
      uint32_t root = values.trace(row).root;
      entry = root == RowTrace::kNoRoot ? 0 : uint64_t{root} + 1;
    } else if (groups.kind == Kind::ByCode) {
      SPOOR_ASSIGN(const MetricsRows::Read* read, values.read(groups.column));
      entry = static_cast<uint64_t>(read->integers[read->places[row]]);
    }
    if (entry < groups.of.size() && groups.of[entry] != kUnknown) {
      group_of_[i] = groups.of[entry];
      continue;
    }
    SPOOR_ASSIGN(uint32_t found, group_by_values(values, row));
    group_of_[i] = found;
    is_possible_ = is_possible_ && found != kUnknown;
    if (groups.kind == Kind::One) groups.one = found;
    if (groups.kind == Kind::ByValues || groups.kind == Kind::One) continue;
    // The value was there, so the entry is one of the section's.
    if (entry >= groups.of.size()) groups.of.resize(entry + 1, kUnknown);
    groups.of[entry] = found;
  }
  return {};
}

// Keeps the rows whose number counts, and those numbers.
Status MetricsGroupCount::find_numbers(MetricsRows& values) {
  const size_t field = plan_.key_fields().size();
  numbers_.resize(rows_.size());
  size_t kept = 0;
  codes_.resize(is_in_buckets() ? rows_.size() : 0);
  auto keep = [&](size_t i, const TypedValue& value) {
    if (is_in_buckets()) {
      auto code = plan_.buckets().code_of(value);
      if (!code) return;
      codes_[kept] = *code;
    } else if (!MetricsCells::counts(plan_, value)) {
      return;
    }
    rows_[kept] = rows_[i];
    interval_of_[kept] = interval_of_[i];
    numbers_[kept++] = value;
  };
  if (plan_.aggregate().field == traceql::Field::of(traceql::Intrinsic::Duration)) {
    SPOOR_ASSIGN(auto durations, values.durations());
    for (size_t i = 0; i < rows_.size(); ++i) {
      int64_t nanos = duration_of(static_cast<uint64_t>(durations[rows_[i]]));
      keep(i, TypedValue::whole(traceql::Type::Duration, nanos));
    }
  } else {
    for (size_t i = 0; i < rows_.size(); ++i) {
      SPOOR_ASSIGN(std::optional<TypedValue> value, values.value(field, rows_[i]));
      is_possible_ = is_possible_ && value.has_value();
      if (value) keep(i, *value);
    }
  }
  rows_.resize(kept);
  return {};
}

Result<MetricsOutcome> MetricsGroupCount::count_vector(store::RowGroupReader& group,
                                                       uint32_t vector, RowMask rows,
                                                       RowStarts& starts) {
  std::span<const RowTrace> traces;
  if (scan_.trace_needs().any()) {
    SPOOR_ASSIGN(traces, starts.traces().of(vector));
    SPOOR_TRY(leave_undecided(vector, traces, rows));
  }
  rows_.clear();
  rows.for_each([&](size_t row) { rows_.push_back(static_cast<uint32_t>(row)); });
  interval_of_.assign(rows_.size(), 0);
  if (!is_within()) {
    bool is_known = false;
    if (auto spread = group.start_spread(vector)) {
      SPOOR_ASSIGN(is_known, find_intervals_of_traces(vector, *spread));
    }
    if (!is_known) {
      SPOOR_ASSIGN(auto of_vector, starts.of(vector));
      SPOOR_TRY(find_intervals(of_vector));
    }
  }
  const bool has_field = plan_.aggregate().field.has_value();
  MetricsRows values(columns_, group, scan_.root_texts());
  if (has_field || !plan_.key_fields().empty()) SPOOR_TRY(values.begin(vector, traces));
  if (has_field) SPOOR_TRY(find_numbers(values));
  SPOOR_TRY(find_groups(values));
  if (!is_possible_) return MetricsOutcome::NotPossible;
  spans_ += rows_.size();
  if (!has_field) {
    for (size_t i = 0; i < rows_.size(); ++i) cells_[group_of_[i]].add_count(interval_of_[i], 1);
    return MetricsOutcome::Counted;
  }
  for (size_t i = 0; i < rows_.size(); ++i) {
    MetricsCells& cells = cells_[group_of_[i]];
    if (is_in_buckets()) {
      cells.add_bucket(interval_of_[i], codes_[i], 1);
    } else {
      cells.add(plan_, interval_of_[i], numbers_[i]);
    }
  }
  return MetricsOutcome::Counted;
}

CountedPiece MetricsGroupCount::take() {
  CountedPiece piece;
  piece.first = first_;
  piece.spans = spans_;
  piece.groups.reserve(cells_.size());
  for (size_t i = 0; i < cells_.size(); ++i) {
    piece.groups.emplace_back(std::move(keys_[i]), std::move(cells_[i]));
  }
  return piece;
}

}  // namespace spoor::query
