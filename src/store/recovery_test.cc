// Power cuts: at every operation of a scripted life the disk is taken as a cut would leave it,
// recovered, and compared with what was acknowledged.
#include "store/recovery.h"

#include <gtest/gtest.h>

#include "os/memory_world.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using os::CrashOptions;
using test::Ledger;

constexpr uint64_t kClonesMin = 2'000;

class PowerCuts {
 public:
  explicit PowerCuts(uint64_t seed) : ledger_(seed), random_(seed), faulty_(world_) {}

  void run(int steps) {
    test::StoreLife life(faulty_, ledger_, test::small_store(ledger_), random_());
    life.on_fence([&] { fail_next_sync(); });
    world_.on_operation([&](uint64_t, std::string_view what) { cut_everywhere(what); });
    for (int i = 0; i < steps && !failed(); ++i) {
      world_.advance(kNanosPerMilli);
      life.step();
    }
    world_.on_operation(nullptr);
  }

  uint64_t clones() const { return clones_; }
  uint64_t nested() const { return nested_; }
  size_t acknowledged() const { return ledger_.acknowledged(); }

 private:
  static bool failed() { return testing::Test::HasFailure(); }

  void fail_next_sync() {
    os::Fault fault;
    fault.calls = {os::Call::Sync};
    fault.cache_after_failed_sync = random_() % 2 == 0 ? os::MemoryWorld::CacheAfterDrop::Shown
                                                       : os::MemoryWorld::CacheAfterDrop::Reverted;
    faulty_.set_fault(fault);
  }

  void cut_everywhere(std::string_view what) {
    if (failed()) return;
    for (auto kept : {CrashOptions::Kept::Nothing, CrashOptions::Kept::Everything,
                      CrashOptions::Kept::RandomSubset}) {
      for (auto torn : {CrashOptions::TornLastWrite::No, CrashOptions::TornLastWrite::Yes}) {
        CrashOptions options{kept, torn, random_()};
        auto clone = world_.crash_clone(options);
        SCOPED_TRACE("after: " + std::string(what) + "; kept " +
                     std::to_string(static_cast<int>(kept)) + ", torn " +
                     std::to_string(static_cast<int>(torn)) + ", seed " +
                     std::to_string(options.seed));
        ++clones_;
        expect_recovers(*clone, clones_ % 23 == 0);
      }
    }
  }

  void expect_recovers(os::MemoryWorld& clone, bool cut_again) {
    if (cut_again) {
      // The power goes a second time while the store recovers.
      clone.on_operation([&](uint64_t index, std::string_view what) {
        if (failed() || index % 3 != nested_ % 3) return;
        SCOPED_TRACE("again after: " + std::string(what));
        CrashOptions options{CrashOptions::Kept::RandomSubset, CrashOptions::TornLastWrite::Yes,
                             random_()};
        ++nested_;
        expect_recovers(*clone.crash_clone(options), false);
      });
    }
    auto store = Store::open(clone, test::small_store(ledger_));
    ASSERT_TRUE(store.ok()) << store.status().to_string();
    for (const LogDamage& damage : (*store)->status().log_damages) {
      ADD_FAILURE() << damage.path << " at " << damage.offset << ", " << damage.bytes
                    << " bytes: " << damage.reason;
    }
    EXPECT_TRUE((*store)->status().quarantined.empty());
    ASSERT_TRUE(ledger_.agrees_with(**store));
    if (clones_ % 4 != 0 && !cut_again) return;

    // It is a store like any other: takes more, flushes, is found again.
    clone.on_operation(nullptr);
    Ledger more(random_());
    size_t request = more.make("tenant-9");
    ASSERT_TRUE(more.append(**store, clone, request).ok());
    ASSERT_TRUE((*store)->sync().ok());
    ASSERT_TRUE(more.is_acknowledged(request));
    Status flushed = (*store)->flush();
    ASSERT_TRUE(flushed.ok()) << flushed.to_string();
    ASSERT_TRUE(more.agrees_with(**store));
    store->reset();
    auto again = Store::open(clone, test::small_store(ledger_));
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_TRUE((*again)->status().log_damages.empty());
    ASSERT_TRUE(more.agrees_with(**again));
    ASSERT_TRUE(ledger_.agrees_with(**again));
  }

  Ledger ledger_;
  std::mt19937_64 random_;
  os::MemoryWorld world_;
  os::FaultyWorld faulty_;
  uint64_t clones_ = 0;
  uint64_t nested_ = 0;
};

TEST(Recovery, loses_nothing_acknowledged_wherever_the_power_is_cut) {
  uint64_t clones = 0, nested = 0;
  size_t acknowledged = 0;
  for (uint64_t seed = 1; seed <= 5 && !HasFailure(); ++seed) {
    SCOPED_TRACE("life of seed " + std::to_string(seed));
    PowerCuts cuts(seed);
    cuts.run(45);
    clones += cuts.clones();
    nested += cuts.nested();
    acknowledged += cuts.acknowledged();
  }
  EXPECT_GE(clones, kClonesMin);
  EXPECT_GE(nested, 100u);
  EXPECT_GE(acknowledged, 30u);
}

}  // namespace
}  // namespace spoor::store
