#include "store/part_file.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// Says which file an error is about.
Status at_path(const std::string& path, const Status& status) {
  return Status(status.code(), path + ": " + status.message());
}

// `bytes` begins with the block and the checksum behind it.
Status compare_checksum(uint64_t file_id, uint64_t base, const BlockRef& block,
                        std::string_view bytes) {
  uint32_t stored = load_le<uint32_t>(bytes.data() + block.bytes);
  uint32_t computed = crc32c_at_place(file_id, block.offset, bytes.substr(0, block.bytes));
  if (stored == computed) return {};
  return data_loss("block at offset " + std::to_string(base + block.offset) +
                   ": expected checksum " + std::to_string(stored) + ", got " +
                   std::to_string(computed));
}

}  // namespace

Result<std::shared_ptr<const PartFile>> PartFile::open(os::World& world, const std::string& path,
                                                       PartId id, Day day) {
  SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::Read));
  std::shared_ptr<PartFile> part(new PartFile(std::move(file), path, id, day));
  Status loaded = part->load_footer();
  if (!loaded.ok()) return at_path(path, loaded);
  return std::shared_ptr<const PartFile>(std::move(part));
}

Status PartFile::load_footer() {
  SPOOR_ASSIGN(size_bytes_, file_->size());
  if (size_bytes_ < kPartHeaderBytes + kPartTrailerBytes) {
    return data_loss("expected at least " + std::to_string(kPartHeaderBytes + kPartTrailerBytes) +
                     " bytes, got " + std::to_string(size_bytes_));
  }
  char header[kPartHeaderBytes], trailer_bytes[kPartTrailerBytes];
  SPOOR_TRY(file_->read_at(0, header));
  SPOOR_TRY(check_part_header({header, sizeof header}, id_, day_));
  uint64_t trailer_offset = size_bytes_ - kPartTrailerBytes;
  SPOOR_TRY(file_->read_at(trailer_offset, trailer_bytes));
  SPOOR_ASSIGN(PartTrailer trailer,
               decode_part_trailer({trailer_bytes, sizeof trailer_bytes}, id_, trailer_offset));
  SPOOR_ASSIGN(std::string footer, read_checked(id_.value, 0, trailer_offset, trailer.footer));
  SPOOR_ASSIGN(footer_, decode_part_footer(footer));
  footer_block_ = trailer.footer;
  for (const PartSection& section : footer_.sections) {
    if (section.offset > size_bytes_ || section.bytes > size_bytes_ - section.offset) {
      return data_loss("a section lies outside the file");
    }
  }
  return {};
}

Result<std::string> PartFile::read_checked(uint64_t file_id, uint64_t base, uint64_t limit,
                                           const BlockRef& block) const {
  uint64_t available = limit - base;
  if (block.offset > available || block.bytes > kMetadataBytesMax ||
      block.bytes + kChecksumBytes > available - block.offset) {
    return data_loss("a block lies outside the file");
  }
  std::string bytes(block.bytes + kChecksumBytes, '\0');
  SPOOR_TRY(file_->read_at(base + block.offset, bytes));
  SPOOR_TRY(compare_checksum(file_id, base, block, bytes));
  bytes.resize(block.bytes);
  return bytes;
}

Result<std::string> PartFile::read_block(const PartSection& section, const BlockRef& block) const {
  Result<std::string> bytes =
      read_checked(section.id, section.offset, section.offset + section.bytes, block);
  if (!bytes.ok()) return at_path(path_, bytes.status());
  return bytes;
}

Status PartFile::read_pages(const PartSection& section, uint64_t offset,
                            std::span<const PageRef> pages, std::string& bytes) const {
  uint64_t size = 0;
  for (const PageRef& page : pages) size += uint64_t{page.bytes} + kChecksumBytes;
  if (offset > section.bytes || size > section.bytes - offset || size > kMetadataBytesMax) {
    return at_path(path_, data_loss("pages lie outside the section"));
  }
  bytes.resize(size);
  SPOOR_TRY(file_->read_at(section.offset + offset, bytes));
  uint64_t at = 0;
  for (const PageRef& page : pages) {
    Status status = compare_checksum(section.id, section.offset, {offset + at, page.bytes},
                                     std::string_view(bytes).substr(at));
    if (!status.ok()) return at_path(path_, status);
    at += uint64_t{page.bytes} + kChecksumBytes;
  }
  return {};
}

}  // namespace spoor::store
