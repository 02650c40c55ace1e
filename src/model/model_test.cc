#include <gtest/gtest.h>

#include <cmath>

#include "model/content_hash.h"
#include "model/model.h"

namespace spoor {
namespace {

TEST(TraceIdText, takes_every_form_that_clients_send) {
  TraceId id = *parse_trace_id("0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(*parse_trace_id("AF7651916CD43DD8448EB211C80319C"), id);
  EXPECT_EQ(*parse_trace_id("CvdlGRbNQ92ESOshHIAxnA=="), id);
  EXPECT_EQ(*parse_trace_id("CvdlGRbNQ92ESOshHIAxnA"), id);
  EXPECT_EQ(to_hex(*parse_trace_id("1")), "00000000000000000000000000000001");
  for (std::string_view bad : {"", "xyz!", "0af7651916cd43dd8448eb211c80319c0", "a b"}) {
    EXPECT_FALSE(parse_trace_id(bad).ok()) << bad;
  }
}

TEST(TenantName, follows_the_grammar) {
  EXPECT_TRUE(TenantId::parse("Team_1.a-b").ok());
  EXPECT_TRUE(TenantId::parse(std::string(64, 'a')).ok());
  for (std::string bad : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                          std::string("a b"), std::string(65, 'a'), std::string("a\0", 2)}) {
    EXPECT_FALSE(TenantId::parse(bad).ok()) << bad;
  }
}

TEST(Value, equality_is_of_type_and_bits) {
  EXPECT_NE(Value::of_int(1), Value::of_double(1));
  EXPECT_NE(Value::of_double(0.0), Value::of_double(-0.0));
  EXPECT_EQ(Value::of_double(std::nan("")), Value::of_double(std::nan("")));
  EXPECT_NE(Value::absent(), Value::empty());
  EXPECT_NE(Value::of_string("a"), Value::of_bytes("a"));
  Value inner[] = {Value::of_int(1), Value::empty()};
  KeyValue entry[] = {{"k", Value::of_array(inner)}};
  EXPECT_EQ(Value::of_list(entry), Value::of_list(entry));
}

TEST(ContentHash, tells_apart_spans_that_differ_in_one_field_only) {
  KeyValue one[] = {{"k", Value::of_int(1)}};
  KeyValue two[] = {{"k", Value::of_int(2)}};
  Span a, b, c;
  a.attributes = one;
  b.attributes = one;
  c.attributes = two;
  EXPECT_EQ(content_hash(a), content_hash(b));
  EXPECT_NE(content_hash(a), content_hash(c));
  b.status.present = true;
  EXPECT_NE(content_hash(a), content_hash(b));
  Event event;
  event.attributes = one;
  c = a;
  c.events = {&event, 1};
  EXPECT_NE(content_hash(a), content_hash(c));
}

TEST(Span, a_parent_of_zeros_is_no_parent) {
  Span span;
  EXPECT_FALSE(span.has_parent());
  span.parent_span_id = std::string_view("\0\0\0\0\0\0\0\0", 8);
  EXPECT_FALSE(span.has_parent());
  span.parent_span_id = std::string_view("\0\0\0\0\0\0\0\1", 8);
  EXPECT_TRUE(span.has_parent());
}

}  // namespace
}  // namespace spoor
