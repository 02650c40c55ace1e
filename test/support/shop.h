// Random traces of a few services that call one another, databases and queues, and a store in
// memory to put them into. Header only, so that the support library does not link the store.
// Single-threaded.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "os/memory_world.h"
#include "store/store.h"
#include "store/verify.h"
#include "support/arbitrary_spans.h"

namespace spoor::test {

// Traces whose span ids are distinct and whose parents make no circle; some spans name a parent
// that is not there, have odd kinds and status codes, end before they start, or lack attributes
// where others have them.
class Shop {
 public:
  explicit Shop(uint64_t seed) : random_(seed) {}

  uint64_t now() const { return now_; }

  SpanBatch trace() {
    SpanBatch batch;
    batch.scopes.emplace_back();
    for (int i = 0; i < 4; ++i) {
      Resource& resource = batch.resources.emplace_back();
      resource.present = true;
      std::vector<KeyValue> attributes;
      std::string_view service = pick({"cart", "pay", "stock", "mail", ""});
      if (!service.empty()) attributes.push_back(text(batch, "service.name", service));
      if (one_in(3)) attributes.push_back(text(batch, "zone", pick({"a", "b"})));
      resource.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
    }
    now_ += random_() % (20 * kNanosPerSecond);
    std::string_view trace_id = random_bytes(batch, TraceId::kSize);
    size_t spans = 1 + random_() % 15;
    for (size_t i = 0; i < spans; ++i) batch.spans.push_back(span(batch, trace_id));
    return batch;
  }

 private:
  Span span(SpanBatch& batch, std::string_view trace_id) {
    Span span;
    span.resource = static_cast<uint32_t>(random_() % batch.resources.size());
    span.trace_id = trace_id;
    span.span_id = random_bytes(batch, SpanId::kSize);
    if (!batch.spans.empty() && !one_in(8)) {
      span.parent_span_id = batch.spans[random_() % batch.spans.size()].span_id;
    } else if (one_in(4)) {
      span.parent_span_id = random_bytes(batch, SpanId::kSize);
    }
    span.name = pick({"get", "put", "", "GET /cart/{id}", "ship"});
    if (one_in(20)) span.name = batch.arena.copy("item " + std::to_string(random_() % 1000));
    span.kind = one_in(30) ? 9 : static_cast<uint32_t>(random_() % 6);
    span.status.present = !one_in(3);
    if (span.status.present) span.status.code = one_in(20) ? 5 : random_() % 3;
    span.start = UnixNanos{now_ + random_() % (90 * kNanosPerSecond)};
    span.end = UnixNanos{span.start.value + (random_() >> random_() % 64) % kNanosPerHour};
    if (one_in(20)) span.end = UnixNanos{span.start.value - random_() % 1000};
    span.attributes = attributes(batch);
    return span;
  }

  Attributes attributes(SpanBatch& batch) {
    std::vector<KeyValue> list;
    if (one_in(2)) list.push_back(text(batch, "user", std::to_string(random_() % 50)));
    for (std::string_view key :
         {"peer.service", "db.system", "db.system.name", "db.name", "db.namespace",
          "messaging.system", "messaging.destination.name"}) {
      if (!one_in(8)) continue;
      list.push_back(text(batch, key, pick({"orders", "redis", "cart", "", "events"})));
      if (one_in(10)) list.back().value = Value::of_int(3);
      if (one_in(10)) list.push_back(text(batch, key, "second of the key"));
    }
    return batch.arena.copy(std::span<const KeyValue>(list));
  }

  bool one_in(uint64_t n) { return random_() % n == 0; }
  std::string_view pick(std::initializer_list<std::string_view> of) {
    return of.begin()[random_() % of.size()];
  }
  std::string_view random_bytes(SpanBatch& batch, size_t size) {
    std::string bytes;
    while (bytes.size() < size) append_le(bytes, random_());
    return batch.arena.copy(std::string_view(bytes).substr(0, size));
  }
  static KeyValue text(SpanBatch& batch, std::string_view key, std::string_view value) {
    return {batch.arena.copy(key), Value::of_string(batch.arena.copy(value))};
  }

  std::mt19937_64 random_;
  // Shortly before midnight, so that flushes fall into two days.
  uint64_t now_ = 20'775 * kNanosPerDay - 3 * kNanosPerMinute;
};

// A store in memory whose requests are batches.
class ShopStore {
 public:
  explicit ShopStore(uint32_t shards = 1) {
    store::StoreOptions options;
    options.path = "/s";
    options.background = store::Background::Manual;
    options.shards_per_tenant = shards;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return unimplemented("nothing is replayed");
    };
    auto opened = store::Store::open(world_, options);
    EXPECT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }

  // Acknowledged before it returns.
  void append(const SpanBatch& batch, const std::string& tenant = "default") {
    append_unsynced(batch, tenant);
    EXPECT_TRUE(store_->sync().ok());
  }
  void append_unsynced(const SpanBatch& batch, const std::string& tenant = "default") {
    std::string body = std::to_string(++requests_);
    TenantId id = TenantId::parse(tenant).value();
    auto appended = store_->append({.tenant = id,
                                    .body = body,
                                    .body_hash = hash128(body),
                                    .received = world_.now(),
                                    .batch = batch,
                                    .refused = {}});
    EXPECT_TRUE(appended.ok()) << appended.status().to_string();
  }
  void flush() {
    Status flushed = store_->flush();
    EXPECT_TRUE(flushed.ok()) << flushed.to_string();
  }
  Status merge_all() { return store_->merge_all(); }
  store::Snapshot snapshot(const std::string& tenant = "default") {
    return store_->snapshot(TenantId::parse(tenant).value());
  }

  // All traces of the sections, each a batch.
  std::vector<SpanBatch> stored_spans() {
    std::vector<SpanBatch> traces;
    for (const auto& section : snapshot().sections) {
      Status read = section->scan([&](const store::TracePlace&, const SpanBatch& batch) {
        traces.push_back(copy_batch(batch));
        return Status();
      });
      EXPECT_TRUE(read.ok()) << read.to_string();
    }
    return traces;
  }

  // Flips bits of one byte of a file.
  void corrupt(const std::string& path, uint64_t offset) {
    EXPECT_TRUE(world_.corrupt(path, offset, 1).ok());
  }

  // What verify finds; empty if nothing.
  std::string verify() {
    auto report = store::verify_store(world_, "/s");
    if (!report.ok()) return report.status().to_string();
    return report->findings.empty() ? "" : report->findings.front().what;
  }

 private:
  os::MemoryWorld world_;
  std::unique_ptr<store::Store> store_;
  uint64_t requests_ = 0;
};

}  // namespace spoor::test
