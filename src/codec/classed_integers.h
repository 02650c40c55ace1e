// Pages of integers whose size depends on a code beside each, as a span's duration on its template:
// of each code the smallest value, the common divisor of the distances from it, and the width that
// suits it are known. A value is packed in the width of its code; high bits that do not fit are
// exceptions.
//
// A table is made of all pages of a column chunk and kept beside them. Layout: docs/format/part.md,
// "Classes".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::codec {

class ClassTable {
 public:
  ClassTable() = default;  // of no codes
  // REQUIRES: as many codes as values, the codes not negative. Empty for codes beyond kClassesMax.
  static ClassTable of(std::span<const int64_t> codes, std::span<const int64_t> values);

  static constexpr int64_t kClassesMax = 4096;

  bool empty() const { return classes_.empty(); }
  size_t size_bytes() const { return classes_.size() * sizeof(Class) + widths_.size(); }
  void encode(std::string& target) const;
  static Result<ClassTable> decode(std::string_view bytes);

  // Appends a page. REQUIRES: pairs of those that the table was made of, 1 to kPageValues.
  void encode_page(std::span<const int64_t> codes, std::span<const int64_t> values,
                   std::string& target) const;
  // REQUIRES: as many codes as values; they may be any.
  Status decode_page(std::string_view page, std::span<const int64_t> codes,
                     std::span<int64_t> values) const;
  // The values at the places, which ascend, for as many `values`. The rest is checked, not decoded.
  Status decode_some(std::string_view page, std::span<const int64_t> codes,
                     std::span<const uint32_t> places, std::span<int64_t> values) const;

 private:
  struct Class {
    uint64_t base = 0;
    uint64_t divisor = 1;
    unsigned width = kNoWidth;  // kNoWidth: no value has the code
  };
  static constexpr unsigned kNoWidth = 255;
  struct Page;
  void list_widths();
  // Adds the widths of the codes; DataLoss for one without a class.
  Result<size_t> bits_of(std::span<const int64_t> codes) const;

  std::vector<Class> classes_;   // by code
  std::vector<uint8_t> widths_;  // the same once more, because scans look at little else
};

}  // namespace spoor::codec
