#include "store/part_set.h"

#include "base/log.h"
#include "store/file_names.h"
#include "store/limits.h"

namespace spoor::store {

Result<std::shared_ptr<const PartSet::Part>> PartSet::open_part(os::World& world,
                                                                const std::string& root,
                                                                const Manifest& manifest,
                                                                const ManifestPart& place) const {
  auto part = std::make_shared<Part>();
  part->place = place;
  SPOOR_ASSIGN(part->file,
               PartFile::open(world, part_path(root, place.day, place.id), place.id, place.day));
  if (part->file->size_bytes() != place.size_bytes) {
    return data_loss(part->file->path() + ": expected " + std::to_string(place.size_bytes) +
                     " bytes, got " + std::to_string(part->file->size_bytes()));
  }
  for (const PartSection& section : part->file->footer().sections) {
    // ST-7: a section is served to the tenant whose name it holds, whatever its number.
    auto tenant = manifest.tenants.find(section.tenant);
    if (tenant == manifest.tenants.end() || tenant->second != section.tenant_name) {
      return data_loss(part->file->path() + ": tenant " + std::to_string(section.tenant) + " is " +
                       section.tenant_name + " here and another in the manifest");
    }
    Result<std::shared_ptr<SectionReader>> reader =
        SectionReader::open(part->file, section, recent_);
    if (reader.status().code() == Code::Unimplemented) {
      part->refused[section.tenant] = reader.status().message();
      log_error("a section is refused: the rest is served without it",
                {{"part", part->file->path()}, {"reason", reader.status().message()}});
      continue;
    }
    SPOOR_ASSIGN(part->sections[section.tenant], std::move(reader));
  }
  return std::shared_ptr<const Part>(std::move(part));
}

std::shared_ptr<const PartSet> PartSet::open(os::World& world, const std::string& root,
                                             const Manifest& manifest, const PartSet* previous) {
  std::map<PartId, std::shared_ptr<const Part>> known;
  if (previous != nullptr) {
    for (const auto& part : previous->parts_) known[part->place.id] = part;
  }
  auto set = std::make_shared<PartSet>();
  set->recent_ = previous != nullptr ? previous->recent_
                                     : std::make_shared<RecentBlocks>(kRecentBlocksBytesMax);
  for (const ManifestPart& place : manifest.parts) {
    auto found = known.find(place.id);
    if (found != known.end()) {
      set->parts_.push_back(found->second);
      continue;
    }
    Result<std::shared_ptr<const Part>> part = set->open_part(world, root, manifest, place);
    if (part.ok()) {
      set->parts_.push_back(*part);
      continue;
    }
    std::string path = part_path(root, place.day, place.id);
    log_error("part is quarantined: the rest is served without it; restore the file from a backup",
              {{"part", path}, {"reason", part.status().message()}});
    set->quarantined_.push_back({place, path, part.status().message()});
  }
  return set;
}

std::vector<QuarantinedPart> PartSet::refused() const {
  std::vector<QuarantinedPart> refused;
  for (const auto& part : parts_) {
    for (const auto& [tenant, reason] : part->refused) {
      refused.push_back({part->place, part->file->path(), reason});
    }
  }
  return refused;
}

void PartSet::add_sections(uint32_t tenant, Snapshot& snapshot) const {
  for (const auto& part : parts_) {
    auto section = part->sections.find(tenant);
    if (section != part->sections.end()) snapshot.sections.push_back(section->second);
    auto refused = part->refused.find(tenant);
    if (refused != part->refused.end()) {
      snapshot.missing.push_back("section is refused: " + refused->second);
    }
  }
  for (const QuarantinedPart& part : quarantined_) {
    snapshot.missing.push_back("part is quarantined: " + part.reason);
  }
}

}  // namespace spoor::store
