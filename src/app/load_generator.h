// OTLP requests as a batching Collector in front of the shop (load_shop.h) would send them: so
// many spans each, by pod, a trace now and then cut by the end of a request.
//
// The same seed and the same calls give the same bytes. Single-threaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/load_shop.h"

namespace spoor::app {

class LoadGenerator {
 public:
  explicit LoadGenerator(uint64_t seed);

  // Fills `request` with an ExportTraceServiceRequest of so many spans. Traces that begin in it
  // begin at `start`.
  void next(size_t spans, UnixNanos start, std::string& request);

 private:
  LoadShop shop_;
  LoadSpans trace_;        // made, of which ...
  size_t trace_next_ = 0;  // ... so many spans are sent
  std::vector<std::string> by_envelope_;
};

}  // namespace spoor::app
