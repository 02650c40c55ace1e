// A log segment of any bytes is read to its end: raw, and with checksums that fit so that the
// input chooses sizes, positions and verdicts. No record comes twice and none overlap.
#include "store/log.h"

#include <cstdint>

#include "base/bytes.h"
#include "os/memory_world.h"
#include "store/file_names.h"
#include "store/log_reader.h"

namespace {

using namespace spoor;
using namespace spoor::store;

// Records as the input says: a header's fields, then a content of the given size.
std::string make_records(ByteReader& reader, uint64_t segment) {
  std::string bytes;
  while (!reader.at_end()) {
    LogPosition position = LogPosition::at(segment, kSegmentHeaderBytes + bytes.size());
    RecordHeader header;
    uint8_t lie = reader.fixed<uint8_t>();
    header.tenant_bytes = reader.fixed<uint8_t>();
    header.verdict_bytes = reader.fixed<uint8_t>();
    header.body_bytes = reader.fixed<uint16_t>();
    header.durable.value = position.value - reader.fixed<uint16_t>() + 1000;
    std::string content(reader.bytes(std::min<size_t>(reader.remaining(), lie)));
    std::string lead = content.substr(0, header.tenant_bytes + size_t{header.verdict_bytes});
    if (lie % 2 == 0) content.resize(header.content_bytes());
    header.content_checksum = content_checksum(
        std::string_view(content).substr(0, lead.size()),
        std::string_view(content).substr(std::min(lead.size(), content.size())), position);
    if (lie % 5 == 0) header.body_bytes *= 65'000;
    bytes += encode(header, position) + content;
    bytes.resize((bytes.size() + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment);
  }
  return bytes;
}

void put(os::World& world, uint64_t segment, const std::string& bytes) {
  auto file = world.open(segment_path("/s", segment), os::OpenMode::CreateNew);
  SPOOR_ASSERT(file.ok() && (*file)->write_at(0, bytes).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8 || size > 100'000) return 0;
  ByteReader reader(std::string_view(reinterpret_cast<const char*>(data), size));
  uint8_t mode = reader.fixed<uint8_t>();
  SegmentHeader second{2,
                       LogPosition::at(1, reader.fixed<uint16_t>()),
                       LogPosition::at(1, reader.fixed<uint16_t>()),
                       {}};
  LogPosition floor = LogPosition::at(1, reader.fixed<uint16_t>() % 256);
  os::MemoryWorld world;
  SPOOR_ASSERT(world.create_directories("/s/log").ok());
  std::string rest;
  if (mode % 2 == 0) {
    rest = make_records(reader, 1);
  } else {
    rest = reader.bytes(reader.remaining());
  }
  put(world, 1, (mode & 2) ? rest : encode(SegmentHeader{1, {}, {}, {}}) + rest);
  if (mode & 4) put(world, 2, encode(second));
  LogPosition last = floor;
  auto scan = read_log(world, "/s", {floor, SyncFirst::No, {}},
                       [&](const LogRecord& record, LogPosition end) {
                         SPOOR_ASSERT(record.body.size() <= rest.size());
                         SPOOR_ASSERT(end > last);
                         last = end;
                         return Status();
                       });
  SPOOR_ASSERT(scan.ok() || scan.status().code() == Code::Unimplemented);
  if (scan.ok()) SPOOR_ASSERT(rewrite_undurable(world, "/s", *scan).ok());
  return 0;
}
