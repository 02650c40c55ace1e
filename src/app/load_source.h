// Where the requests of `spoor load` come from: generated, or read from a corpus file and shifted
// in time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "os/world.h"

namespace spoor::app {

// Fills the request with one body of OTLP protobuf; the number of its spans, 0 at the end and
// from then on. Called by one thread at a time.
using LoadSource = std::function<Result<uint64_t>(std::string& request)>;

struct GeneratedLoad {
  uint64_t seed = 1;
  uint64_t spans = 0;  // in all
  uint64_t spans_per_request = 512;
  // Traces begin evenly over this time back from the start of the load; 0: when they are made.
  uint64_t history_nanos = 0;
};

// `world` must outlive the source.
LoadSource generated_load(os::World& world, const GeneratedLoad& options);

// A file of requests, each behind its length in four little-endian bytes, as bench/corpus writes
// it. All times move by the same amount, so that the last span ends now. Stops once `spans_max`
// spans are given. Reads the whole file once to find that end; DataLoss names the place of what
// cannot be read.
Result<LoadSource> corpus_load(os::World& world, const std::string& path, uint64_t spans_max);

}  // namespace spoor::app
