// The part of a scan that reads columns: the rows of one vector for which a tree of leaves holds.
// Lives for one vector, on one thread.
#pragma once

#include <optional>
#include <span>

#include "query/row_starts.h"
#include "query/section_scan.h"

namespace spoor::query {

class VectorScan {
 public:
  VectorScan(const SectionScan& scan, store::RowGroupReader& group, uint32_t vector,
             RowStarts& starts)
      : scan_(scan), group_(group), vector_(vector), starts_(starts) {}

  // The templates of the vector's spans, read when first asked for.
  Result<std::span<const int64_t>> codes();

  // The rows among `candidates` for which the node holds.
  Result<RowMask> evaluate(const Node& node, const RowMask& candidates);

 private:
  Result<RowMask> leaf(const LeafLook& look, const RowMask& candidates);
  // The part of a leaf that templates leave open; each of its kinds below.
  Result<RowMask> open_leaf(const LeafLook& look, const RowMask& open);
  Result<RowMask> resource_leaf(const LeafLook& look, const RowMask& open);
  Result<RowMask> duration_rows(const LeafLook& look, const RowMask& open);
  Result<RowMask> duration_leaf(const LeafLook& look, const RowMask& open);
  Result<RowMask> parent_leaf(const LeafLook& look, const RowMask& open);
  // The rows that name a parent whose id is all zeros, which is none.
  Result<RowMask> rows_of_no_parent();
  Result<RowMask> trace_leaf(const LeafLook& look, const RowMask& open);
  Result<RowMask> start_leaf(const LeafLook& look, const RowMask& open);
  Result<RowMask> child_leaf(const LeafLook& look, store::Table table, const RowMask& open);
  // Adds the rows of a table among `open` that have a value in the column for which the leaf holds.
  Status column_rows(const Leaf& leaf, const TableLook::Column& column,
                     std::span<const int64_t> codes, const RowMask& open, RowMask& result);
  // How many events or links each row has.
  Result<std::vector<uint32_t>> child_counts(store::Table table);
  Status damaged(std::string_view what) const;

  const SectionScan& scan_;
  store::RowGroupReader& group_;
  const uint32_t vector_;
  std::span<const int64_t> codes_;
  RowStarts& starts_;
};

}  // namespace spoor::query
