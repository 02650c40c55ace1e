// A socket and the session on it: finds out which protocol the peer speaks, moves bytes, and
// ends the session when the peer, the limits or the server say so. Internal; lives on one
// loop's thread and is owned by that loop until closed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "net/intake.h"
#include "net/loop.h"
#include "net/session.h"
#include "net/stream.h"

namespace spoor::net {

struct PeerAddress {
  std::string address;
  uint16_t port = 0;
};

// Answers on their way to the loop's thread: of a connection with many requests in flight those
// that are ready together are sent together. Any thread.
class ReadyAnswers {
 public:
  struct Entry {
    uint32_t stream_id = 0;
    Response response;
  };
  // Whether it is the first since take(), so that somebody has to call that.
  bool put(uint32_t stream_id, Response response) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    entries_.push_back({stream_id, std::move(response)});
    return entries_.size() == 1;
  }
  std::vector<Entry> take() SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return std::exchange(entries_, {});
  }

 private:
  Mutex mutex_;
  std::vector<Entry> entries_ SPOOR_GUARDED_BY(mutex_);
};

class Connection final : public Carrier, public std::enable_shared_from_this<Connection> {
 public:
  // `on_close` is called once.
  Connection(std::shared_ptr<Loop> loop, std::unique_ptr<Stream> stream, PeerAddress peer,
             std::shared_ptr<Intake> intake, std::function<void()> on_close);
  ~Connection() override;

  void start();
  void tick(uint64_t now_nanos);
  void drain();
  void close();

  uint64_t now_nanos() const override { return loop_->now_nanos(); }
  Exchange::Answer answer_for(uint32_t stream_id) override;
  std::function<void()> resume_for(uint32_t stream_id) override;
  OutputQueue& output() override { return output_; }
  const std::string& peer_address() const override { return peer_.address; }
  uint16_t peer_port() const override { return peer_.port; }

 private:
  bool shake_hands();
  void on_readable();
  void receive(std::string_view bytes);
  void detect_protocol(std::string_view bytes);
  void send_answers();
  void resume(uint32_t stream_id);
  void pump();
  bool write_output();
  void wait_readable();
  void wait_writable();

  std::shared_ptr<Loop> loop_;
  std::unique_ptr<Stream> stream_;
  PeerAddress peer_;
  std::shared_ptr<Intake> intake_;
  std::function<void()> on_close_;
  std::unique_ptr<Session> session_;  // null until the protocol is known
  std::string preface_;               // what has come until then
  OutputQueue output_;
  const std::shared_ptr<ReadyAnswers> answers_ = std::make_shared<ReadyAnswers>();
  uint64_t start_nanos_;
  uint64_t write_progress_nanos_;
  bool agreed_ = false;  // shaken hands
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool output_ended_ = false;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace spoor::net
