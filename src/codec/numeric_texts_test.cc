#include "codec/numeric_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "codec/integers.h"

namespace spoor::codec {
namespace {

using Texts = std::vector<std::string>;

std::string page_of(const Texts& texts) {
  std::vector<std::string_view> views(texts.begin(), texts.end());
  std::string page;
  return encode_numeric_texts(views, page) ? page : std::string();
}

Result<Texts> texts_of(std::string_view page, size_t count, size_t raw_bytes_max = 1 << 20) {
  std::vector<char> bytes;
  std::vector<int64_t> lengths(count);
  SPOOR_TRY(decode_numeric_texts(page, raw_bytes_max, bytes, lengths));
  Texts texts;
  size_t at = 0;
  for (int64_t length : lengths) {
    texts.emplace_back(bytes.data() + at, static_cast<size_t>(length));
    at += static_cast<size_t>(length);
  }
  EXPECT_EQ(at, bytes.size());
  return texts;
}

class Maker {
 public:
  std::string digits(size_t count, std::string_view alphabet) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text.push_back(alphabet[random_() % alphabet.size()]);
    return text;
  }
  std::string uuid(std::string_view alphabet) {
    std::string text = digits(32, alphabet);
    for (size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
    return text;
  }
  std::string address() {
    std::string text;
    for (int i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(random_() % 256);
    return text;
  }
  std::string of_kind(int kind) {
    switch (kind) {
      case 0:
        return std::to_string(random_() % 1'000'000'000'000'000'000);
      case 1:
        return digits(1 + random_() % 17, "0123456789");
      case 2:
        return digits(random_() % 40, "0123456789abcdef");
      case 3:
        return digits(24, "0123456789ABCDEF");
      case 4:
        return uuid("0123456789abcdef");
      case 5:
        return uuid("0123456789ABCDEF");
      default:
        return address();
    }
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_{1};
};

TEST(NumericTexts, all_kinds_come_back_byte_for_byte) {
  Maker maker;
  for (int round = 0; round < 700; ++round) {
    Texts texts(1 + maker.random()() % kPageValues);
    std::string prefix = round % 3 == 0 ? "order/" : round % 3 == 1 ? "" : "k_";
    for (std::string& text : texts) text = prefix + maker.of_kind(round % 7);
    std::string page = page_of(texts);
    if (page.empty()) {
      // Only where the first text is empty is there no number to begin with.
      EXPECT_EQ(texts[0], prefix) << round;
      continue;
    }
    auto decoded = texts_of(page, texts.size());
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(*decoded, texts) << round;
  }
}

TEST(NumericTexts, are_searched_without_being_spelled) {
  Maker maker;
  size_t unknown = 0, ruled_out = 0;
  for (int round = 0; round < 350; ++round) {
    Texts texts(1 + maker.random()() % kPageValues);
    std::string prefix = round % 3 == 0 ? "order/" : round % 3 == 1 ? "" : "k_";
    for (std::string& text : texts) text = prefix + maker.of_kind(round % 7);
    std::string page = page_of(texts);
    if (page.empty()) continue;
    auto may_contain = [&](SoughtText::As as, std::string_view text) {
      return numeric_texts_may_contain(page, texts.size(), 1 << 20, {as, text}).value();
    };
    for (int i = 0; i < 20; ++i) {
      const std::string& text = texts[maker.random()() % texts.size()];
      if (text.empty()) continue;
      ASSERT_TRUE(may_contain(SoughtText::As::Whole, text)) << text;
      std::string part = text.substr(maker.random()() % text.size(), 1 + maker.random()() % 9);
      ASSERT_TRUE(may_contain(SoughtText::As::Part, part)) << part << " of " << text;
      std::string other = prefix + maker.of_kind(round % 7);
      if (std::ranges::find(texts, other) != texts.end()) continue;
      ++unknown;
      ruled_out += other.empty() || may_contain(SoughtText::As::Whole, other) ? 0 : 1;
    }
    EXPECT_FALSE(may_contain(SoughtText::As::Part, "no such")) << round;
    EXPECT_FALSE(may_contain(SoughtText::As::Whole, "no such")) << round;
  }
  // Those of three kinds of seven, where all are of one length.
  EXPECT_GT(ruled_out * 3, unknown);
}

TEST(NumericTexts, take_as_many_bytes_as_the_numbers) {
  Maker maker;
  auto bytes_each = [&](int kind) {
    Texts texts(kPageValues);
    for (std::string& text : texts) text = maker.of_kind(kind);
    return static_cast<double>(page_of(texts).size()) / kPageValues;
  };
  EXPECT_LT(bytes_each(0), 7.6);   // 60 bits
  EXPECT_LT(bytes_each(3), 12.1);  // 24 digits
  EXPECT_LT(bytes_each(4), 16.1);
  EXPECT_LT(bytes_each(6), 4.1);
}

TEST(NumericTexts, what_is_nearly_a_number_is_none) {
  const std::string uuid = "0123abcd-0123-4567-89ab-0123456789ab";
  // The second of each begins otherwise, so that no prefix takes what is odd.
  const std::vector<Texts> none = {
      {"", "1"},
      {"-1", "2"},
      {"1", "+2"},
      {" 1", "2"},
      {"1.5", "2.5"},
      {"abcx", "bcd"},
      {"aB", "bA"},
      {uuid, "1" + uuid.substr(1, 34)},
      {uuid, "1" + uuid.substr(1, 7) + "x" + uuid.substr(9)},
      {"1.2.3.4", "2.2.3"},
      {"1.2.3.4", "2.2.3.4.5"},
      {"1.2.3.4", "2.2.3.256"},
      {"1.2.3.4", "2.2.3.04"},
      {"1.2.3.4", "2..2.3"},
      {"1.2.3.4", "2.2.3."},
  };
  for (const Texts& texts : none) EXPECT_EQ(page_of(texts), "") << texts[1];
}

TEST(NumericTexts, the_shortest_and_the_longest_come_back) {
  const std::string largest(kPageValues, '9');
  for (const Texts& texts : std::vector<Texts>{{"0", "00", "000"},
                                               {"999999999999999999", "0"},
                                               {"99999999999999999", "00"},
                                               {"9999999999999999999", "0"},
                                               {"0.0.0.0", "255.255.255.255"},
                                               {largest, "1"},
                                               {"f", ""},
                                               {"user-7", "user-07"},
                                               {"user-7", "user-"},
                                               {"1.2.3.04"}}) {
    auto decoded = texts_of(page_of(texts), texts.size());
    ASSERT_TRUE(decoded.ok()) << texts[0] << decoded.status().to_string();
    EXPECT_EQ(*decoded, texts);
  }
}

TEST(NumericTexts, a_damaged_page_is_an_answer) {
  Maker maker;
  for (int kind = 0; kind < 7; ++kind) {
    Texts texts(20);
    for (std::string& text : texts) text = "a:" + maker.of_kind(kind);
    texts[0] = "a:" + maker.of_kind(kind == 2 ? 3 : kind);
    std::string page = page_of(texts);
    for (size_t size = 0; size < page.size(); ++size) {
      EXPECT_FALSE(texts_of(page.substr(0, size), texts.size()).ok());
    }
    for (size_t i = 0; i < page.size(); ++i) {
      std::string changed = page;
      changed[i] = static_cast<char>(maker.random()());
      (void)texts_of(changed, texts.size());
      (void)numeric_texts_may_contain(changed, texts.size(), 1 << 20,
                                      {SoughtText::As::Whole, texts[0]});
    }
  }
  std::string page = page_of({"a-very-long-prefix-1", "a-very-long-prefix-2"});
  EXPECT_TRUE(texts_of(page, 2, 100).ok());
  EXPECT_FALSE(texts_of(page, 2, 20).ok());
}

}  // namespace
}  // namespace spoor::codec
