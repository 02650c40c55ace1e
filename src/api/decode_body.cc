#include "api/decode_body.h"

#include "wire/otlp_decode.h"
#include "wire/otlp_json_decode.h"

namespace spoor::api {
namespace {

// What a thread keeps of a rare huge request for the next one.
constexpr size_t kKeptBytesMax = 8 << 20;

// Bodies in the log passed the limit of their time, which may have been larger than today's.
constexpr size_t kReplayBytesMax = size_t{1} << 30;

Status decode(store::BodyFormat format, std::string_view bytes, wire::DecodedRequest& request) {
  const wire::DecodeLimits limits;
  return format == store::BodyFormat::OtlpJson ? wire::decode_otlp_json(bytes, limits, request)
                                               : wire::decode_otlp(bytes, limits, request);
}

}  // namespace

DecodeBuffers& thread_decode_buffers() {
  thread_local DecodeBuffers buffers;
  return buffers;
}

Result<std::string_view> decode_body(const BodyKind& kind, std::string_view body,
                                     size_t size_bytes_max, DecodeBuffers& buffers) {
  buffers.inflated.release_above(kKeptBytesMax);
  if (buffers.request.batch.size_bytes() > kKeptBytesMax) buffers.request = {};
  if (body.size() > size_bytes_max) {
    return resource_exhausted("request is larger than " + std::to_string(size_bytes_max) +
                              " bytes, the limit of limits.request-bytes");
  }
  SPOOR_ASSIGN(std::string_view bytes,
               codec::inflate(kind.encoding, body, size_bytes_max, buffers.inflated));
  SPOOR_TRY(decode(kind.format, bytes, buffers.request));
  return bytes;
}

std::vector<ingest::Defect> defects_of(const wire::DecodedRequest& request) {
  std::vector<ingest::Defect> defects;
  for (const wire::SpanDefect& defect : request.defects) {
    defects.push_back({defect.span, wire::describe(defect.reason, wire::DecodeLimits{})});
  }
  return defects;
}

Result<store::ReplayedBody> decode_record(const store::LogRecord& record) {
  if (record.encoding > static_cast<uint8_t>(codec::ContentEncoding::Snappy)) {
    return data_loss("unknown content encoding " + std::to_string(record.encoding));
  }
  store::ReplayedBody replayed;
  auto encoding = static_cast<codec::ContentEncoding>(record.encoding);
  SPOOR_ASSIGN(replayed.storage, codec::inflate(encoding, record.body, kReplayBytesMax));
  wire::DecodedRequest request;
  SPOOR_TRY(decode(record.format, replayed.storage, request));
  replayed.batch = std::move(request.batch);
  return replayed;
}

Result<std::string> decompress_grpc(std::string_view encoding, std::string_view bytes,
                                    size_t output_bytes_max) {
  SPOOR_ASSIGN(auto parsed, codec::parse_content_encoding(encoding));
  return codec::inflate(parsed, bytes, output_bytes_max);
}

}  // namespace spoor::api
