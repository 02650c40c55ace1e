// gRPC's bytes below HTTP: the five-byte message frame, timeouts, and the header form of a
// Status. Pure functions; input is untrusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::net {

constexpr size_t kGrpcFrameBytes = 5;

struct GrpcFrame {
  bool compressed = false;
  std::string_view message;  // into the body
};

// The one message of a unary request. Internal when the framing is broken, Unimplemented when
// there is not exactly one message (gRPC's word for a cardinality violation).
Result<GrpcFrame> parse_grpc_unary(std::string_view body);

void append_grpc_frame(std::string& target, std::string_view message);

// "100m" is 100 milliseconds; up to eight digits and one of H M S m u n. Rounded up to whole
// milliseconds. Nothing if malformed.
std::optional<uint64_t> parse_grpc_timeout_ms(std::string_view text);

// grpc-message: printable ASCII except % as it is, other bytes as %XX; cut at 2 KiB of input
// so that a long message cannot exceed a client's header limit.
std::string encode_grpc_message(std::string_view message);
std::string decode_grpc_message(std::string_view text);  // bad escapes stay as they are

// google.rpc.Status as protobuf, with a google.rpc.RetryInfo when the status has a delay.
std::string encode_rpc_status(const Status& status);

// The delay of the RetryInfo in a grpc-status-details-bin header (base64, padded or not); nothing
// if there is none or the header is damaged.
std::optional<uint32_t> decode_rpc_retry_delay_ms(std::string_view details_base64);

}  // namespace spoor::net
