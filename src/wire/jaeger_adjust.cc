#include "wire/jaeger_adjust.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/content_hash.h"
#include "wire/jaeger_clock_skew.h"
#include "wire/jaeger_json.h"
#include "wire/jaeger_warnings.h"

namespace spoor::wire {
namespace {

// ---- 1: ids shared by client and server --------------------------------------------------------

// Ids that no span has, counted from 1.
class FreeSpanIds {
 public:
  explicit FreeSpanIds(const std::unordered_map<std::string_view, bool>& used) : used_(used) {}

  SpanId next() {
    do {
      ++last_;
      for (size_t i = 0; i < SpanId::kSize; ++i) {
        id_.bytes[i] = static_cast<char>(last_ >> (8 * (SpanId::kSize - 1 - i)));
      }
    } while (used_.contains(id_.view()));
    return id_;
  }

 private:
  const std::unordered_map<std::string_view, bool>& used_;
  uint64_t last_ = 0;
  SpanId id_;
};

void separate_client_and_server_ids(SpanBatch& batch) {
  std::unordered_map<std::string_view, bool> has_client;  // by every id that is used
  has_client.reserve(batch.spans.size());
  for (const Span& span : batch.spans) has_client[span.span_id] |= span.kind == kKindClient;

  FreeSpanIds free_ids(has_client);
  std::unordered_map<std::string_view, std::string_view> renamed;
  for (Span& span : batch.spans) {
    if (span.kind != kKindServer || !has_client[span.span_id]) continue;
    std::string_view id = batch.arena.copy(free_ids.next().view());
    renamed[span.span_id] = id;
    span.parent_span_id = span.span_id;
    span.span_id = id;
  }
  if (renamed.empty()) return;
  for (Span& span : batch.spans) {
    auto parent = renamed.find(span.parent_span_id);
    if (parent != renamed.end() && parent->second != span.span_id) {
      span.parent_span_id = parent->second;
    }
  }
}

// ---- 2: order ----------------------------------------------------------------------------------

template <typename T, typename Before>
std::span<const T> sorted(Arena& arena, std::span<const T> items, Before before) {
  if (std::ranges::is_sorted(items, before)) return items;
  std::span<T> copy = arena.copy(items);
  std::ranges::stable_sort(copy, before);
  return copy;
}

Attributes sorted(Arena& arena, Attributes attributes) {
  return sorted(arena, attributes,
                [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
}

// Copies the items whose attributes are not in order, and with them the list.
template <typename T>
std::span<const T> with_sorted_attributes(Arena& arena, std::span<const T> items) {
  std::span<T> copy;
  for (size_t i = 0; i < items.size(); ++i) {
    Attributes attributes = sorted(arena, items[i].attributes);
    if (attributes.data() == items[i].attributes.data()) continue;
    if (copy.empty()) copy = arena.copy(items);
    copy[i].attributes = attributes;
  }
  return copy.empty() ? items : std::span<const T>(copy);
}

void sort_lists(SpanBatch& batch) {
  Arena& arena = batch.arena;
  for (Resource& resource : batch.resources) {
    resource.attributes = sorted(arena, resource.attributes);
  }
  for (Scope& scope : batch.scopes) scope.attributes = sorted(arena, scope.attributes);
  for (Span& span : batch.spans) {
    span.attributes = sorted(arena, span.attributes);
    span.events = with_sorted_attributes(
        arena,
        sorted(arena, span.events, [](const Event& a, const Event& b) { return a.name < b.name; }));
    span.links = with_sorted_attributes(arena, span.links);
  }
}

// ---- 3: equal spans ----------------------------------------------------------------------------

bool has_repeated_ids(const SpanBatch& batch) {
  std::vector<std::string_view> ids;
  ids.reserve(batch.spans.size());
  for (const Span& span : batch.spans) ids.push_back(span.span_id);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) != ids.end();
}

void drop_equal_spans(SpanBatch& batch) {
  if (!has_repeated_ids(batch)) return;
  std::unordered_multimap<uint64_t, size_t> kept_by_hash;
  kept_by_hash.reserve(batch.spans.size());
  size_t kept = 0;
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    const Span& span = batch.spans[i];
    uint64_t hash = content_hash(span);
    auto [first, last] = kept_by_hash.equal_range(hash);
    bool is_repeated = std::any_of(first, last, [&](const auto& entry) {
      const Span& other = batch.spans[entry.second];
      return other == span && batch.resources[other.resource] == batch.resources[span.resource] &&
             batch.scopes[other.scope] == batch.scopes[span.scope];
    });
    if (is_repeated) continue;
    kept_by_hash.emplace(hash, kept);
    if (kept != i) batch.spans[kept] = span;
    ++kept;
  }
  batch.spans.resize(kept);
}

// ---- 5: addresses as numbers -------------------------------------------------------------------

bool is_address_key(std::string_view key) {
  return key == "ip" || key == "peer.ipv4";
}

// As Go converts to uint32; numbers out of range have no meaning and give zero here.
uint32_t address_bits(const Value& value) {
  if (value.type() == ValueType::Int) return static_cast<uint32_t>(value.as_int());
  double number = value.as_double();
  return number >= 0 && number < 4294967296.0 ? static_cast<uint32_t>(number) : 0;
}

bool is_numeric_address(const KeyValue& attribute) {
  return is_address_key(attribute.key) &&
         (attribute.value.type() == ValueType::Int || attribute.value.type() == ValueType::Double);
}

Attributes with_dotted_addresses(Arena& arena, Attributes attributes) {
  if (std::ranges::none_of(attributes, is_numeric_address)) return attributes;
  std::span<KeyValue> copy = arena.copy(attributes);
  for (KeyValue& attribute : copy) {
    if (!is_numeric_address(attribute)) continue;
    uint32_t bits = address_bits(attribute.value);
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
      text.append(std::to_string(bits >> shift & 255)).append(shift > 0 ? "." : "");
    }
    attribute.value = Value::of_string(arena.copy(std::string_view(text)));
  }
  return copy;
}

void write_addresses_dotted(SpanBatch& batch) {
  for (Resource& resource : batch.resources) {
    resource.attributes = with_dotted_addresses(batch.arena, resource.attributes);
  }
  for (Span& span : batch.spans) {
    span.attributes = with_dotted_addresses(batch.arena, span.attributes);
  }
}

// ---- 6: attributes of the library --------------------------------------------------------------

bool is_library_attribute(const KeyValue& attribute) {
  static constexpr std::array<std::string_view, 5> kKeys = {
      "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version",
      "telemetry.distro.name", "telemetry.distro.version"};
  return std::ranges::find(kKeys, attribute.key) != kKeys.end();
}

void move_library_attributes(SpanBatch& batch, SpanWarnings& warnings) {
  for (uint32_t i = 0; i < batch.spans.size(); ++i) {
    Span& span = batch.spans[i];
    if (std::ranges::none_of(span.attributes, is_library_attribute)) continue;
    Resource& resource = batch.resources[span.resource];
    std::vector<KeyValue> stay, all(resource.attributes.begin(), resource.attributes.end());
    for (const KeyValue& attribute : span.attributes) {
      const Value* existing = find_attribute(all, attribute.key);
      bool is_equal = existing != nullptr && existing->type() == ValueType::String &&
                      *existing == attribute.value;
      if (!is_library_attribute(attribute)) {
        stay.push_back(attribute);
      } else if (existing == nullptr) {
        all.push_back(attribute);
      } else if (!is_equal) {
        warnings.add(i, "conflicting values between Span and Resource for attribute " +
                            std::string(attribute.key));
        stay.push_back(attribute);
      }
    }
    resource.present = true;
    resource.attributes = batch.arena.copy(std::span<const KeyValue>(all));
    span.attributes = batch.arena.copy(std::span<const KeyValue>(stay));
  }
}

// ---- 7: links that lead nowhere ----------------------------------------------------------------

bool has_trace_id(const Link& link) {
  return link.trace_id.find_first_not_of('\0') != std::string_view::npos;
}

void remove_empty_links(SpanBatch& batch, SpanWarnings& warnings) {
  for (uint32_t i = 0; i < batch.spans.size(); ++i) {
    Span& span = batch.spans[i];
    if (std::ranges::all_of(span.links, has_trace_id)) continue;
    std::vector<Link> kept;
    for (const Link& link : span.links) {
      if (has_trace_id(link)) {
        kept.push_back(link);
      } else {
        warnings.add(i, "Invalid span link removed");
      }
    }
    span.links = batch.arena.copy(std::span<const Link>(kept));
  }
}

}  // namespace

void adjust_trace(SpanBatch& batch, const AdjustOptions& options) {
  separate_client_and_server_ids(batch);
  sort_lists(batch);
  drop_equal_spans(batch);
  SpanWarnings warnings;
  correct_clock_skew(batch, options.clock_skew_nanos_max, warnings);
  write_addresses_dotted(batch);
  move_library_attributes(batch, warnings);
  remove_empty_links(batch, warnings);
  warnings.write_to(batch);
}

void order_spans(SpanBatch& batch) {
  auto before = [](const Span& a, const Span& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.end != b.end) return a.end > b.end;
    if (a.span_id != b.span_id) return a.span_id < b.span_id;
    return content_hash(a) < content_hash(b);
  };
  std::vector<Span>& spans = batch.spans;
  if (std::ranges::is_sorted(spans, before)) return;
  // Spans are large: order their indexes and move each once.
  std::vector<uint32_t> order(spans.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) { return before(spans[a], spans[b]); });
  std::vector<Span> ordered;
  ordered.reserve(spans.size());
  for (uint32_t index : order) ordered.push_back(spans[index]);
  spans = std::move(ordered);
}

void SpanWarnings::write_to(SpanBatch& batch) const {
  for (const auto& [index, texts] : texts_) {
    Span& span = batch.spans[index];
    std::vector<KeyValue> attributes;
    std::vector<Value> values;
    for (const KeyValue& attribute : span.attributes) {
      bool is_warnings =
          attribute.key == kJaegerWarningsKey && attribute.value.type() == ValueType::Array;
      if (!is_warnings) {
        attributes.push_back(attribute);
        continue;
      }
      auto earlier = attribute.value.as_array();
      values.insert(values.end(), earlier.begin(), earlier.end());
    }
    for (const std::string& text : texts) {
      values.push_back(Value::of_string(batch.arena.copy(std::string_view(text))));
    }
    attributes.push_back(
        {kJaegerWarningsKey, Value::of_array(batch.arena.copy(std::span<const Value>(values)))});
    span.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
  }
}

}  // namespace spoor::wire
