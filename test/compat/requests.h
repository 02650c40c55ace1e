// The spans that the files of test/compat hold: everything odd that a sender can say, and beside it
// what each encoding of a column is made for. Header only. Single-threaded.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/arbitrary_spans.h"

namespace spoor::test {

class CompatRequests {
 public:
  static constexpr uint64_t kNow = 1'795'000'000'000'000'000;

  SpanBatch arbitrary() {
    ArbitraryOptions options;
    options.spans_max = 25;
    options.attributes_max = 5;
    options.string_bytes_max = 60;
    options.times = Times::Recent;
    options.now = UnixNanos{kNow};
    return arbitrary_batch(random_, options);
  }

  // Traces of one shape with identities of all kinds, some of them shared within the trace.
  SpanBatch usual() {
    SpanBatch batch = begin();
    for (int trace = 0; trace < 40; ++trace) {
      begin_trace(batch);
      std::string session = uuid(), order = hex(20), user = std::to_string(random_() % 100'000'000);
      std::string address =
          "10." + std::to_string(random_() % 256) + ".0." + std::to_string(random_() % 256);
      for (int place = 0; place < 8; ++place) {
        std::vector<KeyValue> attributes = {
            {"session.id", text(batch, session)},
            {"request.id", text(batch, uuid())},
            {"user.id", text(batch, "u" + user)},
            {"path", text(batch, "/cart/" + user + "/item/" + hex(3))},
            {"region", text(batch, "region-" + std::to_string(random_() % 40))},
            {"counter", Value::of_int(counter_++)},
            {"price", Value::of_double(static_cast<double>(random_() % 10'000) / 100)},
            {"cached", Value::of_bool(random_() % 2 == 0)}};
        if (place % 3 == 0) attributes.push_back({"order.id", text(batch, order)});
        if (place == 5) attributes.push_back({"client.address", text(batch, address)});
        add(batch, place, "step " + std::to_string(place), attributes);
      }
    }
    return batch;
  }

  // Names and keys of their own for every span.
  SpanBatch rare() {
    SpanBatch batch = begin();
    for (int trace = 0; trace < 40; ++trace) {
      begin_trace(batch);
      for (int place = 0; place < 8; ++place) {
        std::string number = std::to_string(counter_++);
        std::string name = place % 2 == 0 ? "GET /" + number : "step";
        std::string key = place % 3 == 0 ? "key" : "key." + number;
        add(batch, place, name,
            {{"usual", Value::of_int(static_cast<int64_t>(random_() % 50))},
             {batch.arena.copy(std::string_view(key)), text(batch, "value " + number)}});
      }
    }
    return batch;
  }

 private:
  SpanBatch begin() {
    SpanBatch batch;
    Resource& resource = batch.resources.emplace_back();
    resource.present = true;
    KeyValue service{"service.name", Value::of_string("shop")};
    resource.attributes = batch.arena.copy(std::span<const KeyValue>(&service, 1));
    batch.scopes.emplace_back().present = true;
    return batch;
  }

  void begin_trace(SpanBatch& batch) {
    trace_id_ = id(batch, 16);
    first_ = batch.spans.size();
    start_ += random_() % 1'000'000'000;
  }

  void add(SpanBatch& batch, int place, const std::string& name,
           const std::vector<KeyValue>& attributes) {
    Span span;
    span.trace_id = trace_id_;
    span.span_id = id(batch, 8);
    if (place > 0) span.parent_span_id = batch.spans[first_ + random_() % place].span_id;
    span.name = batch.arena.copy(std::string_view(name));
    span.kind = kKindServer;
    span.start.value = start_ + static_cast<uint64_t>(place) * 10'000 + random_() % 10'000;
    span.end.value = span.start.value + 1'000 * (random_() % 100'000);
    span.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
    batch.spans.push_back(span);
  }

  std::string hex(size_t bytes) {
    std::string raw(bytes, '\0');
    for (char& byte : raw) byte = static_cast<char>(random_());
    return to_hex(raw);
  }
  std::string uuid() {
    std::string digits = hex(16);
    for (size_t dash : {8, 13, 18, 23}) digits.insert(dash, 1, '-');
    return digits;
  }
  static Value text(SpanBatch& batch, const std::string& value) {
    return Value::of_string(batch.arena.copy(std::string_view(value)));
  }
  std::string_view id(SpanBatch& batch, size_t bytes) {
    std::string raw(bytes, '\0');
    for (char& byte : raw) byte = static_cast<char>(random_());
    return batch.arena.copy(std::string_view(raw));
  }

  std::mt19937_64 random_{1};
  std::string_view trace_id_;
  size_t first_ = 0;
  uint64_t start_ = kNow - 3600 * kNanosPerSecond;
  int64_t counter_ = 0;
};

}  // namespace spoor::test
