// The manifest: what the store consists of at one moment. A new file per change, written whole,
// synced, then its name; the newest that reads well is in force. Layout: docs/format/manifest.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "os/world.h"
#include "store/log_position.h"
#include "store/part_format.h"

namespace spoor::store {

constexpr uint32_t kManifestVersion = 1;
constexpr std::string_view kManifestMagic = "SPOORMF1";

struct ManifestPart {
  PartId id;
  Day day;
  uint64_t size_bytes = 0;
  uint64_t spans = 0;
};

struct Manifest {
  uint64_t generation = 0;
  uint64_t next_part = 1;
  LogPosition log_floor = LogPosition::at(1, 0);  // replay starts here
  // Tenants by number, names never change. Numbers start at 1.
  std::map<uint32_t, std::string> tenants;
  std::vector<ManifestPart> parts;  // ordered by day, then id
};

std::string encode(const Manifest& manifest);
Result<Manifest> decode_manifest(std::string_view bytes, uint64_t generation);

struct LoadedManifest {
  Manifest manifest;  // generation 0 if no file can be read
  // Whether it was put together from what is on the disk (find_manifest() in recovery.h).
  bool rebuilt = false;
  // Manifests newer than the one in force that could not be read: a power cut while writing, or
  // damage. Parts they named may exist that the manifest in force does not know.
  std::vector<std::string> unreadable;
};
// DataLoss only if there are manifests and none can be read and no rebuild is possible; that is
// left to the caller: then `manifest.generation` is 0 and `unreadable` is not empty.
Result<LoadedManifest> load_manifest(os::World& world, const std::string& root);

// One file. The error names it.
Result<Manifest> read_manifest(os::World& world, const std::string& root, uint64_t generation);

// Every manifest on the disk, newest first. An error if one cannot be read: who removes files that
// none of them names must not guess.
Result<std::vector<Manifest>> all_manifests(os::World& world, const std::string& root);

// Puts the manifest in force: after return it survives a power cut. Keeps the one before it.
Status commit_manifest(os::World& world, const std::string& root, const Manifest& manifest);

}  // namespace spoor::store
