#include "net/loop.h"

#include <chrono>
#include <vector>

#include "net/connection.h"

namespace spoor::net {

Loop::Loop(const std::string& thread_name, uint32_t tick_ms)
    : work_(boost::asio::make_work_guard(context_)),
      timer_(context_),
      tick_ms_(tick_ms),
      read_buffer_(std::make_unique_for_overwrite<char[]>(kReadBufferBytes)) {
  thread_ = os::Thread(thread_name, [this] { context_.run(); });
}

Loop::~Loop() {
  stop();
}

void Loop::stop() {
  post([this] {
    stopping_ = true;
    auto connections = std::move(connections_);
    connections_.clear();
    for (auto& [key, connection] : connections) connection->close();
    timer_.cancel();
    work_.reset();
  });
  thread_.join();
  {
    MutexLock lock(mutex_);
    stopped_ = true;
  }
  // What was posted between the end of the thread and `stopped_`.
  context_.restart();
  context_.poll();
}

uint64_t Loop::now_nanos() const {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

void Loop::add(std::shared_ptr<Connection> connection) {
  if (stopping_) {
    connection->close();
    return;
  }
  Connection* key = connection.get();
  connections_.emplace(key, std::move(connection));
  arm_tick();
}

void Loop::remove(Connection* connection) {
  connections_.erase(connection);
}

void Loop::drain_connections() {
  std::vector<std::shared_ptr<Connection>> all;
  for (auto& [key, connection] : connections_) all.push_back(connection);
  for (auto& connection : all) connection->drain();
}

// Ticks only while there are connections: an idle process stays idle.
void Loop::arm_tick() {
  if (tick_armed_ || stopping_ || connections_.empty()) return;
  tick_armed_ = true;
  timer_.expires_after(std::chrono::milliseconds(tick_ms_));
  timer_.async_wait([this](const boost::system::error_code&) { tick(); });
}

void Loop::tick() {
  tick_armed_ = false;
  uint64_t now = now_nanos();
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (auto& [key, connection] : connections_) all.push_back(connection);
  for (auto& connection : all) connection->tick(now);
  arm_tick();
}

}  // namespace spoor::net
