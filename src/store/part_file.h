// A part file open for reading. Every byte that leaves it was checked against its checksum.
// Immutable and thread-safe; readers share it.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "os/world.h"
#include "store/part_format.h"

namespace spoor::store {

class PartFile {
 public:
  // Checks header, trailer and footer. DataLoss names the file and what is wrong with it.
  static Result<std::shared_ptr<const PartFile>> open(os::World& world, const std::string& path,
                                                      PartId id, Day day);

  // The payload of a block of the section; DataLoss if it lies outside or does not match.
  Result<std::string> read_block(const PartSection& section, const BlockRef& block) const;

  // The pages of a column that lie one behind another from `offset` in the section, all checked,
  // with their checksums behind each. `bytes` is filled anew; its memory is used again.
  Status read_pages(const PartSection& section, uint64_t offset, std::span<const PageRef> pages,
                    std::string& bytes) const;

  const PartFooter& footer() const { return footer_; }
  const BlockRef& footer_block() const { return footer_block_; }  // in the file
  const std::string& path() const { return path_; }
  PartId id() const { return id_; }
  Day day() const { return day_; }
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  PartFile(std::unique_ptr<os::File> file, std::string path, PartId id, Day day)
      : file_(std::move(file)), path_(std::move(path)), id_(id), day_(day) {}
  Status load_footer();
  Result<std::string> read_checked(uint64_t file_id, uint64_t base, uint64_t limit,
                                   const BlockRef& block) const;

  std::unique_ptr<os::File> file_;
  std::string path_;
  PartId id_;
  Day day_;
  uint64_t size_bytes_ = 0;
  PartFooter footer_;
  BlockRef footer_block_;
};

}  // namespace spoor::store
