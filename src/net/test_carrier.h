// A connection without a socket, for fuzzers: a clock that jumps, answers delivered at once
// after each piece of input, output counted and dropped.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/grpc.h"
#include "net/grpc_stream.h"
#include "net/intake.h"
#include "net/session.h"

namespace spoor::net {

class FuzzCarrier final : public Carrier {
 public:
  uint64_t now_nanos() const override { return now_nanos_; }
  Exchange::Answer answer_for(uint32_t stream_id) override {
    return [this, stream_id](Response response) {
      answers_.emplace_back(stream_id, std::move(response));
    };
  }
  std::function<void()> resume_for(uint32_t stream_id) override {
    return [this, stream_id] { resumed_.push_back(stream_id); };
  }
  OutputQueue& output() override { return output_; }
  const std::string& peer_address() const override { return peer_address_; }
  uint16_t peer_port() const override { return 1; }

  void feed(Session& session, std::string_view bytes, size_t piece_bytes) {
    while (!bytes.empty() && !session.finished()) {
      std::string piece(bytes.substr(0, piece_bytes));
      bytes.remove_prefix(piece.size());
      session.receive(piece);
      settle(session);
    }
    for (int i = 0; i < 10; ++i) {
      now_nanos_ += 7'000'000'000;
      session.tick(now_nanos_);
      settle(session);
    }
    session.drain();
    session.receive_end();
    settle(session);
    session.abandon();
    SPOOR_ASSERT(session.finished());
  }

 private:
  void settle(Session& session) {
    do {
      auto answers = std::exchange(answers_, {});
      for (auto& [id, response] : answers) session.answer(id, std::move(response));
      for (uint32_t id : std::exchange(resumed_, {})) session.resume(id);
      session.produce();
      output_.consume(output_.bytes());
    } while (!answers_.empty() || !resumed_.empty());
  }

  uint64_t now_nanos_ = 1'000'000'000;
  std::string peer_address_ = "127.0.0.1";
  OutputQueue output_;
  std::vector<std::pair<uint32_t, Response>> answers_;
  std::vector<uint32_t> resumed_;
};

// Routes of each kind behind one carrier.
struct FuzzServer {
  FuzzServer() {
    router.get("/", [](ExchangePtr exchange) { exchange->respond(text_response(200, "x")); });
    router.post("/a/{b}/{c...}", [](ExchangePtr exchange) {
      auto params = exchange->head().query_params();
      exchange->respond(params.ok() ? text_response(200, exchange->body())
                                    : status_response(params.status()));
    });
    GrpcOptions options;
    options.decompress = [](std::string_view, std::string_view bytes, size_t bytes_max) {
      return bytes.size() > bytes_max ? Result<std::string>(resource_exhausted("too large"))
                                      : Result<std::string>(std::string(bytes));
    };
    add_grpc_unary(
        router, "/g",
        [](std::shared_ptr<GrpcCall> call) {
          auto message = call->message();
          call->finish(message.ok() ? Result<std::string>(std::string(*message))
                                    : Result<std::string>(message.status()));
        },
        options);
    add_grpc_unary(
        router, "/s", [](std::shared_ptr<GrpcCall> call) { send_back_and_forth(std::move(call)); },
        options);
  }

  // Sends the message again and again until the queue is full or the peer has gone, then once
  // more when there is room.
  static void send_back_and_forth(std::shared_ptr<GrpcCall> call) {
    auto message = call->message();
    auto stream = std::make_shared<GrpcStream>(std::move(call));
    if (!message.ok()) return stream->finish(message.status());
    auto written = BodyStream::Written::MoreMayCome;
    for (int i = 0; i < 100 && written == BodyStream::Written::MoreMayCome; ++i) {
      written = stream->send(*message);
    }
    stream->when_room([stream] {
      auto last = stream->send("last");
      stream->finish(last == BodyStream::Written::NoMemory ? unavailable("no memory", 1'000)
                                                           : Status());
    });
  }

  Limits limits;
  Router router;
  os::MemoryBudget budget{1 << 20};
  MetricRegistry metrics;
  std::atomic<uint64_t> in_flight{0};
  Intake intake{"fuzz", &router, &limits, &budget, &metrics, &in_flight};
  FuzzCarrier carrier;
};

}  // namespace spoor::net
