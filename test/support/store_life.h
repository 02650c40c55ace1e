// A scripted life of a store and the ledger that it is compared with: requests of several
// tenants, syncs, flushes, repeats, kills, clean stops, fences. Header only, so that the support
// library does not link the store. Merges happen in between. Single-threaded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "os/faulty_world.h"
#include "store/store.h"
#include "support/arbitrary_spans.h"

namespace spoor::test {

// What was sent and what was acknowledged. A body is the number of its request and some filling,
// so that replay finds the batch here.
class Ledger {
 public:
  // With a day all spans are of it, and bodies differ from those of other days' ledgers.
  explicit Ledger(uint64_t seed, std::optional<uint64_t> day = {})
      : seed_(seed), day_(day), random_(seed) {
    for (int i = 0; i < 5; ++i) {
      TraceId& id = pool_.emplace_back();
      for (char& byte : id.bytes) byte = static_cast<char>(random_());
    }
  }

  // A new request of a few spans, many of them of traces that other requests share.
  size_t make(const std::string& tenant) {
    ArbitraryOptions options;
    options.spans_max = 4;
    options.attributes_max = 3;
    options.string_bytes_max = 60;
    options.times = Times::Recent;
    options.now.value += (day_ ? *day_ : random_() % 2) * kNanosPerDay;
    auto request = std::make_unique<Request>();
    request->tenant = tenant;
    while (request->batch.spans.empty()) request->batch = arbitrary_batch(random_, options);
    for (Span& span : request->batch.spans) {
      if (random_() % 3 != 0) span.trace_id = pool_[random_() % pool_.size()].view();
    }
    append_le(request->body, static_cast<uint64_t>(requests_.size()));
    if (day_) append_le(request->body, seed_);
    request->body.append(random_() % 10 == 0 ? random_() % 9'000 : random_() % 200, 'x');
    for (const Span& span : request->batch.spans) {
      std::pair key(tenant, TraceId::from_bytes(span.trace_id));
      std::string text = to_text(request->batch, span);
      spans_[key].try_emplace(text, false);
      request->texts.emplace_back(std::move(key), std::move(text));
    }
    requests_.push_back(std::move(request));
    return requests_.size() - 1;
  }

  Result<store::Appended> append(store::Store& store, os::World& world, size_t number) {
    const Request& request = *requests_[number];
    TenantId tenant = TenantId::parse(request.tenant).value();
    store::AppendRequest append{.tenant = tenant,
                                .body = request.body,
                                .body_hash = hash128(request.body),
                                .received = world.now(),
                                .batch = request.batch,
                                .refused = {}};
    Result<store::Appended> appended = store.append(append);
    if (!appended.ok()) return appended;
    store.when_durable(appended->position, [this, number](const Status& status) {
      if (status.ok()) acknowledge(number);
    });
    return appended;
  }

  void acknowledge(size_t number) {
    Request& request = *requests_[number];
    acknowledged_ += request.acknowledged ? 0 : 1;
    request.acknowledged = true;
    for (const auto& [key, text] : request.texts) spans_[key][text] = true;
  }
  bool is_acknowledged(size_t number) const { return requests_[number]->acknowledged; }
  size_t acknowledged() const { return acknowledged_; }
  size_t sent() const { return requests_.size(); }
  const std::string& body(size_t number) const { return requests_[number]->body; }
  const std::string& tenant(size_t number) const { return requests_[number]->tenant; }

  store::ReplayDecoder decoder() const {
    return [this](const store::LogRecord& record) -> Result<store::ReplayedBody> {
      if (record.body.size() < sizeof(uint64_t)) return data_loss("no request");
      uint64_t number = load_le<uint64_t>(record.body.data());
      if (number >= requests_.size() || requests_[number]->body != record.body) {
        return data_loss("a body that was not sent");
      }
      return store::ReplayedBody{copy_batch(requests_[number]->batch), {}};
    };
  }

  // Every acknowledged span is found, nothing that was not sent, nothing twice. A span may be
  // absent only where `missing` says that something cannot be read; `told` counts those traces.
  testing::AssertionResult agrees_with(store::Store& store, size_t* told = nullptr) const {
    for (const auto& [key, spans] : spans_) {
      auto found = store.find_trace(TenantId::parse(key.first).value(), key.second);
      if (!found.ok()) return testing::AssertionFailure() << found.status().to_string();
      if (!found->missing.empty() && told == nullptr) {
        return testing::AssertionFailure() << "missing: " << found->missing.front();
      }
      if (!found->missing.empty()) ++*told;
      std::set<std::string> texts;
      for (const Span& span : found->batch.spans) {
        std::string text = to_text(found->batch, span);
        if (!spans.contains(text)) return testing::AssertionFailure() << "foreign: " << text;
        if (!texts.insert(text).second) return testing::AssertionFailure() << "twice: " << text;
      }
      for (const auto& [text, acknowledged] : spans) {
        if (acknowledged && !texts.contains(text) && found->missing.empty()) {
          return testing::AssertionFailure() << "lost, of " << key.first << ": " << text;
        }
      }
    }
    return testing::AssertionSuccess();
  }

  // Whether nothing of what was sent is there.
  bool is_gone(store::Store& store) const {
    for (const auto& [key, spans] : spans_) {
      auto found = store.find_trace(TenantId::parse(key.first).value(), key.second);
      if (!found.ok() || !found->batch.spans.empty()) return false;
    }
    return true;
  }

 private:
  struct Request {
    std::string tenant;
    SpanBatch batch;
    std::string body;
    std::vector<std::pair<std::pair<std::string, TraceId>, std::string>> texts;
    bool acknowledged = false;
  };
  const uint64_t seed_;
  const std::optional<uint64_t> day_;
  std::mt19937_64 random_;
  std::vector<TraceId> pool_;
  std::vector<std::unique_ptr<Request>> requests_;
  size_t acknowledged_ = 0;
  // By tenant and trace: the spans as text, and whether they were acknowledged.
  std::map<std::pair<std::string, TraceId>, std::map<std::string, bool>> spans_;
};

inline store::StoreOptions small_store(const Ledger& ledger) {
  store::StoreOptions options;
  options.path = "/s";
  options.background = store::Background::Manual;
  options.segment_bytes = 8 << 10;
  options.head_bytes = 256 << 10;
  options.decode = ledger.decoder();
  return options;
}

// Steps through a life. Errors of the world below are endured as the program endures them:
// a store that cannot be opened is opened at the next step, a fenced log is reopened.
class StoreLife {
 public:
  StoreLife(os::FaultyWorld& world, Ledger& ledger, store::StoreOptions options, uint64_t seed)
      : world_(world), ledger_(ledger), options_(std::move(options)), random_(seed) {}

  store::Store* store() { return store_.get(); }
  void kill() { store_.reset(); }

  void step() {
    if (!store_) return open();
    uint64_t dice = random_() % 112;
    if (dice >= 106) return (void)store_->merge_all();
    if (dice >= 102) return (void)store_->merge();
    if (dice >= 100) return (void)store_->retain();
    if (dice < 45) return append(ledger_.make("tenant-" + std::to_string(random_() % 3)));
    if (dice < 70) return (void)store_->sync();
    if (dice < 77 && ledger_.sent() > 0) return append(random_() % ledger_.sent());
    if (dice < 87) return (void)store_->flush();
    if (dice < 91) return kill();
    if (dice < 94) {
      (void)store_->close();
      return kill();
    }
    if (!store_->status().fence.ok()) return (void)store_->reopen();
    if (dice < 97 && fence_) fence_();
  }

  // Called now and then to make the next sync fail.
  void on_fence(std::function<void()> fence) { fence_ = std::move(fence); }

 private:
  void open() {
    auto opened = store::Store::open(world_, options_);
    if (opened.ok()) store_ = std::move(*opened);
  }

  void append(size_t number) {
    Result<store::Appended> appended = ledger_.append(*store_, world_, number);
    if (appended.ok()) return;
    EXPECT_EQ(appended.status().code(), Code::Unavailable) << appended.status().to_string();
    EXPECT_TRUE(appended.status().retry_delay_ms().has_value());
  }

  os::FaultyWorld& world_;
  Ledger& ledger_;
  const store::StoreOptions options_;
  std::mt19937_64 random_;
  std::unique_ptr<store::Store> store_;
  std::function<void()> fence_;
};

}  // namespace spoor::test
