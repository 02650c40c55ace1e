// Blocks of sections that are likely to be asked for again soon, checked, and decoded but for pages
// of rows: searches begin at the newest row groups, whatever they look for. Who reads pages one
// behind another does not come by here.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "base/recent.h"

namespace spoor::store {

enum class BlockKind : uint8_t { Layout, Templates, ListedRows, TemplateEdges, Traces, Page };

struct BlockKey {
  uint64_t section = 0;  // SectionReader::number()
  // The row group, the page of traces, or a page's offset in the section.
  uint64_t place = 0;
  BlockKind kind = BlockKind::Layout;
  bool operator==(const BlockKey&) const = default;

  struct Hash {
    using is_avalanching = void;
    size_t operator()(const BlockKey& key) const {
      return hash_mix(hash_mix(key.section, key.place), static_cast<uint64_t>(key.kind));
    }
  };
};

// What lies under a key is always of the type that its kind says.
using RecentBlocks = Recent<BlockKey, void, BlockKey::Hash>;

}  // namespace spoor::store
