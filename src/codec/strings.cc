#include "codec/strings.h"

#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/block.h"
#include "codec/integers.h"

namespace spoor::codec {

void encode_strings(std::span<const std::string_view> values, std::string& target) {
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  int64_t lengths[kPageValues];
  size_t total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    lengths[i] = static_cast<int64_t>(values[i].size());
    total += values[i].size();
  }
  std::string raw;
  raw.reserve(total + values.size());
  encode_integers({lengths, values.size()}, raw);
  for (std::string_view value : values) raw.append(value);
  encode_block(raw, target);
}

Result<StringPage> StringPage::decode(std::string_view page, size_t count, size_t raw_bytes_max) {
  if (count == 0 || count > kPageValues) return data_loss("string page: bad count");
  StringPage decoded;
  SPOOR_ASSIGN(decoded.bytes_, decode_block(page, raw_bytes_max));
  std::string_view raw(decoded.bytes_.data(), decoded.bytes_.size());
  int64_t lengths[kPageValues];
  SPOOR_ASSIGN(size_t at, decode_integers_prefix(raw, {lengths, count}));
  decoded.values_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    if (lengths[i] < 0 || static_cast<uint64_t>(lengths[i]) > raw.size() - at) {
      return data_loss("string page: bad length");
    }
    decoded.values_.push_back(raw.substr(at, static_cast<size_t>(lengths[i])));
    at += static_cast<size_t>(lengths[i]);
  }
  if (at != raw.size()) return data_loss("string page: trailing bytes");
  return decoded;
}

}  // namespace spoor::codec
