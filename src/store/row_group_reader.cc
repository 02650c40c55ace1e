#include "store/row_group_reader.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/doubles.h"
#include "store/limits.h"
#include "store/text_page.h"

namespace spoor::store {
namespace {

// Pages that one read brings once pages that lie one behind another are asked for: a whole row
// group of a narrow column in nine reads. Who asks here and there reads no more than the page.
constexpr size_t kPagesPerRead = 8;

}  // namespace

Status RowGroupReader::damaged(std::string_view what) const {
  return data_loss(section_.file().path() + ": row group: " + std::string(what));
}

RowGroupReader::RowGroupReader(const SectionReader& section, const SectionMetadata& metadata,
                               std::shared_ptr<const RowGroupLayout> layout)
    : section_(section),
      metadata_(metadata),
      layout_(std::move(layout)),
      columns_(layout_->columns()) {
  for (uint32_t i = 0; i < columns_.size(); ++i) columns_[i].layout = &layout_->column(i);
}

Result<std::unique_ptr<RowGroupReader>> RowGroupReader::open(SectionReader& section,
                                                             const SectionMetadata& metadata,
                                                             size_t group) {
  SPOOR_ASSIGN(auto layout, section.row_group_layout(metadata, group));
  return std::unique_ptr<RowGroupReader>(new RowGroupReader(section, metadata, std::move(layout)));
}

uint32_t RowGroupReader::rows_of(uint32_t vector) const {
  SPOOR_ASSERT(vector < vectors());
  return std::min<uint32_t>(kVectorRows, rows() - vector * static_cast<uint32_t>(kVectorRows));
}

Result<std::string_view> RowGroupReader::page_bytes(Column& column, size_t page) {
  const auto& pages = column.layout->pages;
  if (page < column.window_begin || page >= column.window_end) {
    // Pages of long text are large: those are read one by one.
    const bool are_large = pages[page].bytes > kPageRawBytesCut / kPagesPerRead;
    const bool is_behind = page == column.window_end && page > 0;
    const bool is_before = page + 1 == column.window_begin;
    size_t begin = page, end = page + 1;
    if (is_behind && !are_large) end = std::min(page + kPagesPerRead, pages.size());
    if (is_before && !are_large) begin = end - std::min(end, kPagesPerRead);
    column.window_end = column.window_begin = 0;
    column.alone = nullptr;
    const uint64_t offset = column.layout->offset_of(begin);
    if (end - begin == 1) {
      SPOOR_ASSIGN(column.alone, section_.page({offset, pages[page].bytes}));
    } else {
      SPOOR_TRY(section_.file().read_pages(
          section_.section(), offset, std::span(pages).subspan(begin, end - begin), column.window));
    }
    column.window_begin = begin;
    column.window_end = end;
  }
  if (column.alone != nullptr) return std::string_view(*column.alone);
  size_t at = 0;
  for (size_t i = column.window_begin; i < page; ++i) at += pages[i].bytes + kChecksumBytes;
  return std::string_view(column.window).substr(at, pages[page].bytes);
}

std::span<const RowGroupReader::Run> RowGroupReader::runs_of(const Column& column,
                                                             uint32_t vector) {
  runs_.clear();
  const RowGroupLayout::Column& layout = *column.layout;
  if (layout.empty()) return runs_;
  uint64_t first = layout.first_value_of_vector[vector];
  uint64_t last = layout.first_value_of_vector[vector + 1];
  if (first == last) return runs_;
  const auto& starts = layout.first_value_of_page;
  for (size_t page = layout.page_of(first); page + 1 < starts.size() && starts[page] < last;
       ++page) {
    runs_.push_back({page, static_cast<size_t>(std::max(first, starts[page]) - starts[page]),
                     static_cast<size_t>(std::min(last, starts[page + 1]) - starts[page])});
  }
  return runs_;
}

template <typename Number, typename Decode>
Result<std::span<const Number>> RowGroupReader::numbers(Column& column, uint32_t vector,
                                                        Numbers<Number>& kept,
                                                        const Decode& decode) {
  kept.joined.clear();
  auto runs = runs_of(column, vector);
  for (const Run& run : runs) {
    if (column.page != run.page) {
      column.page = ~size_t{0};
      SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, run.page));
      kept.page.resize(column.layout->pages[run.page].values);
      SPOOR_TRY(decode(run.page, bytes, kept.page));
      column.page = run.page;
    }
    auto part = std::span<const Number>(kept.page).subspan(run.from, run.to - run.from);
    if (runs.size() == 1) return part;
    kept.joined.insert(kept.joined.end(), part.begin(), part.end());
  }
  return std::span<const Number>(kept.joined);
}

Result<std::span<const int64_t>> RowGroupReader::integers(uint32_t index, uint32_t vector) {
  SPOOR_ASSERT(metadata_.page_type(index) == PageType::Integer);
  Column& column = columns_[index];
  auto decode = [&](size_t page, std::string_view bytes, std::span<int64_t> values) {
    return decode_integers(index, page, bytes, values);
  };
  return numbers(column, vector, column.integers, decode);
}

Status RowGroupReader::decode_integers(uint32_t column, size_t page, std::string_view bytes,
                                       std::span<int64_t> values) {
  constexpr auto kTemplates = static_cast<uint32_t>(FixedColumn::SpanTemplate);
  if (!layout_->integer_pages().needs_templates(column)) {
    SPOOR_TRY(layout_->integer_pages().decode(column, bytes, {}, values));
    if (column >= kTables) return {};
    return check_templates(static_cast<Table>(column), values);
  }
  bool is_depth = column == static_cast<uint32_t>(FixedColumn::Depth);
  if (is_depth && columns_[kTemplates].page != page) return decode_depths(page, bytes, values);
  SPOOR_ASSIGN(auto templates, templates_of_page(page));
  return layout_->integer_pages().decode(column, bytes, templates, values);
}

Status RowGroupReader::decode_depths(size_t page, std::string_view bytes,
                                     std::span<int64_t> values) {
  Column& column = columns_[static_cast<uint32_t>(FixedColumn::SpanTemplate)];
  if (page >= column.layout->pages.size()) return damaged("rows without templates");
  SPOOR_ASSIGN(std::string_view template_bytes, page_bytes(column, page));
  column.page = ~size_t{0};
  column.integers.page.resize(column.layout->pages[page].values);
  SPOOR_TRY(
      layout_->integer_pages().decode_trees(template_bytes, bytes, column.integers.page, values));
  SPOOR_TRY(check_templates(Table::Span, column.integers.page));
  column.page = page;
  return {};
}

Status RowGroupReader::check_templates(Table table, std::span<const int64_t> codes) const {
  const auto count = static_cast<uint64_t>(metadata_.templates[static_cast<size_t>(table)].size());
  // All bits together are at least the highest: usually that is enough to know.
  uint64_t bits = 0;
  for (int64_t code : codes) bits |= static_cast<uint64_t>(code);
  if (bits < count) return {};
  bool all_known = std::ranges::all_of(
      codes, [count](int64_t code) { return static_cast<uint64_t>(code) < count; });
  return all_known ? Status() : damaged("unknown template");
}

Result<std::span<const int64_t>> RowGroupReader::fixed_at(FixedColumn fixed_column, uint32_t vector,
                                                          std::span<const uint32_t> rows) {
  const auto index = static_cast<uint32_t>(fixed_column);
  Column& column = columns_[index];
  some_.resize(rows.size());
  auto runs = runs_of(column, vector);
  const bool is_one_page = runs.size() == 1 && runs.front().from == 0 &&
                           runs.front().to == column.layout->pages[runs.front().page].values;
  if (is_one_page && column.page != runs.front().page &&
      layout_->integer_pages().has_places(index)) {
    const size_t page = runs.front().page;
    SPOOR_ASSIGN(auto templates, templates_of_page(page));
    if (templates.size() != rows_of(vector)) return damaged("rows and their templates disagree");
    SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, page));
    SPOOR_TRY(layout_->integer_pages().decode_some(index, bytes, templates, rows, some_));
    return std::span<const int64_t>(some_);
  }
  SPOOR_ASSIGN(auto values, integers(index, vector));
  for (size_t i = 0; i < rows.size(); ++i) some_[i] = values[rows[i]];
  return std::span<const int64_t>(some_);
}

Result<std::span<const int64_t>> RowGroupReader::templates_of_page(size_t page) {
  constexpr auto kTemplates = static_cast<uint32_t>(FixedColumn::SpanTemplate);
  Column& column = columns_[kTemplates];
  if (column.page == page) return std::span<const int64_t>(column.integers.page);
  if (page >= column.layout->pages.size()) return damaged("rows without templates");
  SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, page));
  templates_.resize(column.layout->pages[page].values);
  SPOOR_TRY(layout_->integer_pages().decode(kTemplates, bytes, {}, templates_));
  return std::span<const int64_t>(templates_);
}

Result<std::span<const double>> RowGroupReader::doubles(uint32_t index, uint32_t vector) {
  SPOOR_ASSERT(metadata_.page_type(index) == PageType::Double);
  Column& column = columns_[index];
  auto decode = [](size_t, std::string_view bytes, std::span<double> values) {
    return codec::decode_doubles(bytes, values);
  };
  return numbers(column, vector, column.doubles, decode);
}

Status RowGroupReader::load_texts(Column& column, uint32_t vector, std::span<const Run> runs) {
  if (column.texts_vector == vector) return {};
  column.texts_vector = kNoVector;
  column.joined_texts.clear();
  std::vector<std::unique_ptr<codec::StringPage>> pages;
  for (const Run& run : runs) {
    // The last page of the vector before is often the first of this one.
    if (column.page == run.page && !column.texts.empty()) {
      pages.push_back(std::move(column.texts.back()));
      column.texts.clear();
    } else {
      SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, run.page));
      uint32_t values = column.layout->pages[run.page].values;
      SPOOR_ASSIGN(codec::StringPage decoded, decode_text_page(bytes, values, kPageRawBytesMax));
      pages.push_back(std::make_unique<codec::StringPage>(std::move(decoded)));
    }
    column.page = run.page;
  }
  column.texts = std::move(pages);
  column.texts_vector = vector;
  return {};
}

Result<std::string_view> RowGroupReader::ids(uint32_t index, uint32_t vector) {
  SPOOR_ASSERT(metadata_.page_type(index) == PageType::Id);
  Column& column = columns_[index];
  column.joined_ids.clear();
  auto runs = runs_of(column, vector);
  for (const Run& run : runs) {
    SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, run.page));
    const size_t expected = column.layout->pages[run.page].values * SpanId::kSize;
    if (bytes.size() != expected) return damaged("bad size of a page of ids");
    bytes = bytes.substr(run.from * SpanId::kSize, (run.to - run.from) * SpanId::kSize);
    if (runs.size() == 1) return bytes;
    column.joined_ids += bytes;
  }
  return std::string_view(column.joined_ids);
}

Result<std::span<const std::string_view>> RowGroupReader::texts(uint32_t index, uint32_t vector) {
  SPOOR_ASSERT(metadata_.page_type(index) == PageType::Text);
  Column& column = columns_[index];
  auto runs = runs_of(column, vector);
  SPOOR_TRY(load_texts(column, vector, runs));
  if (!column.joined_texts.empty()) return std::span<const std::string_view>(column.joined_texts);
  for (size_t i = 0; i < runs.size(); ++i) {
    auto part = column.texts[i]->values().subspan(runs[i].from, runs[i].to - runs[i].from);
    column.joined_texts.insert(column.joined_texts.end(), part.begin(), part.end());
  }
  return std::span<const std::string_view>(column.joined_texts);
}

Result<bool> RowGroupReader::may_contain(uint32_t index, uint32_t vector,
                                         const codec::SoughtText& sought) {
  SPOOR_ASSERT(metadata_.page_type(index) == PageType::Text && !sought.text.empty());
  Column& column = columns_[index];
  auto runs = runs_of(column, vector);
  // Where a page has it, those beside it are likely to have it too: they are decoded only once.
  if (column.may_contain) SPOOR_TRY(load_texts(column, vector, runs));
  for (size_t i = 0; i < runs.size(); ++i) {
    const size_t page = runs[i].page;
    if (column.searched_page != page || column.searched_as != sought.as ||
        column.searched_text != sought.text) {
      if (column.texts_vector == vector) {
        column.may_contain = column.texts[i]->may_contain(sought);
      } else {
        SPOOR_ASSIGN(std::string_view bytes, page_bytes(column, page));
        SPOOR_ASSIGN(column.may_contain,
                     text_page_may_contain(bytes, column.layout->pages[page].values,
                                           kPageRawBytesMax, sought));
      }
      column.searched_page = page;
      column.searched_text = sought.text;
      column.searched_as = sought.as;
    }
    if (column.may_contain) return true;
  }
  return false;
}

}  // namespace spoor::store
