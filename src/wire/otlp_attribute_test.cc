// The short way of reading an attribute and the general one must agree.
#include <gtest/gtest.h>

#include <random>

#include "wire/otlp_encode.h"
#include "wire/test_attribute.h"

namespace spoor::wire {
namespace {

// The bytes of one attribute as an encoder writes them.
std::string encoded(const KeyValue& attribute) {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  batch.spans.emplace_back().attributes = {&attribute, 1};
  std::string request = encode_otlp(batch);
  std::string_view bytes = request;
  for (uint32_t field : {1u, 2u, 2u, 9u}) {
    ProtobufReader in(bytes);
    while (in.next() && in.tag() != sized_tag(field)) in.skip();
    bytes = in.sized();
  }
  return std::string(bytes);
}

std::vector<std::string> attributes() {
  static const std::string kLong(300, 'x');
  const Value strings[] = {Value::of_string("a"), Value::empty(), Value::of_int(7)};
  const KeyValue entries[] = {{"inner", Value::of_bool(true)}, {"", Value::absent()}};
  std::vector<std::string> result;
  for (std::string_view key : {"", "k", "http.request.method", kLong.c_str()}) {
    for (const Value& value :
         {Value::absent(), Value::empty(), Value::of_string(""), Value::of_string("GET"),
          Value::of_string(std::string_view(kLong).substr(0, 125)),
          Value::of_string(std::string_view(kLong).substr(0, 126)), Value::of_string(kLong),
          Value::of_bool(false), Value::of_bool(true), Value::of_int(0), Value::of_int(127),
          Value::of_int(128), Value::of_int(-1), Value::of_int(INT64_MIN), Value::of_double(0.5),
          Value::of_bytes("\x00\xff"), Value::of_array(strings), Value::of_list(entries)}) {
      result.push_back(encoded({key, value}));
    }
  }
  return result;
}

TEST(OtlpAttribute, both_ways_agree_on_what_encoders_write) {
  for (const std::string& bytes : attributes()) EXPECT_TRUE(ways_agree(bytes)) << to_hex(bytes);
}

TEST(OtlpAttribute, both_ways_agree_on_damage) {
  std::mt19937_64 random(3);
  const std::vector<std::string> seeds = attributes();
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = seeds[random() % seeds.size()];
    for (uint64_t damage = random() % 4; damage > 0 && !bytes.empty(); --damage) {
      size_t at = random() % std::min<size_t>(bytes.size(), 40);
      char byte = static_cast<char>(random());
      switch (random() % 4) {
        case 0:
          bytes[at] = byte;
          break;
        case 1:
          bytes.insert(at, 1, byte);
          break;
        case 2:
          bytes.erase(at, 1);
          break;
        default:
          bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
      }
    }
    ASSERT_TRUE(ways_agree(bytes)) << to_hex(bytes);
  }
}

}  // namespace
}  // namespace spoor::wire
