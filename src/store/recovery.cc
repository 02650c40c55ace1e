#include "store/recovery.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/log.h"
#include "store/assemble.h"
#include "store/file_names.h"
#include "store/flush.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

struct PartOnDisk {
  PartId id;
  Day day;
  std::string path;
};

Result<std::vector<PartOnDisk>> list_parts(os::World& world, const std::string& root) {
  std::vector<PartOnDisk> parts;
  SPOOR_ASSIGN(auto day_names, world.list_directory(days_directory(root)));
  for (const std::string& day_name : day_names) {
    auto day = parse_day_name(day_name);
    if (!day) continue;
    SPOOR_ASSIGN(auto names, world.list_directory(day_directory(root, *day)));
    for (const std::string& name : names) {
      auto number = parse_part_name(name);
      if (!number) continue;
      parts.push_back({PartId{*number}, *day, part_path(root, *day, PartId{*number})});
    }
  }
  return parts;
}

// Whether the file may have been written to its end, whatever became of it later: false only where
// it certainly was not.
bool may_be_finished(os::World& world, const std::string& path, uint64_t& size_bytes) {
  auto file = world.open(path, os::OpenMode::Read);
  if (!file.ok()) return true;
  Result<uint64_t> size = (*file)->size();
  if (!size.ok()) return true;
  size_bytes = *size;
  if (*size < kPartHeaderBytes + kPartTrailerBytes) return false;
  std::string magic(kPartTrailerMagic.size(), '\0');
  return !(*file)->read_at(*size - magic.size(), magic).ok() || magic == kPartTrailerMagic;
}

// The manifest's entry for a part that it does not know; nothing if the part was never in force
// or nothing is to be had from it.
std::optional<ManifestPart> describe_part(os::World& world, const PartOnDisk& place,
                                          uint64_t generation, Manifest& manifest) {
  auto file = PartFile::open(world, place.path, place.id, place.day);
  if (!file.ok()) {
    // Its rows may be nowhere else: it is named, and told to be missing, until someone mends or
    // removes it. A file without an end is what a flush left that was cut off.
    ManifestPart part{place.id, place.day, 0, 0};
    if (may_be_finished(world, place.path, part.size_bytes)) return part;
    return std::nullopt;
  }
  const PartFooter& footer = (*file)->footer();
  if (footer.generation <= generation) return std::nullopt;
  ManifestPart part{place.id, place.day, (*file)->size_bytes(), 0};
  for (const PartSection& section : footer.sections) {
    part.spans += section.spans;
    // Where names contradict each other the part is quarantined when it is opened.
    manifest.tenants.try_emplace(section.tenant, section.tenant_name);
  }
  manifest.generation = std::max(manifest.generation, footer.generation);
  return part;
}

// Takes into the manifest what newer flushes left, as far as it reads well. Rows that the log
// holds as well come twice and are told apart by their content when they are read.
void adopt_parts(os::World& world, const std::vector<PartOnDisk>& on_disk, Manifest& manifest) {
  std::set<PartId> known;
  for (const ManifestPart& part : manifest.parts) known.insert(part.id);
  const uint64_t generation = manifest.generation;
  for (const PartOnDisk& place : on_disk) {
    if (known.contains(place.id)) continue;
    auto part = describe_part(world, place, generation, manifest);
    if (!part) continue;
    known.insert(place.id);
    manifest.next_part = std::max(manifest.next_part, place.id.value + 1);
    manifest.parts.push_back(*part);
    log_warning("part adopted: the manifest that named it cannot be read", {{"part", place.path}});
  }
  std::ranges::sort(manifest.parts, {},
                    [](const ManifestPart& p) { return std::pair(p.day, p.id); });
}

// Removes what flushes left that did not come into force.
void remove_unnamed_parts(os::World& world, const std::string& root) {
  auto manifests = all_manifests(world, root);
  auto on_disk = list_parts(world, root);
  if (!on_disk.ok() || !manifests.ok()) return;
  std::set<std::pair<PartId, Day>> known;
  for (const Manifest& manifest : *manifests) {
    for (const ManifestPart& part : manifest.parts) known.insert({part.id, part.day});
  }
  for (const PartOnDisk& place : *on_disk) {
    if (!known.contains({place.id, place.day})) (void)world.remove_file(place.path);
  }
}

// What a process that was killed had not synced yet is in the page cache only.
Status make_durable(os::World& world, const std::string& path, const std::string& directory) {
  SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::Write));
  SPOOR_TRY(file->sync());
  return world.sync_directory(directory);
}

// Puts a new or rebuilt manifest in force, or makes sure that the one that was found is.
Status settle_manifest(os::World& world, const std::string& root, LoadedManifest& loaded) {
  Manifest& manifest = loaded.manifest;
  if (!loaded.rebuilt && manifest.generation > 0) {
    std::string path = manifest_path(root, manifest.generation);
    SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::Write));
    SPOOR_TRY(file->write_at(0, encode(manifest)));  // as in rewrite_undurable()
    SPOOR_TRY(file->sync());
    return world.sync_directory(root);
  }
  for (const ManifestPart& part : manifest.parts) {
    Status durable =
        make_durable(world, part_path(root, part.day, part.id), day_directory(root, part.day));
    if (!durable.ok() && durable.code() != Code::NotFound) return durable;
  }
  ++manifest.generation;
  SPOOR_TRY(commit_manifest(world, root, manifest));
  for (const std::string& path : loaded.unreadable) {
    log_warning("manifest cannot be read: a power cut while writing it, or damage",
                {{"manifest", path}});
    (void)world.remove_file(path);
  }
  return {};
}

// What a record decodes to must be what admission lets through, or the head could not hold it.
Status check_batch(const SpanBatch& batch, std::span<const uint32_t> refused) {
  if (!refused.empty() && refused.back() >= batch.spans.size()) {
    return data_loss("verdict names a span that is not in the record");
  }
  auto next_refused = refused.begin();
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    if (next_refused != refused.end() && *next_refused == i) {
      ++next_refused;
      continue;
    }
    const Span& span = batch.spans[i];
    bool good_ids = span.trace_id.size() == TraceId::kSize &&
                    span.span_id.size() == SpanId::kSize &&
                    (span.parent_span_id.empty() || span.parent_span_id.size() == SpanId::kSize);
    bool known = span.resource < batch.resources.size() && span.scope < batch.scopes.size();
    bool fits = span.events.size() <= kChildrenMax && span.links.size() <= kChildrenMax;
    if (!good_ids || !known || !fits) {
      return data_loss("record holds a span that admission refuses and its verdict does not");
    }
  }
  return {};
}

class Replay {
 public:
  Replay(os::World& world, const RecoveryOptions& options, RepeatFilter& repeats,
         Recovered& recovered)
      : world_(world), options_(options), repeats_(repeats), recovered_(recovered) {}

  Status run() {
    recovered_.head = std::make_shared<Head>(options_.shards_per_tenant);
    ReadLogOptions reading{recovered_.manifest.log_floor, SyncFirst::Yes, {}};
    Result<LogScan> scan =
        read_log(world_, options_.root, reading,
                 [&](const LogRecord& record, LogPosition end) { return replay(record, end); });
    SPOOR_TRY(write_failure_);
    SPOOR_ASSIGN(recovered_.log, std::move(scan));
    report();
    return {};
  }

  // A long log is replayed in pieces, so that memory stays bounded.
  Status write_head(LogPosition floor) {
    recovered_.head->seal();
    Manifest next = recovered_.manifest;
    Status written = write_parts(
        world_, options_.root, *recovered_.head, [](LogPosition) { return true; }, floor, next);
    if (written.ok()) written = commit_manifest(world_, options_.root, next);
    if (!written.ok()) {
      recovered_.manifest.generation = next.generation;  // ST-6
      recovered_.manifest.next_part = next.next_part;
      recovered_.head->unseal();
      return written;
    }
    recovered_.manifest = std::move(next);
    recovered_.head = std::make_shared<Head>(options_.shards_per_tenant);
    return {};
  }

 private:
  Status replay(const LogRecord& record, LogPosition end) {
    Result<TenantId> tenant = TenantId::parse(record.tenant);
    if (!tenant.ok()) {
      return data_loss("record of a tenant that cannot be: " + tenant.status().message());
    }
    Result<ReplayedBody> body = options_.decode(record);
    if (!body.ok()) return data_loss("record cannot be decoded: " + body.status().message());
    SPOOR_TRY(check_batch(body->batch, record.refused));
    recovered_.head->append(*tenant, body->batch, record.refused, end);
    uint64_t age = world_.now().value - record.received.value;
    if (age < kRepeatWindowMinutes * kNanosPerMinute) {
      repeats_.remember(RepeatFilter::key_of(record.tenant, record.body_hash), end,
                        record.received);
    }
    if (recovered_.head->size_bytes() < options_.head_bytes || is_disk_full_) return {};
    write_failure_ = write_head(end);
    if (write_failure_.code() == Code::ResourceExhausted) {
      // The rest stays in memory: it was there before the restart.
      is_disk_full_ = true;
      write_failure_ = Status();
    }
    // Not damage of this record, whatever the cause: it must end the scan.
    return write_failure_.ok() ? Status() : Status(Code::Aborted, write_failure_.message());
  }

  void report() {
    for (const LogDamage& damage : recovered_.log.damages) {
      log_error("log is damaged: what was acknowledged here is lost; the rest was replayed",
                {{"segment", damage.path},
                 {"offset", std::to_string(damage.offset)},
                 {"bytes", std::to_string(damage.bytes)},
                 {"reason", damage.reason}});
    }
    for (const LogDamage& tail : recovered_.log.torn_tails) {
      log_info("log ends in a record that was not finished and not acknowledged",
               {{"segment", tail.path}, {"offset", std::to_string(tail.offset)}});
    }
    if (recovered_.log.records == 0) return;
    log_info("log replayed", {{"records", std::to_string(recovered_.log.records)},
                              {"bytes", std::to_string(recovered_.log.bytes)},
                              {"spans", std::to_string(recovered_.head->spans())}});
  }

  os::World& world_;
  const RecoveryOptions& options_;
  RepeatFilter& repeats_;
  Recovered& recovered_;
  Status write_failure_;
  bool is_disk_full_ = false;
};

// Moves the floor where the log need not be read again: behind a torn place, which must not look
// like damage beside what is logged from now on, and behind everything when nothing is left.
Status raise_floor(os::World& world, const std::string& root, Replay& replay,
                   Recovered& recovered) {
  if (recovered.log.torn_before_end) SPOOR_TRY(replay.write_head(recovered.log.end));
  bool is_empty = recovered.head->spans() == 0 && recovered.log.damages.empty();
  if (!is_empty || recovered.log.segments.empty()) return {};
  Manifest next = recovered.manifest;
  ++next.generation;
  next.log_floor = LogPosition::at(recovered.next_segment, 0);
  Status committed = commit_manifest(world, root, next);
  recovered.manifest.generation = next.generation;  // ST-6, should it have failed
  SPOOR_TRY(committed);
  recovered.manifest = std::move(next);
  return {};
}

void find_retired(os::World& world, const std::string& root, Recovered& recovered) {
  auto manifests = all_manifests(world, root);
  if (!manifests.ok()) return;
  std::set<PartId> known;
  for (const ManifestPart& part : recovered.manifest.parts) known.insert(part.id);
  for (const Manifest& manifest : *manifests) {
    for (const ManifestPart& part : manifest.parts) {
      if (known.insert(part.id).second) recovered.retired.push_back(part);
    }
  }
}

// Gives back what was preallocated and is not needed: a process that is killed again and again
// must not fill the disk with empty segments.
void trim_segments(os::World& world, const std::string& root, const LogScan& log) {
  for (const LogScan::Segment& segment : log.segments) {
    if (segment.damaged || segment.size_bytes <= segment.end || !segment.zero_rest) continue;
    auto file = world.open(segment_path(root, segment.number), os::OpenMode::Write);
    if (file.ok()) (void)(*file)->truncate(segment.end);
  }
}

}  // namespace

void remove_unneeded_segments(os::World& world, const std::string& root) {
  auto manifests = all_manifests(world, root);
  auto segments = list_segments(world, root);
  if (!manifests.ok() || manifests->empty() || !segments.ok()) return;
  LogPosition floor = manifests->front().log_floor;
  for (const Manifest& manifest : *manifests) floor = std::min(floor, manifest.log_floor);
  for (uint64_t segment : *segments) {
    if (segment < floor.segment()) (void)world.remove_file(segment_path(root, segment));
  }
}

Result<LoadedManifest> find_manifest(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(LoadedManifest loaded, load_manifest(world, root));
  Manifest& manifest = loaded.manifest;
  if (manifest.generation > 0 && loaded.unreadable.empty()) return loaded;
  SPOOR_ASSIGN(auto segments, list_segments(world, root));
  SPOOR_ASSIGN(auto on_disk, list_parts(world, root));
  bool is_new = loaded.unreadable.empty() && segments.empty() && on_disk.empty();
  if (is_new) return loaded;
  loaded.rebuilt = true;
  bool without_base = manifest.generation == 0;
  adopt_parts(world, on_disk, manifest);
  if (without_base && !segments.empty()) {
    manifest.log_floor = LogPosition::at(segments.front(), 0);
  }
  // The generation to come must be newer than the files that cannot be read.
  for (const std::string& path : loaded.unreadable) {
    auto generation = parse_manifest_name(path.substr(path.rfind('/') + 1));
    if (generation) manifest.generation = std::max(manifest.generation, *generation);
  }
  return loaded;
}

Result<Recovered> recover(os::World& world, const RecoveryOptions& options, RepeatFilter& repeats) {
  Recovered recovered;
  SPOOR_ASSIGN(LoadedManifest loaded, find_manifest(world, options.root));
  SPOOR_TRY(settle_manifest(world, options.root, loaded));
  recovered.manifest = std::move(loaded.manifest);
  recovered.unreadable_manifests = std::move(loaded.unreadable);
  remove_unnamed_parts(world, options.root);
  Replay replay(world, options, repeats, recovered);
  SPOOR_TRY(replay.run());
  SPOOR_TRY(rewrite_undurable(world, options.root, recovered.log));
  recovered.next_segment =
      std::max(recovered.log.last_segment, recovered.manifest.log_floor.segment()) + 1;
  Status raised = raise_floor(world, options.root, replay, recovered);
  if (raised.code() == Code::ResourceExhausted) {
    recovered.no_space = raised;
  } else {
    SPOOR_TRY(raised);
  }
  trim_segments(world, options.root, recovered.log);
  recovered.parts = PartSet::open(world, options.root, recovered.manifest, nullptr);
  remove_unneeded_segments(world, options.root);
  find_retired(world, options.root, recovered);
  return recovered;
}

}  // namespace spoor::store
