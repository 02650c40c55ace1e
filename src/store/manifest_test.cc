#include "store/manifest.h"

#include <gtest/gtest.h>

#include "os/memory_world.h"
#include "store/file_names.h"

namespace spoor::store {
namespace {

Manifest sample() {
  Manifest manifest;
  manifest.generation = 2;
  manifest.next_part = 2;
  manifest.log_floor = LogPosition::at(1, 136);
  manifest.tenants[1] = "a";
  manifest.parts.push_back({PartId{1}, Day{20'454}, 700, 3});
  return manifest;
}

TEST(Manifest, it_comes_back_under_its_generation_only_and_no_byte_may_change) {
  std::string bytes = encode(sample());
  auto decoded = decode_manifest(bytes, 2);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(encode(*decoded), bytes);
  EXPECT_FALSE(decode_manifest(bytes, 3).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (char mask : {'\x01', '\x80'}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ mask);
      EXPECT_EQ(decode_manifest(changed, 2).status().code(), Code::DataLoss);
    }
    EXPECT_FALSE(decode_manifest(bytes.substr(0, i), 2).ok());
  }
}

TEST(Manifest, what_later_code_relies_on_is_checked) {
  auto refused = [](auto change) {
    Manifest manifest = sample();
    change(manifest);
    return !decode_manifest(encode(manifest), manifest.generation).ok();
  };
  EXPECT_FALSE(refused([](Manifest&) {}));
  EXPECT_TRUE(refused([](Manifest& m) { m.next_part = 1; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.tenants[0] = "zero"; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.parts[0].day.value = 213'504; }));
  EXPECT_TRUE(
      refused([](Manifest& m) { m.parts.insert(m.parts.begin(), {{PartId{1}, Day{30'000}}}); }));
}

TEST(Manifest, the_newest_that_reads_well_is_in_force_and_two_are_kept) {
  os::MemoryWorld world;
  ASSERT_TRUE(world.create_directories("/s").ok());
  EXPECT_EQ(load_manifest(world, "/s")->manifest.generation, 0u);
  Manifest manifest = sample();
  for (uint64_t generation = 2; generation < 6; ++generation) {
    manifest.generation = generation;
    ASSERT_TRUE(commit_manifest(world, "/s", manifest).ok());
  }
  EXPECT_EQ(world.list_directory("/s")->size(), 2u);
  EXPECT_EQ(all_manifests(world, "/s")->size(), 2u);
  ASSERT_TRUE(world.corrupt(manifest_path("/s", 5), 3, 1).ok());
  auto loaded = load_manifest(world, "/s");
  EXPECT_EQ(loaded->manifest.generation, 4u);
  EXPECT_EQ(loaded->unreadable, std::vector<std::string>{manifest_path("/s", 5)});
  EXPECT_FALSE(all_manifests(world, "/s").ok());
}

}  // namespace
}  // namespace spoor::store
