#include "store/section_input.h"

#include <algorithm>

#include "base/assert.h"
#include "store/assemble.h"
#include "store/value_codec.h"

namespace spoor::store {

SectionInput::SectionInput(std::vector<std::shared_ptr<const HeadShard>> shards,
                           const Visible& visible)
    : shards_(std::move(shards)) {
  merge_dictionaries();
  gather_rows(visible);
  group_by_trace();
}

void SectionInput::merge_dictionaries() {
  Arena arena;
  for (const auto& shard : shards_) {
    Source& source = sources_.emplace_back();
    std::vector<uint32_t> services, scopes;
    for (uint32_t i = 0; i < shard->services().size(); ++i) {
      services.push_back(services_.intern(shard->services()[i]));
    }
    for (uint32_t i = 0; i < shard->scopes().size(); ++i) {
      scopes.push_back(scopes_.intern(shard->scopes()[i]));
    }
    for (uint32_t i = 0; i < shard->resources().size(); ++i) {
      std::string_view bytes = shard->resources()[i];
      uint32_t code = resources_.intern(bytes);
      source.resources.push_back(code);
      if (code < resource_services_.size()) continue;
      Result<Resource> resource = decode_resource(bytes, arena);
      SPOOR_ASSERT(resource.ok());
      resource_services_.push_back(services_.intern(resource->service_name()));
    }
    for (uint32_t i = 0; i < shard->shapes().size(); ++i) {
      Shape shape = shard->shapes()[i];
      if (shape.table == Table::Span) {
        shape.service = services[shape.service];
        shape.scope = scopes[shape.scope];
      }
      source.shapes.push_back(shapes_.intern(shape_key(shape)));
    }
  }
}

void SectionInput::gather_rows(const Visible& visible) {
  for (uint32_t s = 0; s < shards_.size(); ++s) {
    size_t count = shards_[s]->row_count();
    rows_.reserve(rows_.size() + count);
    for (uint32_t i = 0; i < count; ++i) {
      if (visible(shards_[s]->position_of(shards_[s]->row(i).header))) rows_.push_back({s, i});
    }
  }
}

void SectionInput::group_by_trace() {
  struct Keyed {
    uint64_t hash;
    Row row;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(rows_.size());
  for (const Row& place : rows_) keyed.push_back({row(place).header.trace_id.hash(), place});
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
    return std::tie(a.hash, a.row.source, a.row.ordinal) <
           std::tie(b.hash, b.row.source, b.row.ordinal);
  });

  rows_.clear();
  std::vector<Row> group;
  for (size_t i = 0; i < keyed.size();) {
    size_t end = i;
    while (end < keyed.size() && keyed[end].hash == keyed[i].hash) ++end;
    group.clear();
    for (size_t k = i; k < end; ++k) group.push_back(keyed[k].row);
    // Different ids of one hash are next to never met, but must not become one trace.
    std::ranges::stable_sort(group, [&](const Row& a, const Row& b) {
      return row(a).header.trace_id < row(b).header.trace_id;
    });
    for (size_t k = 0; k < group.size();) {
      const TraceId id = row(group[k]).header.trace_id;
      size_t last = k;
      while (last < group.size() && row(group[last]).header.trace_id == id) ++last;
      add_fragment(std::span(group).subspan(k, last - k));
      k = last;
    }
    i = end;
  }
  std::ranges::stable_sort(fragments_, {}, &Fragment::start_min);
}

void SectionInput::add_fragment(std::span<Row> rows) {
  // By start, then by span id: siblings lie in this order and equal spans are neighbours.
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    RowHeader x = row(a).header, y = row(b).header;
    if (x.start != y.start) return x.start < y.start;
    return x.span_id < y.span_id;
  });
  Fragment fragment;
  fragment.first_row = static_cast<uint32_t>(rows_.size());
  fragment.start_min = ~uint64_t{0};
  for (size_t i = 0; i < rows.size(); ++i) {
    bool repeated = false;
    for (size_t k = i; k-- > 0 && !repeated;) {
      RowHeader earlier = row(rows[k]).header, header = row(rows[i]).header;
      if (earlier.start != header.start || earlier.span_id != header.span_id) break;
      repeated = same_span(rows[k], rows[i]);
    }
    if (repeated) continue;
    RowHeader header = row(rows[i]).header;
    fragment.start_min = std::min(fragment.start_min, header.start);
    fragment.end_max = std::max(fragment.end_max, header.start + header.duration);
    rows_.push_back(rows[i]);
    ++fragment.rows;
  }
  fragments_.push_back(fragment);
}

bool SectionInput::same_span(const Row& a, const Row& b) const {
  HeadShard::Row x = row(a), y = row(b);
  if (x.header.duration != y.header.duration ||
      x.header.parent_span_id != y.header.parent_span_id ||
      shape_of(a, x.header.shape) != shape_of(b, y.header.shape) ||
      resource_of(a, x.header.resource) != resource_of(b, y.header.resource)) {
    return false;
  }
  // Values hold codes of child shapes, which differ from shard to shard: compare what they mean.
  Arena arena;
  Span spans[2];
  for (auto [span, place, content] :
       {std::tuple{&spans[0], &a, &x}, std::tuple{&spans[1], &b, &y}}) {
    const ShapeTable& shapes = shards_[place->source]->shapes();
    span->start = UnixNanos{content->header.start};
    RowSource source(shapes, content->values);
    Status assembled = assemble_span(shapes[content->header.shape], source, arena, *span);
    SPOOR_ASSERT(assembled.ok());
  }
  return spans[0] == spans[1];
}

}  // namespace spoor::store
