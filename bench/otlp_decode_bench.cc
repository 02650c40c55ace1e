// Spans per second and core of the OTLP decoders and encoders, on requests like those of an SDK:
// 512 spans, 9 attributes and about 430 bytes each.
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>

#include "wire/wire.h"

namespace spoor::wire {
namespace {

constexpr size_t kSpansPerRequest = 512;

class RequestMaker {
 public:
  std::string make() {
    KeyValue resource_attributes[] = {
        text("service.name", "shop-cart"), text("service.version", "1.27.3"),
        text("k8s.pod.name", "cart-7d9c5b8f6d-x2x4v"), text("host.name", "node-17")};
    Resource& resource = batch_.resources.emplace_back();
    resource.present = true;
    resource.attributes = keep(resource_attributes);
    batch_.scopes.push_back({true, "io.opentelemetry.http", "2.1.0", {}, 0, {}});
    std::string_view trace_id = id(TraceId::kSize);
    for (size_t i = 0; i < kSpansPerRequest; ++i) {
      if (i % 8 == 0) trace_id = id(TraceId::kSize);
      batch_.spans.push_back(span(trace_id));
    }
    return encode_otlp(batch_);
  }
  const SpanBatch& batch() const { return batch_; }

 private:
  static KeyValue text(std::string_view key, std::string_view value) {
    return {key, Value::of_string(value)};
  }
  Attributes keep(std::span<const KeyValue> entries) { return batch_.arena.copy(entries); }
  std::string_view id(size_t size) {
    char* bytes = batch_.arena.allocate<char>(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random_());
    return {bytes, size};
  }

  Span span(std::string_view trace_id) {
    std::string url = "https://shop.example/api/cart/" + std::to_string(random_() % 1'000'000);
    KeyValue attributes[] = {
        text("http.request.method", "GET"),
        text("url.full", batch_.arena.copy(url)),
        {"http.response.status_code", Value::of_int(200)},
        text("server.address", "cart.shop.svc.cluster.local"),
        {"server.port", Value::of_int(8080)},
        text("network.protocol.version", "1.1"),
        text("user_agent.original", "shop-frontend/4.2 (linux; amd64)"),
        {"thread.id", Value::of_int(static_cast<int64_t>(random_() % 64))},
        {"app.cart.total", Value::of_double(static_cast<double>(random_() % 10'000) / 100)},
    };
    Span made;
    made.trace_id = trace_id;
    made.span_id = id(SpanId::kSize);
    made.parent_span_id = id(SpanId::kSize);
    made.flags = 0x101;
    made.name = "GET /api/cart/{id}";
    made.kind = kKindClient;
    made.start = {1'795'000'000'000'000'000 + random_() % kNanosPerSecond};
    made.end = {made.start.value + random_() % kNanosPerSecond};
    made.attributes = keep(attributes);
    made.status.present = true;
    return made;
  }

  std::mt19937_64 random_{1};
  SpanBatch batch_;
};

// Counts processor time, so a busy machine does not look like slow code.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void measure(const char* name, size_t bytes, const std::function<void()>& run) {
  constexpr double kRunSeconds = 1.5;
  constexpr int kRequestsPerRound = 16;
  run();
  size_t requests = 0;
  double begin = cpu_seconds();
  double seconds = 0;
  while (seconds < kRunSeconds) {
    for (int i = 0; i < kRequestsPerRound; ++i) run();
    requests += kRequestsPerRound;
    seconds = cpu_seconds() - begin;
  }
  double spans = static_cast<double>(requests * kSpansPerRequest);
  std::printf("%-16s %6.2f M spans/s  %7.1f ns/span  %5zu B/span\n", name, spans / seconds / 1e6,
              seconds * 1e9 / spans, bytes / kSpansPerRequest);
}

void run_all() {
  RequestMaker maker;
  std::string protobuf = maker.make();
  std::string json = encode_otlp_json(maker.batch());
  DecodeLimits limits;
  DecodedRequest request;
  measure("protobuf decode", protobuf.size(),
          [&] { SPOOR_ASSERT(decode_otlp(protobuf, limits, request).ok()); });
  measure("protobuf encode", protobuf.size(),
          [&] { SPOOR_ASSERT(encode_otlp(maker.batch()).size() == protobuf.size()); });
  measure("json decode", json.size(),
          [&] { SPOOR_ASSERT(decode_otlp_json(json, limits, request).ok()); });
  measure("json encode", json.size(),
          [&] { SPOOR_ASSERT(encode_otlp_json(maker.batch()).size() == json.size()); });
}

}  // namespace
}  // namespace spoor::wire

int main() {
  spoor::wire::run_all();
  return 0;
}
