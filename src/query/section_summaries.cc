#include "query/section_summaries.h"

#include <algorithm>
#include <map>

#include "store/limits.h"
#include "store/row_group_reader.h"

namespace spoor::query {
namespace {

using store::FixedColumn;
using store::Table;
using store::Template;
using store::TracePlace;

// Steps through a section's row groups; keeps the one in hand open.
class Groups {
 public:
  Groups(store::SectionReader& section, const store::SectionMetadata& metadata)
      : section_(section), metadata_(metadata) {}

  // The group with the row. REQUIRES: rows never go back before the group in hand.
  Result<store::RowGroupReader*> group_of(uint64_t row) {
    const auto& groups = section_.footer().row_groups;
    while (next_ < groups.size() && row >= end_) {
      begin_ = end_;
      end_ += groups[next_++].rows;
      reader_.reset();
    }
    if (row < begin_ || row >= end_) return data_loss("trace table: a row beyond the last");
    if (!reader_) {
      SPOOR_ASSIGN(reader_, store::RowGroupReader::open(section_, metadata_, next_ - 1));
    }
    return reader_.get();
  }
  uint64_t begin() const { return begin_; }

 private:
  store::SectionReader& section_;
  const store::SectionMetadata& metadata_;
  size_t next_ = 0;
  uint64_t begin_ = 0, end_ = 0;
  std::unique_ptr<store::RowGroupReader> reader_;
};

class SummaryOfTrace {
 public:
  SummaryOfTrace(const store::SectionMetadata& metadata, const TracePlace& place)
      : metadata_(metadata), trace_start_(place.start) {
    summary_.id = place.id;
    summary_.start = UnixNanos{~uint64_t{0}};
  }

  Status add(const Template& entry, uint64_t distance, uint64_t duration, uint64_t depth) {
    if (depth > start_of_depth_.size()) {
      return data_loss("row group: a row is deeper than its parent allows");
    }
    uint64_t base = depth == 0 ? trace_start_ : start_of_depth_[depth - 1];
    uint64_t start = base + distance;
    start_of_depth_.resize(depth);
    start_of_depth_.push_back(start);

    bool is_error = entry.shape.status == kStatusError + 1;
    ++summary_.span_count;
    summary_.error_count += is_error;
    TraceSummary::Service& service = services_[entry.shape.service];
    ++service.span_count;
    service.error_count += is_error;
    summary_.start = std::min(summary_.start, UnixNanos{start});
    summary_.end = std::max(summary_.end, UnixNanos{start + duration});
    if (entry.shape.names_parent == 0 && (root_ == nullptr || start < root_start_)) {
      root_ = &entry;
      root_start_ = start;
    }
    return {};
  }

  // Nothing where the root's name is a value.
  std::optional<TraceSummary> finish() {
    if (root_ != nullptr) {
      bool name_is_value = std::ranges::any_of(root_->shape.fields, [](const auto& field) {
        return field.kind == store::FieldKind::Name;
      });
      if (name_is_value) return std::nullopt;
      summary_.has_root = true;
      summary_.root_service = metadata_.services[root_->shape.service];
      summary_.root_name = root_->shape.name;
    }
    for (auto& [number, service] : services_) {
      service.name = metadata_.services[number];
      summary_.services.push_back(std::move(service));
    }
    std::ranges::sort(summary_.services, {}, &TraceSummary::Service::name);
    return std::move(summary_);
  }

 private:
  const store::SectionMetadata& metadata_;
  const uint64_t trace_start_;
  TraceSummary summary_;
  std::map<uint32_t, TraceSummary::Service> services_;
  std::vector<uint64_t> start_of_depth_;
  const Template* root_ = nullptr;
  uint64_t root_start_ = 0;
};

Status summarize_place(const store::SectionMetadata& metadata, Groups& groups,
                       const TracePlace& place, std::optional<TraceSummary>& result) {
  const auto& templates = metadata.templates[static_cast<size_t>(Table::Span)];
  SummaryOfTrace trace(metadata, place);
  uint64_t end = place.first_row + place.rows;
  for (uint64_t row = place.first_row; row < end;) {
    SPOOR_ASSIGN(store::RowGroupReader * group, groups.group_of(row));
    uint32_t in_group = static_cast<uint32_t>(row - groups.begin());
    uint32_t vector = in_group / static_cast<uint32_t>(store::kVectorRows);
    SPOOR_ASSIGN(auto depths, group->fixed(FixedColumn::Depth, vector));
    SPOOR_ASSIGN(auto codes, group->templates(Table::Span, vector));
    SPOOR_ASSIGN(auto distances, group->fixed(FixedColumn::Start, vector));
    SPOOR_ASSIGN(auto durations, group->fixed(FixedColumn::Duration, vector));
    for (size_t i = in_group % store::kVectorRows; i < codes.size() && row < end; ++i, ++row) {
      SPOOR_TRY(trace.add(templates[static_cast<size_t>(codes[i])],
                          static_cast<uint64_t>(distances[i]), static_cast<uint64_t>(durations[i]),
                          static_cast<uint64_t>(depths[i])));
    }
  }
  result = trace.finish();
  return {};
}

}  // namespace

Status summarize_places(store::SectionReader& section, std::vector<SummaryPlace>& places,
                        std::vector<std::optional<TraceSummary>>& result) {
  SPOOR_ASSIGN(auto metadata, section.metadata());
  std::ranges::sort(places, {}, [](const SummaryPlace& entry) { return entry.place.first_row; });
  Groups groups(section, *metadata);
  for (const SummaryPlace& entry : places) {
    // Whether what a row of depth 0 names is really not there takes the ids to tell.
    if (entry.place.flags & store::kTraceHasOrphans) continue;
    SPOOR_TRY(summarize_place(*metadata, groups, entry.place, result[entry.ordinal]));
  }
  return {};
}

}  // namespace spoor::query
