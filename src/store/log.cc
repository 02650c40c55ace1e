#include "store/log.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "store/file_names.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// What a sender is told to wait while the log is fenced: reopen() is tried every second.
constexpr uint32_t kFenceRetryMs = 5'000;

// Who gathers more than that writes it, and waits for the disk: one that hangs does not collect
// memory.
constexpr size_t kGatheredBytesMax = 8 << 20;
// Runs whose memory is kept for the next: as many as are filled while others are written.
constexpr size_t kSpareRunsMax = 4;
// What a sync costs is little beside writing so many bytes: no need to wait for more.
constexpr size_t kSyncBytes = 256 << 10;

Status fenced(const Status& cause) {
  return unavailable("the log cannot be written: " + cause.message(), kFenceRetryMs);
}

}  // namespace

Result<std::unique_ptr<Log>> Log::create(os::World& world, std::string root, uint64_t first_segment,
                                         LogPosition previous_end, SyncMode mode,
                                         uint64_t segment_bytes) {
  std::unique_ptr<Log> log(new Log(world, std::move(root), mode, segment_bytes));
  MutexLock lock(log->mutex_);
  log->durable_ = previous_end;
  SPOOR_TRY(log->begin_segment(first_segment, previous_end, segment_bytes));
  log->durable_ = log->end_;
  log->acknowledged_ = log->end_.value;
  return log;
}

std::unique_ptr<Log> Log::create_fenced(os::World& world, std::string root, uint64_t first_segment,
                                        LogPosition previous_end, SyncMode mode,
                                        uint64_t segment_bytes, const Status& cause) {
  std::unique_ptr<Log> log(new Log(world, std::move(root), mode, segment_bytes));
  MutexLock lock(log->mutex_);
  log->next_segment_ = first_segment;
  log->durable_ = log->end_ = previous_end;
  log->acknowledged_ = previous_end.value;
  (void)log->set_fence(cause);
  return log;
}

bool Log::has_begun() const {
  MutexLock lock(mutex_);
  return current_ != nullptr;
}

// The segment's name and header are durable before a record is placed in it.
Status Log::begin_segment(uint64_t number, LogPosition previous_end, uint64_t size_bytes) {
  std::string path = segment_path(root_, number);
  // A leftover of an attempt that failed half-way holds no record.
  SPOOR_ASSIGN(bool left_over, world_.exists(path));
  if (left_over) SPOOR_TRY(world_.remove_file(path));
  bool is_direct = mode_ == SyncMode::Always;
  SPOOR_ASSIGN(auto file,
               world_.open(path, is_direct ? os::OpenMode::CreateDirect : os::OpenMode::CreateNew));
  SPOOR_TRY(file->allocate(size_bytes));
  const std::string header = encode(SegmentHeader{number, previous_end, durable_, world_.now()});
  LogTail tail;
  LogRun first(0, header.size(), AlignedBytes(os::kDirectBlockBytes, os::kDirectBlockBytes));
  std::memcpy(first.at(0), header.data(), header.size());
  SPOOR_TRY(first.write(*file, tail));
  SPOOR_TRY(file->sync());
  SPOOR_TRY(world_.sync_directory(log_directory(root_)));
  if (current_ && current_->dirty) unsynced_.push_back(current_);
  current_ = std::make_shared<Segment>(Segment{number, std::move(file), size_bytes, tail});
  current_ended_ = false;
  next_segment_ = number + 1;
  end_ = LogPosition::at(number, kSegmentHeaderBytes);
  return {};
}

Result<Log::Reservation> Log::reserve(uint64_t record_bytes) {
  if (!fence_.ok()) return fenced(fence_);
  SPOOR_ASSERT(record_bytes <= kRecordBytesMax);
  if (current_ended_ || end_.offset() + record_bytes > current_->size_bytes) {
    current_ended_ = true;
    uint64_t size_bytes =
        std::max(segment_bytes_, whole_blocks(kSegmentHeaderBytes + record_bytes));
    Status begun = begin_segment(next_segment_, end_, size_bytes);
    if (!begun.ok()) {
      return unavailable("cannot begin a log segment: " + begun.message(), kFenceRetryMs);
    }
  }
  Reservation place;
  place.start = end_;
  place.durable = durable_;
  place.target = gather(place.start, record_bytes);
  copying_.insert(place.start);
  end_.value += record_bytes;
  place.end = end_;
  return place;
}

char* Log::gather(LogPosition start, uint64_t record_bytes) {
  const bool is_behind = !gathered_.empty() && gathered_.back().segment == current_;
  if (!is_behind || !gathered_.back().run->extend(record_bytes)) {
    AlignedBytes memory;
    if (!spare_.empty()) {
      memory = std::move(spare_.back());
      spare_.pop_back();
    }
    gathered_.push_back(
        {current_, std::make_unique<LogRun>(start.offset(), record_bytes, std::move(memory))});
  }
  gathered_bytes_ += record_bytes;
  return gathered_.back().run->at(start.offset());
}

Result<LogPosition> Log::append(const LogRecord& record) {
  std::string lead;
  RecordHeader header = make_record_header(record, lead);
  // A body beyond 32 bits does not show in the header.
  if (record.body.size() > kRecordBytesMax || header.record_bytes() > kRecordBytesMax) {
    return resource_exhausted("request of " + std::to_string(record.body.size()) +
                              " bytes is larger than a log record may be");
  }
  Reservation place;
  {
    MutexLock lock(mutex_);
    SPOOR_ASSIGN(place, reserve(header.record_bytes()));
  }
  header.durable = place.durable;
  header.content_checksum = content_checksum(lead, record.body, place.start);
  const std::string front = encode(header, place.start).append(lead);
  char* target = place.target;
  std::memcpy(target, front.data(), front.size());
  target += front.size();
  if (!record.body.empty()) std::memcpy(target, record.body.data(), record.body.size());
  target += record.body.size();
  std::fill(target, place.target + header.record_bytes(), '\0');
  bool is_much;
  {
    MutexLock lock(mutex_);
    copying_.erase(place.start);
    copied_.notify_all();
    is_much = mode_ == SyncMode::Interval || gathered_bytes_ > kGatheredBytesMax;
  }
  if (is_much) {
    Outcome outcome;
    {
      MutexLock writing(sync_mutex_);
      LogPosition end;
      outcome = write_gathered(end);
    }
    SPOOR_TRY(tell(std::move(outcome)));
  }
  return place.end;
}

Status Log::tell(Outcome outcome) {
  for (const Waiting& waiting : outcome.answered) waiting.continuation(outcome.status);
  return outcome.status;
}

Log::Outcome Log::write_gathered(LogPosition& end) {
  std::vector<Gathered> gathered;
  {
    MutexLock lock(mutex_);
    if (!fence_.ok()) return {fenced(fence_), {}};
    end = end_;
    gathered = std::exchange(gathered_, {});
    gathered_bytes_ = 0;
    while (!copying_.empty() && *copying_.begin() < end) copied_.wait(mutex_);
  }
  Status written;
  for (const Gathered& each : gathered) {
    written = each.run->write(*each.segment->file, each.segment->tail);
    if (!written.ok()) break;
  }
  MutexLock lock(mutex_);
  if (!written.ok()) return set_fence(written);
  for (Gathered& each : gathered) {
    AlignedBytes memory = each.run->take_memory();
    if (spare_.size() < kSpareRunsMax && memory.size() == kRunBytes) {
      spare_.push_back(std::move(memory));
    }
    each.segment->dirty = true;
    // The log may have gone on to the next segment while this one was written.
    bool is_listed =
        each.segment == current_ || std::ranges::find(unsynced_, each.segment) != unsynced_.end();
    if (!is_listed) unsynced_.push_back(each.segment);
  }
  if (mode_ == SyncMode::Always) return {};
  acknowledged_ = std::max(acknowledged_.load(), end.value);
  return {{}, take_ready()};
}

Log::Outcome Log::set_fence(const Status& cause) {
  if (!fence_.ok()) return {fenced(fence_), {}};
  fence_ = cause;
  log_error("log is fenced: nothing is acknowledged until a new segment can be made",
            {{"cause", cause.message()}, {"durable", to_string(durable_)}});
  return {fenced(cause), std::exchange(waiting_, {})};
}

std::vector<Log::Waiting> Log::take_ready() {
  LogPosition reached = acknowledged();
  auto split = std::partition(waiting_.begin(), waiting_.end(),
                              [&](const Waiting& waiting) { return waiting.position > reached; });
  std::vector<Waiting> ready(std::make_move_iterator(split),
                             std::make_move_iterator(waiting_.end()));
  waiting_.erase(split, waiting_.end());
  return ready;
}

void Log::when_durable(LogPosition position, Continuation continuation) {
  Status outcome;
  {
    MutexLock lock(mutex_);
    if (lies_in_void(position)) {
      outcome = unavailable("the log was fenced before the request was durable", kFenceRetryMs);
    } else if (position > acknowledged()) {
      if (fence_.ok()) {
        waiting_.push_back({position, std::move(continuation)});
        if (waiting_wanted_ > 0 && has_work()) has_work_.notify_all();
        return;
      }
      outcome = fenced(fence_);
    }
  }
  continuation(outcome);
}

bool Log::lies_in_void(LogPosition position) const {
  return std::ranges::any_of(void_ranges_, [&](const auto& range) {
    return position > range.first && position <= range.second;
  });
}

bool Log::is_void(LogPosition position) const {
  MutexLock lock(mutex_);
  return lies_in_void(position);
}

Status Log::sync() {
  Outcome written, synced;
  {
    MutexLock syncing(sync_mutex_);
    LogPosition end;
    written = write_gathered(end);
    if (written.status.ok()) synced = sync_written(end);
  }
  SPOOR_TRY(tell(std::move(written)));
  return tell(std::move(synced));
}

Log::Outcome Log::sync_written(LogPosition end) {
  std::vector<std::shared_ptr<Segment>> files;
  {
    MutexLock lock(mutex_);
    files = unsynced_;
    if (current_->dirty) files.push_back(current_);
    for (const auto& segment : files) segment->dirty = false;
  }
  Status synced;
  for (const auto& segment : files) {
    synced = segment->file->sync();
    if (!synced.ok()) break;
  }
  MutexLock lock(mutex_);
  if (!synced.ok()) return set_fence(synced);
  unsynced_.clear();
  SPOOR_ASSERT(end >= durable_);  // ST-1
  durable_ = end;
  acknowledged_ = std::max(acknowledged_.load(), durable_.value);
  return {{}, take_ready()};
}

bool Log::has_work() const {
  bool is_much = end_.value - acknowledged().value >= kSyncBytes;
  return waiting_.size() >= waiting_wanted_ || (is_much && !waiting_.empty());
}

void Log::wait_for_work(size_t waiting, int64_t timeout_ms) {
  MutexLock lock(mutex_);
  waiting_wanted_ = waiting;
  if (!woken_ && !has_work()) has_work_.wait_for_ms(mutex_, timeout_ms);
  waiting_wanted_ = 0;
  woken_ = false;
}

void Log::wake() {
  MutexLock lock(mutex_);
  woken_ = true;
  has_work_.notify_all();
}

size_t Log::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

Visible Log::visibility() const {
  MutexLock lock(mutex_);
  return [reached = acknowledged(), ranges = void_ranges_](LogPosition position) {
    return position <= reached && std::ranges::none_of(ranges, [&](const auto& range) {
             return position > range.first && position <= range.second;
           });
  };
}

LogPosition Log::end() const {
  MutexLock lock(mutex_);
  return end_;
}

Status Log::fence() const {
  MutexLock lock(mutex_);
  return fence_;
}

Status Log::reopen() {
  MutexLock syncing(sync_mutex_);
  MutexLock lock(mutex_);
  if (fence_.ok()) return {};
  SPOOR_ASSERT(waiting_.empty());  // ST-2
  while (!copying_.empty()) copied_.wait(mutex_);
  gathered_.clear();
  gathered_bytes_ = 0;
  LogPosition void_end = end_;
  // In interval mode more may have been acknowledged than is durable: it stays, since it was
  // promised, as far as memory and the disk still have it.
  LogPosition kept = std::max(durable_, acknowledged());
  SPOOR_TRY(begin_segment(next_segment_, kept, segment_bytes_));
  if (void_end > kept) void_ranges_.push_back({kept, void_end});
  unsynced_.clear();
  durable_ = end_;
  acknowledged_ = end_.value;
  fence_ = Status();
  log_info("log is open again", {{"segment", std::to_string(current_->number)}});
  return {};
}

Status Log::close() {
  SPOOR_TRY(sync());
  MutexLock lock(mutex_);
  SPOOR_ASSERT(gathered_.empty());
  SPOOR_TRY(current_->file->truncate(end_.offset()));
  return current_->file->sync();
}

}  // namespace spoor::store
