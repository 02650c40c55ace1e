// Query strings of Tempo's endpoints as what they ask for, and every text of refusal.
#include "api/tempo_parameters.h"

#include <gtest/gtest.h>

#include <random>

#include "api/tempo_tags.h"

namespace spoor::api {
namespace {

constexpr UnixNanos kNow{1'700'000'000 * kNanosPerSecond};

net::QueryParams params(std::string_view query) {
  auto parsed = net::parse_query(query);
  EXPECT_TRUE(parsed.ok()) << query;
  return parsed.ok() ? std::move(*parsed) : net::QueryParams{};
}

template <typename T>
std::string message(const Result<T>& result) {
  return result.ok() ? "ok" : result.status().message();
}

// The query's text, or the error.
std::string query_of(std::string_view text) {
  auto search = parse_tempo_search(params(text));
  return search.ok() ? traceql::to_string(search->query) : "error: " + search.status().message();
}

std::string tags(std::string_view logfmt) {
  return query_of("tags=" + net::percent_encoded(logfmt));
}

TEST(TempoTimes, come_in_four_forms) {
  constexpr std::pair<std::string_view, uint64_t> kCases[] = {
      {"0", 0},
      {"1700000000", 1'700'000'000'000'000'000},
      {"9999999999", 9'999'999'999'000'000'000u},
      {"17000000001", 17'000'000'001},
      {"1700000000000000001", 1'700'000'000'000'000'001},
      {"18446744073709551615", 18'446'744'073'709'551'615u},
      {"1700000000.5", 1'700'000'000'500'000'000},
      {"1700000000.0000000019", 1'700'000'000'000'000'001},
      {"2023-11-14T22:13:20Z", 1'700'000'000'000'000'000},
      {"2023-11-14T23:13:20.5+01:00", 1'700'000'000'500'000'000},
  };
  for (const auto& [text, nanos] : kCases) {
    auto time = parse_tempo_time(text);
    ASSERT_TRUE(time.ok()) << text << ": " << time.status().message();
    EXPECT_EQ(time->value, nanos) << text;
  }
  for (std::string_view text : {"", "x", "-1", "+1", "1e9", "1.", ".5", "1.5s", "1.x", "now",
                                "18446744073709551616", "18446744073.5", "2023-11-14"}) {
    EXPECT_EQ(message(parse_tempo_time(text)),
              "expected seconds or nanoseconds since 1970 or a time like 2026-11-22T12:34:56Z, "
              "got \"" +
                  std::string(text) + "\"");
  }
}

TEST(TempoTimes, a_range_is_open_where_it_is_not_given) {
  auto range = [](std::string_view query) { return parse_tempo_range(params(query)); };
  for (std::string_view query : {"", "start=&end=", "start=0&end=0"}) {
    auto all = range(query);
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(all->from.value, 0u);
    EXPECT_EQ(all->to.value, ~uint64_t{0});
  }
  EXPECT_EQ(range("start=10")->from.value, 10'000'000'000u);
  EXPECT_EQ(range("start=10")->to.value, ~uint64_t{0});
  EXPECT_EQ(range("end=10")->from.value, 0u);
  EXPECT_EQ(range("end=10")->to.value, 10'999'999'999u);  // the whole second
  EXPECT_EQ(range("end=10.5")->to.value, 10'500'000'000u);
  EXPECT_EQ(range("start=1&end=18446744073000000000")->to.value, 18'446'744'073'709'551'615u);
  EXPECT_EQ(message(range("start=10&end=10")),
            "http parameter start must be before end. received start=10 end=10");
  EXPECT_EQ(message(range("start=11&end=10")),
            "http parameter start must be before end. received start=11 end=10");
  EXPECT_TRUE(message(range("start=x")).starts_with("invalid start: expected seconds"));
  EXPECT_TRUE(message(range("end=x")).starts_with("invalid end: expected seconds"));
}

TEST(TempoTimes, a_range_of_metrics_is_closed) {
  auto range = [](std::string_view query) {
    return parse_tempo_metrics_range(params(query), kNow);
  };
  EXPECT_EQ(range("")->to, kNow);
  EXPECT_EQ(range("")->from.value, kNow.value - kNanosPerHour);
  EXPECT_EQ(range("since=5m")->from.value, kNow.value - 5 * kNanosPerMinute);
  EXPECT_EQ(range("since=1d&end=10")->from.value, 0u);
  EXPECT_EQ(range("start=10&end=20&since=1h")->from.value, 10'000'000'000u);
  EXPECT_EQ(range("start=10&end=20")->to.value, 20'000'000'000u);
  EXPECT_EQ(message(range("since=x")), "invalid since: time: invalid duration \"x\"");
  EXPECT_EQ(message(range("since=0s")),
            "http parameter start must be before end. received start= end=");
  EXPECT_EQ(message(range("start=1800000000")),
            "http parameter start must be before end. received start=1800000000 end=");
}

TEST(TempoSearchParameters, defaults_and_limits) {
  auto search = parse_tempo_search(params(""));
  ASSERT_TRUE(search.ok());
  EXPECT_EQ(search->limit, 20u);
  EXPECT_EQ(search->spans_per_spanset, 3u);
  EXPECT_EQ(search->range.to.value, ~uint64_t{0});
  EXPECT_EQ(traceql::to_string(search->query), "{ }");
  search = parse_tempo_search(params("limit=262144&spss=100&start=1&end=2"));
  ASSERT_TRUE(search.ok()) << search.status().message();
  EXPECT_EQ(search->limit, 262'144u);
  EXPECT_EQ(search->spans_per_spanset, 100u);
  EXPECT_EQ(search->range.from.value, kNanosPerSecond);
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {"limit=0", "invalid limit: must be a positive number"},
      {"limit=-1", "invalid limit: must be a positive number"},
      {"limit=x", "invalid limit: strconv.Atoi: parsing \"x\": invalid syntax"},
      {"limit=262145", "invalid limit: 262145 exceeds the maximum of 262144"},
      {"spss=0", "invalid spss: must be a positive number"},
      {"spss=101", "invalid spss: 101 exceeds the maximum of 100"},
      {"start=2&end=1", "http parameter start must be before end. received start=2 end=1"},
      {"q=%7B%7D&tags=a%3Db", "invalid request: can't specify tags and q in the same query"},
      {"q=%7B%7D&minDuration=1s",
       "invalid minDuration: goes with tags; a query says it itself: { traceDuration > 1s }"},
      {"minDuration=1", "invalid minDuration: time: missing unit in duration \"1\""},
      {"maxDuration=x", "invalid maxDuration: time: invalid duration \"x\""},
      {"minDuration=2s&maxDuration=1s", "invalid maxDuration: must be greater than minDuration"},
  };
  for (const auto& [query, expected] : kRefused) {
    EXPECT_EQ(message(parse_tempo_search(params(query))), expected) << query;
  }
}

TEST(TempoSearchParameters, a_query_is_taken_as_it_is) {
  EXPECT_EQ(query_of("q=%7B+.a+%3D+1+%7D+%7C+count%28%29+%3E+2"), "{ .a = 1 } | count() > 2");
  EXPECT_EQ(query_of("q="), "{ }");
  EXPECT_EQ(query_of("q=%7B%7D&minDuration=0s&maxDuration="), query_of("q=%7B+%7D"));
  EXPECT_TRUE(query_of("q=%7B+durations+%3E+1s+%7D")
                  .starts_with("error: invalid TraceQL query: 1:3: unknown intrinsic"));
  EXPECT_EQ(query_of("q=%7B%7D%7Crate%28%29"),
            "error: invalid TraceQL query: a metrics query is asked at /api/metrics/query_range");
  auto unsupported = parse_tempo_search(params("q=%7B+parent.a+%3D+1+%7D"));
  EXPECT_EQ(unsupported.status().code(), Code::Unimplemented);
  std::string long_query = "q=" + std::string(traceql::kQueryBytesMax + 1, 'a');
  EXPECT_EQ(parse_tempo_search(params(long_query)).status().code(), Code::InvalidArgument);
  std::string long_tags = "tags=" + std::string(traceql::kQueryBytesMax + 1, 'a');
  EXPECT_EQ(message(parse_tempo_search(params(long_tags))),
            "invalid tags: 131073 bytes, at most 131072");
}

TEST(TempoTags, become_the_query_that_means_the_same) {
  constexpr std::pair<std::string_view, std::string_view> kCases[] = {
      {"", "{ }"},
      {"  ", "{ }"},
      {"service.name=shop", R"({ resource.service.name =~ "(?is).*shop.*" })"},
      {"a=b", R"({ span.a =~ "(?is).*b.*" || resource.a =~ "(?is).*b.*" })"},
      {"name=\"GET /\"", R"({ name =~ "(?is).*GET\\ \\/.*" })"},
      {"root.name=x root.service.name=y",
       R"({ rootName =~ "(?is).*x.*" && rootServiceName =~ "(?is).*y.*" })"},
      {"error=true", "{ status = error }"},
      {"error", "{ status = error }"},
      {"error=FALSE", "{ status != error }"},
      {"status.code=error", "{ status = error }"},
      {"status.code=o", "{ status = ok || status = error }"},
      {"error status.code=o", "{ status = error && (status = ok || status = error) }"},
      {"service.name", "{ resource.service.name != nil }"},
      {"a=", "{ span.a != nil || resource.a != nil }"},
      {"name=", "{ }"},
      {"service.name=1.5",
       R"({ resource.service.name =~ "(?is).*1\\.5.*" || resource.service.name = 1.5 })"},
      {"service.name=-7",
       R"({ resource.service.name =~ "(?is).*\\-7.*" || resource.service.name = -7 })"},
      {"service.name=True",
       R"({ resource.service.name =~ "(?is).*True.*" || resource.service.name = true })"},
      {"service.name=a service.name=b", R"({ resource.service.name =~ "(?is).*b.*" })"},
      {"error=true service.name=x",
       R"({ status = error && resource.service.name =~ "(?is).*x.*" })"},
  };
  for (const auto& [logfmt, expected] : kCases) EXPECT_EQ(tags(logfmt), expected) << logfmt;
}

TEST(TempoTags, are_logfmt) {
  auto pairs = [](std::string_view text) {
    auto read = parse_tempo_tags_text(text);
    if (!read.ok()) return read.status().message();
    std::string shown;
    for (const auto& [key, value] : *read) shown += "[" + key + "|" + value + "]";
    return shown;
  };
  EXPECT_EQ(pairs("a=b  c=\"d e\"\tf g="), "[a|b][c|d e][f|][g|]");
  EXPECT_EQ(pairs(R"(a="\"\\\n\x" b="")"), "[a|\"\\\nx][b|]");
  EXPECT_EQ(pairs("=b"), "invalid tags: 1:1: unexpected '='");
  EXPECT_EQ(pairs("a==b"), "invalid tags: 1:3: unexpected '='");
  EXPECT_EQ(pairs("a=b\"c\""), "invalid tags: 1:4: unexpected '\"'");
  EXPECT_EQ(pairs("a=\"b\"c"), "invalid tags: 1:6: unexpected 'c'");
  EXPECT_EQ(pairs("x a=\"b\\\""), "invalid tags: 1:5: the quoted value does not end");
}

TEST(TempoTags, that_cannot_be_looked_for_are_refused_by_name) {
  EXPECT_EQ(tags("error=maybe"), "error: invalid tags: error: expected true or false");
  EXPECT_EQ(tags("status.code=bad"),
            "error: invalid tags: status.code: expected unset, ok or error");
  EXPECT_EQ(tags("a=\xff"), "error: invalid tags: a: the value is not UTF-8 without NUL");
  EXPECT_EQ(tags("\xff=a"), "error: invalid tags: a key: not UTF-8 without NUL");
  EXPECT_EQ(tags("a=" + std::string(2'000, 'b')),
            "error: invalid tags: a: the value is longer than can be looked for");
  std::string many;
  for (size_t i = 0; i < kTempoTagsMax; ++i) many += "k" + std::to_string(i) + "=1 ";
  EXPECT_FALSE(tags(many).starts_with("error"));
  EXPECT_EQ(tags(many + "x=1"), "error: invalid tags: 65 of them, at most 64");
}

TEST(TempoTags, may_be_parameters_of_their_own) {
  EXPECT_EQ(query_of("service.name=shop&limit=5&spss=1"),
            R"({ resource.service.name =~ "(?is).*shop.*" })");
  EXPECT_EQ(query_of("service.name=shop&start=1&end=2"), "{ }");
  EXPECT_EQ(query_of("q=%7B%7D&service.name=shop"), query_of("q=%7B%7D"));
  EXPECT_EQ(query_of("minDuration=1s&maxDuration=1m30s"),
            "{ traceDuration >= 1s && traceDuration <= 1m30s }");
  EXPECT_EQ(query_of("tags=error&minDuration=1.5ms"),
            "{ status = error && traceDuration >= 1.5ms }");
  EXPECT_TRUE(query_of("=a").starts_with("error: invalid tags: a key: empty"));
}

// Whatever is asked for, the query's text reads back as the same query.
TEST(TempoTags, of_any_text_are_a_query_that_passes_the_checks) {
  constexpr std::string_view kAlphabet = "ab.\"\\ =1-_`/{}()[]*+?^$|\n\xc3\xa4#%~e";
  std::mt19937_64 random(1);
  size_t taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t j = random() % 12; j > 0; --j) text += kAlphabet[random() % kAlphabet.size()];
    auto search = parse_tempo_search(params("tags=" + net::percent_encoded(text)));
    if (!search.ok()) {
      ASSERT_EQ(search.status().code(), Code::InvalidArgument);
      continue;
    }
    ++taken;
    std::string shown = traceql::to_string(search->query);
    auto again = traceql::parse_checked(shown);
    ASSERT_TRUE(again.ok()) << shown << ": " << again.status().message();
    ASSERT_TRUE(*again == search->query) << shown;
  }
  EXPECT_GT(taken, 2'000u);
}

TEST(TempoValuesParameters, a_tag_is_an_intrinsic_or_an_attribute_with_its_scope) {
  auto field = [](std::string_view tag) {
    auto request = parse_tempo_values_v2(tag, {});
    return request.ok() ? traceql::to_string(request->field) : request.status().message();
  };
  EXPECT_EQ(field("span.a"), "span.a");
  EXPECT_EQ(field(".a"), ".a");
  EXPECT_EQ(field("span:name"), "name");
  EXPECT_EQ(field("status"), "status");
  EXPECT_EQ(field("span.a%20b"), "span.\"a b\"");
  EXPECT_EQ(field("span.\"a b\".c"), field("span.a b.c"));
  EXPECT_EQ(field("event.a%"), "event.a%");
  EXPECT_EQ(field("resource.k8s.pod.name"), "resource.k8s.pod.name");
  for (std::string_view tag : {"", "a", "spam.a", "span.", ".", "span", "1", "("}) {
    EXPECT_EQ(field(tag),
              "tag name is not valid intrinsic or scoped attribute: " + std::string(tag));
  }
  auto first = [](std::string_view tag) {
    auto request = parse_tempo_values_v1(tag, {});
    return request.ok() ? traceql::to_string(request->field) : request.status().message();
  };
  EXPECT_EQ(first("service.name"), ".service.name");
  EXPECT_EQ(first("status.code"), "status");
  EXPECT_EQ(first("root.name"), "rootName");
  EXPECT_EQ(first("root.service.name"), "rootServiceName");
  EXPECT_EQ(first("name"), "name");
}

TEST(TempoValuesParameters, a_filter_may_be_unfinished) {
  auto condition = [](std::string_view query) {
    auto request = parse_tempo_values_v2("span.a", params(query));
    return request.ok() ? traceql::to_string(request->condition) : request.status().message();
  };
  EXPECT_EQ(condition(""), "true");
  EXPECT_EQ(condition("q=%7B+.a+%3D+1+%26%26+.b+%3D"), ".a = 1");
  EXPECT_EQ(condition("q=nonsense"), "true");
  EXPECT_EQ(condition("q=%FF"), "1:1: query is not valid UTF-8");
  EXPECT_EQ(parse_tempo_values_v2("span.a", params("limit=0"))->limit, kTempoListedMax);
  EXPECT_EQ(parse_tempo_values_v2("span.a", params("limit=7"))->limit, 7u);
  EXPECT_EQ(parse_tempo_values_v2("span.a", params("limit=999999999"))->limit, kTempoListedMax);
}

TEST(TempoMetricsParameters, are_read_in_every_form) {
  auto parse = [](std::string_view text, TempoMetricsForm form = TempoMetricsForm::Range) {
    return parse_tempo_metrics(params(text), form, kNow);
  };
  auto plain = parse("q={}|rate()");
  ASSERT_TRUE(plain.ok()) << plain.status().to_string();
  EXPECT_EQ(plain->intervals.step(), 15 * kNanosPerSecond);  // of an hour
  EXPECT_EQ(plain->intervals.count(), 242u);                 // the end lies within an interval
  EXPECT_EQ(plain->exemplars, 0u);
  EXPECT_EQ(plain->series_max, query::kMetricsSeriesDefault);
  auto full = parse(
      "query={}|rate()&start=1000&end=1600000000000&step=30&exemplars=7&maxSeries=3&instant=false");
  ASSERT_TRUE(full.ok()) << full.status().to_string();
  EXPECT_EQ(full->intervals.step(), 30 * kNanosPerSecond);
  EXPECT_EQ(full->intervals.end_of(0).value, 990 * kNanosPerSecond);
  EXPECT_EQ(full->intervals.last().value, 1620 * kNanosPerSecond);
  EXPECT_EQ(full->exemplars, 7u);
  EXPECT_EQ(full->series_max, 3u);
  EXPECT_EQ(parse("q={}|rate()&since=1m&step=0.5")->intervals.step(), kNanosPerSecond / 2);
  EXPECT_EQ(parse("q={}|rate()&since=1h&step=1m30s")->intervals.step(), 90 * kNanosPerSecond);
  EXPECT_TRUE(parse("q={}|rate()&instant=true")->intervals.is_instant());
  auto instant = parse("q={}|rate()&start=10&end=20&step=3", TempoMetricsForm::Instant);
  ASSERT_TRUE(instant.ok());
  EXPECT_TRUE(instant->intervals.is_instant());
  EXPECT_EQ(instant->intervals.first().value, 10 * kNanosPerSecond);
  EXPECT_EQ(instant->intervals.last().value, 20 * kNanosPerSecond);
  EXPECT_EQ(parse("q={}|rate()&exemplars=0&maxSeries=0")->series_max, query::kMetricsSeriesDefault);
}

TEST(TempoMetricsParameters, are_refused_with_a_reason) {
  auto refusal = [](std::string_view text) {
    return message(parse_tempo_metrics(params(text), TempoMetricsForm::Range, kNow));
  };
  EXPECT_EQ(refusal("q={}"),
            "invalid TraceQL query: expected a function of metrics behind the filter, as in { } | "
            "rate(); a search is asked at /api/search");
  EXPECT_EQ(refusal("q={}|compare({})"),
            "invalid TraceQL query: 1:4: compare() is not supported yet");
  EXPECT_EQ(refusal("q={}|rate()&step=0"), "invalid step: must be longer than 0");
  EXPECT_EQ(refusal("q={}|rate()&step=x"), "invalid step: time: invalid duration \"x\"");
  EXPECT_EQ(refusal("q={}|rate()&step=-5"), "invalid step: time: invalid duration \"-5\"");
  EXPECT_EQ(refusal("q={}|rate()&start=20&end=10"),
            "http parameter start must be before end. received start=20 end=10");
  EXPECT_EQ(refusal("q={}|rate()&start=1000&end=20000&step=1"),
            "a range of 5h16m in steps of 1.00s has 19001 intervals, allowed are 10000; ask for a "
            "longer step");
  EXPECT_EQ(refusal("q={}|rate()&exemplars=x"),
            "invalid exemplars: strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(refusal("q={}|rate()&instant=x"),
            "invalid instant: strconv.ParseBool: parsing \"x\": invalid syntax");
  EXPECT_EQ(refusal("q={}|rate()with(precision=2.5)"),
            "invalid TraceQL query: 1:15: hint precision lies between 0.001 and 0.5");
}

}  // namespace
}  // namespace spoor::api
