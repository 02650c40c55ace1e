#include "store/dependencies.h"

#include <map>
#include <tuple>

#include "store/head_rollups.h"
#include "store/section_rollups.h"
#include "store/snapshot.h"

namespace spoor::store {
namespace {

struct Calls {
  uint64_t calls = 0;
  uint64_t failed = 0;
};

class Sum {
 public:
  void add(const Edge& edge, const Calls& calls) {
    if (calls.calls == 0) return;
    if (edge.is_other) {
      left_out_ += calls.calls;
      return;
    }
    Calls& sum = sums_[Key(edge.client, edge.server, edge.type)];
    sum.calls += calls.calls;
    sum.failed += calls.failed;
  }

  void finish(Dependencies& result) const {
    result.calls_left_out = left_out_;
    for (const auto& [key, sum] : sums_) {
      const auto& [parent, child, type] = key;
      result.edges.push_back({parent, child, type, sum.calls, sum.failed});
    }
  }

 private:
  using Key = std::tuple<std::string, std::string, ConnectionType>;
  std::map<Key, Calls> sums_;
  uint64_t left_out_ = 0;
};

// Adds a section's calls up by number first, so that names are compared once per edge.
Status add_section(SectionReader& section, const TimeRange& range, Sum& sum) {
  SPOOR_ASSIGN(auto rollups, section.rollups());
  std::vector<Calls> calls(rollups->edges().size());
  SPOOR_TRY(rollups->visit_edge_calls(range, [&](const SectionRollups::EdgeCalls& entry) {
    calls[entry.code].calls += entry.calls;
    calls[entry.code].failed += entry.failed;
  }));
  for (size_t i = 0; i < calls.size(); ++i) sum.add(rollups->edges()[i], calls[i]);
  return {};
}

}  // namespace

Dependencies dependencies(const Snapshot& snapshot, UnixNanos from, UnixNanos to) {
  TimeRange range{from, to};
  Dependencies result;
  result.missing = snapshot.missing;
  Sum sum;
  visit_head_edges(snapshot, range,
                   [&](const EdgeMinute& cell) { sum.add(cell.edge, {cell.calls, cell.failed}); });
  for (const auto& section : snapshot.sections) {
    Status added = add_section(*section, range, sum);
    if (!added.ok()) result.missing.push_back(section->file().path() + ": " + added.message());
  }
  sum.finish(result);
  return result;
}

}  // namespace spoor::store
