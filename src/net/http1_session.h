// HTTP/1.0 and 1.1 on one connection: one request at a time, answers in order; requests sent
// ahead wait in a bounded buffer. A refusal is answered at once, then the connection drops
// what the sender still sends, within limits, so that the sender reads the answer.
#pragma once

#include <string>

#include "net/http1_parser.h"
#include "net/intake.h"
#include "net/session.h"

namespace spoor::net {

class Http1Session final : public Session {
 public:
  Http1Session(Carrier& carrier, Intake& intake);

  void receive(std::string_view bytes) override;
  void receive_end() override;
  void answer(uint32_t stream_id, Response response) override;
  void resume(uint32_t) override {}
  void produce() override;
  void tick(uint64_t now_nanos) override;
  void drain() override;
  void abandon() override;
  bool wants_input() const override;
  bool output_ended() const override { return state_ == State::Discarding; }
  bool finished() const override { return state_ == State::Finished; }

 private:
  enum class State {
    Reading,     // a request's bytes, or the wait for them
    Answering,   // the handler has the request
    Discarding,  // the last answer is given; input is dropped
    Finished,
  };

  // Takes from the front of `input` as long as a request can be read.
  void parse(std::string_view& input);
  void keep(std::string_view bytes);
  void on_head();
  void send(Response response);
  void send_last(Response response);
  void begin_request();
  bool body_is_too_slow(uint64_t now_nanos) const;

  Carrier& carrier_;
  Intake& intake_;
  const Limits& limits_;
  Http1Parser parser_;
  OpenRequest request_;
  State state_ = State::Reading;
  uint32_t request_number_ = 1;  // the stream id of answers: a late one hits no other request
  bool head_done_ = false;
  bool close_after_ = false;
  bool peer_ended_ = false;
  std::string ahead_;           // pipelined bytes, of which ...
  size_t ahead_at_ = 0;         // ... so many are taken
  uint64_t phase_start_nanos_;  // of waiting, the head, the body, discarding
  uint64_t body_bytes_ = 0;
  uint64_t discarded_bytes_ = 0;
};

}  // namespace spoor::net
