// Writes one part file: header, sections, footer, trailer. The file is created new, written in
// order through a buffer, and synced by finish(); its name becomes durable with its directory.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "os/world.h"
#include "store/column_builder.h"
#include "store/part_format.h"
#include "store/section_input.h"

namespace spoor::store {

class PartWriter {
 public:
  static Result<std::unique_ptr<PartWriter>> create(os::World& world, const std::string& path,
                                                    PartId id, Day day);

  // Sections come in order of tenant number. `tenant_name` is kept so that a part explains
  // itself when the manifest is lost. `write_section` appends the section's blocks by what it is
  // given, the footer last, and says where that lies.
  using WriteSection =
      std::function<Result<SectionFooter>(const ColumnBuilder::WriteBlock& write, BlockRef&)>;
  Status add_section(uint32_t tenant, const std::string& tenant_name,
                     const WriteSection& write_section);
  Status add_section(uint32_t tenant, const std::string& tenant_name, const SectionInput& input,
                     std::span<const Fragment> fragments, Contexts contexts);

  // Ends the file and makes its content durable. The result is its size. May be called again
  // with a later generation, as long as no manifest names the part.
  Result<uint64_t> finish(uint64_t generation, LogPosition log_floor);

  uint64_t spans() const { return spans_; }
  uint64_t size_bytes() const { return offset(); }  // so far

 private:
  PartWriter(std::unique_ptr<os::File> file, PartId id) : file_(std::move(file)), id_(id) {}
  Status append(std::string_view bytes);
  Status flush_buffer();
  // Appends payload and checksum. `base` is where the block's id space begins in the file.
  Result<BlockRef> write_block(uint64_t file_id, uint64_t base, std::string_view payload);
  uint64_t offset() const { return flushed_bytes_ + buffer_.size(); }

  std::unique_ptr<os::File> file_;
  PartId id_;
  PartFooter footer_;
  std::string buffer_;
  uint64_t flushed_bytes_ = 0;
  uint64_t sections_end_ = 0;  // where the footer begins, once finish() was called
  uint64_t spans_ = 0;
};

}  // namespace spoor::store
