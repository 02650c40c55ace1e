#include "codec/strings.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "codec/block.h"
#include "codec/integers.h"
#include "codec/numeric_texts.h"

namespace spoor::codec {
namespace {

enum class Form : uint8_t { Plain = 0, References = 1, Numeric = 2 };

// What zstd leaves of a repeated text, to judge whether a reference is smaller.
constexpr size_t kRepeatBytes = 3;

Status damaged(std::string_view what) {
  return data_loss("text page: " + std::string(what));
}

// The values of a page in order of first appearance, and where each value stands among them.
class DistinctTexts {
 public:
  explicit DistinctTexts(std::span<const std::string_view> values) {
    slots_.fill(kNone);
    for (std::string_view value : values) add(value);
  }

  std::span<const std::string_view> texts() const { return {texts_.data(), count_}; }
  // 0: a new value; n: the nth latest of the new values before.
  std::span<const int64_t> references() const { return {references_.data(), values_}; }

 private:
  static constexpr uint16_t kNone = 0xffff;
  static constexpr size_t kSlots = 2 * kPageValues;

  void add(std::string_view value) {
    // The value before is the likeliest.
    bool is_last = count_ > 0 && same_bytes(texts_[last_], value);
    if (!is_last && insert(value)) {
      references_[values_++] = 0;
      return;
    }
    references_[values_++] = static_cast<int64_t>(count_ - last_);
  }

  // Whether it is new; last_ is then its place, as it is otherwise.
  bool insert(std::string_view value) {
    uint64_t hash = hash64(value);
    size_t slot = hash % kSlots;
    for (; slots_[slot] != kNone; slot = (slot + 1) % kSlots) {
      last_ = slots_[slot];
      if (hashes_[last_] == hash && same_bytes(texts_[last_], value)) return false;
    }
    slots_[slot] = static_cast<uint16_t>(count_);
    hashes_[count_] = hash;
    texts_[count_] = value;
    last_ = count_++;
    return true;
  }

  std::array<uint16_t, kSlots> slots_;
  std::array<uint64_t, kPageValues> hashes_;
  std::array<std::string_view, kPageValues> texts_;
  std::array<int64_t, kPageValues> references_;
  size_t count_ = 0;
  size_t values_ = 0;
  size_t last_ = 0;
};

void encode_new(std::span<const std::string_view> values, std::string& target) {
  size_t begin = target.size();
  target.push_back(static_cast<char>(Form::Numeric));
  if (encode_numeric_texts(values, target)) return;
  target.resize(begin);
  target.push_back(static_cast<char>(Form::Plain));
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

// The texts of a page without references: they fill `bytes` from `first` on.
Status decode_new(std::string_view page, size_t raw_bytes_max, std::vector<char>& bytes,
                  size_t& first, std::span<int64_t> lengths) {
  first = 0;
  auto form = static_cast<Form>(page.empty() ? 0xff : page[0]);
  if (form == Form::Numeric) {
    return decode_numeric_texts(page.substr(1), raw_bytes_max, bytes, lengths);
  }
  if (form != Form::Plain) return damaged("unknown form");
  SPOOR_ASSIGN(bytes, decode_block(page.substr(1), raw_bytes_max));
  SPOOR_ASSIGN(first, decode_integers_prefix({bytes.data(), bytes.size()}, lengths));
  uint64_t left = bytes.size() - first;
  for (int64_t length : lengths) {
    if (length < 0 || static_cast<uint64_t>(length) > left) return damaged("bad length");
    left -= static_cast<uint64_t>(length);
  }
  return left == 0 ? Status() : damaged("trailing bytes");
}

// A page of so many new values, and, where the values refer to them, how.
struct PageOfNew {
  std::string_view page;
  size_t count = 0;
  bool has_references = false;
  std::array<int64_t, kPageValues> references;
};

Status split_references(std::string_view page, size_t count, PageOfNew& rest) {
  if (count == 0 || count > kPageValues) return damaged("bad count");
  rest.page = page;
  rest.count = count;
  rest.has_references = page.starts_with(static_cast<char>(Form::References));
  if (!rest.has_references) return {};
  auto references = std::span(rest.references).first(count);
  SPOOR_ASSIGN(size_t at, decode_integers_prefix(page.substr(1), references));
  rest.page = page.substr(1 + at);
  rest.count = static_cast<size_t>(std::ranges::count(references, 0));
  return rest.count > 0 ? Status() : damaged("nothing to refer to");
}

bool contains(std::string_view bytes, std::string_view text) {
  return memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

}  // namespace

void encode_strings(std::span<const std::string_view> values, std::string& target) {
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  DistinctTexts distinct(values);
  const size_t repeated = values.size() - distinct.texts().size();
  const size_t begin = target.size();
  if (repeated > 0) {
    target.push_back(static_cast<char>(Form::References));
    encode_integers(distinct.references(), target);
    if (target.size() - begin <= repeated * kRepeatBytes) {
      return encode_new(distinct.texts(), target);
    }
    target.resize(begin);
  }
  encode_new(values, target);
}

StringPage::StringPage(std::vector<char> bytes, size_t first, std::span<const int64_t> lengths)
    : bytes_(std::move(bytes)), first_(first) {
  values_.reserve(lengths.size());
  size_t at = first;
  for (int64_t length : lengths) {
    values_.emplace_back(bytes_.data() + at, static_cast<size_t>(length));
    at += static_cast<size_t>(length);
  }
  SPOOR_ASSERT(at == bytes_.size());
}

bool StringPage::may_contain(const SoughtText& sought) const {
  return contains({bytes_.data() + first_, bytes_.size() - first_}, sought.text);
}

Result<StringPage> StringPage::decode(std::string_view page, size_t count, size_t raw_bytes_max) {
  PageOfNew rest;
  SPOOR_TRY(split_references(page, count, rest));
  std::array<int64_t, kPageValues> lengths;
  std::vector<char> bytes;
  size_t first = 0;
  SPOOR_TRY(decode_new(rest.page, raw_bytes_max, bytes, first, {lengths.data(), rest.count}));
  StringPage distinct(std::move(bytes), first, {lengths.data(), rest.count});
  if (!rest.has_references) return distinct;
  std::vector<std::string_view> values;
  values.reserve(count);
  int64_t met = 0;
  for (int64_t reference : std::span(rest.references).first(count)) {
    if (reference < 0 || reference > met) return damaged("a reference to nothing");
    if (reference == 0) ++met;
    auto place = static_cast<size_t>(met - std::max<int64_t>(reference, 1));
    values.push_back(distinct.values_[place]);
  }
  distinct.values_ = std::move(values);
  return distinct;
}

Result<bool> strings_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                 const SoughtText& sought) {
  PageOfNew rest;
  SPOOR_TRY(split_references(page, count, rest));
  if (rest.page.starts_with(static_cast<char>(Form::Numeric))) {
    SPOOR_ASSIGN(bool may,
                 numeric_texts_may_contain(rest.page.substr(1), rest.count, raw_bytes_max, sought));
    if (!may) return false;
  }
  std::array<int64_t, kPageValues> lengths;
  std::vector<char> bytes;
  size_t first = 0;
  SPOOR_TRY(decode_new(rest.page, raw_bytes_max, bytes, first, {lengths.data(), rest.count}));
  return contains({bytes.data() + first, bytes.size() - first}, sought.text);
}

}  // namespace spoor::codec
