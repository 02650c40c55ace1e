#include "store/verify.h"

#include <algorithm>
#include <set>

#include "store/file_names.h"
#include "store/log_reader.h"
#include "store/manifest.h"
#include "store/recovery.h"
#include "store/verify_part.h"

namespace spoor::store {
namespace {

using Kind = VerifyFinding::Kind;

// A live store may put a new manifest in force while the old one is followed.
constexpr int kAttemptsMax = 3;

class StoreVerifier {
 public:
  StoreVerifier(os::World& world, const std::string& root) : world_(world), root_(root) {}

  Status run() {
    SPOOR_TRY(check_manifests());
    Result<LoadedManifest> loaded = find_manifest(world_, root_);
    if (!loaded.ok()) {
      add(Kind::Damage, root_, "no manifest can be followed: " + loaded.status().message());
      return {};
    }
    manifest_ = std::move(loaded->manifest);
    for (const ManifestPart& part : manifest_.parts) {
      verify_part(world_, part_path(root_, part.day, part.id), part, manifest_, VerifyDepth::Rows,
                  report);
    }
    check_unnamed_parts();
    check_log();
    return {};
  }

  // Whether another manifest came into force meanwhile, so that files may be gone by right.
  bool was_overtaken() const {
    Result<LoadedManifest> now = load_manifest(world_, root_);
    return now.ok() && now->manifest.generation > manifest_.generation;
  }

  VerifyReport report;

 private:
  void add(Kind kind, std::string path, std::string what, std::optional<uint64_t> offset = {}) {
    report.findings.push_back({kind, std::move(path), offset, std::move(what)});
  }

  Status check_manifests() {
    SPOOR_ASSIGN(auto names, world_.list_directory(root_));
    for (const std::string& name : names) {
      auto generation = parse_manifest_name(name);
      if (!generation) continue;
      ++report.manifests;
      std::string path = root_ + "/" + name;
      Result<Manifest> manifest = read_manifest(world_, root_, *generation);
      if (!manifest.ok()) add(Kind::Damage, path, manifest.status().message());
      if (!manifest.ok()) continue;
      report.bytes += encode(*manifest).size();
    }
    // A store that was made but never opened to its end has none of these.
    if (report.manifests == 0) add(Kind::Damage, root_, "there is no manifest");
    return {};
  }

  void check_unnamed_parts() {
    std::set<std::string> named;
    for (const ManifestPart& part : manifest_.parts) {
      named.insert(part_path(root_, part.day, part.id));
    }
    auto days = world_.list_directory(days_directory(root_));
    if (!days.ok()) return add(Kind::Damage, days_directory(root_), days.status().message());
    for (const std::string& day : *days) {
      std::string directory = days_directory(root_) + "/" + day;
      auto names = world_.list_directory(directory);
      if (!names.ok()) continue;
      for (const std::string& name : *names) {
        std::string path = directory + "/" + name;
        if (named.contains(path)) continue;
        add(Kind::Unfinished, path, "no manifest in force names the file");
      }
    }
  }

  void check_log() {
    // From the beginning of the first segment that one of the kept manifests needs: what lies
    // before the floor is in parts, but a byte that changed there is one on this disk.
    LogPosition floor = manifest_.log_floor;
    if (auto kept = all_manifests(world_, root_); kept.ok()) {
      for (const Manifest& manifest : *kept) floor = std::min(floor, manifest.log_floor);
    }
    ReadLogOptions reading;
    reading.floor = LogPosition::at(floor.segment(), 0);
    reading.known_durable = manifest_.log_floor;
    Result<LogScan> scan =
        read_log(world_, root_, reading, [](const LogRecord&, LogPosition) { return Status(); });
    if (!scan.ok()) return add(Kind::Damage, log_directory(root_), scan.status().message());
    if (scan->segments.empty() && manifest_.log_floor.offset() > kSegmentHeaderBytes) {
      add(Kind::Damage, segment_path(root_, manifest_.log_floor.segment()), "missing");
    }
    report.records = scan->records;
    for (const LogDamage& damage : scan->damages) {
      add(Kind::Damage, damage.path, damage.reason, damage.offset);
    }
    for (const LogDamage& torn : scan->torn_tails) {
      add(Kind::Unfinished, torn.path, torn.reason, torn.offset);
    }
    for (const LogScan::Segment& segment : scan->segments) {
      ++report.segments;
      report.bytes += segment.size_bytes;
      Result<uint64_t> stray = find_stray_bytes(world_, root_, segment);
      std::string path = segment_path(root_, segment.number);
      if (!stray.ok()) add(Kind::Damage, path, stray.status().message());
      if (!stray.ok() || *stray == segment.size_bytes) continue;
      add(Kind::Unfinished, path, "neither zeros nor a record behind the end of the log", *stray);
    }
  }

  os::World& world_;
  const std::string root_;
  Manifest manifest_;
};

}  // namespace

bool VerifyReport::is_sound() const {
  return std::ranges::none_of(
      findings, [](const VerifyFinding& finding) { return finding.kind == Kind::Damage; });
}

Result<VerifyReport> verify_store(os::World& world, const std::string& root) {
  VerifyReport report;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    StoreVerifier verifier(world, root);
    SPOOR_TRY(verifier.run());
    report = std::move(verifier.report);
    if (report.is_sound() || !verifier.was_overtaken()) break;
  }
  return report;
}

std::string to_string(const VerifyFinding& finding) {
  std::string text = finding.kind == Kind::Damage  ? "damage: "
                     : finding.kind == Kind::Newer ? "not checked: "
                                                   : "unfinished: ";
  text += finding.path;
  if (finding.offset) text += " at " + std::to_string(*finding.offset);
  return text + ": " + finding.what;
}

}  // namespace spoor::store
