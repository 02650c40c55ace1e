// What was decoded of blocks of row groups and is likely to be asked for again soon: searches begin
// at the newest row groups, whatever they look for.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "base/recent.h"

namespace spoor::store {

enum class BlockKind : uint8_t { Layout, Templates, ListedRows, TemplateEdges };

struct BlockKey {
  uint64_t section = 0;  // SectionReader::number()
  uint64_t group = 0;
  BlockKind kind = BlockKind::Layout;
  bool operator==(const BlockKey&) const = default;

  struct Hash {
    using is_avalanching = void;
    size_t operator()(const BlockKey& key) const {
      return hash_mix(hash_mix(key.section, key.group), static_cast<uint64_t>(key.kind));
    }
  };
};

// What lies under a key is always of the type that its kind says.
using RecentBlocks = Recent<BlockKey, void, BlockKey::Hash>;

}  // namespace spoor::store
