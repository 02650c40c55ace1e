#include "query/whole_traces.h"

#include <algorithm>
#include <utility>

#include "query/work_sharing.h"

namespace spoor::query {
namespace {

std::vector<TraceId> traces_of_head(const store::Snapshot& snapshot) {
  std::vector<TraceId> ids;
  for (const auto& shard : snapshot.shards) {
    const store::HeadView view = shard->view();
    std::vector<uint8_t> visible;
    for (store::LogPosition position : view.batches) visible.push_back(snapshot.visible(position));
    for (const store::HeadView::Chunk& chunk : view.chunks) {
      std::string_view rest(chunk.rows, chunk.bytes);
      while (!rest.empty()) {
        store::HeadView::Row row = store::HeadView::next_row(rest);
        // Spans of a trace often lie one behind another.
        bool is_known = !ids.empty() && ids.back() == row.header.trace_id;
        if (!is_known && visible[row.header.batch]) ids.push_back(row.header.trace_id);
      }
    }
  }
  std::ranges::sort(ids, [](const TraceId& a, const TraceId& b) {
    return std::pair(a.hash(), a) < std::pair(b.hash(), b);
  });
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

}  // namespace

bool has_row_within(const DividedRows& rows, uint64_t first, uint64_t end) {
  auto found = std::ranges::lower_bound(rows, first);
  return found != rows.end() && *found < end;
}

const std::vector<TraceId>& WholeTraces::of_head() {
  MutexLock lock(mutex_);
  if (!has_head_) {
    of_head_ = traces_of_head(snapshot_);
    has_head_ = true;
    size_bytes_ += of_head_.size() * sizeof(TraceId);
  }
  return of_head_;
}

Status WholeTraces::compare_sections(QueryContext& context) {
  MutexLock lock(comparing_);
  if (std::exchange(are_compared_, true)) return {};
  const auto& sections = snapshot_.sections;
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0; i < sections.size(); ++i) {
    for (size_t j = i + 1; j < sections.size(); ++j) pairs.emplace_back(i, j);
  }
  // The last to be done should be short.
  std::ranges::stable_sort(pairs, std::ranges::greater(), [&](const auto& pair) {
    return std::min(sections[pair.first]->footer().traces, sections[pair.second]->footer().traces);
  });
  return share_work(pairs.size(), context, [&](size_t i) -> Status {
    auto [first, second] = pairs[i];
    if (context.cancelled()) return cancelled("the query was cancelled");
    Status unread = sections[first]->traces_shared_with(*sections[second]).status();
    static_cast<void>(unread);
    return {};
  });
}

Result<std::shared_ptr<const DividedRows>> WholeTraces::divided(store::SectionReader& section) {
  DividedRows rows;
  for (const auto& other : snapshot_.sections) {
    if (other.get() == &section) continue;
    // Of a section that cannot be read nobody counts rows: the answer says so.
    auto shared = section.traces_shared_with(*other);
    if (shared.ok()) rows.insert(rows.end(), (*shared)->begin(), (*shared)->end());
  }
  SPOOR_TRY(section.locate_all(
      of_head(), [&](size_t, const store::TracePlace& place) { rows.push_back(place.first_row); }));
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  size_bytes_ += rows.size() * sizeof(rows.front());
  return std::make_shared<const DividedRows>(std::move(rows));
}

}  // namespace spoor::query
