// Merges as the store does them: what is in force afterwards, what becomes of files, readers,
// flushes and damage meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "store/file_names.h"
#include "store/store.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using test::Ledger;

class StoreMergeTest : public testing::Test {
 protected:
  StoreMergeTest() : ledger_(1), faulty_(world_), options_(test::small_store(ledger_)) { open(); }

  void open() {
    store_.reset();
    auto opened = Store::open(faulty_, options_);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }
  void append_some(int requests, const std::string& tenant = "a") {
    for (int i = 0; i < requests; ++i) {
      ASSERT_TRUE(ledger_.append(*store_, faulty_, ledger_.make(tenant)).ok());
    }
    ASSERT_TRUE(store_->sync().ok());
  }
  void flush_some(int parts) {
    for (int i = 0; i < parts; ++i) {
      append_some(2, i % 3 == 0 ? "b" : "a");
      ASSERT_TRUE(store_->flush().ok());
    }
  }
  std::vector<std::string> part_files() const {
    auto paths = world_.file_paths();
    std::erase_if(paths, [](const std::string& path) { return !path.ends_with(".part"); });
    return paths;
  }
  std::map<Day, size_t> parts_of_days() const {
    std::map<Day, size_t> days;
    for (const ManifestPart& part : store_->status().manifest.parts) ++days[part.day];
    return days;
  }
  // Does it once, in the middle of the next write of a part, or of another operation on one.
  void during_merge(std::function<void()> what, std::string_view when = "write") {
    world_.on_operation([this, what, when](uint64_t, std::string_view operation) {
      if (!operation.starts_with(when) || operation.find(".part") == std::string::npos) return;
      world_.on_operation(nullptr);
      what();
    });
  }

  Ledger ledger_;
  os::MemoryWorld world_;
  os::FaultyWorld faulty_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreMergeTest, force_makes_one_part_of_each_day_and_old_files_go) {
  flush_some(20);
  EXPECT_EQ(parts_of_days().size(), 2u);
  EXPECT_GT(store_->status().manifest.parts.size(), 20u);
  ASSERT_TRUE(store_->merge_all().ok());
  for (const auto& [day, parts] : parts_of_days()) EXPECT_EQ(parts, 1u) << day.value;
  EXPECT_EQ(part_files().size(), 2u);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  ASSERT_TRUE(store_->merge_all().ok());  // nothing to do
  append_some(3);
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  EXPECT_EQ(store_->status().manifest.parts.size(), 2u);
  EXPECT_EQ(part_files().size(), 2u);
}

TEST_F(StoreMergeTest, a_thousand_small_flushes_leave_few_parts) {
  size_t most = 0;
  for (int i = 0; i < 1'000; ++i) {
    append_some(1);
    ASSERT_TRUE(store_->flush().ok());
    while (true) {
      auto merged = store_->merge();
      ASSERT_TRUE(merged.ok()) << merged.status().to_string();
      if (*merged == 0) break;
    }
    most = std::max(most, store_->status().manifest.parts.size());
  }
  EXPECT_LE(most, 2 * 2 * kMergeInputsMin);
  EXPECT_EQ(part_files().size(), store_->status().manifest.parts.size());
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, small_parts_are_merged_while_a_large_one_is_written) {
  // Each part is of one day, and there are two: at least eight parts of one in sixteen flushes.
  for (int i = 0; i < 16; ++i) {
    append_some(40);
    ASSERT_TRUE(store_->flush().ok());
  }
  size_t flushed = 0;
  auto flush_small = [&] {
    const size_t before = store_->status().manifest.parts.size();
    for (int i = 0; i < 16; ++i) {
      append_some(1);
      ASSERT_TRUE(store_->flush().ok());
    }
    flushed = store_->status().manifest.parts.size() - before;
  };
  during_merge(flush_small, "create");
  const size_t before = store_->status().manifest.parts.size();
  size_t merged = store_->merge().value();
  EXPECT_GE(merged, kMergeInputsMin);
  MergeStatus status = store_->status().merges;
  EXPECT_EQ(status.done, 2u);
  EXPECT_EQ(status.running.parts, 0u);
  EXPECT_GE(status.parts - merged, kMergeInputsMin);
  EXPECT_EQ(store_->status().manifest.parts.size(), before + flushed + 2 - status.parts);
  EXPECT_EQ(part_files().size(), store_->status().manifest.parts.size());
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, a_closed_day_becomes_one_part) {
  flush_some(4);
  EXPECT_EQ(store_->merge().value(), 0u);
  world_.set_now(UnixNanos{1'795'000'000'000'000'000 + 3 * kNanosPerDay});
  while (store_->merge().value() > 0) {
  }
  for (const auto& [day, parts] : parts_of_days()) EXPECT_EQ(parts, 1u);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, a_snapshot_taken_before_reads_everything_after) {
  flush_some(10);
  std::vector<std::pair<TenantId, Snapshot>> before;
  for (const char* tenant : {"a", "b"}) {
    TenantId id = TenantId::parse(tenant).value();
    before.emplace_back(id, store_->snapshot(id));
  }
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(part_files().size(), 2u);
  for (const auto& [tenant, old] : before) {
    EXPECT_GT(old.sections.size(), 2u);
    Snapshot now = store_->snapshot(tenant);
    EXPECT_LE(now.sections.size(), 2u);
    for (const auto& section : now.sections) {
      const auto places = section->traces();
      for (const TracePlace& place : places.value()) {
        FoundTrace expected = find_trace(now, place.id), got = find_trace(old, place.id);
        EXPECT_TRUE(got.missing.empty());
        ASSERT_TRUE(test::same_spans(expected.batch, got.batch));
      }
    }
  }
}

TEST_F(StoreMergeTest, a_flush_in_the_middle_of_a_merge_is_kept) {
  flush_some(6);
  append_some(3);
  during_merge([&] { ASSERT_TRUE(store_->flush().ok()); });
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(store_->status().head_spans, 0u);
  EXPECT_EQ(part_files().size(), store_->status().manifest.parts.size());
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, a_day_that_is_dropped_in_the_middle_of_a_merge_does_not_come_back) {
  // Three days; the oldest is merged while it goes.
  std::vector<std::unique_ptr<Ledger>> days;
  for (uint64_t day = 0; day < 3; ++day) days.push_back(std::make_unique<Ledger>(day + 7, day));
  options_.decode = [&](const LogRecord& record) -> Result<ReplayedBody> {
    for (const auto& day : days) {
      if (auto body = day->decoder()(record); body.ok()) return body;
    }
    return data_loss("unknown");
  };
  options_.retention_nanos = kNanosPerDay / 2;
  open();
  for (const auto& day : days) {
    // Parts only of the oldest are to be merged.
    for (int i = 0; i < (day == days[0] ? 5 : 1); ++i) {
      ASSERT_TRUE(day->append(*store_, faulty_, day->make("a")).ok());
      ASSERT_TRUE(store_->flush().ok());
    }
  }
  world_.set_now(UnixNanos{1'795'000'000'000'000'000 + 2 * kNanosPerDay});
  during_merge([&] { ASSERT_TRUE(store_->retain().ok()); });
  EXPECT_EQ(store_->merge_all().code(), Code::Cancelled);
  EXPECT_EQ(store_->status().retention.dropped_days, 1u);
  EXPECT_TRUE(days[0]->is_gone(*store_));
  EXPECT_TRUE(days[1]->agrees_with(*store_) && days[2]->agrees_with(*store_));
  EXPECT_EQ(part_files().size(), 2u);
  ASSERT_TRUE(store_->merge_all().ok());
  open();
  EXPECT_TRUE(days[0]->is_gone(*store_));
}

TEST_F(StoreMergeTest, a_damaged_input_ends_the_merge_and_is_not_taken_again) {
  flush_some(6);
  std::string path = part_files().back();  // of the newest day, which is merged first
  ASSERT_TRUE(world_.corrupt(path, kPartHeaderBytes + 2, 1).ok());  // of the first page
  auto before = store_->status().manifest.parts;
  EXPECT_EQ(store_->merge_all().code(), Code::DataLoss);
  StoreStatus status = store_->status();
  EXPECT_EQ(status.manifest.parts.size(), before.size());
  EXPECT_EQ(status.merges.unmergeable, 1u);
  EXPECT_EQ(status.merges.failed, 1u);
  EXPECT_FALSE(status.merges.last_failure.empty());
  EXPECT_EQ(part_files().size(), before.size());
  // The others go on without it; it stays in force.
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(store_->status().manifest.parts.size(), 3u);
  EXPECT_EQ(std::ranges::count(part_files(), path), 1);
  size_t told = 0;
  EXPECT_TRUE(ledger_.agrees_with(*store_, &told));
  EXPECT_GT(told, 0u);
}

TEST_F(StoreMergeTest, a_quarantined_part_is_never_an_input) {
  flush_some(6);
  std::string path = part_files()[0];
  store_.reset();
  ASSERT_TRUE(world_.corrupt(path, 3, 1).ok());  // of the header
  open();
  ASSERT_EQ(store_->status().quarantined.size(), 1u);
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(store_->status().quarantined.size(), 1u);
  EXPECT_EQ(store_->status().manifest.parts.size(), 3u);
  EXPECT_EQ(std::ranges::count(part_files(), path), 1);
  ASSERT_TRUE(world_.corrupt(path, 3, 1).ok());  // mended
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, an_error_at_any_call_of_a_merge_leaves_all_in_force) {
  uint64_t calls = 1;
  for (uint64_t at = 1; at <= calls; ++at) {
    SCOPED_TRACE("call " + std::to_string(at));
    flush_some(2);
    uint64_t before = faulty_.count(os::CallSet::all());
    os::Fault fault;
    fault.calls = os::CallSet::all();
    fault.at = at;
    faulty_.set_fault(fault);
    Status merged = store_->merge_all();
    faulty_.clear_fault();
    calls = std::max(calls, faulty_.count(os::CallSet::all()) - before);
    ASSERT_TRUE(ledger_.agrees_with(*store_));
    auto clone = world_.crash_clone({.kept = os::CrashOptions::Kept::Everything});
    auto crashed = Store::open(*clone, options_);
    ASSERT_TRUE(crashed.ok());
    ASSERT_TRUE(ledger_.agrees_with(**crashed));
    crashed->reset();
    if (!merged.ok()) merged = store_->merge_all();
    ASSERT_TRUE(merged.ok()) << merged.to_string();
    EXPECT_EQ(store_->status().manifest.parts.size(), 2u);
    if (at > 60) at += at / 10;  // each round leaves more to merge and to compare
  }
  EXPECT_GT(calls, 50u);
  open();
  EXPECT_EQ(part_files().size(), 2u);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreMergeTest, a_merge_waits_where_it_would_fill_the_disk) {
  flush_some(6);
  size_t parts = part_files().size();
  world_.set_capacity_bytes(1);
  EXPECT_EQ(store_->merge_all().code(), Code::ResourceExhausted);
  EXPECT_EQ(part_files().size(), parts);
  world_.set_capacity_bytes(uint64_t{1} << 40);
  EXPECT_TRUE(store_->merge_all().ok());
}

}  // namespace
}  // namespace spoor::store
