#include "store/log_format.h"

#include <gtest/gtest.h>

namespace spoor::store {
namespace {

TEST(LogFormat, headers_come_back_and_are_bound_to_their_place) {
  SegmentHeader segment{9, LogPosition::at(8, 77), LogPosition::at(7, 99), UnixNanos{5}};
  auto decoded = decode_segment_header(encode(segment), 9);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->previous_end, segment.previous_end);
  EXPECT_EQ(decoded->durable, segment.durable);
  EXPECT_FALSE(decode_segment_header(encode(segment), 8).ok());
  RecordHeader record;
  record.body_bytes = 1000;
  LogPosition place = LogPosition::at(9, 128);
  EXPECT_TRUE(decode_record_header(encode(record, place), place).has_value());
  EXPECT_FALSE(decode_record_header(encode(record, place), LogPosition::at(9, 136)).has_value());
  EXPECT_FALSE(decode_record_header(encode(record, place), LogPosition::at(8, 128)).has_value());
}

TEST(LogFormat, a_verdict_is_ascending) {
  std::vector<uint32_t> refused = {0, 1, 5, 4'294'967'295};
  EXPECT_EQ(decode_verdict(encode_verdict(refused)).value(), refused);
  EXPECT_TRUE(decode_verdict("").value().empty());
  EXPECT_FALSE(decode_verdict(std::string_view("\1\0", 2)).ok());  // 1 twice
  EXPECT_FALSE(decode_verdict("\xff\xff\xff\xff\x0f\x01").ok());   // beyond 32 bits
  EXPECT_FALSE(decode_verdict("\x80").ok());                       // cut short
}

}  // namespace
}  // namespace spoor::store
