#include "store/section_input.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"
#include "model/content_hash.h"
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
  std::vector<Member> group;
  for (size_t i = 0; i < keyed.size();) {
    group.clear();
    for (uint64_t hash = keyed[i].hash; i < keyed.size() && keyed[i].hash == hash; ++i) {
      RowHeader header = row(keyed[i].row).header;
      group.push_back({header.trace_id, header.span_id, header.start,
                       header.start + header.duration, keyed[i].row});
    }
    // By trace id, because two ids may have one hash; then siblings lie in the order of their
    // starts and equal spans are neighbours.
    std::ranges::stable_sort(group, [](const Member& a, const Member& b) {
      if (a.trace_id != b.trace_id) return a.trace_id < b.trace_id;
      return a.start != b.start ? a.start < b.start : a.span_id < b.span_id;
    });
    for (size_t k = 0; k < group.size();) {
      size_t last = k;
      while (last < group.size() && group[last].trace_id == group[k].trace_id) ++last;
      add_fragment(std::span(group).subspan(k, last - k));
      k = last;
    }
  }
  std::ranges::stable_sort(fragments_, {}, &Fragment::start_min);
}

void SectionInput::add_fragment(std::span<Member> members) {
  Fragment fragment;
  fragment.first_row = static_cast<uint32_t>(rows_.size());
  fragment.start_min = members.front().start;
  for (size_t i = 0; i < members.size();) {
    size_t last = i;
    while (last < members.size() && members[last].start == members[i].start &&
           members[last].span_id == members[i].span_id) {
      fragment.end_max = std::max({fragment.end_max, members[last].start, members[last].end});
      ++last;
    }
    keep_distinct(members.subspan(i, last - i), rows_);
    i = last;
  }
  fragment.rows = static_cast<uint32_t>(rows_.size()) - fragment.first_row;
  fragments_.push_back(fragment);
}

// By hash of the content, so that very many spans of one id cost no more than others.
void SectionInput::keep_distinct(std::span<const Member> members, std::vector<Row>& kept) const {
  if (members.size() == 1) return kept.push_back(members[0].row);
  std::unordered_multimap<uint64_t, Row> by_content;
  for (const Member& member : members) {
    Arena arena;
    uint64_t hash = content_hash(assemble(member.row, arena));
    auto [begin, end] = by_content.equal_range(hash);
    bool repeated = std::any_of(
        begin, end, [&](const auto& entry) { return same_span(entry.second, member.row); });
    if (repeated) continue;
    by_content.emplace(hash, member.row);
    kept.push_back(member.row);
  }
}

Span SectionInput::assemble(const Row& place, Arena& arena) const {
  HeadShard::Row content = row(place);
  const ShapeTable& shapes = shards_[place.source]->shapes();
  Span span;
  span.start = UnixNanos{content.header.start};
  RowSource source(shapes, content.values);
  Status assembled = assemble_span(shapes[content.header.shape], source, arena, span);
  SPOOR_ASSERT(assembled.ok());  // rows never leave memory
  return span;
}

bool SectionInput::same_span(const Row& a, const Row& b) const {
  RowHeader x = row(a).header, y = row(b).header;
  if (x.duration != y.duration || x.parent_span_id != y.parent_span_id ||
      shape_of(a, x.shape) != shape_of(b, y.shape) ||
      resource_of(a, x.resource) != resource_of(b, y.resource)) {
    return false;
  }
  // Values hold codes of child shapes, which differ from shard to shard: compare what they mean.
  Arena arena;
  return assemble(a, arena) == assemble(b, arena);
}

}  // namespace spoor::store
