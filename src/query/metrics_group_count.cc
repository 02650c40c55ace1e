#include "query/metrics_group_count.h"

#include <algorithm>

#include "base/assert.h"

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
      templates_(columns.templates().size()) {
  const store::RowGroupRef& place = section.footer().row_groups[group];
  UnixNanos first{std::max(place.start_min, intervals.first().value)};
  UnixNanos last{std::min(place.end_max, intervals.last().value)};
  last = std::max(first, last);
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
  SPOOR_ASSIGN(GroupLook look, scan_.look_at_group(group_));
  if (look.of_every == Verdict::No) return MetricsOutcome::Counted;
  SPOOR_ASSIGN(bool is_enough, count_templates(look));
  if (is_enough) return MetricsOutcome::Counted;
  SPOOR_ASSIGN(auto group, scan_.open_group(group_));
  RowStarts starts(section_, scan_, group_);
  for (uint32_t vector = 0; vector < group->vectors(); ++vector) {
    if (context.cancelled()) return cancelled("the query was cancelled");
    SPOOR_ASSIGN(RowMask rows, scan_.match(*group, look, vector, starts));
    if (rows.empty()) continue;
    SPOOR_ASSIGN(MetricsOutcome outcome, count_vector(*group, vector, rows, starts));
    if (outcome == MetricsOutcome::NotPossible) return outcome;
  }
  return MetricsOutcome::Counted;
}

Result<bool> MetricsGroupCount::count_templates(const GroupLook& look) {
  if (look.is_open || !is_within() || plan_.cell_kind() != MetricsCellKind::Count) return false;
  SPOOR_ASSIGN(auto templates, section_.group_templates(columns_.metadata(), group_));
  for (const store::GroupTemplate& entry : templates) {
    if (look.possible[entry.code] == Verdict::No) continue;
    TemplateGroups& groups = templates_[entry.code];
    if (groups.kind == TemplateGroups::Kind::NotLookedAt) groups = look_at(entry.code);
    if (groups.kind != TemplateGroups::Kind::One) return false;
  }
  for (const store::GroupTemplate& entry : templates) {
    if (look.possible[entry.code] == Verdict::No) continue;
    key_.clear();
    for (size_t field = 0; field < plan_.by().size(); ++field) {
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
  for (size_t field = 0; field < plan_.by().size(); ++field) {
    const MetricsColumns::Place& place = columns_.place(field, template_code);
    if (place.kind == FieldPlace::Kind::Constant) continue;
    if (groups.kind != Kind::One) {
      groups.kind = Kind::ByValues;
      return groups;
    }
    groups.kind = Kind::ByValues;
    if (place.kind == FieldPlace::Kind::Resource) {
      const store::SectionMetadata& metadata = columns_.metadata();
      groups.kind = Kind::ByResource;
      groups.first_resource =
          metadata.first_resource_of_service[columns_.templates()[template_code].shape.service];
    }
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
  for (size_t field = 0; field < plan_.by().size(); ++field) {
    SPOOR_ASSIGN(std::optional<TypedValue> value, rows.value(field, row));
    if (!value) return kUnknown;
    append_metrics_key(key_, *value);
  }
  return group_of(key_);
}

Result<uint32_t> MetricsGroupCount::group_of(MetricsRows& rows, size_t row) {
  using Kind = TemplateGroups::Kind;
  auto code = static_cast<size_t>(rows.codes()[row]);
  TemplateGroups& groups = templates_[code];
  if (groups.kind == Kind::NotLookedAt) groups = look_at(code);
  size_t entry = 0;
  switch (groups.kind) {
    case Kind::One:
      if (groups.one == kUnknown) {
        SPOOR_ASSIGN(groups.one, group_by_values(rows, row));
      }
      return groups.one;
    case Kind::ByResource: {
      SPOOR_ASSIGN(uint32_t resource, rows.resource(row));
      entry = resource - groups.first_resource;
      break;
    }
    case Kind::ByCode: {
      SPOOR_ASSIGN(entry, rows.dictionary_code(groups.column, row));
      break;
    }
    default:
      return group_by_values(rows, row);
  }
  if (entry >= groups.of.size()) groups.of.resize(entry + 1, kUnknown);
  if (groups.of[entry] == kUnknown) {
    SPOOR_ASSIGN(groups.of[entry], group_by_values(rows, row));
  }
  return groups.of[entry];
}

Result<MetricsOutcome> MetricsGroupCount::count_vector(store::RowGroupReader& group,
                                                       uint32_t vector, const RowMask& rows,
                                                       RowStarts& starts) {
  MetricsRows values(columns_, group);
  SPOOR_TRY(values.begin(vector));
  const bool has_field = plan_.aggregate().field.has_value();
  const bool is_one_interval = is_within();
  std::span<const uint64_t> start_of;
  if (!is_one_interval) {
    SPOOR_ASSIGN(start_of, starts.of(vector));
  }
  Status status;
  bool is_known = true;
  auto count = [&](size_t row) -> Status {
    size_t interval = 0;
    if (!is_one_interval) {
      UnixNanos start{start_of[row]};
      if (!intervals_.contains(start)) return {};
      interval = intervals_.of(start) - first_interval_;
      if (interval >= interval_count_) {
        return data_loss(section_.file().path() + ": row group: a row is outside of its times");
      }
    }
    TypedValue number;
    if (has_field) {
      SPOOR_ASSIGN(std::optional<TypedValue> value, values.value(plan_.by().size(), row));
      is_known = is_known && value.has_value();
      if (!value || !MetricsCells::counts(plan_, *value)) return {};
      number = *value;
    }
    SPOOR_ASSIGN(uint32_t of, group_of(values, row));
    is_known = is_known && of != kUnknown;
    if (of == kUnknown) return {};
    cells_[of].add(plan_, interval, number);
    ++spans_;
    return {};
  };
  rows.for_each([&](size_t row) {
    if (status.ok() && is_known) status = count(row);
  });
  SPOOR_TRY(status);
  return is_known ? MetricsOutcome::Counted : MetricsOutcome::NotPossible;
}

void MetricsGroupCount::add_to(MetricsTable& table) const {
  for (size_t i = 0; i < cells_.size(); ++i) {
    table.cells(keys_[i]).add(cells_[i], first_interval_);
  }
}

}  // namespace spoor::query
