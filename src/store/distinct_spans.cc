#include "store/distinct_spans.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"
#include "base/bytes.h"
#include "model/content_hash.h"

namespace spoor::store {

bool has_repeated_ids(const SpanBatch& batch) {
  std::vector<uint64_t> ids;
  ids.reserve(batch.spans.size());
  for (const Span& span : batch.spans) {
    SPOOR_ASSERT(span.span_id.size() == sizeof(uint64_t));
    ids.push_back(load_le<uint64_t>(span.span_id.data()));
  }
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) != ids.end();
}

void drop_repeated_spans(SpanBatch& batch) {
  if (!has_repeated_ids(batch)) return;
  std::unordered_map<std::string_view, uint32_t> count_of_id;
  for (const Span& span : batch.spans) ++count_of_id[span.span_id];
  std::unordered_multimap<uint64_t, uint32_t> by_content;  // of spans whose id is there twice
  std::vector<Span> kept;
  for (const Span& span : batch.spans) {
    if (count_of_id[span.span_id] > 1) {
      uint64_t hash = content_hash(span);
      auto [begin, end] = by_content.equal_range(hash);
      bool repeated = std::any_of(begin, end, [&](const auto& entry) {
        const Span& other = kept[entry.second];
        return other == span && batch.resources[other.resource] == batch.resources[span.resource] &&
               batch.scopes[other.scope] == batch.scopes[span.scope];
      });
      if (repeated) continue;
      by_content.emplace(hash, static_cast<uint32_t>(kept.size()));
    }
    kept.push_back(span);
  }
  batch.spans = std::move(kept);
}

}  // namespace spoor::store
