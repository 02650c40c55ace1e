// What the shop of `spoor load` consists of: services, pods and the templates of all operations.
#include <string_view>

#include "app/load_shop.h"
#include "base/bytes.h"
#include "model/span.h"

namespace spoor::app {
namespace {

constexpr const char* kSchemaUrl = "https://opentelemetry.io/schemas/1.30.0";
constexpr const char* kAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15",
    "python-requests/2.32.3",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
};
constexpr const char* kFailure = "Product Catalog Fail Feature Flag Enabled";
constexpr int kStacks = 4;

std::string stack_trace(int number) {
  std::string text = "io.grpc.StatusRuntimeException: INTERNAL\n";
  for (int i = 0; i < 18 + 3 * number; ++i) {
    std::string layer = std::to_string(i);
    text.append("\tat com.example.shop.layer").append(std::to_string((number + i) % 7));
    text.append(".Handler").append(layer).append(".invoke(Handler").append(layer);
    text.append(".java:").append(std::to_string(31 + number * 17 + i * 3)).append(")\n");
  }
  return text;
}

std::string random_hex(DemoRandom& random, size_t bytes) {
  std::string raw(bytes, '\0');
  for (char& byte : raw) byte = static_cast<char>(random.next());
  return to_hex(raw);
}

}  // namespace

struct LoadShop::ServiceTraits {
  const char* name;
  const char* language;
  const char* library;
};

constexpr const char* kGoGrpc =
    "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc";

// In the order of Service.
const std::array<LoadShop::ServiceTraits, LoadShop::kServiceCount> LoadShop::kTraits = {{
    {"frontend-proxy", "cpp", "envoy"},
    {"frontend", "nodejs", "@opentelemetry/instrumentation-http"},
    {"ad", "java", "io.opentelemetry.grpc-1.6"},
    {"cart", "dotnet", "OpenTelemetry.Instrumentation.AspNetCore"},
    {"checkout", "go", kGoGrpc},
    {"currency", "cpp", "currency"},
    {"email", "ruby", "OpenTelemetry::Instrumentation::Sinatra"},
    {"payment", "nodejs", "@opentelemetry/instrumentation-grpc"},
    {"product-catalog", "go", kGoGrpc},
    {"quote", "php", "io.opentelemetry.contrib.php.slim"},
    {"recommendation", "python", "opentelemetry.instrumentation.grpc"},
    {"shipping", "rust", "actix-web-opentelemetry"},
    {"accounting", "dotnet", "Confluent.Kafka"},
    {"fraud-detection", "java", "io.opentelemetry.kafka-clients-2.6"},
    {"image-provider", "cpp", "nginx"},
    {"load-generator", "python", "opentelemetry.instrumentation.requests"},
}};

// Three to six of each service.
void LoadShop::make_pods() {
  for (size_t i = 0; i < kServiceCount; ++i) {
    const ServiceTraits& traits = kTraits[i];
    std::string version =
        "2." + std::to_string(random_.below(5)) + "." + std::to_string(random_.below(20));
    first_pod_[i] = static_cast<uint32_t>(envelopes_.size());
    pods_[i] = 3 + static_cast<uint32_t>(random_.below(4));
    for (uint32_t pod = 0; pod < pods_[i]; ++pod) {
      std::string name = std::string(traits.name) + "-" + random_hex(random_, 4) + "-" +
                         random_hex(random_, 3).substr(1);
      std::string node = "ip-10-0-" + std::to_string(random_.below(4)) + "-" +
                         std::to_string(random_.below(200)) + ".eu-west-1.compute.internal";
      std::string address =
          "10.1." + std::to_string(random_.below(255)) + "." + std::to_string(random_.below(255));
      auto process = static_cast<int64_t>(1 + random_.below(30));
      Attributes resource = {
          text_attribute("service.name", traits.name),
          text_attribute("service.namespace", "opentelemetry-demo"),
          text_attribute("service.version", version),
          text_attribute("service.instance.id",
                         random_hex(random_, 4) + "-" + random_hex(random_, 8)),
          text_attribute("telemetry.sdk.language", traits.language),
          text_attribute("telemetry.sdk.name", "opentelemetry"),
          text_attribute("telemetry.sdk.version", "1.30.1"),
          text_attribute("k8s.pod.name", name),
          text_attribute("k8s.pod.ip", address),
          text_attribute("k8s.namespace.name", "shop"),
          text_attribute("k8s.deployment.name", traits.name),
          text_attribute("k8s.node.name", node),
          text_attribute("host.name", name),
          number_attribute("process.pid", process, process),
          text_attribute("container.id", random_hex(random_, 32)),
          text_attribute("deployment.environment.name", "production"),
          text_attribute("cloud.region", "eu-west-1"),
      };
      envelopes_.emplace_back(resource, ScopeSpec{traits.library, "0.54"}, kSchemaUrl);
    }
  }
}

LoadShop::Operation LoadShop::operation(Service service, const std::string& name, uint32_t kind,
                                        Attributes attributes) {
  if (service == Frontend || service == Users) {
    attributes.push_back(text_attribute("session.id", "{session}"));
  }
  SpanSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.root = name.starts_with("user_");
  spec.linked = kind == kKindConsumer;
  spec.attributes = std::move(attributes);
  Operation made;
  made.service = service;
  made.usual.emplace_back(spec);
  return made;
}

LoadShop::Call LoadShop::rpc(Service from, Service to, const std::string& service,
                             const std::string& method, const Attributes& extra) {
  Attributes client = {text_attribute("rpc.system", "grpc"), text_attribute("rpc.service", service),
                       text_attribute("rpc.method", method)};
  Attributes server = client;
  client.push_back(text_attribute("server.address", kTraits[to].name));
  client.push_back(number_attribute("server.port", 8080, 8080));
  server.push_back(text_attribute("client.address", "10.1.{digit}.{octet}"));
  server.push_back(number_attribute("client.port", 32'768, 60'767));
  server.insert(server.end(), extra.begin(), extra.end());
  std::string name = service + "/" + method;
  auto with_code = [](Attributes attributes, int64_t code) {
    attributes.push_back(number_attribute("rpc.grpc.status_code", code, code));
    return attributes;
  };
  Call made = {operation(from, name, kKindClient, with_code(client, 0)),
               operation(to, name, kKindServer, with_code(server, 0))};
  SpanSpec failed;
  failed.name = name;
  failed.failed = true;
  failed.kind = kKindClient;
  failed.status_message = "13 INTERNAL: Error: " + std::string(kFailure);
  failed.attributes = with_code(client, 13);
  made.client.failed.emplace_back(failed);
  failed.kind = kKindServer;
  failed.status_message = kFailure;
  failed.attributes = with_code(server, 13);
  for (int i = 0; i < kStacks; ++i) {
    failed.exception = {
        text_attribute("exception.type", "io.grpc.StatusRuntimeException"),
        text_attribute("exception.message", "INTERNAL: request {hex} failed"),
        text_attribute("exception.stacktrace", stack_trace(i)),
    };
    made.server.failed.emplace_back(failed);
  }
  return made;
}

LoadShop::Call LoadShop::http(Service from, Service to, const std::string& method,
                              const std::string& route, const std::string& target) {
  std::string host = kTraits[to].name;
  Call made;
  made.client.service = from;
  made.server.service = to;
  for (const char* agent : kAgents) {
    for (bool fails : {false, true}) {
      int64_t code = fails ? 500 : 200;
      SpanSpec client, server;
      client.failed = server.failed = fails;
      client.name = method;
      client.kind = kKindClient;
      client.attributes = {text_attribute("http.request.method", method),
                           text_attribute("url.full", "http://" + host + ":8080" + target),
                           text_attribute("server.address", host),
                           number_attribute("server.port", 8080, 8080),
                           text_attribute("network.protocol.version", "1.1"),
                           number_attribute("http.response.status_code", code, code)};
      server.name = method + " " + route;
      server.kind = kKindServer;
      server.attributes = {text_attribute("http.request.method", method),
                           text_attribute("http.route", route),
                           text_attribute("url.path", target),
                           text_attribute("url.scheme", "http"),
                           text_attribute("user_agent.original", agent),
                           text_attribute("client.address", "10.1.{digit}.{octet}"),
                           number_attribute("http.response.body.size", 130, 9'000),
                           text_attribute("app.user.id", "{user}"),
                           number_attribute("http.response.status_code", code, code)};
      if (fails) server.attributes.push_back(text_attribute("error.type", "500"));
      for (SpanSpec* spec : {&client, &server}) {
        Service service = spec == &client ? from : to;
        if (service != Frontend && service != Users) continue;
        spec->attributes.push_back(text_attribute("session.id", "{session}"));
      }
      (fails ? made.client.failed : made.client.usual).emplace_back(client);
      (fails ? made.server.failed : made.server.usual).emplace_back(server);
    }
  }
  return made;
}

LoadShop::Operation LoadShop::sql(Service service, const std::string& verb,
                                  const std::string& table, const std::string& text) {
  return operation(
      service, verb + " " + table, kKindClient,
      {text_attribute("db.system.name", "postgresql"), text_attribute("db.namespace", "otel"),
       text_attribute("db.operation.name", verb), text_attribute("db.collection.name", table),
       text_attribute("db.query.text", text), text_attribute("server.address", "postgresql"),
       number_attribute("server.port", 5432, 5432),
       number_attribute("db.response.returned_rows", 0, 39)});
}

LoadShop::Operation LoadShop::redis(const std::string& verb) {
  return operation(
      Cart, verb, kKindClient,
      {text_attribute("db.system.name", "redis"), text_attribute("db.query.text", verb + " {user}"),
       text_attribute("server.address", "valkey-cart"), number_attribute("server.port", 6379, 6379),
       number_attribute("db.redis.database_index", 0, 0),
       text_attribute("network.peer.address", "10.1.7.31")});
}

void LoadShop::make_pages() {
  struct PageSpec {
    const char* method;
    const char* route;
    const char* target;
  };
  // In the order of PageKind.
  static constexpr PageSpec kSpecs[kPages] = {
      {"GET", "/api/products/[productId]", "/api/products/{product}"},
      {"GET", "/api/recommendations",
       "/api/recommendations?productIds={product}&sessionId={session}"},
      {"GET", "/api/cart", "/api/cart?sessionId={session}&currencyCode=EUR"},
      {"POST", "/api/cart", "/api/cart"},
      {"GET", "/api/data", "/api/data?contextKeys=telescopes"},
      {"GET", "/images/products/[file]", "/images/products/{product}.jpg"},
      {"POST", "/api/checkout", "/api/checkout"},
      {"GET", "/api/products", "/api/products?currencyCode=JPY"},
  };
  for (size_t i = 0; i < kPages; ++i) {
    const PageSpec& spec = kSpecs[i];
    std::string name = spec.method == std::string_view("GET") ? "user_get" : "user_post";
    pages_[i].user = operation(
        Users, name, kKindInternal,
        {text_attribute("app.user.id", "{user}"), text_attribute("app.synthetic_request", "true")});
    pages_[i].outer = http(Users, Proxy, spec.method, spec.route, spec.target);
    pages_[i].inner = http(Proxy, Frontend, spec.method, spec.route, spec.target);
  }
  image_ = http(Frontend, Image, "GET", "/images", "/images/products/{product}.jpg");
}

void LoadShop::make_rpcs() {
  for (Service from : {Frontend, Recommendation, Checkout}) {
    catalog_[from] = rpc(from, Catalog, "oteldemo.ProductCatalogService", "GetProduct",
                         {text_attribute("app.product.id", "{product}"),
                          text_attribute("app.product.name", "Item {product}")});
    currency_[from] = rpc(from, Currency, "oteldemo.CurrencyService", "Convert",
                          {text_attribute("app.currency.conversion.from", "USD"),
                           text_attribute("app.currency.conversion.to", "{currency}")});
  }
  select_product_ =
      sql(Catalog, "SELECT", "products",
          "SELECT p.id, p.name, p.description, p.picture, p.price_currency_code, p.price_units, "
          "p.price_nanos FROM catalog.products p WHERE p.id = $1");
  recommend_ =
      rpc(Frontend, Recommendation, "oteldemo.RecommendationService", "ListRecommendations");
  product_list_ = operation(
      Recommendation, "get_product_list", kKindInternal,
      {number_attribute("app.products.count", 10, 10), flag_attribute("app.cache_hit", 0, 1)});
  get_cart_ = rpc(
      Frontend, Cart, "oteldemo.CartService", "GetCart",
      {text_attribute("app.user.id", "{user}"), number_attribute("app.cart.items.count", 0, 8)});
  cart_of_order_ = rpc(Checkout, Cart, "oteldemo.CartService", "GetCart",
                       {text_attribute("app.user.id", "{user}")});
  add_item_ =
      rpc(Frontend, Cart, "oteldemo.CartService", "AddItem",
          {text_attribute("app.user.id", "{user}"), text_attribute("app.product.id", "{product}"),
           number_attribute("app.product.quantity", 1, 10)});
  get_ads_ = rpc(Frontend, Ad, "oteldemo.AdService", "GetAds",
                 {text_attribute("app.ads.contextKeys", "[telescopes]"),
                  text_attribute("app.ads.ad_request_type", "TARGETED")});
  ads_by_category_ = operation(
      Ad, "getAdsByCategory", kKindInternal,
      {text_attribute("app.ads.category", "telescopes"), number_attribute("app.ads.count", 0, 2)});
  hget_ = redis("HGET");
  hmset_ = redis("HMSET");
  expire_ = redis("EXPIRE");
}

void LoadShop::make_checkout() {
  order_ =
      rpc(Frontend, Checkout, "oteldemo.CheckoutService", "PlaceOrder",
          {text_attribute("app.order.id", "{order}"), text_attribute("app.user.currency", "EUR"),
           number_attribute("app.order.items.count", 1, 6),
           text_attribute("app.shipping.tracking.id", "{hex}")});
  prepare_ = operation(Checkout, "prepareOrderItemsAndShippingQuoteFromCart", kKindInternal, {});
  shipping_quote_ = http(Checkout, Shipping, "POST", "/get-quote", "/get-quote");
  quote_ = http(Shipping, Quote, "POST", "/getquote", "/getquote");
  calculate_ = operation(Quote, "calculate-quote", kKindInternal,
                         {number_attribute("app.quote.items.count", 0, 11),
                          hundredths_attribute("app.quote.cost.total", 89'999)});
  charge_ = rpc(Checkout, Payment, "oteldemo.PaymentService", "Charge",
                {hundredths_attribute("app.payment.amount", 499'999)});
  charge_card_ = operation(Payment, "charge", kKindInternal,
                           {flag_attribute("app.payment.charged", 1, 1),
                            text_attribute("app.payment.card_type", "{card}")});
  confirmation_ =
      http(Checkout, Email, "POST", "/send_order_confirmation", "/send_order_confirmation");
  send_email_ = operation(Email, "send_email", kKindInternal,
                          {text_attribute("app.email.recipient", "{user}@example.com")});
  Attributes message = {text_attribute("messaging.system", "kafka"),
                        text_attribute("messaging.destination.name", "orders")};
  auto with = [&](const char* verb, const Attributes& more) {
    Attributes all = message;
    all.push_back(text_attribute("messaging.operation", verb));
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  publish_ = operation(
      Checkout, "orders publish", kKindProducer,
      with("publish", {number_attribute("messaging.kafka.destination.partition", 0, 11)}));
  for (size_t i = 0; i < receive_.size(); ++i) {
    Service consumer = i == 0 ? Accounting : Fraud;
    receive_[i] = operation(
        consumer, "orders receive", kKindConsumer,
        with("receive", {number_attribute("messaging.kafka.message.offset", 1 << 17, 1 << 20),
                         text_attribute("messaging.kafka.consumer.group", kTraits[consumer].name),
                         text_attribute("app.order.id", "{order}")}));
    insert_order_[i] =
        sql(consumer, "INSERT", "orders",
            "INSERT INTO accounting.orders (order_id, user_id, total) VALUES ($1, $2, $3)");
  }
}

}  // namespace spoor::app
