#include "net/http1_session.h"

namespace spoor::net {
namespace {

constexpr uint64_t kNanosPerMs = 1'000'000;

std::string serialize_head(const Response& response, std::string_view connection) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  for (const Header& header : response.headers) {
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (response.status != 204 && response.status != 304) {
    head.append("content-length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  if (!connection.empty()) head.append("connection: ").append(connection).append("\r\n");
  return head.append("\r\n");
}

}  // namespace

Http1Session::Http1Session(Carrier& carrier, Intake& intake)
    : carrier_(carrier),
      intake_(intake),
      limits_(intake.limits()),
      parser_(limits_),
      phase_start_nanos_(carrier.now_nanos()) {}

void Http1Session::receive(std::string_view bytes) {
  switch (state_) {
    case State::Reading:
      SPOOR_ASSERT(ahead_.empty());
      parse(bytes);
      keep(bytes);
      break;
    case State::Answering:
      keep(bytes);
      break;
    case State::Discarding:
      discarded_bytes_ += bytes.size();
      if (discarded_bytes_ > limits_.refused_bytes_max) state_ = State::Finished;
      break;
    case State::Finished:
      break;
  }
}

// For when the request before them is answered.
void Http1Session::keep(std::string_view bytes) {
  if (state_ != State::Reading && state_ != State::Answering) return;
  if (ahead_at_ > ahead_.size() / 2) {
    ahead_.erase(0, ahead_at_);
    ahead_at_ = 0;
  }
  ahead_.append(bytes);
}

void Http1Session::parse(std::string_view& input) {
  while (state_ == State::Reading) {
    if (!parser_.started()) {
      if (input.empty() || !carrier_.output().has_room()) return;
      phase_start_nanos_ = carrier_.now_nanos();
    }
    switch (parser_.next(input)) {
      case Http1Parser::Event::NeedMore:
        return;
      case Http1Parser::Event::Head:
        on_head();
        if (parser_.framing().expects_continue && state_ == State::Reading && input.empty()) {
          carrier_.output().push("HTTP/1.1 100 Continue\r\n\r\n");
        }
        break;
      case Http1Parser::Event::Body:
        body_bytes_ += parser_.body_piece().size();
        if (auto refused = intake_.take_body(request_, parser_.body_piece())) {
          send_last(std::move(*refused));
        }
        break;
      case Http1Parser::Event::End:
        state_ = State::Answering;
        intake_.dispatch(request_);
        break;
      case Http1Parser::Event::Refused:
        send_last(head_done_ ? intake_.refuse(request_, parser_.refusal())
                             : intake_.refuse_head(parser_.head(), parser_.refusal()));
        break;
    }
  }
}

void Http1Session::on_head() {
  head_done_ = true;
  phase_start_nanos_ = carrier_.now_nanos();
  body_bytes_ = 0;
  close_after_ = close_after_ || !parser_.framing().keep_alive;
  RequestHead& head = parser_.head();
  head.peer_address = carrier_.peer_address();
  head.peer_port = carrier_.peer_port();
  auto declared = parser_.framing().content_length;
  if (!declared && !parser_.framing().chunked) declared = 0;
  bool has_body = declared.value_or(1) > 0;
  auto refused = intake_.open(request_, std::move(head), declared,
                              carrier_.answer_for(request_number_), phase_start_nanos_);
  if (!refused) return;
  if (has_body) {
    send_last(std::move(*refused));
  } else {
    send(std::move(*refused));
  }
}

void Http1Session::send(Response response) {
  SPOOR_ASSERT(response.stream == nullptr);
  intake_.finish(request_, response, carrier_.now_nanos());
  bool http10 = parser_.head().protocol == Protocol::Http10;
  bool close = close_after_ || peer_ended_;
  std::string_view connection = close ? "close" : http10 ? "keep-alive" : "";
  carrier_.output().push(serialize_head(response, connection));
  if (!request_.head_only) carrier_.output().push(std::move(response.body));
  begin_request();
  if (!close) return;
  state_ = peer_ended_ ? State::Finished : State::Discarding;
}

void Http1Session::send_last(Response response) {
  close_after_ = true;
  send(std::move(response));
}

void Http1Session::begin_request() {
  parser_.reset();
  request_ = {};
  ++request_number_;
  head_done_ = false;
  state_ = State::Reading;
  phase_start_nanos_ = carrier_.now_nanos();
}

void Http1Session::answer(uint32_t stream_id, Response response) {
  if (state_ != State::Answering || stream_id != request_number_) return;
  send(std::move(response));
}

void Http1Session::produce() {
  while (state_ == State::Reading && !ahead_.empty() && carrier_.output().has_room()) {
    std::string_view input = std::string_view(ahead_).substr(ahead_at_);
    parse(input);
    ahead_at_ = ahead_.size() - input.size();
    if (!input.empty() && (state_ == State::Reading || state_ == State::Answering)) continue;
    ahead_ = std::string();
    ahead_at_ = 0;
  }
}

void Http1Session::receive_end() {
  if (state_ == State::Answering) {
    peer_ended_ = true;
    if (auto exchange = request_.current()) exchange->cancel();
    return;
  }
  abandon();
}

void Http1Session::abandon() {
  intake_.cancel(request_);
  request_ = {};
  ahead_ = std::string();
  state_ = State::Finished;
}

bool Http1Session::body_is_too_slow(uint64_t now_nanos) const {
  uint64_t elapsed_ms = (now_nanos - phase_start_nanos_) / kNanosPerMs;
  if (elapsed_ms < limits_.body_grace_ms) return false;
  return body_bytes_ * 1000 < uint64_t{limits_.body_bytes_per_second_min} * elapsed_ms;
}

void Http1Session::tick(uint64_t now_nanos) {
  uint64_t elapsed_ms = (now_nanos - std::min(now_nanos, phase_start_nanos_)) / kNanosPerMs;
  switch (state_) {
    case State::Reading:
      if (request_.deadline_nanos != 0 && now_nanos >= request_.deadline_nanos) {
        send_last(intake_.refuse(request_, make_refusal(504, "the deadline passed")));
      } else if (head_done_ && body_is_too_slow(now_nanos)) {
        send_last(intake_.refuse(request_, make_refusal(408, "the body arrives too slowly")));
      } else if (!head_done_ && parser_.started() && elapsed_ms >= limits_.header_time_ms) {
        send_last(intake_.refuse_head(parser_.head(),
                                      make_refusal(408, "the headers arrive too slowly")));
      } else if (!head_done_ && !parser_.started() && elapsed_ms >= limits_.idle_time_ms) {
        state_ = State::Finished;
      }
      break;
    case State::Answering:
      if (request_.deadline_nanos == 0 || now_nanos < request_.deadline_nanos) break;
      if (request_.current()) {
        send(intake_.refuse(request_, make_refusal(504, "the deadline passed")));
      }
      break;
    case State::Discarding:
      if (elapsed_ms >= limits_.refused_time_ms) state_ = State::Finished;
      break;
    case State::Finished:
      break;
  }
}

void Http1Session::drain() {
  close_after_ = true;
  if (state_ == State::Reading && !parser_.started() && ahead_.empty()) state_ = State::Finished;
}

bool Http1Session::wants_input() const {
  switch (state_) {
    case State::Reading:
      return ahead_.empty() && carrier_.output().has_room();
    case State::Answering:
      return !peer_ended_ && ahead_.size() - ahead_at_ < limits_.pipelined_bytes_max;
    case State::Discarding:
      return true;
    case State::Finished:
      return false;
  }
  return false;
}

}  // namespace spoor::net
