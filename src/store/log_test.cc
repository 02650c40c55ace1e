#include "store/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>

#include "base/checksum.h"
#include "os/faulty_world.h"
#include "os/thread.h"
#include "store/file_names.h"
#include "store/log_reader.h"

namespace spoor::store {
namespace {

constexpr uint64_t kSmallSegment = 4 << 10;

struct Replayed {
  LogScan scan;
  std::vector<std::string> bodies;
};

LogRecord record_of(std::string_view body, std::span<const uint32_t> refused = {}) {
  LogRecord record;
  record.tenant = "tenant";
  record.body = body;
  record.body_hash = hash128(body);
  record.received = UnixNanos{1'700'000'000'000'000'000};
  record.refused = refused;
  return record;
}

class LogTest : public testing::Test {
 protected:
  LogTest() : faulty_(world_) { EXPECT_TRUE(world_.create_directories("/s/log").ok()); }

  std::unique_ptr<Log> create(uint64_t first = 1, LogPosition previous_end = {},
                              SyncMode mode = SyncMode::Always,
                              uint64_t segment_bytes = kSmallSegment) {
    auto log = Log::create(faulty_, "/s", first, previous_end, mode, segment_bytes);
    EXPECT_TRUE(log.ok()) << log.status().to_string();
    return std::move(*log);
  }

  // All that a test appends goes into the first segment.
  std::unique_ptr<Log> create_roomy() { return create(1, {}, SyncMode::Always, kSegmentBytes); }

  static LogPosition append(Log& log, std::string_view body) {
    Result<LogPosition> position = log.append(record_of(body));
    EXPECT_TRUE(position.ok()) << position.status().to_string();
    return position.ok() ? *position : LogPosition{};
  }

  static Replayed replay(os::World& world, LogPosition floor = LogPosition::at(1, 0)) {
    Replayed replayed;
    auto scan = read_log(world, "/s", {floor, SyncFirst::No, {}},
                         [&](const LogRecord& record, LogPosition) {
                           replayed.bodies.emplace_back(record.body);
                           return Status();
                         });
    EXPECT_TRUE(scan.ok()) << scan.status().to_string();
    if (scan.ok()) replayed.scan = std::move(*scan);
    return replayed;
  }

  void fail_next(os::Call call, Code code = Code::DataLoss) {
    os::Fault fault;
    fault.calls = {call};
    fault.code = code;
    faulty_.set_fault(fault);
  }

  os::MemoryWorld world_;
  os::FaultyWorld faulty_;
};

using Bodies = std::vector<std::string>;

// Several blocks.
const std::string kLargeBody(20'000, 'l');

TEST_F(LogTest, a_continuation_is_called_when_the_log_was_synced_and_one_sync_serves_all) {
  auto log = create();
  std::vector<int> called;
  LogPosition first = append(*log, "one");
  log->when_durable(first, [&](const Status& status) { called.push_back(status.ok() ? 1 : -1); });
  LogPosition second = append(*log, "two");
  log->when_durable(second, [&](const Status& status) { called.push_back(status.ok() ? 2 : -2); });
  EXPECT_TRUE(called.empty());
  EXPECT_FALSE(log->visibility()(first));
  uint64_t syncs = faulty_.count({os::Call::Sync});
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(faulty_.count({os::Call::Sync}), syncs + 1);
  EXPECT_EQ(called.size(), 2u);
  EXPECT_TRUE(log->visibility()(first) && log->visibility()(second));
  EXPECT_EQ(log->acknowledged(), log->end());
  LogPosition third = append(*log, "three");
  EXPECT_FALSE(log->visibility()(third));
  log->when_durable(second, [&](const Status& status) { called.push_back(status.ok() ? 3 : -3); });
  EXPECT_EQ(called.back(), 3);  // at once
}

TEST_F(LogTest, every_field_of_a_record_comes_back) {
  auto log = create();
  std::vector<uint32_t> refused = {0, 7, 4'000'000'000};
  LogRecord record = record_of("body", refused);
  record.format = BodyFormat::OtlpJson;
  record.encoding = 3;
  record.decoder_version = 9;
  Result<LogPosition> end = log->append(record);
  ASSERT_TRUE(end.ok() && log->append(record_of("")).ok() && log->sync().ok());
  int calls = 0;
  auto scan = read_log(world_, "/s", {}, [&](const LogRecord& got, LogPosition position) {
    if (calls++ > 0) return Status();
    EXPECT_EQ(got.tenant, "tenant");
    EXPECT_EQ(got.format, BodyFormat::OtlpJson);
    EXPECT_EQ(got.encoding, 3);
    EXPECT_EQ(got.decoder_version, 9);
    EXPECT_EQ(got.received, record.received);
    EXPECT_EQ(got.body_hash, record.body_hash);
    EXPECT_EQ(got.body, "body");
    EXPECT_TRUE(std::ranges::equal(got.refused, refused));
    EXPECT_EQ(position, *end);
    return Status();
  });
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->records, 2u);
}

TEST_F(LogTest, segments_roll_and_a_record_larger_than_one_gets_a_larger_one) {
  auto log = create();
  Bodies bodies;
  for (size_t size : {size_t{3'000}, size_t{3'000}, size_t{50'000}, size_t{10}, size_t{3'900}}) {
    bodies.emplace_back(size, static_cast<char>('a' + bodies.size()));
    append(*log, bodies.back());
  }
  ASSERT_TRUE(log->sync().ok());
  Replayed replayed = replay(*world_.crash_clone({}));
  EXPECT_EQ(replayed.bodies, bodies);
  EXPECT_EQ(replayed.scan.segments.size(), 4u);
  EXPECT_EQ(replayed.scan.end, log->end());
  EXPECT_EQ(replay(world_, LogPosition::at(3, 0)).bodies.size(), 3u);
  std::string_view too_large(bodies[0].data(), size_t{1} << 40);  // never read
  LogRecord record = record_of("");
  record.body = too_large;
  EXPECT_EQ(log->append(record).status().code(), Code::ResourceExhausted);
}

TEST_F(LogTest, a_failed_roll_takes_no_more_records_into_the_old_segment) {
  auto log = create();
  append(*log, std::string(3'000, 'a'));
  // The new segment's header is on the disk, its name may be: it says where the old one ends.
  fail_next(os::Call::SyncDirectory);
  Status refused = log->append(record_of(std::string(3'000, 'b'))).status();
  EXPECT_EQ(refused.code(), Code::Unavailable);
  EXPECT_TRUE(refused.retry_delay_ms().has_value());
  faulty_.clear_fault();
  append(*log, "small enough for the old one");
  ASSERT_TRUE(log->sync().ok());
  for (auto kept : {os::CrashOptions::Kept::Nothing, os::CrashOptions::Kept::Everything}) {
    EXPECT_EQ(replay(*world_.crash_clone({.kept = kept})).bodies.size(), 2u);
  }
}

TEST_F(LogTest, a_torn_last_record_is_no_damage_at_any_length) {
  auto log = create();
  append(*log, "first");
  ASSERT_TRUE(log->sync().ok());
  LogPosition begin = log->end();
  append(*log, "the last one");
  ASSERT_TRUE(log->sync().ok());
  std::string path = segment_path("/s", 1);
  for (uint64_t size = 0; size < log->end().offset(); ++size) {
    auto clone = world_.crash_clone({.kept = os::CrashOptions::Kept::Everything});
    auto file = clone->open(path, os::OpenMode::Write);
    ASSERT_TRUE(file.ok() && (*file)->truncate(size).ok());
    if (size % 2 == 0) ASSERT_TRUE((*file)->truncate(kSmallSegment).ok());  // grown back, zeros
    Replayed replayed = replay(*clone);
    if (size < begin.offset()) continue;  // of the first, acknowledged one: must not crash
    // Six bytes of padding at the end come back by growing.
    bool is_whole = size % 2 == 0 && size + 6 >= log->end().offset();
    EXPECT_EQ(replayed.bodies.size(), is_whole ? 2u : 1u) << size;
    EXPECT_TRUE(replayed.scan.damages.empty());
  }
}

// Body, verdict, tenant, padding and header: wherever an acknowledged record changes, it is told
// and the others are replayed.
TEST_F(LogTest, a_changed_byte_of_an_acknowledged_record_is_damage_of_that_record_alone) {
  auto log = create();
  append(*log, "first");
  LogPosition begin = log->end();
  std::vector<uint32_t> refused = {1, 5};
  ASSERT_TRUE(log->append(record_of("second", refused)).ok());
  LogPosition end = log->end();
  ASSERT_TRUE(log->sync().ok());
  append(*log, "third");
  append(*log, "fourth");
  ASSERT_TRUE(log->sync().ok());
  std::string path = segment_path("/s", 1);
  for (uint64_t offset = begin.offset(); offset < end.offset(); ++offset) {
    for (uint8_t mask : {0x01, 0x80}) {
      ASSERT_TRUE(world_.corrupt(path, offset, mask).ok());
      Replayed replayed = replay(world_);
      EXPECT_EQ(replayed.bodies, (Bodies{"first", "third", "fourth"})) << offset;
      ASSERT_EQ(replayed.scan.damages.size(), 1u) << offset;
      EXPECT_EQ(replayed.scan.damages[0].offset, begin.offset());
      EXPECT_EQ(replayed.scan.damages[0].bytes, end.offset() - begin.offset());
      EXPECT_TRUE(replayed.scan.torn_tails.empty());
      ASSERT_TRUE(world_.corrupt(path, offset, mask).ok());
    }
  }
}

TEST_F(LogTest, damage_of_a_segment_header_is_told_and_its_records_are_kept) {
  auto log = create();
  append(*log, std::string(3'000, 'a'));
  append(*log, std::string(3'000, 'b'));
  ASSERT_TRUE(log->sync().ok());
  append(*log, std::string(3'000, 'c'));
  ASSERT_TRUE(log->sync().ok());
  for (uint64_t segment : {1, 2}) {
    ASSERT_TRUE(world_.corrupt(segment_path("/s", segment), 30, 1).ok());
    Replayed replayed = replay(world_);
    EXPECT_EQ(replayed.bodies.size(), 3u);
    ASSERT_EQ(replayed.scan.damages.size(), 1u);
    EXPECT_EQ(replayed.scan.damages[0].path, segment_path("/s", segment));
    ASSERT_TRUE(world_.corrupt(segment_path("/s", segment), 30, 1).ok());
  }
}

TEST_F(LogTest, a_missing_segment_is_damage) {
  auto log = create();
  for (char c : {'a', 'b', 'c'}) append(*log, std::string(3'000, c));
  ASSERT_TRUE(log->sync().ok());
  for (uint64_t segment : {1, 2}) {
    auto clone = world_.crash_clone({});
    ASSERT_TRUE(clone->remove_file(segment_path("/s", segment)).ok());
    Replayed replayed = replay(*clone);
    EXPECT_EQ(replayed.bodies.size(), 2u);
    ASSERT_EQ(replayed.scan.damages.size(), 1u);
    EXPECT_EQ(replayed.scan.damages[0].path, segment_path("/s", segment));
  }
}

TEST_F(LogTest, a_failed_sync_fences_and_what_it_left_is_void) {
  auto log = create();
  LogPosition kept = append(*log, "kept");
  ASSERT_TRUE(log->sync().ok());
  LogPosition lost = append(*log, "void");
  std::vector<Status> outcomes;
  log->when_durable(lost, [&](const Status& status) { outcomes.push_back(status); });
  fail_next(os::Call::Sync);
  EXPECT_FALSE(log->sync().ok());
  faulty_.clear_fault();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].code(), Code::Unavailable);
  EXPECT_TRUE(outcomes[0].retry_delay_ms().has_value());
  // ST-2: nothing more until it is reopened.
  EXPECT_EQ(log->append(record_of("refused")).status().code(), Code::Unavailable);
  EXPECT_EQ(log->sync().code(), Code::Unavailable);
  log->when_durable(lost, [&](const Status& status) { outcomes.push_back(status); });
  EXPECT_EQ(outcomes.back().code(), Code::Unavailable);
  ASSERT_TRUE(log->reopen().ok());
  EXPECT_TRUE(log->is_void(lost) && !log->is_void(kept));
  EXPECT_FALSE(log->visibility()(lost));
  log->when_durable(lost, [&](const Status& status) { outcomes.push_back(status); });
  EXPECT_EQ(outcomes.back().code(), Code::Unavailable);
  LogPosition after = append(*log, "after");
  ASSERT_TRUE(log->sync().ok());
  EXPECT_TRUE(log->visibility()(kept) && log->visibility()(after));
  EXPECT_EQ(replay(world_).bodies, (Bodies{"kept", "after"}));
  EXPECT_TRUE(replay(world_).scan.damages.empty());
}

TEST_F(LogTest, a_failed_write_answers_those_who_wait_and_acknowledges_none_of_them_later) {
  auto log = create_roomy();
  LogPosition waiting = append(*log, "waiting");
  std::vector<Status> outcomes;
  log->when_durable(waiting, [&](const Status& status) { outcomes.push_back(status); });
  fail_next(os::Call::Write);
  append(*log, kLargeBody);
  EXPECT_EQ(log->sync().code(), Code::Unavailable);
  faulty_.clear_fault();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].code(), Code::Unavailable);
  ASSERT_TRUE(log->reopen().ok());
  append(*log, "after");
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, Bodies{"after"});
}

TEST_F(LogTest, records_are_written_by_the_sync_at_once) {
  auto log = create_roomy();
  uint64_t writes = faulty_.count({os::Call::Write});
  for (const std::string& body : {std::string("one"), kLargeBody, std::string("three")}) {
    append(*log, body);
  }
  EXPECT_EQ(faulty_.count({os::Call::Write}), writes);
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(faulty_.count({os::Call::Write}), writes + 1);
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, (Bodies{"one", kLargeBody, "three"}));
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(faulty_.count({os::Call::Write}), writes + 1);
}

// Wherever records and syncs end in a block, what is written again is what was there.
TEST_F(LogTest, records_of_all_sizes_come_back_with_syncs_between_them) {
  std::mt19937_64 random(11);
  auto log = create(1, {}, SyncMode::Always, 64 << 10);
  Bodies bodies;
  for (int i = 0; i < 400; ++i) {
    bodies.emplace_back(random() % 5'000, static_cast<char>('a' + i % 26));
    append(*log, bodies.back());
    if (random() % 3 != 0) continue;
    ASSERT_TRUE(log->sync().ok());
    if (i % 10 == 0) ASSERT_EQ(replay(*world_.crash_clone({})).bodies, bodies);
  }
  ASSERT_TRUE(log->close().ok());
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, bodies);
}

TEST_F(LogTest, what_is_gathered_is_bounded) {
  auto log = create_roomy();
  uint64_t writes = faulty_.count({os::Call::Write});
  const std::string body(1'000'000, 'b');
  for (int i = 0; i < 8; ++i) append(*log, body);
  EXPECT_EQ(faulty_.count({os::Call::Write}), writes);
  append(*log, body);
  EXPECT_GT(faulty_.count({os::Call::Write}), writes);
  EXPECT_EQ(replay(world_).bodies.size(), 9u);
  EXPECT_TRUE(replay(*world_.crash_clone({})).bodies.empty());
  fail_next(os::Call::Write);
  Status outcome;
  for (int i = 0; i < 9; ++i) outcome = log->append(record_of(body)).status();
  EXPECT_EQ(outcome.code(), Code::Unavailable);
  EXPECT_FALSE(log->fence().ok());
}

TEST_F(LogTest, a_failed_write_of_what_was_gathered_makes_all_of_it_void) {
  auto log = create();
  LogPosition kept = append(*log, "kept");
  ASSERT_TRUE(log->sync().ok());
  std::vector<LogPosition> lost = {append(*log, "void"), append(*log, "void too")};
  std::vector<Status> outcomes;
  for (LogPosition position : lost) {
    log->when_durable(position, [&](const Status& status) { outcomes.push_back(status); });
  }
  fail_next(os::Call::Write);
  EXPECT_EQ(log->sync().code(), Code::Unavailable);
  faulty_.clear_fault();
  ASSERT_EQ(outcomes.size(), 2u);
  for (const Status& outcome : outcomes) EXPECT_EQ(outcome.code(), Code::Unavailable);
  ASSERT_TRUE(log->reopen().ok());
  EXPECT_TRUE(log->is_void(lost[0]) && log->is_void(lost[1]) && !log->is_void(kept));
  append(*log, "after");
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(replay(world_).bodies, (Bodies{"kept", "after"}));
  EXPECT_TRUE(replay(world_).scan.damages.empty());
}

// Whatever is appended, synced and fails, and wherever the process ends: what was acknowledged
// comes back in its order, and nothing is called damaged.
TEST_F(LogTest, acknowledged_records_survive_a_fault_at_any_call_and_a_crash_after_it) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    os::MemoryWorld world;
    os::FaultyWorld faulty(world);
    ASSERT_TRUE(world.create_directories("/s/log").ok());
    auto log = Log::create(faulty, "/s", 1, {}, SyncMode::Always, 64 << 10);
    ASSERT_TRUE(log.ok());
    std::mt19937_64 random(seed);
    os::Fault fault;
    fault.calls = {random() % 2 == 0 ? os::Call::Write : os::Call::Sync};
    fault.at = 1 + random() % 12;
    faulty.set_fault(fault);
    Bodies acknowledged;
    for (int i = 0; i < 40; ++i) {
      std::string body = std::to_string(i) + std::string(random() % 5 == 0 ? 20'000 : 300, 'x');
      Result<LogPosition> position = (*log)->append(record_of(body));
      if (position.ok()) {
        (*log)->when_durable(*position, [&acknowledged, body](const Status& status) {
          if (status.ok()) acknowledged.push_back(body);
        });
      }
      if (random() % 4 == 0) (void)(*log)->sync();
      if (!(*log)->fence().ok() && random() % 2 == 0) (void)(*log)->reopen();
    }
    for (auto kept : {os::CrashOptions::Kept::Nothing, os::CrashOptions::Kept::Everything}) {
      Replayed replayed = replay(*world.crash_clone({.kept = kept}));
      EXPECT_TRUE(replayed.scan.damages.empty()) << seed;
      auto next = replayed.bodies.begin();
      for (const std::string& body : acknowledged) {
        next = std::find(next, replayed.bodies.end(), body);
        ASSERT_NE(next, replayed.bodies.end()) << "seed " << seed << ": " << body.substr(0, 8);
      }
    }
  }
}

// The same with threads that append while others sync, fail and reopen: what was gathered when the
// log was fenced is void.
TEST_F(LogTest, threads_append_through_faults_and_what_was_acknowledged_is_there) {
  auto log = create(1, {}, SyncMode::Always, 64 << 10);
  Mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<int> running = 3, count = 0;
  std::vector<os::Thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back("append-" + std::to_string(thread), [&, thread] {
      for (int i = 0; count < 1'000; ++i) {
        std::string body = std::to_string(thread) + "-" + std::to_string(i) + "-";
        body.append(i % 50 == 0 ? 20'000 : 100, 'x');
        Result<LogPosition> position = log->append(record_of(body));
        if (!position.ok()) continue;
        log->when_durable(*position, [&, body](const Status& status) {
          if (!status.ok()) return;
          MutexLock lock(mutex);
          acknowledged.insert(body);
          ++count;
        });
      }
      --running;
    });
  }
  for (int round = 0; running > 0; ++round) {
    if (round % 5 == 0) fail_next(round % 2 == 0 ? os::Call::Sync : os::Call::Write);
    (void)log->sync();
    (void)log->reopen();
  }
  for (os::Thread& thread : threads) thread.join();
  faulty_.clear_fault();
  ASSERT_TRUE(log->reopen().ok() && log->sync().ok());
  Replayed replayed = replay(*world_.crash_clone({}));
  EXPECT_TRUE(replayed.scan.damages.empty());
  std::set<std::string> there(replayed.bodies.begin(), replayed.bodies.end());
  EXPECT_TRUE(std::ranges::includes(there, acknowledged));
  EXPECT_EQ(there.size(), replayed.bodies.size());
}

TEST_F(LogTest, a_reopen_that_fails_is_tried_again) {
  auto log = create();
  append(*log, "void");
  fail_next(os::Call::Sync);
  EXPECT_FALSE(log->sync().ok());
  for (os::Call call : {os::Call::Open, os::Call::Allocate, os::Call::Write, os::Call::Sync,
                        os::Call::SyncDirectory}) {
    fail_next(call);
    EXPECT_FALSE(log->reopen().ok());
    EXPECT_FALSE(log->fence().ok());
  }
  faulty_.clear_fault();
  ASSERT_TRUE(log->reopen().ok());
  append(*log, "after");
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, Bodies{"after"});
}

TEST_F(LogTest, interval_mode_acknowledges_what_was_written_and_syncs_when_asked) {
  auto log = create(1, {}, SyncMode::Interval);
  int acknowledged = 0;
  LogPosition position = append(*log, "one");
  log->when_durable(position, [&](const Status& status) { acknowledged += status.ok(); });
  EXPECT_EQ(acknowledged, 1);
  EXPECT_TRUE(log->visibility()(position));
  EXPECT_TRUE(replay(*world_.crash_clone({})).bodies.empty());
  ASSERT_TRUE(log->sync().ok());
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, Bodies{"one"});
}

TEST_F(LogTest, a_clean_close_leaves_no_preallocated_rest) {
  auto log = create();
  append(*log, "one");
  ASSERT_TRUE(log->close().ok());
  EXPECT_EQ(world_.read_all(segment_path("/s", 1))->size(), log->end().offset());
  Replayed replayed = replay(world_);
  EXPECT_EQ(replayed.bodies, Bodies{"one"});
  EXPECT_TRUE(replayed.scan.torn_tails.empty() && replayed.scan.damages.empty());
}

TEST_F(LogTest, sync_first_makes_durable_what_is_read) {
  auto log = create(1, {}, SyncMode::Interval, kSegmentBytes);
  append(*log, kLargeBody);
  auto killed = world_.crash_clone({.kept = os::CrashOptions::Kept::Everything});
  auto read = [&](SyncFirst sync_first) {
    uint64_t before = world_.operation_count();
    EXPECT_TRUE(read_log(world_, "/s", {{}, sync_first, {}}, [](const LogRecord&, LogPosition) {
                  return Status();
                }).ok());
    return world_.operation_count() - before;
  };
  EXPECT_EQ(read(SyncFirst::No), 0u);
  EXPECT_TRUE(replay(*world_.crash_clone({})).bodies.empty());
  EXPECT_EQ(read(SyncFirst::Yes), 1u);
  EXPECT_EQ(replay(*world_.crash_clone({})).bodies, Bodies{kLargeBody});
}

TEST_F(LogTest, an_unreadable_sector_is_damage_and_not_the_end) {
  auto log = create();
  append(*log, "first");
  ASSERT_TRUE(log->sync().ok());
  append(*log, "second");
  ASSERT_TRUE(log->sync().ok());
  // Every read fails from the third on: the header of the first record cannot be read.
  os::Fault fault;
  fault.calls = {os::Call::Read};
  fault.repeat = os::Fault::Repeat::FromThenOn;
  uint64_t reads = faulty_.count({os::Call::Read});
  replay(faulty_);
  reads = faulty_.count({os::Call::Read}) - reads;
  for (uint64_t at = 4; at <= reads; ++at) {
    fault.at = at;
    faulty_.set_fault(fault);
    Replayed replayed = replay(faulty_);
    EXPECT_FALSE(replayed.scan.damages.empty() && replayed.scan.torn_tails.empty()) << at;
  }
}

TEST_F(LogTest, a_later_version_is_refused) {
  auto log = create();
  log.reset();
  auto file = world_.open(segment_path("/s", 1), os::OpenMode::Write);
  SegmentHeader header{1, {}, {}, {}};
  std::string bytes = encode(header);
  bytes[8] = 2;
  bytes.resize(kSegmentHeaderBytes - 4);
  uint32_t checksum = crc32c_at_place(1, 0, bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  ASSERT_TRUE((*file)->write_at(0, bytes).ok());
  auto scan = read_log(world_, "/s", {}, [](const LogRecord&, LogPosition) { return Status(); });
  EXPECT_EQ(scan.status().code(), Code::Unimplemented);
}

}  // namespace
}  // namespace spoor::store
