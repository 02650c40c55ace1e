#include "store/template_edges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>

namespace spoor::store {
namespace {

TEST(TemplateEdges, are_those_between_rows_and_their_parents_and_come_back) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<int64_t> codes, depths;
    GroupTemplateCounter counter;
    // Some row groups begin within a trace.
    int64_t deepest = seed % 3 == 0 ? 4 : 0;
    for (size_t rows = 1 + random() % 500; codes.size() < rows;) {
      depths.push_back(static_cast<int64_t>(random() % (static_cast<uint64_t>(deepest) + 1)));
      deepest = std::min<int64_t>(depths.back() + 1, 6);
      codes.push_back(random() % (seed + 1) * 3);
      counter.add(static_cast<uint32_t>(codes.back()), 0);
    }
    const std::vector<GroupTemplate> templates = counter.take();
    auto place = [&](size_t row) {
      auto code = static_cast<uint32_t>(codes[row]);
      auto found = std::ranges::find(templates, code, &GroupTemplate::code);
      return static_cast<uint32_t>(found - templates.begin());
    };
    std::set<TemplateEdge> expected;
    for (size_t row = 0; row < codes.size(); ++row) {
      size_t above = row;
      while (above > 0 && depths[above] >= depths[row]) --above;
      if (depths[above] == depths[row] - 1) expected.insert({place(row), place(above)});
    }
    auto edges = edges_between(templates, codes, depths);
    ASSERT_TRUE(std::ranges::equal(edges, expected)) << seed;

    std::string bytes;
    encode(edges, templates.size(), bytes);
    auto decoded = decode_template_edges(bytes, templates.size());
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(*decoded, edges);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(decode_template_edges(bytes.substr(0, size), templates.size()).ok());
    }
    EXPECT_FALSE(decode_template_edges(bytes + "x", templates.size()).ok());
    EXPECT_FALSE(decode_template_edges(bytes, templates.size() + 1).ok());
  }
}

TEST(TemplateEdges, of_depths_from_a_damaged_disk_cost_no_memory) {
  const std::vector<GroupTemplate> templates = {{4, 5, 0, 0}};
  const std::vector<int64_t> codes(5, 4);
  const std::vector<int64_t> depths = {int64_t{1} << 60, -1, std::numeric_limits<int64_t>::max(),
                                       std::numeric_limits<int64_t>::min(), 7};
  EXPECT_TRUE(edges_between(templates, codes, depths).empty());
}

}  // namespace
}  // namespace spoor::store
