#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http1_head.h"

namespace spoor::net {
namespace {

constexpr uint64_t kNanosPerMs = 1'000'000;
constexpr uint64_t kNanosPerSecond = 1'000'000'000;
// HPACK's accounting of a header field beyond its text (RFC 7541 4.1).
constexpr size_t kHeaderOverheadBytes = 32;
constexpr std::array<uint8_t, 8> kDrainPing = {'s', 'p', 'o', 'o', 'r', 'e', 'n', 'd'};

struct Http2Stream {
  enum class State { Head, Body, Handed, Answered };

  explicit Http2Stream(int32_t stream_id) : id(stream_id) {}

  const int32_t id;
  State state = State::Head;
  uint64_t phase_start_nanos = 0;  // of the head, then of the body

  RequestHead head;
  size_t head_bytes = 0;
  bool head_too_large = false;

  OpenRequest request;
  uint64_t body_bytes = 0;
  uint32_t window_bytes = 0;
  uint32_t credit_bytes = 0;      // received, not yet given back to the peer
  uint64_t held_since_nanos = 0;  // the budget has no room since; 0: not held
  uint64_t held_nanos = 0;        // held in all, which is not the sender's fault

  Response response;
  size_t sent_bytes = 0;
  uint64_t progress_nanos = 0;
  bool awaits_body = false;  // of a response that is sent as it is made: all so far is sent
};

std::string_view view(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv name_value(std::string_view name, std::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

void append_fields(std::vector<nghttp2_nv>& fields, const std::vector<Header>& headers) {
  for (const Header& header : headers) fields.push_back(name_value(header.name, header.value));
}

class Http2Session final : public Session {
 public:
  Http2Session(Carrier& carrier, Intake& intake);
  ~Http2Session() override;

  void receive(std::string_view bytes) override;
  void receive_end() override { abandon(); }
  void answer(uint32_t stream_id, Response response) override;
  void resume(uint32_t stream_id) override;
  void produce() override;
  void tick(uint64_t now_nanos) override;
  void drain() override;
  void abandon() override;
  bool wants_input() const override { return !finished(); }
  bool output_ended() const override { return false; }
  bool finished() const override;

  // Called by nghttp2.
  int on_begin_headers(const nghttp2_frame* frame);
  int on_header(const nghttp2_frame* frame, std::string_view name, std::string_view value);
  int on_frame(const nghttp2_frame* frame);
  int on_data(int32_t stream_id, std::string_view data);
  int on_frame_sent(const nghttp2_frame* frame);
  int on_stream_closed(int32_t stream_id);
  ssize_t read_response(Http2Stream& stream, uint8_t* target, size_t size, uint32_t* flags);

 private:
  Http2Stream* find(int32_t stream_id);
  void submit_settings();
  void on_head(Http2Stream& stream, const nghttp2_frame* frame);
  void on_request_end(Http2Stream& stream);
  void submit(Http2Stream& stream, Response response);
  void submit_trailers(int32_t stream_id, std::vector<Header> trailers);
  ssize_t read_body_stream(Http2Stream& stream, uint8_t* target, size_t size, uint32_t* flags);
  void drop(Http2Stream& stream);
  void give_credit(Http2Stream& stream);
  void tick_stream(Http2Stream& stream, uint64_t now_nanos);
  void tick_answered(Http2Stream& stream, uint64_t now_nanos);
  bool body_is_too_slow(const Http2Stream& stream, uint64_t now_nanos) const;
  bool is_control_flood(const nghttp2_frame* frame);
  void send_final_goaway();
  void fail(uint32_t error_code);

  Carrier& carrier_;
  Intake& intake_;
  const Limits& limits_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<int32_t, std::unique_ptr<Http2Stream>> streams_;
  uint64_t idle_since_nanos_;
  uint64_t control_second_ = 0;
  uint32_t control_frames_ = 0;
  enum class Drain { None, Noticed, Final } drain_ = Drain::None;
  uint64_t drain_start_nanos_ = 0;
  bool broken_ = false;
};

Http2Session* self_of(void* user_data) {
  return static_cast<Http2Session*>(user_data);
}

nghttp2_session_callbacks* make_callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  int failed = nghttp2_session_callbacks_new(&callbacks);
  SPOOR_ASSERT(failed == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return self_of(self)->on_begin_headers(frame);
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
         const uint8_t* value, size_t value_size, uint8_t, void* self) {
        return self_of(self)->on_header(frame, view(name, name_size), view(value, value_size));
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return self_of(self)->on_frame(frame);
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, uint8_t, int32_t stream_id, const uint8_t* data, size_t size,
                    void* self) { return self_of(self)->on_data(stream_id, view(data, size)); });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return self_of(self)->on_frame_sent(frame);
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, int32_t stream_id, uint32_t, void* self) {
        return self_of(self)->on_stream_closed(stream_id);
      });
  return callbacks;
}

nghttp2_option* make_options(const Limits& limits) {
  nghttp2_option* option = nullptr;
  int failed = nghttp2_option_new(&option);
  SPOOR_ASSERT(failed == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_stream_reset_rate_limit(option, limits.stream_resets_burst,
                                             limits.stream_resets_per_second);
  nghttp2_option_set_max_continuations(option, limits.continuations_max);
  nghttp2_option_set_max_settings(option, limits.settings_entries_max);
  nghttp2_option_set_max_outbound_ack(option, limits.outbound_acks_max);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_server_fallback_rfc7540_priorities(option, 0);
  return option;
}

ssize_t read_response_bytes(nghttp2_session*, int32_t, uint8_t* target, size_t size,
                            uint32_t* flags, nghttp2_data_source* source, void* self) {
  return self_of(self)->read_response(*static_cast<Http2Stream*>(source->ptr), target, size, flags);
}

Http2Session::Http2Session(Carrier& carrier, Intake& intake)
    : carrier_(carrier),
      intake_(intake),
      limits_(intake.limits()),
      idle_since_nanos_(carrier.now_nanos()) {
  nghttp2_session_callbacks* callbacks = make_callbacks();
  nghttp2_option* option = make_options(limits_);
  int failed = nghttp2_session_server_new2(&session_, callbacks, this, option);
  SPOOR_ASSERT(failed == 0);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  submit_settings();
}

Http2Session::~Http2Session() {
  nghttp2_session_del(session_);
}

void Http2Session::submit_settings() {
  std::array<nghttp2_settings_entry, 4> entries = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits_.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits_.frame_bytes_max},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits_.header_bytes_max},
  }};
  int failed = nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
  SPOOR_ASSERT(failed == 0);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<int32_t>(limits_.connection_window_bytes));
}

Http2Stream* Http2Session::find(int32_t stream_id) {
  auto found = streams_.find(stream_id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Session::fail(uint32_t error_code) {
  nghttp2_session_terminate_session(session_, error_code);
}

bool Http2Session::finished() const {
  return broken_ ||
         (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

void Http2Session::receive(std::string_view bytes) {
  if (broken_) return;
  ssize_t taken = nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()),
                                           bytes.size());
  if (taken >= 0) return;
  produce();  // the GOAWAY that says why, if the library made one
  abandon();
}

void Http2Session::produce() {
  if (broken_) return;
  std::string chunk;
  while (carrier_.output().bytes() + chunk.size() < OutputQueue::kBytesSoftMax) {
    const uint8_t* bytes = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size < 0) {
      abandon();
      break;
    }
    if (size == 0) break;
    chunk.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  }
  carrier_.output().push(std::move(chunk));
}

void Http2Session::abandon() {
  broken_ = true;
  for (auto& [id, stream] : streams_) drop(*stream);
  streams_.clear();
}

int Http2Session::on_begin_headers(const nghttp2_frame* frame) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  auto stream = std::make_unique<Http2Stream>(frame->hd.stream_id);
  stream->phase_start_nanos = carrier_.now_nanos();
  stream->window_bytes = limits_.stream_window_bytes;
  stream->head.protocol = Protocol::Http2;
  stream->head.peer_address = carrier_.peer_address();
  stream->head.peer_port = carrier_.peer_port();
  streams_[frame->hd.stream_id] = std::move(stream);
  return 0;
}

int Http2Session::on_header(const nghttp2_frame* frame, std::string_view name,
                            std::string_view value) {
  Http2Stream* stream = find(frame->hd.stream_id);
  if (stream == nullptr || stream->state != Http2Stream::State::Head) return 0;  // trailers
  stream->head_bytes += name.size() + value.size() + kHeaderOverheadBytes;
  RequestHead& head = stream->head;
  if (stream->head_bytes > limits_.header_bytes_max || head.headers.size() >= limits_.headers_max) {
    stream->head_too_large = true;
    return 0;
  }
  if (name == ":method") {
    head.method = parse_method(value);
    head.method_text = value;
  } else if (name == ":path") {
    size_t question = value.find('?');
    head.path = value.substr(0, question);
    if (question != std::string_view::npos) head.query = value.substr(question + 1);
  } else if (name == ":authority") {
    head.authority = value;
  } else if (!name.starts_with(':')) {
    if (name == "host" && head.authority.empty()) head.authority = value;
    head.headers.add(name, value);
  }
  return 0;
}

// Frames that cost a peer nothing and us some work.
bool Http2Session::is_control_flood(const nghttp2_frame* frame) {
  switch (frame->hd.type) {
    case NGHTTP2_PING:
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PRIORITY:
    case NGHTTP2_RST_STREAM:
      break;
    case NGHTTP2_DATA:
      if (frame->hd.length > 0 || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) return false;
      break;
    default:
      return false;
  }
  uint64_t second = carrier_.now_nanos() / kNanosPerSecond;
  if (second != control_second_) control_frames_ = 0;
  control_second_ = second;
  return ++control_frames_ > limits_.control_frames_per_second_max;
}

int Http2Session::on_frame(const nghttp2_frame* frame) {
  if (is_control_flood(frame)) {
    fail(NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
  }
  bool acknowledged = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (frame->hd.type == NGHTTP2_PING && acknowledged &&
      std::memcmp(frame->ping.opaque_data, kDrainPing.data(), kDrainPing.size()) == 0) {
    send_final_goaway();
    return 0;
  }
  Http2Stream* stream = find(frame->hd.stream_id);
  if (stream == nullptr) return 0;
  if (frame->hd.type == NGHTTP2_HEADERS && stream->state == Http2Stream::State::Head) {
    on_head(*stream, frame);
  }
  bool carries_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (carries_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) on_request_end(*stream);
  return 0;
}

void Http2Session::on_head(Http2Stream& stream, const nghttp2_frame* frame) {
  stream.state = Http2Stream::State::Body;
  stream.phase_start_nanos = carrier_.now_nanos();
  if (stream.head_too_large) {
    Refusal refusal = make_refusal(
        431, "the headers are longer than " + std::to_string(limits_.header_bytes_max) +
                 " bytes or more than " + std::to_string(limits_.headers_max));
    return submit(stream, intake_.refuse_head(stream.head, refusal));
  }
  std::optional<uint64_t> declared;
  if (auto text = stream.head.headers.find("content-length"))
    declared = parse_content_length(*text);
  if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) declared = 0;
  auto refused =
      intake_.open(stream.request, std::move(stream.head), declared,
                   carrier_.answer_for(static_cast<uint32_t>(stream.id)), stream.phase_start_nanos);
  if (refused) submit(stream, std::move(*refused));
}

int Http2Session::on_data(int32_t stream_id, std::string_view data) {
  // At once, whatever becomes of the stream: one that waits must not hold up the others.
  nghttp2_session_consume_connection(session_, data.size());
  Http2Stream* stream = find(stream_id);
  if (stream == nullptr || stream->state != Http2Stream::State::Body) return 0;
  stream->body_bytes += data.size();
  if (auto refused = intake_.take_body(stream->request, data)) {
    submit(*stream, std::move(*refused));
    return 0;
  }
  stream->credit_bytes += static_cast<uint32_t>(data.size());
  give_credit(*stream);
  return 0;
}

// Lets the peer send on if the budget has room for all that it then may send.
void Http2Session::give_credit(Http2Stream& stream) {
  uint64_t missing = stream.request.body.missing().value_or(UINT64_MAX);
  if (missing == 0 || stream.credit_bytes < stream.window_bytes / 2) return;
  uint32_t window = stream.window_bytes;
  bool long_body = stream.body_bytes >= window && missing > window;
  if (long_body) window = std::min(window * 2, std::max(window, limits_.stream_window_bytes_max));
  if (!stream.request.body.reserve_ahead(std::min<uint64_t>(window, missing))) {
    if (stream.held_since_nanos == 0) stream.held_since_nanos = carrier_.now_nanos();
    return;
  }
  if (stream.held_since_nanos != 0) {
    stream.held_nanos += carrier_.now_nanos() - stream.held_since_nanos;
    stream.held_since_nanos = 0;
  }
  if (window > stream.window_bytes) {
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, stream.id,
                                          static_cast<int32_t>(window));
    stream.window_bytes = window;
  }
  nghttp2_session_consume_stream(session_, stream.id, stream.credit_bytes);
  stream.credit_bytes = 0;
}

void Http2Session::on_request_end(Http2Stream& stream) {
  if (stream.state != Http2Stream::State::Body) return;
  stream.state = Http2Stream::State::Handed;
  stream.held_since_nanos = 0;
  intake_.dispatch(stream.request);
}

void Http2Session::answer(uint32_t stream_id, Response response) {
  Http2Stream* stream = find(static_cast<int32_t>(stream_id));
  if (broken_ || stream == nullptr || stream->state == Http2Stream::State::Answered) return;
  submit(*stream, std::move(response));
}

void Http2Session::resume(uint32_t stream_id) {
  Http2Stream* stream = find(static_cast<int32_t>(stream_id));
  if (broken_ || stream == nullptr || !stream->awaits_body) return;
  stream->awaits_body = false;
  stream->progress_nanos = carrier_.now_nanos();
  nghttp2_session_resume_data(session_, stream->id);
}

void Http2Session::submit(Http2Stream& stream, Response response) {
  SPOOR_ASSERT(stream.state != Http2Stream::State::Answered);
  stream.state = Http2Stream::State::Answered;
  stream.held_since_nanos = 0;
  stream.progress_nanos = carrier_.now_nanos();
  intake_.finish(stream.request, response, stream.progress_nanos);
  stream.response = std::move(response);
  Response& kept = stream.response;

  bool sized = !kept.is_grpc() && !kept.stream && kept.status != 204 && kept.status != 304;
  std::string length = std::to_string(kept.body.size());
  std::string status = std::to_string(kept.status);
  std::vector<nghttp2_nv> fields = {name_value(":status", status)};
  append_fields(fields, kept.headers);
  if (sized) fields.push_back(name_value("content-length", length));
  if (stream.request.head_only) kept.body.clear();

  nghttp2_data_provider provider{{.ptr = &stream}, read_response_bytes};
  bool has_data = !kept.body.empty() || !kept.trailers.empty() || kept.stream != nullptr;
  if (kept.stream) kept.stream->attach(carrier_.resume_for(static_cast<uint32_t>(stream.id)));
  int failed = nghttp2_submit_response(session_, stream.id, fields.data(), fields.size(),
                                       has_data ? &provider : nullptr);
  if (failed != 0) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_INTERNAL_ERROR);
  }
}

void Http2Session::submit_trailers(int32_t stream_id, std::vector<Header> trailers) {
  remove_control_bytes(trailers);
  std::vector<nghttp2_nv> fields;
  append_fields(fields, trailers);
  nghttp2_submit_trailer(session_, stream_id, fields.data(), fields.size());
}

ssize_t Http2Session::read_body_stream(Http2Stream& stream, uint8_t* target, size_t size,
                                       uint32_t* flags) {
  BodyStream& body = *stream.response.stream;
  BodyStream::Taken taken = body.take(reinterpret_cast<char*>(target), size);
  stream.progress_nanos = carrier_.now_nanos();
  if (taken.is_end) {
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers(stream.id, body.trailers());
  } else if (taken.bytes == 0) {
    stream.awaits_body = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(taken.bytes);
}

ssize_t Http2Session::read_response(Http2Stream& stream, uint8_t* target, size_t size,
                                    uint32_t* flags) {
  if (stream.response.stream) return read_body_stream(stream, target, size, flags);
  const std::string& body = stream.response.body;
  size_t bytes = std::min(size, body.size() - stream.sent_bytes);
  std::memcpy(target, body.data() + stream.sent_bytes, bytes);
  stream.sent_bytes += bytes;
  stream.progress_nanos = carrier_.now_nanos();
  if (stream.sent_bytes < body.size()) return static_cast<ssize_t>(bytes);
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (!stream.response.trailers.empty()) {
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    submit_trailers(stream.id, stream.response.trailers);
  }
  return static_cast<ssize_t>(bytes);
}

// An answer before the end of the request: the peer may stop sending.
int Http2Session::on_frame_sent(const nghttp2_frame* frame) {
  bool carries_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (!carries_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  if (nghttp2_session_get_stream_remote_close(session_, frame->hd.stream_id) == 0) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
  }
  return 0;
}

int Http2Session::on_stream_closed(int32_t stream_id) {
  auto found = streams_.find(stream_id);
  if (found == streams_.end()) return 0;
  drop(*found->second);
  streams_.erase(found);
  if (streams_.empty()) idle_since_nanos_ = carrier_.now_nanos();
  return 0;
}

void Http2Session::drop(Http2Stream& stream) {
  if (stream.response.stream) {
    return intake_.finish_stream(stream.request, *stream.response.stream, carrier_.now_nanos());
  }
  intake_.cancel(stream.request);
}

bool Http2Session::body_is_too_slow(const Http2Stream& stream, uint64_t now_nanos) const {
  uint64_t elapsed_ms =
      (now_nanos - std::min(now_nanos, stream.phase_start_nanos + stream.held_nanos)) / kNanosPerMs;
  if (elapsed_ms < limits_.body_grace_ms) return false;
  return stream.body_bytes * 1000 < uint64_t{limits_.body_bytes_per_second_min} * elapsed_ms;
}

void Http2Session::tick_answered(Http2Stream& stream, uint64_t now_nanos) {
  uint64_t deadline = stream.request.deadline_nanos;
  if (stream.response.stream && deadline != 0 && now_nanos >= deadline) {
    intake_.cancel(stream.request);
    stream.response.stream->end(deadline_exceeded("the deadline passed"));
  }
  if (stream.awaits_body) return;
  uint64_t stalled_nanos = now_nanos - std::min(now_nanos, stream.progress_nanos);
  if (stalled_nanos / kNanosPerMs < limits_.write_stall_ms) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
  stream.progress_nanos = now_nanos;
}

void Http2Session::tick_stream(Http2Stream& stream, uint64_t now_nanos) {
  auto waited_ms = [now_nanos](uint64_t since) {
    return (now_nanos - std::min(now_nanos, since)) / kNanosPerMs;
  };
  using State = Http2Stream::State;
  if (stream.state == State::Answered) return tick_answered(stream, now_nanos);
  if (stream.state == State::Head) {
    if (waited_ms(stream.phase_start_nanos) >= limits_.header_time_ms) {
      fail(NGHTTP2_ENHANCE_YOUR_CALM);
    }
    return;
  }
  uint64_t deadline = stream.request.deadline_nanos;
  if (deadline != 0 && now_nanos >= deadline && stream.request.current()) {
    Refusal late = make_refusal(504, "the deadline passed");
    return submit(stream, intake_.refuse(stream.request, late));
  }
  if (stream.state != State::Body) return;
  if (stream.held_since_nanos != 0) {
    give_credit(stream);
    if (stream.held_since_nanos == 0) return;
    if (waited_ms(stream.held_since_nanos) >= limits_.budget_wait_ms) {
      submit(stream, intake_.refuse(stream.request, intake_.no_memory()));
    }
  } else if (body_is_too_slow(stream, now_nanos)) {
    Refusal slow = make_refusal(408, "the body arrives too slowly");
    submit(stream, intake_.refuse(stream.request, slow));
  }
}

void Http2Session::tick(uint64_t now_nanos) {
  if (broken_) return;
  for (auto& [id, stream] : streams_) tick_stream(*stream, now_nanos);
  uint64_t idle_ms = (now_nanos - std::min(now_nanos, idle_since_nanos_)) / kNanosPerMs;
  if (streams_.empty() && drain_ == Drain::None && idle_ms >= limits_.idle_time_ms) drain();
  if (drain_ == Drain::Noticed &&
      now_nanos >= drain_start_nanos_ + limits_.goaway_notice_ms * kNanosPerMs) {
    send_final_goaway();
  }
}

// Two steps (RFC 9113 6.8): the notice, then, when the peer has seen it, the last stream.
void Http2Session::drain() {
  if (broken_ || drain_ != Drain::None) return;
  drain_ = Drain::Noticed;
  drain_start_nanos_ = carrier_.now_nanos();
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, kDrainPing.data());
}

void Http2Session::send_final_goaway() {
  if (drain_ != Drain::Noticed) return;
  drain_ = Drain::Final;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

}  // namespace

std::unique_ptr<Session> make_http2_session(Carrier& carrier, Intake& intake) {
  return std::make_unique<Http2Session>(carrier, intake);
}

}  // namespace spoor::net
