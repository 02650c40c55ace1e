// gRPC over the HTTP server: methods as routes, and the health service.
//
//   add_grpc_unary(router, "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
//                  [](std::shared_ptr<GrpcCall> call) { ... call->finish(reply); }, options);
//
// What the gRPC protocol demands of framing, encodings, deadlines and errors is done here; the
// handler sees one message and gives one message or a Status. Bytes of messages are opaque.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "net/exchange.h"
#include "net/router.h"

namespace spoor::net {

// Gives at most `output_bytes_max` bytes; ResourceExhausted beyond, without having made them.
using Decompress = std::function<Result<std::string>(
    std::string_view encoding, std::string_view bytes, size_t output_bytes_max)>;

struct GrpcOptions {
  Decompress decompress;                          // for gzip and zstd; empty: identity only
  uint64_t body_bytes_max = kIngestBodyBytesMax;  // as received
  uint64_t message_bytes_max = kMessageBytesMax;  // after decompression
  Admit admit;                                    // after gRPC's own checks of the headers
};

// One call in progress. Used by one thread at a time; finish() may come from any.
class GrpcCall {
 public:
  // `encoded` lies in the exchange's body.
  GrpcCall(ExchangePtr exchange, std::string encoding, std::string_view encoded,
           std::shared_ptr<const GrpcOptions> options);

  // The message. A view into the body where the encoding is identity; otherwise decompressed
  // at the first call and charged to the server's budget. Valid as long as the call.
  Result<std::string_view> message();

  // The message as received, without its five-byte frame, and its encoding: "identity",
  // "gzip" or "zstd".
  std::string_view encoded() const { return encoded_; }
  std::string_view encoding() const { return encoding_; }

  const RequestHead& head() const { return exchange_->head(); }
  // A header field of the request, name in lower case.
  std::optional<std::string_view> metadata(std::string_view name) const {
    return head().headers.find(name);
  }
  Exchange& exchange() { return *exchange_; }
  bool cancelled() const { return exchange_->cancelled(); }

  // Sends the message or the error, once.
  void finish(const Result<std::string>& result);
  // Sends the head of an answer of messages, instead of finish(); for GrpcStream.
  std::shared_ptr<BodyStream> start_stream();

 private:
  ExchangePtr exchange_;
  std::string encoding_;
  std::string_view encoded_;
  std::shared_ptr<const GrpcOptions> options_;
  std::optional<std::string> decoded_;
};

using GrpcHandler = std::function<void(std::shared_ptr<GrpcCall>)>;

// `path` is "/package.Service/Method". Also for server streaming, whose request is the same: its
// handler answers by a GrpcStream.
void add_grpc_unary(Router& router, std::string path, GrpcHandler handler, GrpcOptions options);

bool is_grpc(const RequestHead& head);

// The headers-only answer of an error, and the answer with one message.
Response grpc_error(const Status& status);
Response grpc_reply(std::string_view message);

// grpc.health.v1.Health/Check. Must outlive the server. Thread-safe.
class GrpcHealth {
 public:
  enum class Serving { Unknown = 0, Yes = 1, No = 2 };

  // The empty name is the whole server and is Yes from the start.
  void set(const std::string& service, Serving serving);
  void add_to(Router& router);

 private:
  Result<std::string> check(std::string_view request);

  Mutex mutex_;
  std::map<std::string, Serving, std::less<>> services_ SPOOR_GUARDED_BY(mutex_) = {
      {"", Serving::Yes}};
};

}  // namespace spoor::net
