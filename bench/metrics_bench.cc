// What metrics queries cost inside the process, without HTTP and JSON: opens a store that was
// filled with the shop corpus and asks typical questions many times, on rollups and columns, and on
// whole traces where these do not answer.
//
//   metrics_bench STORE_DIRECTORY [ROUNDS [TEXT]]
//
// Asks only the queries that contain TEXT.
// Prints for each road median and slowest in milliseconds, the processor's time, the spans that
// counted and the series.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#include "api/decode_body.h"
#include "bench/process.h"
#include "os/real_world.h"
#include "query/query.h"
#include "store/store.h"
#include "traceql/traceql.h"

namespace spoor {
namespace {

using Clock = std::chrono::steady_clock;
using query::MetricsRoad;

struct Question {
  const char* text;
  uint64_t step;
};

constexpr Question kQuestions[] = {
    {"{ } | rate()", kNanosPerMinute},
    {"{ } | rate() by (resource.service.name)", kNanosPerMinute},
    {"{ } | rate() by (resource.service.name)", kNanosPerSecond},
    {"{ } | rate() by (resource.service.name, name)", kNanosPerHour},
    {"{ status = error } | rate() by (resource.service.name)", kNanosPerMinute},
    {"{ } | quantile_over_time(duration, 0.5, 0.99) by (resource.service.name)", kNanosPerMinute},
    {"{ } | max_over_time(duration) by (resource.service.name)", kNanosPerMinute},
    {"{ span.http.response.status_code = 500 } | rate()", kNanosPerMinute},
    {"{ span.http.response.status_code >= 500 } | rate() by (resource.service.name)",
     kNanosPerMinute},
    {"{ span.nowhere = \"x\" } | rate()", kNanosPerMinute},
    {"{ resource.service.name = \"frontend\" } | rate() by (span.http.route)", kNanosPerMinute},
    {"{ duration > 500ms } | count_over_time() by (name)", kNanosPerMinute},
    {"{ kind = server } > { status = error } | rate()", kNanosPerMinute},
};

struct Range {
  UnixNanos start{~uint64_t{0}}, end{0};
};

Range range_of(const store::Snapshot& snapshot) {
  Range range;
  for (const auto& section : snapshot.sections) {
    range.start = std::min(range.start, UnixNanos{section->footer().start_min});
    range.end = std::max(range.end, UnixNanos{section->footer().end_max});
  }
  return range;
}

// Whether the road, and no later one, answered.
bool measure(const store::Snapshot& snapshot, const query::MetricsRequest& request, int rounds,
             os::Executor& helpers) {
  std::vector<double> times;
  query::MetricsResult last;
  const double before = bench::cpu_nanos();
  for (int i = 0; i < rounds; ++i) {
    query::QueryContext context(&helpers);
    auto started = Clock::now();
    auto found = query::metrics({&snapshot, 1}, request, context);
    std::chrono::duration<double, std::milli> took = Clock::now() - started;
    if (!found.ok()) {
      std::printf("    %s\n", found.status().to_string().c_str());
      return true;
    }
    if (found->road != request.first_road) return false;
    times.push_back(took.count());
    last = std::move(*found);
  }
  double used = (bench::cpu_nanos() - before) / 1e6 / rounds;
  std::ranges::sort(times);
  constexpr const char* kRoads[] = {"rollups", "scan", "traces"};
  std::printf("    %-8s %10.3f %10.3f %10.3f %12llu %8zu\n",
              kRoads[static_cast<size_t>(request.first_road)], times[times.size() / 2],
              times.back(), used, static_cast<unsigned long long>(last.spans_counted),
              last.series.size());
  return true;
}

int run(const char* path, int rounds, std::string_view only) {
  os::RealWorld world;
  store::StoreOptions options;
  options.path = path;
  options.background = store::Background::Manual;
  options.decode = api::decode_record;
  auto store = store::Store::open(world, options);
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().to_string().c_str());
    return 1;
  }
  if (Status flushed = (*store)->flush(); !flushed.ok()) return 1;
  store::Snapshot snapshot = (*store)->snapshot(TenantId::default_tenant());
  Range range = range_of(snapshot);
  uint64_t rows = 0;
  for (const auto& section : snapshot.sections) rows += section->footer().spans;
  std::printf("%llu spans in %zu sections, %s\n", static_cast<unsigned long long>(rows),
              snapshot.sections.size(),
              format_duration(range.end.value - range.start.value).c_str());
  os::Executor helpers({.name = "query", .threads = 2});
  std::printf("    %-8s %10s %10s %10s %12s %8s\n", "road", "p50 ms", "max ms", "cpu ms", "spans",
              "series");
  for (const Question& question : kQuestions) {
    if (std::string_view(question.text).find(only) == std::string_view::npos) continue;
    auto query = traceql::parse_checked(question.text);
    auto intervals = query::MetricsIntervals::of_range(range.start, range.end, question.step);
    if (!query.ok() || !intervals.ok()) continue;
    std::printf("%s step %s\n", question.text, format_duration(question.step).c_str());
    query::MetricsRequest request{.query = *query, .intervals = *intervals};
    bool is_answered = false;
    for (MetricsRoad road : {MetricsRoad::Rollups, MetricsRoad::Scan}) {
      request.first_road = road;
      is_answered |= measure(snapshot, request, rounds, helpers);
    }
    // Whole traces take a thousand times as long.
    request.first_road = MetricsRoad::Traces;
    if (!is_answered) (void)measure(snapshot, request, 1, helpers);
  }
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: metrics_bench STORE_DIRECTORY [ROUNDS [TEXT]]\n");
    return 2;
  }
  int rounds = 20;
  if (argc > 2) rounds = static_cast<int>(spoor::bench::count_of(argv[2]));
  return spoor::run(argv[1], rounds, argc > 3 ? argv[3] : "");
}
