#include "store/section_input.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <numeric>
#include <unordered_map>

#include "base/assert.h"
#include "model/content_hash.h"
#include "store/assemble.h"
#include "store/limits.h"
#include "store/row_visit.h"
#include "store/value_codec.h"

namespace spoor::store {

SectionInput::SectionInput(std::vector<std::shared_ptr<const HeadShard>> shards,
                           const Visible& visible)
    : shards_(std::move(shards)) {
  merge_dictionaries();
  group_by_trace(gather_rows(visible));
  rewrite_rare_rows();
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

// Rows are gone through as they lie in memory, and traces are numbered as they arrive: nothing is
// sorted, and what belongs together stays near one another.
SectionInput::Arrived SectionInput::gather_rows(const Visible& visible) const {
  std::vector<Row> rows;
  std::vector<uint32_t> trace_of_row;
  boost::unordered_flat_map<uint64_t, uint32_t> trace_of_hash;
  for (uint32_t s = 0; s < shards_.size(); ++s) {
    HeadView view = shards_[s]->view();
    rows.reserve(rows.size() + shards_[s]->row_count());
    trace_of_row.reserve(rows.capacity());
    for (const HeadView::Chunk& chunk : view.chunks) {
      for (std::string_view rest(chunk.rows, chunk.bytes); !rest.empty();) {
        const char* place = rest.data();
        RowHeader header = HeadView::next_row(rest).header;
        if (!visible(view.batches[header.batch])) continue;
        uint32_t traces = static_cast<uint32_t>(trace_of_hash.size());
        auto trace = trace_of_hash.try_emplace(header.trace_id.hash(), traces).first;
        trace_of_row.push_back(trace->second);
        rows.push_back({place, s});
      }
    }
  }
  Arrived arrived;
  arrived.first_rows.resize(trace_of_hash.size() + 1);
  for (uint32_t trace : trace_of_row) ++arrived.first_rows[trace + 1];
  std::partial_sum(arrived.first_rows.begin(), arrived.first_rows.end(),
                   arrived.first_rows.begin());
  std::vector<uint32_t> next(arrived.first_rows.begin(), arrived.first_rows.end() - 1);
  arrived.rows.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) arrived.rows[next[trace_of_row[i]]++] = rows[i];
  return arrived;
}

void SectionInput::group_by_trace(const Arrived& arrived) {
  rows_.reserve(arrived.rows.size());
  std::vector<Member> group;
  for (size_t trace = 0; trace + 1 < arrived.first_rows.size(); ++trace) {
    group.clear();
    for (uint32_t i = arrived.first_rows[trace]; i < arrived.first_rows[trace + 1]; ++i) {
      constexpr size_t kRowsAhead = 16;
      if (i + kRowsAhead < arrived.rows.size()) {
        __builtin_prefetch(arrived.rows[i + kRowsAhead].place);
      }
      RowHeader header = row(arrived.rows[i]).header;
      group.push_back({header.trace_id, header.span_id, header.start,
                       header.start + header.duration, arrived.rows[i]});
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
  HeadView::Row content = row(place);
  const ShapeTable& shapes = shards_[place.source]->shapes();
  Span span;
  span.start = UnixNanos{content.header.start};
  RowSource source(shapes, content.values);
  Status assembled = assemble_span(shapes[content.header.shape], source, arena, span);
  SPOOR_ASSERT(assembled.ok());  // rows never leave memory
  return span;
}

namespace {

struct ShapeCounter {
  void begin(uint32_t code, const Shape&) { ++rows[code]; }
  void value(uint32_t, size_t, std::string_view) {}
  void end(uint32_t) {}
  std::vector<uint64_t>& rows;
};

// Whether a child of the row has a rare shape.
struct RareChildFinder {
  void begin(uint32_t code, const Shape& shape) {
    found |= shape.table != Table::Span && rare.form_of(code).has_value();
  }
  void value(uint32_t, size_t, std::string_view) {}
  void end(uint32_t) {}
  const RareShapes& rare;
  bool found = false;
};

}  // namespace

std::vector<uint64_t> SectionInput::count_rows_of_shapes() const {
  std::vector<uint64_t> rows(shapes_.size());
  ShapeCounter counter{rows};
  // Without many shapes none is rare, and those of children need a look at all values.
  if (shapes_.size() <= kRareShapesMax) return rows;
  for (const Row& place : rows_) visit_row(*this, place, row(place), counter);
  return rows;
}

void SectionInput::rewrite_rare_rows() {
  RareShapes rare(shapes_, count_rows_of_shapes());
  if (rare.empty()) return;
  const uint32_t source = static_cast<uint32_t>(sources_.size());
  RowEncoder encoder(shapes_);
  for (Row& place : rows_) {
    HeadView::Row content = row(place);
    RowEncoder::Forms forms;
    forms.span = rare.form_of(shape_of(place, content.header.shape));
    RareChildFinder finder{rare};
    visit_row(*this, place, content, finder);
    if (finder.found) forms.children = RowForm{NameForm::Value, AttributeForm::List};
    if (!forms.span && !forms.children) continue;
    place = rewrite(place, forms, encoder);
    place.source = source;
  }
  Source& identity = sources_.emplace_back();
  for (uint32_t i = 0; i < shapes_.size(); ++i) identity.shapes.push_back(i);
  for (uint32_t i = 0; i < resources_.size(); ++i) identity.resources.push_back(i);
}

SectionInput::Row SectionInput::rewrite(const Row& place, const RowEncoder::Forms& forms,
                                        RowEncoder& encoder) {
  RowHeader header = row(place).header;
  const uint32_t code = shape_of(place, header.shape);
  const uint32_t service = shapes_[code].service, scope = shapes_[code].scope;
  Arena arena;
  Span span = assemble(place, arena);
  if (shapes_[code].names_parent != 0) span.parent_span_id = header.parent_span_id.view();
  header.resource = resource_of(place, header.resource);
  header.shape = encoder.encode_as(forms, span, service, scope);
  std::string_view values = encoder.values();
  header.values_bytes = static_cast<uint32_t>(values.size());
  const size_t words = (sizeof header + values.size() + 7) / 8;
  char* target = reinterpret_cast<char*>(rewritten_.allocate<uint64_t>(words));
  std::memcpy(target, &header, sizeof header);
  if (!values.empty()) std::memcpy(target + sizeof header, values.data(), values.size());
  return {target, place.source};
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
