// Any query string is a search that passes the checks of the language, or is refused with a
// reason; so is the filter of a trace; any path a list of values that can be asked for.
#include <cstdint>

#include "api/tempo_parameters.h"
#include "api/tempo_trace_parameters.h"

namespace {

template <typename T>
void expect_reason(const spoor::Result<T>& result) {
  SPOOR_ASSERT(result.ok() || !result.status().message().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The first byte chooses what most of the text is.
  if (data[0] % 3 == 1) text = "tags=" + net::percent_encoded(text);
  if (data[0] % 3 == 2) text = "q=" + net::percent_encoded(text);
  auto params = net::parse_query(text);
  if (!params.ok()) return 0;
  auto search = api::parse_tempo_search(*params);
  expect_reason(search);
  if (search.ok()) {
    SPOOR_ASSERT(search->limit >= 1 && search->spans_per_spanset >= 1);
    SPOOR_ASSERT(search->range.from < search->range.to);
    SPOOR_ASSERT(!search->query.metrics);
    auto again = traceql::parse_checked(traceql::to_string(search->query));
    SPOOR_ASSERT(again.ok() && *again == search->query);
  }
  expect_reason(api::parse_tempo_tags(*params));
  expect_reason(api::parse_tempo_values_v1(text, *params));
  expect_reason(api::parse_tempo_values_v2(text, *params));
  net::RequestHead head;
  head.path_params = {{"id", "1"}};
  auto trace = api::parse_tempo_trace_v2(head, *params);
  expect_reason(trace);
  if (trace.ok() && trace->filter) {
    auto again = traceql::parse_checked(traceql::to_string(*trace->filter));
    SPOOR_ASSERT(again.ok() && *again == *trace->filter);
  }
  constexpr UnixNanos kNow{1'700'000'000 * kNanosPerSecond};
  expect_reason(api::parse_tempo_metrics_range(*params, kNow));
  for (auto form : {api::TempoMetricsForm::Range, api::TempoMetricsForm::Instant}) {
    auto metrics = api::parse_tempo_metrics(*params, form, kNow);
    expect_reason(metrics);
    if (!metrics.ok()) continue;
    const query::MetricsIntervals& intervals = metrics->intervals;
    SPOOR_ASSERT(metrics->query.metrics.has_value());
    SPOOR_ASSERT(metrics->series_max >= 1);
    SPOOR_ASSERT(intervals.count() >= 1 && intervals.count() <= query::kMetricsIntervalsMax);
    SPOOR_ASSERT(intervals.of(intervals.first()) == 0);
    SPOOR_ASSERT(intervals.of(intervals.last()) == intervals.count() - 1);
  }
  return 0;
}
