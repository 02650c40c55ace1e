// CRC32C (Castagnoli), as RFC 3720 appendix B.4 defines it.
#pragma once

#include <cstdint>
#include <string_view>

namespace spoor {

// The checksum of the bytes that `crc` covers followed by `bytes`. Uses the SSE4.2 instruction
// where the build has it.
uint32_t crc32c_extend(uint32_t crc, std::string_view bytes);

// The scalar twin: a table, one byte a step. The test compares the two.
uint32_t crc32c_extend_scalar(uint32_t crc, std::string_view bytes);

inline uint32_t crc32c(std::string_view bytes) {
  return crc32c_extend(0, bytes);
}

// A checksum bound to its place: the same bytes elsewhere (another file, another offset) do not
// match, so a misdirected read or write is found.
uint32_t crc32c_at_place(uint64_t file_id, uint64_t offset, std::string_view bytes);

}  // namespace spoor
