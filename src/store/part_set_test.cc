#include "store/part_set.h"

#include <gtest/gtest.h>

#include "os/memory_world.h"
#include "store/file_names.h"
#include "store/flush.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

class PartSetTest : public testing::Test {
 protected:
  PartSetTest() {
    std::mt19937_64 random(2);
    test::ArbitraryOptions options;
    options.times = test::Times::Recent;
    while (batch_.spans.empty()) batch_ = test::arbitrary_batch(random, options);
    EXPECT_TRUE(world_.create_directories("/s").ok());
    Head head(1);
    head.append(TenantId::parse("a").value(), batch_, {}, LogPosition::at(1, 100));
    head.seal();
    EXPECT_TRUE(write_parts(
                    world_, "/s", head, [](LogPosition) { return true; }, LogPosition::at(1, 200),
                    manifest_)
                    .ok());
    EXPECT_FALSE(manifest_.parts.empty());
  }

  SpanBatch find(const PartSet& parts, std::vector<std::string>& missing) {
    Snapshot snapshot;
    snapshot.visible = [](LogPosition) { return true; };
    parts.add_sections(1, snapshot);
    FoundTrace found = find_trace(snapshot, TraceId::from_bytes(batch_.spans[0].trace_id));
    missing.insert(missing.end(), found.missing.begin(), found.missing.end());
    return std::move(found.batch);
  }

  os::MemoryWorld world_;
  SpanBatch batch_;
  Manifest manifest_;
};

TEST_F(PartSetTest, a_section_of_another_tenant_than_the_manifest_says_is_not_served) {
  std::vector<std::string> missing;
  EXPECT_FALSE(find(*PartSet::open(world_, "/s", manifest_, nullptr), missing).spans.empty());
  EXPECT_TRUE(missing.empty());
  manifest_.tenants[1] = "b";
  auto parts = PartSet::open(world_, "/s", manifest_, nullptr);
  EXPECT_EQ(parts->quarantined().size(), manifest_.parts.size());
  EXPECT_TRUE(find(*parts, missing).spans.empty());
  EXPECT_FALSE(missing.empty());
}

TEST_F(PartSetTest, a_damaged_block_takes_back_all_that_was_read_of_the_trace) {
  auto parts = PartSet::open(world_, "/s", manifest_, nullptr);
  std::string path = parts->parts()[0]->file->path();
  uint64_t size = parts->parts()[0]->file->size_bytes();
  uint64_t told = 0;
  for (uint64_t offset = 0; offset < size; ++offset) {
    ASSERT_TRUE(world_.corrupt(path, offset, 1).ok());
    auto fresh = PartSet::open(world_, "/s", manifest_, nullptr);
    std::vector<std::string> missing;
    SpanBatch found = find(*fresh, missing);
    ASSERT_TRUE(world_.corrupt(path, offset, 1).ok());
    if (missing.empty()) continue;
    ++told;
    EXPECT_EQ(missing[0].find(path) == std::string::npos, false) << missing[0];
    EXPECT_EQ(found.spans.empty(), found.resources.empty());
  }
  EXPECT_GT(told, size / 2);
}

TEST_F(PartSetTest, parts_of_the_set_before_are_shared) {
  auto first = PartSet::open(world_, "/s", manifest_, nullptr);
  auto second = PartSet::open(world_, "/s", manifest_, first.get());
  EXPECT_EQ(first->parts()[0], second->parts()[0]);
}

}  // namespace
}  // namespace spoor::store
