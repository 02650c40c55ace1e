// The worked examples of docs/format: hexadecimal bytes that a test compares with what the code
// writes. An example is the fenced block behind a line `<!-- example: name -->`; a line of it is an
// offset, bytes, and after `#` a remark.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "os/real_world.h"

namespace spoor::test {

// The bytes, empty if there is no such example. `source_directory` is the repository's.
inline std::string worked_example(const std::string& source_directory, const std::string& document,
                                  const std::string& name) {
  os::RealWorld world;
  auto text = os::read_file(world, source_directory + "/docs/format/" + document, 1 << 20);
  if (!text.ok()) return {};
  size_t at = text->find("<!-- example: " + name + " -->\n```\n");
  if (at == std::string::npos) return {};
  at = text->find("```\n", at) + 4;
  std::string_view block = std::string_view(*text).substr(at, text->find("```", at) - at);
  std::string digits;
  while (!block.empty()) {
    std::string_view line = block.substr(0, block.find('\n'));
    block.remove_prefix(std::min(block.size(), line.size() + 1));
    line = line.substr(0, line.find('#'));
    line.remove_prefix(std::min<size_t>(line.size(), 4));
    for (char c : line) {
      if (c != ' ') digits.push_back(c);
    }
  }
  std::string bytes;
  return append_from_hex(bytes, digits) ? bytes : std::string();
}

// The bytes as such a block has them.
inline std::string hex_block(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    char piece[16];
    if (i % 16 == 0) {
      std::snprintf(piece, sizeof piece, "%s%04zx ", i == 0 ? "" : "\n", i);
      text += piece;
    }
    text += " " + to_hex(bytes.substr(i, 1));
  }
  return text + "\n";
}

}  // namespace spoor::test
