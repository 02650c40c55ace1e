#include "store/listed_rows.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/assert.h"
#include "codec/integers.h"

namespace spoor::store {
namespace {

// Of the rows of a row group one in so many is listed at most, at about two bytes each.
constexpr uint64_t kRowsPerListedRow = 16;

// The codes of templates whose rows are listed, ascending.
std::vector<uint32_t> listed_templates(std::span<const GroupTemplate> templates,
                                       uint32_t rows_max) {
  std::vector<uint32_t> codes;
  for (const GroupTemplate& entry : templates) {
    if (entry.rows <= rows_max) codes.push_back(entry.code);
  }
  return codes;
}

}  // namespace

uint32_t duration_class_of(uint64_t duration) {
  if (duration < 4) return static_cast<uint32_t>(duration);
  auto bits = static_cast<uint32_t>(std::bit_width(duration));
  return (bits - 2) * 4 + static_cast<uint32_t>(duration >> (bits - 3) & 3);
}

GroupTemplate narrowed(const ListedRow& listed) {
  uint64_t shortest = listed.duration_class, longest = shortest;
  if (listed.duration_class >= 4) {
    const uint32_t rest_bits = listed.duration_class / 4 - 1;
    shortest = (uint64_t{4} + listed.duration_class % 4) << rest_bits;
    longest = shortest + ((uint64_t{1} << rest_bits) - 1);
  }
  return {listed.template_code, 1, static_cast<int64_t>(shortest), static_cast<int64_t>(longest)};
}

uint32_t listed_rows_max(std::span<const GroupTemplate> templates) {
  std::vector<uint32_t> counts;
  uint64_t rows = 0, listed = 0;
  for (const GroupTemplate& entry : templates) {
    counts.push_back(entry.rows);
    rows += entry.rows;
  }
  std::ranges::sort(counts);
  uint32_t rows_max = 0;
  for (size_t begin = 0, end = 0; begin < counts.size(); begin = end) {
    while (end < counts.size() && counts[end] == counts[begin]) ++end;
    listed += uint64_t{counts[begin]} * (end - begin);
    if (listed > rows / kRowsPerListedRow) break;
    rows_max = counts[begin];
  }
  return rows_max;
}

std::vector<ListedRow> list_rows(std::span<const GroupTemplate> templates, uint32_t rows_max,
                                 std::span<const int64_t> codes,
                                 std::span<const int64_t> durations) {
  SPOOR_ASSERT(codes.size() == durations.size());
  std::vector<ListedRow> listed;
  if (templates.empty() || rows_max == 0) return listed;
  std::vector<uint8_t> is_listed(templates.back().code + size_t{1});
  for (uint32_t code : listed_templates(templates, rows_max)) is_listed[code] = 1;
  for (size_t row = 0; row < codes.size(); ++row) {
    if (is_listed[static_cast<size_t>(codes[row])] == 0) continue;
    listed.push_back({static_cast<uint32_t>(row), static_cast<uint32_t>(codes[row]),
                      duration_class_of(static_cast<uint64_t>(durations[row]))});
  }
  return listed;
}

void encode(std::span<const ListedRow> listed, std::span<const GroupTemplate> templates,
            uint32_t rows_max, std::string& target) {
  SPOOR_ASSERT(!listed.empty());
  const std::vector<uint32_t> codes = listed_templates(templates, rows_max);
  std::vector<int64_t> steps, numbers, classes;
  uint32_t last_row = 0;
  for (const ListedRow& entry : listed) {
    steps.push_back(entry.row - last_row);
    last_row = entry.row;
    numbers.push_back(std::ranges::lower_bound(codes, entry.template_code) - codes.begin());
    classes.push_back(entry.duration_class);
  }
  for (size_t first = 0; first < listed.size(); first += codec::kPageValues) {
    size_t count = std::min(codec::kPageValues, listed.size() - first);
    for (const auto* values : {&steps, &numbers, &classes}) {
      codec::encode_integers(std::span(*values).subspan(first, count), target);
    }
  }
}

Result<std::vector<ListedRow>> decode_listed_rows(std::string_view bytes,
                                                  std::span<const GroupTemplate> templates,
                                                  uint32_t rows_max, uint32_t rows) {
  Status damaged = data_loss("row group: bad list of rows");
  const std::vector<uint32_t> codes = listed_templates(templates, rows_max);
  std::vector<uint32_t> missing;  // rows of each that did not come yet
  size_t total = 0;
  for (const GroupTemplate& entry : templates) {
    if (entry.rows > rows_max) continue;
    missing.push_back(entry.rows);
    total += entry.rows;
  }
  if (total > rows) return damaged;
  std::vector<ListedRow> listed;
  listed.reserve(total);
  std::array<std::array<int64_t, codec::kPageValues>, 3> pages;
  uint64_t row = 0;
  while (listed.size() < total) {
    size_t count = std::min(codec::kPageValues, total - listed.size());
    for (auto& page : pages) {
      SPOOR_ASSIGN(size_t taken,
                   codec::decode_integers_prefix(bytes, std::span(page).first(count)));
      bytes.remove_prefix(taken);
    }
    for (size_t i = 0; i < count; ++i) {
      const auto [step, number, duration_class] =
          std::array{static_cast<uint64_t>(pages[0][i]), static_cast<uint64_t>(pages[1][i]),
                     static_cast<uint64_t>(pages[2][i])};
      bool ascends = step < rows - row && (step > 0 || listed.empty());
      if (!ascends || number >= codes.size() || missing[number]-- == 0 ||
          duration_class >= kDurationClasses)
        return damaged;
      row += step;
      listed.push_back(
          {static_cast<uint32_t>(row), codes[number], static_cast<uint32_t>(duration_class)});
    }
  }
  return bytes.empty() ? Result(std::move(listed)) : Result<std::vector<ListedRow>>(damaged);
}

}  // namespace spoor::store
