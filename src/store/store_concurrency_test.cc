// Everything at once, with the store's own threads: appends, flushes, merges, dropped days, traces
// by id and snapshots that are read. What it proves comes from the thread sanitizer, and that no
// acknowledged span is missing at any moment.
#include <gtest/gtest.h>

#include <array>
#include <atomic>

#include "os/memory_world.h"
#include "os/thread.h"
#include "store/store.h"

namespace spoor::store {
namespace {

constexpr uint64_t kAppenders = 2;
constexpr uint64_t kRequests = 250;
constexpr uint64_t kNow = 1'795'000'000'000'000'000;

TraceId trace_of(uint64_t appender) {
  return TraceId{{'x', static_cast<char>(appender)}};
}

class Crowd {
 public:
  Crowd() {
    StoreOptions options;
    options.path = "/s";
    options.head_bytes = 32 << 10;
    options.segment_bytes = 64 << 10;
    options.shards_per_tenant = 2;
    options.merge_bytes_per_second = 0;
    options.retention_nanos = kNanosPerDay;
    options.decode = [](const LogRecord&) { return Result<ReplayedBody>(ReplayedBody{}); };
    world_.set_now(UnixNanos{kNow});
    store_ = Store::open(world_, options).value();
  }

  // An appender's trace lies in the newest day, with other traces in days that go.
  void append_all(uint64_t appender) {
    for (uint64_t i = 0; i < kRequests;) {
      uint64_t number = appender * kRequests + i;
      uint64_t days_ago = i % 5;
      SpanBatch batch;
      batch.resources.emplace_back();
      batch.scopes.emplace_back();
      for (uint64_t k = 0; k < 2; ++k) {
        Span span;
        span.trace_id = batch.arena.copy(
            k == 0
                ? trace_of(appender).view()
                : TraceId{{'y', static_cast<char>(number), static_cast<char>(number >> 8)}}.view());
        span.span_id =
            batch.arena.copy(std::string_view(reinterpret_cast<const char*>(&number), 8));
        span.name = "work";
        span.start.value = kNow - (k == 0 ? 0 : days_ago * kNanosPerDay);
        span.end = span.start;
        batch.spans.push_back(span);
      }
      std::string body = "request " + std::to_string(number);
      auto appended = store_->append({.tenant = tenant_,
                                      .body = body,
                                      .body_hash = hash128(body),
                                      .received = world_.now(),
                                      .batch = batch,
                                      .refused = {}});
      if (!appended.ok()) continue;
      wait_for(appended->position);
      durable_[appender] = ++i;
    }
  }

  void find_all() {
    for (uint64_t k = 0; !stop_; k = (k + 1) % kAppenders) {
      uint64_t expected = durable_[k];
      auto found = store_->find_trace(tenant_, trace_of(k));
      EXPECT_TRUE(found.ok() && found->missing.empty());
      EXPECT_GE(found->batch.spans.size(), expected);
    }
  }

  // What a snapshot names stays readable, whatever is merged and dropped meanwhile.
  void scan_all() {
    while (!stop_) {
      Snapshot snapshot = store_->snapshot(tenant_);
      for (const auto& section : snapshot.sections) {
        Status read = section->scan([](const TracePlace&, const SpanBatch&) { return Status(); });
        EXPECT_TRUE(read.ok()) << read.to_string();
      }
      EXPECT_TRUE(snapshot.missing.empty());
      (void)store_->status();
    }
  }

  void change_all() {
    while (!stop_) {
      EXPECT_TRUE(store_->flush().ok());
      Status merged = store_->merge_all();
      EXPECT_TRUE(merged.ok() || merged.code() == Code::Cancelled) << merged.to_string();
      EXPECT_TRUE(store_->retain().ok());
    }
  }

  void run() {
    os::Thread finder("finder", [this] { find_all(); });
    os::Thread scanner("scanner", [this] { scan_all(); });
    os::Thread changer("changer", [this] { change_all(); });
    std::vector<os::Thread> appenders;
    for (uint64_t k = 0; k < kAppenders; ++k) {
      appenders.emplace_back("appender", [this, k] { append_all(k); });
    }
    for (os::Thread& thread : appenders) thread.join();
    stop_ = true;
    finder.join();
    scanner.join();
    changer.join();
  }

  void expect_whole() {
    for (uint64_t k = 0; k < kAppenders; ++k) {
      auto found = store_->find_trace(tenant_, trace_of(k));
      EXPECT_EQ(found->batch.spans.size(), kRequests);
    }
    StoreStatus status = store_->status();
    EXPECT_GT(status.merges.done, 0u);
    EXPECT_GT(status.retention.dropped_days, 0u);
    EXPECT_TRUE(status.quarantined.empty());
    EXPECT_TRUE(store_->close().ok());
  }

 private:
  void wait_for(LogPosition position) {
    Mutex mutex;
    CondVar changed;
    bool done = false;
    store_->when_durable(position, [&](const Status& status) {
      EXPECT_TRUE(status.ok());
      MutexLock lock(mutex);
      done = true;
      changed.notify_all();
    });
    MutexLock lock(mutex);
    while (!done) changed.wait(mutex);
  }

  const TenantId tenant_ = TenantId::default_tenant();
  os::MemoryWorld world_;
  std::unique_ptr<Store> store_;
  std::array<std::atomic<uint64_t>, kAppenders> durable_{};
  std::atomic<bool> stop_{false};
};

TEST(StoreConcurrency, nothing_is_missing_while_everything_happens_at_once) {
  Crowd crowd;
  crowd.run();
  crowd.expect_whole();
}

}  // namespace
}  // namespace spoor::store
