#include "net/connection.h"

#include <algorithm>
#include <array>

#include "net/http1_session.h"
#include "net/http2_session.h"

namespace spoor::net {
namespace {

constexpr uint64_t kNanosPerMs = 1'000'000;
// Reads of one connection before the loop looks at the others.
constexpr int kReadsPerTurn = 4;
constexpr size_t kPiecesPerWrite = 16;

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, std::unique_ptr<Stream> stream, PeerAddress peer,
                       std::shared_ptr<Intake> intake, std::function<void()> on_close)
    : loop_(std::move(loop)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      intake_(std::move(intake)),
      on_close_(std::move(on_close)),
      start_nanos_(loop_->now_nanos()),
      write_progress_nanos_(start_nanos_) {}

Connection::~Connection() {
  if (!closed_) on_close_();  // never started: the loop had stopped
}

void Connection::start() {
  loop_->add(shared_from_this());
  if (!closed_) wait_readable();
}

Exchange::Answer Connection::answer_for(uint32_t stream_id) {
  // The loop is held, the connection is not: a late answer to a dead connection is dropped.
  return [loop = std::weak_ptr<Loop>(loop_), weak = weak_from_this(), answers = answers_,
          stream_id](Response response) {
    auto alive = loop.lock();
    if (!alive || !answers->put(stream_id, std::move(response))) return;
    alive->post([weak] {
      if (auto connection = weak.lock()) connection->send_answers();
    });
  };
}

std::function<void()> Connection::resume_for(uint32_t stream_id) {
  return [loop = std::weak_ptr<Loop>(loop_), weak = weak_from_this(), stream_id] {
    auto alive = loop.lock();
    if (!alive) return;
    alive->post([weak, stream_id] {
      if (auto connection = weak.lock()) connection->resume(stream_id);
    });
  };
}

void Connection::resume(uint32_t stream_id) {
  if (closed_) return;
  session_->resume(stream_id);
  pump();
}

void Connection::send_answers() {
  if (closed_) return;
  for (ReadyAnswers::Entry& entry : answers_->take()) {
    session_->answer(entry.stream_id, std::move(entry.response));
  }
  pump();
}

void Connection::wait_readable() {
  if (waits_readable_ || closed_) return;
  waits_readable_ = true;
  auto woken = [self = shared_from_this()](const boost::system::error_code&) {
    self->waits_readable_ = false;
    if (!self->closed_) self->on_readable();
  };
  if (stream_->has_input()) return loop_->post([woken] { woken({}); });
  stream_->socket().async_wait(boost::asio::ip::tcp::socket::wait_read, woken);
}

void Connection::wait_writable() {
  if (waits_writable_ || closed_) return;
  waits_writable_ = true;
  stream_->socket().async_wait(boost::asio::ip::tcp::socket::wait_write,
                               [self = shared_from_this()](const boost::system::error_code&) {
                                 self->waits_writable_ = false;
                                 if (self->closed_) return;
                                 self->agreed_ ? self->pump() : self->on_readable();
                               });
}

// False while the two sides are not agreed yet, or will never be.
bool Connection::shake_hands() {
  IoResult result = stream_->shake_hands();
  agreed_ = result.state == IoResult::State::Done;
  if (result.state == IoResult::State::WaitReadable) wait_readable();
  if (result.state == IoResult::State::WaitWritable) wait_writable();
  if (result.state == IoResult::State::End || result.state == IoResult::State::Failed) close();
  return agreed_;
}

void Connection::on_readable() {
  if (!agreed_ && !shake_hands()) return;
  std::span<char> buffer = loop_->read_buffer();
  for (int turn = 0; turn < kReadsPerTurn; ++turn) {
    if (session_ && !session_->wants_input()) break;
    IoResult result = stream_->read_some(buffer);
    if (result.state == IoResult::State::WaitReadable) break;
    if (result.state == IoResult::State::WaitWritable) return wait_writable();
    if (result.state == IoResult::State::Failed) return close();
    if (result.state == IoResult::State::End) {
      if (!session_) return close();
      session_->receive_end();
      break;
    }
    receive({buffer.data(), result.bytes});
    if (result.bytes < buffer.size()) break;
  }
  pump();
}

void Connection::receive(std::string_view bytes) {
  if (session_) {
    session_->receive(bytes);
  } else {
    detect_protocol(bytes);
  }
}

// Where nothing is agreed: the HTTP/2 preface is no HTTP/1 request, the first byte that differs
// from it decides.
void Connection::detect_protocol(std::string_view bytes) {
  preface_.append(bytes);
  AgreedProtocol protocol = stream_->agreed_protocol();
  if (protocol == AgreedProtocol::Undecided) {
    size_t compared = std::min(preface_.size(), kHttp2Preface.size());
    bool equal = preface_.compare(0, compared, kHttp2Preface, 0, compared) == 0;
    if (equal && compared < kHttp2Preface.size()) return;
    protocol = equal ? AgreedProtocol::Http2 : AgreedProtocol::Http1;
  }
  if (protocol == AgreedProtocol::Http2) {
    session_ = make_http2_session(*this, *intake_);
  } else {
    session_ = std::make_unique<Http1Session>(*this, *intake_);
  }
  std::string received = std::move(preface_);
  session_->receive(received);
  if (draining_) session_->drain();
}

// Sends what there is, then asks for more input or for the end.
void Connection::pump() {
  if (!session_) return wait_readable();
  session_->produce();
  if (!write_output()) return;
  if (output_.empty() && session_->finished()) return close();
  if (output_.empty() && session_->output_ended() && !output_ended_) {
    output_ended_ = true;
    stream_->end_output();
  }
  if (session_->wants_input()) wait_readable();
}

// False if the connection is closed now.
bool Connection::write_output() {
  if (waits_writable_) return true;
  while (!output_.empty()) {
    std::array<iovec, kPiecesPerWrite> pieces;
    size_t count = std::min(output_.chunks(), pieces.size());
    for (size_t i = 0; i < count; ++i) {
      std::string_view chunk = output_.chunk(i);
      pieces[i] = {const_cast<char*>(chunk.data()), chunk.size()};
    }
    IoResult result = stream_->write_some({pieces.data(), count});
    if (result.state == IoResult::State::WaitReadable) {
      wait_readable();
      return true;
    }
    if (result.state == IoResult::State::WaitWritable) {
      wait_writable();
      return true;
    }
    if (result.state != IoResult::State::Done) {
      close();
      return false;
    }
    output_.consume(result.bytes);
    write_progress_nanos_ = loop_->now_nanos();
    if (output_.has_room()) session_->produce();
  }
  return true;
}

void Connection::tick(uint64_t now_nanos) {
  if (closed_) return;
  const Limits& limits = intake_->limits();
  if (!session_) {
    bool idle = agreed_ && preface_.empty();
    uint32_t limit_ms = idle ? limits.idle_time_ms : limits.header_time_ms;
    if (now_nanos - std::min(now_nanos, start_nanos_) >= limit_ms * kNanosPerMs) close();
    return;
  }
  if (waits_writable_) {
    uint64_t stalled = now_nanos - std::min(now_nanos, write_progress_nanos_);
    if (stalled >= limits.write_stall_ms * kNanosPerMs) return close();
  }
  session_->tick(now_nanos);
  pump();
}

void Connection::drain() {
  if (closed_) return;
  draining_ = true;
  if (!session_) return preface_.empty() ? close() : void();
  session_->drain();
  pump();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  auto self = shared_from_this();
  if (session_) session_->abandon();
  stream_->close();
  on_close_();
  loop_->remove(this);
}

}  // namespace spoor::net
