// What this process may use and what it does use: memory and cores of the machine as the
// process's control group limits them, and its own figures for /metrics. Reads /proc and
// /sys/fs/cgroup; a file that is missing or odd falls back to the next wider source.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace spoor::os {

struct Resources {
  uint64_t memory_bytes = 0;
  std::string memory_source;  // the file that set the limit, for the log
  uint32_t cores = 1;         // a part of a core counts as one
  std::string cores_source;
};

// `root` is where /proc and /sys are looked for; tests give their own.
Resources detect_resources(const std::string& root = "");

struct ProcessFacts {
  uint64_t resident_bytes = 0;
  uint64_t open_descriptors = 0;
  double cpu_seconds = 0;  // user and system
  UnixNanos start_time;
};

// A figure that cannot be read is 0.
ProcessFacts process_facts(const std::string& root = "");

}  // namespace spoor::os
