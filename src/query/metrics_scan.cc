#include "query/metrics_scan.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "base/mutex.h"
#include "query/metrics_group_count.h"
#include "query/metrics_head_count.h"
#include "query/traceql_lower.h"
#include "query/work_sharing.h"
#include "traceql/named_fields.h"

namespace spoor::query {
namespace {

// Row groups and chunks between two looks at the memory of a table that does not get more groups.
constexpr size_t kItemsPerCharge = 64;

PlainKeys keys_of(const MetricsPlan& plan) {
  traceql::Query pipeline;
  pipeline.stages = plan.stages();
  std::vector<traceql::Field> fields = traceql::named_fields(pipeline);
  fields.insert(fields.end(), plan.key_fields().begin(), plan.key_fields().end());
  if (const auto& field = plan.aggregate().field) fields.push_back(*field);
  PlainKeys keys;
  for (const traceql::Field& field : fields) {
    if (field.kind == traceql::Field::Kind::Attribute) keys.insert(field.name);
  }
  return keys;
}

class Scan {
 public:
  Scan(const MetricsPlan& plan, const Prepared& prepared, const MetricsIntervals& intervals,
       QueryContext& context, MetricsTable& table)
      : plan_(plan),
        prepared_(prepared),
        intervals_(intervals),
        context_(context),
        question_(CountedPieces::question(plan, intervals)),
        keys_(keys_of(plan)),
        table_(table) {}

  Result<MetricsOutcome> run(const store::Snapshot& snapshot, MetricsWork& work) {
    for (const auto& section : snapshot.sections) {
      if (context_.cancelled()) return cancelled("the query was cancelled");
      add_section(*section);
    }
    for (const auto& shard : snapshot.shards) add_shard(shard->view(), snapshot.visible);
    if (!is_possible_) return MetricsOutcome::NotPossible;
    SPOOR_TRY(share_work(items_.size(), context_, [this](size_t i) { return count(items_[i]); }));
    if (!is_possible_) return MetricsOutcome::NotPossible;
    MutexLock lock(mutex_);
    work.spans += spans_;
    work.missing.insert(work.missing.end(), snapshot.missing.begin(), snapshot.missing.end());
    work.missing.insert(work.missing.end(), missing_.begin(), missing_.end());
    return MetricsOutcome::Counted;
  }

 private:
  struct Section {
    store::SectionReader* reader = nullptr;
    std::unique_ptr<SectionScan> scan;
    std::optional<MetricsColumns> columns;
  };
  struct Shard {
    std::unique_ptr<HeadScan> scan;
    std::unique_ptr<MetricsHeadCount> count;
  };
  // A row group of a section or a chunk of a shard.
  struct Item {
    const Section* section = nullptr;
    const Shard* shard = nullptr;
    size_t ordinal = 0;
  };

  bool touches(uint64_t first, uint64_t last) const {
    return first <= intervals_.last().value && last >= intervals_.first().value;
  }

  void add_section(store::SectionReader& reader) {
    const auto& groups = reader.footer().row_groups;
    std::vector<size_t> touched;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].rows > 0 && touches(groups[i].start_min, groups[i].end_max)) {
        touched.push_back(i);
      }
    }
    if (touched.empty()) return;
    auto section = std::make_unique<Section>();
    section->reader = &reader;
    Status planned = plan(*section);
    if (!planned.ok()) {
      note_missing(planned);
      return;
    }
    if (section->scan->matches_nothing()) return;
    for (size_t i : touched) items_.push_back({section.get(), nullptr, i});
    sections_.push_back(std::move(section));
  }

  Status plan(Section& section) {
    SPOOR_ASSIGN(section.scan, SectionScan::create(*section.reader, prepared_));
    SPOOR_ASSIGN(auto metadata, section.reader->metadata());
    section.columns = MetricsColumns::make(std::move(metadata), plan_, keys_);
    if (!section.columns) is_possible_ = false;
    return {};
  }

  void add_shard(store::HeadView view, const store::Visible& visible) {
    auto shard = std::make_unique<Shard>();
    shard->scan = std::make_unique<HeadScan>(std::move(view), visible, prepared_);
    shard->count = std::make_unique<MetricsHeadCount>(*shard->scan, plan_, intervals_);
    if (!shard->count->is_plain(keys_)) is_possible_ = false;
    const auto& chunks = shard->scan->chunks();
    for (size_t i = 0; i < chunks.size() && !shard->scan->matches_nothing(); ++i) {
      if (touches(chunks[i].start_min, chunks[i].start_max)) {
        items_.push_back({nullptr, shard.get(), i});
      }
    }
    shards_.push_back(std::move(shard));
  }

  Status count(const Item& item) SPOOR_EXCLUDES(mutex_) {
    if (!is_possible_) return {};
    return item.section != nullptr ? count_group(*item.section, item.ordinal)
                                   : count_chunk(*item.shard, item.ordinal);
  }

  Status count_group(const Section& section, size_t group) SPOOR_EXCLUDES(mutex_) {
    const store::RowGroupRef& place = section.reader->footer().row_groups[group];
    const CountedPieces::Key key{question_, section.reader->number(), group};
    const bool is_kept = context_.counted() != nullptr &&
                         place.start_min >= intervals_.first().value &&
                         place.end_max <= intervals_.last().value;
    if (is_kept) {
      if (auto known = context_.counted()->find(key)) return add(*known);
    }
    MetricsGroupCount counting(*section.reader, *section.scan, *section.columns, plan_, intervals_,
                               group);
    Result<MetricsOutcome> outcome = counting.run(context_);
    if (!outcome.ok()) {
      if (outcome.status().code() == Code::Cancelled) return outcome.status();
      // What cannot be read is left out, and the answer says so.
      note_missing(outcome.status());
      return {};
    }
    if (*outcome == MetricsOutcome::NotPossible) {
      is_possible_ = false;
      return {};
    }
    auto counted = std::make_shared<const CountedPiece>(counting.take());
    if (is_kept) context_.counted()->keep(key, counted);
    return add(*counted);
  }

  Status add(const CountedPiece& piece) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    piece.add_to(table_, intervals_);
    return finish(piece.spans);
  }

  Status count_chunk(const Shard& shard, size_t chunk) SPOOR_EXCLUDES(mutex_) {
    MetricsTable counted(plan_, intervals_);
    uint64_t spans = 0;
    SPOOR_ASSIGN(MetricsOutcome outcome, shard.count->count(chunk, counted, spans));
    if (outcome == MetricsOutcome::NotPossible) {
      is_possible_ = false;
      return {};
    }
    MutexLock lock(mutex_);
    table_.add(std::move(counted));
    return finish(spans);
  }

  Status finish(uint64_t spans) SPOOR_REQUIRES(mutex_) {
    spans_ += spans;
    SPOOR_TRY(table_.check_groups());
    // What a table takes is looked at when it has grown, or its cells may have.
    bool has_grown = table_.groups() > groups_charged_ + groups_charged_ / 8;
    if (!has_grown && ++since_charge_ < kItemsPerCharge) return {};
    groups_charged_ = table_.groups();
    since_charge_ = 0;
    return context_.charge(table_.size_bytes());
  }

  void note_missing(const Status& status) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    missing_.push_back(status.message());
  }

  const MetricsPlan& plan_;
  const Prepared& prepared_;
  const MetricsIntervals& intervals_;
  QueryContext& context_;
  const Hash128 question_;
  const PlainKeys keys_;
  std::vector<std::unique_ptr<Section>> sections_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Item> items_;
  std::atomic<bool> is_possible_{true};
  Mutex mutex_;
  MetricsTable& table_ SPOOR_GUARDED_BY(mutex_);
  uint64_t spans_ SPOOR_GUARDED_BY(mutex_) = 0;
  size_t groups_charged_ SPOOR_GUARDED_BY(mutex_) = 0;
  size_t since_charge_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace

Result<MetricsOutcome> count_scan(const store::Snapshot& snapshot, const MetricsPlan& plan,
                                  const MetricsIntervals& intervals, QueryContext& context,
                                  MetricsTable& table, MetricsWork& work) {
  if (!plan.has_filters_only()) return MetricsOutcome::NotPossible;
  std::optional<Expression> condition = lower_plain_spans(plan.stages());
  if (!condition) return MetricsOutcome::NotPossible;
  SPOOR_ASSIGN(Prepared prepared, prepare(*condition));
  return Scan(plan, prepared, intervals, context, table).run(snapshot, work);
}

}  // namespace spoor::query
