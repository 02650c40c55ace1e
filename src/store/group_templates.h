// Which span templates a row group has: how many rows of each, and within which bounds their
// durations lie. A search asks it before it opens the row group. Layout: docs/format/part.md,
// "Row group templates".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::store {

struct GroupTemplate {
  uint32_t code = 0;
  uint32_t rows = 0;
  // Of the column's values, the end minus the start as a signed number.
  int64_t duration_min = 0;
  int64_t duration_max = 0;
  bool operator==(const GroupTemplate&) const = default;
};

// Collects them while a row group is written.
class GroupTemplateCounter {
 public:
  void add(uint32_t code, int64_t duration);
  // Those with rows, ascending by code; starts anew.
  std::vector<GroupTemplate> take();

 private:
  std::vector<GroupTemplate> by_code_;
  std::vector<uint32_t> present_;
};

void encode(const std::vector<GroupTemplate>& templates, std::string& target);
// DataLoss unless codes ascend below `templates` and there are `rows` rows of them.
Result<std::vector<GroupTemplate>> decode_group_templates(std::string_view bytes, size_t templates,
                                                          uint32_t rows);

}  // namespace spoor::store
