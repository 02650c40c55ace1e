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
#include "store/projection.h"
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

// A fragment of a trace in one of a snapshot's sections.
struct TraceFragment {
  SectionReader* section = nullptr;
  TracePlace place;
};

// What a snapshot knows of a trace before its spans are read.
struct LocatedTrace {
  std::optional<UnixNanos> start;  // the earliest among all its spans; nothing if it is not known
  // Where it lies, if that is one section and nothing else, and every other could be asked.
  std::optional<TraceFragment> only;
};

// Looks everywhere but in the section of `known`, a fragment of the trace, which may be null. What
// cannot be read is told in `missing`.
LocatedTrace locate_trace(const Snapshot& snapshot, const TraceId& trace_id,
                          const TraceFragment* known, std::vector<std::string>& missing);

// All spans of the trace, each that equals another in every field once.
FoundTrace find_trace(const Snapshot& snapshot, const TraceId& trace_id);

// A trace to be read, and where it lies if that is known to be one section and nothing else.
struct WantedTrace {
  TraceId id;
  std::optional<TraceFragment> only;
};

// The same of several, in their order: quicker than one by one where they lie near one another.
// Spans have what the projection asks for, or more.
std::vector<FoundTrace> find_traces(const Snapshot& snapshot, std::span<const WantedTrace> wanted,
                                    const Projection& projection);

}  // namespace spoor::store
