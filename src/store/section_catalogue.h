// The attributes of one section, from its metadata.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "store/catalogue.h"
#include "store/section_metadata.h"

namespace spoor::store {

class SectionReader;

constexpr size_t kAttributeScopes = 5;

// In all that follows `mask` has a 1 for each span template that counts (SpanMasks), or is empty
// where all do.

// Immutable; the views point into the metadata.
struct SectionKeys {
  std::array<std::vector<std::string_view>, kAttributeScopes> keys;  // sorted, each once
  std::array<bool, kAttributeScopes> is_incomplete{};
  std::shared_ptr<const SectionMetadata> metadata;
  Arena arena;

  static Result<std::shared_ptr<const SectionKeys>> load(
      std::shared_ptr<const SectionMetadata> metadata, std::span<const uint8_t> mask = {});
};

// Gives the values under the key, with repeats, until the handler returns false; they are lent.
// Sets `is_incomplete` if some lie only in pages.
Status visit_section_values(const SectionMetadata& metadata, AttributeScope scope,
                            std::string_view key, std::span<const uint8_t> mask,
                            const std::function<bool(const Value&)>& handler, bool& is_incomplete);

// The same with the names of spans, which point into the metadata.
Status visit_section_names(const SectionMetadata& metadata, std::span<const uint8_t> mask,
                           const std::function<void(std::string_view)>& handler,
                           bool& is_incomplete);

}  // namespace spoor::store
