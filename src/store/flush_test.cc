// Faults: a scripted life in which one call after another fails, and what a flush that fails
// must leave behind.
#include "store/flush.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/file_names.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using os::Call;
using os::CallSet;
using os::Fault;
using test::Ledger;

constexpr int kSteps = 60;

struct Life {
  explicit Life(uint64_t seed)
      : ledger(seed), faulty(world), life(faulty, ledger, test::small_store(ledger), seed) {}

  void run() {
    for (int i = 0; i < kSteps; ++i) life.step();
  }

  // The fault is over and the process started again: all is there, on this disk and on what a
  // power cut would leave of it.
  void expect_whole() {
    faulty.clear_fault();
    life.kill();
    auto crashed = world.crash_clone({});
    for (os::MemoryWorld* disk : {&world, crashed.get()}) {
      auto store = Store::open(*disk, test::small_store(ledger));
      ASSERT_TRUE(store.ok()) << store.status().to_string();
      EXPECT_TRUE((*store)->status().log_damages.empty());
      EXPECT_TRUE((*store)->status().quarantined.empty());
      ASSERT_TRUE(ledger.agrees_with(**store));
      Status flushed = (*store)->flush();
      ASSERT_TRUE(flushed.ok()) << flushed.to_string();
      ASSERT_TRUE(ledger.agrees_with(**store));
    }
  }

  Ledger ledger;
  os::MemoryWorld world;
  os::FaultyWorld faulty;
  test::StoreLife life;
};

void fail_each_call(const Fault& fault, uint64_t seed, uint64_t stride) {
  Life whole(seed);
  whole.run();
  uint64_t calls = whole.faulty.count(fault.calls);
  ASSERT_GT(calls, 0u);
  for (uint64_t at = 1 + seed % stride; at <= calls; at += stride) {
    SCOPED_TRACE("call " + std::to_string(at) + " of " + std::to_string(calls));
    Life life(seed);
    Fault now = fault;
    now.at = at;
    life.faulty.set_fault(now);
    life.run();
    ASSERT_NO_FATAL_FAILURE(life.expect_whole());
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Faults, an_error_at_any_call_loses_nothing_acknowledged) {
  for (Code code : {Code::DataLoss, Code::ResourceExhausted}) {
    for (auto repeat : {Fault::Repeat::Once, Fault::Repeat::FromThenOn}) {
      Fault fault;
      fault.code = code;
      fault.repeat = repeat;
      fault.cache_after_failed_sync = repeat == Fault::Repeat::Once
                                          ? os::MemoryWorld::CacheAfterDrop::Shown
                                          : os::MemoryWorld::CacheAfterDrop::Reverted;
      for (uint64_t seed : {1, 2}) fail_each_call(fault, seed, 11);
    }
  }
}

TEST(Faults, a_failed_sync_at_any_call_loses_nothing_acknowledged) {
  for (auto cache :
       {os::MemoryWorld::CacheAfterDrop::Shown, os::MemoryWorld::CacheAfterDrop::Reverted}) {
    Fault fault;
    fault.calls = {Call::Sync, Call::SyncDirectory};
    fault.cache_after_failed_sync = cache;
    for (uint64_t seed : {3, 4}) fail_each_call(fault, seed, 2);
  }
}

TEST(Faults, a_short_write_at_any_call_loses_nothing_acknowledged) {
  Fault fault;
  fault.calls = {Call::Write};
  fault.short_write = Fault::ShortWrite::Yes;
  for (uint64_t seed : {6, 7}) fail_each_call(fault, seed, 2);
}

TEST(Faults, a_read_that_fails_at_any_call_loses_nothing_acknowledged) {
  Fault fault;
  fault.calls = {Call::Read};
  for (uint64_t seed : {8, 9}) fail_each_call(fault, seed, 5);
}

class FlushTest : public testing::Test {
 protected:
  FlushTest() : ledger_(1), faulty_(world_) { open(); }

  void open() {
    store_.reset();
    auto opened = Store::open(faulty_, test::small_store(ledger_));
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }
  void append_some(int requests) {
    for (int i = 0; i < requests; ++i) {
      ASSERT_TRUE(ledger_.append(*store_, faulty_, ledger_.make("a")).ok());
    }
    ASSERT_TRUE(store_->sync().ok());
  }
  size_t part_files() const {
    auto paths = world_.file_paths();
    return static_cast<size_t>(
        std::ranges::count_if(paths, [](const auto& path) { return path.ends_with(".part"); }));
  }

  Ledger ledger_;
  os::MemoryWorld world_;
  os::FaultyWorld faulty_;
  std::unique_ptr<Store> store_;
};

TEST_F(FlushTest, after_a_failed_sync_nothing_is_acknowledged_until_reopen) {
  append_some(1);
  size_t before = ledger_.acknowledged();
  size_t lost = ledger_.make("a");
  ASSERT_TRUE(ledger_.append(*store_, faulty_, lost).ok());
  Fault fault;
  fault.calls = {Call::Sync};
  faulty_.set_fault(fault);
  EXPECT_FALSE(store_->sync().ok());
  faulty_.clear_fault();
  for (int i = 0; i < 3; ++i) {
    Result<Appended> refused = ledger_.append(*store_, faulty_, ledger_.make("a"));
    EXPECT_EQ(refused.status().code(), Code::Unavailable);
    EXPECT_TRUE(refused.status().retry_delay_ms().has_value());
    EXPECT_FALSE(store_->sync().ok());
    EXPECT_FALSE(store_->flush().ok());
  }
  // A repeat of what was not acknowledged is not acknowledged either, then stored anew.
  ASSERT_TRUE(ledger_.append(*store_, faulty_, lost).ok());
  EXPECT_EQ(ledger_.acknowledged(), before);
  ASSERT_TRUE(store_->reopen().ok());
  Result<Appended> again = ledger_.append(*store_, faulty_, lost);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->outcome, Appended::Outcome::Stored);
  ASSERT_TRUE(store_->sync().ok());
  EXPECT_EQ(ledger_.acknowledged(), before + 1);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(FlushTest, a_full_disk_refuses_for_now_and_comes_back_with_space) {
  append_some(3);
  world_.set_capacity_bytes(1);
  int accepted = 0;
  Status refused;
  while (refused.ok() && accepted < 1000) {
    Result<Appended> appended = ledger_.append(*store_, faulty_, ledger_.make("a"));
    refused = appended.status();
    accepted += appended.ok();
  }
  EXPECT_EQ(refused.code(), Code::Unavailable) << refused.to_string();
  EXPECT_TRUE(refused.retry_delay_ms().has_value());
  EXPECT_TRUE(store_->sync().ok());  // preallocated: what was accepted becomes durable
  EXPECT_FALSE(store_->flush().ok());
  EXPECT_EQ(part_files(), 0u);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  world_.set_capacity_bytes(uint64_t{1} << 40);
  append_some(2);
  ASSERT_TRUE(store_->flush().ok());
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(FlushTest, a_failed_flush_leaves_everything_readable_and_is_done_later) {
  uint64_t calls = 0;
  for (uint64_t at = 1; at == 1 || at <= calls; ++at) {
    append_some(2);
    uint64_t before = faulty_.count(CallSet::mutating());
    Fault fault;
    fault.at = at;
    faulty_.set_fault(fault);
    Status flushed = store_->flush();
    faulty_.clear_fault();
    calls = std::max(calls, faulty_.count(CallSet::mutating()) - before);
    ASSERT_TRUE(ledger_.agrees_with(*store_)) << "call " << at;
    uint64_t generation = store_->status().manifest.generation;
    if (!store_->status().fence.ok()) ASSERT_TRUE(store_->reopen().ok());
    // What is in force after a power cut now is whole too.
    auto clone = world_.crash_clone({.kept = os::CrashOptions::Kept::Everything});
    auto crashed = Store::open(*clone, test::small_store(ledger_));
    ASSERT_TRUE(crashed.ok());
    ASSERT_TRUE(ledger_.agrees_with(**crashed)) << "call " << at;
    crashed->reset();
    if (!flushed.ok()) {
      flushed = store_->flush();
      ASSERT_TRUE(flushed.ok()) << flushed.to_string();
      EXPECT_GT(store_->status().manifest.generation, generation);
    }
    EXPECT_EQ(store_->status().head_spans, 0u);
    ASSERT_TRUE(ledger_.agrees_with(*store_));
  }
  EXPECT_GE(calls, 6u);
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  EXPECT_EQ(part_files(), store_->status().manifest.parts.size());
}

}  // namespace
}  // namespace spoor::store
