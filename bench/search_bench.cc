// What a search costs inside the process, without HTTP and JSON: opens a store that was filled
// with the shop corpus and asks typical questions many times.
//
//   search_bench STORE_DIRECTORY [ROUNDS [QUERY]]
//
// QUERY is the name of one row of the second table, to be asked alone.
// Prints median and 99th percentile in milliseconds, rows looked at, hits.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "api/decode_body.h"
#include "bench/process.h"
#include "os/real_world.h"
#include "query/query.h"
#include "query/traceql_search.h"
#include "store/store.h"
#include "traceql/traceql.h"

namespace spoor {
namespace {

using Clock = std::chrono::steady_clock;
using query::Comparison;
using query::Expression;
using query::Field;
using query::Intrinsic;
using query::Place;

struct Question {
  const char* name;
  Expression condition;
};

Expression service(const char* name) {
  return Expression::compare(Field::of(Intrinsic::Service), Comparison::Equal, std::string(name));
}

std::vector<Question> questions() {
  auto tag = [](const char* key, const char* value) {
    return Expression::compare(Field::attribute(Place::Anywhere, key), Comparison::Equal,
                               std::string(value), query::Typing::AsText);
  };
  auto longer_than = [](int64_t nanos) {
    return Expression::compare(Field::of(Intrinsic::Duration), Comparison::GreaterOrEqual, nanos);
  };
  return {
      {"service", service("frontend")},
      {"service and tag",
       Expression::all_of({service("frontend"), tag("http.response.status_code", "500")})},
      {"tag without service", tag("http.response.status_code", "500")},
      {"duration", Expression::all_of({service("frontend"), longer_than(200'000'000)})},
      {"no such duration", longer_than(int64_t{1} << 60)},
      {"no such service", service("nobody")},
      {"no such value", tag("http.response.status_code", "999")},
      {"regex on the name",
       Expression::compare(Field::of(Intrinsic::Name), Comparison::Matches, std::string("GET .*"))},
  };
}

// In TraceQL, 20 newest.
constexpr std::pair<const char*, const char*> kQueries[] = {
    {"traceql service", "{ resource.service.name = \"frontend\" }"},
    {"traceql tag", "{ span.http.response.status_code = 500 }"},
    {"traceql duration", "{ duration > 50ms }"},
    {"traceql regex", "{ name =~ \"GET .*\" }"},
    {"traceql rare", "{ status = error && duration > 30ms }"},
    {"traceql nothing", "{ span.http.response.status_code = 999 }"},
    {"a >> b", "{ resource.service.name = \"frontend\" } >> { status = error && duration > 10ms }"},
    {"a >> b, nothing",
     "{ resource.service.name = \"frontend\" } >> { status = error && duration > 1h }"},
    {"a >> b, no pair", "{ status = error && kind = client } >> { name = \"user_get\" }"},
    {"a !>> b", "{ kind = server } !>> { status = error }"},
    {"a ~ b", "{ kind = client } ~ { status = error }"},
    {"a && b", "{ status = error } && { duration > 50ms }"},
    {"root", "{ rootServiceName = \"frontend\" && status = error }"},
    {"count() > 3", "{ status = error } | count() > 3"},
    {"count() > 200", "{ } | count() > 200"},
    {"avg(duration)", "{ kind = server } | avg(duration) > 40ms"},
    {"text equal", "{ span.session.id = \"no-such-session\" }"},
    {"text regex", "{ span.url.full =~ \".*no-such-part.*\" }"},
};

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

int ask_traceql(store::Store& store, os::Executor& helpers, int rounds, const char* only) {
  std::printf("\n%-22s %9s %9s %10s %8s %8s %5s\n", "query", "p50 ms", "p99 ms", "rows", "traces",
              "spans", "hits");
  for (const auto& [name, text] : kQueries) {
    if (only != nullptr && std::string_view(name) != only) continue;
    auto query = traceql::parse_checked(text);
    if (!query.ok()) return 1;
    std::vector<double> taken;
    query::TraceqlResult last;
    auto begun = Clock::now();
    for (int i = 0; i < rounds && Clock::now() - begun < std::chrono::seconds(10); ++i) {
      query::QueryContext context(&helpers);
      auto started = Clock::now();
      store::Snapshot snapshot = store.snapshot(TenantId::default_tenant());
      auto found = query::search(snapshot, query::TraceqlRequest{.query = *query}, context);
      if (!found.ok()) {
        std::fprintf(stderr, "%s: %s\n", text, found.status().to_string().c_str());
        return 1;
      }
      taken.push_back(std::chrono::duration<double, std::milli>(Clock::now() - started).count());
      last = std::move(*found);
    }
    std::printf("%-22s %9.3f %9.3f %10llu %8llu %8llu %5zu\n", name, percentile(taken, 0.5),
                percentile(taken, 0.99), static_cast<unsigned long long>(last.rows_scanned),
                static_cast<unsigned long long>(last.traces_evaluated),
                static_cast<unsigned long long>(last.spans_evaluated), last.traces.size());
  }
  return 0;
}

int run(const char* path, int rounds, const char* only) {
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
  // One thread besides this one: as many as a server has that runs on two cores.
  os::Executor helpers({.name = "query", .threads = 1});
  std::printf("%-22s %9s %9s %9s %9s %10s %5s\n", "search for", "p50 ms", "p99 ms", "summaries",
              "load", "rows", "hits");
  for (const Question& question : only == nullptr ? questions() : std::vector<Question>()) {
    std::vector<double> searching, summarizing, loading;
    uint64_t rows = 0;
    size_t hits = 0;
    for (int i = 0; i < rounds; ++i) {
      query::QueryContext context(&helpers);
      query::SearchRequest request;
      request.condition = question.condition;
      auto started = Clock::now();
      store::Snapshot snapshot = (*store)->snapshot(TenantId::default_tenant());
      auto found = query::search(snapshot, request, context);
      auto searched = Clock::now();
      if (!found.ok()) return 1;
      (void)query::summarize(snapshot, found->hits, context);
      auto summarized = Clock::now();
      (void)query::load(snapshot, found->hits, found->places, query::TraceReading(), context,
                        [](size_t, std::vector<store::FoundTrace>&) { return Status(); });
      auto loaded = Clock::now();
      using Milliseconds = std::chrono::duration<double, std::milli>;
      searching.push_back(Milliseconds(searched - started).count());
      summarizing.push_back(Milliseconds(summarized - searched).count());
      loading.push_back(Milliseconds(loaded - summarized).count());
      rows = found->rows_scanned;
      hits = found->hits.size();
    }
    std::printf("%-22s %9.3f %9.3f %9.3f %9.3f %10llu %5zu\n", question.name,
                percentile(searching, 0.5), percentile(searching, 0.99),
                percentile(summarizing, 0.5), percentile(loading, 0.5),
                static_cast<unsigned long long>(rows), hits);
  }
  return ask_traceql(**store, helpers, rounds, only);
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: search_bench STORE_DIRECTORY [ROUNDS [QUERY]]\n");
    return 2;
  }
  int rounds = 200;
  if (argc > 2) rounds = static_cast<int>(spoor::bench::count_of(argv[2]));
  return spoor::run(argv[1], rounds, argc > 3 ? argv[3] : nullptr);
}
