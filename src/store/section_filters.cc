#include "store/section_filters.h"

#include <algorithm>

#include "codec/text_filter.h"
#include "store/limits.h"

namespace spoor::store {

SectionFilters::SectionFilters(const PartFile& file, const PartSection& section,
                               const SectionFooter& footer)
    : file_(file), section_(section), footer_(footer), groups_(footer.row_groups.size()) {}

Result<std::shared_ptr<const SectionFilters::Places>> SectionFilters::places_of(
    const SectionMetadata& metadata, size_t group) {
  {
    MutexLock lock(mutex_);
    if (groups_[group]) return groups_[group];
  }
  const RowGroupRef& place = footer_.row_groups[group];
  const uint32_t vectors = vectors_of(place.rows);
  SPOOR_ASSIGN(std::string bytes, file_.read_block(section_, place.directory));
  SPOOR_ASSIGN(RowGroupDirectory directory, decode_row_group(bytes, vectors));
  auto places = std::make_shared<Places>();
  for (const ColumnChunk& chunk : directory.chunks) {
    if (chunk.column >= kFixedColumns + metadata.columns.size()) {
      return data_loss(file_.path() + ": row group: unknown column");
    }
    if (metadata.page_type(chunk.column) != PageType::Text) continue;
    places->push_back({chunk.filter().offset, chunk.filter_bytes, chunk.column});
  }
  MutexLock lock(mutex_);
  if (!groups_[group] && kept_ + places->size() <= kFilterPlacesMax) {
    kept_ += places->size();
    groups_[group] = places;
  }
  return std::shared_ptr<const Places>(std::move(places));
}

Result<bool> SectionFilters::may_contain(const SectionMetadata& metadata, size_t group,
                                         uint32_t column, uint64_t hash) {
  SPOOR_ASSIGN(auto places, places_of(metadata, group));
  auto place = std::ranges::find(*places, column, &Place::column);
  if (place == places->end()) return false;
  if (place->bytes == 0) return true;
  SPOOR_ASSIGN(std::string bytes, file_.read_block(section_, {place->offset, place->bytes}));
  SPOOR_ASSIGN(auto filter, codec::TextFilter::open(bytes));
  return filter.may_contain(hash);
}

}  // namespace spoor::store
