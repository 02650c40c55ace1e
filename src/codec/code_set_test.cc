#include "codec/code_set.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace spoor::codec {
namespace {

TEST(CodeSet, selects_as_its_scalar_twin) {
  std::mt19937_64 random(1);
  for (size_t size : {0, 1, 15, 63, 64, 65, 127, 128, 1000, 1024}) {
    for (size_t members : {1, 2, 200, 70'000}) {
      std::vector<uint8_t> is_member(members);
      for (uint8_t& member : is_member) {
        member = random() % 3 == 0 ? static_cast<uint8_t>(random()) : 0;
      }
      std::vector<int64_t> codes(size);
      for (int64_t& code : codes) code = static_cast<int64_t>(random() % members);
      std::vector<uint64_t> words((size + 63) / 64, random()), twin((size + 63) / 64, random());
      select_codes(codes, is_member, words);
      select_codes_scalar(codes, is_member, twin);
      EXPECT_EQ(words, twin) << size << " codes of " << members;
      for (size_t i = 0; i < size; ++i) {
        EXPECT_EQ(words[i / 64] >> (i % 64) & 1, is_member[static_cast<size_t>(codes[i])] != 0);
      }
    }
  }
}

}  // namespace
}  // namespace spoor::codec
