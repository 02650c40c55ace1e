// A synthetic shop of a dozen services for `spoor demo`: people browse, search, fill a cart and
// check out; cards are declined, a cache times out, and one of three copies of the catalog runs
// a release (service.version 2.4.0) whose queries are slow. Orders go through Kafka to a stock
// keeper in the same trace and to a fraud check that reads them in batches, in traces of its own
// with links.
//
// The same seed and the same starts give the same spans. A shop that continues a stored history
// needs a seed of its own, or trace ids repeat. Single-threaded.
#pragma once

#include <cstdint>
#include <vector>

#include "app/demo_trace.h"
#include "model/span.h"

namespace spoor::app {

class DemoShop {
 public:
  // Add traces to a batch until it has this many spans, then send it and clear it.
  static constexpr size_t kBatchSpans = 200;

  explicit DemoShop(uint64_t seed);

  // Appends one whole trace that begins at `start`: 2 to about 70 spans.
  void append_trace(UnixNanos start, SpanBatch& batch);

 private:
  void home_page(DemoTrace& trace);
  void product_page(DemoTrace& trace);
  void search(DemoTrace& trace);
  void add_to_cart(DemoTrace& trace);
  void checkout(DemoTrace& trace);
  void fraud_check(DemoTrace& trace);

  GrpcCode place_order(DemoTrace& trace, OpenSpan& checkout);
  void price_items(DemoTrace& trace, OpenSpan& checkout);
  void reserve_stock(DemoTrace& trace, OpenSpan& checkout);
  GrpcCode charge(DemoTrace& trace, OpenSpan& checkout, double amount);
  void finish_order(DemoTrace& trace, OpenSpan& checkout, std::string_view order_id);
  GrpcCode get_cart(DemoTrace& trace, OpenSpan& caller);
  void list_products(DemoTrace& trace, OpenSpan& caller);
  void get_product(DemoTrace& trace, OpenSpan& caller);
  void convert(DemoTrace& trace, OpenSpan& caller);
  void recommendations(DemoTrace& trace, OpenSpan& caller);
  void ads(DemoTrace& trace, OpenSpan& caller);

  DemoRandom random_;
  const std::vector<DemoInstance> instances_;
  std::vector<DemoMessage> orders_;  // not read by the fraud check yet
};

}  // namespace spoor::app
