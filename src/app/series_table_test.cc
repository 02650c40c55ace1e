#include "app/series_table.h"

#include <gtest/gtest.h>

namespace spoor::app {
namespace {

TEST(SeriesTable, shows_the_course_and_what_it_amounts_to) {
  wire::ListedSeries rising{{{"name", "get\x1b"}, {"p", "0.5"}}, {{0, 0}, {20, 2}, {39, 4}}};
  wire::ListedSeries single{{}, {{39, 1}}};
  std::string first = "\xe2\x96\x81" + std::string(19, ' ') + "\xe2\x96\x85" +
                      std::string(18, ' ') + "\xe2\x96\x88";
  std::string second = std::string(39, ' ') + "\xe2\x96\x83";
  EXPECT_EQ(render_series_table(std::vector{rising, single, wire::ListedSeries{}}),
            first +
                "  min 0         avg 2         max 4         last 4         name=get\\x1b p=0.5\n" +
                second + "  min 1         avg 1         max 1         last 1        \n");
  EXPECT_EQ(render_series_table({}), "");
}

}  // namespace
}  // namespace spoor::app
