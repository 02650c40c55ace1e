#include "app/trace_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"

namespace spoor::app {
namespace {

constexpr uint64_t kStart = 1'767'225'600 * kNanosPerSecond;

// A trace whose spans are named by one-character ids.
class TreeTest : public testing::Test {
 protected:
  Span& add(std::string_view service, std::string_view name, char id, char parent, uint64_t from_ms,
            uint64_t to_ms) {
    Span span;
    span.resource = resource(service);
    span.trace_id = batch_.arena.copy(std::string(15, '\0') + "\x2a");
    span.span_id = span_id(id);
    if (parent != '\0') span.parent_span_id = span_id(parent);
    span.name = batch_.arena.copy(name);
    span.start = {kStart + from_ms * kNanosPerMilli};
    span.end = {kStart + to_ms * kNanosPerMilli};
    batch_.spans.push_back(span);
    return batch_.spans.back();
  }

  void fail(Span& span, std::string_view message) {
    span.status = {true, kStatusError, batch_.arena.copy(message)};
  }

  // Boxes and bars as ASCII, so that the expectation can be read.
  std::string render(size_t columns = 60) {
    std::string text = render_trace_tree(batch_, {TraceTreeOptions::Colour::Off, columns});
    for (auto [from, to] : {std::pair<std::string_view, std::string_view>{"\xe2\x94\x9c", "|"},
                            {"\xe2\x94\x94", "`"},
                            {"\xe2\x94\x80", "-"},
                            {"\xe2\x94\x82", "|"},
                            {"\xe2\x94\x81", "="},
                            {"\xe2\x80\xa6", "~"}}) {
      for (size_t at; (at = text.find(from)) != text.npos;) text.replace(at, from.size(), to);
    }
    return text;
  }

  std::string_view span_id(char id) { return batch_.arena.copy(std::string(7, '\0') + id); }

  SpanBatch batch_;

 private:
  uint32_t resource(std::string_view service) {
    for (uint32_t i = 0; i < batch_.resources.size(); ++i) {
      if (batch_.resources[i].service_name() == service) return i;
    }
    KeyValue name[] = {{"service.name", Value::of_string(batch_.arena.copy(service))}};
    Resource made;
    made.present = true;
    if (!service.empty()) made.attributes = batch_.arena.copy(std::span<const KeyValue>(name));
    batch_.resources.push_back(made);
    return static_cast<uint32_t>(batch_.resources.size() - 1);
  }
};

TEST_F(TreeTest, a_trace_is_a_tree_in_order_of_start) {
  add("payment", "Charge", 'd', 'a', 300, 900);
  add("frontend", "GET /checkout", 'a', '\0', 0, 1000);
  add("cart", "GetCart", 'b', 'a', 10, 250);
  add("redis", "HGET", 'c', 'b', 20, 120);
  fail(batch_.spans[0], "card declined");
  EXPECT_EQ(render(),
            "trace 0000000000000000000000000000002a\n"
            "2026-01-01T00:00:00.000000000Z  duration 1.00s  services 4  spans 4  errors 1\n"
            "\n"
            "frontend  GET /checkout               1.00s  ===============\n"
            "|- cart  GetCart                      240ms  ===\n"
            "|  `- redis  HGET                     100ms  =\n"
            "`- payment  Charge                    600ms      =========\n"
            "   ! card declined\n");
}

TEST_F(TreeTest, an_error_line_keeps_the_lines_of_its_siblings_and_children) {
  add("a", "root", 'a', '\0', 0, 100);
  fail(add("b", "first", 'b', 'a', 0, 50), "no\nroute");
  add("c", "below", 'c', 'b', 0, 50);
  fail(add("d", "second", 'd', 'a', 50, 100), "");
  EXPECT_EQ(render().substr(render().find("\n\n") + 2),
            "a  root                               100ms  ===============\n"
            "|- b  first                          50.0ms  =======\n"
            "|  |  ! no\\nroute\n"
            "|  `- c  below                       50.0ms  =======\n"
            "`- d  second                         50.0ms         =======\n"
            "   ! error\n");
}

TEST_F(TreeTest, an_exception_event_gives_the_message_that_the_status_lacks) {
  KeyValue attributes[] = {{"exception.message", Value::of_string("timeout")}};
  Event event;
  event.name = "exception";
  event.attributes = attributes;
  Span& span = add("a", "x", 'a', '\0', 0, 1);
  fail(span, "");
  span.events = {&event, 1};
  EXPECT_NE(render().find("\n! timeout\n"), std::string::npos);
}

TEST_F(TreeTest, a_parent_that_was_not_received_is_said_once) {
  add("a", "root", 'a', '\0', 0, 100);
  add("b", "one", 'b', 'x', 20, 40);
  add("c", "two", 'c', 'x', 40, 60);
  EXPECT_EQ(render().substr(render().find("\n\n") + 2),
            "a  root                               100ms  ===============\n"
            "parent 0000000000000078 not received\n"
            "|- b  one                            20.0ms     ===\n"
            "`- c  two                            20.0ms        ===\n");
}

TEST_F(TreeTest, rings_and_own_parents_are_shown_once) {
  add("a", "self", 'a', 'a', 0, 10);
  add("b", "one", 'b', 'c', 10, 20);
  add("c", "two", 'c', 'b', 20, 30);
  std::string text = render(100);
  EXPECT_NE(text.find("a  self (its parents form a ring)"), std::string::npos) << text;
  EXPECT_NE(text.find("b  one (its parents form a ring)"), std::string::npos);
  EXPECT_NE(text.find("`- c  two"), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 6);
}

TEST_F(TreeTest, long_names_are_cut_and_odd_times_are_drawn) {
  add("service", std::string(100, 'n'), 'a', '\0', 0, 100);
  add("", "backwards", 'b', 'a', 50, 20);
  add("late", "instant", 'c', 'a', 100, 100);
  EXPECT_EQ(render().substr(render().find("\n\n") + 2),
            "service  nnnnnnnnnnnnnnnnnnnnnnnn~    100ms  ===============\n"
            "|- -  backwards                     -30.0ms         =\n"
            "`- late  instant                        0ns                =\n");
}

TEST_F(TreeTest, an_instant_trace_and_an_empty_one) {
  add("a", "x", 'a', '\0', 5, 5);
  EXPECT_NE(render().find("0ns  =\n"), std::string::npos);
  batch_.clear();
  EXPECT_EQ(render(), "no spans\n");
}

TEST_F(TreeTest, every_line_fits_the_width) {
  for (int i = 0; i < 60; ++i) {
    Span& span = add("service-with-a-name", "operation with a name", static_cast<char>('a' + i),
                     i == 0 ? '\0' : static_cast<char>('a' + i - 1), 0, 100);
    fail(span, std::string(300, 'e'));
  }
  for (size_t columns : {0u, 40u, 57u, 100u, 400u, 10'000u}) {
    std::string text = render(columns);
    size_t limit = std::clamp<size_t>(columns, 40, 400);
    text.erase(0, text.find("\n\n") + 2);
    for (size_t at = 0; at < text.size();) {
      size_t end = text.find('\n', at);
      EXPECT_LE(end - at, limit) << text.substr(at, end - at);
      at = end + 1;
    }
  }
}

TEST_F(TreeTest, a_chain_of_a_hundred_thousand_is_a_long_page_not_a_crash) {
  constexpr uint64_t kSpans = 100'000;
  for (uint64_t i = 0; i < kSpans; ++i) {
    Span& span = add("s", "n", 'a', '\0', 0, 1);
    std::string id(8, '\0'), parent(8, '\0');
    store_le(id.data(), i + 1);
    store_le(parent.data(), i);
    span.span_id = batch_.arena.copy(id);
    span.parent_span_id = batch_.arena.copy(parent);
  }
  std::string text = render_trace_tree(batch_, {});
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<ptrdiff_t>(kSpans + 3));
  EXPECT_NE(text.find(" 99999: s  n"), std::string::npos);
  EXPECT_LT(text.size(), kSpans * 200);
}

TEST_F(TreeTest, colour_comes_only_when_asked_and_changes_nothing_else) {
  fail(add("a", "x", 'a', '\0', 0, 10), "bad");
  add("b", "y", 'b', 'a', 0, 10);
  std::string plain = render_trace_tree(batch_, {TraceTreeOptions::Colour::Off, 60});
  std::string coloured = render_trace_tree(batch_, {TraceTreeOptions::Colour::On, 60});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[31ma\x1b[0m  x"), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[31m! bad\x1b[0m\n"), std::string::npos);
  for (size_t at; (at = coloured.find('\x1b')) != coloured.npos;) {
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  }
  EXPECT_EQ(coloured, plain);
}

TEST(EscapeForTerminal, lets_text_through_and_nothing_that_steers) {
  EXPECT_EQ(escape_for_terminal("caf\xc3\xa9 \xe4\xb8\xad"), "caf\xc3\xa9 \xe4\xb8\xad");
  EXPECT_EQ(escape_for_terminal("\x1b[2J\n\t\x7f"), "\\x1b[2J\\n\\t\\x7f");
  EXPECT_EQ(escape_for_terminal(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_for_terminal("\xff\xc2"), "\\xff\\xc2");
  EXPECT_EQ(escape_for_terminal("\xc2\x9b"), "\\u009b");
  EXPECT_EQ(escape_for_terminal("\xe2\x80\xae"), "\\u202e");
}

}  // namespace
}  // namespace spoor::app
