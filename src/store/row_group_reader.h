// Reads one row group vector by vector: what a query scans. A vector is the 1,024 rows (the last
// has fewer) with everything that belongs to them; columns are read in any order, and vectors
// may be visited forwards or backwards. Pages are read some at a time and each is decoded once
// while its neighbours are asked for.
//
// One thread uses it. Every result is valid until the column is asked again; to ask for depths is
// to ask for the templates of spans too.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/strings.h"
#include "store/row_group_layout.h"
#include "store/section_reader.h"

namespace spoor::store {

class RowGroupReader {
 public:
  // `section` and `metadata`, which is its own, outlive the reader.
  static Result<std::unique_ptr<RowGroupReader>> open(SectionReader& section,
                                                      const SectionMetadata& metadata,
                                                      size_t group);

  uint32_t rows() const { return layout_->rows(); }
  uint32_t vectors() const { return layout_->vectors(); }
  uint32_t rows_of(uint32_t vector) const;

  // How long after the start of its trace a row of the vector starts at most; nothing where the
  // section does not say.
  std::optional<uint64_t> start_spread(uint32_t vector) const {
    if (layout_->start_spreads().empty()) return std::nullopt;
    return layout_->start_spreads()[vector];
  }
  // How many values the column has in the vector. Columns are numbered as in ColumnChunk: fixed
  // ones, then fields.
  uint32_t value_count(uint32_t column, uint32_t vector) const {
    const RowGroupLayout::Column& layout = layout_->column(column);
    if (layout.empty()) return 0;
    return static_cast<uint32_t>(layout.first_value_of_vector[vector + 1] -
                                 layout.first_value_of_vector[vector]);
  }
  // The values of the column in the vector. REQUIRES: the column's page type is the one asked.
  Result<std::span<const int64_t>> integers(uint32_t column, uint32_t vector);
  Result<std::span<const double>> doubles(uint32_t column, uint32_t vector);
  Result<std::span<const std::string_view>> texts(uint32_t column, uint32_t vector);

  // The ids one behind another, SpanId::kSize bytes each.
  Result<std::string_view> ids(uint32_t column, uint32_t vector);

  // False if none of the column's texts in the vector is what is sought. Looks at whole pages and
  // at no value (StringPage::may_contain).
  Result<bool> may_contain(uint32_t column, uint32_t vector, const codec::SoughtText& sought);

  Result<std::span<const int64_t>> fixed(FixedColumn column, uint32_t vector) {
    return integers(static_cast<uint32_t>(column), vector);
  }
  // The values of a column of every row, for those rows of the vector: cheaper than all where they
  // are few. REQUIRES: rows ascend.
  Result<std::span<const int64_t>> fixed_at(FixedColumn column, uint32_t vector,
                                            std::span<const uint32_t> rows);
  // Template codes of the vector's rows of the table, each checked to be one of the section's.
  Result<std::span<const int64_t>> templates(Table table, uint32_t vector) {
    return fixed(template_column(table), vector);
  }

 private:
  template <typename Number>
  struct Numbers {
    std::vector<Number> page;
    std::vector<Number> joined;  // values of a vector that lie in several pages
  };

  static constexpr uint32_t kNoVector = ~uint32_t{0};
  struct Column {
    const RowGroupLayout::Column* layout = nullptr;
    // Raw pages [window_begin, window_end), checked, as they lie in the file; one alone is `alone`.
    std::string window;
    std::shared_ptr<const std::string> alone;
    size_t window_begin = 0, window_end = 0;
    size_t page = ~size_t{0};  // that was decoded last
    Numbers<int64_t> integers;
    Numbers<double> doubles;
    std::vector<std::unique_ptr<codec::StringPage>> texts;  // of the vector in hand
    uint32_t texts_vector = kNoVector;
    std::vector<std::string_view> joined_texts;
    std::string joined_ids;
    // Whether the page that was searched last may contain what it was searched for.
    size_t searched_page = ~size_t{0};
    std::string searched_text;
    codec::SoughtText::As searched_as = codec::SoughtText::As::Whole;
    bool may_contain = false;
  };

  RowGroupReader(const SectionReader& section, const SectionMetadata& metadata,
                 std::shared_ptr<const RowGroupLayout> layout);
  // The checked bytes of a page. Valid until the next call for the column.
  Result<std::string_view> page_bytes(Column& column, size_t page);
  // Values [from, to) of a page.
  struct Run {
    size_t page;
    size_t from, to;
  };
  // Where the vector's values lie. Valid until the next call.
  std::span<const Run> runs_of(const Column& column, uint32_t vector);
  // Makes the pages of the runs the column's texts in hand.
  Status load_texts(Column& column, uint32_t vector, std::span<const Run> runs);
  // `decode` fills the values from the bytes of the page of that ordinal.
  template <typename Number, typename Decode>
  Result<std::span<const Number>> numbers(Column& column, uint32_t vector, Numbers<Number>& kept,
                                          const Decode& decode);
  // The template codes of the page, of the one in hand or read for the purpose.
  Result<std::span<const int64_t>> templates_of_page(size_t page);
  Status decode_integers(uint32_t column, size_t page, std::string_view bytes,
                         std::span<int64_t> values);
  // And makes the page of templates the one in hand.
  Status decode_depths(size_t page, std::string_view bytes, std::span<int64_t> values);
  // All are of the section's.
  Status check_templates(Table table, std::span<const int64_t> codes) const;
  Status damaged(std::string_view what) const;

  const SectionReader& section_;
  const SectionMetadata& metadata_;
  const std::shared_ptr<const RowGroupLayout> layout_;
  std::vector<int64_t> templates_;  // those of a page that is not in hand
  std::vector<Column> columns_;
  std::vector<Run> runs_;
  std::vector<int64_t> some_;  // of fixed_at()
};

}  // namespace spoor::store
