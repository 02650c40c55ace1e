#include "store/text_page.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <vector>

#include "base/arena.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "model/value.h"
#include "store/limits.h"
#include "store/part_format.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

// The first byte of a list page; codec's forms of text pages are below.
constexpr char kListForm = 3;
// A key of fewer values in the page has no column of its own.
constexpr size_t kOwnValuesMin = 8;
// A page of fewer lists is smaller as texts.
constexpr size_t kListsMin = 8;
// The decoders accept 16,384 attributes of a span.
constexpr size_t kListEntriesMax = kVectorRows * 16'384;

using codec::kPageValues;
using codec::StringPage;

Status damaged(std::string_view what) {
  return data_loss("list page: " + std::string(what));
}

// Of all pages but the last, kPageValues values.
template <typename Work>
Status for_pages(size_t count, const Work& work) {
  for (size_t first = 0; first < count; first += kPageValues) {
    SPOOR_TRY(work(first, std::min(kPageValues, count - first)));
  }
  return {};
}

void append_integers(std::span<const int64_t> values, std::string& target) {
  (void)for_pages(values.size(), [&](size_t first, size_t count) -> Status {
    codec::encode_integers(values.subspan(first, count), target);
    return {};
  });
}

void append_doubles(std::span<const double> values, std::string& target) {
  std::string page;
  (void)for_pages(values.size(), [&](size_t first, size_t count) -> Status {
    page.clear();
    codec::encode_doubles(values.subspan(first, count), page);
    append_sized(target, page);
    return {};
  });
}

void append_texts(std::span<const std::string_view> values, std::string& target) {
  std::string page;
  (void)for_pages(values.size(), [&](size_t first, size_t count) -> Status {
    page.clear();
    codec::encode_strings(values.subspan(first, count), page);
    append_sized(target, page);
    return {};
  });
}

Status read_integers(ByteReader& reader, std::span<int64_t> values) {
  return for_pages(values.size(), [&](size_t first, size_t count) -> Status {
    std::string_view rest(reader.position(), reader.remaining());
    SPOOR_ASSIGN(size_t taken, codec::decode_integers_prefix(rest, values.subspan(first, count)));
    reader.bytes(taken);
    return {};
  });
}

Status read_doubles(ByteReader& reader, std::span<double> values) {
  return for_pages(values.size(), [&](size_t first, size_t count) {
    return codec::decode_doubles(reader.sized(), values.subspan(first, count));
  });
}

// Texts that were read, and the pages that they point into.
struct Texts {
  std::vector<StringPage> pages;
  std::vector<std::string_view> values;
};

Status read_texts(ByteReader& reader, size_t count, size_t raw_bytes_max, Texts& texts) {
  return for_pages(count, [&](size_t, size_t of_page) -> Status {
    SPOOR_ASSIGN(StringPage page, StringPage::decode(reader.sized(), of_page, raw_bytes_max));
    texts.pages.push_back(std::move(page));
    auto values = texts.pages.back().values();
    texts.values.insert(texts.values.end(), values.begin(), values.end());
    return {};
  });
}

// The values of one key and type. `numbers` are those of Int and Bool, `texts` the encoded bytes of
// all other types, without the length of a string.
struct ListColumn {
  ListColumn(std::string_view column_key, ValueType column_type)
      : key(column_key), type(column_type) {}

  std::string_view key;
  ValueType type;
  size_t count = 0;
  std::vector<int64_t> numbers;
  std::vector<double> doubles;
  std::vector<std::string_view> texts;

  bool is_own() const { return count >= kOwnValuesMin; }
};

// Lists on their way into a page.
class ListSplitter {
 public:
  // False if the bytes are no list in the form that value_codec.h writes.
  bool add(std::string_view list) {
    ByteReader reader(list);
    uint64_t count = read_varint(reader);
    if (reader.failed() || count > reader.remaining()) return false;
    for (uint64_t i = 0; i < count; ++i) {
      if (!add_entry(reader)) return false;
    }
    counts_.push_back(static_cast<int64_t>(count));
    return reader.at_end() && is_shortest_;
  }

  void encode(std::string& target) {
    append_integers(counts_, target);
    append_varint(target, columns_.size());
    append_integers(marked_codes(), target);
    std::vector<int64_t> types;
    // Keys that never repeat are often numbered, and those that do are not.
    std::vector<std::string_view> own_keys, other_keys;
    for (const ListColumn& column : columns_) {
      types.push_back(static_cast<int64_t>(column.type));
      (column.is_own() ? own_keys : other_keys).push_back(column.key);
    }
    append_integers(types, target);
    append_texts(own_keys, target);
    append_texts(other_keys, target);
    for (const ListColumn& column : columns_) {
      if (column.is_own()) encode_column(column, target);
    }
    std::vector<std::string_view> rest;
    for (size_t i = 0; i < codes_.size(); ++i) {
      const ListColumn& column = columns_[static_cast<size_t>(codes_[i])];
      if (!column.is_own() && is_stored(column.type)) rest.push_back(values_[i]);
    }
    append_texts(rest, target);
  }

 private:
  // A number in more bytes than it needs would come back in fewer.
  uint64_t read_varint(ByteReader& reader) {
    const char* begin = reader.position();
    uint64_t value = reader.varint();
    is_shortest_ &= static_cast<size_t>(reader.position() - begin) == varint_size(value);
    return value;
  }

  bool add_entry(ByteReader& reader) {
    std::string_view key = reader.bytes(read_varint(reader));
    auto type = static_cast<ValueType>(reader.fixed<uint8_t>());
    if (reader.failed()) return false;
    // The key and, behind it, the type.
    auto [slot, inserted] = codes_of_.try_emplace(std::string_view(key.data(), key.size() + 1),
                                                  static_cast<uint32_t>(columns_.size()));
    if (inserted) columns_.emplace_back(key, type);
    ListColumn& column = columns_[slot->second];
    codes_.push_back(slot->second);
    ++column.count;
    const char* begin = reader.position();
    switch (type) {
      case ValueType::Absent:
      case ValueType::Empty:
        break;
      case ValueType::Bool:
        column.numbers.push_back(reader.fixed<uint8_t>());
        break;
      case ValueType::Int:
        column.numbers.push_back(zigzag_decode(read_varint(reader)));
        break;
      case ValueType::Double:
        column.doubles.push_back(reader.fixed<double>());
        break;
      case ValueType::String:
      case ValueType::Bytes:
        column.texts.push_back(reader.bytes(read_varint(reader)));
        break;
      case ValueType::Array:
      case ValueType::KeyValueList:
        begin = skip_nested(reader, begin, column);
        if (begin == nullptr) return false;
        break;
      default:
        return false;
    }
    values_.emplace_back(begin, static_cast<size_t>(reader.position() - begin));
    return !reader.failed();
  }

  // The value begins at its type; where its bytes begin, nullptr if it cannot be read.
  const char* skip_nested(ByteReader& reader, const char* begin, ListColumn& column) {
    std::string_view with_type(begin - 1, reader.remaining() + 1);
    ByteReader nested(with_type);
    arena_.reset();
    if (!decode_value(nested, arena_).ok()) return nullptr;
    column.texts.push_back(reader.bytes(static_cast<size_t>(nested.position() - begin)));
    return begin;
  }

  // Columns are numbered by first appearance, so that a new one needs no number: 0, any other one
  // more than its code.
  std::vector<int64_t> marked_codes() const {
    std::vector<int64_t> marked;
    int64_t columns = 0;
    for (int64_t code : codes_) {
      bool is_new = code == columns;
      columns += is_new ? 1 : 0;
      marked.push_back(is_new ? 0 : code + 1);
    }
    return marked;
  }

  static void encode_column(const ListColumn& column, std::string& target) {
    append_integers(column.numbers, target);
    append_doubles(column.doubles, target);
    append_texts(column.texts, target);
  }

  struct TextHash {
    using is_avalanching = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
  };
  std::vector<int64_t> counts_;
  std::vector<ListColumn> columns_;
  boost::unordered_flat_map<std::string_view, uint32_t, TextHash> codes_of_;
  std::vector<int64_t> codes_;
  std::vector<std::string_view> values_;  // as they stand in the list, by entry
  bool is_shortest_ = true;               // each number in all lists
  Arena arena_;
};

// The way back.
class ListJoiner {
 public:
  ListJoiner(size_t lists, size_t raw_bytes_max) : counts_(lists), raw_bytes_max_(raw_bytes_max) {}

  Status read(ByteReader& reader) {
    SPOOR_TRY(read_integers(reader, counts_));
    uint64_t entries = 0;
    for (int64_t count : counts_) {
      if (count < 0 || static_cast<uint64_t>(count) > kListEntriesMax) return damaged("bad count");
      entries += static_cast<uint64_t>(count);
    }
    uint64_t columns = reader.varint();
    if (reader.failed() || entries > kListEntriesMax || columns > entries) {
      return damaged("bad count");
    }
    codes_.resize(entries);
    SPOOR_TRY(read_integers(reader, codes_));
    int64_t met = 0;
    std::vector<size_t> counts(columns);
    for (int64_t& code : codes_) {
      code = code == 0 ? met++ : code - 1;
      if (code < 0 || code >= met || static_cast<uint64_t>(code) >= columns) {
        return damaged("unknown key");
      }
      ++counts[static_cast<size_t>(code)];
    }
    SPOOR_TRY(read_columns(reader, counts));
    return read_values(reader);
  }

  Result<StringPage> join() {
    std::vector<char> bytes;
    std::vector<int64_t> lengths;
    std::string list;
    size_t entry = 0;
    for (int64_t count : counts_) {
      list.clear();
      append_varint(list, static_cast<uint64_t>(count));
      for (int64_t i = 0; i < count; ++i) {
        if (bytes.size() + list.size() > raw_bytes_max_) break;
        append_entry(columns_[static_cast<size_t>(codes_[entry++])], list);
      }
      if (bytes.size() + list.size() > raw_bytes_max_) return damaged("larger than allowed");
      bytes.insert(bytes.end(), list.begin(), list.end());
      lengths.push_back(static_cast<int64_t>(list.size()));
    }
    return StringPage(std::move(bytes), 0, lengths);
  }

 private:
  Status read_columns(ByteReader& reader, std::span<const size_t> counts) {
    std::vector<int64_t> types(counts.size());
    SPOOR_TRY(read_integers(reader, types));
    for (size_t i = 0; i < counts.size(); ++i) {
      if (types[i] < 0 || types[i] > static_cast<int64_t>(ValueType::KeyValueList)) {
        return damaged("unknown type");
      }
      columns_.emplace_back(std::string_view(), static_cast<ValueType>(types[i])).count = counts[i];
    }
    auto own = static_cast<size_t>(std::ranges::count_if(columns_, &ListColumn::is_own));
    SPOOR_TRY(read_texts(reader, own, raw_bytes_max_, own_keys_));
    SPOOR_TRY(read_texts(reader, columns_.size() - own, raw_bytes_max_, other_keys_));
    size_t next_own = 0, next_other = 0;
    for (ListColumn& column : columns_) {
      column.key =
          column.is_own() ? own_keys_.values[next_own++] : other_keys_.values[next_other++];
    }
    return {};
  }

  Status read_values(ByteReader& reader) {
    size_t rest = 0;
    for (ListColumn& column : columns_) {
      if (column.is_own()) {
        SPOOR_TRY(read_column(reader, column));
      } else if (is_stored(column.type)) {
        rest += column.count;
      }
      column.count = column.is_own() ? kOwnValuesMin : 0;  // from here on only is_own() is asked
    }
    next_.resize(columns_.size());
    SPOOR_TRY(read_texts(reader, rest, raw_bytes_max_, rest_));
    return reader.failed() || !reader.at_end() ? damaged("bad length") : Status();
  }

  Status read_column(ByteReader& reader, ListColumn& column) {
    if (!is_stored(column.type)) return {};
    switch (page_type_of(column.type)) {
      case PageType::Integer:
        column.numbers.resize(column.count);
        return read_integers(reader, column.numbers);
      case PageType::Double:
        column.doubles.resize(column.count);
        return read_doubles(reader, column.doubles);
      default: {
        Texts texts;
        SPOOR_TRY(read_texts(reader, column.count, raw_bytes_max_, texts));
        column.texts = std::move(texts.values);
        for (StringPage& page : texts.pages) pages_.push_back(std::move(page));
        return {};
      }
    }
  }

  void append_entry(const ListColumn& column, std::string& list) {
    append_sized(list, column.key);
    list.push_back(static_cast<char>(column.type));
    if (!is_stored(column.type)) return;
    if (!column.is_own()) {
      list.append(rest_.values[next_rest_++]);
      return;
    }
    size_t next = next_[static_cast<size_t>(&column - columns_.data())]++;
    switch (column.type) {
      case ValueType::Bool:
        list.push_back(static_cast<char>(column.numbers[next]));
        break;
      case ValueType::Int:
        append_varint(list, zigzag_encode(column.numbers[next]));
        break;
      case ValueType::Double:
        append_le(list, column.doubles[next]);
        break;
      case ValueType::String:
      case ValueType::Bytes:
        append_sized(list, column.texts[next]);
        break;
      default:
        list.append(column.texts[next]);
    }
  }

  std::vector<int64_t> counts_;
  std::vector<int64_t> codes_;
  std::vector<ListColumn> columns_;
  std::vector<size_t> next_;  // by column: its values that were taken
  Texts own_keys_, other_keys_, rest_;
  std::vector<StringPage> pages_;
  size_t next_rest_ = 0;
  const size_t raw_bytes_max_;
};

}  // namespace

void encode_list_page(std::span<const std::string_view> lists, std::string& target) {
  SPOOR_ASSERT(!lists.empty() && lists.size() <= kVectorRows);
  ListSplitter splitter;
  bool are_lists = lists.size() >= kListsMin &&
                   std::ranges::all_of(lists, [&](auto list) { return splitter.add(list); });
  if (!are_lists) return codec::encode_strings(lists, target);
  target.push_back(kListForm);
  splitter.encode(target);
}

Result<StringPage> decode_text_page(std::string_view page, size_t count, size_t raw_bytes_max) {
  if (!page.starts_with(kListForm)) return StringPage::decode(page, count, raw_bytes_max);
  if (count == 0 || count > kVectorRows) return damaged("bad count");
  ByteReader reader(page.substr(1));
  ListJoiner joiner(count, raw_bytes_max);
  SPOOR_TRY(joiner.read(reader));
  return joiner.join();
}

Result<bool> text_page_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                   const codec::SoughtText& sought) {
  if (!page.starts_with(kListForm)) {
    return codec::strings_may_contain(page, count, raw_bytes_max, sought);
  }
  SPOOR_ASSIGN(StringPage lists, decode_text_page(page, count, raw_bytes_max));
  return lists.may_contain(sought);
}

}  // namespace spoor::store
