#include "wire/otlp_response.h"

#include "base/json_writer.h"
#include "wire/protobuf.h"

namespace spoor::wire {
namespace {

constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
constexpr uint32_t kNanosPerMillisecond = 1'000'000;

bool has_partial_success(const ExportOutcome& outcome) {
  return outcome.rejected_spans != 0 || !outcome.message.empty();
}

// A google.protobuf.Duration in JSON: "2s", "0.250s".
std::string duration_text(uint32_t delay_ms) {
  std::string text = std::to_string(delay_ms / 1000);
  if (uint32_t rest = delay_ms % 1000; rest != 0) {
    text.append(".").append(std::to_string(1000 + rest).substr(1));
  }
  return text + "s";
}

}  // namespace

std::string encode_export_response(const ExportOutcome& outcome) {
  ProtobufWriter out(64 + outcome.message.size());
  if (has_partial_success(outcome)) {
    size_t end = out.mark();
    out.bytes_unless_empty(2, outcome.message);
    out.varint_unless_zero(1, static_cast<uint64_t>(outcome.rejected_spans));
    out.message(1, end);
  }
  return std::string(out.view());
}

std::string encode_export_response_json(const ExportOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (has_partial_success(outcome)) {
    json.key("partialSuccess");
    json.begin_object();
    if (outcome.rejected_spans != 0) {
      json.key("rejectedSpans");
      json.decimal_string(outcome.rejected_spans);
    }
    if (!outcome.message.empty()) {
      json.key("errorMessage");
      json.string(outcome.message);
    }
    json.end_object();
  }
  json.end_object();
  return out;
}

std::string encode_rpc_status(const Status& status) {
  SPOOR_ASSERT(!status.ok());
  ProtobufWriter out(256 + status.message().size());
  if (auto delay_ms = status.retry_delay_ms()) {
    size_t end = out.mark();
    size_t retry_info = out.mark();
    size_t duration = out.mark();
    out.varint_unless_zero(2, *delay_ms % 1000 * kNanosPerMillisecond);
    out.varint_unless_zero(1, *delay_ms / 1000);
    out.message(1, duration);
    out.message(2, retry_info);
    out.bytes(1, kRetryInfoType);
    out.message(3, end);
  }
  out.bytes_unless_empty(2, status.message());
  out.varint(1, static_cast<uint64_t>(status.code()));
  return std::string(out.view());
}

std::string encode_rpc_status_json(const Status& status) {
  SPOOR_ASSERT(!status.ok());
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("code");
  json.number(static_cast<int64_t>(status.code()));
  json.key("message");
  json.string(status.message());
  if (auto delay_ms = status.retry_delay_ms()) {
    json.key("details");
    json.begin_array();
    json.begin_object();
    json.key("@type");
    json.plain_string(kRetryInfoType);
    json.key("retryDelay");
    json.plain_string(duration_text(*delay_ms));
    json.end_object();
    json.end_array();
  }
  json.end_object();
  return out;
}

}  // namespace spoor::wire
