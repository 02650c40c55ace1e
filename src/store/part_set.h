// The parts of a store that are open at one moment. Immutable: a flush publishes a new set, and
// whoever still reads the old one keeps it alive.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/manifest.h"
#include "store/section_reader.h"
#include "store/snapshot.h"

namespace spoor::store {

// A part that the manifest names and that cannot be read; the rest is served without it.
struct QuarantinedPart {
  ManifestPart part;
  std::string path;
  std::string reason;
};

class PartSet {
 public:
  // Opens every part of the manifest; those that are also in `previous` are taken from there.
  static std::shared_ptr<const PartSet> open(os::World& world, const std::string& root,
                                             const Manifest& manifest, const PartSet* previous);

  // Gives the snapshot the tenant's sections, and the reasons why others are not there.
  void add_sections(uint32_t tenant, Snapshot& snapshot) const;

  struct Part {
    ManifestPart place;
    std::shared_ptr<const PartFile> file;
    std::map<uint32_t, std::shared_ptr<SectionReader>> sections;  // by tenant number
    // Those of a later version, with the reason. A part that has any is not merged.
    std::map<uint32_t, std::string> refused;
  };
  const std::vector<std::shared_ptr<const Part>>& parts() const { return parts_; }
  const std::vector<QuarantinedPart>& quarantined() const { return quarantined_; }
  // Parts of which sections are refused, an entry for each section.
  std::vector<QuarantinedPart> refused() const;

 private:
  Result<std::shared_ptr<const Part>> open_part(os::World& world, const std::string& root,
                                                const Manifest& manifest,
                                                const ManifestPart& place) const;
  std::shared_ptr<RecentBlocks> recent_;  // of all sets, one after the other
  std::vector<std::shared_ptr<const Part>> parts_;
  std::vector<QuarantinedPart> quarantined_;
};

}  // namespace spoor::store
