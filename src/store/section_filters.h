// What the text filters of a section's row groups say, asked without opening the row groups. Where
// the filters of a row group lie is read from its directory once and kept, so that a question costs
// one read a row group.
//
// Thread-safe. Keeps 16 bytes for each text column of each row group, up to kFilterPlacesMax of
// them; beyond, directories are read again.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "store/part_file.h"
#include "store/section_metadata.h"

namespace spoor::store {

class SectionFilters {
 public:
  // All outlive it.
  SectionFilters(const PartFile& file, const PartSection& section, const SectionFooter& footer);

  // False if none of the column's texts in the row group has the hash (codec/text_filter.h); a
  // column without a filter may contain any. REQUIRES: the metadata is the section's, the column's
  // page type is Text.
  Result<bool> may_contain(const SectionMetadata& metadata, size_t group, uint32_t column,
                           uint64_t hash) SPOOR_EXCLUDES(mutex_);

 private:
  struct Place {
    uint64_t offset = 0;
    uint32_t bytes = 0;  // 0: the column has no filter
    uint32_t column = 0;
  };
  // Of the text columns that the row group has, ascending.
  using Places = std::vector<Place>;
  Result<std::shared_ptr<const Places>> places_of(const SectionMetadata& metadata, size_t group)
      SPOOR_EXCLUDES(mutex_);

  const PartFile& file_;
  const PartSection& section_;
  const SectionFooter& footer_;
  Mutex mutex_;
  std::vector<std::shared_ptr<const Places>> groups_ SPOOR_GUARDED_BY(mutex_);
  size_t kept_ SPOOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace spoor::store
