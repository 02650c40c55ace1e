// Which days go and when, what a clock that jumps does (nothing), what a full disk does, and that
// a day that went stays gone wherever the power is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "store/file_names.h"
#include "store/store.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using test::Ledger;

constexpr uint64_t kFirst = 1'795'000'000'000'000'000;  // noon or so of day 0
constexpr uint64_t kDays = 5;

UnixNanos on_day(uint64_t day) {
  return UnixNanos{kFirst + day * kNanosPerDay};
}

class StoreRetentionTest : public testing::Test {
 protected:
  StoreRetentionTest() : faulty_(world_) {
    for (uint64_t day = 0; day < kDays; ++day) {
      days_.push_back(std::make_unique<Ledger>(day + 11, day));
    }
    options_ = test::small_store(*days_[0]);
    options_.decode = [this](const LogRecord& record) -> Result<ReplayedBody> {
      for (const auto& day : days_) {
        if (auto body = day->decoder()(record); body.ok()) return body;
      }
      return data_loss("unknown");
    };
    options_.retention_nanos = kNanosPerDay;
    world_.set_now(on_day(0));
  }

  void open() {
    store_.reset();
    auto opened = Store::open(faulty_, options_);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }
  void fill(uint64_t day, int requests = 2) {
    for (int i = 0; i < requests; ++i) {
      auto appended = days_[day]->append(*store_, faulty_, days_[day]->make("a"));
      ASSERT_TRUE(appended.ok()) << appended.status().to_string();
    }
    ASSERT_TRUE(store_->flush().ok());
  }
  void fill_days(uint64_t first, uint64_t last) {
    for (uint64_t day = first; day <= last; ++day) ASSERT_NO_FATAL_FAILURE(fill(day));
  }
  // The days that hold data, counted from day 0; the rest must be gone without a trace.
  std::set<uint64_t> days_left() {
    std::set<uint64_t> left;
    for (const ManifestPart& part : store_->status().manifest.parts) {
      left.insert(part.day.value - day_of(on_day(0)).value);
    }
    for (uint64_t day = 0; day < kDays; ++day) {
      if (left.contains(day)) {
        EXPECT_TRUE(days_[day]->agrees_with(*store_));
      } else {
        EXPECT_TRUE(days_[day]->is_gone(*store_));
      }
    }
    auto folders = world_.list_directory("/s/days");
    EXPECT_EQ(folders->size(), left.size());
    return left;
  }
  uint64_t bytes() {
    uint64_t sum = 0;
    for (const ManifestPart& part : store_->status().manifest.parts) sum += part.size_bytes;
    return sum;
  }
  uint64_t used_bytes() {
    auto space = world_.disk_space("/s").value();
    return space.total_bytes - space.available_bytes;
  }
  void expect_refused() {
    auto refused = days_[4]->append(*store_, faulty_, days_[4]->make("a"));
    EXPECT_EQ(refused.status().code(), Code::Unavailable);
    EXPECT_TRUE(refused.status().retry_delay_ms().has_value());
  }

  using Set = std::set<uint64_t>;
  os::MemoryWorld world_;
  os::FaultyWorld faulty_;
  std::vector<std::unique_ptr<Ledger>> days_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreRetentionTest, whole_days_go_when_their_end_is_older_than_the_retention) {
  open();
  fill_days(0, 3);
  // Day 0 ends after half a day, so its last moment is a day old on day 2.
  uint64_t end_of_day_1 = (uint64_t{day_of(on_day(1)).value} + 1) * kNanosPerDay;
  world_.set_now(UnixNanos{end_of_day_1 - 1});
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
  world_.set_now(UnixNanos{end_of_day_1});
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{1, 2, 3}));
  EXPECT_EQ(store_->status().retention.dropped_days, 1u);
  EXPECT_GT(store_->status().retention.dropped_spans, 0u);
  world_.set_now(on_day(9));
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{2, 3}));  // the newest two stay
  open();
  EXPECT_EQ(days_left(), (Set{2, 3}));
}

TEST_F(StoreRetentionTest, a_jump_of_the_clock_drops_nothing) {
  options_.retention_nanos = 3 * kNanosPerDay;
  open();
  fill_days(0, 3);
  for (UnixNanos now : {UnixNanos{~uint64_t{0}}, on_day(36'500), UnixNanos{0}, on_day(3)}) {
    world_.set_now(now);
    ASSERT_TRUE(store_->retain().ok());
    EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
    open();
    ASSERT_TRUE(store_->retain().ok());
    EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
  }
  // Data of a later day has come: now the clock may be right.
  fill(4);
  world_.set_now(on_day(36'500));
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{1, 2, 3, 4}));
}

TEST_F(StoreRetentionTest, the_oldest_days_go_beyond_a_number_of_bytes) {
  options_.retention_nanos = 36'500 * kNanosPerDay;
  open();
  fill_days(0, 3);
  uint64_t all = bytes();
  options_.retention_bytes = all;
  open();
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
  options_.retention_bytes = all - 1;
  open();
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{1, 2, 3}));
  options_.retention_bytes = 1;
  open();
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{2, 3}));
}

TEST_F(StoreRetentionTest, the_oldest_days_go_beyond_a_share_of_the_disk) {
  options_.retention_nanos = 36'500 * kNanosPerDay;
  options_.retention_disk_percent = 10;
  options_.free_bytes_reserve = 0;
  open();
  fill_days(0, 3);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
  ASSERT_LT(used_bytes() + 4'000, bytes() * 10 - 100);
  world_.set_capacity_bytes(bytes() * 10 - 100);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_FALSE(days_left().contains(0));
}

TEST_F(StoreRetentionTest, under_the_reserve_days_go_then_spans_are_refused) {
  options_.free_bytes_reserve = 100'000;
  options_.retention_nanos = 36'500 * kNanosPerDay;
  open();
  fill_days(0, 3);
  world_.set_capacity_bytes(used_bytes() + 100'000);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{0, 1, 2, 3}));
  world_.set_capacity_bytes(used_bytes() + 99'999);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{1, 2, 3}));
  EXPECT_FALSE(store_->status().retention.is_disk_low);
  world_.set_capacity_bytes(used_bytes() + 1'000);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{2, 3}));
  EXPECT_TRUE(store_->status().retention.is_disk_low);
  expect_refused();
  world_.set_capacity_bytes(uint64_t{1} << 40);
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_FALSE(store_->status().retention.is_disk_low);
  fill(4);
  EXPECT_EQ(days_left(), (Set{2, 3, 4}));
}

TEST_F(StoreRetentionTest, a_snapshot_reads_a_day_that_went) {
  open();
  fill_days(0, 3);
  TenantId tenant = TenantId::parse("a").value();
  Snapshot before = store_->snapshot(tenant);
  world_.set_now(on_day(9));
  ASSERT_TRUE(store_->retain().ok());
  EXPECT_EQ(days_left(), (Set{2, 3}));
  size_t spans = 0;
  for (const auto& section : before.sections) {
    Status read = section->scan([&](const TracePlace&, const SpanBatch& batch) {
      spans += batch.spans.size();
      return Status();
    });
    EXPECT_TRUE(read.ok()) << read.to_string();
  }
  uint64_t left = 0;
  for (const ManifestPart& part : store_->status().manifest.parts) left += part.spans;
  EXPECT_EQ(spans, left + store_->status().retention.dropped_spans);
}

// Killed with rows in the log, started with a full disk: with a whole log and a torn one, with a
// head that is replayed at once and in pieces.
TEST_F(StoreRetentionTest, a_full_disk_at_the_start_serves_reads_and_refuses_spans) {
  options_.free_bytes_reserve = 0;
  for (bool is_torn : {false, true}) {
    for (size_t head_bytes : {size_t{256} << 10, size_t{2} << 10}) {
      for (bool is_empty : {false, true}) {
        SCOPED_TRACE(testing::Message() << is_torn << " " << head_bytes << " " << is_empty);
        options_.head_bytes = 256 << 10;
        world_.set_capacity_bytes(uint64_t{1} << 40);
        open();
        fill(0);
        for (int i = 0; i < 6 && !is_empty; ++i) {
          ASSERT_TRUE(days_[1]->append(*store_, faulty_, days_[1]->make("a")).ok());
          ASSERT_TRUE(store_->sync().ok());
        }
        if (is_torn) {
          ASSERT_TRUE(days_[1]->append(*store_, faulty_, days_[1]->make("a")).ok());
        }
        store_.reset();
        auto disk =
            world_.crash_clone({.kept = os::CrashOptions::Kept::RandomSubset,
                                .torn_last_write = is_torn ? os::CrashOptions::TornLastWrite::Yes
                                                           : os::CrashOptions::TornLastWrite::No,
                                .seed = 5});
        disk->set_capacity_bytes(1);
        options_.head_bytes = head_bytes;
        auto store = Store::open(*disk, options_);
        ASSERT_TRUE(store.ok()) << store.status().to_string();
        EXPECT_TRUE(days_[0]->agrees_with(**store) && days_[1]->agrees_with(**store));
        EXPECT_FALSE((*store)->status().fence.ok());
        size_t request = days_[1]->make("a");
        auto refused = days_[1]->append(**store, *disk, request);
        EXPECT_EQ(refused.status().code(), Code::Unavailable);
        EXPECT_TRUE(refused.status().retry_delay_ms().has_value());
        EXPECT_FALSE((*store)->reopen().ok());
        disk->set_capacity_bytes(uint64_t{1} << 40);
        Status reopened = (*store)->reopen();
        ASSERT_TRUE(reopened.ok()) << reopened.to_string();
        ASSERT_TRUE(days_[1]->append(**store, *disk, request).ok());
        ASSERT_TRUE((*store)->sync().ok());
        for (int restart = 0; restart < 2; ++restart) {
          EXPECT_TRUE(days_[0]->agrees_with(**store) && days_[1]->agrees_with(**store));
          EXPECT_TRUE((*store)->status().log_damages.empty());
          store->reset();
          store = Store::open(*disk, options_);
          ASSERT_TRUE(store.ok());
        }
        // The request is in the clone only.
        store->reset();
        days_[1] = std::make_unique<Ledger>(days_[1]->sent() + 100, 1);
        world_.set_capacity_bytes(uint64_t{1} << 40);
        for (const std::string& path : world_.file_paths()) (void)world_.remove_file(path);
        days_[0] = std::make_unique<Ledger>(days_[0]->sent() + 200, 0);
      }
    }
  }
}

// Merges and dropped days with the power cut at every operation: each day is whole or, once its
// dropping began, gone; and stays gone after that.
TEST_F(StoreRetentionTest, a_day_is_whole_or_gone_wherever_the_power_is_cut) {
  open();
  std::set<uint64_t> may_go, must_be_gone;
  uint64_t clones = 0;
  auto check = [&](os::MemoryWorld& disk) {
    auto store = Store::open(disk, options_);
    ASSERT_TRUE(store.ok()) << store.status().to_string();
    for (int round = 0; round < 2; ++round) {
      for (uint64_t day = 0; day < kDays; ++day) {
        SCOPED_TRACE("day " + std::to_string(day));
        if (must_be_gone.contains(day)) {
          ASSERT_TRUE(days_[day]->is_gone(**store));
        } else if (!may_go.contains(day) || !days_[day]->is_gone(**store)) {
          ASSERT_TRUE(days_[day]->agrees_with(**store));
        }
      }
      EXPECT_TRUE((*store)->status().quarantined.empty());
      if (clones % 5 != 0 || round == 1) return;
      ASSERT_TRUE((*store)->merge_all().ok());
      ASSERT_TRUE((*store)->flush().ok());
      store->reset();
      store = Store::open(disk, options_);
      ASSERT_TRUE(store.ok());
    }
  };
  world_.on_operation([&](uint64_t, std::string_view what) {
    if (HasFatalFailure()) return;
    for (auto kept : {os::CrashOptions::Kept::Nothing, os::CrashOptions::Kept::Everything,
                      os::CrashOptions::Kept::RandomSubset}) {
      for (auto torn :
           {os::CrashOptions::TornLastWrite::No, os::CrashOptions::TornLastWrite::Yes}) {
        SCOPED_TRACE("after " + std::string(what));
        check(*world_.crash_clone({kept, torn, ++clones}));
      }
    }
  });
  for (uint64_t day = 0; day < kDays; ++day) {
    for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(fill(day, 1));
    if (day % 2 == 0) ASSERT_TRUE(store_->merge_all().ok());
    world_.set_now(on_day(day));
    if (day >= 2) may_go.insert(day - 2);
    ASSERT_TRUE(store_->retain().ok());
    if (day >= 2) must_be_gone.insert(day - 2);
    ASSERT_FALSE(HasFatalFailure());
  }
  world_.on_operation(nullptr);
  EXPECT_EQ(days_left(), (Set{3, 4}));
  EXPECT_GT(clones, 1'000u);
}

}  // namespace
}  // namespace spoor::store
