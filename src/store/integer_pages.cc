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

// Of the pages that are made only to be compared, one of so many is made.
constexpr size_t kPagesPerSample = 8;

std::span<const int64_t> page_from(std::span<const int64_t> values, size_t first) {
  return values.subspan(first, std::min(kVectorRows, values.size() - first));
}

// About what the pages would take without a context.
size_t plain_bytes(std::span<const int64_t> values) {
  std::string pages;
  size_t sampled = 0;
  for (size_t first = 0; first < values.size(); first += kVectorRows * kPagesPerSample) {
    auto page = page_from(values, first);
    codec::encode_integers(page, pages);
    sampled += page.size();
  }
  return sampled == 0 ? 0 : pages.size() * values.size() / sampled;
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

bool IntegerPages::has_places(uint32_t column) const {
  bool has_classes =
      column == number_of(FixedColumn::Start) || column == number_of(FixedColumn::Duration);
  return has_classes && needs_templates(column);
}

Status IntegerPages::decode_some(uint32_t column, std::string_view page,
                                 std::span<const int64_t> templates,
                                 std::span<const uint32_t> places,
                                 std::span<int64_t> values) const {
  SPOOR_ASSERT(has_places(column));
  const auto& classes = column == number_of(FixedColumn::Start) ? starts_ : durations_;
  return classes.decode_some(page, templates, places, values);
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

Status IntegerPages::decode_trees(std::string_view template_page, std::string_view depth_page,
                                  std::span<int64_t> templates, std::span<int64_t> depths) const {
  if (templates.size() != depths.size()) {
    return data_loss("row group: a page and that of its templates disagree");
  }
  SPOOR_TRY(codec::decode_integers(template_page, templates));
  SPOOR_TRY(codec::decode_integers(depth_page, depths));
  if (has_rests_) {
    depths_.from_ranks_and_rests(successors_, templates, depths);
  } else if (has_ranks_) {
    successors_.from_ranks(templates);
  }
  return {};
}

void ContextBuilder::learn(const Columns& columns) {
  pages_ = {};
  for (std::string& context : contexts_) context.clear();
  for (Encoded& encoded : encoded_) encoded = {};
  pairs_.clear();
  templates_.assign(columns.templates.begin(), columns.templates.end());
  learn_order(columns);
  learn_classes(FixedColumn::Start, columns.starts, pages_.starts_);
  learn_classes(FixedColumn::Duration, columns.durations, pages_.durations_);
}

void ContextBuilder::learn_order(const Columns& columns) {
  constexpr uint32_t kTemplates = number_of(FixedColumn::SpanTemplate);
  constexpr uint32_t kDepths = number_of(FixedColumn::Depth);
  pages_.successors_ = codec::SuccessorTable::of(columns.templates);
  if (pages_.successors_.empty()) return;
  pairs_ = pages_.successors_.find_all(columns.templates);
  pages_.depths_ = codec::SuccessorNumbers::of(pages_.successors_, pairs_, columns.depths);
  pages_.successors_.encode(contexts_[kTemplates]);
  pages_.depths_.encode(contexts_[kDepths]);
  encoded_[kTemplates] = encode_all(FixedColumn::SpanTemplate, columns.templates);
  encoded_[kDepths] = encode_all(FixedColumn::Depth, columns.depths);
  // Depths need the table, so that both have a context or none.
  size_t size = contexts_[kTemplates].size() + contexts_[kDepths].size() +
                encoded_[kTemplates].bytes.size() + encoded_[kDepths].bytes.size();
  if (size < plain_bytes(columns.templates) + plain_bytes(columns.depths)) return;
  forget(FixedColumn::SpanTemplate);
  forget(FixedColumn::Depth);
}

void ContextBuilder::learn_classes(FixedColumn column, std::span<const int64_t> values,
                                   codec::ClassTable& classes) {
  classes = codec::ClassTable::of(templates_, values);
  if (classes.empty()) return;
  std::string& context = contexts_[number_of(column)];
  classes.encode(context);
  Encoded& encoded = encoded_[number_of(column)] = encode_all(column, values);
  if (context.size() + encoded.bytes.size() >= plain_bytes(values)) forget(column);
}

void ContextBuilder::forget(FixedColumn column) {
  contexts_[number_of(column)].clear();
  encoded_[number_of(column)] = {};
}

ContextBuilder::Encoded ContextBuilder::encode_all(FixedColumn column,
                                                   std::span<const int64_t> values) const {
  Encoded encoded;
  for (size_t first = 0; first < values.size(); first += kVectorRows) {
    encode_with_context(column, first, page_from(values, first), encoded.bytes);
    encoded.ends.push_back(encoded.bytes.size());
  }
  return encoded;
}

const std::string& ContextBuilder::context_of(uint32_t column) const {
  static const std::string kNone;
  return column < kFixedColumns ? contexts_[column] : kNone;
}

void ContextBuilder::encode(uint32_t column, size_t first, std::span<const int64_t> values,
                            std::string& page) const {
  if (column >= kFixedColumns || encoded_[column].ends.empty()) {
    return codec::encode_integers(values, page);
  }
  const Encoded& encoded = encoded_[column];
  const size_t ordinal = first / kVectorRows;
  const size_t begin = ordinal == 0 ? 0 : encoded.ends[ordinal - 1];
  page.append(encoded.bytes, begin, encoded.ends[ordinal] - begin);
}

void ContextBuilder::encode_with_context(FixedColumn column, size_t first,
                                         std::span<const int64_t> values, std::string& page) const {
  auto templates = std::span<const int64_t>(templates_).subspan(first, values.size());
  std::span<const uint32_t> pairs;
  if (!pairs_.empty()) pairs = std::span(pairs_).subspan(first, values.size());
  std::array<int64_t, kVectorRows> buffer;
  std::span<int64_t> others(buffer.data(), values.size());
  switch (column) {
    case FixedColumn::SpanTemplate:
      pages_.successors_.to_ranks(values, pairs, others);
      return codec::encode_integers(others, page);
    case FixedColumn::Depth:
      pages_.depths_.to_rests(pairs, values, others);
      return codec::encode_integers(others, page);
    case FixedColumn::Start:
      return pages_.starts_.encode_page(templates, values, page);
    default:
      SPOOR_ASSERT(column == FixedColumn::Duration);
      return pages_.durations_.encode_page(templates, values, page);
  }
}

}  // namespace spoor::store
