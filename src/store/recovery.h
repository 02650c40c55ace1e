// Brings a store back from its directory: finds the manifest in force (or rebuilds one from the
// parts), opens parts, replays the log into a head.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/world.h"
#include "store/head.h"
#include "store/log_reader.h"
#include "store/manifest.h"
#include "store/part_set.h"
#include "store/repeat_filter.h"

namespace spoor::store {

// Decodes a request body as ingest did, given with the content encoding of the record. The
// batch may point into memory that `body_storage` keeps.
struct ReplayedBody {
  SpanBatch batch;
  std::string storage;
};
using ReplayDecoder = std::function<Result<ReplayedBody>(const LogRecord& record)>;

struct RecoveryOptions {
  std::string root;
  uint32_t shards_per_tenant = 1;
  size_t head_bytes = 0;  // a replayed head of this size is written to parts on the way
  ReplayDecoder decode;
};

struct Recovered {
  Manifest manifest;
  std::shared_ptr<const PartSet> parts;
  std::shared_ptr<Head> head;
  LogScan log;
  std::vector<std::string> unreadable_manifests;
  uint64_t next_segment = 1;
  // Parts that only an older of the kept manifests names: their files go with it.
  std::vector<ManifestPart> retired;
  // Not OK: the disk was too full to settle what the log ends in; before the log goes on, the
  // replayed rows have to be in parts.
  Status no_space;
};

// REQUIRES: the directory is locked and exists. Believes nothing that the page cache alone may
// hold. Removes part files that no manifest names and segments that none needs.
Result<Recovered> recover(os::World& world, const RecoveryOptions& options, RepeatFilter& repeats);

// The manifest in force, or, where the newest cannot be read, the one rebuilt from what the part
// files say of themselves; generation 0 for a new store. Changes nothing on disk.
Result<LoadedManifest> find_manifest(os::World& world, const std::string& root);

// Removes the segments that none of the kept manifests needs: should the newest be damaged, the
// one before it finds its part of the log still there.
void remove_unneeded_segments(os::World& world, const std::string& root);

}  // namespace spoor::store
