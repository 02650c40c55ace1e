#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "codec/bit_packing.h"
#include "codec/block.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"

namespace spoor::codec {
namespace {

void expect_round_trip(const std::vector<int64_t>& values) {
  std::string page;
  encode_integers(values, page);
  std::vector<int64_t> decoded(values.size());
  ASSERT_TRUE(decode_integers(page, decoded).ok());
  EXPECT_EQ(decoded, values);
}

TEST(BitPacking, round_trips_every_width_and_count) {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    for (size_t count : {size_t{1}, size_t{7}, size_t{8}, size_t{9}, size_t{100}}) {
      std::vector<uint64_t> values(count);
      for (uint64_t& value : values) {
        value = width == 0 ? 0 : random() >> (64 - width);
      }
      std::string packed;
      pack_bits(values, width, packed);
      ASSERT_EQ(packed.size(), packed_size_bytes(count, width));
      std::vector<uint64_t> unpacked(count);
      unpack_bits(packed, width, unpacked);
      EXPECT_EQ(unpacked, values) << width;
    }
  }
}

TEST(Integers, round_trip_random_pages_of_every_spread) {
  std::mt19937_64 random(2);
  for (int spread = 0; spread < 64; ++spread) {
    for (int round = 0; round < 20; ++round) {
      std::vector<int64_t> values(1 + random() % kPageValues);
      uint64_t divisor = round % 3 == 0 ? 1000 : 1;
      for (int64_t& value : values) {
        uint64_t number = (random() >> (63 - spread)) / divisor * divisor;
        if (round % 4 == 1 && random() % 50 == 0) number = random();  // exceptions
        value = static_cast<int64_t>(round % 2 == 0 ? number : ~number);
      }
      expect_round_trip(values);
    }
  }
  expect_round_trip({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()});
  expect_round_trip({0});
}

TEST(Integers, microsecond_clocks_cost_ten_bits_less) {
  std::mt19937_64 random(3);
  std::vector<int64_t> nanos(kPageValues), micros(kPageValues);
  for (size_t i = 0; i < kPageValues; ++i) {
    nanos[i] = static_cast<int64_t>(random() % 1'000'000'000);
    micros[i] = nanos[i] / 1000 * 1000;
  }
  std::string nano_page, micro_page;
  encode_integers(nanos, nano_page);
  encode_integers(micros, micro_page);
  EXPECT_LT(micro_page.size() + kPageValues * 9 / 8, nano_page.size());
}

TEST(Integers, a_cut_or_changed_page_never_reads_outside) {
  std::vector<int64_t> values = {1, 5, 1'000'000'000'000, 7, 9, 11, 2, 3};
  std::string page;
  encode_integers(values, page);
  std::vector<int64_t> decoded(values.size());
  for (size_t size = 0; size < page.size(); ++size) {
    EXPECT_FALSE(decode_integers(page.substr(0, size), decoded).ok());
  }
  EXPECT_FALSE(decode_integers(page + "x", decoded).ok());
  for (size_t i = 0; i < page.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = page;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      (void)decode_integers(changed, decoded);
    }
  }
}

TEST(Integers, even_steps_take_few_bits) {
  std::mt19937_64 random(6);
  std::vector<int64_t> counter(kPageValues), times(kPageValues);
  int64_t time = 1'795'000'000'000'000'000;
  for (size_t i = 0; i < kPageValues; ++i) {
    counter[i] = static_cast<int64_t>((i + 300) % 1'000);
    times[i] = time += static_cast<int64_t>(random() % 4'000);
  }
  for (auto* values : {&counter, &times}) {
    expect_round_trip(*values);
    std::string page;
    encode_integers(*values, page);
    EXPECT_LT(page.size(), values == &counter ? kPageValues / 8 + 30 : kPageValues * 13 / 8);
  }
  std::vector<int64_t> edges = {std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min(),
                                std::numeric_limits<int64_t>::min() + 1};
  expect_round_trip(edges);
}

TEST(Doubles, round_trip_every_bit) {
  std::mt19937_64 random(4);
  std::vector<double> odd = {0.0, -0.0, std::nan("7"), -std::nan(""), HUGE_VAL, 1e300, 0.1, 5e-324};
  std::vector<double> prices(1000);
  for (double& price : prices) price = static_cast<double>(random() % 100'000) / 100;
  for (const auto& values : {odd, prices, std::vector<double>{3}}) {
    std::string page;
    encode_doubles(values, page);
    std::vector<double> decoded(values.size());
    ASSERT_TRUE(decode_doubles(page, decoded).ok());
    EXPECT_EQ(std::memcmp(decoded.data(), values.data(), values.size() * sizeof(double)), 0);
  }
  std::string page;
  encode_doubles(prices, page);
  EXPECT_LT(page.size(), prices.size() * 3);
}

// A page says yes to whatever stands in it; of the rest it may say what it likes, if the decoded
// page does not know better.
void expect_found(std::string_view page, std::span<const std::string_view> values,
                  std::mt19937_64& random) {
  auto may_contain = [&](SoughtText::As as, std::string_view text) {
    return strings_may_contain(page, values.size(), 1 << 24, {as, text}).value();
  };
  StringPage decoded = StringPage::decode(page, values.size(), 1 << 24).value();
  for (int i = 0; i < 20; ++i) {
    std::string_view text = values[random() % values.size()];
    if (text.empty()) continue;
    ASSERT_TRUE(may_contain(SoughtText::As::Whole, text));
    std::string_view part = text.substr(random() % text.size(), 1 + random() % 9);
    ASSERT_TRUE(may_contain(SoughtText::As::Part, part));
    ASSERT_TRUE(decoded.may_contain({SoughtText::As::Part, part}));
    std::string other = std::string(part) + static_cast<char>(random());
    if (!decoded.may_contain({SoughtText::As::Part, other})) {
      EXPECT_FALSE(may_contain(SoughtText::As::Part, other));
      EXPECT_FALSE(may_contain(SoughtText::As::Whole, other));
    }
  }
}

TEST(Strings, round_trip_and_refuse_damage) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts(1 + random() % kPageValues);
    for (std::string& text : texts) {
      text.resize(random() % (round % 10 == 0 ? 2000 : 20));
      for (char& c : text) c = static_cast<char>(round % 2 == 0 ? random() : 'a' + random() % 3);
    }
    std::vector<std::string_view> values(texts.begin(), texts.end());
    std::string page;
    encode_strings(values, page);
    Result<StringPage> decoded = StringPage::decode(page, values.size(), 1 << 24);
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_TRUE(std::ranges::equal(decoded->values(), values));
    ASSERT_NO_FATAL_FAILURE(expect_found(page, values, random));
    EXPECT_FALSE(StringPage::decode(page.substr(0, page.size() - 1), values.size(), 1 << 24).ok());
  }
}

TEST(Strings, values_met_before_are_kept_once) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts;
  while (texts.size() < kPageValues) {
    std::string session(40, '\0');
    for (char& c : session) c = static_cast<char>(random());
    for (size_t i = random() % 9; i > 0 && texts.size() < kPageValues; --i) {
      texts.push_back(session);
      if (i % 4 == 0) texts.push_back(texts[random() % texts.size()]);
    }
  }
  texts.resize(kPageValues);
  std::vector<std::string_view> values(texts.begin(), texts.end());
  std::string page;
  encode_strings(values, page);
  std::vector<std::string> distinct = texts;
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  EXPECT_LT(page.size(), distinct.size() * 40 + kPageValues * 3 / 4);
  Result<StringPage> decoded = StringPage::decode(page, values.size(), 1 << 24);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  EXPECT_TRUE(std::ranges::equal(decoded->values(), values));
  ASSERT_NO_FATAL_FAILURE(expect_found(page, values, random));
  for (size_t i = 1; i < values.size(); ++i) {
    bool is_shared = decoded->values()[i].data() == decoded->values()[i - 1].data();
    EXPECT_EQ(is_shared, values[i] == values[i - 1]);
  }
  for (size_t size = 0; size < page.size(); size += 7) {
    EXPECT_FALSE(StringPage::decode(page.substr(0, size), values.size(), 1 << 24).ok());
  }
}

TEST(Block, a_declared_size_is_not_believed) {
  std::string block;
  encode_block(std::string(1 << 20, 'x'), block);
  EXPECT_LT(block.size(), 200u);
  EXPECT_TRUE(decode_block(block, 1 << 20).ok());
  EXPECT_FALSE(decode_block(block, (1 << 20) - 1).ok());
  EXPECT_FALSE(decode_block("", 100).ok());
  EXPECT_FALSE(decode_block("\x07zzz", 100).ok());
}

}  // namespace
}  // namespace spoor::codec
