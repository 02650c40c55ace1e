#include "bench/disk_corpora.h"

#include <array>
#include <random>
#include <string>

#include "app/load_generator.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "wire/otlp_decode.h"

namespace spoor::bench {
namespace {

constexpr uint64_t kStart = 1'795'000'000'000'000'000;
constexpr size_t kSpansPerRequest = 512;
constexpr size_t kSpansPerTrace = 10;

Corpus shop() {
  auto generator = std::make_shared<app::LoadGenerator>(1);
  auto body = std::make_shared<std::string>();
  return [=, at = kStart](SpanBatch& batch) mutable {
    at += 5 * kNanosPerMilli;
    generator->next(kSpansPerRequest, UnixNanos{at}, *body);
    auto decoded = wire::decode_otlp(*body);
    SPOOR_ASSERT(decoded.ok());
    batch = std::move(decoded->batch);
  };
}

// What fills in the attributes of a span. `trace` and `place` say which span it is.
class Traces {
 public:
  using Attributes = std::vector<KeyValue>;
  virtual ~Traces() = default;

  void next(SpanBatch& batch) {
    batch_ = &batch;
    batch.clear();
    for (std::string_view service : {"front", "middle", "back"}) {
      Resource& resource = batch.resources.emplace_back();
      resource.present = true;
      KeyValue name{"service.name", Value::of_string(service)};
      resource.attributes = batch.arena.copy(std::span<const KeyValue>(&name, 1));
    }
    batch.scopes.emplace_back().present = true;
    while (batch.spans.size() < kSpansPerRequest) add_trace();
  }

 protected:
  virtual size_t spans_of_trace() { return kSpansPerTrace; }
  virtual size_t parent_of(size_t place) { return random() % std::min<size_t>(place, 3); }
  // After its parent's start, or after that of the span before.
  enum class Order { Tree, Sequence };
  virtual Order order() { return Order::Tree; }
  virtual std::string name_of(size_t place) { return "operation-" + std::to_string(place); }
  virtual void begin_trace() {}
  virtual void attributes(size_t place, Attributes& attributes) = 0;

  uint64_t random() { return random_(); }
  std::string hex(size_t digits) {
    std::string text;
    while (text.size() < digits) {
      uint64_t value = random();
      append_hex(text, std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
    }
    text.resize(digits);
    return text;
  }
  std::string uuid() {
    std::string text = hex(32);
    for (size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
    return text;
  }
  void add(Attributes& target, std::string_view key, std::string_view text) {
    target.push_back({batch_->arena.copy(key), Value::of_string(batch_->arena.copy(text))});
  }
  static void add(Attributes& target, std::string_view key, int64_t number) {
    target.push_back({key, Value::of_int(number)});
  }

 private:
  std::string_view id(size_t bytes) {
    uint64_t value[2] = {random(), random()};
    return batch_->arena.copy(std::string_view(reinterpret_cast<const char*>(value), bytes));
  }

  void add_trace() {
    begin_trace();
    start_ += random() % (2 * kNanosPerMilli);
    std::string_view trace_id = id(16);
    size_t first = batch_->spans.size();
    size_t count = spans_of_trace();
    for (size_t place = 0; place < count; ++place) {
      Span span;
      span.resource = static_cast<uint32_t>(place % batch_->resources.size());
      span.trace_id = trace_id;
      span.span_id = id(8);
      span.start.value = start_;
      if (place > 0) {
        const Span& parent = batch_->spans[first + parent_of(place)];
        span.parent_span_id = parent.span_id;
        const Span& after = order() == Order::Tree ? parent : batch_->spans.back();
        span.start.value = after.start.value + random() % 1'000'000;
      }
      span.end.value = span.start.value + 10'000 + random() % 5'000'000;
      span.name = batch_->arena.copy(name_of(place));
      span.kind = place == 0 ? kKindServer : kKindInternal;
      Attributes of_span;
      attributes(place, of_span);
      span.attributes = batch_->arena.copy(std::span<const KeyValue>(of_span));
      batch_->spans.push_back(span);
    }
  }

  std::mt19937_64 random_{7};
  uint64_t start_ = kStart;
  SpanBatch* batch_ = nullptr;
};

// What Jaeger's generator sends: a root and its children one after another, 11 attributes a span
// out of 97 keys and 1,000 values.
class Generated : public Traces {
 public:
  enum class Choice { Cyclic, Random };
  explicit Generated(Choice choice) : choice_(choice) {}

 private:
  size_t parent_of(size_t) override { return 0; }
  Order order() override { return Order::Sequence; }
  void attributes(size_t, Attributes& attributes) override {
    for (int i = 0; i < 11; ++i) {
      uint64_t key = choice_ == Choice::Cyclic ? next_ % 97 : random() % 97;
      uint64_t value = choice_ == Choice::Cyclic ? next_ % 1000 : random() % 1000;
      ++next_;
      add(attributes, "attr_" + padded(key), "val_" + padded(value));
    }
  }
  static std::string padded(uint64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  }

  Choice choice_;
  uint64_t next_ = 0;
};

// Conversations with a model: prompts that grow from call to call, kilobytes each.
class LongTexts : public Traces {
  size_t spans_of_trace() override { return 6; }
  void begin_trace() override { conversation_ = words(300); }
  void attributes(size_t place, Attributes& attributes) override {
    add(attributes, "gen_ai.operation.name", place % 2 == 0 ? "chat" : "execute_tool");
    add(attributes, "gen_ai.usage.input_tokens", static_cast<int64_t>(conversation_.size() / 5));
    if (place % 2 != 0) return;
    std::string answer = words(100 + random() % 200);
    add(attributes, "gen_ai.input.messages", conversation_);
    add(attributes, "gen_ai.output.messages", answer);
    conversation_ += answer;
  }
  std::string words(size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      // Few words are frequent, most are rare.
      uint64_t rank = random() % 3000 * (random() % 3000) / 3000;
      for (uint64_t word = rank * 2654435761 % 100'003; word > 0; word /= 26) {
        text.push_back(static_cast<char>('a' + word % 26));
      }
      text.push_back(' ');
    }
    return text;
  }

  std::string conversation_;
};

// Keys never seen again beside usual ones.
class WideKeys : public Traces {
  void attributes(size_t, Attributes& attributes) override {
    add(attributes, "http.request.method", random() % 2 == 0 ? "GET" : "POST");
    add(attributes, "http.response.status_code", random() % 20 == 0 ? 500 : 200);
    add(attributes, "user.id", "user-" + std::to_string(random() % 5'000));
    for (int i = 0; i < 3; ++i) {
      add(attributes, "flag." + std::to_string(next_++), random() % 2 == 0 ? "on" : "off");
    }
  }
  uint64_t next_ = 0;
};

// A name of its own for every span.
class OwnNames : public Traces {
  std::string name_of(size_t) override { return "GET /cart/" + std::to_string(next_++); }
  void attributes(size_t, Attributes& attributes) override {
    add(attributes, "http.request.method", "GET");
    add(attributes, "http.response.status_code", random() % 20 == 0 ? 500 : 200);
  }
  uint64_t next_ = 0;
};

// Texts that say an identity, on all spans of a trace or on one.
class Ids : public Traces {
  void begin_trace() override {
    session_ = uuid();
    order_ = hex(16);
    user_ = std::to_string(random() % 1'000'000'000);
    address_ = std::to_string(10 + random() % 200) + "." + std::to_string(random() % 256) + "." +
               std::to_string(random() % 256) + "." + std::to_string(random() % 256);
  }
  void attributes(size_t place, Attributes& attributes) override {
    add(attributes, "session.id", session_);
    add(attributes, "user.id", user_);
    if (place % 2 == 0) add(attributes, "order.id", order_);
    if (place % 3 == 0) add(attributes, "client.address", address_);
    add(attributes, "request.id", uuid());
    if (place == 4) add(attributes, "message.id", hex(40));
    if (place == 5)
      add(attributes, "invoice", std::to_string(1'000'000'000 + random() % 1'000'000));
  }
  std::string session_, order_, user_, address_;
};

// 200,000 spans of one trace, a chain of 5,000 in it.
class HugeTrace : public Traces {
  size_t spans_of_trace() override { return 200'000; }
  size_t parent_of(size_t place) override { return place <= 5'000 ? place - 1 : random() % place; }
  std::string name_of(size_t place) override { return "step-" + std::to_string(place % 40); }
  void attributes(size_t place, Attributes& attributes) override {
    add(attributes, "item", static_cast<int64_t>(place));
    add(attributes, "worker", "worker-" + std::to_string(random() % 16));
  }
};

template <typename Made, auto... arguments>
Corpus make() {
  return [traces = std::make_shared<Made>(arguments...)](SpanBatch& batch) { traces->next(batch); };
}

constexpr std::array kCorpora = {
    NamedCorpus{"shop", "the shop of spoor load", shop},
    NamedCorpus{"cyclic", "11 of 97 keys with 1,000 values in turn, as Jaeger's generator sends",
                make<Generated, Generated::Choice::Cyclic>},
    NamedCorpus{"random", "the same drawn at random", make<Generated, Generated::Choice::Random>},
    NamedCorpus{"texts", "prompts of kilobytes that grow within a trace", make<LongTexts>},
    NamedCorpus{"wide", "three keys never seen again on every span", make<WideKeys>},
    NamedCorpus{"names", "a name of its own for every span", make<OwnNames>},
    NamedCorpus{"ids", "uuid, hex and decimal texts, some shared within a trace", make<Ids>},
    NamedCorpus{"huge", "traces of 200,000 spans with a chain of 5,000", make<HugeTrace>},
};

}  // namespace

std::span<const NamedCorpus> disk_corpora() {
  return kCorpora;
}

}  // namespace spoor::bench
