// Reads what encode_jaeger_v3_summaries() writes: for commands that show a server's answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/model.h"

namespace spoor::wire {

struct ListedTrace {
  TraceId id;
  std::string root_service;
  std::string root_name;
  UnixNanos start;
  UnixNanos end;
  uint64_t span_count = 0;
  uint64_t error_count = 0;
  uint64_t service_count = 0;
};

// InvalidArgument says where the text is not what it should be.
Result<std::vector<ListedTrace>> decode_jaeger_v3_summaries(std::string_view json);

}  // namespace spoor::wire
