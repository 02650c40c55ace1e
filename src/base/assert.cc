#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace spoor {

void assert_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "spoor: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace spoor
