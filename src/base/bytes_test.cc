#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace spoor {
namespace {

TEST(SameBytes, agrees_with_string_views_at_every_length) {
  for (size_t size = 0; size < 40; ++size) {
    std::string a(size, 'a');
    EXPECT_TRUE(same_bytes(a, std::string(size, 'a')));
    EXPECT_FALSE(same_bytes(a, std::string(size + 1, 'a')));
    for (size_t at = 0; at < size; ++at) {
      std::string b = a;
      b[at] = 'b';
      EXPECT_FALSE(same_bytes(a, b)) << size << " bytes that differ at " << at;
    }
  }
}

TEST(Varint, round_trips_at_every_length) {
  for (int shift = 0; shift < 64; ++shift) {
    for (uint64_t value :
         {uint64_t{1} << shift, (uint64_t{1} << shift) - 1, ~uint64_t{0} >> shift}) {
      std::string bytes;
      append_varint(bytes, value);
      EXPECT_EQ(varint_size(value), bytes.size());
      ByteReader reader(bytes);
      EXPECT_EQ(reader.varint(), value);
      EXPECT_TRUE(reader.at_end());
      EXPECT_FALSE(reader.failed());
    }
  }
}

TEST(ByteReader, fails_for_good_at_the_first_read_beyond_the_end) {
  ByteReader cut(std::string_view("\xff\xff", 2));
  EXPECT_EQ(cut.varint(), 0u);
  EXPECT_TRUE(cut.failed());
  ByteReader wide(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  wide.varint();
  EXPECT_TRUE(wide.failed());
  ByteReader sized(
      std::string_view("\x05"
                       "ab",
                       3));
  EXPECT_EQ(sized.sized(), "");
  EXPECT_TRUE(sized.failed());
  EXPECT_EQ(sized.fixed<uint8_t>(), 0);
}

TEST(Zigzag, keeps_small_magnitudes_small_and_round_trips_the_extremes) {
  EXPECT_EQ(zigzag_encode(-1), 1u);
  EXPECT_EQ(zigzag_encode(1), 2u);
  for (int64_t value : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                        int64_t{0}, int64_t{-12345}}) {
    EXPECT_EQ(zigzag_decode(zigzag_encode(value)), value);
  }
}

TEST(Hex, accepts_both_cases_and_nothing_else) {
  std::string bytes;
  EXPECT_TRUE(append_from_hex(bytes, "00fFAb"));
  EXPECT_EQ(bytes, std::string("\x00\xff\xab", 3));
  EXPECT_EQ(to_hex(bytes), "00ffab");
  EXPECT_FALSE(append_from_hex(bytes, "0g"));
  EXPECT_FALSE(append_from_hex(bytes, "123"));
  EXPECT_EQ(bytes.size(), 3u);
}

TEST(Base64, matches_rfc_4648_and_takes_all_variants) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  for (std::string_view text : {"+/+/", "-_-_"}) {
    std::string bytes;
    EXPECT_TRUE(append_from_base64(bytes, text));
    EXPECT_EQ(bytes, "\xfb\xff\xbf");
  }
  std::string bytes;
  EXPECT_TRUE(append_from_base64(bytes, "Zm8"));
  EXPECT_EQ(bytes, "fo");
  EXPECT_FALSE(append_from_base64(bytes, "Zm9vY"));
  EXPECT_FALSE(append_from_base64(bytes, "Zm9?"));
}

}  // namespace
}  // namespace spoor
