// A regex, a zero byte and a text: where the regex matches the text, the text contains the piece
// that was said to be required.
#include "query/regex_literal.h"

#include <re2/re2.h>

#include <cstdint>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kRegexBytesMax = 256;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string_view regex = bytes.substr(0, bytes.find('\0'));
  std::string literal = spoor::query::required_literal(regex);
  if (regex.size() == bytes.size() || regex.size() > kRegexBytesMax) return 0;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  re2::RE2 compiled(regex, options);
  std::string_view text = bytes.substr(regex.size() + 1);
  if (compiled.ok() && re2::RE2::FullMatch(text, compiled)) {
    SPOOR_ASSERT(text.find(literal) != text.npos);
  }
  return 0;
}
