// The whole server but its sockets, over a world in memory: requests go through the router to the
// handlers and back, spans through admission, log, head and parts.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/api.h"
#include "api/decode_body.h"
#include "os/memory_world.h"

namespace spoor::test {

class ApiStack {
 public:
  ApiStack() {
    store::StoreOptions options;
    options.path = "/data";
    options.decode = api::decode_record;
    options.budget = &budget_;
    auto opened = store::Store::open(world_, options);
    SPOOR_ASSERT(opened.ok());
    store_ = std::move(*opened);
    ingest_ = std::make_unique<ingest::Ingest>(*store_, ingest::AdmissionLimits{}, metrics_);
    otlp_ = std::make_unique<api::ReceiveOtlp>(*ingest_, world_, api::ReceiveOtlp::Options{});
    jaeger_ = std::make_unique<api::ServeJaeger>(*store_, world_, pool_);
    otlp_->add_http(router_, "/v1/traces");
    jaeger_->add_routes(router_, "");
    tempo_ = std::make_unique<api::ServeTempo>(*store_, world_, pool_, "cases");
    tempo_->add_routes(router_, "/select/tempo");
    tempo_->add_streaming(router_);
  }
  ~ApiStack() { queries_.stop(); }

  // Waits for the answer.
  net::Response request(net::Method method, std::string_view target, std::string body = {},
                        const net::HeaderList& headers = {}) {
    std::weak_ptr<net::Exchange> exchange;
    return request(method, target, std::move(body), headers, exchange);
  }

  // The same; `asked` can cancel it while its stream goes on.
  net::Response request(net::Method method, std::string_view target, std::string body,
                        const net::HeaderList& headers, std::weak_ptr<net::Exchange>& asked) {
    net::RequestHead head;
    head.protocol = net::Protocol::Http2;
    head.method = method;
    head.method_text = net::to_string(method);
    head.path = target.substr(0, target.find('?'));
    if (head.path.size() < target.size()) head.query = target.substr(head.path.size() + 1);
    head.headers = headers;
    net::Router::Match match = router_.match(head);
    if (match.route == nullptr) return router_.refuse(nullptr, head, match.refusal);

    std::mutex mutex;
    std::condition_variable changed;
    std::optional<net::Response> answer;
    auto exchange = std::make_shared<net::Exchange>(head, [&](net::Response response) {
      std::lock_guard lock(mutex);
      answer = std::move(response);
      changed.notify_one();
    });
    asked = exchange;
    exchange->set_budget(&budget_);
    exchange->set_body(std::move(body), budget_.reserve());
    if (match.route->options.admit) {
      if (auto refused = match.route->options.admit(*exchange)) return std::move(*refused);
    }
    match.route->handler(std::move(exchange));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answer.has_value(); });
    return std::move(*answer);
  }

  Status flush() { return store_->flush(); }

 private:
  os::MemoryWorld world_;
  os::MemoryBudget budget_{256 << 20};
  MetricRegistry metrics_;
  query::CountedPieces counted_{1 << 20};
  os::Executor queries_{os::Executor::Options{"query", 2, 64}};
  const api::QueryPool pool_{queries_, budget_, counted_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<api::ReceiveOtlp> otlp_;
  std::unique_ptr<api::ServeJaeger> jaeger_;
  std::unique_ptr<api::ServeTempo> tempo_;
  net::Router router_;
};

}  // namespace spoor::test
