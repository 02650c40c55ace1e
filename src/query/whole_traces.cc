#include "query/whole_traces.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "query/work_sharing.h"

namespace spoor::query {
namespace {

std::vector<TraceId> traces_of_head(const store::Snapshot& snapshot) {
  std::vector<TraceId> ids;
  visit_head(snapshot, [&](const store::HeadView&, const store::HeadView::Row& row) {
    // Spans of a trace often lie one behind another.
    bool is_known = !ids.empty() && ids.back() == row.header.trace_id;
    if (!is_known) ids.push_back(row.header.trace_id);
  });
  std::ranges::sort(ids, [](const TraceId& a, const TraceId& b) {
    return std::pair(a.hash(), a) < std::pair(b.hash(), b);
  });
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

void append(const DividedRows& more, DividedRows& rows) {
  rows.insert(rows.end(), more.begin(), more.end());
}

}  // namespace

bool has_row_within(const DividedRows& rows, uint64_t first, uint64_t end) {
  auto found = std::ranges::lower_bound(rows, first);
  return found != rows.end() && *found < end;
}

Status WholeTraces::compare(QueryContext& context) {
  MutexLock lock(comparing_);
  if (are_compared_) return {};
  SPOOR_TRY(compare_sections(context));
  SPOOR_TRY(compare_head(context));
  finish();
  are_compared_ = true;
  return {};
}

Status WholeTraces::compare_head(QueryContext& context) {
  of_head_ = traces_of_head(snapshot_);
  is_divided_of_head_.assign(of_head_.size(), 0);
  struct Found {
    std::vector<size_t> of_head;
    DividedRows rows;
    Status status;
  };
  std::vector<Found> found(snapshot_.sections.size());
  SPOOR_TRY(share_work(found.size(), context, [&](size_t i) -> Status {
    if (context.cancelled()) return cancelled("the query was cancelled");
    auto take = [&](size_t trace, const store::TracePlace& place) {
      found[i].of_head.push_back(trace);
      found[i].rows.push_back(place.first_row);
    };
    found[i].status = snapshot_.sections[i]->locate_all(of_head_, take);
    return {};
  }));
  for (size_t i = 0; i < found.size(); ++i) {
    note_missing(found[i].status);
    for (size_t trace : found[i].of_head) is_divided_of_head_[trace] = 1;
    append(found[i].rows, divided_[snapshot_.sections[i].get()]);
  }
  return {};
}

Status WholeTraces::compare_sections(QueryContext& context) {
  const auto& sections = snapshot_.sections;
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = 0; i < sections.size(); ++i) {
    for (size_t j = i + 1; j < sections.size(); ++j) pairs.emplace_back(i, j);
  }
  // The last to be done should be short.
  std::ranges::stable_sort(pairs, std::ranges::greater(), [&](const auto& pair) {
    return std::min(sections[pair.first]->footer().traces, sections[pair.second]->footer().traces);
  });
  using Rows = std::shared_ptr<const DividedRows>;
  struct Shared {
    Rows of_first, of_second;
    Status status;
  };
  std::vector<Shared> shared(pairs.size());
  SPOOR_TRY(share_work(pairs.size(), context, [&](size_t i) -> Status {
    if (context.cancelled()) return cancelled("the query was cancelled");
    store::SectionReader& first = *sections[pairs[i].first];
    store::SectionReader& second = *sections[pairs[i].second];
    shared[i].status = [&]() -> Status {
      SPOOR_ASSIGN(shared[i].of_first, first.traces_shared_with(second));
      SPOOR_ASSIGN(shared[i].of_second, second.traces_shared_with(first));
      return {};
    }();
    return {};
  }));
  for (size_t i = 0; i < pairs.size(); ++i) {
    note_missing(shared[i].status);
    if (!shared[i].status.ok()) continue;
    append(*shared[i].of_first, divided_[sections[pairs[i].first].get()]);
    append(*shared[i].of_second, divided_[sections[pairs[i].second].get()]);
  }
  return {};
}

void WholeTraces::note_missing(const Status& status) {
  if (!status.ok()) missing_.emplace_back(status.message());
}

void WholeTraces::finish() {
  size_bytes_ = of_head_.size() * (sizeof(TraceId) + 1);
  for (const auto& section : snapshot_.sections) {
    DividedRows& rows = divided_[section.get()];
    std::ranges::sort(rows);
    rows.erase(std::ranges::unique(rows).begin(), rows.end());
    size_bytes_ += rows.size() * sizeof(rows.front());
  }
}

}  // namespace spoor::query
