#include "query/federated_search.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/assert.h"
#include "store/distinct_spans.h"

namespace spoor::query {
namespace {

template <typename T>
void append(std::vector<T>& target, std::vector<T>& more) {
  target.insert(target.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

void add_services(TraceSummary& summary, const TraceSummary& other) {
  for (const TraceSummary::Service& service : other.services) {
    auto place =
        std::ranges::lower_bound(summary.services, service.name, {}, &TraceSummary::Service::name);
    bool is_known = place != summary.services.end() && place->name == service.name;
    if (!is_known) place = summary.services.insert(place, {service.name, 0, 0});
    place->span_count += service.span_count;
    place->error_count += service.error_count;
  }
}

// The same trace as another tenant has it.
void add(TraceqlMatch& match, TraceqlMatch& other) {
  TraceSummary& summary = match.summary;
  if (!summary.has_root && other.summary.has_root) {
    summary.has_root = true;
    summary.root_service = other.summary.root_service;
    summary.root_name = other.summary.root_name;
  }
  summary.end = std::max(summary.end, other.summary.end);
  summary.span_count += other.summary.span_count;
  summary.error_count += other.summary.error_count;
  summary.orphan_count += other.summary.orphan_count;
  add_services(summary, other.summary);
  append(match.spansets, other.spansets);
}

// Both in order; so is the result.
std::vector<TraceqlMatch> merged(std::vector<TraceqlMatch> a, std::vector<TraceqlMatch> b) {
  std::vector<TraceqlMatch> result;
  result.reserve(a.size() + b.size());
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    bool takes_b = i == a.size() || (j < b.size() && comes_before(b[j].hit(), a[i].hit()));
    if (takes_b) {
      result.push_back(std::move(b[j++]));
      continue;
    }
    if (j < b.size() && a[i].hit() == b[j].hit()) add(a[i], b[j++]);
    result.push_back(std::move(a[i++]));
  }
  return result;
}

// Of a search over one more tenant.
void take(FederatedResult& target, TraceqlResult one, size_t limit) {
  TraceqlResult& all = target.found;
  bool is_total = all.total && one.total && !all.more && !one.more;
  all.traces = merged(std::move(all.traces), std::move(one.traces));
  all.total = is_total ? std::optional<uint64_t>(all.traces.size()) : std::nullopt;
  all.more |= one.more || all.traces.size() > limit;
  if (all.traces.size() > limit) all.traces.resize(limit);
  append(all.missing, one.missing);
  all.rows_scanned += one.rows_scanned;
  all.traces_evaluated += one.traces_evaluated;
  all.spans_evaluated += one.spans_evaluated;
  target.owners.push_back(std::move(one));
}

void append(SpanBatch& batch, SpanBatch& more) {
  auto resources = static_cast<uint32_t>(batch.resources.size());
  auto scopes = static_cast<uint32_t>(batch.scopes.size());
  for (Span& span : more.spans) {
    span.resource += resources;
    span.scope += scopes;
  }
  append(batch.resources, more.resources);
  append(batch.scopes, more.scopes);
  append(batch.spans, more.spans);
  append(batch.pinned, more.pinned);
  batch.pinned.push_back(std::make_shared<Arena>(std::move(more.arena)));
}

}  // namespace

Result<FederatedResult> search(std::span<const store::Snapshot> snapshots,
                               const TraceqlRequest& request, QueryContext& context) {
  SPOOR_ASSERT(!snapshots.empty());
  FederatedResult result;
  SPOOR_ASSIGN(result.found, search(snapshots.front(), request, context));
  for (const store::Snapshot& snapshot : snapshots.subspan(1)) {
    SPOOR_ASSIGN(TraceqlResult one, search(snapshot, request, context));
    take(result, std::move(one), request.limit);
  }
  return result;
}

Result<FederatedTrace> find_trace(std::span<const store::Snapshot> snapshots, const TraceId& id,
                                  const TraceFilter* filter) {
  FederatedTrace result;
  for (const store::Snapshot& snapshot : snapshots) {
    store::FoundTrace one = store::find_trace(snapshot, id);
    result.spans += one.batch.spans.size();
    if (filter != nullptr && !one.batch.spans.empty()) {
      SPOOR_ASSIGN(FilteredTrace filtered, filter_trace(*filter, one.batch));
      result.filtered.matched += filtered.matched;
      result.filtered.kept += filtered.kept;
    }
    append(result.found.batch, one.batch);
    append(result.found.missing, one.missing);
  }
  if (snapshots.size() > 1) store::drop_repeated_spans(result.found.batch);
  return result;
}

}  // namespace spoor::query
