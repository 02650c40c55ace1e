#include "app/demo_shop.h"

namespace spoor::app {
namespace {

using RedisResult = DemoTrace::RedisResult;

constexpr size_t kOrdersPerFraudCheck = 4;

constexpr std::array<std::string_view, 10> kProducts = {
    "OLJCESPC7Z", "66VCHSJNUP", "1YMWWN1N4O", "L9ECAV7KIM", "2ZYFJ3GM2N",
    "0PUK6V6EV0", "LS4PSXUNUM", "9SIQT8TOJO", "6E92ZMYYFZ", "HQTGWGPNH4",
};
constexpr std::array<std::string_view, 5> kQueries = {"telescope", "lens", "tripod",
                                                      "red flashlight", "star map"};
constexpr std::array<std::string_view, 4> kCurrencies = {"EUR", "USD", "JPY", "CHF"};
constexpr std::array<std::string_view, 3> kCards = {"visa", "mastercard", "amex"};

}  // namespace

DemoShop::DemoShop(uint64_t seed) : random_(seed), instances_(make_demo_instances(random_)) {}

void DemoShop::append_trace(UnixNanos start, SpanBatch& batch) {
  DemoTrace trace(batch, random_, instances_, start);
  if (orders_.size() >= kOrdersPerFraudCheck) return fraud_check(trace);
  uint64_t dice = random_.below(100);
  if (dice < 25) return home_page(trace);
  if (dice < 60) return product_page(trace);
  if (dice < 75) return search(trace);
  if (dice < 87) return add_to_cart(trace);
  checkout(trace);
}

void DemoShop::home_page(DemoTrace& trace) {
  OpenSpan root = trace.browser_request("GET", "/", "/");
  trace.together(
      root, [&] { list_products(trace, root); }, [&] { get_cart(trace, root); },
      [&] { convert(trace, root); }, [&] { ads(trace, root); });
  trace.internal(root, "render home", 2500);
  trace.end_request(root, 200);
}

void DemoShop::product_page(DemoTrace& trace) {
  std::string_view product = random_.pick(kProducts);
  OpenSpan root =
      trace.browser_request("GET", "/product/{id}", trace.text("/product/" + std::string(product)));
  root.set("app.product.id", product);
  get_product(trace, root);
  trace.together(
      root, [&] { convert(trace, root); }, [&] { recommendations(trace, root); },
      [&] { ads(trace, root); });
  trace.internal(root, "render product", 1800);
  trace.end_request(root, 200);
}

void DemoShop::search(DemoTrace& trace) {
  OpenSpan root = trace.browser_request("GET", "/search", "/search");
  std::string_view query = random_.pick(kQueries);
  root.set("url.query", trace.text("q=" + std::string(query)));
  trace.grpc(
      root, Service::Catalog, "shop.CatalogService", "SearchProducts", [&](OpenSpan& server) {
        server.set("app.search.query", query);
        trace.sql(
            server, "SELECT", "products",
            "SELECT id, name, price FROM products WHERE name ILIKE $1 OR description ILIKE $1",
            9000);
        auto results = static_cast<int64_t>(random_.below(12));
        server.set("app.search.results", results);
        return kGrpcOk;
      });
  trace.internal(root, "render search", 1500);
  trace.end_request(root, 200);
}

void DemoShop::add_to_cart(DemoTrace& trace) {
  OpenSpan root = trace.browser_request("POST", "/cart", "/cart");
  std::string_view product = random_.pick(kProducts);
  root.set("app.product.id", product);
  root.set("app.quantity", static_cast<int64_t>(1 + random_.below(5)));
  get_product(trace, root);
  bool timeout = random_.chance(0.02);
  GrpcCode code =
      trace.grpc(root, Service::Cart, "shop.CartService", "AddItem", [&](OpenSpan& server) {
        trace.redis(server, "HSET", "cart", timeout ? RedisResult::Timeout : RedisResult::Ok);
        if (!timeout) return kGrpcOk;
        trace.fail(server, "RpcException", "cannot reach the cart storage");
        return kGrpcUnavailable;
      });
  trace.end_request(root, code == kGrpcOk ? 303 : 503);
}

void DemoShop::checkout(DemoTrace& trace) {
  OpenSpan root = trace.browser_request("POST", "/checkout", "/checkout");
  GrpcCode code = trace.grpc(root, Service::Checkout, "shop.CheckoutService", "PlaceOrder",
                             [&](OpenSpan& server) { return place_order(trace, server); });
  trace.internal(root, "render order", 1200);
  trace.end_request(root, code == kGrpcOk ? 200 : 500);
}

GrpcCode DemoShop::place_order(DemoTrace& trace, OpenSpan& checkout) {
  std::string_view order_id = trace.text("o-" + std::to_string(100'000 + random_.below(900'000)));
  double amount = 5 + static_cast<double>(random_.below(90'000)) / 100;
  checkout.set("app.order.id", order_id);
  checkout.set("app.order.amount", Value::of_double(amount));
  checkout.set("app.order.express", Value::of_bool(random_.chance(0.2)));
  GrpcCode code = get_cart(trace, checkout);
  if (code != kGrpcOk) {
    trace.fail(checkout, "*status.Error", "failed to get the cart");
    return kGrpcInternal;
  }
  price_items(trace, checkout);
  reserve_stock(trace, checkout);
  code = charge(trace, checkout, amount);
  if (code != kGrpcOk) {
    trace.fail(checkout, "*status.Error", "failed to charge the card");
    return kGrpcInternal;
  }
  finish_order(trace, checkout, order_id);
  return kGrpcOk;
}

void DemoShop::price_items(DemoTrace& trace, OpenSpan& checkout) {
  uint64_t items = 1 + random_.below(5);
  std::vector<Value> ids;
  for (uint64_t i = 0; i < items; ++i) {
    ids.push_back(Value::of_string(random_.pick(kProducts)));
    get_product(trace, checkout);
    convert(trace, checkout);
  }
  checkout.set("app.product.ids", trace.array(ids));
  trace.http(checkout, Service::Shipping, "POST", "/quote", [&](OpenSpan& server) {
    trace.internal(server, "calculate quote", 700);
    return 200;
  });
}

void DemoShop::reserve_stock(DemoTrace& trace, OpenSpan& checkout) {
  trace.grpc(checkout, Service::Inventory, "shop.InventoryService", "Reserve",
             [&](OpenSpan& server) {
               trace.sql(server, "SELECT", "stock",
                         "SELECT quantity FROM stock WHERE product_id = ANY(?) FOR UPDATE", 1500);
               trace.sql(server, "UPDATE", "stock",
                         "UPDATE stock SET reserved = reserved + ? WHERE product_id = ?", 1800);
               return kGrpcOk;
             });
}

GrpcCode DemoShop::charge(DemoTrace& trace, OpenSpan& checkout, double amount) {
  return trace.grpc(checkout, Service::Payment, "shop.PaymentService", "Charge",
                    [&](OpenSpan& server) {
                      server.set("app.payment.card_type", random_.pick(kCards));
                      server.set("app.payment.amount", Value::of_double(amount));
                      trace.work(server, 35'000);  // the bank
                      if (!random_.chance(0.06)) return kGrpcOk;
                      trace.fail(server, "CardDeclinedError", "card declined: insufficient funds");
                      return kGrpcInvalidArgument;
                    });
}

void DemoShop::finish_order(DemoTrace& trace, OpenSpan& checkout, std::string_view order_id) {
  trace.http(checkout, Service::Shipping, "POST", "/ship", [&](OpenSpan& server) {
    trace.internal(server, "create label", 1500);
    return 200;
  });
  trace.grpc(checkout, Service::Cart, "shop.CartService", "EmptyCart", [&](OpenSpan& server) {
    trace.redis(server, "DEL", "cart", RedisResult::Ok);
    return kGrpcOk;
  });
  DemoMessage order = trace.publish(checkout, "orders", order_id);
  orders_.push_back(order);
  OpenSpan stock = trace.begin_consumer(&checkout, Service::Inventory, "orders", {order});
  trace.sql(stock, "INSERT", "movements", "INSERT INTO movements (order_id, items) VALUES (?, ?)",
            2500);
  trace.end(stock);
  trace.http(checkout, Service::Email, "POST", "/send_order_confirmation", [&](OpenSpan& server) {
    trace.internal(server, "render template", 5000);
    trace.work(server, 8000);
    return 200;
  });
}

void DemoShop::fraud_check(DemoTrace& trace) {
  OpenSpan batch = trace.begin_consumer(nullptr, Service::Fraud, "orders", orders_);
  orders_.clear();
  trace.internal(batch, "score orders", 12'000);
  trace.sql(batch, "INSERT", "scores", "INSERT INTO scores (order_id, score) VALUES (?, ?)", 3000);
  trace.end(batch);
}

GrpcCode DemoShop::get_cart(DemoTrace& trace, OpenSpan& caller) {
  bool timeout = random_.chance(0.004);
  return trace.grpc(caller, Service::Cart, "shop.CartService", "GetCart", [&](OpenSpan& server) {
    trace.redis(server, "HGETALL", "cart", timeout ? RedisResult::Timeout : RedisResult::Ok);
    server.set("app.cart.items", static_cast<int64_t>(random_.below(8)));
    if (!timeout) return kGrpcOk;
    trace.fail(server, "RpcException", "cannot reach the cart storage");
    return kGrpcUnavailable;
  });
}

void DemoShop::list_products(DemoTrace& trace, OpenSpan& caller) {
  trace.grpc(
      caller, Service::Catalog, "shop.CatalogService", "ListProducts", [&](OpenSpan& server) {
        trace.sql(server, "SELECT", "products",
                  "SELECT id, name, picture, price FROM products ORDER BY rank LIMIT 50", 2200);
        return kGrpcOk;
      });
}

void DemoShop::get_product(DemoTrace& trace, OpenSpan& caller) {
  std::string_view product = random_.pick(kProducts);
  trace.grpc(caller, Service::Catalog, "shop.CatalogService", "GetProduct", [&](OpenSpan& server) {
    server.set("app.product.id", product);
    trace.sql(server, "SELECT", "products", "SELECT * FROM products WHERE id = $1", 800);
    return kGrpcOk;
  });
}

void DemoShop::convert(DemoTrace& trace, OpenSpan& caller) {
  std::string_view to = random_.pick(kCurrencies);
  trace.grpc(caller, Service::Currency, "shop.CurrencyService", "Convert", [&](OpenSpan& server) {
    server.set("app.currency.to", to);
    trace.work(server, 90);
    return kGrpcOk;
  });
}

void DemoShop::recommendations(DemoTrace& trace, OpenSpan& caller) {
  trace.grpc(caller, Service::Recommendation, "shop.RecommendationService", "ListRecommendations",
             [&](OpenSpan& server) {
               list_products(trace, server);
               trace.internal(server, "rank products", 3000);
               return kGrpcOk;
             });
}

void DemoShop::ads(DemoTrace& trace, OpenSpan& caller) {
  trace.grpc(caller, Service::Ad, "shop.AdService", "GetAds", [&](OpenSpan& server) {
    trace.work(server, 1200);
    if (!random_.chance(0.02)) return kGrpcOk;
    trace.fail(server, "io.grpc.StatusRuntimeException", "UNAVAILABLE: no ads for this context");
    return kGrpcUnavailable;
  });
}

}  // namespace spoor::app
