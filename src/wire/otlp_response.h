// The answers to an OTLP sender, in protobuf and in JSON: ExportTraceServiceResponse for success
// and google.rpc.Status for errors, which HTTP bodies and gRPC's grpc-status-details-bin carry.
//
// Field numbers: opentelemetry-proto 1.11 collector/trace/v1; googleapis google/rpc/status.proto
// and error_details.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::wire {

// What became of an accepted request. Nothing refused and no message: partial_success is unset,
// as OTLP demands. A message without refused spans is a warning.
struct ExportOutcome {
  int64_t rejected_spans = 0;
  std::string_view message;
};

std::string encode_export_response(const ExportOutcome& outcome);
std::string encode_export_response_json(const ExportOutcome& outcome);  // "{}" for full success

// With a RetryInfo among the details if the status has a retry delay. REQUIRES: !status.ok().
std::string encode_rpc_status(const Status& status);
std::string encode_rpc_status_json(const Status& status);

}  // namespace spoor::wire
