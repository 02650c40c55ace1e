// One connection's protocol without its socket: bytes in, bytes out, time told. The connection
// (connection.h) carries a session; tests and fuzzers feed it by hand. Everything here runs on
// the loop's thread except the functions that Carrier::answer_for and resume_for make.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "net/exchange.h"

namespace spoor::net {

// Bytes on their way to the peer.
class OutputQueue {
 public:
  // A session stops producing above this; one answer may be larger.
  static constexpr size_t kBytesSoftMax = 256 * 1024;

  void push(std::string chunk) {
    if (chunk.empty()) return;
    bytes_ += chunk.size();
    chunks_.push_back(std::move(chunk));
  }
  size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }
  bool has_room() const { return bytes_ < kBytesSoftMax; }
  size_t chunks() const { return chunks_.size(); }
  std::string_view chunk(size_t index) const {
    std::string_view whole = chunks_[index];
    return index == 0 ? whole.substr(front_at_) : whole;
  }
  void consume(size_t bytes) {
    SPOOR_ASSERT(bytes <= bytes_);
    bytes_ -= bytes;
    while (bytes > 0 && bytes >= chunks_.front().size() - front_at_) {
      bytes -= chunks_.front().size() - front_at_;
      chunks_.pop_front();
      front_at_ = 0;
    }
    front_at_ += bytes;
  }

 private:
  std::deque<std::string> chunks_;
  size_t front_at_ = 0;  // bytes of the first chunk that are gone
  size_t bytes_ = 0;
};

// What a session asks of the connection that carries it.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual uint64_t now_nanos() const = 0;  // steady
  // Makes the function by which an exchange answers; callable from any thread, also after the
  // connection has gone.
  virtual Exchange::Answer answer_for(uint32_t stream_id) = 0;
  // Makes the function that has Session::resume() called; the same may be said of it.
  virtual std::function<void()> resume_for(uint32_t stream_id) = 0;
  virtual OutputQueue& output() = 0;
  virtual const std::string& peer_address() const = 0;
  virtual uint16_t peer_port() const = 0;
};

class Session {
 public:
  virtual ~Session() = default;

  virtual void receive(std::string_view bytes) = 0;
  // The peer sends no more.
  virtual void receive_end() = 0;
  // The answer of an exchange; of none if the stream has ended meanwhile.
  virtual void answer(uint32_t stream_id, Response response) = 0;
  // The body of an answer that is sent as it is made has something to take again.
  virtual void resume(uint32_t stream_id) = 0;
  // Goes on with what waited for room in the output.
  virtual void produce() = 0;
  virtual void tick(uint64_t now_nanos) = 0;
  // Finish what is in flight, take no more, then be finished().
  virtual void drain() = 0;
  // The socket is gone: cancels all exchanges.
  virtual void abandon() = 0;

  virtual bool wants_input() const = 0;
  // Nothing more will be sent: half-close when the output is empty.
  virtual bool output_ended() const = 0;
  // Close when the output is empty.
  virtual bool finished() const = 0;
};

}  // namespace spoor::net
