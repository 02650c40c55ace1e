// Guessing a shape and making its key must give the same rows.
#include "store/row_encoder.h"

#include <gtest/gtest.h>

#include <random>

#include "store/limits.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

// The same spans both ways; after each the rows must be equal, and so the shapes they stand for.
class BothWays {
 public:
  void encode(const Span& span, uint32_t service, uint32_t scope) {
    uint32_t guessed = guessing_.encode(span, service, scope);
    uint32_t looked_up = plain_.encode(span, service, scope);
    ASSERT_EQ(guessed, looked_up);
    ASSERT_EQ(guessing_.values(), plain_.values());
    ASSERT_EQ(guessed_shapes_.size(), plain_shapes_.size());
    ASSERT_EQ(shape_key(guessed_shapes_[guessed]), shape_key(plain_shapes_[looked_up]));
  }
  size_t shapes() const { return guessed_shapes_.size(); }

 private:
  ShapeTable guessed_shapes_;
  ShapeTable plain_shapes_;
  RowEncoder guessing_{guessed_shapes_};
  RowEncoder plain_{plain_shapes_, RowEncoder::Guess::Never};
};

// What only a careful comparison tells from the span before.
void change_one_thing(Span& span, Arena& arena, std::mt19937_64& random) {
  std::span<KeyValue> attributes = arena.copy(span.attributes);
  KeyValue* one = attributes.empty() ? nullptr : &attributes[random() % attributes.size()];
  span.attributes = attributes;
  switch (random() % 10) {
    case 0:
      span.kind ^= 1;
      break;
    case 1:
      span.name = arena.copy(std::string(span.name.size(), 'x'));
      break;
    case 2:
      span.status.present = !span.status.present;
      break;
    case 3:
      span.parent_span_id = span.parent_span_id.empty() ? "12345678" : "";
      break;
    case 4:
      span.dropped_links_count ^= 1;
      break;
    case 5:
      if (one != nullptr) one->key = arena.copy(std::string(one->key.size(), 'k'));
      break;
    case 6:
      if (one != nullptr) one->value = Value::of_bytes("bytes");
      break;
    case 7:
      if (one != nullptr) std::swap(*one, attributes.front());
      break;
    case 8:
      if (one != nullptr) span.attributes = span.attributes.first(attributes.size() - 1);
      break;
    default:
      span.events = span.events.first(span.events.size() / 2);
  }
}

TEST(RowEncoder, guessing_gives_the_same_rows) {
  std::mt19937_64 random(11);
  BothWays both;
  for (int round = 0; round < 300; ++round) {
    SpanBatch batch = test::arbitrary_batch(random);
    for (const Span& span : batch.spans) {
      ASSERT_NO_FATAL_FAILURE(both.encode(span, span.resource, span.scope));
      Span other = span;
      for (int change = 0; change < 4; ++change) {
        ASSERT_NO_FATAL_FAILURE(both.encode(other, span.resource, span.scope));
        change_one_thing(other, batch.arena, random);
      }
    }
  }
}

TEST(RowEncoder, guessing_gives_the_same_rows_beyond_the_limits_of_shapes) {
  BothWays both;
  Arena arena;
  for (size_t i = 0; i < 2 * kShapesMax; ++i) {
    KeyValue attributes[] = {{"same", Value::of_int(static_cast<int64_t>(i))},
                             {arena.copy("key." + std::to_string(i)), Value::of_bool(true)}};
    Event event{{i}, arena.copy("event " + std::to_string(i)), attributes, 0};
    Span span;
    span.name = arena.copy("name " + std::to_string(i));
    span.attributes = attributes;
    span.events = {&event, i % 2};
    ASSERT_NO_FATAL_FAILURE(both.encode(span, 1, 2));
  }
  EXPECT_GE(both.shapes(), kShapesMax);
  EXPECT_LT(both.shapes(), kShapesMax + 8);
}

}  // namespace
}  // namespace spoor::store
