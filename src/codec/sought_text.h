// What pages of texts are searched for.
#pragma once

#include <cstdint>
#include <string_view>

namespace spoor::codec {

struct SoughtText {
  enum class As : uint8_t { Whole, Part };  // a text is this one, or contains it
  As as = As::Whole;
  std::string_view text;  // not empty
};

}  // namespace spoor::codec
