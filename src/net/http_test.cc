#include "net/http.h"

#include <gmock/gmock.h>

#include "net/body.h"
#include "net/session.h"

namespace spoor::net {
namespace {

TEST(Query, is_decoded_and_may_repeat) {
  QueryParams params = *parse_query("tag=a%3Db&tag=c+d&empty=&alone&&%C3%A4=1");
  EXPECT_EQ(params.first("tag"), "a=b");
  EXPECT_THAT(params.all("tag"), testing::ElementsAre("a=b", "c d"));
  EXPECT_EQ(params.first("empty"), "");
  EXPECT_EQ(params.first("alone"), "");
  EXPECT_EQ(params.first("\xc3\xa4"), "1");
  EXPECT_EQ(params.first("missing"), std::nullopt);
  EXPECT_EQ(params.pairs().size(), 5u);
  EXPECT_TRUE(parse_query("")->pairs().empty());
}

TEST(Query, bad_escapes_are_invalid) {
  for (const char* bad : {"a=%", "a=%1", "a=%g0", "%zz=1", "a=1&b=%0"}) {
    EXPECT_EQ(parse_query(bad).status().code(), Code::InvalidArgument) << bad;
  }
}

TEST(Percent, round_trips_all_bytes) {
  std::string all, decoded;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  ASSERT_TRUE(append_percent_decoded(decoded, percent_encoded(all)));
  EXPECT_EQ(decoded, all);
  EXPECT_EQ(percent_encoded("a-b_c.d~e f/"), "a-b_c.d~e%20f%2F");
}

TEST(Headers, names_are_lowered_and_found) {
  HeaderList headers;
  headers.add("X-One", "A");
  headers.add("x-one", "B");
  EXPECT_EQ(headers.find("x-one"), "A");
  EXPECT_EQ(headers.count("x-one"), 2u);
  EXPECT_EQ(headers.name(1), "x-one");
  EXPECT_EQ(headers.value(1), "B");
  HeaderList copy = headers;
  EXPECT_EQ(copy.find("x-one"), "A");
}

TEST(Response, of_a_status_carries_its_delay_in_whole_seconds) {
  Response response = status_response(unavailable("full", 1));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.find_header("retry-after"), "1");
  EXPECT_EQ(status_response(unavailable("full", 1001)).find_header("retry-after"), "2");
  EXPECT_EQ(status_response(not_found("x")).find_header("retry-after"), std::nullopt);
  EXPECT_EQ(status_response(resource_exhausted("big")).status, 413);
}

TEST(Body, is_charged_by_what_arrives_and_not_by_what_is_promised) {
  os::MemoryBudget budget(1 << 20);
  BodyBuffer body;
  body.start(1 << 20, 1 << 20, &budget);
  EXPECT_EQ(body.append("0123456789"), BodyBuffer::Outcome::Taken);
  EXPECT_LE(budget.used_bytes(), 40u);
  EXPECT_EQ(body.append(std::string((1 << 20) - 10, 'x')), BodyBuffer::Outcome::Taken);
  EXPECT_EQ(body.append("x"), BodyBuffer::Outcome::TooLarge);
  EXPECT_EQ(body.missing(), 0u);
  body.drop();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST(Body, takes_the_bare_need_when_the_budget_is_nearly_full) {
  os::MemoryBudget budget(1000);
  BodyBuffer body;
  body.start(1 << 20, std::nullopt, &budget);
  EXPECT_EQ(body.append(std::string(600, 'x')), BodyBuffer::Outcome::Taken);
  EXPECT_EQ(body.append(std::string(400, 'x')), BodyBuffer::Outcome::Taken);
  EXPECT_EQ(body.append("x"), BodyBuffer::Outcome::NoMemory);
  EXPECT_FALSE(body.reserve_ahead(1));
}

TEST(OutputQueue, gives_bytes_in_order_however_they_are_consumed) {
  OutputQueue queue;
  std::string expected, got;
  for (int i = 0; i < 20; ++i) {
    std::string chunk(static_cast<size_t>(i), static_cast<char>('a' + i));
    expected.append(chunk);
    queue.push(chunk);
  }
  for (size_t step = 1; !queue.empty(); step = step % 7 + 1) {
    size_t bytes = std::min(step, queue.bytes());
    std::string front;
    for (size_t i = 0; i < queue.chunks() && front.size() < bytes; ++i) front += queue.chunk(i);
    got.append(front.substr(0, bytes));
    queue.consume(bytes);
  }
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace spoor::net
