#include "store/column_builder.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"
#include "codec/text_filter.h"
#include "store/text_page.h"

namespace spoor::store {

static_assert(kVectorRows == codec::kPageValues);

uint32_t ColumnBuilder::page_values(size_t first) const {
  size_t values = std::min(kVectorRows, size() - first);
  if (type_ != PageType::Text && type_ != PageType::List) return static_cast<uint32_t>(values);
  uint64_t begin = first == 0 ? 0 : text_ends_[first - 1];
  size_t fitting = 1;
  while (fitting < values && text_ends_[first + fitting] - begin <= kPageRawBytesCut) ++fitting;
  return static_cast<uint32_t>(fitting);
}

void ColumnBuilder::encode_page(const ContextBuilder& contexts, size_t first, uint32_t values,
                                std::string& page) const {
  switch (type_) {
    case PageType::Integer:
      return contexts.encode(column_, first, integers().subspan(first, values), page);
    case PageType::Double:
      return codec::encode_doubles(std::span(doubles_).subspan(first, values), page);
    case PageType::Id:
      for (const SpanId& id : std::span(ids_).subspan(first, values)) page.append(id.view());
      return;
    case PageType::Text:
    case PageType::List: {
      std::array<std::string_view, kVectorRows> texts;
      for (uint32_t i = 0; i < values; ++i) texts[i] = text(first + i);
      std::span<const std::string_view> of_page(texts.data(), values);
      if (type_ == PageType::List) return encode_list_page(of_page, page);
      return codec::encode_strings(of_page, page);
    }
  }
}

Status ColumnBuilder::finish(uint32_t vectors, const ContextBuilder& contexts,
                             const WriteBlock& write, ColumnChunk& chunk) {
  const size_t total = size();
  SPOOR_ASSERT(total > 0 && values_of_vector_.size() <= vectors);
  chunk.column = column_;
  if (values_of_vector_.empty()) {
    SPOOR_ASSERT(vectors_of(static_cast<uint32_t>(total)) == vectors);
    values_of_vector_.assign(vectors, kVectorRows);
    values_of_vector_.back() -= static_cast<uint32_t>(vectors * kVectorRows - total);
  }
  values_of_vector_.resize(vectors);
  chunk.values_of_vector = values_of_vector_;
  chunk.context = contexts.context_of(column_);
  std::string page;
  for (size_t first = 0; first < total;) {
    uint32_t values = page_values(first);
    page.clear();
    encode_page(contexts, first, values, page);
    SPOOR_ASSIGN(BlockRef block, write(page));
    if (first == 0) chunk.offset = block.offset;
    chunk.pages.push_back({values, static_cast<uint32_t>(page.size())});
    first += values;
  }
  if (type_ == PageType::Text) SPOOR_TRY(write_filter(write, chunk));
  values_of_vector_.clear();
  integers_.clear();
  doubles_.clear();
  ids_.clear();
  text_.clear();
  text_ends_.clear();
  return {};
}

Status ColumnBuilder::write_filter(const WriteBlock& write, ColumnChunk& chunk) const {
  const size_t total = size();
  if (total < kFilterTextsMin || text_.size() > total * kFilterTextBytesMax) return {};
  std::vector<uint64_t> hashes;
  boost::unordered_flat_set<uint64_t> known;
  for (size_t i = 0; i < total; ++i) {
    // Values that travel through a trace come in runs.
    if (i > 0 && same_bytes(text(i), text(i - 1))) continue;
    const uint64_t hash = codec::text_filter_hash(text(i));
    if (known.insert(hash).second) hashes.push_back(hash);
  }
  if (hashes.size() < kFilterTextsMin) return {};
  uint64_t of_pages = 0;
  for (const PageRef& page : chunk.pages) of_pages += page.bytes;
  if (codec::text_filter_size_bytes(hashes.size()) * kFilterPagesPerByteMin > of_pages) return {};
  std::string filter;
  codec::encode_text_filter(hashes, filter);
  SPOOR_ASSIGN(BlockRef block, write(filter));
  chunk.filter_bytes = static_cast<uint32_t>(block.bytes);
  SPOOR_ASSERT(block.offset == chunk.filter().offset);
  return {};
}

}  // namespace spoor::store
