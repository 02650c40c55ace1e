#include "store/recovery.h"

#include <algorithm>
#include <set>

#include "base/log.h"
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

// Takes into the manifest what newer flushes left, as far as it reads well. Rows that the log
// holds as well come twice and are told apart by their content when they are read.
Status adopt_parts(os::World& world, const std::string& root, Manifest& manifest) {
  SPOOR_ASSIGN(auto on_disk, list_parts(world, root));
  std::set<PartId> known;
  for (const ManifestPart& part : manifest.parts) known.insert(part.id);
  uint64_t generation = manifest.generation;
  for (const PartOnDisk& place : on_disk) {
    manifest.next_part = std::max(manifest.next_part, place.id.value + 1);
    if (known.contains(place.id)) continue;
    auto file = PartFile::open(world, place.path, place.id, place.day);
    if (!file.ok() || (*file)->footer().generation <= generation) continue;
    ManifestPart part{place.id, place.day, (*file)->size_bytes(), 0};
    for (const PartSection& section : (*file)->footer().sections) {
      part.spans += section.spans;
      manifest.tenants.try_emplace(section.tenant, section.tenant_name);
    }
    manifest.parts.push_back(part);
    log_warning("part adopted: the manifest that named it cannot be read", {{"part", place.path}});
  }
  std::ranges::sort(manifest.parts, {},
                    [](const ManifestPart& p) { return std::pair(p.day, p.id); });
  return {};
}

void remove_unnamed_parts(os::World& world, const std::string& root, const Manifest& manifest) {
  std::set<PartId> known;
  for (const ManifestPart& part : manifest.parts) known.insert(part.id);
  auto on_disk = list_parts(world, root);
  if (!on_disk.ok()) return;
  for (const PartOnDisk& place : *on_disk) {
    if (!known.contains(place.id)) (void)world.remove_file(place.path);
  }
}

class Replay {
 public:
  Replay(os::World& world, const RecoveryOptions& options, RepeatFilter& repeats,
         Recovered& recovered)
      : world_(world), options_(options), repeats_(repeats), recovered_(recovered) {}

  Status run() {
    recovered_.head = std::make_shared<Head>(options_.shards_per_tenant);
    SPOOR_ASSIGN(
        recovered_.log,
        read_log(world_, options_.root, recovered_.manifest.log_floor, SyncFirst::Yes,
                 [&](const LogRecord& record, LogPosition end) { return replay(record, end); }));
    report();
    return {};
  }

 private:
  Status replay(const LogRecord& record, LogPosition end) {
    Result<TenantId> tenant = TenantId::parse(record.tenant);
    if (!tenant.ok())
      return data_loss("record of a tenant that cannot be: " + tenant.status().message());
    Result<ReplayedBody> body = options_.decode(record);
    if (!body.ok()) return data_loss("record cannot be decoded: " + body.status().message());
    if (!record.refused.empty() && record.refused.back() >= body->batch.spans.size()) {
      return data_loss("verdict names a span that is not in the record");
    }
    recovered_.head->append(*tenant, body->batch, record.refused, end);
    uint64_t age = world_.now().value - record.received.value;
    if (age < kRepeatWindowMinutes * kNanosPerMinute) {
      repeats_.remember(RepeatFilter::key_of(record.tenant, record.body_hash), end,
                        record.received);
    }
    return recovered_.head->size_bytes() < options_.head_bytes ? Status() : write_head(end);
  }

  // A long log is replayed in pieces, so that memory stays bounded.
  Status write_head(LogPosition floor) {
    recovered_.head->seal();
    Manifest next = recovered_.manifest;
    SPOOR_TRY(write_parts(
        world_, options_.root, *recovered_.head, [](LogPosition) { return true; }, floor, next));
    SPOOR_TRY(commit_manifest(world_, options_.root, next));
    recovered_.manifest = std::move(next);
    recovered_.head = std::make_shared<Head>(options_.shards_per_tenant);
    return {};
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
};

}  // namespace

void remove_segments_below(os::World& world, const std::string& root, LogPosition floor) {
  auto segments = list_segments(world, root);
  if (!segments.ok()) return;
  for (uint64_t segment : *segments) {
    if (segment < floor.segment()) (void)world.remove_file(segment_path(root, segment));
  }
}

Result<LoadedManifest> find_manifest(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(LoadedManifest loaded, load_manifest(world, root));
  bool rebuilt = !loaded.unreadable.empty() || loaded.manifest.generation == 0;
  if (!rebuilt) return loaded;
  SPOOR_TRY(adopt_parts(world, root, loaded.manifest));
  if (loaded.manifest.generation == 0) {
    SPOOR_ASSIGN(auto segments, list_segments(world, root));
    if (!segments.empty()) loaded.manifest.log_floor = LogPosition::at(segments.front(), 0);
  }
  // The generation to come must be newer than the files that cannot be read.
  for (const std::string& path : loaded.unreadable) {
    auto generation = parse_manifest_name(path.substr(path.rfind('/') + 1));
    if (generation) loaded.manifest.generation = std::max(loaded.manifest.generation, *generation);
  }
  return loaded;
}

Result<Recovered> recover(os::World& world, const RecoveryOptions& options, RepeatFilter& repeats) {
  Recovered recovered;
  SPOOR_ASSIGN(LoadedManifest loaded, find_manifest(world, options.root));
  recovered.manifest = std::move(loaded.manifest);
  recovered.unreadable_manifests = std::move(loaded.unreadable);
  for (const std::string& path : recovered.unreadable_manifests) {
    log_warning("manifest cannot be read: a power cut while writing it, or damage",
                {{"manifest", path}});
  }
  if (!recovered.unreadable_manifests.empty()) {
    ++recovered.manifest.generation;
    SPOOR_TRY(commit_manifest(world, options.root, recovered.manifest));
  }
  remove_unnamed_parts(world, options.root, recovered.manifest);
  SPOOR_TRY(Replay(world, options, repeats, recovered).run());
  recovered.parts = PartSet::open(world, options.root, recovered.manifest, nullptr);
  remove_segments_below(world, options.root, recovered.manifest.log_floor);
  recovered.next_segment =
      std::max(recovered.log.last_segment, recovered.manifest.log_floor.segment()) + 1;
  return recovered;
}

}  // namespace spoor::store
