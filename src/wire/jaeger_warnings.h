// What the adjusters of a trace tell about its spans.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/span.h"

namespace spoor::wire {

class SpanWarnings {
 public:
  // `index` is the span's in its batch.
  void add(uint32_t index, std::string text) { texts_[index].push_back(std::move(text)); }

  // Puts them behind those that the span's kJaegerWarningsKey has.
  void write_to(SpanBatch& batch) const;

 private:
  std::map<uint32_t, std::vector<std::string>> texts_;
};

}  // namespace spoor::wire
