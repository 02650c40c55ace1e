#include "store/part_writer.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/section_writer.h"

namespace spoor::store {
namespace {

constexpr size_t kWriteBufferBytes = 1 << 20;

}  // namespace

Result<std::unique_ptr<PartWriter>> PartWriter::create(os::World& world, const std::string& path,
                                                       PartId id, Day day) {
  SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::CreateNew));
  std::unique_ptr<PartWriter> writer(new PartWriter(std::move(file), id));
  SPOOR_TRY(writer->append(encode_part_header(id, day)));
  return writer;
}

Status PartWriter::append(std::string_view bytes) {
  buffer_.append(bytes);
  return buffer_.size() >= kWriteBufferBytes ? flush_buffer() : Status();
}

Status PartWriter::flush_buffer() {
  SPOOR_TRY(file_->write_at(flushed_bytes_, buffer_));
  flushed_bytes_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<BlockRef> PartWriter::write_block(uint64_t file_id, uint64_t base,
                                         std::string_view payload) {
  BlockRef block{offset() - base, payload.size()};
  uint32_t checksum = crc32c_at_place(file_id, block.offset, payload);
  char checksum_bytes[kChecksumBytes];
  store_le(checksum_bytes, checksum);
  buffer_.append(payload);
  SPOOR_TRY(append({checksum_bytes, sizeof checksum_bytes}));
  return block;
}

Status PartWriter::add_section(uint32_t tenant, const std::string& tenant_name,
                               const SectionInput& input, std::span<const Fragment> fragments,
                               Contexts contexts) {
  return add_section(tenant, tenant_name,
                     [&](const ColumnBuilder::WriteBlock& write, BlockRef& footer) {
                       return SectionWriter(input, fragments, contexts, write).run(footer);
                     });
}

Status PartWriter::add_section(uint32_t tenant, const std::string& tenant_name,
                               const WriteSection& write_section) {
  SPOOR_ASSERT(sections_end_ == 0);
  PartSection section;
  section.tenant = tenant;
  section.tenant_name = tenant_name;
  SPOOR_ASSERT(footer_.sections.size() < size_t{1} << kSectionBits);
  SPOOR_ASSERT(footer_.sections.empty() || footer_.sections.back().tenant < tenant);
  section.id = id_.value << kSectionBits | footer_.sections.size();
  section.offset = offset();
  auto write = [&](std::string_view payload) {
    return write_block(section.id, section.offset, payload);
  };
  SPOOR_ASSIGN(SectionFooter written, write_section(write, section.footer));
  section.bytes = offset() - section.offset;
  section.spans = written.spans;
  section.traces = written.traces;
  section.start_min = written.start_min;
  section.end_max = written.end_max;
  spans_ += written.spans;
  footer_.sections.push_back(std::move(section));
  return {};
}

Result<uint64_t> PartWriter::finish(uint64_t generation, LogPosition log_floor) {
  if (sections_end_ == 0) {
    SPOOR_TRY(flush_buffer());
    sections_end_ = flushed_bytes_;
  }
  SPOOR_ASSERT(generation >= footer_.generation);
  flushed_bytes_ = sections_end_;  // a second footer takes the first one's place; it is no shorter
  buffer_.clear();
  footer_.generation = generation;
  footer_.log_floor = log_floor;
  std::string bytes;
  encode(footer_, bytes);
  PartTrailer trailer;
  SPOOR_ASSIGN(trailer.footer, write_block(id_.value, 0, bytes));
  SPOOR_TRY(append(encode_part_trailer(id_, trailer, offset())));
  SPOOR_TRY(flush_buffer());
  SPOOR_TRY(file_->sync());
  return flushed_bytes_;
}

}  // namespace spoor::store
