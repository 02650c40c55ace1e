#include "query/metrics_table.h"

namespace spoor::query {

MetricsCells& MetricsTable::cells(std::string_view key) {
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    auto group = std::make_unique<MetricsGroup>(
        MetricsGroup{MetricsCells(plan_.cell_kind(), intervals_.count()), {}});
    found = groups_.emplace(key, std::move(group)).first;
    key_bytes_ += key.size();
  }
  return found->second->cells;
}

void MetricsTable::add(MetricsTable&& other) {
  if (groups_.empty()) {
    groups_ = std::move(other.groups_);
    key_bytes_ = other.key_bytes_;
    return;
  }
  for (const auto& [key, group] : other.groups_) cells(key).add(group->cells);
}

std::vector<std::pair<MetricsKey, MetricsCells>> MetricsTable::take_cells() {
  std::vector<std::pair<MetricsKey, MetricsCells>> taken;
  taken.reserve(groups_.size());
  for (auto& [key, group] : groups_) taken.emplace_back(key, std::move(group->cells));
  groups_.clear();
  key_bytes_ = 0;
  return taken;
}

void MetricsTable::add_sample(std::string_view key, const MetricsSample& sample) {
  auto found = groups_.find(key);
  if (found != groups_.end()) found->second->samples.push_back(sample);
}

Status MetricsTable::check_groups() const {
  if (groups_.size() <= kMetricsGroupsMax) return {};
  std::string way_out = "; group by fields with fewer values";
  if (plan_.is_extrapolated()) way_out += ", or leave out extrapolate";
  return resource_exhausted("the query makes more than " + std::to_string(kMetricsGroupsMax) +
                            " series" + way_out);
}

uint64_t MetricsTable::size_bytes() const {
  uint64_t bytes = key_bytes_;
  for (const auto& [key, group] : groups_) bytes += group->cells.size_bytes() + 128;
  return bytes;
}

Result<std::vector<MetricsSeries>> MetricsTable::finish(Arena& arena, QueryContext& context) const {
  std::vector<std::pair<std::string_view, const MetricsGroup*>> groups;
  groups.reserve(groups_.size());
  for (const auto& [key, group] : groups_) groups.emplace_back(key, group.get());
  return make_series(plan_, intervals_, groups, arena, context);
}

}  // namespace spoor::query
