// The answer of a server-streaming gRPC method: messages that are sent as they are made, then a
// status. The request is a unary one's (grpc.h).
//
//   GrpcStream stream(call);
//   ... stream.send(message) ... stream.finish(Status());
//
// Used by one thread at a time, any thread. A writer that is told Full has itself called by
// when_room() and returns; BodyStream says what is queued and charged. Who drops a stream
// unfinished ends it with Internal.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "net/body_stream.h"
#include "net/grpc.h"

namespace spoor::net {

class GrpcStream {
 public:
  explicit GrpcStream(std::shared_ptr<GrpcCall> call) : call_(std::move(call)) {}
  ~GrpcStream();
  GrpcStream(const GrpcStream&) = delete;
  GrpcStream& operator=(const GrpcStream&) = delete;

  // The first message sends the head, too.
  [[nodiscard]] BodyStream::Written send(std::string_view message);
  void when_room(std::function<void()> go_on);
  // After the messages, with `metadata` beside the status; an error before any message is an
  // answer of headers only. Once.
  void finish(const Status& status, std::vector<Header> metadata = {});

  const std::shared_ptr<GrpcCall>& call() const { return call_; }

 private:
  std::shared_ptr<GrpcCall> call_;
  std::shared_ptr<BodyStream> body_;  // once the head is sent
  bool finished_ = false;
};

}  // namespace spoor::net
