// Any query on a few traces, in a part and in the head: a search finds exactly those traces in
// which the evaluation of the whole trace finds something, and metrics on columns count the spans
// that they count on whole traces.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "base/assert.h"
#include "os/memory_world.h"
#include "query/metrics.h"
#include "query/traceql_evaluate.h"
#include "query/traceql_search.h"
#include "store/store.h"
#include "support/arbitrary_spans.h"
#include "traceql/check.h"

namespace {

using namespace spoor;

constexpr size_t kTraces = 12;

// Random traces, the first half in a part.
class Traces {
 public:
  Traces() {
    store::StoreOptions options;
    options.path = "/s";
    options.background = store::Background::Manual;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return unimplemented("nothing is replayed");
    };
    store_ = store::Store::open(world_, options).value();
    for (size_t i = 0; i < kTraces; ++i) {
      add(i);
      if (i + 1 == kTraces / 2) SPOOR_ASSERT(store_->flush().ok());
    }
    SPOOR_ASSERT(store_->sync().ok());
  }

  store::Snapshot snapshot() { return store_->snapshot(TenantId::parse("default").value()); }

  // Those in which the plan finds something; nothing where one of them is an error.
  std::optional<std::set<TraceId>> matching(const query::TraceqlPlan& plan) const {
    std::set<TraceId> ids;
    for (const auto& [id, batch] : batches_) {
      query::TraceqlTrace trace(*batch);
      auto spansets = query::evaluate(plan, trace);
      if (!spansets.ok()) return std::nullopt;
      if (!spansets->empty()) ids.insert(id);
    }
    return ids;
  }

 private:
  void add(size_t number) {
    test::ArbitraryOptions options;
    options.spans_max = 9;
    options.string_bytes_max = 20;
    options.attributes_max = 4;
    options.times = test::Times::Recent;
    auto batch = std::make_unique<SpanBatch>();
    while (batch->spans.empty()) *batch = test::arbitrary_batch(random_, options);
    TraceId id;
    id.bytes.fill(static_cast<char>(number + 1));
    uint64_t next_id = 1;
    for (Span& span : batch->spans) {
      std::string own;
      append_le(own, next_id++);
      span.span_id = batch->arena.copy(own);
      span.trace_id = batch->arena.copy(id.view());
      size_t parent = random_() % batch->spans.size();
      span.parent_span_id = next_id > 2 ? batch->spans[parent % (next_id - 2)].span_id : "";
    }
    std::string body = std::to_string(number);
    auto appended = store_->append({.tenant = TenantId::parse("default").value(),
                                    .body = body,
                                    .body_hash = hash128(body),
                                    .received = world_.now(),
                                    .batch = *batch,
                                    .refused = {}});
    SPOOR_ASSERT(appended.ok());
    batches_[id] = std::move(batch);
  }

  std::mt19937_64 random_{7};
  os::MemoryWorld world_;
  std::unique_ptr<store::Store> store_;
  std::map<TraceId, std::unique_ptr<SpanBatch>> batches_;
};

void search(Traces& traces, const traceql::Query& query) {
  auto plan = query::TraceqlPlan::make(query);
  if (!plan.ok()) return;
  auto expected = traces.matching(*plan);
  query::QueryContext context;
  auto found = query::search(traces.snapshot(), {.query = query, .limit = kTraces}, context);
  if (!expected || !found.ok()) return;
  SPOOR_ASSERT(found->missing.empty());
  std::set<TraceId> ids;
  for (const query::TraceqlMatch& match : found->traces) ids.insert(match.summary.id);
  SPOOR_ASSERT(ids == *expected);
}

void count(Traces& traces, const traceql::Query& query) {
  auto intervals = query::MetricsIntervals::of_instant({1}, {uint64_t{1} << 62});
  std::optional<uint64_t> counted;
  for (query::MetricsRoad road : {query::MetricsRoad::Traces, query::MetricsRoad::Rollups}) {
    query::QueryContext context;
    query::MetricsRequest request{.query = query, .intervals = *intervals};
    request.first_road = road;
    auto found = query::metrics(std::array{traces.snapshot()}, request, context);
    if (!found.ok()) return;
    SPOOR_ASSERT(!counted || *counted == found->spans_counted);
    counted = found->spans_counted;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto traces = std::make_unique<Traces>();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto query = traceql::parse_checked(text);
  if (!query.ok()) return 0;
  if (query->metrics) {
    count(*traces, *query);
  } else {
    search(*traces, *query);
  }
  return 0;
}
