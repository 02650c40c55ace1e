// Spans to measure bytes on disk with, generated in process: the shop of `spoor load` and what
// tracing is used for beside the usual. The same name gives the same spans. Single-threaded.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "model/span.h"

namespace spoor::bench {

// Fills the batch with the next spans, about as many as one request brings.
using Corpus = std::function<void(SpanBatch& batch)>;

struct NamedCorpus {
  std::string_view name;
  std::string_view meaning;
  Corpus (*make)();
};

std::span<const NamedCorpus> disk_corpora();

}  // namespace spoor::bench
