// What a tenant's reader sees: the rows of head and parts that were acknowledged at one moment.
//
// Taken by Store::snapshot(), immutable, cheap to copy; it keeps the parts and shards alive that
// it names, whatever is flushed, merged or dropped meanwhile. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/model.h"
#include "store/head_shard.h"
#include "store/section_reader.h"

namespace spoor::store {

struct FoundTrace {
  SpanBatch batch;                   // no spans if the trace is not known
  std::vector<std::string> missing;  // why the answer may lack spans; empty if it is whole
};

struct Snapshot {
  TenantId tenant = TenantId::default_tenant();
  Visible visible;  // which rows of the shards count
  std::vector<std::shared_ptr<HeadShard>> shards;
  std::vector<std::shared_ptr<SectionReader>> sections;
  std::vector<std::string> missing;  // parts that cannot be read; empty if all can
};

// All spans of the trace, each that equals another in every field once.
FoundTrace find_trace(const Snapshot& snapshot, const TraceId& trace_id);

// The same of several, in the order of the ids: quicker than one by one where they lie near one
// another.
std::vector<FoundTrace> find_traces(const Snapshot& snapshot, std::span<const TraceId> trace_ids);

// The earliest start among all spans of the trace; nothing if it is not known. What cannot be
// read is told in `missing`.
std::optional<UnixNanos> find_trace_start(const Snapshot& snapshot, const TraceId& trace_id,
                                          std::vector<std::string>& missing);

}  // namespace spoor::store
