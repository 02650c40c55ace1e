// The rows of a row group whose templates few rows have, and about how long each took: who looks
// for such rows need not read the templates of the others. Layout: docs/format/part.md, "Listed
// rows".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/group_templates.h"

namespace spoor::store {

// Durations as unsigned numbers, by their first three bits and how many follow: a class is at most
// a quarter of its numbers wide.
constexpr uint32_t kDurationClasses = 252;
uint32_t duration_class_of(uint64_t duration);

struct ListedRow {
  uint32_t row = 0;  // in the row group
  uint32_t template_code = 0;
  uint32_t duration_class = 0;
  bool operator==(const ListedRow&) const = default;
};

// Its template, as if that had no other rows than such of the row's class of durations.
GroupTemplate narrowed(const ListedRow& listed);

// How many rows a template has at most whose rows are listed, all of them; 0: none are.
uint32_t listed_rows_max(std::span<const GroupTemplate> templates);

// By row. REQUIRES: codes and durations are those of all rows of the group, `templates` says what
// they have.
std::vector<ListedRow> list_rows(std::span<const GroupTemplate> templates, uint32_t rows_max,
                                 std::span<const int64_t> codes,
                                 std::span<const int64_t> durations);

// REQUIRES: not empty, and as list_rows() made them.
void encode(std::span<const ListedRow> listed, std::span<const GroupTemplate> templates,
            uint32_t rows_max, std::string& target);
// DataLoss unless rows ascend below `rows` and each template has as many as it should.
Result<std::vector<ListedRow>> decode_listed_rows(std::string_view bytes,
                                                  std::span<const GroupTemplate> templates,
                                                  uint32_t rows_max, uint32_t rows);

}  // namespace spoor::store
