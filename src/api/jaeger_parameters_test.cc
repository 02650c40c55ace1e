// Query strings of Jaeger's two APIs as the search that they ask for, and every text of refusal.
#include "api/jaeger_parameters.h"

#include <gtest/gtest.h>

#include "api/cursor.h"
#include "api/go_values.h"
#include "api/jaeger_v3_parameters.h"

namespace spoor::api {
namespace {

constexpr UnixNanos kNow{1'700'000'000 * kNanosPerSecond};

net::QueryParams params(std::string_view query) {
  auto parsed = net::parse_query(query);
  EXPECT_TRUE(parsed.ok()) << query;
  return parsed.ok() ? std::move(*parsed) : net::QueryParams{};
}

Result<JaegerSearch> legacy(std::string_view query) {
  return parse_jaeger_search(params(query), kNow);
}

Result<JaegerSearch> v3(std::string_view query) {
  constexpr std::string_view kRange =
      "query.startTimeMin=2023-11-14T00:00:00Z&query.startTimeMax=2023-11-15T00:00:00Z&";
  return parse_jaeger_v3_search(params(std::string(kRange) + std::string(query)));
}

std::string condition(const Result<JaegerSearch>& search) {
  return search.ok() ? query::to_string(search->request.condition)
                     : "error: " + search.status().message();
}

std::string message(const Status& status) {
  return status.ok() ? "ok" : status.message();
}

TEST(GoValues, integers) {
  EXPECT_EQ(*parse_go_integer("-12", "f"), -12);
  EXPECT_EQ(*parse_go_integer("+12", "f"), 12);
  EXPECT_EQ(*parse_go_integer("2147483647", "f", 32), 2147483647);
  EXPECT_EQ(message(parse_go_integer("x", "strconv.Atoi").status()),
            "strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(message(parse_go_integer("1.5", "strconv.Atoi").status()),
            "strconv.Atoi: parsing \"1.5\": invalid syntax");
  EXPECT_EQ(message(parse_go_integer("", "strconv.Atoi").status()),
            "strconv.Atoi: parsing \"\": invalid syntax");
  EXPECT_EQ(message(parse_go_integer("+-1", "strconv.Atoi").status()),
            "strconv.Atoi: parsing \"+-1\": invalid syntax");
  EXPECT_EQ(message(parse_go_integer("2147483648", "strconv.ParseInt", 32).status()),
            "strconv.ParseInt: parsing \"2147483648\": value out of range");
  EXPECT_EQ(message(parse_go_integer("99999999999999999999", "strconv.ParseInt").status()),
            "strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
}

TEST(GoValues, booleans_and_durations) {
  EXPECT_TRUE(*parse_go_bool("T"));
  EXPECT_FALSE(*parse_go_bool("0"));
  EXPECT_EQ(message(parse_go_bool("foobar").status()),
            "strconv.ParseBool: parsing \"foobar\": invalid syntax");
  EXPECT_EQ(*parse_go_duration_nanos("1.2s"), 1'200'000'000);
  EXPECT_EQ(*parse_go_duration_nanos("500\xc2\xb5s"), 500'000);
  EXPECT_EQ(message(parse_go_duration_nanos("5").status()), "time: missing unit in duration \"5\"");
  EXPECT_EQ(message(parse_go_duration_nanos("x").status()), "time: invalid duration \"x\"");
  EXPECT_EQ(message(parse_go_duration_nanos("-1s").status()), "time: invalid duration \"-1s\"");
}

TEST(JaegerParameters, defaults_are_two_days_a_hundred_traces_and_no_condition) {
  auto search = legacy("");
  ASSERT_TRUE(search.ok());
  EXPECT_EQ(search->request.start_min.value, kNow.value - 48 * kNanosPerHour);
  EXPECT_EQ(search->request.start_max, kNow);
  EXPECT_EQ(search->request.limit, 100u);
  EXPECT_EQ(search->request.condition.kind, query::Expression::Kind::True);
  EXPECT_FALSE(search->is_raw || search->request.count_all || search->request.after);
}

TEST(JaegerParameters, times_are_microseconds_or_milliseconds) {
  auto micros = legacy("start=1699990000000000&end=1700000000000000");
  EXPECT_EQ(micros->request.start_min.value, 1'699'990'000 * kNanosPerSecond);
  EXPECT_EQ(micros->request.start_max, kNow);
  auto millis = legacy("start=1699990000000&end=1700000000000");
  EXPECT_EQ(millis->request.start_min, micros->request.start_min);
  EXPECT_EQ(millis->request.start_max, micros->request.start_max);
  EXPECT_EQ(legacy("start=0&end=9223372036854775807")->request.start_min.value, 0u);
  EXPECT_EQ(legacy("start=-5")->request.start_min.value, 0u);
}

TEST(JaegerParameters, what_is_asked_becomes_one_conjunction) {
  EXPECT_EQ(condition(legacy("service=shop")), "service = \"shop\"");
  std::string all =
      condition(legacy("service=shop&operation=GET+%2F&minDuration=1ms&maxDuration=2s&tag=a:b:c&"
                       "tags=%7B%22d%22%3A%22e%22%7D"));
  for (std::string_view part : {"service = \"shop\"", "name = \"GET /\"", "duration >= 1000000",
                                "duration <= 2000000000", "any.a = \"b:c\"", "any.d = \"e\""}) {
    EXPECT_NE(all.find(part), std::string::npos) << part << " in " << all;
  }
}

TEST(JaegerParameters, a_key_given_twice_counts_once_and_the_last_wins) {
  std::string twice = condition(legacy("tag=a:1&tag=a:2&tags=%7B%22a%22%3A%223%22%7D"));
  EXPECT_EQ(twice, condition(legacy("tag=a:3")));
}

TEST(JaegerParameters, the_name_of_no_service_finds_spans_without_one) {
  std::string text = condition(legacy("service=OTLPResourceNoServiceName"));
  EXPECT_NE(text.find("service = \"\""), std::string::npos) << text;
}

TEST(JaegerParameters, special_tags) {
  EXPECT_EQ(condition(legacy("tag=error:true")), condition(legacy("tag=span.status:error")));
  EXPECT_EQ(condition(legacy("tag=error:false")), condition(legacy("tag=error!:true")));
  EXPECT_EQ(condition(legacy("tag=error!:false")), "!!" + condition(legacy("tag=error:true")));
  EXPECT_NE(condition(legacy("tag=error:maybe")).find("any.error"), std::string::npos);
  EXPECT_NE(condition(legacy("tag=span.kind:server")).find("kind = 2"), std::string::npos);
  EXPECT_NE(condition(legacy("tag=scope.name:lib")).find("\"lib\""), std::string::npos);
  EXPECT_NE(condition(legacy("tag=resource.host:h")).find("resource.host = \"h\""),
            std::string::npos);
  EXPECT_NE(condition(legacy("tag=resource.:h")).find("any.resource. = \"h\""), std::string::npos);
  EXPECT_EQ(condition(legacy("tag=span.kind~:s")),
            "error: tag 'span.kind' can only be compared for equality, with 'span.kind' or "
            "'span.kind!'");
}

TEST(JaegerParameters, operators_are_the_end_of_a_key) {
  EXPECT_NE(condition(legacy("tag=s>:500")).find("any.s >= \"500\""), std::string::npos);
  EXPECT_NE(condition(legacy("tag=s<:500")).find("any.s <= \"500\""), std::string::npos);
  EXPECT_NE(condition(legacy("tag=s~:5..")).find("any.s =~ \"5..\""), std::string::npos);
  std::string not_equal = condition(legacy("tag=s!:500"));
  EXPECT_NE(not_equal.find("any.s = \"500\""), std::string::npos) << not_equal;
  EXPECT_NE(not_equal.find('!'), std::string::npos) << not_equal;
  std::string no_match = condition(legacy("tag=s!~:5.."));
  EXPECT_NE(no_match.find("any.s =~ \"5..\""), std::string::npos) << no_match;
  EXPECT_NE(condition(legacy("tag=!:x")).find("any.! = \"x\""), std::string::npos)
      << "no key is left";
}

TEST(JaegerParameters, trace_ids_raw_count_and_cursor) {
  auto search = legacy("traceID=1&traceID=0af7651916cd43dd8448eb211c80319c&raw=true&count=1");
  ASSERT_TRUE(search.ok());
  ASSERT_EQ(search->trace_ids.size(), 2u);
  EXPECT_EQ(to_hex(search->trace_ids[0]), "00000000000000000000000000000001");
  EXPECT_TRUE(search->is_raw && search->request.count_all);
  query::TraceHit hit{search->trace_ids[1], kNow};
  EXPECT_EQ(cursor_text(hit), "1700000000000000000-0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(legacy("cursor=" + cursor_text(hit))->request.after, hit);
  for (std::string_view bad : {"x", "1", "1-", "-0af7651916cd43dd8448eb211c80319c", "1-0af7",
                               "99999999999999999999-0af7651916cd43dd8448eb211c80319c"}) {
    EXPECT_FALSE(legacy("cursor=" + std::string(bad)).ok()) << bad;
  }
}

TEST(JaegerParameters, texts_of_refusal) {
  auto text = [](std::string_view query) { return message(legacy(query).status()); };
  EXPECT_EQ(text("start=x"),
            "unable to parse param 'start': strconv.ParseInt: parsing \"x\": invalid syntax");
  EXPECT_EQ(text("end=1.5"),
            "unable to parse param 'end': strconv.ParseInt: parsing \"1.5\": invalid syntax");
  EXPECT_EQ(text("limit=x"), "strconv.ParseInt: parsing \"x\": invalid syntax");
  EXPECT_EQ(text("limit=0"), "invalid parameter: limit must be greater than 0");
  EXPECT_EQ(text("limit=-1"), "invalid parameter: limit must be greater than 0");
  EXPECT_EQ(text("minDuration=5"),
            "unable to parse param 'minDuration': time: missing unit in duration \"5\"");
  EXPECT_EQ(text("maxDuration=x"),
            "unable to parse param 'maxDuration': time: invalid duration \"x\"");
  EXPECT_EQ(text("minDuration=2s&maxDuration=1s"),
            "'maxDuration' should be greater than 'minDuration'");
  EXPECT_EQ(text("start=1700000000000001&end=1700000000000000"),
            "invalid parameter: start time must be before end time");
  EXPECT_EQ(text("tag=nocolon"),
            "malformed 'tag' parameter, expecting key:value, received: nocolon");
  EXPECT_EQ(text("tags=%7B%22a%22%3A1%7D"),
            "malformed 'tags' parameter, cannot unmarshal JSON: expected the value of \"a\" to be "
            "a string");
  EXPECT_EQ(text("traceID=xyz"),
            "cannot parse traceID param: strconv.ParseUint: parsing \"xyz\": invalid syntax");
  EXPECT_EQ(text("traceID=0af7651916cd43dd8448eb211c80319c0"),
            "cannot parse traceID param: TraceID cannot be longer than 32 hex characters: "
            "0af7651916cd43dd8448eb211c80319c0");
  EXPECT_EQ(text("raw=foobar"),
            "unable to parse param 'raw': strconv.ParseBool: parsing \"foobar\": invalid syntax");
  EXPECT_EQ(text("limit=1000000"), "ok");
  EXPECT_EQ(legacy("limit=1000000")->request.limit, kJaegerTracesMax);
}

TEST(JaegerParameters, more_tags_than_an_expression_holds_are_refused) {
  std::string query;
  for (int i = 0; i < 1'100; ++i) query += "&tag=k" + std::to_string(i) + ":v";
  EXPECT_EQ(message(legacy(query).status()), "query has more than 1024 conditions");
}

TEST(JaegerParameters, trace_by_id) {
  EXPECT_TRUE(parse_jaeger_trace("1", params("start=1&end=2&raw=1"))->is_raw);
  EXPECT_EQ(message(parse_jaeger_trace("1", params("start=a")).status()),
            "unable to parse param 'start': strconv.ParseInt: parsing \"a\": invalid syntax");
  EXPECT_EQ(message(parse_jaeger_trace("!", params("")).status()),
            "strconv.ParseUint: parsing \"!\": invalid syntax");
}

TEST(JaegerParameters, dependencies) {
  auto request = parse_jaeger_dependencies(params(""), kNow);
  EXPECT_EQ(request->to, kNow);
  EXPECT_EQ(request->from.value, kNow.value - 24 * kNanosPerHour);
  request = parse_jaeger_dependencies(params("endTs=1700000000000&lookback=60000&service=a"), {});
  EXPECT_EQ(request->to, kNow);
  EXPECT_EQ(request->from.value, kNow.value - kNanosPerMinute);
  EXPECT_EQ(request->service, "a");
  EXPECT_EQ(message(parse_jaeger_dependencies(params("lookback=1h"), kNow).status()),
            "unable to parse param 'lookback': strconv.ParseInt: parsing \"1h\": invalid syntax");
}

TEST(JaegerV3Parameters, both_spellings_and_a_plus_that_came_as_a_space) {
  auto camel = parse_jaeger_v3_search(params(
      "query.serviceName=shop&query.operationName=op&query.startTimeMin=2023-11-14T22:13:20Z&"
      "query.startTimeMax=2023-11-14T23:13:21.000000001+01:00&query.durationMin=1ms&"
      "query.durationMax=1s&query.searchDepth=7&query.rawTraces=true&"
      "query.attributes=%7B%22a%22%3A%22b%22%7D"));
  ASSERT_TRUE(camel.ok()) << camel.status().to_string();
  EXPECT_EQ(camel->request.start_min, kNow);
  EXPECT_EQ(camel->request.start_max.value, kNow.value + kNanosPerSecond + 1);
  EXPECT_EQ(camel->request.limit, 7u);
  EXPECT_TRUE(camel->is_raw);
  auto snake = parse_jaeger_v3_search(params(
      "query.service_name=shop&query.operation_name=op&query.start_time_min=2023-11-14T22:13:20Z&"
      "query.start_time_max=2023-11-14T22:13:21.000000001Z&query.duration_min=1ms&"
      "query.duration_max=1s&query.num_traces=7&query.raw_traces=1&"
      "query.attributes=%7B%22a%22%3A%22b%22%7D"));
  ASSERT_TRUE(snake.ok()) << snake.status().to_string();
  EXPECT_EQ(condition(snake), condition(camel));
  EXPECT_EQ(snake->request.start_max, camel->request.start_max);
  EXPECT_EQ(snake->request.limit, 7u);
}

TEST(JaegerV3Parameters, search_depth_defaults_to_a_hundred) {
  EXPECT_EQ(v3("")->request.limit, 100u);
  EXPECT_EQ(v3("query.searchDepth=0")->request.limit, 100u);
  EXPECT_EQ(v3("query.searchDepth=-3")->request.limit, 100u);
  EXPECT_EQ(v3("query.searchDepth=3&query.num_traces=5")->request.limit, 3u);
}

TEST(JaegerV3Parameters, texts_of_refusal) {
  auto text = [](std::string_view query) { return message(v3(query).status()); };
  auto bare = [](std::string_view query) {
    return message(parse_jaeger_v3_search(params(query)).status());
  };
  EXPECT_EQ(bare(""), "query.startTimeMin and query.startTimeMax are required");
  EXPECT_EQ(bare("query.startTimeMin=2023-11-14T00:00:00Z"),
            "query.startTimeMin and query.startTimeMax are required");
  EXPECT_EQ(bare("query.start_time_min=x&query.startTimeMax=2023-11-14T00:00:00Z"),
            "malformed parameter query.start_time_min: expected an RFC 3339 time such as "
            "2026-11-22T03:00:00Z, got \"x\"");
  EXPECT_EQ(bare("query.startTimeMin=2023-11-14T00:00:00Z&query.startTimeMax=2023-11-14T00:00:00Z"),
            "query.startTimeMin must be before query.startTimeMax");
  EXPECT_EQ(text("query.searchDepth=x"),
            "malformed parameter query.searchDepth: strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(text("query.num_traces=x"),
            "malformed parameter query.num_traces: strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(text("query.durationMin=5"),
            "malformed parameter query.durationMin: time: missing unit in duration \"5\"");
  EXPECT_EQ(text("query.rawTraces=x"),
            "malformed parameter query.rawTraces: strconv.ParseBool: parsing \"x\": invalid "
            "syntax");
  EXPECT_EQ(text("query.attributes=%7B%22a%22%3A1%7D"),
            "malformed parameter query.attributes: expected the value of \"a\" to be a string");
  EXPECT_EQ(text("query.filter=%7B"), message(v3("query.filter=%7B").status()));
  EXPECT_TRUE(text("query.filter=%7B").starts_with("malformed parameter query.filter: "));
  EXPECT_TRUE(text("query.serviceName=a&query.filter=%7B%22op%22%3A%22exists%22%7D")
                  .starts_with("query.filter cannot be combined with query.serviceName"));
}

TEST(JaegerV3Parameters, trace_and_dependencies) {
  EXPECT_TRUE(parse_jaeger_v3_trace(
                  "1", params("startTime=2023-11-14T22:13:20+00:00&end_time=2023-11-14T22:13:20Z&"
                              "raw_traces=true"))
                  ->is_raw);
  EXPECT_EQ(message(parse_jaeger_v3_trace("xyz", params("")).status()),
            "malformed parameter trace_id: strconv.ParseUint: parsing \"xyz\": invalid syntax");
  EXPECT_EQ(message(parse_jaeger_v3_trace("1", params("end_time=x")).status()),
            "malformed parameter end_time: expected an RFC 3339 time such as "
            "2026-11-22T03:00:00Z, got \"x\"");
  EXPECT_EQ(message(parse_jaeger_v3_dependencies(params("")).status()),
            "startTime and endTime are required");
  auto range = parse_jaeger_v3_dependencies(
      params("startTime=2023-11-14T22:13:20Z&endTime=2023-11-14T22:13:21Z"));
  EXPECT_EQ(range->from, kNow);
  EXPECT_EQ(parse_jaeger_v3_operations(params("service=a&span_kind=server")).kind, "server");
}

}  // namespace
}  // namespace spoor::api
