#include "store/column_builder.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"

namespace spoor::store {

static_assert(kVectorRows == codec::kPageValues);

uint32_t ColumnBuilder::page_values(size_t first) const {
  size_t values = std::min(kVectorRows, total_ - first);
  if (type_ != PageType::Text) return static_cast<uint32_t>(values);
  uint64_t begin = first == 0 ? 0 : text_ends_[first - 1];
  size_t fitting = 1;
  while (fitting < values && text_ends_[first + fitting] - begin <= kPageRawBytesCut) ++fitting;
  return static_cast<uint32_t>(fitting);
}

void ColumnBuilder::encode_page(size_t first, uint32_t values, std::string& page) {
  switch (type_) {
    case PageType::Integer:
      return codec::encode_integers(std::span(integers_).subspan(first, values), page);
    case PageType::Double:
      return codec::encode_doubles(std::span(doubles_).subspan(first, values), page);
    case PageType::Id:
      page.append(text_, first * SpanId::kSize, values * SpanId::kSize);
      return;
    case PageType::Text: {
      std::array<std::string_view, kVectorRows> texts;
      for (uint32_t i = 0; i < values; ++i) texts[i] = text(first + i);
      return codec::encode_strings({texts.data(), values}, page);
    }
  }
}

Status ColumnBuilder::finish(uint32_t vectors, const WriteBlock& write, ColumnChunk& chunk) {
  SPOOR_ASSERT(!empty() && values_of_vector_.size() <= vectors);
  values_of_vector_.resize(vectors);
  chunk.column = column_;
  chunk.values_of_vector = values_of_vector_;
  std::string page;
  for (size_t first = 0; first < total_;) {
    uint32_t values = page_values(first);
    page.clear();
    encode_page(first, values, page);
    SPOOR_ASSIGN(BlockRef block, write(page));
    if (first == 0) chunk.offset = block.offset;
    chunk.pages.push_back({values, static_cast<uint32_t>(page.size())});
    first += values;
  }
  total_ = 0;
  values_of_vector_.clear();
  integers_.clear();
  doubles_.clear();
  text_.clear();
  text_ends_.clear();
  return {};
}

}  // namespace spoor::store
