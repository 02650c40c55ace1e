// What a section is written from: the rows of one tenant, gathered from sealed shards, with the
// shards' dictionaries merged into one.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "store/head_shard.h"
#include "store/rare_shapes.h"

namespace spoor::store {

// A fragment: the spans of one trace that lie in one flush. Rows [first_row, first_row + rows)
// of SectionInput::rows().
struct Fragment {
  uint32_t first_row = 0;
  uint32_t rows = 0;
  uint64_t start_min = 0;
  uint64_t end_max = 0;
};

class SectionInput {
 public:
  struct Row {
    const char* place;  // in a chunk of the shard
    uint32_t source;    // index of the shard
  };

  // Takes the visible rows of the shards, drops spans that equal another in every field, groups
  // the rest by trace, and rewrites rows whose shape few others have. REQUIRES: the shards are
  // sealed and outlive the input.
  SectionInput(std::vector<std::shared_ptr<const HeadShard>> shards, const Visible& visible);

  std::span<const Row> rows() const { return rows_; }
  // Ordered by start_min.
  std::span<const Fragment> fragments() const { return fragments_; }

  // Tells the processor that the row will be read soon; there may be none.
  void prefetch(size_t row) const {
    if (row >= rows_.size()) return;
    __builtin_prefetch(rows_[row].place);
    __builtin_prefetch(rows_[row].place + sizeof(RowHeader));
    __builtin_prefetch(rows_[row].place + 2 * sizeof(RowHeader));
  }
  HeadView::Row row(const Row& row) const { return HeadView::row_at(row.place); }
  uint32_t shape_of(const Row& place, uint32_t shard_code) const {
    return sources_[place.source].shapes[shard_code];
  }
  uint32_t resource_of(const Row& place, uint32_t shard_code) const {
    return sources_[place.source].resources[shard_code];
  }

  // Merged; the codes in shapes point into services() and scopes().
  const ShapeTable& shapes() const { return shapes_; }
  const Dictionary& services() const { return services_; }
  const Dictionary& scopes() const { return scopes_; }
  const Dictionary& resources() const { return resources_; }
  std::span<const uint32_t> services_of_resources() const { return resource_services_; }

 private:
  struct Source {
    std::vector<uint32_t> shapes;
    std::vector<uint32_t> resources;
  };
  void merge_dictionaries();
  // The visible rows one trace after another, each trace's in order of arrival.
  struct Arrived {
    std::vector<Row> rows;
    std::vector<uint32_t> first_rows;  // of each trace, and the count of all at the end
  };
  Arrived gather_rows(const Visible& visible) const;
  void group_by_trace(const Arrived& arrived);
  std::vector<uint64_t> count_rows_of_shapes() const;
  void rewrite_rare_rows();
  // The row in the forms, in memory of the input.
  Row rewrite(const Row& place, const RowEncoder::Forms& forms, RowEncoder& encoder);
  // A row with what its trace is ordered by.
  struct Member {
    TraceId trace_id;
    SpanId span_id;
    uint64_t start;
    uint64_t end;
    Row row;
  };
  void add_fragment(std::span<Member> members);
  // Of members with one start and span id: those that equal none before them.
  void keep_distinct(std::span<const Member> members, std::vector<Row>& kept) const;
  bool same_span(const Row& a, const Row& b) const;
  // The row as a span, without its ids, resource and scope.
  Span assemble(const Row& place, Arena& arena) const;

  std::vector<std::shared_ptr<const HeadShard>> shards_;
  std::vector<Source> sources_;
  ShapeTable shapes_;
  Dictionary services_;
  Dictionary scopes_;
  Dictionary resources_;
  std::vector<uint32_t> resource_services_;
  std::vector<Row> rows_;
  std::vector<Fragment> fragments_;
  Arena rewritten_;  // rows; their source is the last one, whose codes are those of the input
};

}  // namespace spoor::store
