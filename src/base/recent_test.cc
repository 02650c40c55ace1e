#include "base/recent.h"

#include <string>

#include <gtest/gtest.h>

namespace spoor {
namespace {

using Texts = Recent<int, std::string, std::hash<int>>;

void keep(Texts& texts, int key, const char* text, uint64_t bytes) {
  texts.keep(key, std::make_shared<const std::string>(text), bytes);
}

std::string found(Texts& texts, int key) {
  auto text = texts.find(key);
  return text ? *text : "none";
}

TEST(Recent, forgets_what_was_not_asked_for_longest) {
  Texts texts(100);
  keep(texts, 1, "one", 40);
  keep(texts, 2, "two", 40);
  EXPECT_EQ(found(texts, 1), "one");
  keep(texts, 3, "three", 40);
  EXPECT_EQ(found(texts, 2), "none");
  EXPECT_EQ(found(texts, 1), "one");
  EXPECT_EQ(found(texts, 3), "three");
  EXPECT_EQ(texts.size_bytes(), 80u);
  keep(texts, 4, "four", 100);
  EXPECT_EQ(found(texts, 1), "none");
  EXPECT_EQ(found(texts, 4), "four");
  EXPECT_EQ(texts.size_bytes(), 100u);
}

TEST(Recent, keeps_the_first_of_two_and_nothing_larger_than_all) {
  Texts texts(100);
  keep(texts, 1, "first", 60);
  keep(texts, 1, "second", 30);
  keep(texts, 2, "large", 101);
  EXPECT_EQ(found(texts, 1), "first");
  EXPECT_EQ(found(texts, 2), "none");
  EXPECT_EQ(texts.size_bytes(), 60u);
}

TEST(Recent, what_was_found_outlives_its_place) {
  Texts texts(1);
  keep(texts, 1, "one", 1);
  auto text = texts.find(1);
  keep(texts, 2, "two", 1);
  EXPECT_EQ(texts.find(1), nullptr);
  EXPECT_EQ(*text, "one");
}

}  // namespace
}  // namespace spoor
