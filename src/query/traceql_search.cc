#include "query/traceql_search.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/assert.h"
#include "base/mutex.h"
#include "query/leaf_fields.h"
#include "query/spanset_tree.h"
#include "query/traceql_evaluate.h"
#include "query/traceql_fields.h"
#include "query/traceql_projection.h"
#include "traceql/print.h"

namespace spoor::query {
namespace {

// Candidates are found in portions that grow, because each search begins at the newest again, and
// read in pieces that stay small, because the limit may be reached after any of them. The first
// portion is what is asked for; more where the columns do not know nearly all that the query asks.
constexpr size_t kFirstPortion = 64;
constexpr size_t kPortionMax = 262'144;
constexpr size_t kFirstPiece = 16;
constexpr size_t kPieceMax = 1'024;
// Little is read of each, so that a page holds what several need.
constexpr size_t kTracesPerSlice = 32;

// Values move from the batch of their trace into the result's arena.
class Copying {
 public:
  explicit Copying(Arena& arena) : arena_(arena) {}

  std::string_view text(std::string_view text) { return arena_.copy(text); }
  TypedValue value(const TypedValue& value) { return {value.type, copy(value.value)}; }

 private:
  Value copy(const Value& value) {
    switch (value.type()) {
      case ValueType::String:
        return Value::of_string(arena_.copy(value.as_string()));
      case ValueType::Bytes:
        return Value::of_bytes(arena_.copy(value.as_string()));
      case ValueType::Array: {
        std::vector<Value> elements;
        for (const Value& element : value.as_array()) elements.push_back(copy(element));
        return Value::of_array(arena_.copy(std::span<const Value>(elements)));
      }
      case ValueType::KeyValueList: {
        std::vector<KeyValue> entries;
        for (const KeyValue& entry : value.as_list()) {
          entries.push_back({arena_.copy(entry.key), copy(entry.value)});
        }
        return Value::of_list(arena_.copy(std::span<const KeyValue>(entries)));
      }
      default:
        return value;
    }
  }

  Arena& arena_;
};

class TraceqlSearch {
 public:
  TraceqlSearch(const store::Snapshot& snapshot, const TraceqlRequest& request,
                const TraceqlPlan& plan, QueryContext& context)
      : snapshot_(snapshot),
        request_(request),
        plan_(plan),
        context_(context),
        found_by_(TraceCandidates::of(request.query)),
        reading_{projection_of(plan.fields()), kTracesPerSlice} {
    candidates_.condition = found_by_.condition;
    const size_t least = found_by_.fit == Fit::Loose ? kFirstPortion : 1;
    first_portion_ = std::clamp(request.limit + 1, least, kPortionMax);
    if (found_by_.spansets) candidates_.spansets = &*found_by_.spansets;
    candidates_.start_min = request.start_min;
    candidates_.start_max = request.start_max;
    candidates_.after = request.after;
  }

  Result<TraceqlResult> run() {
    bool has_more_candidates = true;
    for (size_t portion = first_portion_; has_more_candidates && traces_.size() <= request_.limit;
         portion = std::min(portion * 4, kPortionMax)) {
      candidates_.limit = portion;
      SPOOR_ASSIGN(SearchResult found, search(snapshot_, candidates_, context_));
      rows_scanned_ += found.rows_scanned;
      note_missing(found.missing);
      has_more_candidates = found.more;
      if (found.hits.empty()) break;
      candidates_.after = found.hits.back();
      SPOOR_TRY(evaluate_pieces(found, has_more_candidates));
    }
    return take(has_more_candidates);
  }

 private:
  Status evaluate_pieces(const SearchResult& found, bool& has_more_candidates);
  Status evaluate_piece(std::span<const TraceHit> hits, std::span<const HitPlace> places);
  Status take_traces(std::span<const TraceHit> hits, size_t first,
                     std::vector<store::FoundTrace>& found,
                     std::vector<std::optional<TraceqlMatch>>& matches);
  TraceqlMatch shown(const TraceHit& hit, TraceqlTrace& trace, std::vector<Spanset> spansets)
      SPOOR_REQUIRES(mutex_);
  TraceqlSpan shown(TraceqlTrace& trace, SpanIndex i, Copying& copying);
  Status charge() SPOOR_EXCLUDES(mutex_);
  void note_missing(const std::vector<std::string>& missing) SPOOR_EXCLUDES(mutex_);
  TraceqlResult take(bool has_more_candidates) SPOOR_EXCLUDES(mutex_);

  const store::Snapshot& snapshot_;
  const TraceqlRequest& request_;
  const TraceqlPlan& plan_;
  QueryContext& context_;
  const TraceCandidates found_by_;
  const TraceReading reading_;
  SearchRequest candidates_;
  size_t first_portion_;
  std::vector<TraceqlMatch> traces_;  // in order
  uint64_t rows_scanned_ = 0;
  std::atomic<uint64_t> traces_evaluated_{0};
  std::atomic<uint64_t> spans_evaluated_{0};
  std::atomic<uint64_t> bytes_at_work_{0};  // of traces that are being evaluated
  Mutex mutex_;
  Arena arena_ SPOOR_GUARDED_BY(mutex_);
  uint64_t shown_bytes_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

void TraceqlSearch::note_missing(const std::vector<std::string>& missing) {
  MutexLock lock(mutex_);
  missing_.insert(missing_.end(), missing.begin(), missing.end());
}

Status TraceqlSearch::charge() {
  uint64_t held = bytes_at_work_;
  {
    MutexLock lock(mutex_);
    held += arena_.size_bytes() + shown_bytes_;
  }
  return context_.charge(held);
}

Status TraceqlSearch::evaluate_pieces(const SearchResult& found, bool& has_more_candidates) {
  const std::span<const TraceHit> hits = found.hits;
  const std::span<const HitPlace> places = found.places;
  // As many at first as are asked for, if all match.
  size_t piece = std::clamp<size_t>(request_.limit + 1, kFirstPiece, kPieceMax);
  for (size_t first = 0; first < hits.size(); piece = std::min(piece * 2, kPieceMax)) {
    if (traces_.size() > request_.limit) {
      has_more_candidates = true;
      return {};
    }
    size_t count = std::min(piece, hits.size() - first);
    SPOOR_TRY(evaluate_piece(hits.subspan(first, count), places.subspan(first, count)));
    first += count;
  }
  return {};
}

Status TraceqlSearch::evaluate_piece(std::span<const TraceHit> hits,
                                     std::span<const HitPlace> places) {
  std::vector<std::optional<TraceqlMatch>> matches(hits.size());
  SPOOR_TRY(load(snapshot_, hits, places, reading_, context_,
                 [&](size_t first, std::vector<store::FoundTrace>& found) {
                   return take_traces(hits, first, found, matches);
                 }));
  for (std::optional<TraceqlMatch>& match : matches) {
    if (match) traces_.push_back(std::move(*match));
  }
  return {};
}

Status TraceqlSearch::take_traces(std::span<const TraceHit> hits, size_t first,
                                  std::vector<store::FoundTrace>& found,
                                  std::vector<std::optional<TraceqlMatch>>& matches) {
  uint64_t bytes = 0;
  for (const store::FoundTrace& one : found) bytes += one.batch.size_bytes();
  bytes_at_work_ += bytes;
  Status status = charge();
  for (size_t i = 0; i < found.size() && status.ok(); ++i) {
    if (context_.cancelled()) status = cancelled("the query was cancelled");
    if (!found[i].missing.empty()) note_missing(found[i].missing);
    TraceqlTrace trace(found[i].batch);
    Result<std::vector<Spanset>> spansets = evaluate(plan_, trace);
    ++traces_evaluated_;
    spans_evaluated_ += trace.size();
    if (!spansets.ok()) status = spansets.status();
    if (!status.ok() || spansets->empty()) continue;
    MutexLock lock(mutex_);
    matches[first + i] = shown(hits[first + i], trace, std::move(*spansets));
  }
  bytes_at_work_ -= bytes;
  return status;
}

TraceqlMatch TraceqlSearch::shown(const TraceHit& hit, TraceqlTrace& trace,
                                  std::vector<Spanset> spansets) {
  TraceqlMatch match;
  match.summary = summarize(hit.id, trace.batch());
  match.summary.start = hit.start;
  if (!match.summary.has_root) match.summary.root_service = kRootNotReceived;
  Copying copying(arena_);
  for (const Spanset& spanset : spansets) {
    TraceqlSpanset& target = match.spansets.emplace_back();
    target.matched = spanset.spans.size();
    for (const SpansetAttribute& attribute : spanset.attributes) {
      target.attributes.push_back({copying.text(attribute.key), copying.value(attribute.value)});
    }
    size_t count = request_.spans_per_spanset;
    if (count == 0 || count > spanset.spans.size()) count = spanset.spans.size();
    for (size_t i = 0; i < count; ++i) {
      target.spans.push_back(shown(trace, spanset.spans[i], copying));
      const auto& attributes = target.spans.back().attributes;
      shown_bytes_ += sizeof(TraceqlSpan) + attributes.size() * sizeof(attributes.front());
    }
    shown_bytes_ += sizeof(TraceqlSpanset);
  }
  shown_bytes_ += sizeof(TraceqlMatch);
  return match;
}

TraceqlSpan TraceqlSearch::shown(TraceqlTrace& trace, SpanIndex i, Copying& copying) {
  const Span& span = trace.span(i);
  TraceqlSpan target;
  target.id = SpanId::from_bytes(span.span_id);
  target.name = copying.text(span.name);
  target.start = span.start;
  target.duration = static_cast<uint64_t>(duration_of(span.end.value - span.start.value));
  for (size_t field = 0; field < plan_.fields().size(); ++field) {
    TypedValues values;
    append_values(plan_.fields()[field], trace, i, values);
    if (!values.empty()) target.attributes.push_back({field, copying.value(values.front())});
  }
  return target;
}

TraceqlResult TraceqlSearch::take(bool has_more_candidates) {
  MutexLock lock(mutex_);
  TraceqlResult result;
  result.more = traces_.size() > request_.limit;
  if (!has_more_candidates && !request_.after) result.total = traces_.size();
  if (result.more) traces_.resize(request_.limit);
  result.traces = std::move(traces_);
  result.fields = plan_.fields();
  for (const traceql::Field& field : result.fields) {
    result.field_names.push_back(traceql::to_string(field));
  }
  std::ranges::sort(missing_);
  missing_.erase(std::ranges::unique(missing_).begin(), missing_.end());
  result.missing = std::move(missing_);
  result.rows_scanned = rows_scanned_;
  result.traces_evaluated = traces_evaluated_;
  result.spans_evaluated = spans_evaluated_;
  result.arena = std::move(arena_);
  return result;
}

}  // namespace

Result<TraceqlResult> search(const store::Snapshot& snapshot, const TraceqlRequest& request,
                             QueryContext& context) {
  SPOOR_ASSERT(request.limit > 0);
  SPOOR_ASSIGN(TraceqlPlan plan, TraceqlPlan::make(request.query));
  return TraceqlSearch(snapshot, request, plan, context).run();
}

}  // namespace spoor::query
