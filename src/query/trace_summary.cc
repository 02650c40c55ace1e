#include "query/trace_summary.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/assert.h"
#include "query/section_summaries.h"
#include "query/work_sharing.h"
#include "store/limits.h"

namespace spoor::query {

TraceSummary summarize(const TraceId& id, const SpanBatch& batch) {
  TraceSummary summary;
  summary.id = id;
  std::unordered_set<std::string_view> ids;
  for (const Span& span : batch.spans) ids.insert(span.span_id);
  std::map<std::string_view, TraceSummary::Service> services;
  const Span* root = nullptr;
  for (const Span& span : batch.spans) {
    std::string_view service = batch.resources[span.resource].service_name();
    bool is_error = span.status.code == kStatusError;
    TraceSummary::Service& of_service = services[service];
    ++of_service.span_count;
    of_service.error_count += is_error;
    summary.error_count += is_error;
    if (!span.has_parent()) {
      if (root == nullptr || span.start < root->start) root = &span;
    } else if (!ids.contains(span.parent_span_id)) {
      ++summary.orphan_count;
    }
    if (summary.span_count++ == 0) summary.start = span.start, summary.end = span.end;
    summary.start = std::min(summary.start, span.start);
    summary.end = std::max(summary.end, span.end);
  }
  if (root != nullptr) {
    summary.has_root = true;
    summary.root_service = batch.resources[root->resource].service_name();
    summary.root_name = root->name;
  }
  for (auto& [name, service] : services) {
    service.name = name;
    summary.services.push_back(std::move(service));
  }
  return summary;
}

Result<Summaries> summarize(const store::Snapshot& snapshot, const std::vector<TraceHit>& hits,
                            QueryContext& context) {
  std::vector<std::optional<TraceSummary>> summaries(hits.size());
  std::map<store::SectionReader*, std::vector<SummaryPlace>> by_section;
  Summaries result;
  result.missing = snapshot.missing;
  for (size_t i = 0; i < hits.size(); ++i) {
    std::vector<std::string> missing;  // told when the spans are read
    auto only = store::locate_trace(snapshot, hits[i].id, nullptr, missing).only;
    if (only) by_section[only->section].push_back({only->place, i});
  }
  for (auto& [section, places] : by_section) {
    // What a section cannot tell is worked out from the spans below.
    (void)summarize_places(*section, places, summaries);
  }
  for (size_t i = 0; i < hits.size(); ++i) {
    if (context.cancelled()) return cancelled("the query was cancelled");
    if (!summaries[i]) {
      store::FoundTrace found = store::find_trace(snapshot, hits[i].id);
      result.missing.insert(result.missing.end(), found.missing.begin(), found.missing.end());
      if (found.batch.spans.empty()) continue;
      summaries[i] = summarize(hits[i].id, found.batch);
    }
    result.traces.push_back(std::move(*summaries[i]));
  }
  std::ranges::sort(result.missing);
  result.missing.erase(std::ranges::unique(result.missing).begin(), result.missing.end());
  return result;
}

namespace {

// So many rows are worth a thread of their own; fewer are read together.
constexpr uint64_t kRowsPerSlice = 512;
// To read pages that the trace before did not need takes as long as so many rows.
constexpr uint64_t kRowsPerPlace = 160;

// Whether both lie in the same pages.
bool are_near(const HitPlace& a, const HitPlace& b) {
  return a.section == b.section &&
         a.first_row / store::kVectorRows == b.first_row / store::kVectorRows;
}

// Where the slices of the traces end.
std::vector<size_t> slice_ends(std::span<const HitPlace> places, size_t traces_max) {
  std::vector<size_t> ends;
  size_t begin = 0;
  uint64_t rows = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    // Nothing is known of one that must be looked for.
    rows += places[i].section != nullptr ? places[i].rows : kRowsPerSlice / traces_max;
    if (i > begin && !are_near(places[i - 1], places[i])) rows += kRowsPerPlace;
    if (i + 1 - begin < traces_max && rows < kRowsPerSlice && i + 1 < places.size()) continue;
    ends.push_back(i + 1);
    begin = i + 1;
    rows = 0;
  }
  return ends;
}

}  // namespace

Status load(const store::Snapshot& snapshot, std::span<const TraceHit> hits,
            std::span<const HitPlace> places, const TraceReading& reading, QueryContext& context,
            const TakeTraces& take) {
  SPOOR_ASSERT(hits.size() == places.size());
  const std::vector<size_t> ends = slice_ends(places, reading.traces_per_slice);
  return share_work(ends.size(), context, [&](size_t slice) -> Status {
    const size_t first = slice == 0 ? 0 : ends[slice - 1];
    std::vector<store::WantedTrace> wanted;
    for (size_t i = first; i < ends[slice]; ++i) {
      wanted.push_back({hits[i].id, places[i].fragment(hits[i])});
    }
    std::vector<store::FoundTrace> traces =
        store::find_traces(snapshot, wanted, reading.projection);
    return take(first, traces);
  });
}

}  // namespace spoor::query
