// SPOOR_ASSERT guards invariants of our own code and stays on in release builds: a broken
// invariant stops the process before it can write or answer something wrong. It must never be
// reachable by input or by what lies on a disk; those are reported as a Status.
#pragma once

namespace spoor {

// Prints the expression and its place to standard error and aborts.
[[noreturn]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace spoor

#define SPOOR_ASSERT(condition)                              \
  (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) \
                                      : ::spoor::assert_failed(#condition, __FILE__, __LINE__))
