// Reads what encode_tempo_query_range() writes: for commands that show a server's answer.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace spoor::wire {

struct ListedSeries {
  std::vector<std::pair<std::string, std::string>> labels;  // values as text
  struct Point {
    int64_t time_ms = 0;
    double value = 0;
  };
  std::vector<Point> points;  // as they come: by time
};

struct ListedMetrics {
  std::vector<ListedSeries> series;
  std::string message;  // why the answer is partial; empty if it is whole
};

// InvalidArgument says where the text is not what it should be.
Result<ListedMetrics> decode_tempo_query_range(std::string_view json);

}  // namespace spoor::wire
