#include "app/load_shop.h"

#include <cmath>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace spoor::app {
namespace {

constexpr size_t kSpreadEntries = 4096;
constexpr double kSigma = 0.6;
constexpr int kSpreadBits = 16;
constexpr uint64_t kUsers = 20'000;
constexpr uint64_t kMicro = 1'000;

constexpr std::array<std::string_view, 10> kProducts = {
    "OLJCESPC7Z", "66VCHSJNUP", "1YMWWN1N4O", "L9ECAV7KIM", "2ZYFJ3GM2N",
    "0PUK6V6EV0", "LS4PSXUNUM", "9SIQT8TOJO", "6E92ZMYYFZ", "HQTGWGPNH4",
};

// A normal number by twelve even ones, which is enough for a tail of latencies.
double normal(DemoRandom& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

void write_hex(uint64_t value, char* target, size_t digits) {
  for (size_t i = 0; i < digits; ++i, value >>= 4) target[i] = "0123456789abcdef"[value & 15];
}

}  // namespace

LoadShop::LoadShop(uint64_t seed) : random_(seed) {
  for (size_t i = 0; i < kSpreadEntries; ++i) {
    spread_.push_back(
        static_cast<uint32_t>(std::exp(normal(random_) * kSigma) * (1 << kSpreadBits)));
  }
  make_pods();
  make_pages();
  make_rpcs();
  make_checkout();
}

uint64_t LoadShop::latency(uint64_t median_nanos) {
  return median_nanos * spread_[random_.next() % kSpreadEntries] >> kSpreadBits;
}

void LoadShop::begin_trace() {
  store_le(trace_.id.data(), random_.next());
  store_le(trace_.id.data() + 8, random_.next() | 1);
  // Users come back; the number of one, spread over the digits.
  uint64_t user = random_.below(kUsers);
  std::memcpy(trace_.user.data(), "00000000-0000-4000-8000-000000000000", trace_.user.size());
  write_hex(user * 2654435761, trace_.user.data(), 8);
  write_hex(user, trace_.user.data() + 24, 12);
  write_hex(random_.next(), trace_.session.data(), 16);
  write_hex(random_.next(), trace_.session.data() + 16, 16);
  std::memcpy(trace_.product.data(), random_.pick(kProducts).data(), trace_.product.size());
  write_hex(random_.next(), trace_.order.data(), 16);
  write_hex(random_.next(), trace_.order.data() + 8, 16);
  trace_.order[8] = '-';
  failing_ = random_.below(40) == 0;
}

void LoadShop::emit(const Operation& operation, bool failed, const SpanFacts& facts) {
  const auto& templates = failed && !operation.failed.empty() ? operation.failed : operation.usual;
  const SpanTemplate& chosen =
      templates.size() == 1 ? templates[0] : templates[random_.below(templates.size())];
  size_t at = spans_->bytes.size();
  spans_->bytes.resize(at + chosen.size());
  chosen.write(trace_, facts, random_, spans_->bytes.data() + at);
  uint32_t pod = first_pod_[operation.service] +
                 static_cast<uint32_t>(random_.below(pods_[operation.service]));
  spans_->entries.push_back({pod, static_cast<uint32_t>(at), static_cast<uint32_t>(chosen.size())});
}

// A client's span and the server's within it.
template <typename Body>
uint64_t LoadShop::call(const Call& operations, uint64_t parent, uint64_t at, Body body) {
  uint64_t client = next_id();
  uint64_t server = next_id();
  uint64_t arrived = at + latency(180 * kMicro);
  uint64_t end = body(server, arrived + latency(60 * kMicro)) + latency(90 * kMicro);
  bool http = operations.server.usual.size() > 1;
  bool failed = failing_ && (http || random_.below(3) == 0);
  emit(operations.server, failed, {server, client, arrived, end});
  uint64_t back = end + latency(150 * kMicro);
  emit(operations.client, failed, {client, parent, at, back});
  return back;
}

uint64_t LoadShop::leaf(const Operation& operation, uint64_t parent, uint64_t at,
                        uint64_t median_nanos) {
  uint64_t end = at + latency(median_nanos);
  emit(operation, false, {next_id(), parent, at, end});
  return end;
}

uint64_t LoadShop::look_up_product(Service from, uint64_t parent, uint64_t at) {
  return call(catalog_[from], parent, at, [&](uint64_t server, uint64_t time) {
    if (random_.below(4) == 0) return time + latency(200 * kMicro);
    return leaf(select_product_, server, time, 1'800 * kMicro);
  });
}

uint64_t LoadShop::convert_currency(Service from, uint64_t parent, uint64_t at) {
  return call(currency_[from], parent, at,
              [&](uint64_t, uint64_t time) { return time + latency(40 * kMicro); });
}

uint64_t LoadShop::add_to_cart(uint64_t parent, uint64_t at) {
  return call(add_item_, parent, at, [&](uint64_t server, uint64_t time) {
    for (const Operation* each : {&hget_, &hmset_, &expire_}) {
      time = leaf(*each, server, time, 350 * kMicro);
    }
    return time;
  });
}

uint64_t LoadShop::prepare_order(uint64_t parent, uint64_t at) {
  uint64_t id = next_id();
  uint64_t time = call(cart_of_order_, id, at, [&](uint64_t server, uint64_t begin) {
    return leaf(hget_, server, begin, 350 * kMicro);
  });
  for (uint64_t items = 1 + random_.below(5); items > 0; --items) {
    time = look_up_product(Checkout, id, time);
    time = convert_currency(Checkout, id, time);
  }
  time = call(shipping_quote_, id, time, [&](uint64_t server, uint64_t begin) {
    return call(quote_, server, begin, [&](uint64_t quote, uint64_t within) {
      return leaf(calculate_, quote, within, 90 * kMicro);
    });
  });
  emit(prepare_, false, {id, parent, at, time});
  return time;
}

void LoadShop::publish_order(uint64_t parent, uint64_t at) {
  uint64_t id = next_id();
  emit(publish_, false, {id, parent, at, at + latency(400 * kMicro)});
  for (size_t i = 0; i < receive_.size(); ++i) {
    uint64_t received = at + latency(9'000 * kMicro);
    uint64_t consumer = next_id();
    uint64_t end =
        leaf(insert_order_[i], consumer, received + latency(100 * kMicro), 1'800 * kMicro);
    emit(receive_[i], false, {consumer, id, received, end});
  }
}

uint64_t LoadShop::place_order(uint64_t parent, uint64_t at) {
  return call(order_, parent, at, [&](uint64_t order, uint64_t time) {
    time = prepare_order(order, time);
    time = call(charge_, order, time, [&](uint64_t server, uint64_t begin) {
      return leaf(charge_card_, server, begin, 900 * kMicro);
    });
    time = call(confirmation_, order, time, [&](uint64_t server, uint64_t begin) {
      return leaf(send_email_, server, begin, 3'000 * kMicro);
    });
    publish_order(order, time);
    return time;
  });
}

uint64_t LoadShop::page_body(PageKind kind, uint64_t parent, uint64_t time) {
  switch (kind) {
    case ProductPage:
      return look_up_product(Frontend, parent, time);
    case Recommendations:
      return call(recommend_, parent, time, [&](uint64_t server, uint64_t within) {
        within = leaf(product_list_, server, within, 400 * kMicro);
        for (uint64_t products = 1 + random_.below(5); products > 0; --products) {
          within = look_up_product(Recommendation, server, within);
        }
        return within;
      });
    case CartPage:
      time = call(get_cart_, parent, time, [&](uint64_t server, uint64_t within) {
        return leaf(hget_, server, within, 350 * kMicro);
      });
      for (uint64_t items = random_.below(3); items > 0; --items) {
        time = look_up_product(Frontend, parent, time);
      }
      return time;
    case AddToCart:
      return add_to_cart(parent, time);
    case Ads:
      return call(get_ads_, parent, time, [&](uint64_t server, uint64_t within) {
        return leaf(ads_by_category_, server, within, 150 * kMicro);
      });
    case ImageFile:
      return call(image_, parent, time,
                  [&](uint64_t, uint64_t within) { return within + latency(2'000 * kMicro); });
    case CheckOut:
      return place_order(parent, time);
    default:  // the whole catalogue: the long tail of traces
      for (uint64_t products = 10 + random_.below(40); products > 0; --products) {
        time = look_up_product(Frontend, parent, time);
        time = convert_currency(Frontend, parent, time);
      }
      return time;
  }
}

void LoadShop::add_trace(UnixNanos start, LoadSpans& spans) {
  // Of a hundred visits so many go to this page or to one before it.
  static constexpr std::array<uint64_t, kPages> kShares = {22, 40, 58, 70, 82, 92, 98, 100};
  spans_ = &spans;
  begin_trace();
  uint64_t dice = random_.below(100);
  size_t kind = 0;
  while (dice >= kShares[kind]) ++kind;
  const Page& page = pages_[kind];
  uint64_t root = next_id();
  uint64_t end = call(page.outer, root, start.value + latency(100 * kMicro),
                      [&](uint64_t proxy, uint64_t time) {
                        return call(page.inner, proxy, time, [&](uint64_t id, uint64_t within) {
                          return page_body(static_cast<PageKind>(kind), id, within);
                        });
                      });
  emit(page.user, false, {root, 0, start.value, end + latency(50 * kMicro)});
}

}  // namespace spoor::app
