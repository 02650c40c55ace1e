// A fresh directory under the system's temporary folder, removed with all its content at the
// end of the test.
#pragma once

#include <string>

namespace spoor::test {

class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace spoor::test
