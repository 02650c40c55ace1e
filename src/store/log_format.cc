#include "store/log_format.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/limits.h"

namespace spoor::store {

std::string encode(const SegmentHeader& header) {
  std::string bytes(kSegmentMagic);
  append_le(bytes, kLogVersion);
  append_le(bytes, uint32_t{0});
  append_le(bytes, header.segment);
  append_le(bytes, header.previous_end.value);
  append_le(bytes, header.durable.value);
  append_le(bytes, header.created.value);
  bytes.resize(kSegmentHeaderBytes - sizeof(uint32_t));
  append_le(bytes, crc32c_at_place(header.segment, 0, bytes));
  return bytes;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes, uint64_t segment) {
  SPOOR_ASSERT(bytes.size() == kSegmentHeaderBytes);
  if (!bytes.starts_with(kSegmentMagic)) return data_loss("not a log segment");
  uint32_t version = load_le<uint32_t>(bytes.data() + 8);
  SegmentHeader header;
  header.segment = load_le<uint64_t>(bytes.data() + 16);
  header.previous_end.value = load_le<uint64_t>(bytes.data() + 24);
  header.durable.value = load_le<uint64_t>(bytes.data() + 32);
  header.created.value = load_le<uint64_t>(bytes.data() + 40);
  std::string_view covered = bytes.substr(0, kSegmentHeaderBytes - sizeof(uint32_t));
  if (load_le<uint32_t>(bytes.data() + covered.size()) != crc32c_at_place(segment, 0, covered) ||
      header.segment != segment) {
    return data_loss("damaged segment header");
  }
  if (version != kLogVersion) {
    return unimplemented("expected log version " + std::to_string(kLogVersion) + ", got " +
                         std::to_string(version) + "; open it with a newer spoor");
  }
  return header;
}

std::string encode(const RecordHeader& header, LogPosition position) {
  constexpr size_t kCoveredAt = 8;  // behind the magic and the checksum
  std::string bytes;
  bytes.reserve(kRecordHeaderBytes);
  append_le(bytes, kRecordMagic);
  append_le(bytes, uint32_t{0});
  append_le(bytes, header.content_checksum);
  append_le(bytes, header.tenant_bytes);
  append_le(bytes, static_cast<uint8_t>(header.format));
  append_le(bytes, header.encoding);
  append_le(bytes, header.decoder_version);
  append_le(bytes, header.body_bytes);
  append_le(bytes, header.verdict_bytes);
  append_le(bytes, header.received.value);
  append_le(bytes, header.durable.value);
  append_le(bytes, header.body_hash.low);
  append_le(bytes, header.body_hash.high);
  append_le(bytes, uint64_t{0});
  SPOOR_ASSERT(bytes.size() == kRecordHeaderBytes);
  std::string_view covered = std::string_view(bytes).substr(kCoveredAt);
  store_le(bytes.data() + 4, crc32c_at_place(position.segment(), position.offset(), covered));
  return bytes;
}

std::optional<RecordHeader> decode_record_header(std::string_view bytes, LogPosition position) {
  SPOOR_ASSERT(bytes.size() == kRecordHeaderBytes);
  ByteReader reader(bytes);
  if (reader.fixed<uint32_t>() != kRecordMagic) return std::nullopt;
  uint32_t checksum = reader.fixed<uint32_t>();
  if (checksum != crc32c_at_place(position.segment(), position.offset(), bytes.substr(8))) {
    return std::nullopt;
  }
  RecordHeader header;
  header.content_checksum = reader.fixed<uint32_t>();
  header.tenant_bytes = reader.fixed<uint8_t>();
  header.format = static_cast<BodyFormat>(reader.fixed<uint8_t>());
  header.encoding = reader.fixed<uint8_t>();
  header.decoder_version = reader.fixed<uint8_t>();
  header.body_bytes = reader.fixed<uint32_t>();
  header.verdict_bytes = reader.fixed<uint32_t>();
  header.received.value = reader.fixed<uint64_t>();
  header.durable.value = reader.fixed<uint64_t>();
  header.body_hash.low = reader.fixed<uint64_t>();
  header.body_hash.high = reader.fixed<uint64_t>();
  if (header.record_bytes() > kRecordBytesMax) return std::nullopt;
  return header;
}

std::string encode_verdict(std::span<const uint32_t> refused) {
  std::string bytes;
  uint32_t last = 0;
  for (uint32_t ordinal : refused) {
    append_varint(bytes, ordinal - last);
    last = ordinal;
  }
  return bytes;
}

Result<std::vector<uint32_t>> decode_verdict(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<uint32_t> refused;
  uint64_t ordinal = 0;
  while (!reader.at_end()) {
    uint64_t distance = reader.varint();
    ordinal += distance;
    bool repeated = distance == 0 && !refused.empty();
    if (reader.failed() || distance > ~uint32_t{0} || ordinal > ~uint32_t{0} || repeated) {
      return data_loss("damaged verdict");
    }
    refused.push_back(static_cast<uint32_t>(ordinal));
  }
  return refused;
}

RecordHeader make_record_header(const LogRecord& record, std::string& lead) {
  SPOOR_ASSERT(record.tenant.size() <= 255);
  lead.assign(record.tenant);
  lead.append(encode_verdict(record.refused));
  RecordHeader header;
  header.tenant_bytes = static_cast<uint8_t>(record.tenant.size());
  header.format = record.format;
  header.encoding = record.encoding;
  header.decoder_version = record.decoder_version;
  header.body_bytes = static_cast<uint32_t>(record.body.size());
  header.verdict_bytes = static_cast<uint32_t>(lead.size() - record.tenant.size());
  header.received = record.received;
  header.body_hash = record.body_hash;
  return header;
}

uint32_t content_checksum(std::string_view lead, std::string_view body, LogPosition position) {
  return crc32c_extend(crc32c_at_place(position.segment(), position.offset(), lead), body);
}

}  // namespace spoor::store
