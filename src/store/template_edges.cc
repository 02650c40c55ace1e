#include "store/template_edges.h"

#include <algorithm>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/assert.h"
#include "base/bytes.h"

namespace spoor::store {
namespace {

constexpr uint32_t kNone = ~uint32_t{0};

// By code, its place in the list.
std::vector<uint32_t> places_of(std::span<const GroupTemplate> templates) {
  std::vector<uint32_t> places(templates.empty() ? 0 : templates.back().code + size_t{1}, kNone);
  for (size_t i = 0; i < templates.size(); ++i) {
    places[templates[i].code] = static_cast<uint32_t>(i);
  }
  return places;
}

}  // namespace

std::vector<TemplateEdge> edges_between(std::span<const GroupTemplate> templates,
                                        std::span<const int64_t> codes,
                                        std::span<const int64_t> depths) {
  SPOOR_ASSERT(codes.size() == depths.size());
  const std::vector<uint32_t> places = places_of(templates);
  // The row passed last and those above it, with gaps where a row group begins within a tree.
  struct Above {
    int64_t depth;
    uint32_t place;
  };
  std::vector<Above> above;
  std::vector<uint32_t> last_parents(templates.size(), kNone);
  boost::unordered_flat_set<uint64_t> seen;
  std::vector<TemplateEdge> edges;
  for (size_t row = 0; row < codes.size(); ++row) {
    const uint32_t child = places[static_cast<size_t>(codes[row])];
    while (!above.empty() && above.back().depth >= depths[row]) above.pop_back();
    const bool has_parent = !above.empty() && above.back().depth == depths[row] - 1;
    const uint32_t parent = has_parent ? above.back().place : kNone;
    above.push_back({depths[row], child});
    if (!has_parent || last_parents[child] == parent) continue;
    last_parents[child] = parent;
    if (seen.insert(uint64_t{child} << 32 | parent).second) edges.push_back({child, parent});
  }
  std::ranges::sort(edges);
  return edges;
}

void encode(std::span<const TemplateEdge> edges, size_t templates, std::string& target) {
  size_t at = 0;
  for (uint32_t child = 0; child < templates; ++child) {
    size_t end = at;
    while (end < edges.size() && edges[end].child == child) ++end;
    append_varint(target, end - at);
    for (uint32_t last = 0; at < end; last = edges[at++].parent) {
      append_varint(target, edges[at].parent - last);
    }
  }
  SPOOR_ASSERT(at == edges.size());
}

Result<std::vector<TemplateEdge>> decode_template_edges(std::string_view bytes, size_t templates) {
  ByteReader reader(bytes);
  std::vector<TemplateEdge> edges;
  bool is_good = true;
  for (uint32_t child = 0; child < templates && is_good && !reader.failed(); ++child) {
    uint64_t count = reader.varint(), parent = 0;
    is_good = count <= std::min(reader.remaining(), templates);
    for (uint64_t i = 0; i < count && is_good; ++i) {
      uint64_t step = reader.varint();
      is_good = (step > 0 || i == 0) && step < templates - parent;
      parent += step;
      edges.push_back({child, static_cast<uint32_t>(parent)});
    }
  }
  if (!is_good || reader.failed() || !reader.at_end()) {
    return data_loss("row group: bad edges between templates");
  }
  return edges;
}

}  // namespace spoor::store
