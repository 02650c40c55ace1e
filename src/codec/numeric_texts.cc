#include "codec/numeric_texts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/block.h"
#include "codec/integers.h"

namespace spoor::codec {
namespace {

constexpr size_t kDecimalDigitsMax = 18;
constexpr size_t kPaddedDigitsMax = 17;
constexpr size_t kPrefixBytesMax = 256;
constexpr size_t kUuidBytes = 16;
constexpr size_t kUuidSize = 36;
constexpr size_t kIpv4SizeMax = 15;
constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";
constexpr uint8_t kNoDigit = 0xff;

using Texts = std::span<const std::string_view>;
using DigitValues = std::array<uint8_t, 256>;

constexpr DigitValues values_of(std::string_view digits) {
  DigitValues values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr DigitValues kLowerValues = values_of(kLowerDigits);
constexpr DigitValues kUpperValues = values_of(kUpperDigits);

uint8_t value_of(const DigitValues& values, char digit) {
  return values[static_cast<unsigned char>(digit)];
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return value_of(kLowerValues, c) != kNoDigit || value_of(kUpperValues, c) != kNoDigit;
}
bool is_upper(NumericKind kind) {
  return kind == NumericKind::UpperHex || kind == NumericKind::UpperUuid;
}
bool is_dash_of_uuid(size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

Status damaged(std::string_view what) {
  return data_loss("numeric texts: " + std::string(what));
}

// Numbers of so many digits come behind all of fewer: "7", "07" and "007" differ.
constexpr std::array<int64_t, kPaddedDigitsMax + 2> kFirstOfLength = [] {
  std::array<int64_t, kPaddedDigitsMax + 2> firsts{};
  int64_t power = 10;
  for (size_t length = 2; length < firsts.size(); ++length, power *= 10) {
    firsts[length] = firsts[length - 1] + power;
  }
  return firsts;
}();

std::optional<int64_t> number_of(std::string_view digits) {
  int64_t number = 0;
  for (char digit : digits) {
    if (!is_decimal(digit)) return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  return number;
}

std::optional<int64_t> read_decimal(std::string_view text) {
  bool is_padded = text.size() > 1 && text[0] == '0';
  if (text.empty() || text.size() > kDecimalDigitsMax || is_padded) return std::nullopt;
  return number_of(text);
}

std::optional<int64_t> read_padded(std::string_view text) {
  if (text.empty() || text.size() > kPaddedDigitsMax) return std::nullopt;
  auto number = number_of(text);
  if (!number) return std::nullopt;
  return kFirstOfLength[text.size()] + *number;
}

std::optional<int64_t> read_ipv4(std::string_view text) {
  int64_t address = 0;
  for (int part = 0; part < 4; ++part) {
    size_t end = part < 3 ? text.find('.') : text.size();
    if (end == text.npos || end > 3) return std::nullopt;
    auto number = read_decimal(text.substr(0, end));
    if (!number || *number > 255) return std::nullopt;
    address = address << 8 | *number;
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return address;
}

using ReadNumber = std::optional<int64_t> (*)(std::string_view text);
bool encode_numbers(Texts texts, size_t prefix, ReadNumber read, std::string& target) {
  std::array<int64_t, kPageValues> numbers;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto number = read(texts[i].substr(prefix));
    if (!number) return false;
    numbers[i] = *number;
  }
  encode_integers({numbers.data(), texts.size()}, target);
  return true;
}

// The digits two to a byte, an odd last one with a zero. False at the first other character.
bool append_digits(std::string_view text, const DigitValues& values, std::string& target) {
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t high = value_of(values, text[i]);
    uint8_t low = i + 1 < text.size() ? value_of(values, text[i + 1]) : uint8_t{0};
    if (high == kNoDigit || low == kNoDigit) return false;
    target.push_back(static_cast<char>(high << 4 | low));
  }
  return true;
}

// First bytes of all texts, then their second ones: what is alike in all compresses away.
std::string transposed(std::string_view bytes, size_t rows) {
  SPOOR_ASSERT(rows > 0 && bytes.size() % rows == 0);
  const size_t columns = bytes.size() / rows;
  std::string result(bytes.size(), '\0');
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      result[column * rows + row] = bytes[row * columns + column];
    }
  }
  return result;
}

bool encode_hex(Texts texts, size_t prefix, const DigitValues& values, std::string& target) {
  std::array<int64_t, kPageValues> lengths;
  std::string bytes;
  bool same_length = true;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string_view text = texts[i].substr(prefix);
    if (!append_digits(text, values, bytes)) return false;
    lengths[i] = static_cast<int64_t>(text.size());
    same_length &= lengths[i] == lengths[0];
  }
  encode_integers({lengths.data(), texts.size()}, target);
  encode_block(same_length ? transposed(bytes, texts.size()) : bytes, target);
  return true;
}

bool append_uuid(std::string_view text, const DigitValues& values, std::string& target) {
  if (text.size() != kUuidSize) return false;
  std::string digits;
  for (size_t i = 0; i < kUuidSize; ++i) {
    if (is_dash_of_uuid(i) != (text[i] == '-')) return false;
    if (text[i] != '-') digits.push_back(text[i]);
  }
  return append_digits(digits, values, target);
}

bool encode_uuids(Texts texts, size_t prefix, const DigitValues& values, std::string& target) {
  std::string bytes;
  for (std::string_view text : texts) {
    if (!append_uuid(text.substr(prefix), values, bytes)) return false;
  }
  encode_block(transposed(bytes, texts.size()), target);
  return true;
}

bool encode_as(NumericKind kind, Texts texts, size_t prefix, std::string& target) {
  switch (kind) {
    case NumericKind::Decimal:
      return encode_numbers(texts, prefix, read_decimal, target);
    case NumericKind::PaddedDecimal:
      return encode_numbers(texts, prefix, read_padded, target);
    case NumericKind::Ipv4:
      return encode_numbers(texts, prefix, read_ipv4, target);
    case NumericKind::LowerHex:
    case NumericKind::UpperHex:
      return encode_hex(texts, prefix, is_upper(kind) ? kUpperValues : kLowerValues, target);
    case NumericKind::LowerUuid:
    case NumericKind::UpperUuid:
      return encode_uuids(texts, prefix, is_upper(kind) ? kUpperValues : kLowerValues, target);
  }
  return false;
}

// What all texts begin with, up to where their numbers begin.
size_t common_prefix(Texts texts) {
  std::string_view common = texts[0].substr(0, kPrefixBytesMax);
  for (std::string_view text : texts) {
    size_t size = std::min(common.size(), text.size());
    auto differs = std::mismatch(common.begin(), common.begin() + size, text.begin()).first;
    common = common.substr(0, static_cast<size_t>(differs - common.begin()));
    if (common.empty()) break;
  }
  while (!common.empty() && is_hex(common.back())) common.remove_suffix(1);
  return common.size();
}

// The kinds that the text may be of, the smallest first.
std::span<const NumericKind> candidates(std::string_view text) {
  static constexpr std::array kDecimals = {NumericKind::Decimal, NumericKind::PaddedDecimal,
                                           NumericKind::LowerHex, NumericKind::UpperHex};
  static constexpr std::array kHexes = {NumericKind::LowerHex, NumericKind::UpperHex};
  static constexpr std::array kUuids = {NumericKind::LowerUuid, NumericKind::UpperUuid};
  static constexpr std::array kAddresses = {NumericKind::Ipv4};
  if (text.empty()) return {};
  if (std::ranges::all_of(text, is_decimal)) return kDecimals;
  if (std::ranges::all_of(text, is_hex)) return kHexes;
  if (text.size() == kUuidSize && text[8] == '-') return kUuids;
  if (text.size() <= kIpv4SizeMax && is_decimal(text[0])) return kAddresses;
  return {};
}

void append_hex_digits(std::string_view bytes, size_t digits, std::string_view alphabet,
                       std::vector<char>& target) {
  const size_t begin = target.size(), pairs = digits / 2;
  target.resize(begin + digits);
  char* next = target.data() + begin;
  for (size_t i = 0; i < pairs; ++i) {
    auto byte = static_cast<unsigned char>(bytes[i]);
    *next++ = alphabet[byte >> 4];
    *next++ = alphabet[byte & 15];
  }
  if (digits % 2 != 0) *next = alphabet[static_cast<unsigned char>(bytes[pairs]) >> 4];
}

void append_number(int64_t number, size_t digits, std::vector<char>& target) {
  size_t begin = target.size();
  target.resize(begin + digits);
  for (size_t i = digits; i-- > 0; number /= 10) {
    target[begin + i] = static_cast<char>('0' + number % 10);
  }
}

size_t digits_of(int64_t number) {
  size_t digits = 1;
  for (; number > 9; number /= 10) ++digits;
  return digits;
}

Status append_text(NumericKind kind, int64_t number, std::vector<char>& target) {
  if (number < 0) return damaged("a number below zero");
  if (kind == NumericKind::Decimal) {
    append_number(number, digits_of(number), target);
  } else if (kind == NumericKind::PaddedDecimal) {
    if (number >= kFirstOfLength.back()) return damaged("a number out of range");
    size_t length = 1;
    while (number >= kFirstOfLength[length + 1]) ++length;
    append_number(number - kFirstOfLength[length], length, target);
  } else {
    if (number > 0xffff'ffff) return damaged("an address out of range");
    for (int shift = 24; shift >= 0; shift -= 8) {
      int64_t part = number >> shift & 255;
      append_number(part, digits_of(part), target);
      if (shift > 0) target.push_back('.');
    }
  }
  return {};
}

Status decode_numbers(NumericKind kind, std::string_view page, std::string_view prefix,
                      std::vector<char>& bytes, std::span<int64_t> lengths) {
  std::array<int64_t, kPageValues> numbers;
  SPOOR_TRY(decode_integers(page, {numbers.data(), lengths.size()}));
  for (size_t i = 0; i < lengths.size(); ++i) {
    size_t begin = bytes.size();
    bytes.insert(bytes.end(), prefix.begin(), prefix.end());
    SPOOR_TRY(append_text(kind, numbers[i], bytes));
    lengths[i] = static_cast<int64_t>(bytes.size() - begin);
  }
  return {};
}

// `lengths` come as numbers of digits and leave as those of bytes.
Status decode_hex(std::string_view block, std::string_view alphabet, std::string_view prefix,
                  size_t raw_bytes_max, std::vector<char>& bytes, std::span<int64_t> lengths) {
  SPOOR_ASSIGN(std::vector<char> raw, decode_block(block, raw_bytes_max));
  std::string packed(raw.begin(), raw.end());
  bool same_length = true;
  uint64_t total = 0;
  for (int64_t length : lengths) {
    if (length < 0 || static_cast<uint64_t>(length) > raw_bytes_max) return damaged("bad length");
    same_length &= length == lengths[0];
    total += (static_cast<uint64_t>(length) + 1) / 2;
  }
  if (total != packed.size()) return damaged("digits and lengths disagree");
  if (same_length && total > 0) packed = transposed(packed, total / lengths.size());
  bytes.reserve(total * 2 + lengths.size() * prefix.size());
  std::string_view rest = packed;
  for (int64_t& length : lengths) {
    auto digits = static_cast<size_t>(length);
    bytes.insert(bytes.end(), prefix.begin(), prefix.end());
    append_hex_digits(rest, digits, alphabet, bytes);
    rest.remove_prefix((digits + 1) / 2);
    length += static_cast<int64_t>(prefix.size());
  }
  return {};
}

Status decode_uuids(std::string_view block, std::string_view alphabet, std::string_view prefix,
                    std::vector<char>& bytes, std::span<int64_t> lengths) {
  SPOOR_ASSIGN(std::vector<char> raw, decode_block(block, lengths.size() * kUuidBytes));
  if (raw.size() != lengths.size() * kUuidBytes) return damaged("bad length");
  std::string packed = transposed({raw.data(), raw.size()}, kUuidBytes);
  bytes.reserve(lengths.size() * (prefix.size() + kUuidSize));
  for (size_t i = 0; i < lengths.size(); ++i) {
    std::string_view digits = std::string_view(packed).substr(i * kUuidBytes, kUuidBytes);
    bytes.insert(bytes.end(), prefix.begin(), prefix.end());
    for (size_t at : {0, 4, 6, 8, 10}) {
      if (at > 0) bytes.push_back('-');
      size_t size = at == 0 ? 4 : at == 10 ? 6 : 2;
      append_hex_digits(digits.substr(at, size), size * 2, alphabet, bytes);
    }
    lengths[i] = static_cast<int64_t>(prefix.size() + kUuidSize);
  }
  return {};
}

// What a page begins with, and what follows.
struct Header {
  NumericKind kind = NumericKind::Decimal;
  std::string_view prefix;
  std::string_view rest;

  bool is_uuid() const { return kind == NumericKind::LowerUuid || kind == NumericKind::UpperUuid; }
  bool is_hex() const { return kind == NumericKind::LowerHex || kind == NumericKind::UpperHex; }
  std::string_view alphabet() const { return is_upper(kind) ? kUpperDigits : kLowerDigits; }
  const DigitValues& values() const { return is_upper(kind) ? kUpperValues : kLowerValues; }
};

Result<Header> read_header(std::string_view page, size_t count, size_t raw_bytes_max) {
  ByteReader reader(page);
  auto number = reader.fixed<uint8_t>();
  Header header;
  header.prefix = reader.sized();
  if (reader.failed() || number > static_cast<uint8_t>(NumericKind::Ipv4)) {
    return damaged("bad header");
  }
  if (header.prefix.size() > raw_bytes_max / count) return damaged("larger than allowed");
  header.kind = static_cast<NumericKind>(number);
  header.rest = reader.bytes(reader.remaining());
  return header;
}

// Whether the character may stand in a text of the page.
bool can_spell(const Header& header, char c) {
  if (header.prefix.find(c) != header.prefix.npos) return true;
  if (header.is_uuid() && c == '-') return true;
  if (header.is_uuid() || header.is_hex()) return value_of(header.values(), c) != kNoDigit;
  return is_decimal(c) || (header.kind == NumericKind::Ipv4 && c == '.');
}

// Whether a row of the transposed bytes, `rows` to a column, is this one.
bool has_row(std::string_view columns, size_t rows, std::string_view row) {
  std::string_view first = columns.substr(0, rows);
  for (size_t at = first.find(row[0]); at != first.npos; at = first.find(row[0], at + 1)) {
    size_t equal = 1;
    while (equal < row.size() && columns[equal * rows + at] == row[equal]) ++equal;
    if (equal == row.size()) return true;
  }
  return false;
}

// The same of a whole text behind the prefix, where all texts are of one length.
Result<bool> may_have_digits(const Header& header, size_t count, size_t raw_bytes_max,
                             std::string_view text) {
  std::string digits;
  std::string_view block = header.rest;
  if (header.is_uuid()) {
    if (!append_uuid(text, header.values(), digits)) return false;
  } else {
    std::array<int64_t, kPageValues> lengths;
    SPOOR_ASSIGN(size_t taken, decode_integers_prefix(block, {lengths.data(), count}));
    block.remove_prefix(taken);
    auto others = std::span(lengths).first(count);
    if (std::ranges::any_of(others, [&](int64_t length) { return length != lengths[0]; })) {
      return true;
    }
    if (lengths[0] < 0 || static_cast<uint64_t>(lengths[0]) != text.size()) return false;
    // What is read of an odd last byte is half of it, whatever the other half says.
    if (lengths[0] % 2 != 0) return true;
    if (!append_digits(text, header.values(), digits)) return false;
  }
  SPOOR_ASSIGN(std::vector<char> raw, decode_block(block, raw_bytes_max));
  if (raw.size() != digits.size() * count) return damaged("digits and lengths disagree");
  return digits.empty() || has_row({raw.data(), raw.size()}, count, digits);
}

}  // namespace

bool encode_numeric_texts(Texts texts, std::string& target) {
  SPOOR_ASSERT(!texts.empty() && texts.size() <= kPageValues);
  const size_t begin = target.size();
  size_t prefixes[2] = {0, common_prefix(texts)};
  for (size_t prefix : std::span(prefixes).first(prefixes[1] == 0 ? 1 : 2)) {
    for (NumericKind kind : candidates(texts[0].substr(prefix))) {
      target.push_back(static_cast<char>(kind));
      append_sized(target, texts[0].substr(0, prefix));
      if (encode_as(kind, texts, prefix, target)) return true;
      target.resize(begin);
    }
  }
  return false;
}

Status decode_numeric_texts(std::string_view page, size_t raw_bytes_max, std::vector<char>& bytes,
                            std::span<int64_t> lengths) {
  SPOOR_ASSERT(!lengths.empty() && lengths.size() <= kPageValues);
  SPOOR_ASSIGN(Header header, read_header(page, lengths.size(), raw_bytes_max));
  const std::string_view rest = header.rest, prefix = header.prefix, alphabet = header.alphabet();
  switch (header.kind) {
    case NumericKind::Decimal:
    case NumericKind::PaddedDecimal:
    case NumericKind::Ipv4:
      return decode_numbers(header.kind, rest, prefix, bytes, lengths);
    case NumericKind::LowerHex:
    case NumericKind::UpperHex: {
      SPOOR_ASSIGN(size_t taken, decode_integers_prefix(rest, lengths));
      return decode_hex(rest.substr(taken), alphabet, prefix, raw_bytes_max, bytes, lengths);
    }
    case NumericKind::LowerUuid:
    case NumericKind::UpperUuid:
      return decode_uuids(rest, alphabet, prefix, bytes, lengths);
  }
  return {};
}

Result<bool> numeric_texts_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                       const SoughtText& sought) {
  SPOOR_ASSERT(count > 0 && count <= kPageValues);
  SPOOR_ASSIGN(Header header, read_header(page, count, raw_bytes_max));
  std::string_view text = sought.text;
  if (!std::ranges::all_of(text, [&](char c) { return can_spell(header, c); })) return false;
  if (sought.as == SoughtText::As::Part) return true;
  if (!text.starts_with(header.prefix)) return false;
  text.remove_prefix(header.prefix.size());
  if (!header.is_hex() && !header.is_uuid()) return true;
  return may_have_digits(header, count, raw_bytes_max, text);
}

}  // namespace spoor::codec
