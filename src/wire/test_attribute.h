// The two ways in which the decoder reads an attribute, side by side, for tests and fuzzers.
#pragma once

#include "base/assert.h"
#include "wire/otlp_decode.h"
#include "wire/protobuf.h"

namespace spoor::wire {

// A request with one span that has one attribute of these bytes.
inline std::string request_with_attribute(std::string_view attribute) {
  ProtobufWriter out;
  out.bytes(9, attribute);
  out.message(2, 0);
  out.message(2, 0);
  out.message(1, 0);
  return std::string(out.view());
}

// Whether both ways agree: an unknown field in front says nothing, but keeps the decoder from the
// short way.
inline bool ways_agree(std::string_view bytes) {
  constexpr std::string_view kUnknownField("\x78\x00", 2);
  std::string plain = request_with_attribute(bytes);
  std::string general = request_with_attribute(std::string(kUnknownField).append(bytes));
  auto first = decode_otlp(plain);
  auto second = decode_otlp(general);
  if (!first.ok() || !second.ok()) return first.ok() == second.ok();
  return first->batch.spans[0] == second->batch.spans[0] &&
         first->defects.size() == second->defects.size();
}

}  // namespace spoor::wire
