#include "os/faulty_world.h"

#include <gtest/gtest.h>

namespace spoor::os {
namespace {

// A life of two files; the first error ends it.
Status live(World& world) {
  SPOOR_TRY(world.create_directories("/d"));
  SPOOR_ASSIGN(auto file, world.open("/d/f", OpenMode::CreateNew));
  SPOOR_TRY(file->allocate(100));
  SPOOR_TRY(file->write_at(0, "0123456789"));
  SPOOR_TRY(file->sync());
  SPOOR_TRY(file->truncate(10));
  SPOOR_TRY(world.rename("/d/f", "/d/g"));
  SPOOR_TRY(world.sync_directory("/d"));
  return world.remove_file("/d/g");
}

TEST(FaultyWorld, each_call_in_turn_can_be_made_to_fail) {
  MemoryWorld counted;
  FaultyWorld counting(counted);
  ASSERT_TRUE(live(counting).ok());
  uint64_t calls = counting.count(CallSet::mutating());
  EXPECT_EQ(calls, 9u);
  for (uint64_t at = 1; at <= calls; ++at) {
    MemoryWorld memory;
    FaultyWorld world(memory);
    world.set_fault({.at = at, .code = Code::Unavailable});
    Status status = live(world);
    EXPECT_EQ(status.code(), Code::Unavailable) << at;
    EXPECT_TRUE(status.retry_delay_ms().has_value());
    EXPECT_NE(status.message().find("injected fault"), std::string::npos);
    EXPECT_EQ(world.faults(), 1u);
  }
  MemoryWorld memory;
  FaultyWorld world(memory);
  world.set_fault({.at = calls + 1});
  EXPECT_TRUE(live(world).ok());
}

TEST(FaultyWorld, a_fault_strikes_once_or_from_then_on) {
  MemoryWorld memory;
  FaultyWorld world(memory);
  auto file = world.open("/f", OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  world.set_fault({.calls = {Call::Write}, .at = 2});
  EXPECT_TRUE((*file)->write_at(0, "a").ok());
  EXPECT_EQ((*file)->write_at(0, "b").code(), Code::DataLoss);
  EXPECT_TRUE((*file)->write_at(0, "c").ok());
  world.set_fault({.calls = {Call::Write}, .at = 2, .repeat = Fault::Repeat::FromThenOn});
  EXPECT_TRUE((*file)->write_at(0, "d").ok());
  EXPECT_FALSE((*file)->write_at(0, "e").ok());
  EXPECT_FALSE((*file)->write_at(0, "f").ok());
  world.clear_fault();
  EXPECT_TRUE((*file)->write_at(0, "g").ok());
  EXPECT_EQ(world.count({Call::Write}), 7u);
  EXPECT_EQ(world.faults(), 3u);
}

TEST(FaultyWorld, a_short_write_writes_half) {
  MemoryWorld memory;
  FaultyWorld world(memory);
  auto file = world.open("/f", OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  world.set_fault({.calls = {Call::Write},
                   .code = Code::ResourceExhausted,
                   .short_write = Fault::ShortWrite::Yes});
  EXPECT_EQ((*file)->write_at(0, "abcdef").code(), Code::ResourceExhausted);
  EXPECT_EQ(*memory.read_all("/f"), "abc");
}

TEST(FaultyWorld, a_failed_sync_loses_what_was_not_synced) {
  MemoryWorld memory;
  FaultyWorld world(memory);
  auto file = world.open("/f", OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->write_at(0, "old").ok());
  ASSERT_TRUE((*file)->sync().ok());
  ASSERT_TRUE((*file)->write_at(0, "new").ok());
  world.set_fault({.calls = {Call::Sync}});
  EXPECT_FALSE((*file)->sync().ok());
  EXPECT_EQ(*memory.read_all("/f"), "old");
  EXPECT_TRUE((*file)->sync().ok());
  EXPECT_EQ(*memory.read_all("/f"), "old");
}

TEST(FaultyWorld, reads_fail_when_asked) {
  MemoryWorld memory;
  FaultyWorld world(memory);
  auto file = world.open("/f", OpenMode::CreateNew);
  ASSERT_TRUE(file.ok());
  world.set_fault({.calls = {Call::Read}, .repeat = Fault::Repeat::FromThenOn});
  EXPECT_FALSE((*file)->size().ok());
  EXPECT_FALSE((*file)->read_at(0, {}).ok());
  EXPECT_FALSE(world.exists("/f").ok());
  EXPECT_FALSE(world.list_directory("/").ok());
  EXPECT_FALSE(world.disk_space("/").ok());
  EXPECT_TRUE((*file)->write_at(0, "x").ok());
}

}  // namespace
}  // namespace spoor::os
