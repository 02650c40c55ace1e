#include "wire/protobuf.h"

#include <gtest/gtest.h>

namespace spoor::wire {
namespace {

TEST(ProtobufWriter, writes_fields_from_the_back) {
  ProtobufWriter out(1);  // grows many times
  size_t end = out.mark();
  out.bytes(5, "text");
  out.fixed32(4, 0x04030201);
  out.fixed64(3, 1);
  out.varint(2, 300);
  out.varint_unless_zero(1, 0);
  out.message(16, end);
  EXPECT_EQ(to_hex(out.view()),
            "820117"
            "10ac02"
            "190100000000000000"
            "2501020304"
            "2a0474657874");
}

TEST(ProtobufWriter, varints_of_every_size_are_read_back) {
  for (int bits = 0; bits <= 64; ++bits) {
    uint64_t top = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;
    for (uint64_t value : {top, top + 1}) {
      ProtobufWriter out(4);
      out.varint(1, value);
      ProtobufReader in(out.view());
      ASSERT_TRUE(in.next());
      EXPECT_EQ(in.tag(), varint_tag(1));
      EXPECT_EQ(in.varint(), value);
      EXPECT_FALSE(in.next() || in.failed());
      std::string expected;
      append_varint(expected, varint_tag(1));
      append_varint(expected, value);
      EXPECT_EQ(out.view(), expected);
    }
  }
}

TEST(ProtobufReader, skips_every_wire_type_but_groups) {
  ProtobufWriter out;
  out.varint(9, 7);
  out.bytes(4, "abc");
  out.fixed32(3, 1);
  out.fixed64(2, 1);
  out.varint(1, UINT64_MAX);
  ProtobufReader in(out.view());
  int skipped = 0;
  while (in.next() && in.tag() != varint_tag(9)) {
    in.skip();
    ++skipped;
  }
  EXPECT_EQ(skipped, 4);
  EXPECT_EQ(in.varint(), 7u);
  for (uint32_t wire_type : {3u, 4u, 6u, 7u}) {
    char tag = static_cast<char>(8 | wire_type);
    ProtobufReader bad({&tag, 1});
    ASSERT_TRUE(bad.next());
    bad.skip();
    EXPECT_TRUE(bad.failed());
  }
}

}  // namespace
}  // namespace spoor::wire
