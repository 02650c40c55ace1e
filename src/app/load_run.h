// The sending side of `spoor load`: connections that take requests from a source, send them,
// repeat what the server asks to be repeated, and count.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/load_source.h"
#include "app/server_address.h"
#include "codec/compress.h"

namespace spoor::app {

// Times in buckets of 3 %.
class LatencyCounts {
 public:
  void add(uint64_t nanos);
  void add(const LatencyCounts& other);
  // The time below which that share of the requests lies, in nanoseconds; 0 without any.
  uint64_t quantile(double share) const;
  uint64_t max() const { return max_; }

 private:
  static constexpr uint32_t kStepBits = 5;
  static constexpr size_t kBuckets = 64 << kStepBits;
  static size_t bucket_of(uint64_t nanos);

  std::array<uint32_t, kBuckets> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

struct LoadCounts {
  uint64_t sent = 0;          // spans of requests that were tried
  uint64_t acknowledged = 0;  // spans
  uint64_t refused = 0;       // spans, by partial successes
  uint64_t lost = 0;          // spans of requests that were given up
  uint64_t requests = 0;
  uint64_t retried = 0;
  uint64_t nanos = 0;     // from the start to the last answer
  std::string complaint;  // the last answer that was none of success
  LatencyCounts latency;  // of the answers
};

struct LoadOptions {
  ServerAddress server;  // http, https, grpc or grpcs
  std::string tenant;
  codec::ContentEncoding encoding = codec::ContentEncoding::Identity;
  uint32_t connections = 4;
  uint64_t spans_per_second = 0;  // 0: as fast as answered
  uint64_t retry_nanos = 0;       // a request is given up after this time
};

class LoadRun {
 public:
  // Begins at once, one thread for each connection. `world` must outlive the run.
  LoadRun(os::World& world, LoadOptions options, LoadSource source);
  // Stops what is still going on.
  ~LoadRun();

  // So far.
  LoadCounts counts() const;
  // All requests have their outcome.
  bool is_done() const;
  // Takes no more requests and waits for no more answers than those under way.
  void stop();
  // Of the source; the run ends at it.
  Status source_status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor::app
