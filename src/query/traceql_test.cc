#include "query/traceql_evaluate.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/plain_traceql.h"
#include "traceql/check.h"

namespace spoor::query {
namespace {

constexpr uint64_t kMilli = kNanosPerMilli;

// A trace of eight spans, in order of their start:
//
//   root (front) -> call -> handle (cart) -> db, log
//   orphan, whose parent is not there; loop1 and loop2, parents of each other
class TraceqlTest : public testing::Test {
 protected:
  TraceqlTest() {
    batch_.resources.resize(2);
    batch_.resources[0].attributes =
        list({{"service.name", Value::of_string("front")}, {"zone", Value::of_string("eu")}});
    batch_.resources[1].attributes =
        list({{"service.name", Value::of_string("cart")}, {"n", Value::of_int(77)}});
    batch_.scopes.resize(2);
    batch_.scopes[1].name = "lib";
    batch_.scopes[1].version = "1.2";
    batch_.scopes[1].attributes = list({{"level", Value::of_int(4)}});
    Span& root = add("root", 1, 0, 0, 1000);
    root.kind = kKindServer;
    root.attributes = list({{"http.status_code", Value::of_int(500)},
                            {"path", Value::of_string("/cart")},
                            {"flag", Value::of_bool(true)},
                            {"ratio", Value::of_double(0.5)},
                            {"tags", array({Value::of_string("x"), Value::of_string("y")})},
                            {"sizes", array({Value::of_int(1), Value::of_int(20)})},
                            {"none", array({})},
                            {"mixed", array({Value::of_string("x"), Value::of_int(1)})}});
    add_call();
    Span& handle = add("handle", 3, 2, 150, 300, 1);
    handle.kind = kKindServer;
    handle.status = {true, kStatusError, "bad"};
    handle.attributes = list({{"n", Value::of_double(2.5)}, {"path", Value::of_string("/add")}});
    Span& db = add("db", 4, 3, 200, 100, 1);
    db.kind = kKindClient;
    db.attributes = list({{"n", Value::of_string("text")}, {"flag", Value::of_bool(false)}});
    add("log", 5, 3, 250, 10, 1).attributes = list({{"n", Value::empty()}});
    add("orphan", 6, 99, 400, 10).attributes = list({{"n", Value::of_int(10)}});
    add("loop1", 7, 8, 410, 10);
    add("loop2", 8, 7, 420, 10);
  }

  void add_call() {
    Span& call = add("call", 2, 1, 100, 500);
    call.kind = kKindClient;
    call.status = {true, kStatusOk, ""};
    call.scope = 1;
    call.attributes = list({{"n", Value::of_int(3)}});
    Event* events = batch_.arena.allocate<Event>(2);
    std::construct_at(events);
    events[0].name = "exception";
    events[0].time.value = call.start.value + 10 * kMilli;
    events[0].attributes = list({{"message", Value::of_string("boom")}});
    std::construct_at(events + 1);
    events[1].name = "retry";
    events[1].time.value = call.start.value + 20 * kMilli;
    events[1].attributes =
        list({{"message", Value::of_string("again")}, {"attempt", Value::of_int(2)}});
    call.events = {events, 2};
    Link* links = batch_.arena.allocate<Link>(1);
    std::construct_at(links);
    links[0].trace_id = batch_.arena.copy(std::string(15, '\0') + "\x0a");
    links[0].span_id = batch_.arena.copy(std::string(7, '\0') + "\x0b");
    links[0].attributes = list({{"why", Value::of_string("follows")}});
    call.links = {links, 1};
  }

  Span& add(std::string_view name, char id, char parent, uint64_t start_ms, uint64_t duration_ms,
            uint32_t resource = 0) {
    Span& span = batch_.spans.emplace_back();
    span.trace_id = batch_.arena.copy(std::string(15, '\0') + "\x2a");
    span.span_id = batch_.arena.copy(std::string(7, '\0') + id);
    if (parent != 0) span.parent_span_id = batch_.arena.copy(std::string(7, '\0') + parent);
    span.name = name;
    span.resource = resource;
    span.start.value = 1'000 * kNanosPerSecond + start_ms * kMilli;
    span.end.value = span.start.value + duration_ms * kMilli;
    return span;
  }

  Attributes list(std::initializer_list<KeyValue> entries) {
    return batch_.arena.copy(std::span<const KeyValue>(entries.begin(), entries.size()));
  }
  Value array(std::initializer_list<Value> values) {
    return Value::of_array(
        batch_.arena.copy(std::span<const Value>(values.begin(), values.size())));
  }

  // "root call; db": names of the spans, spanset by spanset; or the error.
  std::string found(std::string_view text) {
    auto query = traceql::parse_checked(text);
    if (!query.ok()) return query.status().to_string();
    auto plan = TraceqlPlan::make(*query);
    if (!plan.ok()) return plan.status().to_string();
    TraceqlTrace trace(batch_);
    auto spansets = evaluate(*plan, trace);
    if (!spansets.ok()) return spansets.status().to_string();
    std::string names;
    attributes_.clear();
    for (const Spanset& spanset : *spansets) {
      if (!names.empty()) names += "; ";
      for (SpanIndex i : spanset.spans) {
        names += (i == spanset.spans.front() ? "" : " ") + std::string(trace.span(i).name);
      }
      for (const SpansetAttribute& attribute : spanset.attributes) {
        attributes_.push_back(std::string(attribute.key) + "=");
        append_value_json(attributes_.back(), attribute.value.value);
      }
    }
    return names;
  }

  std::string plainly_found(std::string_view text) {
    auto query = traceql::parse_checked(text);
    if (!query.ok()) return query.status().to_string();
    test::PlainTrace trace;
    for (const Span& span : batch_.spans) trace.add(batch_, span);
    trace.sort();
    std::string names;
    for (const auto& spanset : test::PlainTraceql(trace).run(*query)) {
      if (!names.empty()) names += "; ";
      for (size_t i : spanset.spans) {
        names += (i == spanset.spans.front() ? "" : " ") + std::string(trace.rows[i].span->name);
      }
    }
    return names;
  }

  struct Case {
    std::string_view query, names;
  };
  void check(std::initializer_list<Case> cases) {
    for (const Case& one : cases) {
      EXPECT_EQ(found(one.query), one.names) << one.query;
      EXPECT_EQ(plainly_found(one.query), one.names) << one.query;
    }
  }

  SpanBatch batch_;
  std::vector<std::string> attributes_;
};

constexpr std::string_view kAll = "root call handle db log orphan loop1 loop2";

TEST_F(TraceqlTest, intrinsics_of_the_span) {
  check({
      {"{ }", kAll},
      {"{ false }", ""},
      {"{ name = \"db\" }", "db"},
      {"{ name != \"db\" && name =~ \"d.|l.*\" }", "log loop1 loop2"},
      {"{ name =~ \"o\" }", ""},
      {"{ name !~ \".*o.*\" }", "call handle db"},
      {"{ name > \"log\" && name <= \"loop2\" }", "loop1 loop2"},
      {"{ status = error }", "handle"},
      {"{ status != error }", "root call db log orphan loop1 loop2"},
      {"{ status = 2 }", "handle"},
      {"{ status = ok || 2 = status }", "call handle"},
      {"{ statusMessage = \"bad\" }", "handle"},
      {"{ kind = server }", "root handle"},
      {"{ kind != unspecified }", "root call handle db"},
      {"{ duration > 100ms }", "root call handle"},
      {"{ duration >= 100ms && duration < 1s }", "call handle db"},
      {"{ duration = 100000000 }", "db"},
      {"{ duration = 1e8 }", "db"},
      {"{ span:id = \"4\" || span:id = \"000000000000000B\" }", "db"},
      {"{ span:parentID = \"3\" }", "db log"},
      {"{ span:parentID = \"\" }", "root"},
      {"{ instrumentation:name = \"lib\" && instrumentation:version = \"1.2\" }", "call"},
      {"{ instrumentation.level = 4 }", "call"},
      {"{ name != nil }", kAll},
      {"{ nil = nil }", ""},
  });
}

TEST_F(TraceqlTest, intrinsics_of_trace_and_tree) {
  check({
      {"{ traceDuration = 1s }", kAll},
      {"{ traceDuration > 1s }", ""},
      {"{ rootName = \"root\" && rootServiceName = \"front\" && name = \"db\" }", "db"},
      {"{ trace:id = \"2A\" && name = \"db\" }", "db"},
      {"{ trace:id != \"2a\" }", ""},
      {"{ trace:id =~ \"0+2a\" && name = \"db\" }", "db"},
      {"{ span:childCount = 2 }", "handle"},
      {"{ span:childCount = 1 }", "root call loop1 loop2"},
      {"{ nestedSetParent < 0 }", "root"},
      {"{ nestedSetParent = 0 }", "orphan loop1 loop2"},
      {"{ nestedSetLeft = 3 && nestedSetRight = 8 && nestedSetParent = 2 }", "handle"},
      {"{ nestedSetParent = 3 && nestedSetRight = nestedSetLeft + 1 }", "db log"},
  });
}

TEST_F(TraceqlTest, attributes_are_looked_up_in_their_scopes) {
  check({
      {"{ resource.service.name = \"cart\" }", "handle db log"},
      {"{ span.service.name = nil && name = \"db\" }", "db"},
      {"{ .service.name = \"cart\" && .path = \"/add\" }", "handle"},
      {"{ .n = 77 }", "log"},
      {"{ span.n = nil }", "root log loop1 loop2"},
      {"{ span.n != nil }", "call handle db orphan"},
      {"{ .n = nil }", "root loop1 loop2"},
      {"{ .level = 4 && .why = \"follows\" }", "call"},
      {"{ link.why != nil }", "call"},
      {"{ .message = \"boom\" && .message = \"again\" }", "call"},
      {"{ event:name = \"retry\" }", "call"},
      {"{ event:name != \"retry\" }", "call"},
      {"{ event.message = \"boom\" && event:name = \"retry\" }", "call"},
      {"{ event.message = nil && kind = client }", "db"},
      {"{ event:timeSinceStart > 15ms }", "call"},
      {"{ event:timeSinceStart > 20ms }", ""},
      {"{ event:timeSinceStart * 2 = 40ms }", "call"},
      {"{ event.attempt > 1 }", "call"},
      {"{ link:traceID = \"A\" && link:spanID = \"b\" }", "call"},
      {"{ link:spanID =~ \".*0b\" }", "call"},
  });
}

TEST_F(TraceqlTest, types_do_not_mix_but_for_numbers) {
  check({
      {"{ .n = 3 }", "call"},
      {"{ .n != 3 }", "handle log orphan"},
      {"{ .n > 2 }", "call handle log orphan"},
      {"{ .n = 2.5 }", "handle"},
      {"{ .n = 3.0 && .n < 4ns }", "call"},
      {"{ .n = \"text\" }", "db"},
      {"{ .n != \"text\" }", ""},
      {"{ .n =~ \"te.*\" }", "db"},
      {"{ .n !~ \"x.*\" }", "db"},
      {"{ .http.status_code >= \"400\" }", ""},
      {"{ .flag }", "root"},
      {"{ .flag = false }", "db"},
      {"{ !.flag }", "db"},
      {"{ !(.n = 3) && kind = client }", "db"},
      {"{ .n }", ""},
      {"{ .n = error }", ""},
      {"{ .n != server }", ""},
  });
}

TEST_F(TraceqlTest, nil_decides_logic_from_the_left) {
  check({
      {"{ .nothing || true }", ""},
      {"{ true || .nothing }", kAll},
      {"{ .nothing && true }", ""},
      {"{ .nothing || name = \"db\" || name = \"log\" }", "log"},
      {"{ name = \"db\" || name = \"log\" || .nothing }", "db log"},
      {"{ !.nothing }", ""},
      {"{ .nothing != 1 || .nothing !~ \"x\" || .nothing = .nothing }", ""},
      {"{ (name = \"db\") = true }", "db"},
  });
}

TEST_F(TraceqlTest, lists_hold_if_any_element_does_or_none) {
  check({
      {"{ .tags = \"x\" && .tags = \"y\" }", "root"},
      {"{ \"x\" = .tags }", "root"},
      {"{ .tags != \"x\" }", ""},
      {"{ .tags != \"z\" }", "root"},
      {"{ .tags =~ \"[y-z]\" }", "root"},
      {"{ .tags !~ \"[y-z]\" }", ""},
      {"{ .tags !~ \"[a-c]\" }", "root"},
      {"{ .tags != 5 || .tags = 5 }", ""},
      {"{ .sizes > 10 && .sizes < 10 && 10 < .sizes }", "root"},
      {"{ .sizes !~ \"x\" }", ""},
      {"{ .none = 1 }", ""},
      {"{ .none != 1 && .none !~ \"x\" }", "root"},
      {"{ .mixed = \"x\" || .mixed = 1 || .mixed != 2 }", ""},
      {"{ .mixed != nil }", "root"},
      {"{ .tags = .tags }", ""},
      {"{ .sizes + 1 > 0 }", ""},
  });
}

TEST_F(TraceqlTest, arithmetic) {
  check({
      {"{ .n * 2 + 1 = 7 }", "call"},
      {"{ .n ^ 2 = 9 }", "call"},
      {"{ 2 ^ 3 = 8 && 2 ^ 3 ^ 2 = 512 && name = \"db\" }", "db"},
      {"{ 2 ^ -1 = 0.5 && name = \"db\" }", "db"},
      {"{ 1 / 10 = 0 && 1.0 / 10 = 0.1 && name = \"db\" }", "db"},
      {"{ -7 % 4 = -3 && name = \"db\" }", "db"},
      {"{ .ratio / 0 > 1 }", "root"},
      {"{ -.n = -3 }", "call"},
      {"{ duration / 2 = 50ms }", "db"},
      {"{ duration * .n > 1s }", "call"},
      {"{ .path + 1 = 1 }", ""},
      {"{ 9223372036854775807 + 1 > 9223372036854775807 && name = \"db\" }", "db"},
  });
  EXPECT_EQ(found("{ .n / 0 = 1 }"), "INVALID_ARGUMENT: division by zero in '.n / 0'");
  EXPECT_EQ(found("{ .n % (.n - 3) = 1 }"),
            "INVALID_ARGUMENT: division by zero in '.n % (.n - 3)'");
}

TEST_F(TraceqlTest, operators_between_spansets) {
  check({
      {"{ name = \"db\" } && { name = \"call\" }", "call db"},
      {"{ name = \"db\" } && { name = \"nothing\" }", ""},
      {"{ name = \"db\" } || { name = \"nothing\" }", "db"},
      {"{ name = \"db\" } || { name = \"log\" } || { name = \"root\" }", "root db log"},
      {"{ name = \"handle\" } > { }", "db log"},
      {"{ name = \"call\" } >> { }", "handle db log"},
      {"{ name = \"handle\" } < { }", "call"},
      {"{ name = \"handle\" } << { }", "root call"},
      {"{ name = \"db\" } ~ { }", "log"},
      {"{ name =~ \"db|log\" } ~ { name =~ \"db|log\" }", "db log"},
      {"{ name = \"root\" } ~ { }", ""},
      {"{ name = \"handle\" } !> { }", "root call handle orphan loop1 loop2"},
      {"{ name = \"call\" } !>> { }", "root call orphan loop1 loop2"},
      {"{ name = \"handle\" } !< { }", "root handle db log orphan loop1 loop2"},
      {"{ name = \"handle\" } !<< { }", "handle db log orphan loop1 loop2"},
      {"{ name = \"db\" } !~ { }", "root call handle db orphan loop1 loop2"},
      {"{ name = \"nothing\" } !> { kind = client }", "call db"},
      {"{ } !> { name = \"nothing\" }", ""},
      {"{ name = \"handle\" } &> { name = \"db\" }", "handle db"},
      {"{ } &>> { name = \"handle\" }", "root call handle"},
      {"{ } &< { name = \"handle\" }", "handle db log"},
      {"{ name = \"db\" } &<< { kind = server }", "root handle db"},
      {"{ name = \"db\" } &~ { }", "db log"},
      {"{ name = \"loop1\" } > { }", ""},
      {"{ name = \"loop1\" } >> { }", ""},
      {"{ } > { name = \"orphan\" }", ""},
      {"{ name = \"root\" } >> { kind = server } > { }", "db log"},
      {"{ name = \"root\" } >> { kind = server } && { kind = client }", "call handle db"},
  });
}

TEST_F(TraceqlTest, pipelines) {
  check({
      {"{ kind = client } | { name = \"db\" }", "db"},
      {"{ kind = client } | { } >> { }", "db"},
      {"{ kind = client } | count() > 1", "call db"},
      {"{ kind = client } | count() > 2", ""},
      {"{ name = \"nothing\" } | count() = 0", ""},
      {"{ kind = client } | by(name)", "call; db"},
      {"{ } | by(resource.service.name) | count() = 3", "handle db log"},
      {"{ } | by(span.n) | count() > 1", "root log loop1 loop2"},
      {"{ } | by(kind) | by(resource.service.name)",
       "root; handle; call; db; log; orphan loop1 loop2"},
      {"{ kind = client } | by(name) | coalesce()", "call db"},
      {"{ } | avg(duration) > 242ms | { name = \"db\" }", "db"},
      {"{ } | avg(duration) < 243ms | { name = \"db\" }", "db"},
      {"{ } | min(.n) = 2.5 | max(.n) = 77 | sum(span.n) = 13", kAll},
      {"{ kind = client } | max(.nothing) > 0", ""},
      {"{ } | max(duration) - min(duration) > 900ms", kAll},
      {"{ } | count() * 2 = 16", kAll},
      {"({ } | by(name) | { name = \"db\" }) && { kind = server }", "root handle db"},
      {"({ kind = client } | count() = 2) && { kind = server }", "root call handle db"},
      {"({ kind = client } | count() = 3) || { kind = server }", "root handle"},
      {"{ name = \"db\" } | select(span.n, name)", "db"},
  });
  EXPECT_EQ(found("({ } | by(name)) && { }"),
            "INVALID_ARGUMENT: an operator between spansets got several on one side, put '| "
            "coalesce()' behind by()");
}

TEST_F(TraceqlTest, spansets_say_what_they_are) {
  EXPECT_EQ(found("{ kind = client } | by(name) | count() = 1 | avg(duration) > 200ms"), "call");
  EXPECT_EQ(attributes_, (std::vector<std::string>{"by(name)=\"call\"", "count()=1",
                                                   "avg(duration)=500000000"}));
  EXPECT_EQ(found("{ name = \"call\" } | avg(.n) > 1 | count() < 5 | by(.nothing)"), "call");
  EXPECT_EQ(attributes_, (std::vector<std::string>{"avg(.n)=3", "count()=1", "by(.nothing)=null"}));
  EXPECT_EQ(found("{ } | by(name) | coalesce()"), kAll);
  EXPECT_TRUE(attributes_.empty());
}

TEST_F(TraceqlTest, what_relates_too_many_values_is_refused) {
  std::vector<Event> events(400);
  for (Event& event : events) event.name = "e";
  batch_.spans[3].events = events;
  EXPECT_NE(found("{ event:name != event:name }").find("RESOURCE_EXHAUSTED"), std::string::npos);
}

TEST_F(TraceqlTest, metrics_are_not_run) {
  EXPECT_EQ(found("{ } | rate()"), "UNIMPLEMENTED: a query of metrics is not run by a search");
}

}  // namespace
}  // namespace spoor::query
