#include "os/memory_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "os/sparse_bytes.h"

namespace spoor::os {
namespace {

using Kept = CrashOptions::Kept;
using Torn = CrashOptions::TornLastWrite;

constexpr uint64_t kSeeds = 64;

std::unique_ptr<File> create(World& world, const std::string& path, std::string_view content) {
  auto file = world.open(path, OpenMode::CreateNew);
  SPOOR_ASSERT(file.ok());
  SPOOR_ASSERT((*file)->write_at(0, content).ok());
  return std::move(*file);
}

// A file that is durable with its name.
std::unique_ptr<File> create_durable(World& world, const std::string& path,
                                     std::string_view content) {
  auto file = create(world, path, content);
  SPOOR_ASSERT(file->sync().ok());
  SPOOR_ASSERT(world.sync_directory("/").ok());
  return file;
}

std::string content(const MemoryWorld& world, const std::string& path) {
  auto bytes = world.read_all(path);
  return bytes.ok() ? *bytes : "none";
}

// What a file may hold after a crash now, over many seeds.
std::set<std::string> outcomes(const MemoryWorld& world, const std::string& path,
                               Torn torn = Torn::No) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    seen.insert(content(*world.crash_clone({Kept::RandomSubset, torn, seed}), path));
  }
  return seen;
}

TEST(CrashClone, what_was_synced_with_its_name_always_survives) {
  MemoryWorld world;
  create_durable(world, "/f", "synced");
  for (Kept kept : {Kept::Nothing, Kept::Everything, Kept::RandomSubset}) {
    for (Torn torn : {Torn::No, Torn::Yes}) {
      EXPECT_EQ(content(*world.crash_clone({kept, torn, 7}), "/f"), "synced");
    }
  }
}

TEST(CrashClone, an_unsynced_write_may_survive_or_not) {
  MemoryWorld world;
  auto file = create_durable(world, "/f", "aaaa");
  ASSERT_TRUE(file->write_at(0, "b").ok());
  ASSERT_TRUE(file->write_at(3, "c").ok());
  EXPECT_EQ(content(*world.crash_clone({Kept::Nothing}), "/f"), "aaaa");
  EXPECT_EQ(content(*world.crash_clone({Kept::Everything}), "/f"), "baac");
  EXPECT_EQ(outcomes(world, "/f"), (std::set<std::string>{"aaaa", "baaa", "aaac", "baac"}));
}

TEST(CrashClone, a_file_whose_name_was_not_synced_may_be_gone) {
  MemoryWorld world;
  ASSERT_TRUE(create(world, "/f", "x")->sync().ok());
  EXPECT_EQ(content(*world.crash_clone({Kept::Nothing}), "/f"), "none");
  EXPECT_EQ(outcomes(world, "/f"), (std::set<std::string>{"x", "none"}));
  ASSERT_TRUE(world.sync_directory("/").ok());
  EXPECT_EQ(outcomes(world, "/f"), std::set<std::string>{"x"});
}

TEST(CrashClone, a_rename_without_directory_sync_is_old_or_new_never_half) {
  MemoryWorld world;
  create_durable(world, "/target", "old");
  create_durable(world, "/fresh", "new");
  ASSERT_TRUE(world.rename("/fresh", "/target").ok());
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto clone = world.crash_clone({Kept::RandomSubset, Torn::No, seed});
    seen.insert(content(*clone, "/target") + " " + content(*clone, "/fresh"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old new", "new none"}));
  ASSERT_TRUE(world.sync_directory("/").ok());
  EXPECT_EQ(content(*world.crash_clone({Kept::Nothing}), "/target"), "new");
}

TEST(CrashClone, a_chain_of_renames_never_shows_a_file_twice) {
  MemoryWorld world;
  create_durable(world, "/a", "x");
  ASSERT_TRUE(world.rename("/a", "/b").ok());
  ASSERT_TRUE(world.rename("/b", "/c").ok());
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    auto clone = world.crash_clone({Kept::RandomSubset, Torn::No, seed});
    EXPECT_EQ(clone->file_paths().size(), 1u);
  }
}

TEST(CrashClone, a_rename_between_directories_is_durable_with_either_parent) {
  MemoryWorld world;
  ASSERT_TRUE(world.create_directories("/from").ok());
  ASSERT_TRUE(world.create_directories("/to").ok());
  ASSERT_TRUE(create(world, "/from/f", "x")->sync().ok());
  ASSERT_TRUE(world.rename("/from/f", "/to/f").ok());
  ASSERT_TRUE(world.rename("/to/f", "/to/g").ok());
  ASSERT_TRUE(world.sync_directory("/to").ok());
  auto clone = world.crash_clone({Kept::Nothing});
  EXPECT_EQ(clone->file_paths(), std::vector<std::string>{"/to/g"});
  ASSERT_TRUE(world.sync_directory("/from").ok());
  EXPECT_EQ(world.crash_clone({Kept::Nothing})->file_paths(), std::vector<std::string>{"/to/g"});
}

TEST(CrashClone, a_removal_without_directory_sync_may_be_undone) {
  MemoryWorld world;
  create_durable(world, "/f", "x");
  ASSERT_TRUE(world.remove_file("/f").ok());
  EXPECT_EQ(outcomes(world, "/f"), (std::set<std::string>{"x", "none"}));
  ASSERT_TRUE(world.sync_directory("/").ok());
  EXPECT_EQ(outcomes(world, "/f"), std::set<std::string>{"none"});
}

TEST(CrashClone, directories_made_with_parents_survive_and_their_files_follow_their_own_sync) {
  MemoryWorld world;
  ASSERT_TRUE(world.create_directories("/a/b").ok());
  ASSERT_TRUE(create(world, "/a/b/f", "x")->sync().ok());
  auto clone = world.crash_clone({Kept::Nothing});
  EXPECT_TRUE(*clone->exists("/a/b"));
  EXPECT_FALSE(*clone->exists("/a/b/f"));
  ASSERT_TRUE(world.rename("/a/b", "/a/c").ok());
  ASSERT_TRUE(world.sync_directory("/a").ok());
  ASSERT_TRUE(world.sync_directory("/a/c").ok());
  EXPECT_EQ(content(*world.crash_clone({Kept::Nothing}), "/a/c/f"), "x");
}

TEST(CrashClone, a_torn_write_ends_at_a_sector) {
  MemoryWorld world;
  auto file = create_durable(world, "/f", std::string(2048, 'a'));
  ASSERT_TRUE(file->write_at(100, std::string(1500, 'b')).ok());
  std::set<size_t> cuts;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::string bytes = content(*world.crash_clone({Kept::Nothing, Torn::Yes, seed}), "/f");
    size_t written = static_cast<size_t>(std::ranges::count(bytes, 'b'));
    EXPECT_EQ(bytes.substr(100, written), std::string(written, 'b'));
    cuts.insert(written);
  }
  EXPECT_EQ(cuts, (std::set<size_t>{0, 412, 924, 1436}));
}

TEST(CrashClone, the_size_may_grow_without_the_data) {
  MemoryWorld world;
  auto file = create_durable(world, "/f", "a");
  ASSERT_TRUE(file->write_at(1, "b").ok());
  std::set<std::string> expected = {"a", "ab", std::string("a\0", 2)};
  EXPECT_EQ(outcomes(world, "/f"), expected);
}

TEST(CrashClone, leaves_the_world_as_it_was_and_lives_on_its_own) {
  MemoryWorld world;
  auto file = create_durable(world, "/f", "aaaa");
  auto lock = world.lock("/LOCK");
  ASSERT_TRUE(lock.ok());
  world.advance(5);
  auto clone = world.crash_clone({Kept::Everything});
  EXPECT_EQ(clone->now(), world.now());
  EXPECT_TRUE(clone->lock("/LOCK").ok());
  auto cloned = clone->open("/f", OpenMode::Write);
  ASSERT_TRUE(cloned.ok());
  ASSERT_TRUE((*cloned)->write_at(0, "b").ok());
  ASSERT_TRUE(file->write_at(1, "c").ok());
  EXPECT_EQ(content(world, "/f"), "acaa");
  EXPECT_EQ(content(*clone, "/f"), "baaa");
  EXPECT_EQ(content(*clone->crash_clone({Kept::Nothing}), "/f"), "aaaa");
}

TEST(CrashClone, the_same_seed_gives_the_same_disk) {
  MemoryWorld world;
  auto file = create_durable(world, "/f", std::string(64, 'a'));
  for (uint64_t i = 0; i < 64; ++i) ASSERT_TRUE(file->write_at(i, "b").ok());
  CrashOptions options{Kept::RandomSubset, Torn::No, 99};
  EXPECT_EQ(content(*world.crash_clone(options), "/f"), content(*world.crash_clone(options), "/f"));
  options.seed = 100;
  EXPECT_NE(content(*world.crash_clone(options), "/f"),
            content(*world.crash_clone({Kept::RandomSubset, Torn::No, 99}), "/f"));
}

TEST(MemoryWorld, dropped_writes_never_reach_the_disk) {
  using Cache = MemoryWorld::CacheAfterDrop;
  MemoryWorld world;
  auto file = create_durable(world, "/f", "aaaa");
  ASSERT_TRUE(file->write_at(0, "b").ok());
  ASSERT_TRUE(world.drop_unsynced("/f", Cache::Shown).ok());
  EXPECT_EQ(content(world, "/f"), "baaa");
  ASSERT_TRUE(file->sync().ok());  // the second sync lies, as Linux's does
  EXPECT_EQ(content(*world.crash_clone({Kept::Everything}), "/f"), "aaaa");
  ASSERT_TRUE(world.drop_unsynced("/f", Cache::Reverted).ok());
  EXPECT_EQ(content(world, "/f"), "aaaa");
  EXPECT_EQ(world.drop_unsynced("/g").code(), Code::NotFound);
}

TEST(MemoryWorld, the_hook_sees_every_mutation_and_may_clone) {
  MemoryWorld world;
  std::vector<std::string> seen;
  uint64_t last = 0;
  world.on_operation([&](uint64_t index, std::string_view what) {
    EXPECT_EQ(index, ++last);
    seen.emplace_back(what);
    world.crash_clone({Kept::RandomSubset, Torn::Yes, index});
  });
  ASSERT_TRUE(world.create_directories("/d").ok());
  auto file = create(world, "/d/f", "abc");
  ASSERT_TRUE(file->allocate(8).ok());
  ASSERT_TRUE(file->truncate(4).ok());
  ASSERT_TRUE(file->sync().ok());
  ASSERT_TRUE(world.rename("/d/f", "/d/g").ok());
  ASSERT_TRUE(world.sync_directory("/d").ok());
  ASSERT_TRUE(world.remove_file("/d/g").ok());
  ASSERT_TRUE(world.remove_directory("/d").ok());
  EXPECT_FALSE(world.remove_directory("/d").ok());
  EXPECT_EQ(seen, (std::vector<std::string>{
                      "mkdir d of /d",
                      "sync the parent of d of /d",
                      "create /d/f",
                      "write /d/f at 0, 3 bytes",
                      "allocate /d/f to 8",
                      "truncate /d/f to 4",
                      "sync /d/f",
                      "rename to /d/g /d/f",
                      "fsync /d",
                      "unlink /d/g",
                      "rmdir /d",
                  }));
  EXPECT_EQ(world.operation_count(), seen.size());
}

TEST(MemoryWorld, a_full_disk_refuses_growth_and_takes_overwrites) {
  MemoryWorld world;
  world.set_capacity_bytes(10);
  auto file = create(world, "/f", "12345678");
  EXPECT_EQ(file->write_at(8, "abc").code(), Code::ResourceExhausted);
  EXPECT_EQ(file->allocate(11).code(), Code::ResourceExhausted);
  EXPECT_TRUE(file->write_at(8, "ab").ok());
  EXPECT_TRUE(file->write_at(0, "ab").ok());
  EXPECT_EQ(world.disk_space("/")->available_bytes, 0u);
  ASSERT_TRUE(world.remove_file("/f").ok());
  EXPECT_EQ(world.disk_space("/")->available_bytes, 10u);
}

TEST(MemoryWorld, corruption_is_on_the_disk_and_in_the_cache) {
  MemoryWorld world;
  create_durable(world, "/f", "abc");
  ASSERT_TRUE(world.corrupt("/f", 1, 0x03).ok());
  EXPECT_EQ(content(world, "/f"), "aac");
  EXPECT_EQ(content(*world.crash_clone({Kept::Nothing}), "/f"), "aac");
  EXPECT_EQ(world.corrupt("/f", 3, 1).code(), Code::OutOfRange);
}

TEST(MemoryWorld, the_clock_moves_only_by_hand) {
  MemoryWorld world;
  EXPECT_EQ(to_rfc3339(world.now()), "2026-01-01T00:00:00.000000000Z");
  world.advance(kNanosPerDay);
  EXPECT_EQ(world.monotonic_nanos(), kNanosPerDay);
  world.set_now({5});
  EXPECT_EQ(world.now().value, 5u);
  EXPECT_EQ(world.monotonic_nanos(), kNanosPerDay);
}

TEST(MemoryWorld, random_bytes_repeat_with_the_seed) {
  MemoryWorld a(5), b(5), c(6);
  uint64_t first = a.random_u64();
  EXPECT_EQ(first, b.random_u64());
  EXPECT_NE(first, c.random_u64());
}

TEST(MemoryWorld, paths_have_one_root) {
  MemoryWorld world;
  create(world, "f", "x");
  EXPECT_EQ(content(world, "/./a/../f"), "x");
  EXPECT_EQ(world.file_paths(), std::vector<std::string>{"/f"});
}

TEST(SparseBytes, copies_do_not_see_each_others_writes) {
  SparseBytes original;
  original.write(0, std::string(40'000, 'a'));
  SparseBytes copy = original;
  copy.write(20'000, "b");
  original.resize(10);
  original.resize(20'001);
  std::string bytes(20'001, '?');
  original.read(0, bytes);
  EXPECT_EQ(bytes, std::string(10, 'a') + std::string(19'991, '\0'));
  copy.read(0, bytes);
  EXPECT_EQ(bytes, std::string(20'000, 'a') + "b");
}

}  // namespace
}  // namespace spoor::os
