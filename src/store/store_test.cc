#include "store/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "os/memory_world.h"
#include "os/thread.h"
#include "store/file_names.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using test::Ledger;

class StoreTest : public testing::Test {
 protected:
  StoreTest() : ledger_(1), options_(test::small_store(ledger_)) {}

  void open() {
    store_.reset();
    auto opened = Store::open(world_, options_);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }
  void append(const std::string& tenant) {
    ASSERT_TRUE(ledger_.append(*store_, world_, ledger_.make(tenant)).ok());
  }
  void append_and_sync(int requests, const std::string& tenant = "a") {
    for (int i = 0; i < requests; ++i) append(tenant);
    ASSERT_TRUE(store_->sync().ok());
  }

  // A request of one span with these times; its body is its name.
  Result<Appended> append_span(const std::string& tenant, const TraceId& trace, uint64_t number,
                               UnixNanos start, UnixNanos end) {
    SpanBatch batch;
    batch.resources.emplace_back();
    batch.scopes.emplace_back();
    Span span;
    span.trace_id = trace.view();
    span.span_id = {reinterpret_cast<const char*>(&number), sizeof number};
    span.start = start;
    span.end = end;
    batch.spans.push_back(span);
    std::string body = "span " + std::to_string(number);
    TenantId id = TenantId::parse(tenant).value();
    return store_->append({.tenant = id,
                           .body = body,
                           .body_hash = hash128(body),
                           .received = world_.now(),
                           .batch = batch,
                           .refused = {}});
  }
  size_t spans_of(const std::string& tenant, const TraceId& trace) {
    auto found = store_->find_trace(TenantId::parse(tenant).value(), trace);
    EXPECT_TRUE(found.ok() && found->missing.empty());
    return found->batch.spans.size();
  }

  os::MemoryWorld world_;
  Ledger ledger_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

constexpr TraceId kTrace{{'t', 'r', 'a', 'c', 'e'}};

TEST_F(StoreTest, a_directory_has_one_store) {
  open();
  auto second = Store::open(world_, options_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::FailedPrecondition);
  EXPECT_NE(second.status().message().find("in use"), std::string::npos);
  store_.reset();
  EXPECT_TRUE(Store::open(world_, options_).ok());
}

TEST_F(StoreTest, an_exact_repeat_is_stored_once_and_acknowledged_with_the_first) {
  open();
  auto now = world_.now();
  auto first = append_span("a", kTrace, 1, now, now);
  auto repeat = append_span("a", kTrace, 1, now, now);
  ASSERT_TRUE(first.ok() && repeat.ok());
  EXPECT_EQ(repeat->outcome, Appended::Outcome::Repeated);
  EXPECT_EQ(repeat->position, first->position);
  bool acknowledged = false;
  store_->when_durable(repeat->position, [&](const Status& s) { acknowledged = s.ok(); });
  EXPECT_FALSE(acknowledged);
  EXPECT_EQ(spans_of("a", kTrace), 0u);  // not yet
  ASSERT_TRUE(store_->sync().ok());
  EXPECT_TRUE(acknowledged);
  EXPECT_EQ(spans_of("a", kTrace), 1u);
  EXPECT_EQ(store_->status().head_spans, 1u);
  // Of another tenant the same body is another request.
  EXPECT_EQ(append_span("b", kTrace, 1, now, now)->outcome, Appended::Outcome::Stored);
  EXPECT_EQ(append_span("a", kTrace, 2, now, now)->outcome, Appended::Outcome::Stored);
}

TEST_F(StoreTest, a_repeat_is_recognised_after_a_restart) {
  open();
  size_t request = ledger_.make("a");
  ASSERT_TRUE(ledger_.append(*store_, world_, request).ok());
  ASSERT_TRUE(store_->sync().ok());
  for (int restart = 0; restart < 2; ++restart) {
    open();
    auto repeat = ledger_.append(*store_, world_, request);
    ASSERT_TRUE(repeat.ok());
    EXPECT_EQ(repeat->outcome, Appended::Outcome::Repeated);
  }
  world_.advance(20 * kNanosPerMinute);
  open();
  EXPECT_EQ(ledger_.append(*store_, world_, request)->outcome, Appended::Outcome::Stored);
  ASSERT_TRUE(store_->sync().ok());
  EXPECT_TRUE(ledger_.agrees_with(*store_));  // equal spans are one all the same
}

TEST_F(StoreTest, tenants_see_their_own_spans_only) {
  open();
  auto now = world_.now();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(append_span("a", kTrace, static_cast<uint64_t>(10 + round), now, now).ok());
    ASSERT_TRUE(append_span("b", kTrace, static_cast<uint64_t>(20 + round), now, now).ok());
    ASSERT_TRUE(append_span("b", kTrace, static_cast<uint64_t>(30 + round), now, now).ok());
    ASSERT_TRUE(round == 0 ? store_->flush().ok() : store_->sync().ok());
  }
  EXPECT_EQ(spans_of("a", kTrace), 2u);
  EXPECT_EQ(spans_of("b", kTrace), 4u);
  EXPECT_EQ(spans_of("c", kTrace), 0u);
}

TEST_F(StoreTest, a_trace_in_the_head_and_in_several_parts_is_whole_and_has_nothing_twice) {
  open();
  auto now = world_.now();
  uint64_t number = 0;
  for (int part = 0; part < 3; ++part) {
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append_span("a", kTrace, ++number, now, now).ok());
    ASSERT_TRUE(store_->flush().ok());
    // Content that came before, in another request.
    world_.advance(20 * kNanosPerMinute);
    options_.head_bytes += 1;
  }
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(append_span("a", kTrace, ++number, now, now).ok());
  ASSERT_TRUE(store_->sync().ok());
  EXPECT_EQ(spans_of("a", kTrace), 16u);
  EXPECT_EQ(store_->status().manifest.parts.size(), 3u);
}

TEST_F(StoreTest, memory_beyond_the_budget_refuses_until_a_flush) {
  os::MemoryBudget budget(64 << 10);
  options_.budget = &budget;
  open();
  Status refused;
  for (int i = 0; i < 10'000 && refused.ok(); ++i) {
    refused = ledger_.append(*store_, world_, ledger_.make("a")).status();
  }
  EXPECT_EQ(refused.code(), Code::Unavailable);
  EXPECT_TRUE(refused.retry_delay_ms().has_value());
  EXPECT_LE(budget.used_bytes(), budget.limit_bytes());
  ASSERT_TRUE(store_->flush().ok());
  append_and_sync(1);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  store_.reset();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST_F(StoreTest, a_replay_larger_than_the_head_is_written_to_parts_on_the_way) {
  open();
  append_and_sync(150);
  size_t head_bytes = store_->status().head_bytes;
  options_.head_bytes = head_bytes / 4;
  open();
  EXPECT_GE(store_->status().manifest.parts.size(), 3u);
  EXPECT_LT(store_->status().head_bytes, head_bytes / 2);
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
}

TEST_F(StoreTest, parts_are_of_the_day_of_the_earliest_span) {
  open();
  UnixNanos evening{20'000 * kNanosPerDay - 1};
  UnixNanos morning{20'000 * kNanosPerDay};
  UnixNanos last{~uint64_t{0}};
  ASSERT_TRUE(append_span("a", kTrace, 1, morning, morning).ok());
  ASSERT_TRUE(append_span("a", kTrace, 2, evening, morning).ok());
  ASSERT_TRUE(append_span("a", TraceId{{1}}, 3, morning, evening).ok());  // ends before it starts
  ASSERT_TRUE(append_span("a", TraceId{{2}}, 4, UnixNanos{0}, UnixNanos{0}).ok());
  ASSERT_TRUE(append_span("a", TraceId{{3}}, 5, last, last).ok());  // 2554
  ASSERT_TRUE(append_span("a", TraceId{{4}}, 6, UnixNanos{0}, last).ok());
  ASSERT_TRUE(store_->flush().ok());
  std::vector<uint32_t> days;
  std::vector<uint64_t> spans;
  for (const ManifestPart& part : store_->status().manifest.parts) {
    days.push_back(part.day.value);
    spans.push_back(part.spans);
  }
  EXPECT_EQ(days, (std::vector<uint32_t>{0, 19'999, 20'000, 213'503}));
  EXPECT_EQ(spans, (std::vector<uint64_t>{2, 2, 1, 1}));
  open();
  EXPECT_EQ(spans_of("a", kTrace), 2u);
  auto found = store_->find_trace(TenantId::parse("a").value(), TraceId{{4}});
  ASSERT_EQ(found->batch.spans.size(), 1u);
  EXPECT_EQ(found->batch.spans[0].end, last);
  EXPECT_EQ(spans_of("a", TraceId{{3}}), 1u);
}

TEST_F(StoreTest, without_manifests_the_parts_are_adopted_and_nothing_is_lost) {
  open();
  for (int part = 0; part < 3; ++part) {
    append_and_sync(3, "a");
    append_and_sync(2, "b");
    ASSERT_TRUE(store_->flush().ok());
  }
  append_and_sync(2);
  uint64_t newest = store_->status().manifest.generation;
  size_t parts = store_->status().manifest.parts.size();
  store_.reset();
  for (int lost = 1; lost < 4; ++lost) {  // bit 0: the newest, bit 1: the one before
    for (bool removed : {false, true}) {
      auto clone = world_.crash_clone({.kept = os::CrashOptions::Kept::Everything});
      for (uint64_t k : {0, 1}) {
        if ((lost >> k & 1) == 0) continue;
        std::string path = manifest_path("/s", newest - k);
        ASSERT_TRUE(removed ? clone->remove_file(path).ok() : clone->corrupt(path, 20, 4).ok());
      }
      auto store = Store::open(*clone, options_);
      ASSERT_TRUE(store.ok()) << store.status().to_string();
      EXPECT_TRUE(ledger_.agrees_with(**store)) << lost;
      EXPECT_TRUE((*store)->status().log_damages.empty());
      // A newest manifest that is gone without a trace leaves the one before it, and the log.
      if (!(removed && lost == 1)) EXPECT_EQ((*store)->status().manifest.parts.size(), parts);
      ASSERT_TRUE((*store)->flush().ok());
      store->reset();
      auto again = Store::open(*clone, options_);
      ASSERT_TRUE(again.ok());
      EXPECT_TRUE(ledger_.agrees_with(**again)) << lost;
    }
  }
}

TEST_F(StoreTest, a_clean_stop_leaves_everything_in_parts_and_restarts_leave_no_segments) {
  open();
  append_and_sync(5);
  ASSERT_TRUE(store_->close().ok());
  for (int restart = 0; restart < 10; ++restart) open();
  EXPECT_TRUE(ledger_.agrees_with(*store_));
  auto segments = world_.list_directory("/s/log");
  EXPECT_LE(segments->size(), 3u);
}

// Appenders, finders and flushes at once, with the store's own threads.
TEST_F(StoreTest, a_trace_is_found_while_it_is_written_to_parts) {
  options_.background = Background::Threads;
  options_.head_bytes = 64 << 10;
  options_.shards_per_tenant = 2;
  options_.segment_bytes = 64 << 10;
  open();
  constexpr uint64_t kAppenders = 3, kRequests = 400;
  std::array<std::atomic<uint64_t>, kAppenders> durable{};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> refused{0};
  auto trace_of = [](uint64_t appender) { return TraceId{{'x', static_cast<char>(appender)}}; };
  auto append_all = [&](uint64_t appender) {
    for (uint64_t i = 0; i < kRequests;) {
      uint64_t number = appender * kRequests + i;
      auto now = world_.now();
      auto appended = append_span("a", trace_of(appender), number, now, now);
      if (!appended.ok()) {
        refused += 1;
        continue;
      }
      Mutex mutex;
      CondVar changed;
      bool done = false;
      store_->when_durable(appended->position, [&](const Status& status) {
        EXPECT_TRUE(status.ok());
        MutexLock lock(mutex);
        done = true;
        changed.notify_all();
      });
      MutexLock lock(mutex);
      while (!done) changed.wait(mutex);
      durable[appender] = ++i;
    }
  };
  auto find_all = [&] {
    for (uint64_t k = 0; !stop; k = (k + 1) % kAppenders) {
      uint64_t expected = durable[k];
      uint64_t got = spans_of("a", trace_of(k));
      EXPECT_GE(got, expected);
      EXPECT_LE(got, kRequests);
    }
  };
  auto flush_all = [&] {
    while (!stop) EXPECT_TRUE(store_->flush().ok());
  };
  {
    os::Thread finder("finder", find_all);
    os::Thread flusher("flusher", flush_all);
    std::vector<os::Thread> appenders;
    for (uint64_t k = 0; k < kAppenders; ++k) {
      appenders.emplace_back("appender", [&, k] { append_all(k); });
    }
    for (os::Thread& thread : appenders) thread.join();
    stop = true;
    finder.join();
    flusher.join();
  }
  for (uint64_t k = 0; k < kAppenders; ++k) EXPECT_EQ(spans_of("a", trace_of(k)), kRequests);
  ASSERT_TRUE(store_->close().ok());
  options_.background = Background::Manual;
  open();
  EXPECT_TRUE(store_->status().log_damages.empty());
  for (uint64_t k = 0; k < kAppenders; ++k) EXPECT_EQ(spans_of("a", trace_of(k)), kRequests);
}

}  // namespace
}  // namespace spoor::store
