#include "codec/classed_integers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/bit_packing.h"
#include "codec/integers.h"

namespace spoor::codec {
namespace {

// Values up to this width lie within the eight bytes from their first.
constexpr unsigned kWidthMax = 56;

Status damaged(std::string_view what) {
  return data_loss("classed page: " + std::string(what));
}

uint64_t mask_of(unsigned width) {
  return (uint64_t{1} << width) - 1;
}

uint64_t load_tail(std::string_view bytes, size_t at) {
  char eight[8] = {};
  std::string_view rest = bytes.substr(at, sizeof eight);
  std::copy(rest.begin(), rest.end(), eight);
  return load_le<uint64_t>(eight);
}

// Values of changing widths, one behind another, behind what the target holds.
class BitWriter {
 public:
  // REQUIRES: no more than `bits_max` bits come.
  BitWriter(size_t bits_max, std::string& target) : target_(target), begin_(target.size()) {
    target_.resize(begin_ + bits_max / 8 + sizeof(uint64_t));
  }
  // REQUIRES: width <= kWidthMax, value below 2^width.
  void add(uint64_t value, unsigned width) {
    char* at = target_.data() + begin_ + bits_ / 8;
    store_le(at, load_le<uint64_t>(at) | value << bits_ % 8);
    bits_ += width;
  }
  void finish() { target_.resize(begin_ + (bits_ + 7) / 8); }

 private:
  std::string& target_;
  const size_t begin_;
  size_t bits_ = 0;
};

}  // namespace

ClassTable ClassTable::of(std::span<const int64_t> codes, std::span<const int64_t> values) {
  SPOOR_ASSERT(codes.size() == values.size());
  ClassTable table;
  if (codes.empty() || std::ranges::max(codes) >= kClassesMax) return table;
  table.classes_.resize(static_cast<size_t>(std::ranges::max(codes)) + 1);
  for (size_t i = 0; i < codes.size(); ++i) {
    Class& of_code = table.classes_[static_cast<size_t>(codes[i])];
    auto base = static_cast<int64_t>(of_code.base);
    if (of_code.width == kNoWidth || values[i] < base) {
      of_code.base = static_cast<uint64_t>(values[i]);
    }
    of_code.width = 0;
  }
  std::vector<uint64_t> divisors(table.classes_.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    auto code = static_cast<size_t>(codes[i]);
    if (divisors[code] == 1) continue;
    uint64_t distance = static_cast<uint64_t>(values[i]) - table.classes_[code].base;
    divisors[code] = std::gcd(divisors[code], distance);
  }
  std::vector<BitWidthCounts> counts(table.classes_.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    auto code = static_cast<size_t>(codes[i]);
    uint64_t distance = static_cast<uint64_t>(values[i]) - table.classes_[code].base;
    if (divisors[code] > 1) distance /= divisors[code];
    ++counts[code][static_cast<size_t>(std::bit_width(distance))];
  }
  for (size_t code = 0; code < table.classes_.size(); ++code) {
    Class& of_code = table.classes_[code];
    if (of_code.width == kNoWidth) continue;
    of_code.divisor = std::max<uint64_t>(divisors[code], 1);
    of_code.width = std::min(best_width(counts[code]), kWidthMax);
  }
  table.list_widths();
  return table;
}

void ClassTable::list_widths() {
  for (const Class& of_code : classes_) widths_.push_back(static_cast<uint8_t>(of_code.width));
}

void ClassTable::encode(std::string& target) const {
  append_varint(target, classes_.size());
  for (const Class& of_code : classes_) {
    target.push_back(static_cast<char>(of_code.width));
    if (of_code.width == kNoWidth) continue;
    append_varint(target, zigzag_encode(static_cast<int64_t>(of_code.base)));
    append_varint(target, of_code.divisor);
  }
}

Result<ClassTable> ClassTable::decode(std::string_view bytes) {
  ClassTable table;
  ByteReader reader(bytes);
  uint64_t codes = reader.varint();
  if (codes > static_cast<uint64_t>(kClassesMax)) return damaged("too many codes");
  for (uint64_t code = 0; code < codes && !reader.failed(); ++code) {
    Class& of_code = table.classes_.emplace_back();
    of_code.width = reader.fixed<uint8_t>();
    if (of_code.width == kNoWidth) continue;
    of_code.base = static_cast<uint64_t>(zigzag_decode(reader.varint()));
    of_code.divisor = reader.varint();
    if (of_code.width > kWidthMax) return damaged("a code of too many bits");
  }
  if (reader.failed() || !reader.at_end()) return damaged("bad table");
  table.list_widths();
  return table;
}

void ClassTable::encode_page(std::span<const int64_t> codes, std::span<const int64_t> values,
                             std::string& target) const {
  SPOOR_ASSERT(codes.size() == values.size());
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  std::string packed, exceptions;
  BitWriter writer(values.size() * kWidthMax, packed);
  size_t exception_count = 0, last = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const Class& of_code = classes_[static_cast<size_t>(codes[i])];
    SPOOR_ASSERT(of_code.width <= kWidthMax);
    uint64_t distance = static_cast<uint64_t>(values[i]) - of_code.base;
    if (of_code.divisor > 1) distance /= of_code.divisor;
    writer.add(distance & mask_of(of_code.width), of_code.width);
    if (distance >> of_code.width == 0) continue;
    append_varint(exceptions, i - last);
    append_varint(exceptions, distance >> of_code.width);
    last = i;
    ++exception_count;
  }
  writer.finish();
  append_varint(target, exception_count);
  target.append(packed);
  target.append(exceptions);
}

Result<size_t> ClassTable::bits_of(std::span<const int64_t> codes) const {
  size_t bits = 0;
  bool is_known = true;
  for (int64_t code : codes) {
    auto place = static_cast<uint64_t>(code);
    const unsigned width = place < widths_.size() ? widths_[place] : kNoWidth;
    is_known &= width != kNoWidth;
    bits += width;
  }
  if (!is_known) return damaged("a code without a class");
  return bits;
}

// A page taken apart.
struct ClassTable::Page {
  uint64_t exception_count = 0;
  std::string_view packed;
  ByteReader exceptions;

  // `bits`: of all its values.
  static Result<Page> open(std::string_view bytes, size_t bits, size_t values) {
    ByteReader reader(bytes);
    uint64_t exception_count = reader.varint();
    std::string_view packed = reader.bytes((bits + 7) / 8);
    if (reader.failed() || exception_count > values) return damaged("cut short");
    return Page{exception_count, packed, reader};
  }

  uint64_t value_at(size_t bit, unsigned width) const {
    const size_t at = bit / 8;
    uint64_t eight = at + 8 <= packed.size() ? load_le<uint64_t>(packed.data() + at)
                     : at < packed.size()    ? load_tail(packed, at)
                                             : 0;
    return eight >> bit % 8 & mask_of(width);
  }

  // Calls add(place, high bits) for each exception of a page of so many values.
  template <typename Add>
  Status for_exceptions(size_t values, const Add& add) {
    uint64_t position = 0;
    for (uint64_t i = 0; i < exception_count; ++i) {
      position += exceptions.varint();
      uint64_t high = exceptions.varint();
      if (exceptions.failed() || position >= values) return damaged("bad exception");
      add(position, high);
    }
    return exceptions.at_end() ? Status() : damaged("trailing bytes");
  }
};

Status ClassTable::decode_page(std::string_view bytes, std::span<const int64_t> codes,
                               std::span<int64_t> values) const {
  SPOOR_ASSERT(codes.size() == values.size());
  SPOOR_ASSIGN(size_t bits, bits_of(codes));
  SPOOR_ASSIGN(Page page, Page::open(bytes, bits, values.size()));
  size_t bit = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const unsigned width = widths_[static_cast<size_t>(codes[i])];
    values[i] = static_cast<int64_t>(page.value_at(bit, width));
    bit += width;
  }
  SPOOR_TRY(page.for_exceptions(values.size(), [&](uint64_t place, uint64_t high) {
    values[place] |= static_cast<int64_t>(high << widths_[static_cast<size_t>(codes[place])]);
  }));
  for (size_t i = 0; i < values.size(); ++i) {
    const Class& of_code = classes_[static_cast<size_t>(codes[i])];
    uint64_t value = of_code.base + static_cast<uint64_t>(values[i]) * of_code.divisor;
    values[i] = static_cast<int64_t>(value);
  }
  return {};
}

Status ClassTable::decode_some(std::string_view bytes, std::span<const int64_t> codes,
                               std::span<const uint32_t> places, std::span<int64_t> values) const {
  SPOOR_ASSERT(places.size() == values.size());
  size_t bits = 0, at = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    SPOOR_ASSERT(places[i] >= at && places[i] < codes.size());
    SPOOR_ASSIGN(size_t between, bits_of(codes.subspan(at, places[i] - at)));
    values[i] = static_cast<int64_t>(bits += between);  // where the value begins, for now
    at = places[i];
  }
  SPOOR_ASSIGN(size_t rest, bits_of(codes.subspan(at)));
  SPOOR_ASSIGN(Page page, Page::open(bytes, bits + rest, codes.size()));
  auto width_at = [&](size_t place) { return widths_[static_cast<size_t>(codes[place])]; };
  for (size_t i = 0; i < places.size(); ++i) {
    const uint64_t value = page.value_at(static_cast<size_t>(values[i]), width_at(places[i]));
    values[i] = static_cast<int64_t>(value);
  }
  SPOOR_TRY(page.for_exceptions(codes.size(), [&](uint64_t place, uint64_t high) {
    auto found = std::ranges::lower_bound(places, place);
    if (found == places.end() || *found != place) return;
    values[static_cast<size_t>(found - places.begin())] |=
        static_cast<int64_t>(high << width_at(place));
  }));
  for (size_t i = 0; i < places.size(); ++i) {
    const Class& of_code = classes_[static_cast<size_t>(codes[places[i]])];
    uint64_t value = of_code.base + static_cast<uint64_t>(values[i]) * of_code.divisor;
    values[i] = static_cast<int64_t>(value);
  }
  return {};
}

}  // namespace spoor::codec
