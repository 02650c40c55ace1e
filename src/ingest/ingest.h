// The facade of ingest: takes a decoded request, admits its spans, hands them to the store and
// says when they are durable. Every receiver calls this and nothing else.
//
//   admission.h    which spans are kept
//   out_of_time.h  who sends spans that are too old or too new
//
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/metric.h"
#include "ingest/admission.h"
#include "store/store.h"

namespace spoor::ingest {

struct Request {
  const TenantId& tenant;
  std::string_view protocol;  // a label of metrics: "otlp_grpc"
  store::BodyFormat format = store::BodyFormat::OtlpProtobuf;
  uint8_t encoding = 0;           // of `body`, as codec::ContentEncoding
  std::string_view body;          // as received; it goes into the log
  std::string_view decompressed;  // what `batch` was decoded from
  const SpanBatch& batch;
  const std::vector<Defect>& defects;
  UnixNanos received;
};

// What became of a request whose Status is OK.
struct Outcome {
  uint64_t refused_spans = 0;
  std::string message;  // why; empty if nothing was refused
};

class Ingest {
 public:
  Ingest(store::Store& store, const AdmissionLimits& limits, MetricRegistry& metrics)
      : store_(store), limits_(limits), metrics_(metrics) {}

  // `done` is called once: with an error if nothing was kept and the sender may be told so, or
  // with the outcome after the spans are durable. It may be called before the return, or later
  // on the thread that synced the log. Nothing of the request is needed after the return.
  using Done = std::function<void(const Result<Outcome>&)>;
  void accept(const Request& request, Done done);

  // Spans refused for their start time since the start.
  OutOfTimeByService out_of_time() const { return out_of_time_.read(); }

 private:
  void count(const Request& request, const Verdict& verdict);

  store::Store& store_;
  const AdmissionLimits limits_;
  MetricRegistry& metrics_;
  OutOfTimeCounts out_of_time_;
};

}  // namespace spoor::ingest
