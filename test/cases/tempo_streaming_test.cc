// StreamingQuerier without sockets: what its messages say is what the HTTP API says of the same
// spans, piece by piece; ends, errors and cancellation.
#include <gmock/gmock.h>

#include "api_stack.h"
#include "net/grpc_frame.h"
#include "wire/protobuf.h"
#include "wire/tempo_search_proto.h"

namespace spoor::test {
namespace {

using testing::HasSubstr;
using wire::ProtobufReader;
using wire::ProtobufWriter;
using wire::sized_tag;
using wire::varint_tag;

constexpr size_t kMessageBytesMax = 1 << 20;

struct Answer {
  std::vector<std::string> messages;
  std::vector<net::Header> trailers;

  std::string trailer(std::string_view name) const {
    for (const net::Header& field : trailers) {
      if (field.name == name) return field.value;
    }
    return {};
  }
};

// Reads as a connection does that has room all the time.
Answer read_all(net::Response response) {
  Answer answer;
  answer.trailers = response.headers;
  if (!response.stream) return answer;
  std::mutex mutex;
  std::condition_variable changed;
  size_t wakes = 0;
  response.stream->attach([&] {
    std::lock_guard lock(mutex);
    ++wakes;
    changed.notify_one();
  });
  std::string bytes;
  std::vector<char> buffer(16'384);
  while (true) {
    size_t wakes_before = (std::lock_guard(mutex), wakes);
    net::BodyStream::Taken taken = response.stream->take(buffer.data(), buffer.size());
    bytes.append(buffer.data(), taken.bytes);
    if (taken.is_end) break;
    if (taken.bytes > 0) continue;
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return wakes > wakes_before; });
  }
  answer.trailers = response.stream->trailers();
  response.stream->close();
  for (std::string_view left = bytes; !left.empty();) {
    size_t size = static_cast<unsigned char>(left[1]) << 24 |
                  static_cast<unsigned char>(left[2]) << 16 |
                  static_cast<unsigned char>(left[3]) << 8 | static_cast<unsigned char>(left[4]);
    answer.messages.emplace_back(left.substr(net::kGrpcFrameBytes, size));
    left.remove_prefix(net::kGrpcFrameBytes + size);
  }
  return answer;
}

// The items of the list that a response is for.
std::vector<std::string> items(std::string_view message) {
  std::vector<std::string> result;
  ProtobufReader in(message);
  while (in.next()) {
    if (in.tag() == sized_tag(wire::kTempoListField)) {
      result.emplace_back(in.sized());
    } else {
      in.skip();
    }
  }
  EXPECT_FALSE(in.failed());
  return result;
}

std::vector<std::string> items(const Answer& answer) {
  std::vector<std::string> result;
  for (const std::string& message : answer.messages) {
    for (std::string& item : items(message)) result.push_back(std::move(item));
  }
  return result;
}

// Completed and total jobs of a SearchResponse.
std::pair<uint64_t, uint64_t> progress(std::string_view message) {
  std::pair<uint64_t, uint64_t> jobs;
  for (ProtobufReader in(message); in.next();) {
    if (in.tag() != sized_tag(2)) {
      in.skip();
      continue;
    }
    for (ProtobufReader metrics(in.sized()); metrics.next();) {
      if (metrics.tag() == varint_tag(4)) {
        jobs.first = metrics.varint();
      } else if (metrics.tag() == varint_tag(5)) {
        jobs.second = metrics.varint();
      } else {
        metrics.skip();
      }
    }
  }
  return jobs;
}

std::string search_request(std::string_view query, uint32_t limit, uint32_t spans = 0) {
  ProtobufWriter out;
  out.varint_unless_zero(9, spans);
  out.bytes_unless_empty(8, query);
  out.varint_unless_zero(4, limit);
  return std::string(out.view());
}

class TempoStreaming : public testing::Test {
 protected:
  static net::HeaderList of_tenant(std::string_view tenant) {
    net::HeaderList headers;
    if (!tenant.empty()) headers.add("x-scope-orgid", tenant);
    return headers;
  }

  // Traces of one span each, numbered from `first`, each with `text`.
  void send(uint64_t first, size_t count, std::string_view tenant = {},
            std::string_view text = "x") {
    std::string json = R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",)"
                       R"("value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[)";
    for (uint64_t i = first; i < first + count; ++i) {
      std::string id = std::to_string(i);
      std::string nanos = std::to_string(world_start_ + i * kNanosPerSecond);
      if (i > first) json += ",";
      json += R"({"traceId":")" + std::string(32 - id.size(), '0') + id +
              R"(","spanId":"00000000000000ab","name":"GET","startTimeUnixNano":")" + nanos +
              R"(","endTimeUnixNano":")" + nanos + R"(","attributes":[{"key":"text","value":)" +
              R"({"stringValue":")" + std::string(text) + R"("}}]})";
    }
    json += "]}]}]}";
    net::HeaderList headers = of_tenant(tenant);
    headers.add("content-type", "application/json");
    net::Response response =
        stack_.request(net::Method::Post, "/v1/traces", std::move(json), headers);
    ASSERT_EQ(response.status, 200) << response.body;
    ASSERT_EQ(response.body, "{}");
  }

  net::Response open(std::string_view method, std::string_view request,
                     std::string_view tenant = {}, std::weak_ptr<net::Exchange>* asked = nullptr) {
    net::HeaderList headers = of_tenant(tenant);
    headers.add("content-type", "application/grpc");
    std::string body;
    net::append_grpc_frame(body, request);
    std::weak_ptr<net::Exchange> unused;
    return stack_.request(net::Method::Post, "/tempopb.StreamingQuerier/" + std::string(method),
                          std::move(body), headers, asked != nullptr ? *asked : unused);
  }

  Answer ask(std::string_view method, std::string_view request, std::string_view tenant = {}) {
    return read_all(open(method, request, tenant));
  }

  // The same over HTTP.
  std::string get(std::string_view target, std::string_view tenant = {}) {
    net::HeaderList headers = of_tenant(tenant);
    headers.add("accept", "application/protobuf");
    net::Response response = stack_.request(net::Method::Get, "/select/tempo" + std::string(target),
                                            std::string(), headers);
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body;
  }

  const uint64_t world_start_ = os::MemoryWorld().now().value - 3'600 * kNanosPerSecond;
  ApiStack stack_;
};

TEST_F(TempoStreaming, a_search_comes_in_pages_and_is_that_of_http) {
  send(1, 250);
  ASSERT_TRUE(stack_.flush().ok());
  send(251, 100);
  for (auto [limit, pages] : {std::pair{1u, 1u}, std::pair{20u, 1u}, std::pair{21u, 2u},
                              std::pair{300u, 2u}, std::pair{2'000u, 3u}}) {
    Answer answer = ask("Search", search_request("{ name = `GET` }", limit));
    EXPECT_EQ(answer.trailer("grpc-status"), "0");
    EXPECT_EQ(answer.trailer("x-spoor-cursor").empty(), limit > 350);
    std::string whole = get("/api/search?q={ name = `GET` }&limit=" + std::to_string(limit));
    EXPECT_EQ(items(answer), items(whole));
    EXPECT_EQ(items(answer).size(), std::min(limit, 350u));
    EXPECT_EQ(items(answer.messages.front()).size(), std::min(limit, 20u));
    uint64_t completed = 0;
    for (const std::string& message : answer.messages) {
      auto [done, total] = progress(message);
      EXPECT_EQ(total, pages);
      EXPECT_GT(done, completed);
      completed = done;
    }
    EXPECT_EQ(completed, pages);
  }
}

TEST_F(TempoStreaming, what_matches_nothing_is_one_message_and_an_end) {
  Answer answer = ask("Search", search_request("{ name = `nothing` }", 5));
  ASSERT_EQ(answer.messages.size(), 1u);
  EXPECT_EQ(progress(answer.messages[0]), std::pair(uint64_t{1}, uint64_t{1}));
  EXPECT_EQ(answer.trailer("grpc-status"), "0");
}

TEST_F(TempoStreaming, long_answers_are_cut_into_messages) {
  std::string text(30'000, 'x');
  for (uint64_t first = 1; first < 100; first += 20) send(first, 20, {}, text);
  Answer answer = ask("Search", search_request("{ .text != `` }", 100));
  EXPECT_EQ(answer.trailer("grpc-status"), "0");
  EXPECT_GT(answer.messages.size(), 5u);
  for (const std::string& message : answer.messages) EXPECT_LE(message.size(), kMessageBytesMax);
  EXPECT_EQ(items(answer), items(get("/api/search?q={ .text != `` }&limit=100")));
}

TEST_F(TempoStreaming, completion_is_that_of_http) {
  send(1, 3, "a", "one");
  send(4, 3, "b", "two");
  ProtobufWriter value;
  value.bytes(1, "span.text");
  ProtobufWriter name;
  name.bytes(1, "text");
  ProtobufWriter scope;
  scope.bytes(1, "span");
  for (std::string_view tenant : {"a", "b", "a|b", "c", ""}) {
    EXPECT_EQ(items(ask("SearchTags", "", tenant)), items(get("/api/search/tags", tenant)));
    EXPECT_EQ(items(ask("SearchTagsV2", scope.view(), tenant)),
              items(get("/api/v2/search/tags?scope=span", tenant)));
    EXPECT_EQ(items(ask("SearchTagValues", name.view(), tenant)),
              items(get("/api/search/tag/text/values", tenant)));
    EXPECT_EQ(items(ask("SearchTagValuesV2", value.view(), tenant)),
              items(get("/api/v2/search/tag/span.text/values", tenant)));
  }
  using testing::ElementsAre;
  EXPECT_THAT(items(ask("SearchTagValues", name.view(), "a")), ElementsAre("one"));
  EXPECT_THAT(items(ask("SearchTagValues", name.view(), "a|b")), ElementsAre("one", "two"));
  EXPECT_TRUE(items(ask("SearchTagValues", name.view(), "c")).empty());
  EXPECT_EQ(items(ask("Search", search_request("{}", 0), "a")).size(), 3u);
  EXPECT_EQ(items(ask("Search", search_request("{}", 0), "a|b")).size(), 6u);
  EXPECT_TRUE(items(ask("Search", search_request("{}", 0), "c")).empty());
}

TEST_F(TempoStreaming, metrics_are_those_of_http) {
  send(1, 3, "a", "one");
  send(4, 5, "b", "two");
  const uint64_t start = world_start_ / kNanosPerSecond, end = start + 60;
  ProtobufWriter range;
  range.varint(4, 10 * kNanosPerSecond);
  range.varint(3, end * kNanosPerSecond);
  range.varint(2, start * kNanosPerSecond);
  range.bytes(1, "{} | count_over_time() by (span.text)");
  const std::string target =
      "{} | count_over_time() by (span.text)&step=10s&start=" + std::to_string(start) +
      "&end=" + std::to_string(end);
  for (auto [tenant, series] :
       {std::pair("a", 1u), std::pair("b", 1u), std::pair("b|a", 2u), std::pair("c", 0u)}) {
    Answer answer = ask("MetricsQueryRange", range.view(), tenant);
    EXPECT_EQ(answer.trailer("grpc-status"), "0");
    EXPECT_EQ(items(answer), items(get("/api/metrics/query_range?q=" + target, tenant)));
    EXPECT_EQ(items(answer).size(), series) << tenant;
    Answer instant = ask("MetricsQueryInstant", range.view(), tenant);
    EXPECT_EQ(items(instant), items(get("/api/metrics/query?q=" + target, tenant)));
    EXPECT_EQ(items(instant).size(), series) << tenant;
  }
}

TEST_F(TempoStreaming, what_cannot_be_asked_is_an_invalid_argument) {
  auto refusal = [&](std::string_view method, std::string_view request, std::string_view tenant) {
    Answer answer = ask(method, request, tenant);
    EXPECT_TRUE(answer.messages.empty());
    EXPECT_EQ(answer.trailer("grpc-status"), "3");
    return net::decode_grpc_message(answer.trailer("grpc-message"));
  };
  EXPECT_THAT(refusal("Search", search_request("{ .a = }", 5), ""), HasSubstr("1:8"));
  EXPECT_THAT(refusal("Search", search_request("{} | rate()", 5), ""), HasSubstr("metrics"));
  EXPECT_THAT(refusal("Search", search_request("{}", 262'145), ""), HasSubstr("262144"));
  EXPECT_THAT(refusal("Search", search_request("{}", 1, 101), ""), HasSubstr("spss"));
  EXPECT_THAT(refusal("Search", "\x0a", ""), HasSubstr("malformed SearchRequest"));
  EXPECT_THAT(refusal("MetricsQueryRange", "\x0a\x02{}", ""), HasSubstr("/api/search"));
  EXPECT_THAT(refusal("MetricsQueryInstant", "\x0a\x05{ .a ", ""), HasSubstr("1:"));
  EXPECT_THAT(refusal("SearchTags", "\x0a\x01x", ""), HasSubstr("scope"));
  EXPECT_THAT(refusal("SearchTagValuesV2", "\x0a\x01x", ""), HasSubstr("tag name"));
  EXPECT_THAT(refusal("Search", "", "a/b"), HasSubstr("x-scope-orgid"));
  ProtobufWriter range;
  range.varint(6, 5);
  range.varint(5, 7);
  EXPECT_THAT(refusal("Search", range.view(), ""), HasSubstr("start=7 end=5"));
}

// A reader that stops after the head: the search makes what the queue holds, and no more.
TEST_F(TempoStreaming, a_slow_reader_holds_no_thread_and_a_cancelled_one_nothing) {
  std::string text(30'000, 'x');
  for (uint64_t first = 1; first < 200; first += 20) send(first, 20, {}, text);
  std::vector<net::Response> held;
  std::vector<std::weak_ptr<net::Exchange>> asked(8);
  for (auto& exchange : asked) {
    held.push_back(open("Search", search_request("{ .text != `` }", 200), {}, &exchange));
    ASSERT_NE(held.back().stream, nullptr);
  }
  // The pool has two threads.
  EXPECT_EQ(items(get("/api/search?q={}&limit=3")).size(), 3u);
  for (auto& exchange : asked) {
    if (auto alive = exchange.lock()) alive->cancel();
  }
  for (net::Response& response : held) {
    response.stream->close();
    EXPECT_EQ(response.stream->trailers().front().value, "1");
  }
  held.clear();
  EXPECT_EQ(items(ask("Search", search_request("{}", 5))).size(), 5u);
}

}  // namespace
}  // namespace spoor::test
