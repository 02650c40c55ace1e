#include "codec/inflate.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <snappy.h>
#include <zstd.h>

#include <random>

#include "base/bytes.h"
#include "base/checksum.h"

namespace spoor::codec {
namespace {

constexpr size_t kMiB = 1 << 20;

using LibdeflateCompress = decltype(&libdeflate_gzip_compress);

std::string deflate_with(LibdeflateCompress function, std::string_view text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(text.size() + 1024, '\0');
  out.resize(function(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}
std::string gzip(std::string_view text) {
  return deflate_with(&libdeflate_gzip_compress, text);
}
std::string zlib(std::string_view text) {
  return deflate_with(&libdeflate_zlib_compress, text);
}
std::string raw_deflate(std::string_view text) {
  return deflate_with(&libdeflate_deflate_compress, text);
}
std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}
// A frame without its content size, as streaming senders write it.
std::string zstd_stream(std::string_view text, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()) + 1024, '\0');
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  ZSTD_inBuffer first{text.data(), text.size() / 2, 0};
  ZSTD_compressStream2(context, &target, &first, ZSTD_e_flush);
  ZSTD_inBuffer rest{text.data() + first.size, text.size() - first.size, 0};
  EXPECT_EQ(ZSTD_compressStream2(context, &target, &rest, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  out.resize(target.pos);
  return out;
}
std::string snappy_block(std::string_view text) {
  std::string out;
  snappy::Compress(text.data(), text.size(), &out);
  return out;
}

void append_chunk(std::string& out, uint8_t type, std::string_view body) {
  append_le<uint32_t>(out, static_cast<uint32_t>(body.size() << 8 | type));
  out.append(body);
}
std::string snappy_framed(std::string_view text) {
  std::string out;
  append_chunk(out, 0xff, "sNaPpY");
  append_chunk(out, 0xfe, "padding");
  for (size_t at = 0; at < text.size(); at += 65'536) {
    std::string_view piece = text.substr(at, 65'536);
    uint32_t crc = crc32c(piece);
    std::string body;
    append_le<uint32_t>(body, ((crc >> 15) | (crc << 17)) + 0xa282ead8);
    bool compressed = at % 131'072 == 0;
    body.append(compressed ? snappy_block(piece) : std::string(piece));
    append_chunk(out, compressed ? 0 : 1, body);
  }
  return out;
}

struct Form {
  const char* name;
  ContentEncoding encoding;
  std::string (*compress)(std::string_view);
};
std::string zstd_streamed(std::string_view text) {
  return zstd_stream(text, 20);
}
const Form kForms[] = {
    {"gzip", ContentEncoding::Gzip, gzip},
    {"zlib", ContentEncoding::Deflate, zlib},
    {"raw deflate", ContentEncoding::Deflate, raw_deflate},
    {"zstd", ContentEncoding::Zstd, zstd},
    {"zstd stream", ContentEncoding::Zstd, zstd_streamed},
    {"snappy block", ContentEncoding::Snappy, snappy_block},
    {"snappy framed", ContentEncoding::Snappy, snappy_framed},
};

std::string sample(size_t size) {
  std::mt19937_64 random(size);
  std::string text;
  while (text.size() < size) {
    text.append("service.name=shop-").append(std::to_string(random() % 1000));
    if (random() % 8 == 0) append_le<uint64_t>(text, random());
  }
  text.resize(size);
  return text;
}

TEST(ContentEncodingHeader, names) {
  struct Case {
    std::string_view header;
    ContentEncoding encoding;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", ContentEncoding::Identity},
           {" ", ContentEncoding::Identity},
           {"identity", ContentEncoding::Identity},
           {"gzip", ContentEncoding::Gzip},
           {" GZip\t", ContentEncoding::Gzip},
           {"x-gzip", ContentEncoding::Gzip},
           {"deflate", ContentEncoding::Deflate},
           {"zstd", ContentEncoding::Zstd},
           {"snappy", ContentEncoding::Snappy},
           {"x-snappy-framed", ContentEncoding::Snappy},
       }) {
    auto parsed = parse_content_encoding(c.header);
    ASSERT_TRUE(parsed.ok()) << c.header;
    EXPECT_EQ(*parsed, c.encoding) << c.header;
  }
  for (std::string_view bad : {"br", "gzip, zstd", "gzip,gzip", "gzi", "gzip2", "gz ip"}) {
    Status status = parse_content_encoding(bad).status();
    EXPECT_EQ(status.code(), Code::Unimplemented) << bad;
    EXPECT_NE(status.message().find("gzip, deflate, zstd, snappy"), std::string::npos);
  }
}

TEST(Inflate, gives_back_what_was_compressed) {
  InflateBuffer buffer;
  for (const Form& form : kForms) {
    for (size_t size :
         {size_t{0}, size_t{1}, size_t{100}, size_t{65'536}, size_t{65'537}, kMiB, 3 * kMiB + 17}) {
      if (form.compress == snappy_framed && size == 0) continue;
      std::string text = sample(size);
      std::string body = form.compress(text);
      auto fresh = inflate(form.encoding, body, 8 * kMiB);
      ASSERT_TRUE(fresh.ok()) << form.name << size << fresh.status().to_string();
      EXPECT_TRUE(*fresh == text) << form.name << size;
      auto reused = inflate(form.encoding, body, 8 * kMiB, buffer);
      ASSERT_TRUE(reused.ok()) << form.name << size;
      EXPECT_TRUE(*reused == text) << form.name << size;
    }
  }
}

TEST(Inflate, identity_is_the_input_itself) {
  InflateBuffer buffer;
  std::string_view body = "abcd";
  EXPECT_EQ(inflate(ContentEncoding::Identity, body, 4, buffer)->data(), body.data());
  EXPECT_EQ(inflate(ContentEncoding::Identity, body, 3, buffer).status().code(),
            Code::ResourceExhausted);
}

TEST(Inflate, stops_at_the_limit) {
  InflateBuffer large;
  large.grow(4 * kMiB, 0);
  for (const Form& form : kForms) {
    for (size_t size : {size_t{1}, size_t{1000}, size_t{65'536}, size_t{200'000}}) {
      std::string body = form.compress(sample(size));
      EXPECT_TRUE(inflate(form.encoding, body, size).ok()) << form.name << size;
      EXPECT_TRUE(inflate(form.encoding, body, size, large).ok()) << form.name << size;
      for (Status status : {inflate(form.encoding, body, size - 1).status(),
                            inflate(form.encoding, body, size - 1, large).status()}) {
        EXPECT_EQ(status.code(), Code::ResourceExhausted) << form.name << size;
        EXPECT_FALSE(status.retry_delay_ms().has_value());
        EXPECT_NE(status.message().find(std::to_string(size - 1)), std::string::npos);
      }
    }
  }
}

TEST(Inflate, a_cut_body_is_damaged_at_every_length) {
  for (const Form& form : kForms) {
    std::string body = form.compress(sample(700));
    for (size_t size = 0; size < body.size(); ++size) {
      auto result = inflate(form.encoding, std::string_view(body).substr(0, size), kMiB);
      bool at_chunk_border = form.compress == snappy_framed && (size == 10 || size == 21);
      if (at_chunk_border) continue;  // the framing format has no end mark
      EXPECT_EQ(result.status().code(), Code::InvalidArgument) << form.name << " " << size;
    }
  }
}

TEST(Inflate, other_bytes_after_the_end_are_refused) {
  for (const Form& form : kForms) {
    for (std::string_view tail : {std::string_view("\0", 1), std::string_view("garbage"),
                                  std::string_view("\x1f\x8b\x08", 3)}) {
      std::string body = form.compress(sample(700)).append(tail);
      EXPECT_EQ(inflate(form.encoding, body, kMiB).status().code(), Code::InvalidArgument)
          << form.name << " " << tail;
    }
  }
}

TEST(Inflate, flipped_bits_never_crash) {
  std::mt19937_64 random(7);
  for (const Form& form : kForms) {
    std::string body = form.compress(sample(3000));
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = body;
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
      auto result = inflate(form.encoding, damaged, kMiB);
      EXPECT_TRUE(!result.ok() || result->size() <= kMiB);
    }
  }
}

TEST(Inflate, members_and_frames_in_a_row_share_the_budget) {
  std::string first = sample(1000);
  std::string second = sample(2000);
  for (const Form& form : {kForms[0], kForms[3], kForms[4], kForms[6]}) {
    std::string body = form.compress(first) + form.compress(second);
    auto both = inflate(form.encoding, body, 3000);
    ASSERT_TRUE(both.ok()) << form.name << both.status().to_string();
    EXPECT_TRUE(*both == first + second) << form.name;
    EXPECT_EQ(inflate(form.encoding, body, 2999).status().code(), Code::ResourceExhausted)
        << form.name;
  }
  std::string deflate_twice = zlib(first) + zlib(second);
  EXPECT_EQ(inflate(ContentEncoding::Deflate, deflate_twice, 3000).status().code(),
            Code::InvalidArgument);
}

TEST(Inflate, a_bomb_is_refused_with_memory_of_the_budget) {
  std::string zeros(64 * kMiB, '\0');
  InflateBuffer buffer;
  for (const Form& form : kForms) {
    std::string piece = form.compress(zeros);
    std::string body = piece;  // 1 GiB where the format allows to repeat
    bool repeats = form.encoding == ContentEncoding::Gzip || form.encoding == ContentEncoding::Zstd;
    for (int i = 1; repeats && i < 16; ++i) body += piece;
    EXPECT_EQ(inflate(form.encoding, body, 16 * kMiB, buffer).status().code(),
              Code::ResourceExhausted)
        << form.name;
    EXPECT_LE(buffer.capacity(), 16 * kMiB + 1) << form.name;
    buffer.release_above(0);
    EXPECT_EQ(buffer.capacity(), 0u);
  }
}

TEST(Inflate, a_bomb_that_declares_its_size_is_refused_without_memory) {
  std::string zeros(64 * kMiB, '\0');
  for (const Form& form : kForms) {
    if (form.encoding == ContentEncoding::Deflate) continue;  // these three declare nothing
    if (form.compress == snappy_framed || form.name == std::string_view("zstd stream")) continue;
    InflateBuffer buffer;
    EXPECT_EQ(inflate(form.encoding, form.compress(zeros), 16 * kMiB, buffer).status().code(),
              Code::ResourceExhausted)
        << form.name;
    EXPECT_EQ(buffer.capacity(), 0u) << form.name;
  }
}

TEST(Inflate, declared_sizes_cost_no_memory) {
  InflateBuffer buffer;
  std::string gzip_body = gzip("short");
  store_le<uint32_t>(gzip_body.data() + gzip_body.size() - 4, 0x3fffffff);
  EXPECT_EQ(inflate(ContentEncoding::Gzip, gzip_body, 64 * kMiB, buffer).status().code(),
            Code::InvalidArgument);
  std::string block;
  append_varint(block, 60 * kMiB);
  block.append("\x10hello");
  EXPECT_EQ(inflate(ContentEncoding::Snappy, block, 64 * kMiB, buffer).status().code(),
            Code::InvalidArgument);
  // Magic, a descriptor with an 8-byte content size and a window of 1 MiB, then nothing.
  std::string frame("\x28\xb5\x2f\xfd\xc0\x50\0\0\0\x03\0\0\0\0", 14);
  EXPECT_EQ(inflate(ContentEncoding::Zstd, frame, 64 * kMiB, buffer).status().code(),
            Code::InvalidArgument);
  EXPECT_LE(buffer.capacity(), kMiB);
}

TEST(Inflate, a_zstd_window_is_at_most_8_mib) {
  std::string text = sample(kMiB);
  EXPECT_TRUE(inflate(ContentEncoding::Zstd, zstd_stream(text, 23), 8 * kMiB).ok());
  InflateBuffer large;
  large.grow(32 * kMiB, 0);
  std::string body = zstd_stream(text, 24);
  for (Status status : {inflate(ContentEncoding::Zstd, body, 8 * kMiB).status(),
                        inflate(ContentEncoding::Zstd, body, 32 * kMiB, large).status()}) {
    EXPECT_EQ(status.code(), Code::InvalidArgument);
    EXPECT_NE(status.message().find("8 MiB"), std::string::npos);
  }
}

TEST(Inflate, a_zstd_frame_that_declares_more_than_it_holds_is_refused_whatever_the_buffer) {
  // Magic, a descriptor with a 4-byte content size of 131,073, and one last block of no bytes.
  std::string frame("\x28\xb5\x2f\xfd\x80\x59\x01\x00\x02\x00\x01\x00\x00", 13);
  for (const std::string& body : {frame, zstd_stream("text", 20) + frame}) {
    for (size_t capacity : {size_t{0}, kMiB}) {
      InflateBuffer buffer;
      buffer.grow(capacity, 0);
      EXPECT_EQ(inflate(ContentEncoding::Zstd, body, kMiB, buffer).status().code(),
                Code::InvalidArgument);
    }
  }
}

TEST(Inflate, framed_snappy_checks_every_chunk) {
  std::string good = snappy_framed(sample(1000));
  std::string wrong_crc = good;
  wrong_crc[26] ^= 1;
  std::string reserved = good;
  append_chunk(reserved, 0x02, "x");
  std::string skippable = good;
  append_chunk(skippable, 0x80, "x");
  std::string bad_start = good;
  append_chunk(bad_start, 0xff, "sNaPpX");
  std::string long_chunk = good;
  append_chunk(long_chunk, 1, std::string(4 + 65'537, 'x'));
  EXPECT_TRUE(inflate(ContentEncoding::Snappy, skippable, kMiB).ok());
  for (const std::string& bad : {wrong_crc, reserved, bad_start, long_chunk}) {
    EXPECT_EQ(inflate(ContentEncoding::Snappy, bad, kMiB).status().code(), Code::InvalidArgument);
  }
}

}  // namespace
}  // namespace spoor::codec
