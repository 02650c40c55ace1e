#include "codec/text_filter.h"

#include <gtest/gtest.h>

namespace spoor::codec {
namespace {

TEST(TextFilter, knows_all_of_its_texts_and_few_others) {
  for (size_t texts : {1, 31, 32, 33, 1'000, 40'000}) {
    std::vector<uint64_t> hashes;
    for (size_t i = 0; i < texts; ++i) hashes.push_back(text_filter_hash(std::to_string(i)));
    std::string bytes;
    encode_text_filter(hashes, bytes);
    EXPECT_EQ(bytes.size(), text_filter_size_bytes(texts));
    auto filter = TextFilter::open(bytes);
    ASSERT_TRUE(filter.ok());
    for (uint64_t hash : hashes) ASSERT_TRUE(filter->may_contain(hash));
    size_t wrong = 0;
    constexpr size_t kOthers = 20'000;
    for (size_t i = 0; i < kOthers; ++i) {
      wrong += filter->may_contain(text_filter_hash("other " + std::to_string(i))) ? 1 : 0;
    }
    EXPECT_LT(wrong * 25, kOthers) << texts;
  }
}

TEST(TextFilter, has_whole_blocks) {
  EXPECT_FALSE(TextFilter::open("").ok());
  EXPECT_FALSE(TextFilter::open(std::string(31, '\0')).ok());
  const std::string zeros(32, '\0');
  auto empty = TextFilter::open(zeros);
  ASSERT_TRUE(empty.ok());
  EXPECT_FALSE(empty->may_contain(text_filter_hash("x")));
}

}  // namespace
}  // namespace spoor::codec
