// A server-streaming call that asks the store: its messages are made in steps on the query pool and
// sent as they are made.
//
// Between two steps, and where the peer is slower than the steps, no thread is held: the call is
// submitted again when there is room. Its context is cancelled with the call.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/query_call.h"
#include "net/grpc_stream.h"

namespace spoor::api {

class StreamSource {
 public:
  virtual ~StreamSource() = default;

  struct Step {
    std::vector<std::string> messages;
    bool is_last = false;
    std::vector<net::Header> metadata;  // of the last step: sent beside the status
  };
  // The next messages. On a thread of the pool, one call at a time; not after an error or the last.
  virtual Result<Step> next(query::QueryContext& context) = 0;
};

// `open` makes the source, on the pool; its error and those of the steps end the call.
using OpenSource = std::function<Result<std::unique_ptr<StreamSource>>(net::GrpcCall& call)>;
void stream_on_pool(const QueryPool& pool, std::shared_ptr<net::GrpcCall> call, OpenSource open);

}  // namespace spoor::api
