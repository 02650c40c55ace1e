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

// Up to here a copy costs less than a system call.
constexpr size_t kSmallBytesMax = 16 << 10;
// The thread that gathers more writes it: a disk that hangs does not collect memory.
constexpr size_t kGatheredBytesMax = 256 << 10;

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
  SPOOR_ASSIGN(auto file, world_.open(path, os::OpenMode::CreateNew));
  SPOOR_TRY(file->allocate(size_bytes));
  SPOOR_TRY(file->write_at(0, encode(SegmentHeader{number, previous_end, durable_, world_.now()})));
  SPOOR_TRY(file->sync());
  SPOOR_TRY(world_.sync_directory(log_directory(root_)));
  if (current_ && current_->dirty) unsynced_.push_back(current_);
  current_ = std::make_shared<Segment>(Segment{number, std::move(file), size_bytes});
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
    uint64_t size_bytes = std::max(segment_bytes_, kSegmentHeaderBytes + record_bytes);
    Status begun = begin_segment(next_segment_, end_, size_bytes);
    if (!begun.ok()) {
      return unavailable("cannot begin a log segment: " + begun.message(), kFenceRetryMs);
    }
  }
  Reservation place;
  place.start = end_;
  end_.value += record_bytes;
  place.end = end_;
  place.durable = durable_;
  place.segment = current_;
  return place;
}

Result<LogPosition> Log::append(const LogRecord& record) {
  std::string lead;
  RecordHeader header = make_record_header(record, lead);
  // A body beyond 32 bits does not show in the header.
  if (record.body.size() > kRecordBytesMax || header.record_bytes() > kRecordBytesMax) {
    return resource_exhausted("request of " + std::to_string(record.body.size()) +
                              " bytes is larger than a log record may be");
  }
  bool is_gathered = mode_ == SyncMode::Always && header.record_bytes() <= kSmallBytesMax;
  return is_gathered ? gather(header, lead, record.body) : write(header, lead, record.body);
}

Result<LogPosition> Log::gather(RecordHeader& header, std::string_view lead,
                                std::string_view body) {
  LogPosition end;
  std::vector<Gathered> full;
  {
    MutexLock lock(mutex_);
    SPOOR_ASSIGN(Reservation place, reserve(header.record_bytes()));
    header.durable = place.durable;
    header.content_checksum = content_checksum(lead, body, place.start);
    if (gathered_.empty() || gathered_.back().segment != place.segment) {
      gathered_.push_back({place.segment, place.start, {}});
    }
    Gathered& run = gathered_.back();
    SPOOR_ASSERT(run.start.value + run.bytes.size() == place.start.value);
    run.bytes.append(encode(header, place.start)).append(lead).append(body);
    run.bytes.resize(place.end.value - run.start.value);  // the padding
    gathered_bytes_ += header.record_bytes();
    if (gathered_bytes_ > kGatheredBytesMax) full = take_gathered();
    end = place.end;
  }
  Status written = write(full);
  if (!written.ok()) return fenced(written);
  return end;
}

// What was gathered before it is written first, so that a process that dies leaves no hole before
// a record.
Result<LogPosition> Log::write(RecordHeader& header, std::string_view lead, std::string_view body) {
  Reservation place;
  std::vector<Gathered> before;
  {
    MutexLock lock(mutex_);
    SPOOR_ASSIGN(place, reserve(header.record_bytes()));
    writing_.insert(place.start);
    before = take_gathered();
  }
  header.durable = place.durable;
  header.content_checksum = content_checksum(lead, body, place.start);
  std::string front = encode(header, place.start).append(lead);
  os::File& file = *place.segment->file;
  Status written = write(before);
  if (body.size() <= kSmallBytesMax) {
    if (written.ok()) written = file.write_at(place.start.offset(), front.append(body));
  } else {
    // Body first, so that a process that dies in between leaves no header without its body.
    if (written.ok()) written = file.write_at(place.start.offset() + front.size(), body);
    if (written.ok()) written = file.write_at(place.start.offset(), front);
  }
  finish_write(place.segment, place.start, written);
  if (!written.ok()) return fenced(written);
  return place.end;
}

std::vector<Log::Gathered> Log::take_gathered() {
  for (const Gathered& run : gathered_) writing_.insert(run.start);
  gathered_bytes_ = 0;
  return std::exchange(gathered_, {});
}

Status Log::write(const std::vector<Gathered>& runs) {
  Status written;
  for (const Gathered& run : runs) {
    if (written.ok()) written = run.segment->file->write_at(run.start.offset(), run.bytes);
    finish_write(run.segment, run.start, written);
  }
  return written;
}

LogPosition Log::written_end() const {
  return writing_.empty() ? end_ : *writing_.begin();
}

void Log::finish_write(const std::shared_ptr<Segment>& segment, LogPosition start,
                       const Status& written) {
  std::vector<Waiting> ready, failed;
  Status cause;
  {
    MutexLock lock(mutex_);
    writing_.erase(writing_.find(start));
    segment->dirty = true;
    // The log may have gone on to the next segment while this one was written.
    if (segment != current_ && std::ranges::find(unsynced_, segment) == unsynced_.end())
      unsynced_.push_back(segment);
    if (!written.ok()) {
      failed = set_fence(written);
    } else if (mode_ == SyncMode::Interval && fence_.ok()) {
      acknowledged_ = written_end().value;
      ready = take_ready();
    }
    cause = fence_;
    written_.notify_all();
  }
  for (const Waiting& waiting : ready) waiting.continuation(Status());
  for (const Waiting& waiting : failed) waiting.continuation(fenced(cause));
}

std::vector<Log::Waiting> Log::set_fence(const Status& cause) {
  if (!fence_.ok()) return {};
  fence_ = cause;
  log_error("log is fenced: nothing is acknowledged until a new segment can be made",
            {{"cause", cause.message()}, {"durable", to_string(durable_)}});
  return std::exchange(waiting_, {});
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
  MutexLock syncing(sync_mutex_);
  LogPosition target;
  std::vector<Gathered> gathered;
  std::vector<std::shared_ptr<Segment>> files;
  {
    MutexLock lock(mutex_);
    if (!fence_.ok()) return fenced(fence_);
    target = end_;
    gathered = take_gathered();
  }
  Status written = write(gathered);
  if (!written.ok()) return fenced(written);
  {
    MutexLock lock(mutex_);
    while (!writing_.empty() && *writing_.begin() < target) written_.wait(mutex_);
    if (!fence_.ok()) return fenced(fence_);
    files = unsynced_;
    if (current_->dirty) files.push_back(current_);
    // What is written from here on makes the file dirty again.
    for (const auto& segment : files) segment->dirty = false;
  }
  Status synced;
  for (const auto& segment : files) {
    synced = segment->file->sync();
    if (!synced.ok()) break;
  }
  std::vector<Waiting> ready;
  Status outcome;
  {
    MutexLock lock(mutex_);
    if (synced.ok() && fence_.ok()) {
      std::erase_if(unsynced_, [](const auto& segment) { return !segment->dirty; });
      SPOOR_ASSERT(target >= durable_);  // ST-1
      durable_ = target;
      acknowledged_ = std::max(acknowledged_.load(), durable_.value);
      ready = take_ready();
    } else {
      if (!synced.ok()) ready = set_fence(synced);
      outcome = fenced(fence_);
    }
  }
  for (const Waiting& waiting : ready) waiting.continuation(outcome);
  return outcome;
}

// What a sync costs is little beside writing so many bytes: no need to gather more.
bool Log::has_work() const {
  bool is_much = end_.value - acknowledged().value >= kGatheredBytesMax;
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
  while (!writing_.empty()) written_.wait(mutex_);
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
  SPOOR_ASSERT(writing_.empty());
  SPOOR_TRY(current_->file->truncate(end_.offset()));
  return current_->file->sync();
}

}  // namespace spoor::store
