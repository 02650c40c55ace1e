#include "support/temp_directory.h"

#include <cstdlib>
#include <filesystem>

#include "base/assert.h"

namespace spoor::test {

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "spoor-test-XXXXXX").string();
  SPOOR_ASSERT(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace spoor::test
