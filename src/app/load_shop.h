// The shop of `spoor load`: the traces of bench/corpus, services, pods, operations, attributes and
// latencies alike, made from templates (load_template.h) at more than a million spans a second and
// core. The shop of `spoor demo` is made for people to look at, this one for machines.
//
// The same seed and the same starts give the same bytes. Single-threaded.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/load_template.h"

namespace spoor::app {

// Encoded spans, each with the envelope that it belongs into.
struct LoadSpans {
  struct Entry {
    uint32_t envelope;
    uint32_t at;
    uint32_t size;
  };
  std::string bytes;
  std::vector<Entry> entries;

  void clear() {
    bytes.clear();
    entries.clear();
  }
};

class LoadShop {
 public:
  explicit LoadShop(uint64_t seed);

  // One of each pod.
  const std::vector<Envelope>& envelopes() const { return envelopes_; }

  // Adds the spans of one trace in the order of their ends: 6 to a few hundred.
  void add_trace(UnixNanos start, LoadSpans& spans);

 private:
  enum Service : uint8_t {
    Proxy,
    Frontend,
    Ad,
    Cart,
    Checkout,
    Currency,
    Email,
    Payment,
    Catalog,
    Quote,
    Recommendation,
    Shipping,
    Accounting,
    Fraud,
    Image,
    Users,
    kServiceCount,
  };
  struct ServiceTraits;
  static const std::array<ServiceTraits, kServiceCount> kTraits;

  struct Operation {
    Service service = Proxy;
    std::vector<SpanTemplate> usual;   // one of them at random
    std::vector<SpanTemplate> failed;  // the same; empty: never fails
  };
  struct Call {
    Operation client, server;
  };
  struct Page {
    Operation user;
    Call outer, inner;
  };
  enum PageKind : uint8_t {
    ProductPage,
    Recommendations,
    CartPage,
    AddToCart,
    Ads,
    ImageFile,
    CheckOut,
    Catalogue,
    kPages,
  };
  using Attributes = std::vector<AttributeSpec>;

  // Made once, in load_shop_operations.cc.
  void make_pods();
  void make_pages();
  void make_rpcs();
  void make_checkout();
  Operation operation(Service service, const std::string& name, uint32_t kind,
                      Attributes attributes);
  Call rpc(Service from, Service to, const std::string& service, const std::string& method,
           const Attributes& extra = {});
  Call http(Service from, Service to, const std::string& method, const std::string& route,
            const std::string& target);
  Operation sql(Service service, const std::string& verb, const std::string& table,
                const std::string& text);
  Operation redis(const std::string& verb);

  // Parts of a trace: they begin at a time and give the time of their end.
  template <typename Body>
  uint64_t call(const Call& operations, uint64_t parent, uint64_t at, Body body);
  uint64_t leaf(const Operation& operation, uint64_t parent, uint64_t at, uint64_t median_nanos);
  uint64_t look_up_product(Service from, uint64_t parent, uint64_t at);
  uint64_t convert_currency(Service from, uint64_t parent, uint64_t at);
  uint64_t page_body(PageKind kind, uint64_t parent, uint64_t at);
  uint64_t add_to_cart(uint64_t parent, uint64_t at);
  uint64_t place_order(uint64_t parent, uint64_t at);
  uint64_t prepare_order(uint64_t parent, uint64_t at);
  void publish_order(uint64_t parent, uint64_t at);
  void emit(const Operation& operation, bool failed, const SpanFacts& facts);
  uint64_t next_id() { return random_.next() | 1; }
  uint64_t latency(uint64_t median_nanos);
  void begin_trace();

  DemoRandom random_;
  std::vector<uint32_t> spread_;  // of latencies: multiples of the median in 1/65536
  std::vector<Envelope> envelopes_;
  std::array<uint32_t, kServiceCount> first_pod_{};
  std::array<uint32_t, kServiceCount> pods_{};

  std::array<Page, kPages> pages_;
  std::array<Call, kServiceCount> catalog_, currency_;  // by who calls
  Operation select_product_, product_list_, ads_by_category_, hget_, hmset_, expire_;
  Call recommend_, get_cart_, cart_of_order_, add_item_, get_ads_, image_;
  Call order_, quote_, shipping_quote_, charge_, confirmation_;
  Operation prepare_, calculate_, charge_card_, send_email_, publish_;
  std::array<Operation, 2> receive_, insert_order_;

  TraceFacts trace_;
  bool failing_ = false;
  LoadSpans* spans_ = nullptr;
};

}  // namespace spoor::app
