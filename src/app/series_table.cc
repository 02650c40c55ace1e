#include "app/series_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "app/trace_tree.h"

namespace spoor::app {
namespace {

constexpr size_t kColumns = 40;
// The lower eighths of a block, from one to all.
constexpr std::array<std::string_view, 8> kLevels = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                                     "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                                     "\xe2\x96\x87", "\xe2\x96\x88"};

struct Range {
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = std::numeric_limits<int64_t>::min();
};

Range range_of(std::span<const wire::ListedSeries> series) {
  Range range;
  for (const wire::ListedSeries& one : series) {
    for (const wire::ListedSeries::Point& point : one.points) {
      range.first = std::min(range.first, point.time_ms);
      range.last = std::max(range.last, point.time_ms);
    }
  }
  return range;
}

std::string course_of(const wire::ListedSeries& series, const Range& range, double largest) {
  constexpr double kNothing = -std::numeric_limits<double>::infinity();
  std::array<double, kColumns> heights;
  heights.fill(kNothing);
  double length = static_cast<double>(range.last) - static_cast<double>(range.first) + 1;
  for (const wire::ListedSeries::Point& point : series.points) {
    double share = (static_cast<double>(point.time_ms) - static_cast<double>(range.first)) / length;
    auto column = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * kColumns);
    double& height = heights[std::min(column, kColumns - 1)];
    height = std::max(height, point.value);
  }
  std::string course;
  for (double height : heights) {
    bool is_there = height != kNothing;
    double share = largest > 0 && height > 0 ? std::min(1.0, height / largest) : 0;
    auto level = static_cast<size_t>(std::lround(share * (kLevels.size() - 1)));
    course += is_there ? kLevels[level] : " ";
  }
  return course;
}

std::string numbers_of(const wire::ListedSeries& series) {
  double least = series.points.front().value, most = least, sum = 0;
  for (const wire::ListedSeries::Point& point : series.points) {
    least = std::min(least, point.value);
    most = std::max(most, point.value);
    sum += point.value;
  }
  char text[160];
  std::snprintf(text, sizeof text, "  min %-9.4g avg %-9.4g max %-9.4g last %-9.4g", least,
                sum / static_cast<double>(series.points.size()), most, series.points.back().value);
  return text;
}

}  // namespace

std::string render_series_table(std::span<const wire::ListedSeries> series) {
  Range range = range_of(series);
  double largest = 0;
  for (const wire::ListedSeries& one : series) {
    for (const wire::ListedSeries::Point& point : one.points) {
      if (std::isfinite(point.value)) largest = std::max(largest, point.value);
    }
  }
  std::string table;
  for (const wire::ListedSeries& one : series) {
    if (one.points.empty()) continue;
    table += course_of(one, range, largest) + numbers_of(one);
    for (const auto& [name, value] : one.labels) {
      table += " " + escape_for_terminal(name) + "=" + escape_for_terminal(value);
    }
    table += "\n";
  }
  return table;
}

}  // namespace spoor::app
