#include "store/integer_pages.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/integers.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr uint32_t number_of(FixedColumn column) {
  return static_cast<uint32_t>(column);
}

size_t size_in_plain_pages(std::span<const int64_t> values) {
  std::string pages;
  for (size_t first = 0; first < values.size(); first += kVectorRows) {
    size_t count = std::min(kVectorRows, values.size() - first);
    codec::encode_integers(values.subspan(first, count), pages);
  }
  return pages.size();
}

}  // namespace

Status IntegerPages::open_chunk(const ColumnChunk& chunk) {
  switch (static_cast<FixedColumn>(chunk.column)) {
    case FixedColumn::SpanTemplate: {
      SPOOR_ASSIGN(successors_, codec::SuccessorTable::decode(chunk.context));
      has_ranks_ = true;
      return {};
    }
    case FixedColumn::Depth: {
      if (!has_ranks_) break;
      SPOOR_ASSIGN(depths_, codec::SuccessorNumbers::decode(chunk.context, successors_));
      has_rests_ = true;
      return {};
    }
    case FixedColumn::Start: {
      SPOOR_ASSIGN(starts_, codec::ClassTable::decode(chunk.context));
      return {};
    }
    case FixedColumn::Duration: {
      SPOOR_ASSIGN(durations_, codec::ClassTable::decode(chunk.context));
      return {};
    }
    default:
      break;
  }
  return data_loss("row group: context of a column that has none");
}

Result<IntegerPages> IntegerPages::open(const std::vector<ColumnChunk>& chunks) {
  IntegerPages pages;
  for (const ColumnChunk& chunk : chunks) {
    if (!chunk.context.empty()) SPOOR_TRY(pages.open_chunk(chunk));
  }
  return pages;
}

bool IntegerPages::needs_templates(uint32_t column) const {
  switch (static_cast<FixedColumn>(column)) {
    case FixedColumn::Start:
      return !starts_.empty();
    case FixedColumn::Duration:
      return !durations_.empty();
    case FixedColumn::Depth:
      return has_rests_;
    default:
      return false;
  }
}

Status IntegerPages::decode(uint32_t column, std::string_view page,
                            std::span<const int64_t> templates, std::span<int64_t> values) const {
  if (!needs_templates(column)) {
    SPOOR_TRY(codec::decode_integers(page, values));
    if (column == number_of(FixedColumn::SpanTemplate) && has_ranks_) {
      successors_.from_ranks(values);
    }
    return {};
  }
  if (templates.size() != values.size()) {
    return data_loss("row group: a page and that of its templates disagree");
  }
  if (column != number_of(FixedColumn::Depth)) {
    const auto& classes = column == number_of(FixedColumn::Start) ? starts_ : durations_;
    return classes.decode_page(page, templates, values);
  }
  SPOOR_TRY(codec::decode_integers(page, values));
  depths_.from_rests(successors_, templates, values);
  return {};
}

void ContextBuilder::learn(const Columns& columns) {
  pages_ = {};
  for (std::string& context : contexts_) context.clear();
  templates_.assign(columns.templates.begin(), columns.templates.end());
  learn_order(columns);
  learn_classes(FixedColumn::Start, columns.starts, pages_.starts_);
  learn_classes(FixedColumn::Duration, columns.durations, pages_.durations_);
}

void ContextBuilder::learn_order(const Columns& columns) {
  pages_.successors_ = codec::SuccessorTable::of(columns.templates);
  if (pages_.successors_.empty()) return;
  pages_.depths_ =
      codec::SuccessorNumbers::of(pages_.successors_, columns.templates, columns.depths);
  pages_.has_ranks_ = pages_.has_rests_ = true;
  std::string& successors = contexts_[number_of(FixedColumn::SpanTemplate)];
  std::string& depths = contexts_[number_of(FixedColumn::Depth)];
  pages_.successors_.encode(successors);
  pages_.depths_.encode(depths);
  // Depths need the table, so that both have a context or none.
  size_t size = successors.size() + depths.size() +
                size_in_pages(FixedColumn::SpanTemplate, columns.templates) +
                size_in_pages(FixedColumn::Depth, columns.depths);
  if (size < size_in_plain_pages(columns.templates) + size_in_plain_pages(columns.depths)) return;
  pages_.has_ranks_ = pages_.has_rests_ = false;
  successors.clear();
  depths.clear();
}

void ContextBuilder::learn_classes(FixedColumn column, std::span<const int64_t> values,
                                   codec::ClassTable& classes) {
  classes = codec::ClassTable::of(templates_, values);
  if (classes.empty()) return;
  std::string& context = contexts_[number_of(column)];
  classes.encode(context);
  if (context.size() + size_in_pages(column, values) < size_in_plain_pages(values)) return;
  classes = {};
  context.clear();
}

size_t ContextBuilder::size_in_pages(FixedColumn column, std::span<const int64_t> values) const {
  std::string pages;
  for (size_t first = 0; first < values.size(); first += kVectorRows) {
    size_t count = std::min(kVectorRows, values.size() - first);
    encode(number_of(column), first, values.subspan(first, count), pages);
  }
  return pages.size();
}

const std::string& ContextBuilder::context_of(uint32_t column) const {
  static const std::string kNone;
  return column < kFixedColumns ? contexts_[column] : kNone;
}

void ContextBuilder::encode(uint32_t column, size_t first, std::span<const int64_t> values,
                            std::string& page) const {
  if (context_of(column).empty()) return codec::encode_integers(values, page);
  auto templates = std::span<const int64_t>(templates_).subspan(first, values.size());
  std::array<int64_t, kVectorRows> buffer;
  std::span<int64_t> others(buffer.data(), values.size());
  switch (static_cast<FixedColumn>(column)) {
    case FixedColumn::SpanTemplate:
      pages_.successors_.to_ranks(values, others);
      return codec::encode_integers(others, page);
    case FixedColumn::Depth:
      pages_.depths_.to_rests(pages_.successors_, templates, values, others);
      return codec::encode_integers(others, page);
    case FixedColumn::Start:
      return pages_.starts_.encode_page(templates, values, page);
    default:
      SPOOR_ASSERT(column == number_of(FixedColumn::Duration));
      return pages_.durations_.encode_page(templates, values, page);
  }
}

}  // namespace spoor::store
