// The layout of a log segment; docs/format/log.md has the bytes. A segment is a header and
// records one after another at multiples of 8, then zeros to the end of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "store/log_position.h"

namespace spoor::store {

constexpr uint32_t kLogVersion = 1;
constexpr std::string_view kSegmentMagic = "SPOORLG1";
constexpr uint32_t kRecordMagic = 0x43455253;  // "SREC"
constexpr size_t kSegmentHeaderBytes = 64;
constexpr size_t kRecordHeaderBytes = 64;
constexpr size_t kRecordAlignment = 8;

// Numbers are stored.
enum class BodyFormat : uint8_t { OtlpProtobuf = 1, OtlpJson = 2 };

struct SegmentHeader {
  uint64_t segment = 0;
  // Where the log before this segment ends. Records at or beyond it in earlier segments were
  // never acknowledged and do not count.
  LogPosition previous_end;
  LogPosition durable;  // what was durable when the segment was made
  UnixNanos created;
};

std::string encode(const SegmentHeader& header);
// DataLoss on damage; Unimplemented for an unknown version.
Result<SegmentHeader> decode_segment_header(std::string_view bytes, uint64_t segment);

// A record as it is given to the log and comes back at replay. Views belong to the caller.
struct LogRecord {
  std::string_view tenant;  // its name
  BodyFormat format = BodyFormat::OtlpProtobuf;
  uint8_t encoding = 0;  // the content encoding, numbered by codec::ContentEncoding
  uint8_t decoder_version = 1;
  UnixNanos received;
  Hash128 body_hash;                  // of the decompressed body
  std::span<const uint32_t> refused;  // ordinals of spans, ascending
  std::string_view body;              // as received
};

// What a record's header says.
struct RecordHeader {
  uint32_t content_checksum = 0;
  uint8_t tenant_bytes = 0;
  BodyFormat format = BodyFormat::OtlpProtobuf;
  uint8_t encoding = 0;
  uint8_t decoder_version = 0;
  uint32_t body_bytes = 0;
  uint32_t verdict_bytes = 0;
  UnixNanos received;
  LogPosition durable;  // the durable position when the record was placed
  Hash128 body_hash;

  uint64_t content_bytes() const { return uint64_t{tenant_bytes} + verdict_bytes + body_bytes; }
  // With header and padding.
  uint64_t record_bytes() const {
    return (kRecordHeaderBytes + content_bytes() + kRecordAlignment - 1) / kRecordAlignment *
           kRecordAlignment;
  }
};

std::string encode(const RecordHeader& header, LogPosition position);
// Nothing if the bytes are no header of a record at this position.
std::optional<RecordHeader> decode_record_header(std::string_view bytes, LogPosition position);

std::string encode_verdict(std::span<const uint32_t> refused);
Result<std::vector<uint32_t>> decode_verdict(std::string_view bytes);

// Fills all but `durable`. `lead` receives what stands between header and body.
RecordHeader make_record_header(const LogRecord& record, std::string& lead);
// The checksum of lead and body at the position.
uint32_t content_checksum(std::string_view lead, std::string_view body, LogPosition position);

}  // namespace spoor::store
