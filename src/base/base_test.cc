#include <gtest/gtest.h>

#include <limits>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/status.h"
#include "base/time.h"
#include "base/utf8.h"

namespace spoor {
namespace {

TEST(Status, resource_exhausted_is_429_only_with_a_delay) {
  Status final = resource_exhausted("too large");
  EXPECT_EQ(final.http_status(), 413);
  EXPECT_EQ(final.with_retry_delay_ms(100).http_status(), 429);
  EXPECT_EQ(unavailable("full", 1000).http_status(), 503);
  EXPECT_EQ(final.to_string(), "RESOURCE_EXHAUSTED: too large");
  EXPECT_TRUE(Status().ok());
}

TEST(Checksum, both_twins_agree_with_the_rfc_and_with_each_other) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(crc32c_extend(7, bytes), crc32c_extend_scalar(7, bytes));
    bytes.push_back(static_cast<char>(i * 37));
  }
  for (int i = 300; i < 10'000; ++i) {
    bytes.push_back(static_cast<char>(i * 37 + i / 256));
    if (i % 97 != 0 && i % 1024 > 1) continue;
    EXPECT_EQ(crc32c_extend(7, bytes), crc32c_extend_scalar(7, bytes)) << i;
  }
  EXPECT_NE(crc32c_at_place(1, 0, bytes), crc32c_at_place(1, 8, bytes));
  EXPECT_NE(crc32c_at_place(1, 0, bytes), crc32c_at_place(2, 0, bytes));
}

TEST(Arena, keeps_what_it_handed_out_and_aligns) {
  Arena arena;
  std::string_view text = arena.copy("abc");
  uint64_t* numbers = arena.allocate<uint64_t>(100'000);
  numbers[99'999] = 7;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(numbers) % alignof(uint64_t), 0u);
  EXPECT_EQ(text, "abc");
  EXPECT_GE(arena.size_bytes(), 800'000u);
}

TEST(Time, rfc3339_round_trips_and_takes_offsets) {
  UnixNanos time = *parse_rfc3339("2026-11-22T03:04:05.006007008Z");
  EXPECT_EQ(to_rfc3339(time), "2026-11-22T03:04:05.006007008Z");
  EXPECT_EQ(*parse_rfc3339("2026-11-22T04:04:05.006007008+01:00"), time);
  EXPECT_EQ(*parse_rfc3339("2026-11-22T04:04:05.006007008 01:00"), time);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z")->value, 0u);
  EXPECT_EQ(to_rfc3339({std::numeric_limits<uint64_t>::max()}), "2554-07-21T23:34:33.709551615Z");
  for (std::string_view bad : {"", "2026-11-22", "2026-13-01T00:00:00Z", "2026-11-22T03:04:05",
                               "2026-11-22T03:04:05.Z", "1969-12-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_rfc3339(bad).ok()) << bad;
  }
}

TEST(Time, durations_read_like_go_and_print_short) {
  EXPECT_EQ(*parse_duration_nanos("1h30m"), 90 * kNanosPerMinute);
  EXPECT_EQ(*parse_duration_nanos("1.5s"), 1'500'000'000u);
  EXPECT_EQ(*parse_duration_nanos("7d"), 7 * kNanosPerDay);
  EXPECT_EQ(*parse_duration_nanos("500\xc2\xb5s"), 500'000u);
  for (std::string_view bad : {"", "5", "s", "1.2.3s", "-1s", "1x"}) {
    EXPECT_FALSE(parse_duration_nanos(bad).ok()) << bad;
  }
  EXPECT_EQ(format_duration(999), "999ns");
  EXPECT_EQ(format_duration(1'250'000), "1.25ms");
  EXPECT_EQ(format_duration(123 * kNanosPerSecond), "2m3s");
}

TEST(Utf8, finds_one_bad_byte_at_any_place_of_any_length) {
  for (size_t size = 1; size < 40; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(is_valid_utf8(text));
    for (size_t at = 0; at < size; ++at) {
      text[at] = '\xff';
      EXPECT_FALSE(is_valid_utf8(text)) << size << " " << at;
      text[at] = 'a';
    }
    EXPECT_TRUE(is_valid_utf8(text + "\xc3\xa4" + text));
  }
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_cut_sequences) {
  EXPECT_TRUE(is_valid_utf8("plain ascii of some length, \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (std::string_view bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                               "\xe2\x82", "\x80", "abcdefgh\xff"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
}

TEST(JsonWriter, places_commas_escapes_and_replaces_bad_utf8) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a"), json.string("x\"\\\n\x01\xff");
  json.key("b"), json.begin_array();
  json.number(int64_t{-1}), json.number(0.1), json.decimal_string_unsigned(~uint64_t{0});
  json.number(std::numeric_limits<double>::infinity());
  json.end_array();
  json.key("c"), json.begin_object(), json.end_object();
  json.key("d"), json.null();
  json.end_object();
  EXPECT_EQ(out,
            "{\"a\":\"x\\\"\\\\\\n\\u0001\xef\xbf\xbd\",\"b\":[-1,0.1,\"18446744073709551615\","
            "\"Infinity\"],\"c\":{},\"d\":null}");
}

TEST(JsonWriter, escapes_a_byte_wherever_it_lies_in_a_string) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string escaped(1, static_cast<char>(byte));
    if (byte < 0x20) escaped = "\\u00" + to_hex({escaped.data(), 1});
    if (byte == '"' || byte == '\\') escaped = "\\" + escaped;
    if (byte == '\n') escaped = "\\n";
    if (byte == '\r') escaped = "\\r";
    if (byte == '\t') escaped = "\\t";
    if (byte >= 0x80) escaped = "\xef\xbf\xbd";
    for (size_t size = 1; size <= 20; ++size) {
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, 'x'), out;
        text[at] = static_cast<char>(byte);
        JsonWriter(out).string(text);
        ASSERT_EQ(out,
                  "\"" + std::string(at, 'x') + escaped + std::string(size - at - 1, 'x') + "\"");
      }
    }
  }
}

TEST(Log, every_format_escapes_what_could_break_a_line) {
  auto line = [](LogFormat format) {
    return format_log_line(format, LogLevel::Warning, "T", "a b", {{"k", "x\ny"}, {"n", "1"}});
  };
  EXPECT_EQ(line(LogFormat::Text), "T warning a b k=\"x\\ny\" n=1\n");
  EXPECT_EQ(line(LogFormat::Logfmt), "ts=T level=warning msg=\"a b\" k=\"x\\ny\" n=1\n");
  EXPECT_EQ(line(LogFormat::Json),
            "{\"ts\":\"T\",\"level\":\"warning\",\"msg\":\"a b\",\"k\":\"x\\ny\",\"n\":\"1\"}\n");
}

TEST(Metric, exposes_families_in_order_with_escaped_labels) {
  MetricRegistry registry;
  registry.counter("b_total", "second", {{"tenant", "a\"b"}}).add(3);
  registry.gauge("a_bytes", "first").set(-5);
  registry.histogram("c_seconds", "third").observe_nanos(1025);
  std::string text = registry.expose();
  EXPECT_TRUE(text.starts_with("# HELP a_bytes first\n# TYPE a_bytes gauge\na_bytes -5\n"));
  EXPECT_NE(text.find("b_total{tenant=\"a\\\"b\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("c_seconds_bucket{le=\"1.024e-06\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("c_seconds_bucket{le=\"2.048e-06\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("c_seconds_count 1\n"), std::string::npos);
}

}  // namespace
}  // namespace spoor
