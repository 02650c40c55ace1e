#include "app/load_generator.h"

namespace spoor::app {

LoadGenerator::LoadGenerator(uint64_t seed) : shop_(seed), by_envelope_(shop_.envelopes().size()) {}

void LoadGenerator::next(size_t spans, UnixNanos start, std::string& request) {
  for (size_t i = 0; i < spans; ++i) {
    if (trace_next_ == trace_.entries.size()) {
      trace_.clear();
      trace_next_ = 0;
      shop_.add_trace(start, trace_);
    }
    const LoadSpans::Entry& entry = trace_.entries[trace_next_++];
    by_envelope_[entry.envelope].append(trace_.bytes, entry.at, entry.size);
  }
  request.clear();
  for (size_t i = 0; i < by_envelope_.size(); ++i) {
    if (by_envelope_[i].empty()) continue;
    shop_.envelopes()[i].append(by_envelope_[i], request);
    by_envelope_[i].clear();
  }
}

}  // namespace spoor::app
