#include "store/manifest.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/file_names.h"

namespace spoor::store {
namespace {

constexpr uint64_t kManifestBytesMax = 1 << 30;
constexpr uint64_t kManifestsKept = 2;

// What a checksum cannot tell: that nothing was written which later code relies on not to be.
bool is_sound(const Manifest& manifest) {
  auto place = [](const ManifestPart& part) { return std::pair(part.day, part.id); };
  constexpr uint32_t kDayMax = 213'503;  // of UnixNanos
  return manifest.generation > 0 && !manifest.tenants.contains(0) &&
         std::ranges::is_sorted(manifest.parts, {}, place) &&
         std::ranges::all_of(manifest.parts, [&](const ManifestPart& part) {
           return part.id.value > 0 && part.id.value < manifest.next_part &&
                  part.day.value <= kDayMax;
         });
}

Result<Manifest> decode_content(std::string_view content, uint64_t generation) {
  ByteReader reader(content);
  Manifest manifest;
  manifest.generation = generation;
  manifest.next_part = reader.varint();
  manifest.log_floor.value = reader.varint();
  uint64_t tenants = reader.varint();
  for (uint64_t i = 0; i < tenants && !reader.failed(); ++i) {
    uint32_t number = static_cast<uint32_t>(reader.varint());
    manifest.tenants[number] = reader.sized();
  }
  uint64_t parts = reader.varint();
  for (uint64_t i = 0; i < parts && !reader.failed(); ++i) {
    ManifestPart part;
    part.id.value = reader.varint();
    part.day.value = static_cast<uint32_t>(reader.varint());
    part.size_bytes = reader.varint();
    part.spans = reader.varint();
    manifest.parts.push_back(part);
  }
  if (reader.failed() || !reader.at_end() || !is_sound(manifest)) {
    return data_loss("damaged manifest");
  }
  return manifest;
}

}  // namespace

// magic, version, generation, length and bytes of the content, CRC32C of all before it.
std::string encode(const Manifest& manifest) {
  std::string content;
  append_varint(content, manifest.next_part);
  append_varint(content, manifest.log_floor.value);
  append_varint(content, manifest.tenants.size());
  for (const auto& [number, name] : manifest.tenants) {
    append_varint(content, number);
    append_sized(content, name);
  }
  append_varint(content, manifest.parts.size());
  for (const ManifestPart& part : manifest.parts) {
    append_varint(content, part.id.value);
    append_varint(content, part.day.value);
    append_varint(content, part.size_bytes);
    append_varint(content, part.spans);
  }
  std::string bytes(kManifestMagic);
  append_le(bytes, kManifestVersion);
  append_le(bytes, static_cast<uint32_t>(content.size()));
  append_le(bytes, manifest.generation);
  bytes.append(content);
  append_le(bytes, crc32c_at_place(manifest.generation, 0, bytes));
  return bytes;
}

Result<Manifest> decode_manifest(std::string_view bytes, uint64_t generation) {
  constexpr size_t kHeadBytes = 24;
  if (bytes.size() < kHeadBytes + sizeof(uint32_t) || !bytes.starts_with(kManifestMagic)) {
    return data_loss("not a manifest");
  }
  uint32_t version = load_le<uint32_t>(bytes.data() + 8);
  uint32_t content_bytes = load_le<uint32_t>(bytes.data() + 12);
  std::string_view covered = bytes.substr(0, bytes.size() - sizeof(uint32_t));
  if (load_le<uint32_t>(bytes.data() + covered.size()) != crc32c_at_place(generation, 0, covered) ||
      load_le<uint64_t>(bytes.data() + 16) != generation ||
      content_bytes != covered.size() - kHeadBytes) {
    return data_loss("damaged manifest");
  }
  if (version != kManifestVersion) {
    return unimplemented("expected manifest version " + std::to_string(kManifestVersion) +
                         ", got " + std::to_string(version) + "; open it with a newer spoor");
  }
  return decode_content(covered.substr(kHeadBytes), generation);
}

namespace {

// Newest first.
Result<std::vector<uint64_t>> list_generations(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(auto names, world.list_directory(root));
  std::vector<uint64_t> generations;
  for (const std::string& name : names) {
    if (auto generation = parse_manifest_name(name)) generations.push_back(*generation);
  }
  std::ranges::sort(generations, std::greater<>());
  return generations;
}

}  // namespace

Result<Manifest> read_manifest(os::World& world, const std::string& root, uint64_t generation) {
  std::string path = manifest_path(root, generation);
  SPOOR_ASSIGN(std::string bytes, os::read_file(world, path, kManifestBytesMax));
  Result<Manifest> manifest = decode_manifest(bytes, generation);
  if (manifest.ok()) return manifest;
  return Status(manifest.status().code(), path + ": " + manifest.status().message());
}

Result<LoadedManifest> load_manifest(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(auto generations, list_generations(world, root));
  LoadedManifest loaded;
  for (uint64_t generation : generations) {
    Result<Manifest> manifest = read_manifest(world, root, generation);
    if (manifest.ok()) {
      loaded.manifest = std::move(*manifest);
      return loaded;
    }
    if (manifest.status().code() != Code::DataLoss) return manifest.status();
    loaded.unreadable.push_back(manifest_path(root, generation));
  }
  return loaded;
}

Result<std::vector<Manifest>> all_manifests(os::World& world, const std::string& root) {
  SPOOR_ASSIGN(auto generations, list_generations(world, root));
  std::vector<Manifest> manifests;
  for (uint64_t generation : generations) {
    SPOOR_ASSIGN(Manifest manifest, read_manifest(world, root, generation));
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

Status commit_manifest(os::World& world, const std::string& root, const Manifest& manifest) {
  SPOOR_ASSERT(std::ranges::is_sorted(
      manifest.parts, {}, [](const ManifestPart& p) { return std::pair(p.day, p.id); }));
  std::string path = manifest_path(root, manifest.generation);
  SPOOR_ASSIGN(bool left_over, world.exists(path));
  if (left_over) SPOOR_TRY(world.remove_file(path));
  {
    SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::CreateNew));
    SPOOR_TRY(file->write_at(0, encode(manifest)));
    SPOOR_TRY(file->sync());
  }
  SPOOR_TRY(world.sync_directory(root));
  // The rest is tidying: what stays is found again next time.
  Result<std::vector<std::string>> names = world.list_directory(root);
  if (!names.ok()) return {};
  for (const std::string& name : *names) {
    auto generation = parse_manifest_name(name);
    if (!generation || *generation + kManifestsKept > manifest.generation) continue;
    (void)world.remove_file(root + "/" + name);
  }
  return {};
}

}  // namespace spoor::store
