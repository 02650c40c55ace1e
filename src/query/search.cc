#include "query/search.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/assert.h"
#include "query/group_outline.h"
#include "query/head_scan.h"
#include "query/newest_traces.h"
#include "query/prepared.h"
#include "query/row_starts.h"
#include "query/scattered_traces.h"
#include "query/section_scan.h"
#include "query/spanset_scan.h"
#include "query/work_sharing.h"
#include "store/limits.h"

namespace spoor::query {

using store::TracePlace;

namespace {

// Limit of a search that looks for no more than a page of traces or what may be one.
constexpr size_t kFewTraces = 128;

// Of a section: its scan is made when the first of its row groups is looked at.
struct SectionWork {
  store::SectionReader* section = nullptr;
  Mutex mutex;
  bool planned SPOOR_GUARDED_BY(mutex) = false;
  Status status SPOOR_GUARDED_BY(mutex);
  std::unique_ptr<SectionScan> scan SPOOR_GUARDED_BY(mutex);
  std::unique_ptr<SpansetScan> spansets SPOOR_GUARDED_BY(mutex);
};

// Both live as long as the search.
struct Scans {
  const SectionScan* rows = nullptr;
  const SpansetScan* spansets = nullptr;  // null where the search has none
};

// A piece of work: a row group of a section or a chunk of the head.
struct Item {
  uint64_t start_bound = 0;  // no fragment in it starts later
  SectionWork* section = nullptr;
  const HeadScan* head = nullptr;
  size_t ordinal = 0;  // of the row group or chunk
};

class Search {
 public:
  Search(const store::Snapshot& snapshot, const SearchRequest& request, const Prepared& prepared,
         QueryContext& context)
      : snapshot_(snapshot),
        request_(request),
        prepared_(prepared),
        context_(context),
        newest_(snapshot, request),
        scattered_(snapshot),
        whole_traces_(snapshot) {
    // Whoever evaluates a few candidates is through before it is known what decides traces.
    const bool decides_traces = request.limit > kFewTraces || request.count_all;
    if (request.spansets != nullptr && decides_traces) {
      trace_needs_ = request.spansets->trace_needs();
    }
    for (const auto& section : snapshot.sections) add_section(*section);
    for (const auto& shard : snapshot.shards) add_shard(shard->view(), snapshot.visible);
    std::ranges::stable_sort(items_, std::ranges::greater(), &Item::start_bound);
    result_.missing = snapshot.missing;
  }

  Result<SearchResult> run() {
    if (trace_needs_.any()) {
      SPOOR_TRY(whole_traces_.compare(context_));
      head_traces_.emplace(snapshot_, whole_traces_);
    }
    SPOOR_TRY(work_all());
    MutexLock lock(mutex_);
    SPOOR_TRY(scattered_.offer(newest_, context_, missing_));
    const std::vector<std::string>& unread = whole_traces_.missing();
    missing_.insert(missing_.end(), unread.begin(), unread.end());
    newest_.take(result_, missing_);
    result_.rows_scanned = rows_scanned_;
    std::ranges::sort(missing_);
    missing_.erase(std::ranges::unique(missing_).begin(), missing_.end());
    result_.missing.insert(result_.missing.end(), missing_.begin(), missing_.end());
    return std::move(result_);
  }

 private:
  void add_section(store::SectionReader& section);
  void add_shard(store::HeadView view, const store::Visible& visible);
  Status work_all();
  Status work(const Item& item);
  Status work_group(const Item& item);
  Status work_spansets(const Item& item, const Scans& scans, GroupOutline& outline);
  // Offers traces that have rows which are kept, newest first, and notes those of needed rows that
  // may match by what lies elsewhere. `divided` may be null: then all may.
  Status offer_spansets(store::SectionReader& section, const GroupRows& rows,
                        const SpansetScan::Matched& matched, const DividedRows* divided,
                        TraceWalk& walk);
  void work_chunk(const Item& item);
  Result<Scans> scans_of(SectionWork& work);
  // Whether all spans of the row group start within the request's times.
  bool is_in_range(const store::RowGroupRef& group) const {
    return group.start_min >= request_.start_min.value && group.end_max <= request_.start_max.value;
  }
  // The rows of the vector that the condition holds for and that start in time.
  Result<RowMask> match(const Item& item, const Scans& scans, const GroupLook& look,
                        store::RowGroupReader& reader, uint32_t vector, RowStarts& starts);
  Status keep_in_range(const store::RowGroupReader& group, RowStarts& starts, RowMask& rows) const;
  // Offers the traces of the rows, newest first; row 0 of the mask is `first_row`.
  Status offer_rows(store::SectionReader& section, uint64_t first_row, const RowMask& rows,
                    TraceWalk& walk);

  const store::Snapshot& snapshot_;
  const SearchRequest& request_;
  const Prepared& prepared_;
  QueryContext& context_;
  NewestTraces newest_;
  ScatteredTraces scattered_;
  WholeTraces whole_traces_;
  std::optional<HeadTraces> head_traces_;  // where there are trace needs
  TraceNeeds trace_needs_;                 // of the spansets, where those decide traces
  std::vector<std::unique_ptr<SectionWork>> sections_;
  std::vector<std::unique_ptr<HeadScan>> heads_;
  std::vector<Item> items_;
  std::atomic<uint64_t> rows_scanned_{0};
  SearchResult result_;
  Mutex mutex_;
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

void Search::add_section(store::SectionReader& section) {
  auto work = std::make_unique<SectionWork>();
  work->section = &section;
  const auto& groups = section.footer().row_groups;
  for (size_t i = 0; i < groups.size(); ++i) {
    const store::RowGroupRef& group = groups[i];
    if (group.rows == 0 || group.start_min > request_.start_max.value ||
        group.end_max < request_.start_min.value) {
      continue;
    }
    // Fragments are ordered by start, so none of the group starts after the first of the next.
    uint64_t bound = i + 1 < groups.size() ? groups[i + 1].start_min : group.end_max;
    items_.push_back({bound, work.get(), nullptr, i});
  }
  sections_.push_back(std::move(work));
}

void Search::add_shard(store::HeadView view, const store::Visible& visible) {
  auto scan = std::make_unique<HeadScan>(std::move(view), visible, prepared_);
  if (scan->matches_nothing()) return;
  for (size_t i = 0; i < scan->chunks().size(); ++i) {
    const store::HeadView::Chunk& chunk = scan->chunks()[i];
    if (chunk.start_min > request_.start_max.value || chunk.start_max < request_.start_min.value) {
      continue;
    }
    items_.push_back({chunk.start_max, nullptr, scan.get(), i});
  }
  heads_.push_back(std::move(scan));
}

Status Search::work_all() {
  // A few traces are often all among the newest rows; who else looked would look in vain.
  const size_t alone = request_.limit <= kFewTraces && !request_.count_all ? 1 : 0;
  const size_t first = std::min(alone, items_.size());
  for (size_t i = 0; i < first; ++i) {
    if (context_.cancelled()) return cancelled("the query was cancelled");
    SPOOR_TRY(work(items_[i]));
  }
  std::span<const Item> rest = std::span(items_).subspan(first);
  // Ordered by their bounds: if the first has nothing to give, none has.
  if (rest.empty() || !newest_.may_enter(rest.front().start_bound)) return {};
  return share_work(rest.size(), context_, [&](size_t i) { return work(rest[i]); });
}

Status Search::work(const Item& item) {
  if (!newest_.may_enter(item.start_bound)) return {};
  SPOOR_TRY(context_.charge(newest_.size_bytes() + scattered_.size_bytes() +
                            whole_traces_.size_bytes() +
                            (head_traces_ ? head_traces_->size_bytes() : 0)));
  if (item.head != nullptr) {
    work_chunk(item);
    return {};
  }
  Status status = work_group(item);
  if (status.code() == Code::Cancelled) return status;
  if (!status.ok()) {
    // What is damaged is left out, and the answer says so.
    MutexLock lock(mutex_);
    missing_.push_back(std::string(status.message()));
  }
  return {};
}

Result<Scans> Search::scans_of(SectionWork& work) {
  MutexLock lock(work.mutex);
  if (!work.planned) {
    work.planned = true;
    work.status = [&]() SPOOR_REQUIRES(work.mutex) -> Status {
      SectionTraces traces{nullptr, trace_needs_};
      if (trace_needs_.any()) traces.divided = &whole_traces_.divided(*work.section);
      SPOOR_ASSIGN(work.scan, SectionScan::create(*work.section, prepared_, traces));
      if (request_.spansets == nullptr) return {};
      SPOOR_ASSIGN(work.spansets, SpansetScan::create(*work.section, *request_.spansets, traces));
      return {};
    }();
  }
  if (!work.status.ok()) return work.status;
  return Scans{work.scan.get(), work.spansets.get()};
}

Status Search::work_group(const Item& item) {
  store::SectionReader& section = *item.section->section;
  SPOOR_ASSIGN(const Scans scans, scans_of(*item.section));
  if (scans.rows->matches_nothing()) return {};
  GroupOutline outline(section, item.ordinal);
  if (scans.spansets != nullptr) return work_spansets(item, scans, outline);
  SPOOR_ASSIGN(GroupLook look, scans.rows->look_at_group(outline));
  if (look.of_every == Verdict::No) return {};
  SPOOR_ASSIGN(auto group, scans.rows->open_group(item.ordinal));
  const uint64_t first_row = section.footer().first_row_of(item.ordinal);

  TraceWalk walk(section);
  RowStarts starts(section, *scans.rows, item.ordinal);
  for (uint32_t vector = group->vectors(); vector-- > 0;) {
    if (context_.cancelled()) return cancelled("the query was cancelled");
    if (!look.may_match(vector)) continue;
    uint64_t first = first_row + vector * store::kVectorRows;
    uint32_t rows = group->rows_of(vector);
    if (!newest_.is_open()) {
      SPOOR_ASSIGN(TracePlace last_trace, walk.trace_of(first + rows - 1));
      if (!newest_.may_enter(last_trace.start)) return {};
    }
    rows_scanned_ += rows;
    SPOOR_ASSIGN(RowMask matched, match(item, scans, look, *group, vector, starts));
    SPOOR_TRY(offer_rows(section, first, matched, walk));
  }
  return {};
}

Result<RowMask> Search::match(const Item& item, const Scans& scans, const GroupLook& look,
                              store::RowGroupReader& reader, uint32_t vector, RowStarts& starts) {
  SPOOR_ASSIGN(RowMask matched, scans.rows->match(reader, look, vector, starts));
  const auto& footer = item.section->section->footer();
  if (matched.empty() || is_in_range(footer.row_groups[item.ordinal])) return matched;
  SPOOR_TRY(
      starts.keep_within(request_.start_min.value, request_.start_max.value, vector, matched));
  return matched;
}

Status Search::work_spansets(const Item& item, const Scans& scans, GroupOutline& outline) {
  store::SectionReader& section = *item.section->section;
  const store::RowGroupRef& place = section.footer().row_groups[item.ordinal];
  const GroupRows rows = GroupRows::of(section, item.ordinal);
  TraceWalk walk(section);
  const bool looks_up = scans.spansets->looks_up() && is_in_range(place);
  GroupLook look;
  if (!looks_up) {
    SPOOR_ASSIGN(look, scans.rows->look_at_group(outline));
    if (look.of_every == Verdict::No) return {};
  }
  SPOOR_ASSIGN(SpansetScan::Looks looks, scans.spansets->look_at_group(outline));
  if (looks_up && !looks.is_possible && !looks.may_have_loose_rows) return {};
  // Traces of which fragments lie elsewhere are not decided here.
  SPOOR_ASSIGN(bool has_cut, has_cut_trace(rows, walk));
  bool may_be_divided = scattered_.can_be();
  const DividedRows* divided = nullptr;
  if (trace_needs_.any() || (may_be_divided && scattered_.are_many())) {
    SPOOR_TRY(whole_traces_.compare(context_));
    divided = &whole_traces_.divided(section);
    may_be_divided = has_row_within(*divided, rows.first, rows.end);
  }
  const bool is_decided = !may_be_divided && !has_cut;
  if (is_decided && !looks.is_possible) return {};
  SPOOR_ASSIGN(auto group, scans.rows->open_group(item.ordinal));
  rows_scanned_ += group->rows();
  RowStarts starts(section, *scans.rows, item.ordinal);
  SpansetScan::Matched matched;
  if (looks_up) {
    SPOOR_ASSIGN(matched, scans.spansets->match_upwards(item.ordinal, *group, looks, starts));
  } else {
    SPOOR_ASSIGN(matched,
                 scans.spansets->match(item.ordinal, *group, looks, starts, {*scans.rows, look}));
  }
  if (is_decided && matched.kept.empty()) return {};
  if (is_decided && is_in_range(place)) matched.needed = matched.kept;
  if (!is_in_range(place)) SPOOR_TRY(keep_in_range(*group, starts, matched.needed));
  return offer_spansets(section, rows, matched, divided, walk);
}

Status Search::offer_spansets(store::SectionReader& section, const GroupRows& rows,
                              const SpansetScan::Matched& matched, const DividedRows* divided,
                              TraceWalk& walk) {
  std::vector<TracePlace> found;
  std::vector<TraceHit> undecided;
  for (size_t row = matched.needed.next(0); row < matched.needed.rows();) {
    SPOOR_ASSIGN(TracePlace trace, walk.trace_of(rows.first + row));
    const size_t begin = std::max(trace.first_row, rows.first) - rows.first;
    const size_t end = std::min(trace.first_row + trace.rows, rows.end) - rows.first;
    if (newest_.may_enter(trace.start)) {
      if (rows.cuts(trace) || matched.kept.has_any(begin, end)) {
        found.push_back(trace);
      } else if (divided == nullptr || std::ranges::binary_search(*divided, trace.first_row)) {
        undecided.push_back({trace.id, UnixNanos{trace.start}});
      }
    }
    row = matched.needed.next(end);
  }
  while (!found.empty()) {
    newest_.offer({&section, found.back()});
    found.pop_back();
  }
  if (scattered_.can_be()) scattered_.add(section, undecided);
  return {};
}

Status Search::keep_in_range(const store::RowGroupReader& group, RowStarts& starts,
                             RowMask& rows) const {
  for (uint32_t vector = 0; vector < group.vectors(); ++vector) {
    if (context_.cancelled()) return cancelled("the query was cancelled");
    RowMask of_vector = rows.part(vector * store::kVectorRows, group.rows_of(vector));
    if (of_vector.empty()) continue;
    SPOOR_TRY(
        starts.keep_within(request_.start_min.value, request_.start_max.value, vector, of_vector));
    rows.place(vector * store::kVectorRows, of_vector);
  }
  return {};
}

Status Search::offer_rows(store::SectionReader& section, uint64_t first_row, const RowMask& rows,
                          TraceWalk& walk) {
  std::vector<size_t> places;
  rows.for_each([&](size_t row) { places.push_back(row); });
  for (size_t i = places.size(); i > 0;) {
    SPOOR_ASSIGN(TracePlace trace, walk.trace_of(first_row + places[i - 1]));
    newest_.offer({&section, trace});
    while (i > 0 && first_row + places[i - 1] >= trace.first_row) --i;
  }
  return {};
}

void Search::work_chunk(const Item& item) {
  std::vector<HeadMatch> matches;
  item.head->match(item.ordinal, request_.start_min.value, request_.start_max.value, matches);
  if (head_traces_) {
    std::erase_if(matches, [&](const HeadMatch& match) {
      return !may_match(request_.spansets->of_traces, head_traces_->find(match.trace_id));
    });
  }
  std::ranges::sort(matches, std::ranges::greater(), &HeadMatch::start);
  for (const HeadMatch& match : matches) newest_.offer(match.trace_id, match.start);
}

}  // namespace

HitPlace HitPlace::of(const std::optional<store::TraceFragment>& only) {
  if (!only) return {};
  return {only->section, only->place.first_row, only->place.rows, only->place.flags};
}

std::optional<store::TraceFragment> HitPlace::fragment(const TraceHit& hit) const {
  if (section == nullptr) return std::nullopt;
  return store::TraceFragment{section, {hit.id, first_row, rows, hit.start.value, flags}};
}

Result<SearchResult> search(const store::Snapshot& snapshot, const SearchRequest& request,
                            QueryContext& context) {
  SPOOR_ASSERT(request.limit > 0);
  SPOOR_ASSIGN(Prepared prepared, prepare(request.condition));
  return Search(snapshot, request, prepared, context).run();
}

}  // namespace spoor::query
