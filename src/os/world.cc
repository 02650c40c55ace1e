#include "os/world.h"

namespace spoor::os {

Result<std::string> read_file(World& world, const std::string& path, uint64_t size_bytes_max) {
  SPOOR_ASSIGN(auto file, world.open(path, OpenMode::Read));
  SPOOR_ASSIGN(uint64_t size, file->size());
  if (size > size_bytes_max) {
    return data_loss(path + ": expected at most " + std::to_string(size_bytes_max) +
                     " bytes, got " + std::to_string(size));
  }
  std::string content(size, '\0');
  SPOOR_TRY(file->read_at(0, content));
  return content;
}

}  // namespace spoor::os
