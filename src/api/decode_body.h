// Request bodies to spans: the one decoder that receiving and replay share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/inflate.h"
#include "ingest/admission.h"
#include "store/recovery.h"
#include "wire/decoded_request.h"

namespace spoor::api {

// What decoding needs and keeps from request to request. One thread uses it at a time.
struct DecodeBuffers {
  wire::DecodedRequest request;
  codec::InflateBuffer inflated;
};
// The calling thread's own.
DecodeBuffers& thread_decode_buffers();

struct BodyKind {
  store::BodyFormat format = store::BodyFormat::OtlpProtobuf;
  codec::ContentEncoding encoding = codec::ContentEncoding::Identity;
};

// Decompresses and decodes into `buffers.request`, which may point into `body` and the buffers.
// The result is the decompressed body. `size_bytes_max` holds for it.
Result<std::string_view> decode_body(const BodyKind& kind, std::string_view body,
                                     size_t size_bytes_max, DecodeBuffers& buffers);

// What the decoder found beyond its limits, as admission takes it.
std::vector<ingest::Defect> defects_of(const wire::DecodedRequest& request);

// The decoder of the log's records.
Result<store::ReplayedBody> decode_record(const store::LogRecord& record);

// net::Decompress of every encoding that bodies may have.
Result<std::string> decompress_grpc(std::string_view encoding, std::string_view bytes,
                                    size_t output_bytes_max);

}  // namespace spoor::api
