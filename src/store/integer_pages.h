// Integer pages of one row group. Most stand for themselves (codec/integers.h). The templates of
// spans may be kept as ranks among those that follow the one before, depths as what the templates
// do not say of them, starts and durations in as many bits as suit their template: what the pages
// of such a column share lies in the row group's directory as the context of the column.
// Layout: docs/format/part.md, "Contexts".
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/classed_integers.h"
#include "codec/successors.h"
#include "store/part_format.h"

namespace spoor::store {

class IntegerPages {
 public:
  IntegerPages() = default;
  // DataLoss for a context that cannot be read, or of a column that has none.
  static Result<IntegerPages> open(const std::vector<ColumnChunk>& chunks);

  size_t size_bytes() const {
    return successors_.size_bytes() + depths_.size_bytes() + starts_.size_bytes() +
           durations_.size_bytes();
  }

  // Whether pages of the column are read with the template codes of their rows at hand.
  bool needs_templates(uint32_t column) const;
  // `templates`, where they are needed, are as many as the values.
  Status decode(uint32_t column, std::string_view page, std::span<const int64_t> templates,
                std::span<int64_t> values) const;
  // The pages of templates and depths of the same rows, in less time than one after the other.
  Status decode_trees(std::string_view template_page, std::string_view depth_page,
                      std::span<int64_t> templates, std::span<int64_t> depths) const;
  // Whether decode_some() may be asked for pages of the column.
  bool has_places(uint32_t column) const;
  // The values at the places, which ascend, of a page of as many values as templates.
  Status decode_some(uint32_t column, std::string_view page, std::span<const int64_t> templates,
                     std::span<const uint32_t> places, std::span<int64_t> values) const;

 private:
  friend class ContextBuilder;
  Status open_chunk(const ColumnChunk& chunk);

  codec::SuccessorTable successors_;
  codec::SuccessorNumbers depths_;
  codec::ClassTable starts_, durations_;
  bool has_ranks_ = false;
  bool has_rests_ = false;
};

// Whether what is written has contexts. They take a third of what a flush costs for a fifteenth of
// the bytes, and what a flush wrote is merged within minutes as a rule.
enum class Contexts { Learned, None };

// The way there: learns from the columns of a row group, then makes their pages. A column whose
// pages are no smaller for it has no context.
class ContextBuilder {
 public:
  struct Columns {
    std::span<const int64_t> templates, starts, durations, depths;
  };
  void learn(const Columns& columns);

  // Empty if the pages of the column stand for themselves.
  const std::string& context_of(uint32_t column) const;
  // The page of the values from `first` on, which the column had when it was learned.
  void encode(uint32_t column, size_t first, std::span<const int64_t> values,
              std::string& page) const;

 private:
  // Pages one behind another; page i ends at ends[i].
  struct Encoded {
    std::string bytes;
    std::vector<size_t> ends;
  };
  void learn_order(const Columns& columns);
  void learn_classes(FixedColumn column, std::span<const int64_t> values,
                     codec::ClassTable& classes);
  // Its pages stand for themselves.
  void forget(FixedColumn column);
  void encode_with_context(FixedColumn column, size_t first, std::span<const int64_t> values,
                           std::string& page) const;
  Encoded encode_all(FixedColumn column, std::span<const int64_t> values) const;

  IntegerPages pages_;
  std::vector<int64_t> templates_;
  std::vector<uint32_t> pairs_;  // of templates
  std::array<std::string, kFixedColumns> contexts_;
  std::array<Encoded, kFixedColumns> encoded_;  // of those with a context
};

}  // namespace spoor::store
