// One event loop: a thread, its sockets, its clock. Internal; includes Boost.Asio, so only the
// files that touch sockets include it.
//
// post() may be called from any thread and at any time, also after stop(): then the function
// is dropped. Everything else runs on the loop's thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "os/thread.h"

namespace spoor::net {

class Connection;

class Loop {
 public:
  Loop(const std::string& thread_name, uint32_t tick_ms);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  template <typename Function>
  void post(Function function) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (!stopped_) boost::asio::post(context_, std::move(function));
  }

  // Closes all connections, lets pending handlers run and joins the thread.
  void stop() SPOOR_EXCLUDES(mutex_);

  boost::asio::io_context& context() { return context_; }
  uint64_t now_nanos() const;

  // Shared by all connections of the loop: valid until the handler returns to the loop. So an
  // idle connection holds no buffer.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }

  void add(std::shared_ptr<Connection> connection);
  void remove(Connection* connection);
  void drain_connections();

 private:
  // 220 KB bodies cost the same read by 64, 128 and 256 KiB, within the noise of a shared
  // machine; the middle stays in the second-level cache beside the body.
  static constexpr size_t kReadBufferBytes = 128 * 1024;

  void arm_tick();
  void tick();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  const uint32_t tick_ms_;
  bool tick_armed_ = false;
  bool stopping_ = false;
  std::unique_ptr<char[]> read_buffer_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  Mutex mutex_;
  bool stopped_ SPOOR_GUARDED_BY(mutex_) = false;
  os::Thread thread_;
};

}  // namespace spoor::net
