#include "codec/compress.h"

#include <gtest/gtest.h>

namespace spoor::codec {
namespace {

TEST(Compress, inflate_gives_the_bytes_back) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text.append(std::to_string(i * i));
  for (auto encoding : {ContentEncoding::Identity, ContentEncoding::Gzip, ContentEncoding::Zstd}) {
    for (const std::string& bytes : {text, std::string(), std::string("x")}) {
      std::string compressed = compress(encoding, bytes);
      auto again = inflate(encoding, compressed, bytes.size());
      ASSERT_TRUE(again.ok()) << again.status().to_string();
      EXPECT_EQ(*again, bytes);
      if (encoding != ContentEncoding::Identity && bytes == text) {
        EXPECT_LT(compressed.size(), text.size() / 2);
      }
    }
  }
}

}  // namespace
}  // namespace spoor::codec
