// Collects the values of one column of the row group in hand and turns them into pages.
// The buffers are reused from group to group.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "store/integer_pages.h"
#include "store/limits.h"
#include "store/part_format.h"

namespace spoor::store {

class ColumnBuilder {
 public:
  ColumnBuilder(uint32_t column, PageType type) : column_(column), type_(type) {}

  // Of columns that have one value of each row, in order of the rows.
  void add_integer_of_row(int64_t value) { integers_.push_back(value); }
  void add_id_of_row(std::string_view id) { ids_.push_back(SpanId::from_bytes(id)); }

  // Of other columns. `vector` is that of the span row that the value belongs to; never goes back.
  void add_integer(uint32_t vector, int64_t value) {
    count(vector);
    integers_.push_back(value);
  }
  void add_double(uint32_t vector, double value) {
    count(vector);
    doubles_.push_back(value);
  }
  void add_text(uint32_t vector, std::string_view text) {
    count(vector);
    text_ends_.push_back((text_ends_.empty() ? 0 : text_ends_.back()) + text.size());
    text_.append(text);
  }
  void add_id(uint32_t vector, std::string_view id) {  // 8 bytes
    count(vector);
    add_id_of_row(id);
  }

  bool empty() const { return size() == 0; }
  std::span<const int64_t> integers() const { return integers_; }

  // Hands the pages over in order (`write` appends a block and says where it is), fills the
  // chunk, and forgets the values. `contexts` has learned from the column if it is one of all rows.
  using WriteBlock = std::function<Result<BlockRef>(std::string_view payload)>;
  Status finish(uint32_t vectors, const ContextBuilder& contexts, const WriteBlock& write,
                ColumnChunk& chunk);

 private:
  void count(uint32_t vector) {
    if (values_of_vector_.size() <= vector) values_of_vector_.resize(vector + 1);
    ++values_of_vector_[vector];
  }
  // Of all kinds of values a column has one.
  size_t size() const {
    return integers_.size() + doubles_.size() + ids_.size() + text_ends_.size();
  }
  // How many values from `first` make the next page.
  uint32_t page_values(size_t first) const;
  void encode_page(const ContextBuilder& contexts, size_t first, uint32_t values,
                   std::string& page) const;
  // Behind the pages, where it pays.
  Status write_filter(const WriteBlock& write, ColumnChunk& chunk) const;
  std::string_view text(size_t index) const {
    uint64_t begin = index == 0 ? 0 : text_ends_[index - 1];
    return std::string_view(text_).substr(begin, text_ends_[index] - begin);
  }

  uint32_t column_;
  PageType type_;
  std::vector<uint32_t> values_of_vector_;  // empty where rows have one value each
  std::vector<int64_t> integers_;
  std::vector<double> doubles_;
  std::vector<SpanId> ids_;
  std::string text_;
  std::vector<uint64_t> text_ends_;
};

}  // namespace spoor::store
