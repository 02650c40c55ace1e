// Proves a store, stopped or live, also one that Store::open() refuses: reads every byte that the
// manifest in force and the log floor say is needed, compares all checksums and counts, and
// changes nothing.
//
// Of a live store the parts are complete; the end of its log is being written meanwhile, which
// may show as Unfinished.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "os/world.h"

namespace spoor::store {

struct VerifyFinding {
  enum class Kind {
    Damage,      // something that was acknowledged cannot be read as it was written
    Newer,       // written by a later version: it cannot be checked
    Unfinished,  // left by a process that was cut off: never acknowledged, or not in force
  };
  Kind kind = Kind::Damage;
  std::string path;
  std::optional<uint64_t> offset;  // in the file
  std::string what;
};

struct VerifyReport {
  uint64_t manifests = 0;
  uint64_t parts = 0;
  uint64_t sections = 0;
  uint64_t traces = 0;
  uint64_t spans = 0;     // in parts
  uint64_t blocks = 0;    // of parts, each with a checksum
  uint64_t segments = 0;  // of the log
  uint64_t records = 0;   // from the log floor on
  uint64_t bytes = 0;     // of all files read
  std::vector<VerifyFinding> findings;

  bool is_sound() const;  // no Damage
};

// An error only if there is no store at `root`; everything else is a finding.
Result<VerifyReport> verify_store(os::World& world, const std::string& root);

// "part /s/days/2026-01-01/0000000000000001.part at 532: block ..., expected ..., got ..."
std::string to_string(const VerifyFinding& finding);

}  // namespace spoor::store
