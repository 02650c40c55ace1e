#include "net/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <map>
#include <vector>

#include "base/log.h"
#include "net/connection.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "os/resources.h"

namespace spoor::net {
namespace {

using boost::asio::ip::tcp;

// How long drain() waits for the peers' last reads once nothing is in flight.
constexpr uint64_t kFarewellMs = 1'000;
// Pause of a listener that could not accept: out of descriptors, usually.
constexpr uint32_t kAcceptPauseMs = 100;

// The address itself where a socket of both families shows it as ::ffff:1.2.3.4.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

// An IPv6 host owns a /64; limits count that, not each of its addresses.
std::string address_key(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  return std::string(bytes.begin(), bytes.begin() + 8);
}

// Connections in all and by address.
class ConnectionTable {
 public:
  explicit ConnectionTable(const Limits& limits) : limits_(limits) {}

  bool add(const std::string& key) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (total_ >= limits_.connections_max) return false;
    uint32_t& of_address = by_address_[key];
    if (of_address >= limits_.connections_per_address_max) return false;
    ++of_address;
    ++total_;
    return true;
  }
  void remove(const std::string& key) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    --total_;
    auto found = by_address_.find(key);
    SPOOR_ASSERT(found != by_address_.end() && found->second > 0);
    if (--found->second == 0) by_address_.erase(found);
    if (total_ == 0) emptied_.notify_all();
  }
  uint64_t total() SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return total_;
  }
  void wait_for_ms(int64_t timeout_ms) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (total_ > 0) emptied_.wait_for_ms(mutex_, timeout_ms);
  }

 private:
  const Limits& limits_;
  Mutex mutex_;
  CondVar emptied_;
  uint64_t total_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::map<std::string, uint32_t> by_address_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options);
  ~Impl();

  Status use_tls(os::World& world, const TlsFiles& files);
  Result<uint16_t> listen(const Listener& listener);
  bool drain(uint64_t deadline_ms);
  uint64_t connections() { return table_.total(); }
  uint64_t in_flight() const { return in_flight_.load(std::memory_order_acquire); }

 private:
  // A bound port. Lives on the first loop.
  struct Port {
    Port(Loop& loop) : acceptor(loop.context()), pause(loop.context()) {}
    tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
    std::vector<std::shared_ptr<Intake>> intakes;  // one per loop
  };

  // The next look at the files of TLS. Lives on the first loop.
  struct TlsCheck {
    TlsCheck(Loop& loop) : timer(loop.context()) {}
    boost::asio::steady_timer timer;
    bool ended = false;
  };

  Status bind(tcp::acceptor& acceptor, const Listener& listener);
  void accept(std::shared_ptr<Port> port);
  void take(Port& port, size_t loop_index, tcp::socket socket);
  void close_ports();
  void arm_tls_check();

  const ServerOptions options_;
  std::atomic<uint64_t> in_flight_{0};
  ConnectionTable table_;
  Counter* accepted_ = nullptr;
  Counter* refused_ = nullptr;
  std::unique_ptr<TlsServer> tls_;  // null: plain
  std::vector<std::shared_ptr<Loop>> loops_;
  std::vector<std::shared_ptr<Port>> ports_;
  std::shared_ptr<TlsCheck> tls_check_;
  size_t next_loop_ = 0;  // on the first loop's thread
};

Server::Impl::Impl(ServerOptions options) : options_(options), table_(options_.limits) {
  if (options_.metrics != nullptr) {
    accepted_ = &options_.metrics->counter("spoor_net_connections_total", "connections accepted");
    refused_ = &options_.metrics->counter("spoor_net_connections_refused_total",
                                          "connections closed at once for a connection limit");
  }
  size_t count = options_.loops;
  if (count == 0) count = std::max<size_t>(1, os::detect_resources().cores);
  for (size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_shared<Loop>("net-" + std::to_string(i), options_.limits.tick_ms));
  }
}

Server::Impl::~Impl() {
  close_ports();
  for (auto& loop : loops_) loop->stop();
}

Status Server::Impl::use_tls(os::World& world, const TlsFiles& files) {
  SPOOR_ASSERT(tls_ == nullptr && ports_.empty());
  SPOOR_ASSIGN(tls_, TlsServer::open(world, files, options_.metrics));
  tls_check_ = std::make_shared<TlsCheck>(*loops_.front());
  loops_.front()->post([this] { arm_tls_check(); });
  return {};
}

void Server::Impl::arm_tls_check() {
  if (tls_check_->ended) return;
  tls_check_->timer.expires_after(std::chrono::milliseconds(options_.limits.tls_check_ms));
  tls_check_->timer.async_wait([this](const boost::system::error_code& stopped) {
    if (stopped || tls_check_->ended) return;
    tls_->check_files();
    arm_tls_check();
  });
}

Status Server::Impl::bind(tcp::acceptor& acceptor, const Listener& listener) {
  std::string place = listener.host + ":" + std::to_string(listener.port);
  boost::system::error_code error;
  tcp::resolver resolver(acceptor.get_executor());
  auto found = resolver.resolve(listener.host, std::to_string(listener.port),
                                tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return failed_precondition("cannot resolve " + place + ": " + error.message());
  }
  tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) return failed_precondition("cannot listen on " + place + ": " + error.message());
  return {};
}

Result<uint16_t> Server::Impl::listen(const Listener& listener) {
  SPOOR_ASSERT(listener.router != nullptr);
  auto port = std::make_shared<Port>(*loops_.front());
  SPOOR_TRY(bind(port->acceptor, listener));
  for (size_t i = 0; i < loops_.size(); ++i) {
    port->intakes.push_back(std::make_shared<Intake>(listener.name, listener.router,
                                                     &options_.limits, options_.budget,
                                                     options_.metrics, &in_flight_));
  }
  boost::system::error_code ignored;
  uint16_t bound = port->acceptor.local_endpoint(ignored).port();
  ports_.push_back(port);
  loops_.front()->post([this, port] { accept(port); });
  return bound;
}

void Server::Impl::accept(std::shared_ptr<Port> port) {
  if (!port->acceptor.is_open()) return;
  size_t index = next_loop_++ % loops_.size();
  auto& context = loops_[index]->context();
  port->acceptor.async_accept(
      context, [this, port, index](const boost::system::error_code& error, tcp::socket socket) {
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) {
          take(*port, index, std::move(socket));
          return accept(port);
        }
        port->pause.expires_after(std::chrono::milliseconds(kAcceptPauseMs));
        port->pause.async_wait([this, port](const boost::system::error_code& stopped) {
          if (!stopped) accept(port);
        });
      });
}

void Server::Impl::take(Port& port, size_t loop_index, tcp::socket socket) {
  boost::system::error_code error;
  tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  auto address = unmapped(peer.address());
  std::string key = address_key(address);
  if (!table_.add(key)) {
    if (refused_ != nullptr) refused_->add();
    return;
  }
  if (accepted_ != nullptr) accepted_->add();
  auto loop = loops_[loop_index];
  std::unique_ptr<Stream> stream =
      tls_ ? tls_->accept(std::move(socket)) : std::make_unique<PlainStream>(std::move(socket));
  auto connection = std::make_shared<Connection>(
      loop, std::move(stream), PeerAddress{address.to_string(), peer.port()},
      port.intakes[loop_index], [this, key] { table_.remove(key); });
  loop->post([connection] { connection->start(); });
}

void Server::Impl::close_ports() {
  if (tls_check_) {
    loops_.front()->post([check = tls_check_] {
      check->ended = true;
      check->timer.cancel();
    });
  }
  for (auto& port : ports_) {
    loops_.front()->post([port] {
      boost::system::error_code ignored;
      port->acceptor.close(ignored);
      port->pause.cancel();
    });
  }
  ports_.clear();
}

bool Server::Impl::drain(uint64_t deadline_ms) {
  close_ports();
  for (auto& loop : loops_) {
    loop->post([loop = loop.get()] { loop->drain_connections(); });
  }
  uint64_t start = loops_.front()->now_nanos();
  auto elapsed_ms = [&] { return (loops_.front()->now_nanos() - start) / 1'000'000; };
  while (in_flight() > 0 && elapsed_ms() < deadline_ms) table_.wait_for_ms(5);
  bool complete = in_flight() == 0;
  uint64_t farewell_ms = std::min(deadline_ms, elapsed_ms() + kFarewellMs);
  while (complete && table_.total() > 0 && elapsed_ms() < farewell_ms) table_.wait_for_ms(5);
  for (auto& loop : loops_) loop->stop();
  return complete;
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(options)) {}
Server::~Server() = default;
Status Server::use_tls(os::World& world, const TlsFiles& files) {
  return impl_->use_tls(world, files);
}
Result<uint16_t> Server::listen(const Listener& listener) {
  return impl_->listen(listener);
}
bool Server::drain(uint64_t deadline_ms) {
  return impl_->drain(deadline_ms);
}
uint64_t Server::connections() const {
  return impl_->connections();
}
uint64_t Server::exchanges_in_flight() const {
  return impl_->in_flight();
}

}  // namespace spoor::net
