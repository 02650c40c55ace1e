#include "os/real_world.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/aligned_bytes.h"
#include "os/errno_status.h"
#include "support/temp_directory.h"

namespace spoor::os {
namespace {

TEST(RealWorld, a_second_lock_names_the_process_that_holds_the_first) {
  test::TempDirectory directory;
  RealWorld world;
  auto held = world.lock(directory.path() + "/LOCK");
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(world.lock(directory.path() + "/LOCK").status().message(),
            "data directory " + directory.path() + " is in use by process " +
                std::to_string(::getpid()) + "; stop it or choose another --storage.path");
}

TEST(RealWorld, relative_paths_start_at_the_working_directory) {
  RealWorld world;
  EXPECT_TRUE(*world.exists("."));
  EXPECT_TRUE(world.create_directories(".").ok());
  EXPECT_FALSE(world.create_directories("").ok());
}

TEST(RealWorld, a_path_that_cannot_be_written_names_the_way_out) {
  RealWorld world;
  Status status = world.create_directories("/proc/spoor");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("/proc/spoor: mkdir: "), std::string::npos);
}

// A disk of larger blocks refuses what this one would take: it is then written through the cache.
TEST(RealWorld, a_direct_write_that_the_disk_refuses_goes_through_the_cache) {
  test::TempDirectory directory;
  RealWorld world;
  auto file = world.open(directory.path() + "/log", OpenMode::CreateDirect);
  ASSERT_TRUE(file.ok()) << file.status().to_string();
  AlignedBytes block(kDirectBlockBytes, 2 * kDirectBlockBytes);
  std::fill_n(block.data(), block.size(), 'x');
  ASSERT_TRUE((*file)->allocate(block.size()).ok());
  ASSERT_TRUE((*file)->write_at(0, {block.data(), block.size()}).ok());
  ASSERT_TRUE((*file)->write_at(5, "odd").ok());
  ASSERT_TRUE((*file)->write_at(0, {block.data(), 2}).ok() && (*file)->sync().ok());
  std::string content = read_file(world, directory.path() + "/log", 1 << 20).value();
  EXPECT_EQ(content, "xxxxxodd" + std::string(block.size() - 8, 'x'));
}

TEST(ErrnoStatus, every_group_has_its_code) {
  EXPECT_EQ(errno_status("p", "open", ENOENT).to_string(),
            "NOT_FOUND: p: open: No such file or directory");
  EXPECT_EQ(errno_status("p", "open", EEXIST).code(), Code::AlreadyExists);
  EXPECT_EQ(errno_status("p", "write", EIO).code(), Code::DataLoss);
  EXPECT_EQ(errno_status("p", "write", EDQUOT).code(), Code::ResourceExhausted);
  EXPECT_EQ(errno_status("p", "write", ENOSPC).message(),
            "p: write: No space left on device; free space or choose another --storage.path");
  EXPECT_EQ(errno_status("p", "open", EMFILE).code(), Code::Unavailable);
  EXPECT_TRUE(errno_status("p", "open", ENFILE).retry_delay_ms().has_value());
  EXPECT_TRUE(errno_status("p", "open", ENOMEM).retry_delay_ms().has_value());
  EXPECT_EQ(errno_status("p", "open", ENXIO).code(), Code::Internal);
  for (int error : {EACCES, EPERM, EROFS}) {
    Status status = errno_status("p", "open", error);
    EXPECT_EQ(status.code(), Code::PermissionDenied);
    EXPECT_TRUE(status.message().ends_with("; make p writable for user " +
                                           std::to_string(::geteuid()) +
                                           " or choose another --storage.path"));
  }
}

}  // namespace
}  // namespace spoor::os
