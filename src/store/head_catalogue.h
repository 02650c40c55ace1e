// What one shard of the head has in its visible rows: services, operations, attributes. From
// shapes where they tell; rows are looked at for names and attribute lists that are values, for
// shapes that a request brought which does not count, for resources, and for attribute values.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/span.h"
#include "store/catalogue.h"
#include "store/head_rollups.h"

namespace spoor::store {

class HeadCatalogue {
 public:
  // Only the rows of span shapes that `masks` says; of all if it is null.
  HeadCatalogue(HeadShard& shard, const Visible& visible, const SpanMasks* masks = nullptr);

  bool touches(const TimeRange& range) const { return rows_.touches(range); }

  // Repeats are the rule in all that follows; views live as long as the catalogue.
  using OperationHandler =
      std::function<void(std::string_view service, std::string_view name, uint32_t kind)>;
  void visit_operations(const OperationHandler& handler) const;

  // The keys of the table's rows.
  void visit_keys(Table table, const std::function<void(std::string_view)>& handler) const;
  // The values under the key, until the handler returns false. The value is lent.
  void visit_values(Table table, std::string_view key,
                    const std::function<bool(const Value&)>& handler) const;

  // Those that visible spans belong to; views live as long as the arena and the catalogue.
  std::vector<Resource> resources(Arena& arena) const;
  std::vector<Scope> scopes(Arena& arena) const;

 private:
  // Visits the values of a row and of its events and links, until it returns false.
  template <typename Visit>
  bool visit_row(const HeadView::Row& row, const Visit& visit) const;
  const Shape& shape(uint32_t code) const { return *rows_.view().shapes[code]; }
  void find_visible_shapes();
  // The visible rows of shapes that count.
  template <typename Visit>
  void visit_rows(const Visit& visit) const {
    rows_.visit({}, [&](const HeadView::Row& row) {
      if (visible_shapes_[row.header.shape] != 0) visit(row);
    });
  }
  bool has_rows_with(Table table, FieldKind kind, std::string_view key) const;

  HeadRows rows_;
  std::vector<uint8_t> visible_shapes_;  // by code: those that count
};

}  // namespace spoor::store
