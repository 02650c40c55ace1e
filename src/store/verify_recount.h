// Counts again what the rows of a row group ask of its columns: how many values each has in each
// vector, which templates and durations there are, which rows are without their root.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/group_templates.h"
#include "store/part_format.h"
#include "store/section_metadata.h"

namespace spoor::store {

// DataLoss: "WHAT: expected ..., got ...".
Status wrong(std::string_view what, uint64_t expected, uint64_t got);

// What rows of the templates of a section ask for, worked out when a template is met first.
class TemplateDemands {
 public:
  struct ChildCount {
    bool are_links = false;
    uint32_t column = 0;  // that has it, which is no fixed one; 0: the constant
    int64_t constant = 0;
  };
  struct Demand {
    uint8_t names_parent = 0;
    std::vector<uint32_t> columns;  // that have a value of each row
    std::vector<ChildCount> children;
  };

  // REQUIRES: the metadata outlives this.
  explicit TemplateDemands(const SectionMetadata& metadata);

  // REQUIRES: the metadata has a template of the code.
  const Demand& of(Table table, size_t code);

 private:
  Demand demand_of(const Template& entry) const;

  const SectionMetadata& metadata_;
  std::array<std::vector<std::optional<Demand>>, kTables> demands_;  // by code
};

// Of one row group: the columns that say how many values the others have, decoded.
class Recount {
 public:
  // REQUIRES: all three outlive this.
  Recount(const SectionMetadata& metadata, TemplateDemands& demands,
          const std::vector<ColumnChunk>& chunks);

  // Whether the values of the column have to be added.
  bool needs(uint32_t column) const;
  void add(uint32_t column, std::span<const int64_t> page);
  // The template codes of `count` rows from `first` on, as many of them as were added.
  std::span<const int64_t> templates_at(size_t first, size_t count) const;

  // Compares the values of each vector with what its rows' templates ask for.
  Status check(uint32_t rows);

  // Of all rows. REQUIRES: check() found nothing; a template, a duration or a depth.
  std::span<const int64_t> values(FixedColumn column) const {
    return values_[static_cast<size_t>(column)].values;
  }
  uint32_t loose_rows() const;
  std::vector<GroupTemplate> templates() const;

 private:
  struct Values {
    std::vector<int64_t> values;
    size_t next = 0;
  };
  Result<int64_t> next(uint32_t column);
  Status count_row();
  Status count_template(Table table, std::array<uint64_t, 2>& children, uint8_t& names_parent);

  const SectionMetadata& metadata_;
  TemplateDemands& demands_;
  std::vector<Values> values_;
  std::vector<const ColumnChunk*> chunk_of_;
  std::vector<uint64_t> expected_;  // of the vector in hand, by column
};

}  // namespace spoor::store
