#include "net/grpc_frame.h"

#include <algorithm>

#include "base/bytes.h"

namespace spoor::net {
namespace {

constexpr size_t kMessageBytesShown = 2048;
// A delay longer than a day is none that a sender would wait for.
constexpr uint64_t kDelaySecondsMax = 86'400;
constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

// Protobuf tags: field number << 3 | wire type.
constexpr char kVarintField1 = 0x08;
constexpr char kVarintField2 = 0x10;
constexpr char kBytesField1 = 0x0a;
constexpr char kBytesField2 = 0x12;
constexpr char kBytesField3 = 0x1a;

uint32_t load_be32(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void append_bytes_field(std::string& target, char tag, std::string_view bytes) {
  target.push_back(tag);
  append_sized(target, bytes);
}

// Calls visit(field number, bytes, number) for each field up to the first damaged one; groups
// and 32 bits, which no message here has, end it too.
template <typename Visit>
void for_each_field(std::string_view message, Visit visit) {
  ByteReader reader(message);
  while (!reader.at_end()) {
    uint64_t tag = reader.varint();
    uint64_t number = 0;
    std::string_view bytes;
    if ((tag & 7) == 0) {
      number = reader.varint();
    } else if ((tag & 7) == 2) {
      bytes = reader.sized();
    } else {
      return;
    }
    if (reader.failed()) return;
    visit(tag >> 3, bytes, number);
  }
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

Result<GrpcFrame> parse_grpc_unary(std::string_view body) {
  if (body.empty()) return unimplemented("the request has no message; the method takes one");
  if (body.size() < kGrpcFrameBytes) return internal("the message frame is cut off");
  auto flag = static_cast<unsigned char>(body[0]);
  if (flag > 1) return internal("the message frame has unknown flags");
  uint64_t size = load_be32(body.substr(1));
  body.remove_prefix(kGrpcFrameBytes);
  if (body.size() < size) {
    return internal("the message is cut off: " + std::to_string(size) + " bytes announced, " +
                    std::to_string(body.size()) + " came");
  }
  if (body.size() > size) {
    return unimplemented("the request has more than one message; the method takes one");
  }
  return GrpcFrame{flag == 1, body};
}

void append_grpc_frame(std::string& target, std::string_view message) {
  SPOOR_ASSERT(message.size() <= UINT32_MAX);
  auto size = static_cast<uint32_t>(message.size());
  target.push_back(0);
  for (int shift = 24; shift >= 0; shift -= 8) {
    target.push_back(static_cast<char>(size >> shift & 0xff));
  }
  target.append(message);
}

std::optional<uint64_t> parse_grpc_timeout_ms(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  uint64_t value = 0;
  for (char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  switch (text.back()) {
    case 'H':
      return value * 3'600'000;
    case 'M':
      return value * 60'000;
    case 'S':
      return value * 1'000;
    case 'm':
      return value;
    case 'u':
      return (value + 999) / 1'000;
    case 'n':
      return (value + 999'999) / 1'000'000;
    default:
      return std::nullopt;
  }
}

std::string encode_grpc_message(std::string_view message) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (char c : message.substr(0, kMessageBytesShown)) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7e && c != '%') {
      text.push_back(c);
    } else {
      text.push_back('%');
      text.push_back(kDigits[byte >> 4]);
      text.push_back(kDigits[byte & 15]);
    }
  }
  return text;
}

std::string decode_grpc_message(std::string_view text) {
  std::string message;
  for (size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      message.push_back(text[i]);
    } else {
      message.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
  }
  return message;
}

std::string encode_rpc_status(const Status& status) {
  std::string bytes;
  bytes.push_back(kVarintField1);
  append_varint(bytes, static_cast<uint64_t>(status.code()));
  append_bytes_field(bytes, kBytesField2, status.message().substr(0, kMessageBytesShown));
  auto delay_ms = status.retry_delay_ms();
  if (!delay_ms) return bytes;

  std::string duration;
  if (*delay_ms >= 1000) {
    duration.push_back(kVarintField1);
    append_varint(duration, *delay_ms / 1000);
  }
  if (*delay_ms % 1000 != 0) {
    duration.push_back(kVarintField2);
    append_varint(duration, uint64_t{*delay_ms % 1000} * 1'000'000);
  }
  std::string retry_info, any;
  append_bytes_field(retry_info, kBytesField1, duration);
  append_bytes_field(any, kBytesField1, kRetryInfoType);
  append_bytes_field(any, kBytesField2, retry_info);
  append_bytes_field(bytes, kBytesField3, any);
  return bytes;
}

std::optional<uint32_t> decode_rpc_retry_delay_ms(std::string_view details_base64) {
  std::string bytes;
  if (!append_from_base64(bytes, details_base64)) return std::nullopt;
  std::optional<std::string_view> retry_info;
  for_each_field(bytes, [&](uint64_t field, std::string_view detail, uint64_t) {
    if (field != 3) return;
    std::string_view type, value;
    for_each_field(detail, [&](uint64_t any_field, std::string_view text, uint64_t) {
      if (any_field == 1) type = text;
      if (any_field == 2) value = text;
    });
    if (type == kRetryInfoType) retry_info = value;
  });
  if (!retry_info) return std::nullopt;
  uint64_t delay_ms = 0;
  for_each_field(*retry_info, [&](uint64_t field, std::string_view duration, uint64_t) {
    if (field != 1) return;
    for_each_field(duration, [&](uint64_t part, std::string_view, uint64_t number) {
      if (part == 1) delay_ms += std::min<uint64_t>(number, kDelaySecondsMax) * 1000;
      if (part == 2) delay_ms += std::min<uint64_t>(number, 999'999'999) / 1'000'000;
    });
  });
  return static_cast<uint32_t>(delay_ms);
}

}  // namespace spoor::net
