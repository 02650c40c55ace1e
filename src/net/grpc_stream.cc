#include "net/grpc_stream.h"

#include "base/log.h"
#include "net/grpc_frame.h"

namespace spoor::net {

GrpcStream::~GrpcStream() {
  if (finished_) return;
  if (!call_->cancelled()) {
    log_error("a handler dropped its stream unfinished", {{"path", call_->head().path}});
  }
  finish(internal("the stream was dropped without an end"));
}

BodyStream::Written GrpcStream::send(std::string_view message) {
  SPOOR_ASSERT(!finished_);
  if (!body_) body_ = call_->start_stream();
  std::string frame;
  frame.reserve(kGrpcFrameBytes + message.size());
  append_grpc_frame(frame, message);
  return body_->write(std::move(frame));
}

void GrpcStream::when_room(std::function<void()> go_on) {
  SPOOR_ASSERT(body_ != nullptr);
  body_->when_room(std::move(go_on));
}

void GrpcStream::finish(const Status& status, std::vector<Header> metadata) {
  SPOOR_ASSERT(!finished_);
  finished_ = true;
  if (!body_ && !status.ok()) return call_->finish(status);
  if (!body_) body_ = call_->start_stream();
  body_->end(status, std::move(metadata));
}

}  // namespace spoor::net
