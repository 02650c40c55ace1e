// Reading objects of protobuf's JSON mapping from simdjson's tree. Included only by files that
// decode JSON; simdjson stays out of the other headers.
//
// Errors are a path built while the readers return ("resourceSpans[0].scopeSpans[1].scope.name")
// and what was expected there.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::wire {

using JsonElement = simdjson::dom::element;

// Parses a whole text; `root` points into `parser`. InvalidArgument, with the place where it is
// known, for what is no JSON or has more than `depth_max` levels of objects and lists.
Status parse_json(std::string_view json, uint32_t depth_max, simdjson::dom::parser& parser,
                  JsonElement& root);

// A field in protobuf's JSON name and in its original name, both of which parsers accept.
struct JsonName {
  std::string_view camel;
  std::string_view snake;
};

// A field of an object: its value, or nothing if it is missing or null.
struct JsonField {
  std::string_view name;
  JsonElement value;
  bool present = false;
};

template <size_t N>
using JsonFields = std::array<JsonField, N>;

class JsonReader {
 public:
  // Picks the named fields out of an object; of a key given twice the last one, other keys are
  // ignored.
  template <size_t N>
  bool object(JsonElement element, const std::array<JsonName, N>& names, JsonFields<N>& fields) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return wrong(element, "an object");
    for (auto [key, value] : object) {
      for (size_t i = 0; i < N; ++i) {
        if (key != names[i].camel && key != names[i].snake) continue;
        fields[i] = {names[i].camel, value, !value.is_null()};
        break;
      }
    }
    return true;
  }

  // Calls read(element) for each entry of a list that is not null.
  template <typename Function>
  bool each(const JsonField& field, Function read) {
    if (!field.present) return true;
    simdjson::dom::array array;
    if (field.value.get(array) != simdjson::SUCCESS) return wrong(field, "an array");
    size_t index = 0;
    for (JsonElement entry : array) {
      if (!entry.is_null() && !read(entry)) return within(field.name, index);
      ++index;
    }
    return true;
  }

  // The readers leave the target alone if the field is not present.
  bool text(const JsonField& field, std::string_view& target);
  bool boolean(const JsonField& field, bool& target);  // NOLINT: the field is one
  bool uint64(const JsonField& field, uint64_t& target);
  bool int64(const JsonField& field, int64_t& target);
  // An integer, as number or string, that does not fit: 9223372036854775808.
  static bool is_beyond_int64(const JsonField& field);
  bool uint32(const JsonField& field, uint32_t& target);
  bool number(const JsonField& field, double& target);
  // An enum of which `names` has the values from 0 on, as number or as name.
  template <size_t N>
  bool enumeration(const JsonField& field, const std::array<std::string_view, N>& names,
                   uint32_t& target) {
    return enumeration(field, names.data(), N, target);
  }

  // All return false, for `return wrong(...)`.
  bool wrong(JsonElement element, std::string_view expected);
  bool wrong(const JsonField& field, std::string_view expected);
  bool within(std::string_view name);
  bool within(std::string_view name, size_t index);

  // True if the readers failed for what the JSON says, not for a limit.
  bool has_error() const { return !expected_.empty(); }
  Status error() const;

 private:
  bool enumeration(const JsonField& field, const std::string_view* names, size_t count,
                   uint32_t& target);

  std::string path_;
  std::string expected_;
};

}  // namespace spoor::wire
