#include "store/rollup.h"

#include "store/head_rollups.h"
#include "store/section_rollups.h"
#include "store/snapshot.h"

namespace spoor::store {
namespace {

// Gives the rollups of every section to `visit`, and collects why some cannot be read.
template <typename Visit>
Missing visit_sections(const Snapshot& snapshot, const Visit& visit) {
  Missing missing = snapshot.missing;
  for (const auto& section : snapshot.sections) {
    Result<std::shared_ptr<const SectionRollups>> rollups = section->rollups();
    Status visited = rollups.ok() ? visit(**rollups) : rollups.status();
    if (!visited.ok()) missing.push_back(section->file().path() + ": " + visited.message());
  }
  return missing;
}

}  // namespace

uint64_t DurationHistogram::count() const {
  uint64_t count = 0;
  for (uint64_t of_bucket : counts) count += of_bucket;
  return count;
}

Missing visit_rollups(const Snapshot& snapshot, const TimeRange& range,
                      const OperationVisitor& visitor) {
  visit_head_operations(snapshot, range, visitor);
  return visit_sections(snapshot, [&](const SectionRollups& rollups) {
    return rollups.visit_operations(range, visitor);
  });
}

Missing visit_edges(const Snapshot& snapshot, const TimeRange& range, const EdgeVisitor& visitor) {
  visit_head_edges(snapshot, range, visitor);
  return visit_sections(
      snapshot, [&](const SectionRollups& rollups) { return rollups.visit_edges(range, visitor); });
}

}  // namespace spoor::store
