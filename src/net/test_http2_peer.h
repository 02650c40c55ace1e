// An HTTP/2 client for tests: nghttp2's client side over a TestPeer, pumped by hand.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/http2_session.h"
#include "net/test_peer.h"

namespace spoor::net {

// One request and what came back.
struct Http2PeerStream {
  std::string body;                            // to send
  size_t sent = 0;                             // of it
  size_t frame_bytes = 16384;                  // at most so much of it in one DATA frame
  bool body_complete = true;                   // false: more may be appended, see resume()
  std::map<std::string, std::string> headers;  // of the answer, trailers included
  std::string data;
  bool closed = false;
  uint32_t error_code = 0;
};

class Http2Peer {
 public:
  using Stream = Http2PeerStream;

  explicit Http2Peer(uint16_t port) : peer_(port) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
           const uint8_t* value, size_t value_size, uint8_t, void* self) {
          auto& stream = static_cast<Http2Peer*>(self)->streams_[frame->hd.stream_id];
          stream.headers[std::string(name, name + name_size)] =
              std::string(value, value + value_size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* self) {
          static_cast<Http2Peer*>(self)->streams_[id].data.append(
              reinterpret_cast<const char*>(data), size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t id, uint32_t error_code, void* self) {
          auto& stream = static_cast<Http2Peer*>(self)->streams_[id];
          stream.closed = true;
          stream.error_code = error_code;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          if (frame->hd.type == NGHTTP2_GOAWAY) {
            auto* peer = static_cast<Http2Peer*>(self);
            peer->goaways_.push_back({frame->goaway.last_stream_id, frame->goaway.error_code});
          }
          return 0;
        });
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Http2Peer() { nghttp2_session_del(session_); }

  int32_t submit(const std::string& method, const std::string& path,
                 const std::vector<Header>& headers = {}, Stream stream = {}) {
    std::vector<Header> all = {
        {":method", method}, {":scheme", "http"}, {":authority", "test"}, {":path", path}};
    all.insert(all.end(), headers.begin(), headers.end());
    std::vector<nghttp2_nv> fields;
    for (Header& header : all) {
      fields.push_back({reinterpret_cast<uint8_t*>(header.name.data()),
                        reinterpret_cast<uint8_t*>(header.value.data()), header.name.size(),
                        header.value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{{.ptr = this}, read_body};
    bool has_body = !stream.body.empty() || !stream.body_complete;
    int32_t id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                        has_body ? &provider : nullptr, nullptr);
    EXPECT_GT(id, 0);
    streams_[id] = std::move(stream);
    return id;
  }

  // The usual gRPC request with `body` as it is on the wire.
  int32_t submit_grpc(const std::string& path, const std::string& body,
                      std::vector<Header> headers = {}, size_t frame_bytes = 16384) {
    headers.push_back({"content-type", "application/grpc"});
    headers.push_back({"te", "trailers"});
    Stream stream;
    stream.body = body;
    stream.frame_bytes = frame_bytes;
    return submit("POST", path, headers, std::move(stream));
  }

  // The body goes on.
  void resume(int32_t id) { nghttp2_session_resume_data(session_, id); }
  void reset(int32_t id) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    flush();
  }
  void ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

  // What waits to be sent, e.g. to cut it into pieces.
  std::string take_output() {
    std::string bytes;
    const uint8_t* piece = nullptr;
    for (ssize_t size; (size = nghttp2_session_mem_send(session_, &piece)) > 0;) {
      bytes.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
    }
    return bytes;
  }
  bool flush() { return peer_.send(take_output()); }

  // Sends and receives until `done`; false if the connection ends before.
  bool run_until(const std::function<bool()>& done) {
    while (true) {
      flush();
      if (done()) return true;
      std::string bytes = peer_.read_available();
      if (bytes.empty()) return done();
      ssize_t taken = nghttp2_session_mem_recv(
          session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      EXPECT_GE(taken, 0) << nghttp2_strerror(static_cast<int>(taken));
      if (taken < 0) return false;
    }
  }
  Stream& finish(int32_t id) {
    EXPECT_TRUE(run_until([&] { return streams_[id].closed; }));
    return streams_[id];
  }
  Stream& stream(int32_t id) { return streams_[id]; }
  TestPeer& socket() { return peer_; }

  struct Goaway {
    int32_t last_stream_id;
    uint32_t error_code;
  };
  const std::vector<Goaway>& goaways() const { return goaways_; }

 private:
  static ssize_t read_body(nghttp2_session*, int32_t id, uint8_t* target, size_t size,
                           uint32_t* flags, nghttp2_data_source* source, void*) {
    Stream& stream = static_cast<Http2Peer*>(source->ptr)->streams_[id];
    size_t bytes = std::min({size, stream.frame_bytes, stream.body.size() - stream.sent});
    std::memcpy(target, stream.body.data() + stream.sent, bytes);
    stream.sent += bytes;
    if (stream.sent == stream.body.size()) {
      if (stream.body_complete) *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!stream.body_complete && bytes == 0) return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(bytes);
  }

  TestPeer peer_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Stream> streams_;
  std::vector<Goaway> goaways_;
};

}  // namespace spoor::net
