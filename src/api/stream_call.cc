#include "api/stream_call.h"

#include <deque>

namespace spoor::api {
namespace {

using net::BodyStream;

class StreamRun : public std::enable_shared_from_this<StreamRun> {
 public:
  StreamRun(const QueryPool& pool, std::shared_ptr<net::GrpcCall> call, OpenSource open)
      : pool_(pool),
        stream_(std::move(call)),
        open_(std::move(open)),
        context_(
            std::make_shared<query::QueryContext>(&pool.executor, &pool.budget, &pool.counted)) {}

  void start() {
    stream_.call()->exchange().on_cancel([context = context_] { context->cancel(); });
    submit();
  }

 private:
  void submit() {
    Status submitted = pool_.executor.submit([self = shared_from_this()] { self->run(); });
    if (!submitted.ok()) stream_.finish(submitted);
  }

  // Until the call has ended or there is no room.
  void run() {
    while (true) {
      if (stream_.call()->cancelled()) return stream_.finish(cancelled("the peer has gone"));
      if (messages_.empty() && is_last_) return stream_.finish(Status(), std::move(metadata_));
      if (messages_.empty()) {
        Status status = step();
        if (!status.ok()) return stream_.finish(status);
        continue;
      }
      BodyStream::Written written = stream_.send(messages_.front());
      if (written == BodyStream::Written::Gone) return stream_.finish(cancelled("nobody reads"));
      if (written == BodyStream::Written::NoMemory) {
        return stream_.finish(no_memory());
      }
      messages_.pop_front();
      if (written == BodyStream::Written::Full) {
        return stream_.when_room([self = shared_from_this()] { self->submit(); });
      }
    }
  }

  Status step() {
    if (!source_) {
      SPOOR_ASSIGN(source_, open_(*stream_.call()));
    }
    SPOOR_ASSIGN(StreamSource::Step made, source_->next(*context_));
    SPOOR_TRY(charge(made.messages));
    for (std::string& message : made.messages) messages_.push_back(std::move(message));
    is_last_ = made.is_last;
    metadata_ = std::move(made.metadata);
    return {};
  }

  // What the longest step so far holds.
  Status charge(const std::vector<std::string>& messages) {
    uint64_t bytes = 0;
    for (const std::string& message : messages) bytes += message.size();
    if (bytes <= charged_bytes_) return {};
    if (!stream_.call()->exchange().charge_memory(bytes - charged_bytes_)) return no_memory();
    charged_bytes_ = bytes;
    return {};
  }

  static Status no_memory() {
    return unavailable("no memory for the answer now; ask for less at once", 1'000);
  }

  const QueryPool pool_;
  net::GrpcStream stream_;
  const OpenSource open_;
  std::shared_ptr<query::QueryContext> context_;
  std::unique_ptr<StreamSource> source_;
  std::deque<std::string> messages_;  // made and not sent
  uint64_t charged_bytes_ = 0;
  bool is_last_ = false;
  std::vector<net::Header> metadata_;
};

}  // namespace

void stream_on_pool(const QueryPool& pool, std::shared_ptr<net::GrpcCall> call, OpenSource open) {
  std::make_shared<StreamRun>(pool, std::move(call), std::move(open))->start();
}

}  // namespace spoor::api
