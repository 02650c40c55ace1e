// How many seeds a test against an oracle takes.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace spoor::test {

// As many as the test says, or as SPOOR_SEEDS says, for long campaigns (`./dev oracle`).
inline uint64_t seeds(uint64_t usual) {
  const char* text = std::getenv("SPOOR_SEEDS");
  if (text == nullptr) return usual;
  std::string_view given(text);
  uint64_t count = 0;
  auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), count);
  bool is_number = error == std::errc() && end == given.data() + given.size() && count > 0;
  if (!is_number) std::abort();
  return count;
}

}  // namespace spoor::test
