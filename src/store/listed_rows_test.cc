#include "store/listed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

namespace spoor::store {
namespace {

// Rows of a row group: mostly of few templates, some of many.
struct Rows {
  std::vector<int64_t> codes, durations;
  std::vector<GroupTemplate> templates;

  Rows(size_t count, uint32_t seed) {
    std::mt19937 random(seed);
    GroupTemplateCounter counter;
    for (size_t row = 0; row < count; ++row) {
      codes.push_back(random() % 10 != 0 ? random() % 3 : 5 + random() % 200);
      auto duration = static_cast<int64_t>((uint64_t{random()} << 32 | random()) >> random() % 64);
      durations.push_back(random() % 50 == 0 ? -duration : duration);
      counter.add(static_cast<uint32_t>(codes.back()), durations.back());
    }
    templates = counter.take();
  }
};

TEST(ListedRows, are_all_of_the_rarest_templates_up_to_a_sixteenth_and_come_back) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    Rows rows(seed < 20 ? seed : 40'000 + seed, seed);
    const uint32_t rows_max = listed_rows_max(rows.templates);
    auto listed = list_rows(rows.templates, rows_max, rows.codes, rows.durations);
    EXPECT_LE(listed.size(), rows.codes.size() / 16);
    if (seed >= 20) EXPECT_GT(listed.size(), rows.codes.size() / 32);
    std::vector<ListedRow> expected;
    for (uint32_t row = 0; row < rows.codes.size(); ++row) {
      auto entry = std::ranges::find(rows.templates, static_cast<uint32_t>(rows.codes[row]),
                                     &GroupTemplate::code);
      if (entry->rows > rows_max) continue;
      auto duration = static_cast<uint64_t>(rows.durations[row]);
      expected.push_back({row, entry->code, duration_class_of(duration)});
    }
    ASSERT_EQ(listed, expected);
    if (listed.empty()) continue;
    std::string bytes;
    encode(listed, rows.templates, rows_max, bytes);
    auto count = static_cast<uint32_t>(rows.codes.size());
    auto decoded = decode_listed_rows(bytes, rows.templates, rows_max, count);
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(*decoded, listed);
  }
}

TEST(ListedRows, have_durations_within_the_bounds_of_their_class) {
  std::mt19937_64 random(1);
  uint32_t last_class = 0;
  for (uint64_t bits = 0; bits <= 64; ++bits) {
    for (uint64_t step : {uint64_t{0}, uint64_t{1}, random() >> 2, ~uint64_t{0} >> 1}) {
      uint64_t lowest = bits == 0 ? 0 : uint64_t{1} << (bits - 1);
      uint64_t duration = lowest + (lowest == 0 ? 0 : step % lowest);
      ListedRow listed{0, 7, duration_class_of(duration)};
      ASSERT_LT(listed.duration_class, kDurationClasses);
      GroupTemplate narrow = narrowed(listed);
      EXPECT_EQ(narrow.code, 7u);
      EXPECT_LE(static_cast<uint64_t>(narrow.duration_min), duration);
      EXPECT_GE(static_cast<uint64_t>(narrow.duration_max), duration);
      uint64_t width =
          static_cast<uint64_t>(narrow.duration_max) - static_cast<uint64_t>(narrow.duration_min);
      EXPECT_LE(width, duration / 4);
      EXPECT_LE(narrow.duration_min, narrow.duration_max);
      if (step == 0) EXPECT_GE(listed.duration_class, last_class);
      if (step == 0) last_class = listed.duration_class;
    }
  }
}

TEST(ListedRows, that_do_not_fit_the_list_of_templates_are_refused) {
  Rows rows(30'000, 7);
  const uint32_t rows_max = listed_rows_max(rows.templates);
  auto listed = list_rows(rows.templates, rows_max, rows.codes, rows.durations);
  auto refuses = [&](const std::vector<ListedRow>& damaged, uint32_t count) {
    std::string bytes;
    encode(damaged, rows.templates, rows_max, bytes);
    return decode_listed_rows(bytes, rows.templates, rows_max, count).status().code() ==
           Code::DataLoss;
  };
  ASSERT_FALSE(refuses(listed, 30'000));
  EXPECT_TRUE(refuses(listed, listed.back().row));
  auto damaged = listed;
  damaged[3].row = damaged[2].row;
  EXPECT_TRUE(refuses(damaged, 30'000));
  damaged = listed;
  damaged[9].duration_class = kDurationClasses;
  EXPECT_TRUE(refuses(damaged, 30'000));
  damaged = listed;
  std::ranges::find_if(damaged, [&](const ListedRow& entry) {
    return entry.template_code != listed[0].template_code;
  })->template_code = listed[0].template_code;
  EXPECT_TRUE(refuses(damaged, 30'000));
  std::string bytes;
  encode(listed, rows.templates, rows_max, bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode_listed_rows(bytes.substr(0, size), rows.templates, rows_max, 30'000).ok());
  }
  EXPECT_FALSE(decode_listed_rows(bytes + "x", rows.templates, rows_max, 30'000).ok());
}

}  // namespace
}  // namespace spoor::store
