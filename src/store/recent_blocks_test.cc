#include "store/recent_blocks.h"

#include <string>

#include <gtest/gtest.h>

namespace spoor::store {
namespace {

using Kind = RecentBlocks::Kind;

std::shared_ptr<const void> text(const char* content) {
  return std::make_shared<const std::string>(content);
}

std::string found(RecentBlocks& blocks, const RecentBlocks::Key& key) {
  auto block = blocks.find(key);
  return block ? *std::static_pointer_cast<const std::string>(block) : "none";
}

TEST(RecentBlocks, forgets_what_was_not_asked_for_longest) {
  RecentBlocks blocks(100);
  const uint64_t owner = RecentBlocks::new_owner();
  blocks.keep({owner, 1, Kind::Layout}, text("one"), 40);
  blocks.keep({owner, 2, Kind::Layout}, text("two"), 40);
  EXPECT_EQ(found(blocks, {owner, 1, Kind::Layout}), "one");
  blocks.keep({owner, 3, Kind::Layout}, text("three"), 40);
  EXPECT_EQ(found(blocks, {owner, 2, Kind::Layout}), "none");
  EXPECT_EQ(found(blocks, {owner, 1, Kind::Layout}), "one");
  EXPECT_EQ(found(blocks, {owner, 3, Kind::Layout}), "three");
  EXPECT_EQ(blocks.size_bytes(), 80u);
}

TEST(RecentBlocks, tells_owners_groups_and_kinds_apart) {
  RecentBlocks blocks(100);
  const uint64_t owner = RecentBlocks::new_owner(), other = RecentBlocks::new_owner();
  blocks.keep({owner, 1, Kind::Layout}, text("one"), 1);
  blocks.keep({owner, 1, Kind::Templates}, text("two"), 1);
  blocks.keep({other, 1, Kind::Layout}, text("three"), 1);
  EXPECT_EQ(found(blocks, {owner, 1, Kind::Layout}), "one");
  EXPECT_EQ(found(blocks, {owner, 1, Kind::Templates}), "two");
  EXPECT_EQ(found(blocks, {other, 1, Kind::Layout}), "three");
  EXPECT_EQ(found(blocks, {other, 1, Kind::ListedRows}), "none");
}

TEST(RecentBlocks, keeps_the_first_of_two_and_nothing_that_is_larger_than_all) {
  RecentBlocks blocks(100);
  const uint64_t owner = RecentBlocks::new_owner();
  blocks.keep({owner, 1, Kind::Layout}, text("first"), 60);
  blocks.keep({owner, 1, Kind::Layout}, text("second"), 60);
  blocks.keep({owner, 2, Kind::Layout}, text("large"), 101);
  EXPECT_EQ(found(blocks, {owner, 1, Kind::Layout}), "first");
  EXPECT_EQ(found(blocks, {owner, 2, Kind::Layout}), "none");
  EXPECT_EQ(blocks.size_bytes(), 60u);
}

}  // namespace
}  // namespace spoor::store
