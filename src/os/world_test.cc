// The contract of world.h, held by the real and the in-memory world alike.
#include "os/world.h"

#include <gtest/gtest.h>

#include <memory>

#include "os/faulty_world.h"
#include "os/memory_world.h"
#include "os/real_world.h"
#include "support/temp_directory.h"

namespace spoor::os {
namespace {

using Names = std::vector<std::string>;

struct RealSetup {
  test::TempDirectory directory;
  RealWorld world;
  std::string root() const { return directory.path(); }
};

struct MemorySetup {
  MemoryWorld world;
  std::string root() const { return ""; }
};

// A faulty world without a fault is a world.
struct FaultySetup {
  MemoryWorld inner;
  FaultyWorld world{inner};
  std::string root() const { return ""; }
};

template <typename Place>
class WorldContract : public testing::Test {
 protected:
  World& world() { return place_.world; }
  std::string path(const std::string& name) { return place_.root() + "/" + name; }
  std::string root() { return place_.root() + "/"; }

  void write_file(const std::string& name, std::string_view content) {
    auto file = world().open(path(name), OpenMode::CreateNew);
    ASSERT_TRUE(file.ok()) << file.status().to_string();
    ASSERT_TRUE((*file)->write_at(0, content).ok());
  }
  std::string content(const std::string& name) {
    auto bytes = read_file(world(), path(name), 1 << 20);
    return bytes.ok() ? *bytes : bytes.status().to_string();
  }
  Names list(const std::string& name) {
    auto names = world().list_directory(path(name));
    return names.ok() ? *names : Names{names.status().to_string()};
  }

 private:
  Place place_;
};

using Setups = testing::Types<RealSetup, MemorySetup, FaultySetup>;
TYPED_TEST_SUITE(WorldContract, Setups);

TYPED_TEST(WorldContract, open_modes_say_what_must_exist) {
  World& world = this->world();
  std::string path = this->path("f");
  EXPECT_EQ(world.open(path, OpenMode::Read).status().code(), Code::NotFound);
  EXPECT_EQ(world.open(path, OpenMode::Write).status().code(), Code::NotFound);
  ASSERT_TRUE(world.open(path, OpenMode::CreateNew).ok());
  EXPECT_EQ(world.open(path, OpenMode::CreateNew).status().code(), Code::AlreadyExists);
  EXPECT_TRUE(world.open(path, OpenMode::Write).ok());
  EXPECT_EQ(world.open(this->path("no/f"), OpenMode::CreateNew).status().code(), Code::NotFound);
  EXPECT_EQ(world.open(path + "/x", OpenMode::CreateNew).status().code(), Code::FailedPrecondition);
  EXPECT_EQ(world.open(this->root(), OpenMode::Read).status().code(), Code::FailedPrecondition);
}

TYPED_TEST(WorldContract, a_file_opened_to_read_refuses_writes) {
  this->write_file("f", "abc");
  auto file = this->world().open(this->path("f"), OpenMode::Read);
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE((*file)->write_at(0, "x").ok());
  EXPECT_FALSE((*file)->truncate(0).ok());
  EXPECT_EQ(this->content("f"), "abc");
}

TYPED_TEST(WorldContract, writes_are_read_back_and_holes_are_zeros) {
  auto file = this->world().open(this->path("f"), OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  std::string large(100'000, 'x');
  ASSERT_TRUE((*file)->write_at(20'000, large).ok());
  ASSERT_TRUE((*file)->write_at(2, "ab").ok());
  ASSERT_TRUE((*file)->write_at(16'383, "cd").ok());
  EXPECT_EQ(*(*file)->size(), 120'000u);
  std::string expected = std::string(20'000, '\0') + large;
  expected.replace(2, 2, "ab").replace(16'383, 2, "cd");
  EXPECT_TRUE(this->content("f") == expected);
  ASSERT_TRUE((*file)->sync().ok());
}

TYPED_TEST(WorldContract, reading_beyond_the_end_is_data_loss) {
  this->write_file("f", "0123456789");
  auto file = this->world().open(this->path("f"), OpenMode::Read);
  ASSERT_TRUE(file.ok());
  char buffer[8];
  EXPECT_TRUE((*file)->read_at(2, buffer).ok());
  EXPECT_EQ(std::string_view(buffer, 8), "23456789");
  Status status = (*file)->read_at(3, buffer);
  EXPECT_EQ(status.code(), Code::DataLoss);
  EXPECT_EQ(status.message(), this->path("f") + ": read at 3: expected 8 bytes, got 7");
  EXPECT_EQ((*file)->read_at(100, buffer).code(), Code::DataLoss);
  EXPECT_TRUE((*file)->read_at(10, {}).ok());
}

TYPED_TEST(WorldContract, allocate_grows_with_zeros_and_never_shrinks) {
  auto file = this->world().open(this->path("f"), OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->write_at(0, "abc").ok());
  ASSERT_TRUE((*file)->allocate(8).ok());
  EXPECT_EQ(this->content("f"), std::string("abc\0\0\0\0\0", 8));
  ASSERT_TRUE((*file)->allocate(4).ok());
  EXPECT_EQ(*(*file)->size(), 8u);
  ASSERT_TRUE((*file)->allocate(0).ok());
}

TYPED_TEST(WorldContract, truncate_cuts_and_grows_with_zeros) {
  auto file = this->world().open(this->path("f"), OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->write_at(0, "abcdef").ok());
  ASSERT_TRUE((*file)->truncate(3).ok());
  ASSERT_TRUE((*file)->truncate(5).ok());
  EXPECT_EQ(this->content("f"), std::string("abc\0\0", 5));
}

TYPED_TEST(WorldContract, directories_are_made_with_their_parents_and_listed_in_order) {
  World& world = this->world();
  ASSERT_TRUE(world.create_directories(this->path("a/b/c")).ok());
  ASSERT_TRUE(world.create_directories(this->path("a/b/c/")).ok());
  ASSERT_TRUE(world.create_directories(this->path("a/b/d")).ok());
  this->write_file("a/z", "");
  this->write_file("a/y", "");
  EXPECT_EQ(this->list("a"), (Names{"b", "y", "z"}));
  EXPECT_EQ(this->list("a/b"), (Names{"c", "d"}));
  EXPECT_EQ(this->list("a/b/c"), Names{});
  EXPECT_EQ(world.list_directory(this->path("x")).status().code(), Code::NotFound);
  EXPECT_EQ(world.list_directory(this->path("a/y")).status().code(), Code::FailedPrecondition);
  EXPECT_EQ(world.create_directories(this->path("a/y")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.create_directories(this->path("a/y/q")).code(), Code::FailedPrecondition);
}

TYPED_TEST(WorldContract, removal_tells_files_from_directories) {
  World& world = this->world();
  ASSERT_TRUE(world.create_directories(this->path("d")).ok());
  this->write_file("d/f", "x");
  EXPECT_EQ(world.remove_file(this->path("d")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.remove_directory(this->path("d/f")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.remove_directory(this->path("d")).code(), Code::FailedPrecondition);
  EXPECT_TRUE(world.remove_file(this->path("d/f")).ok());
  EXPECT_EQ(world.remove_file(this->path("d/f")).code(), Code::NotFound);
  EXPECT_TRUE(world.remove_directory(this->path("d")).ok());
  EXPECT_EQ(world.remove_directory(this->path("d")).code(), Code::NotFound);
}

TYPED_TEST(WorldContract, a_removed_file_stays_readable_through_its_handle) {
  this->write_file("f", "abc");
  auto file = this->world().open(this->path("f"), OpenMode::Write);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(this->world().remove_file(this->path("f")).ok());
  EXPECT_TRUE((*file)->write_at(1, "X").ok());
  char buffer[3];
  ASSERT_TRUE((*file)->read_at(0, buffer).ok());
  EXPECT_EQ(std::string_view(buffer, 3), "aXc");
}

TYPED_TEST(WorldContract, rename_replaces_a_file_and_an_empty_directory) {
  World& world = this->world();
  this->write_file("a", "new");
  this->write_file("b", "old");
  ASSERT_TRUE(world.rename(this->path("a"), this->path("b")).ok());
  EXPECT_EQ(this->content("b"), "new");
  EXPECT_FALSE(*world.exists(this->path("a")));
  EXPECT_EQ(world.rename(this->path("a"), this->path("c")).code(), Code::NotFound);

  ASSERT_TRUE(world.create_directories(this->path("d/inner")).ok());
  ASSERT_TRUE(world.create_directories(this->path("e")).ok());
  EXPECT_EQ(world.rename(this->path("e"), this->path("d")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.rename(this->path("b"), this->path("d")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.rename(this->path("d"), this->path("b")).code(), Code::FailedPrecondition);
  EXPECT_EQ(world.rename(this->path("d"), this->path("d/inner/x")).code(), Code::InvalidArgument);
  EXPECT_TRUE(world.rename(this->path("d"), this->path("e")).ok());
  EXPECT_EQ(this->list("e"), Names{"inner"});
  EXPECT_TRUE(world.rename(this->path("b"), this->path("e/b")).ok());
  EXPECT_TRUE(world.rename(this->path("e/b"), this->path("e/b")).ok());
  EXPECT_EQ(this->content("e/b"), "new");
}

TYPED_TEST(WorldContract, exists_answers_for_files_directories_and_nothing) {
  World& world = this->world();
  this->write_file("f", "");
  EXPECT_TRUE(*world.exists(this->path("f")));
  EXPECT_TRUE(*world.exists(this->root()));
  EXPECT_FALSE(*world.exists(this->path("g")));
  EXPECT_FALSE(*world.exists(this->path("f/g")));
}

TYPED_TEST(WorldContract, sync_directory_needs_a_directory) {
  this->write_file("f", "");
  EXPECT_TRUE(this->world().sync_directory(this->root()).ok());
  EXPECT_EQ(this->world().sync_directory(this->path("x")).code(), Code::NotFound);
  EXPECT_EQ(this->world().sync_directory(this->path("f")).code(), Code::FailedPrecondition);
}

TYPED_TEST(WorldContract, a_lock_has_one_holder_until_it_goes) {
  World& world = this->world();
  auto held = world.lock(this->path("LOCK"));
  ASSERT_TRUE(held.ok()) << held.status().to_string();
  auto second = world.lock(this->path("LOCK"));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::FailedPrecondition);
  EXPECT_NE(second.status().message().find("another --storage.path"), std::string::npos);
  *held = nullptr;
  EXPECT_TRUE(world.lock(this->path("LOCK")).ok());
  EXPECT_EQ(world.lock(this->path("no/LOCK")).status().code(), Code::NotFound);
}

TYPED_TEST(WorldContract, disk_space_and_random_bytes_are_there) {
  auto space = this->world().disk_space(this->root());
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->total_bytes, 0u);
  EXPECT_LE(space->available_bytes, space->total_bytes);
  EXPECT_EQ(this->world().disk_space(this->path("x")).status().code(), Code::NotFound);
  EXPECT_NE(this->world().random_u64(), this->world().random_u64());
  EXPECT_GT(this->world().now().value, 1'700'000'000 * kNanosPerSecond);
  uint64_t before = this->world().monotonic_nanos();
  EXPECT_GE(this->world().monotonic_nanos(), before);
}

TYPED_TEST(WorldContract, read_file_refuses_more_than_the_caller_can_take) {
  this->write_file("f", "0123456789");
  EXPECT_EQ(*read_file(this->world(), this->path("f"), 10), "0123456789");
  EXPECT_EQ(read_file(this->world(), this->path("f"), 9).status().code(), Code::DataLoss);
}

}  // namespace
}  // namespace spoor::os
