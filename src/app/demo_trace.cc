#include "app/demo_trace.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/bytes.h"

namespace spoor::app {
namespace {

constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.27.0";

// OTLP span flags: sampled, and what is known about where the parent is.
constexpr uint32_t kSampledRoot = 0x001;
constexpr uint32_t kSampledLocalParent = 0x101;
constexpr uint32_t kSampledRemoteParent = 0x301;

// The instrumentation libraries of a language.
struct Language {
  std::string_view name;
  std::string_view sdk_version;
  std::string_view http, rpc, database, messaging;
};

constexpr Language kNode = {"nodejs",
                            "1.26.0",
                            "@opentelemetry/instrumentation-http",
                            "@opentelemetry/instrumentation-grpc",
                            "@opentelemetry/instrumentation-redis-4",
                            "@opentelemetry/instrumentation-kafkajs"};
constexpr Language kGo = {"go",
                          "1.31.0",
                          "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
                          "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/"
                          "otelgrpc",
                          "github.com/XSAM/otelsql",
                          "github.com/dnwe/otelsarama"};
constexpr Language kJava = {"java",
                            "1.43.0",
                            "io.opentelemetry.tomcat-10.0",
                            "io.opentelemetry.grpc-1.6",
                            "io.opentelemetry.jdbc",
                            "io.opentelemetry.kafka-clients-0.11"};
constexpr Language kPython = {"python",
                              "1.28.0",
                              "opentelemetry.instrumentation.requests",
                              "opentelemetry.instrumentation.grpc",
                              "opentelemetry.instrumentation.psycopg2",
                              "opentelemetry.instrumentation.kafka"};
constexpr Language kDotnet = {"dotnet",
                              "1.9.0",
                              "Microsoft.AspNetCore",
                              "OpenTelemetry.Instrumentation.GrpcNetClient",
                              "OpenTelemetry.Instrumentation.StackExchangeRedis",
                              "Confluent.Kafka"};
constexpr Language kCpp = {"cpp", "1.16.1", "http", "grpc", "database", "messaging"};

struct ServiceTraits {
  std::string_view name;
  const Language* language;
  std::string_view version;
  std::string_view slow_version;  // of one instance; empty for none
  int64_t port;
};

constexpr std::array<ServiceTraits, kServices> kTraits = {{
    {"frontend", &kNode, "3.2.0", "", 8080},
    {"cart", &kDotnet, "1.8.4", "", 7070},
    {"checkout", &kGo, "2.1.0", "", 5050},
    {"payment", &kNode, "1.14.2", "", 50051},
    {"catalog", &kGo, "2.3.1", "2.4.0", 3550},
    {"currency", &kCpp, "1.2.0", "", 7001},
    {"shipping", &kNode, "1.5.3", "", 50050},
    {"email", &kPython, "1.0.9", "", 6060},
    {"recommendation", &kPython, "1.9.0", "", 9001},
    {"ad", &kJava, "2.0.5", "", 9555},
    {"inventory", &kJava, "1.11.0", "", 9100},
    {"fraud", &kJava, "0.7.2", "", 9200},
}};

const ServiceTraits& traits(Service service) {
  return kTraits[static_cast<size_t>(service)];
}

const Language& language(const OpenSpan& span) {
  return *traits(span.instance->service).language;
}

constexpr std::array<std::string_view, 4> kUserAgents = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0.0.0 Safari/537.36",
    "ShopApp/5.4.1 (iOS 18.0; iPhone15,2)",
};

std::string random_letters(DemoRandom& random, size_t size) {
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (size_t i = 0; i < size; ++i) text.push_back(letters[random.below(letters.size())]);
  return text;
}

}  // namespace

uint64_t DemoRandom::next() {
  // splitmix64
  state_ += 0x9e3779b97f4a7c15ull;
  uint64_t value = state_;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

double DemoRandom::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

bool DemoRandom::chance(double probability) {
  return uniform() < probability;
}

uint64_t DemoRandom::latency_nanos(double median_us) {
  constexpr double kSpread = 0.45;  // of the logarithm: the 99th percentile is 2.8 medians
  double radius = std::sqrt(-2 * std::log(1 - uniform()));
  double normal = radius * std::cos(2 * std::numbers::pi * uniform());
  return static_cast<uint64_t>(median_us * 1000 * std::exp(kSpread * normal));
}

std::string_view service_name(Service service) {
  return traits(service).name;
}

std::vector<DemoInstance> make_demo_instances(DemoRandom& random) {
  std::vector<DemoInstance> instances;
  for (size_t i = 0; i < kServices; ++i) {
    auto service = static_cast<Service>(i);
    const ServiceTraits& of = traits(service);
    bool has_slow = !of.slow_version.empty();
    std::string replica_set = random_letters(random, 9);
    size_t copies = has_slow ? 3 : 2;
    for (size_t copy = 0; copy < copies; ++copy) {
      bool slow = has_slow && copy == 0;
      std::string pod = std::string(of.name) + "-" + replica_set + "-" + random_letters(random, 5);
      std::string bytes(16, '\0');
      store_le(bytes.data(), random.next());
      store_le(bytes.data() + 8, random.next());
      instances.push_back({service, slow ? of.slow_version : of.version, slow, to_hex(bytes), pod,
                           "node-" + std::to_string(1 + random.below(4)),
                           static_cast<int64_t>(1 + random.below(40))});
    }
  }
  return instances;
}

DemoTrace::DemoTrace(SpanBatch& batch, DemoRandom& random,
                     const std::vector<DemoInstance>& instances, UnixNanos start)
    : batch_(batch), random_(random), instances_(instances), start_(start.value) {
  trace_id_ = random_id(TraceId::kSize);
}

std::string_view DemoTrace::random_id(size_t size) {
  std::string bytes(size, '\0');
  for (size_t at = 0; at < size; at += 8) store_le(bytes.data() + at, random_.next());
  if (bytes.find_first_not_of('\0') == bytes.npos) bytes[0] = 1;
  return batch_.arena.copy(std::string_view(bytes));
}

const DemoInstance& DemoTrace::instance_of(Service service) {
  auto [first, last] = std::ranges::equal_range(instances_, service, {}, &DemoInstance::service);
  auto count = static_cast<uint64_t>(last - first);
  SPOOR_ASSERT(count > 0);
  return *(first + static_cast<ptrdiff_t>(random_.below(count)));
}

uint32_t DemoTrace::resource_of(const DemoInstance& instance) {
  for (size_t i = 0; i < batch_.resources.size(); ++i) {
    const Value* id = find_attribute(batch_.resources[i].attributes, "service.instance.id");
    if (id != nullptr && id->as_string() == instance.id) return static_cast<uint32_t>(i);
  }
  const ServiceTraits& of = traits(instance.service);
  const KeyValue attributes[] = {
      {"service.name", Value::of_string(of.name)},
      {"service.namespace", Value::of_string("shop")},
      {"service.version", Value::of_string(instance.version)},
      {"service.instance.id", Value::of_string(text(instance.id))},
      {"deployment.environment.name", Value::of_string("production")},
      {"cloud.region", Value::of_string("eu-central-1")},
      {"host.name", Value::of_string(text(instance.host))},
      {"k8s.namespace.name", Value::of_string("shop")},
      {"k8s.pod.name", Value::of_string(text(instance.pod))},
      {"process.pid", Value::of_int(instance.process)},
      {"telemetry.sdk.name", Value::of_string("opentelemetry")},
      {"telemetry.sdk.language", Value::of_string(of.language->name)},
      {"telemetry.sdk.version", Value::of_string(of.language->sdk_version)},
  };
  Resource resource;
  resource.present = true;
  resource.attributes = batch_.arena.copy(std::span<const KeyValue>(attributes));
  resource.schema_url = kSchemaUrl;
  batch_.resources.push_back(resource);
  return static_cast<uint32_t>(batch_.resources.size() - 1);
}

uint32_t DemoTrace::scope_of(std::string_view name) {
  auto known = std::ranges::find(batch_.scopes, name, &Scope::name);
  if (known == batch_.scopes.end()) {
    Scope scope;
    scope.present = true;
    scope.name = name;
    scope.version = "0.53.0";
    batch_.scopes.push_back(scope);
    return static_cast<uint32_t>(batch_.scopes.size() - 1);
  }
  return static_cast<uint32_t>(known - batch_.scopes.begin());
}

OpenSpan DemoTrace::begin(const DemoInstance& instance, std::string_view scope,
                          std::string_view name, SpanKind kind, const OpenSpan* parent,
                          uint64_t start) {
  OpenSpan open;
  open.instance = &instance;
  open.now = start;
  open.span.resource = resource_of(instance);
  open.span.scope = scope_of(scope);
  open.span.trace_id = trace_id_;
  open.span.span_id = random_id(SpanId::kSize);
  open.span.flags = kSampledRoot;
  if (parent != nullptr) {
    open.span.parent_span_id = parent->span.span_id;
    open.span.flags = parent->instance == &instance ? kSampledLocalParent : kSampledRemoteParent;
  }
  open.span.name = name;
  open.span.kind = kind;
  open.span.start = {start};
  return open;
}

void DemoTrace::end(OpenSpan& open) {
  open.span.end = {open.now};
  open.span.attributes = batch_.arena.copy(std::span<const KeyValue>(open.attributes));
  open.span.events = batch_.arena.copy(std::span<const Event>(open.events));
  open.span.links = batch_.arena.copy(std::span<const Link>(open.links));
  batch_.spans.push_back(open.span);
}

void DemoTrace::fail(OpenSpan& open, std::string_view type, std::string_view message) {
  const KeyValue attributes[] = {
      {"exception.type", Value::of_string(type)},
      {"exception.message", Value::of_string(message)},
      {"exception.stacktrace",
       Value::of_string(text(std::string(type) + ": " + std::string(message) + "\n    at " +
                             std::string(service_name(open.instance->service)) + ".handle (" +
                             std::string(open.span.name) + ")\n    at runtime.dispatch"))},
  };
  Event event;
  event.time = {open.now};
  event.name = "exception";
  event.attributes = batch_.arena.copy(std::span<const KeyValue>(attributes));
  open.events.push_back(event);
  open.span.status = {true, kStatusError, message};
}

OpenSpan DemoTrace::browser_request(std::string_view method, std::string_view route,
                                    std::string_view path) {
  const DemoInstance& frontend = instance_of(Service::Frontend);
  std::string name = std::string(method) + " " + std::string(route);
  OpenSpan root = begin(frontend, kNode.http, text(name), kKindServer, nullptr, start_);
  root.set("http.request.method", method);
  root.set("http.route", route);
  root.set("url.path", path);
  root.set("url.scheme", "https");
  root.set("server.address", "shop.example.com");
  root.set("client.address", text("203.0.113." + std::to_string(1 + random_.below(254))));
  root.set("user_agent.original", random_.pick(kUserAgents));
  root.set("app.user.id", text("u-" + std::to_string(1000 + random_.below(9000))));
  work(root, 400);
  return root;
}

void DemoTrace::end_request(OpenSpan& root, int64_t http_status) {
  work(root, 600);
  root.set("http.response.status_code", http_status);
  root.set("http.response.body.size", static_cast<int64_t>(900 + random_.below(60'000)));
  bool failed = http_status >= 500 && root.span.status.code != kStatusError;
  if (failed) root.span.status = {true, kStatusError, "internal server error"};
  end(root);
}

OpenSpan DemoTrace::begin_server(const OpenSpan& client, Service callee, std::string_view name) {
  const DemoInstance& instance = instance_of(callee);
  uint64_t arrival = client.now + random_.latency_nanos(120);
  return begin(instance, traits(callee).language->rpc, name, kKindServer, &client, arrival);
}

void DemoTrace::set_rpc(OpenSpan& span, std::string_view service, std::string_view method) {
  span.set("rpc.system", "grpc");
  span.set("rpc.service", service);
  span.set("rpc.method", method);
}

OpenSpan DemoTrace::begin_grpc_client(OpenSpan& caller, Service callee, std::string_view service,
                                      std::string_view method) {
  std::string name = std::string(service) + "/" + std::string(method);
  OpenSpan client = begin(*caller.instance, language(caller).rpc, text(name), kKindClient, &caller,
                          caller.now + random_.latency_nanos(20));
  set_rpc(client, service, method);
  client.set("server.address", service_name(callee));
  client.set("server.port", traits(callee).port);
  return client;
}

void DemoTrace::end_grpc(OpenSpan& caller, OpenSpan& client, OpenSpan& server, GrpcCode code) {
  work(server, 60);
  server.set("rpc.grpc.status_code", code);
  bool server_fault = code == kGrpcInternal || code == kGrpcUnavailable;
  if (server_fault && server.span.status.code != kStatusError) {
    server.span.status = {true, kStatusError, "internal error"};
  }
  end(server);
  client.now = server.now + random_.latency_nanos(120);
  client.set("rpc.grpc.status_code", code);
  if (code != kGrpcOk) {
    std::string_view reason = server.span.status.message;
    client.span.status = {true, kStatusError, reason.empty() ? "rpc failed" : reason};
  }
  end(client);
  caller.now = client.now;
}

OpenSpan DemoTrace::begin_http_client(OpenSpan& caller, Service callee, std::string_view method,
                                      std::string_view route) {
  OpenSpan client = begin(*caller.instance, language(caller).http, method, kKindClient, &caller,
                          caller.now + random_.latency_nanos(20));
  const ServiceTraits& of = traits(callee);
  client.set("http.request.method", method);
  client.set("url.full", text("http://" + std::string(of.name) + ":" + std::to_string(of.port) +
                              std::string(route)));
  client.set("server.address", of.name);
  client.set("server.port", of.port);
  return client;
}

OpenSpan DemoTrace::begin_http_server(const OpenSpan& client, Service callee,
                                      std::string_view method, std::string_view route) {
  OpenSpan server =
      begin_server(client, callee, text(std::string(method) + " " + std::string(route)));
  server.span.scope = scope_of(traits(callee).language->http);
  server.set("http.request.method", method);
  server.set("http.route", route);
  server.set("url.path", route);
  server.set("url.scheme", "http");
  server.set("network.protocol.version", "1.1");
  return server;
}

void DemoTrace::end_http(OpenSpan& caller, OpenSpan& client, OpenSpan& server, int64_t status) {
  work(server, 80);
  server.set("http.response.status_code", status);
  if (status >= 500 && server.span.status.code != kStatusError) {
    server.span.status = {true, kStatusError, ""};
  }
  end(server);
  client.now = server.now + random_.latency_nanos(120);
  client.set("http.response.status_code", status);
  if (status >= 400) client.span.status = {true, kStatusError, ""};
  end(client);
  caller.now = client.now;
}

void DemoTrace::internal(OpenSpan& parent, std::string_view name, double median_us) {
  OpenSpan span = begin(*parent.instance, service_name(parent.instance->service), name,
                        kKindInternal, &parent, parent.now);
  work(span, median_us);
  end(span);
  parent.now = span.now;
}

void DemoTrace::sql(OpenSpan& caller, std::string_view operation, std::string_view table,
                    std::string_view query, double median_us) {
  std::string name = std::string(operation) + " " + std::string(table);
  OpenSpan span = begin(*caller.instance, language(caller).database, text(name), kKindClient,
                        &caller, caller.now + random_.latency_nanos(15));
  std::string_view database = service_name(caller.instance->service);
  span.set("db.system.name", "postgresql");
  span.set("db.namespace", database);
  span.set("db.operation.name", operation);
  span.set("db.collection.name", table);
  span.set("db.query.text", query);
  span.set("server.address", "postgres");
  span.set("server.port", int64_t{5432});
  work(span, caller.instance->slow ? median_us * 40 : median_us);
  end(span);
  caller.now = span.now;
}

void DemoTrace::redis(OpenSpan& caller, std::string_view command, std::string_view key,
                      RedisResult result) {
  OpenSpan span = begin(*caller.instance, language(caller).database, command, kKindClient, &caller,
                        caller.now + random_.latency_nanos(10));
  span.set("db.system.name", "redis");
  span.set("db.operation.name", command);
  span.set("db.query.text", text(std::string(command) + " " + std::string(key)));
  span.set("server.address", "redis");
  span.set("server.port", int64_t{6379});
  work(span, result == RedisResult::Ok ? 250 : 1'000'000);
  if (result == RedisResult::Timeout) {
    fail(span, "RedisTimeoutException", "timeout after 1000 ms waiting for redis:6379");
  }
  end(span);
  caller.now = span.now;
}

DemoMessage DemoTrace::publish(OpenSpan& caller, std::string_view topic,
                               std::string_view order_id) {
  OpenSpan span = begin(*caller.instance, language(caller).messaging,
                        text("send " + std::string(topic)), kKindProducer, &caller, caller.now);
  span.set("messaging.system", "kafka");
  span.set("messaging.destination.name", topic);
  span.set("messaging.operation.type", "send");
  span.set("messaging.kafka.message.key", order_id);
  span.set("messaging.destination.partition.id", text(std::to_string(random_.below(6))));
  span.set("messaging.kafka.offset", static_cast<int64_t>(random_.below(1'000'000)));
  work(span, 900);
  end(span);
  caller.now = span.now;
  DemoMessage message;
  std::ranges::copy(span.span.trace_id, message.trace_id.begin());
  std::ranges::copy(span.span.span_id, message.span_id.begin());
  message.order_id = order_id;
  return message;
}

OpenSpan DemoTrace::begin_consumer(const OpenSpan* parent, Service service, std::string_view topic,
                                   const std::vector<DemoMessage>& messages) {
  const DemoInstance& instance = instance_of(service);
  uint64_t start = (parent == nullptr ? start_ : parent->now) + random_.latency_nanos(4000);
  OpenSpan span = begin(instance, traits(service).language->messaging,
                        text("process " + std::string(topic)), kKindConsumer, parent, start);
  span.set("messaging.system", "kafka");
  span.set("messaging.destination.name", topic);
  span.set("messaging.operation.type", "process");
  span.set("messaging.consumer.group.name", service_name(service));
  span.set("messaging.batch.message_count", static_cast<int64_t>(messages.size()));
  for (const DemoMessage& message : messages) {
    const KeyValue attributes[] = {
        {"messaging.kafka.message.key", Value::of_string(text(message.order_id))}};
    Link link;
    link.trace_id = batch_.arena.copy({message.trace_id.data(), message.trace_id.size()});
    link.span_id = batch_.arena.copy({message.span_id.data(), message.span_id.size()});
    link.attributes = batch_.arena.copy(std::span<const KeyValue>(attributes));
    link.flags = kSampledRemoteParent;
    span.links.push_back(link);
  }
  return span;
}

}  // namespace spoor::app
