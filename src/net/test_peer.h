// What the tests of net share: a raw TCP peer that sends any bytes, and a gate to hold and
// release handlers without sleeping.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "net/net.h"

namespace spoor::net {

// A blocking connection to a port of this machine. Reads give up after ten seconds, so that a
// test that goes wrong fails and does not hang.
class TestPeer {
 public:
  explicit TestPeer(uint16_t port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    timeval timeout{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~TestPeer() { close(); }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  // False once the other side no longer takes bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void send_byte_by_byte(std::string_view bytes) {
    for (char byte : bytes) EXPECT_TRUE(send({&byte, 1}));
  }

  // Reads until `text` has come; the bytes up to its end. All that came, if it does not.
  std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos) {
      if (!read_some()) return std::exchange(received_, {});
    }
    return take(received_.find(text) + text.size());
  }
  std::string read_bytes(size_t bytes) {
    while (received_.size() < bytes) {
      if (!read_some()) break;
    }
    return take(std::min(bytes, received_.size()));
  }
  std::string read_to_end() {
    while (read_some()) {
    }
    return std::exchange(received_, {});
  }
  // Whatever comes next; empty at the end of the connection.
  std::string read_available() {
    if (received_.empty()) read_some();
    return std::exchange(received_, {});
  }
  // One HTTP/1 answer with Content-Length, or without body.
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    size_t at = head.find("content-length: ");
    if (at == std::string::npos) return head;
    return head + read_bytes(std::stoul(head.substr(at + 16)));
  }
  void end_output() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  bool read_some() {
    char buffer[65536];
    ssize_t bytes = ::recv(fd_, buffer, sizeof buffer, 0);
    if (bytes <= 0) return false;
    received_.append(buffer, static_cast<size_t>(bytes));
    return true;
  }
  std::string take(size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }

  int fd_ = -1;
  std::string received_;
};

// A value handed from one thread to another.
template <typename T>
class Handover {
 public:
  void put(T value) {
    MutexLock lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  // Gives up after ten seconds.
  T take() {
    MutexLock lock(mutex_);
    for (int waits = 0; values_.empty() && waits < 1000; ++waits) {
      changed_.wait_for_ms(mutex_, 10);
    }
    EXPECT_FALSE(values_.empty());
    if (values_.empty()) return T();
    T value = std::move(values_.front());
    values_.erase(values_.begin());
    return value;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<T> values_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::net
