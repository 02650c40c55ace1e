// The grammar of the synthetic shop's traces: services with their instances, and a builder that
// writes calls between them as the OpenTelemetry instrumentations of their languages would,
// with the attributes of the semantic conventions. demo_shop.h says what is called.
//
// Everything follows from the random numbers' seed and the start time. Single-threaded.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/span.h"

namespace spoor::app {

// Seeded numbers of the shapes that traffic has.
class DemoRandom {
 public:
  explicit DemoRandom(uint64_t seed) : state_(seed) {}

  uint64_t next();
  uint64_t below(uint64_t limit) { return next() % limit; }
  bool chance(double probability);
  double uniform();  // in [0, 1)
  // A duration around `median_us`, with the long tail of real latencies.
  uint64_t latency_nanos(double median_us);
  template <typename T, size_t N>
  const T& pick(const std::array<T, N>& choices) {
    return choices[below(N)];
  }

 private:
  uint64_t state_;
};

enum class Service : uint8_t {
  Frontend,
  Cart,
  Checkout,
  Payment,
  Catalog,
  Currency,
  Shipping,
  Email,
  Recommendation,
  Ad,
  Inventory,
  Fraud,
};
constexpr size_t kServices = 12;

std::string_view service_name(Service service);

// One running copy of a service.
struct DemoInstance {
  Service service;
  std::string_view version;
  bool slow;  // of the release whose database queries lack an index
  std::string id;
  std::string pod;
  std::string host;
  int64_t process;
};

// Two or three of each service.
std::vector<DemoInstance> make_demo_instances(DemoRandom& random);

// A span under way. `now` is where its own time stands; a call moves it on.
struct OpenSpan {
  const DemoInstance* instance = nullptr;
  Span span;
  uint64_t now = 0;
  std::vector<KeyValue> attributes;
  std::vector<Event> events;
  std::vector<Link> links;

  void set(std::string_view key, Value value) { attributes.push_back({key, value}); }
  void set(std::string_view key, std::string_view text) { set(key, Value::of_string(text)); }
  void set(std::string_view key, int64_t number) { set(key, Value::of_int(number)); }
  void set(std::string_view key, const char* text) { set(key, std::string_view(text)); }
};

// What a message carries of the span that sent it.
struct DemoMessage {
  std::array<char, 16> trace_id;
  std::array<char, 8> span_id;
  std::string order_id;
};

enum GrpcCode : int64_t {
  kGrpcOk = 0,
  kGrpcInvalidArgument = 3,
  kGrpcInternal = 13,
  kGrpcUnavailable = 14
};

// Writes one trace into a batch; spans are added as they end, children first.
class DemoTrace {
 public:
  DemoTrace(SpanBatch& batch, DemoRandom& random, const std::vector<DemoInstance>& instances,
            UnixNanos start);

  // The request of a browser at the frontend: the root.
  OpenSpan browser_request(std::string_view method, std::string_view route, std::string_view path);
  void end_request(OpenSpan& root, int64_t http_status);

  // A unary call: the client's span, the server's span, and in between `body`, which is given
  // the server's OpenSpan and returns a GrpcCode.
  template <typename Body>
  GrpcCode grpc(OpenSpan& caller, Service callee, std::string_view service, std::string_view method,
                Body body) {
    OpenSpan client = begin_grpc_client(caller, callee, service, method);
    OpenSpan server = begin_server(client, callee, client.span.name);
    set_rpc(server, service, method);
    GrpcCode code = body(server);
    end_grpc(caller, client, server, code);
    return code;
  }

  // A call over HTTP, shaped as grpc(); `body` returns the HTTP status.
  template <typename Body>
  int64_t http(OpenSpan& caller, Service callee, std::string_view method, std::string_view route,
               Body body) {
    OpenSpan client = begin_http_client(caller, callee, method, route);
    OpenSpan server = begin_http_server(client, callee, method, route);
    int64_t status = body(server);
    end_http(caller, client, server, status);
    return status;
  }

  // Runs calls that start together; the caller goes on when the last one is done.
  template <typename... Calls>
  void together(OpenSpan& caller, Calls... calls) {
    uint64_t start = caller.now;
    uint64_t latest = start;
    auto run = [&](auto& call) {
      caller.now = start;
      call();
      latest = std::max(latest, caller.now);
    };
    (run(calls), ...);
    caller.now = latest;
  }

  void work(OpenSpan& span, double median_us) { span.now += random_.latency_nanos(median_us); }
  void internal(OpenSpan& parent, std::string_view name, double median_us);
  void sql(OpenSpan& caller, std::string_view operation, std::string_view table,
           std::string_view query, double median_us);
  enum class RedisResult { Ok, Timeout };
  void redis(OpenSpan& caller, std::string_view command, std::string_view key, RedisResult result);
  DemoMessage publish(OpenSpan& caller, std::string_view topic, std::string_view order_id);
  // Processing of messages: a child of `parent` if there is one, linked to what sent them.
  OpenSpan begin_consumer(const OpenSpan* parent, Service service, std::string_view topic,
                          const std::vector<DemoMessage>& messages);
  void end(OpenSpan& span);

  // Marks the span as failed with an exception event.
  void fail(OpenSpan& span, std::string_view type, std::string_view message);

  std::string_view text(const std::string& text) {
    return batch_.arena.copy(std::string_view(text));
  }
  Value array(const std::vector<Value>& values) {
    return Value::of_array(batch_.arena.copy(std::span<const Value>(values)));
  }

 private:
  OpenSpan begin(const DemoInstance& instance, std::string_view scope, std::string_view name,
                 SpanKind kind, const OpenSpan* parent, uint64_t start);
  OpenSpan begin_grpc_client(OpenSpan& caller, Service callee, std::string_view service,
                             std::string_view method);
  OpenSpan begin_http_client(OpenSpan& caller, Service callee, std::string_view method,
                             std::string_view route);
  OpenSpan begin_http_server(const OpenSpan& client, Service callee, std::string_view method,
                             std::string_view route);
  OpenSpan begin_server(const OpenSpan& client, Service callee, std::string_view name);
  void set_rpc(OpenSpan& span, std::string_view service, std::string_view method);
  void end_grpc(OpenSpan& caller, OpenSpan& client, OpenSpan& server, GrpcCode code);
  void end_http(OpenSpan& caller, OpenSpan& client, OpenSpan& server, int64_t status);
  const DemoInstance& instance_of(Service service);
  uint32_t resource_of(const DemoInstance& instance);
  uint32_t scope_of(std::string_view name);
  std::string_view random_id(size_t size);

  SpanBatch& batch_;
  DemoRandom& random_;
  const std::vector<DemoInstance>& instances_;
  const uint64_t start_;
  std::string_view trace_id_;
};

}  // namespace spoor::app
