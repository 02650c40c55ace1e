#include "codec/doubles.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/integers.h"

namespace spoor::codec {
namespace {

// The first byte: the decimal exponent, or kRaw.
constexpr uint8_t kRaw = 0xff;
constexpr std::array<double, 7> kPowers = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
constexpr double kMagnitudeMax = 9007199254740992.0;  // 2^53: integers beyond are not exact

bool as_decimals(std::span<const double> values, double power, std::span<int64_t> decimals) {
  for (size_t i = 0; i < values.size(); ++i) {
    double scaled = std::nearbyint(values[i] * power);
    if (!(std::fabs(scaled) < kMagnitudeMax)) return false;
    decimals[i] = static_cast<int64_t>(scaled);
    double back = static_cast<double>(decimals[i]) / power;
    if (std::bit_cast<uint64_t>(back) != std::bit_cast<uint64_t>(values[i])) return false;
  }
  return true;
}

}  // namespace

void encode_doubles(std::span<const double> values, std::string& target) {
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  std::array<int64_t, kPageValues> buffer;
  std::span<int64_t> decimals(buffer.data(), values.size());
  for (size_t exponent = 0; exponent < kPowers.size(); ++exponent) {
    if (!as_decimals(values, kPowers[exponent], decimals)) continue;
    target.push_back(static_cast<char>(exponent));
    encode_integers(decimals, target);
    return;
  }
  target.push_back(static_cast<char>(kRaw));
  for (double value : values) append_le(target, value);
}

Status decode_doubles(std::string_view page, std::span<double> values) {
  ByteReader reader(page);
  uint8_t exponent = reader.fixed<uint8_t>();
  if (reader.failed() || values.empty() || values.size() > kPageValues) {
    return data_loss("double page: empty");
  }
  if (exponent == kRaw) {
    for (double& value : values) value = reader.fixed<double>();
    if (reader.failed() || !reader.at_end()) return data_loss("double page: bad length");
    return {};
  }
  if (exponent >= kPowers.size()) return data_loss("double page: unknown exponent");
  std::array<int64_t, kPageValues> buffer;
  std::span<int64_t> decimals(buffer.data(), values.size());
  SPOOR_TRY(decode_integers(page.substr(1), decimals));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(decimals[i]) / kPowers[exponent];
  }
  return {};
}

}  // namespace spoor::codec
