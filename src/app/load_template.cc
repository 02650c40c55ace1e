#include "app/load_template.h"

#include <bit>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "model/span.h"
#include "wire/otlp_encode.h"

namespace spoor::app {
namespace {

using Type = AttributeSpec::Type;

constexpr uint32_t kSampled = 0x101;
constexpr size_t kNoSlot = SIZE_MAX;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::array<std::string_view, 4> kCurrencies = {"EUR", "GBP", "JPY", "CHF"};
constexpr std::array<std::string_view, 2> kCards = {"visa", "amex"};

bool is_constant(const AttributeSpec& attribute) {
  return attribute.low == attribute.high;
}

// A varint of `size` bytes, all of which differ between the two sides.
uint64_t probe_varint(size_t size, bool side) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 7 | (side ? 0x55 : 0x2a);
  return size == 1 ? (side ? 1 : 0) : value;
}

void write_hex(uint64_t value, size_t digits, char* target) {
  for (size_t i = 0; i < digits; ++i, value >>= 4) target[i] = kHexDigits[value & 15];
}

// The bytes of the one field of a message, and its tag before them.
std::string_view only_field(std::string_view message, std::string* tag = nullptr) {
  ByteReader reader(message);
  reader.varint();
  if (tag != nullptr) tag->assign(message.data(), reader.position());
  std::string_view content = reader.sized();
  SPOOR_ASSERT(!reader.failed() && reader.at_end());
  return content;
}

// The field of a message that has `inner` within it; what stands before and after, and its tag.
std::string_view field_around(std::string_view message, std::string_view inner, std::string& before,
                              std::string& tag, std::string& after) {
  ByteReader reader(message);
  while (!reader.at_end()) {
    const char* start = reader.position();
    reader.varint();
    const char* tag_end = reader.position();
    std::string_view content = reader.sized();
    SPOOR_ASSERT(!reader.failed());
    if (content.find(inner) == content.npos) continue;
    before.assign(message.data(), start);
    tag.assign(start, tag_end);
    after.assign(reader.position(), reader.remaining());
    return content;
  }
  SPOOR_ASSERT(false);
  return {};
}

}  // namespace

AttributeSpec text_attribute(std::string key, std::string text) {
  return {std::move(key), Type::Text, std::move(text), 0, 0};
}
AttributeSpec number_attribute(std::string key, int64_t low, int64_t high) {
  SPOOR_ASSERT(low <= high &&
               varint_size(static_cast<uint64_t>(low)) == varint_size(static_cast<uint64_t>(high)));
  return {std::move(key), Type::Integer, "", low, high};
}
AttributeSpec hundredths_attribute(std::string key, int64_t high) {
  return {std::move(key), Type::Hundredths, "", 0, high};
}
AttributeSpec flag_attribute(std::string key, int64_t low, int64_t high) {
  return {std::move(key), Type::Flag, "", low, high};
}

// One encoding in which slot `probed` has the value of `side`, all others that of false.
struct SpanTemplate::Probe {
  std::span<const Slot> slots;
  size_t probed;
  bool side;
  size_t next = 0;

  bool take_side() { return next++ == probed && side; }
  std::string bytes(size_t size) { return std::string(size, take_side() ? '\x55' : '\x2a'); }
  uint64_t fixed() { return take_side() ? 0x5555555555555555 : 0x2a2a2a2a2a2a2a2a; }

  int64_t varint() {
    size_t size = slots[next].size;
    return static_cast<int64_t>(probe_varint(size, take_side()));
  }

  std::string fill(const std::string& pattern) {
    std::string text;
    for (size_t at = 0; at < pattern.size();) {
      if (pattern[at] != '{') {
        text.push_back(pattern[at++]);
        continue;
      }
      text.append(bytes(slots[next].size));
      at = pattern.find('}', at) + 1;
    }
    return text;
  }

  Value value(const AttributeSpec& attribute, Arena& arena) {
    switch (attribute.type) {
      case Type::Text:
        return Value::of_string(arena.copy(fill(attribute.text)));
      case Type::Integer:
        return Value::of_int(is_constant(attribute) ? attribute.low : varint());
      case Type::Hundredths:
        return Value::of_double(std::bit_cast<double>(fixed()));
      case Type::Flag:
        return Value::of_bool(is_constant(attribute) ? attribute.low != 0 : take_side());
    }
    return {};
  }

  Attributes attributes(const std::vector<AttributeSpec>& specs, Arena& arena) {
    std::vector<KeyValue> filled;
    for (const AttributeSpec& spec : specs) {
      filled.push_back({arena.copy(spec.key), value(spec, arena)});
    }
    return arena.copy(std::span<const KeyValue>(filled));
  }

  // In the order of slots_of().
  std::string encode(const SpanSpec& spec) {
    SpanBatch batch;
    batch.resources.emplace_back();
    batch.scopes.emplace_back();
    Span span;
    span.trace_id = batch.arena.copy(bytes(16));
    span.span_id = batch.arena.copy(bytes(8));
    if (!spec.root) span.parent_span_id = batch.arena.copy(bytes(8));
    span.start.value = fixed();
    span.end.value = fixed();
    span.flags = kSampled;
    span.name = spec.name;
    span.kind = spec.kind;
    span.attributes = attributes(spec.attributes, batch.arena);
    Event event;
    if (!spec.exception.empty()) {
      event.time.value = fixed();
      event.name = "exception";
      event.attributes = attributes(spec.exception, batch.arena);
      span.events = {&event, 1};
    }
    Link link;
    if (spec.linked) {
      link.trace_id = batch.arena.copy(bytes(16));
      link.span_id = batch.arena.copy(bytes(8));
      span.links = {&link, 1};
    }
    span.status = {spec.failed, spec.failed ? kStatusError : kStatusUnset, spec.status_message};
    batch.spans.push_back(span);
    return std::string(only_field(only_field(wire::encode_otlp(batch))));
  }
};

void SpanTemplate::add_slots(const AttributeSpec& attribute, std::vector<Slot>& slots) {
  struct Placeholder {
    std::string_view name;
    Source source;
    uint16_t size;
  };
  static constexpr Placeholder kPlaceholders[] = {
      {"{user}", Source::User, 36},       {"{session}", Source::Session, 32},
      {"{product}", Source::Product, 10}, {"{order}", Source::Order, 24},
      {"{hex}", Source::Hex, 16},         {"{octet}", Source::Octet, 3},
      {"{digit}", Source::Digit, 1},      {"{currency}", Source::Currency, 3},
      {"{card}", Source::Card, 4},
  };
  if (attribute.type == Type::Text) {
    std::string_view rest = attribute.text;
    for (size_t at; (at = rest.find('{')) != rest.npos;) {
      rest.remove_prefix(at);
      size_t before = slots.size();
      for (const Placeholder& each : kPlaceholders) {
        if (rest.starts_with(each.name)) slots.push_back({each.source, each.size});
      }
      SPOOR_ASSERT(slots.size() == before + 1);
      rest.remove_prefix(rest.find('}'));
    }
    return;
  }
  auto count = static_cast<uint64_t>(attribute.high - attribute.low) + 1;
  if (attribute.type == Type::Hundredths) {
    slots.push_back({Source::Hundredths, 8, 0, attribute.low, count});
  } else if (!is_constant(attribute)) {
    auto size = static_cast<uint16_t>(varint_size(static_cast<uint64_t>(attribute.high)));
    slots.push_back({Source::Integer, size, 0, attribute.low, count});
  }
}

std::vector<SpanTemplate::Slot> SpanTemplate::slots_of(const SpanSpec& spec) {
  std::vector<Slot> slots = {{Source::TraceId, 16}, {Source::SpanId, 8}};
  if (!spec.root) slots.push_back({Source::ParentId, 8});
  slots.push_back({Source::Start, 8});
  slots.push_back({Source::End, 8});
  for (const AttributeSpec& attribute : spec.attributes) add_slots(attribute, slots);
  if (!spec.exception.empty()) slots.push_back({Source::End, 8});
  for (const AttributeSpec& attribute : spec.exception) add_slots(attribute, slots);
  if (spec.linked) {
    slots.push_back({Source::LinkTraceId, 16});
    slots.push_back({Source::LinkSpanId, 8});
  }
  return slots;
}

SpanTemplate::SpanTemplate(const SpanSpec& spec) : slots_(slots_of(spec)) {
  bytes_ = Probe{slots_, kNoSlot, false}.encode(spec);
  for (size_t i = 0; i < slots_.size(); ++i) {
    Probe probe{slots_, i, true};
    std::string other = probe.encode(spec);
    SPOOR_ASSERT(other.size() == bytes_.size() && probe.next == slots_.size());
    size_t begin = 0, end = bytes_.size();
    while (begin < end && other[begin] == bytes_[begin]) ++begin;
    while (end > begin && other[end - 1] == bytes_[end - 1]) --end;
    SPOOR_ASSERT(end - begin == slots_[i].size);
    slots_[i].at = static_cast<uint32_t>(begin);
  }
}

void SpanTemplate::write_number(const Slot& slot, DemoRandom& random, char* target) {
  uint64_t drawn = random.below(slot.count);
  if (slot.source == Source::Hundredths) {
    return store_le(target, static_cast<double>(slot.low + static_cast<int64_t>(drawn)) / 100);
  }
  store_varint(target, static_cast<uint64_t>(slot.low) + drawn);
}

void SpanTemplate::write(const TraceFacts& trace, const SpanFacts& span, DemoRandom& random,
                         char* target) const {
  std::memcpy(target, bytes_.data(), bytes_.size());
  for (const Slot& slot : slots_) {
    char* at = target + slot.at;
    switch (slot.source) {
      case Source::TraceId:
        std::memcpy(at, trace.id.data(), trace.id.size());
        break;
      case Source::SpanId:
        store_le(at, span.id);
        break;
      case Source::ParentId:
        store_le(at, span.parent);
        break;
      case Source::Start:
        store_le(at, span.start);
        break;
      case Source::End:
        store_le(at, span.end);
        break;
      case Source::LinkTraceId:
        store_le(at, random.next());
        store_le(at + 8, random.next() | 1);
        break;
      case Source::LinkSpanId:
        store_le(at, random.next() | 1);
        break;
      case Source::User:
        std::memcpy(at, trace.user.data(), trace.user.size());
        break;
      case Source::Session:
        std::memcpy(at, trace.session.data(), trace.session.size());
        break;
      case Source::Product:
        std::memcpy(at, trace.product.data(), trace.product.size());
        break;
      case Source::Order:
        std::memcpy(at, trace.order.data(), trace.order.size());
        break;
      case Source::Hex:
        write_hex(random.next(), 16, at);
        break;
      case Source::Octet: {
        uint64_t number = 100 + random.below(150);
        at[0] = static_cast<char>('0' + number / 100);
        at[1] = static_cast<char>('0' + number / 10 % 10);
        at[2] = static_cast<char>('0' + number % 10);
        break;
      }
      case Source::Digit:
        *at = static_cast<char>('0' + random.below(8));
        break;
      case Source::Currency:
        std::memcpy(at, random.pick(kCurrencies).data(), 3);
        break;
      case Source::Card:
        std::memcpy(at, random.pick(kCards).data(), 4);
        break;
      case Source::Integer:
      case Source::Hundredths:
        write_number(slot, random, at);
        break;
    }
  }
}

Envelope::Envelope(const std::vector<AttributeSpec>& resource, const ScopeSpec& scope,
                   const std::string& schema_url) {
  constexpr std::string_view kInner = "the span within";
  SpanBatch batch;
  std::vector<KeyValue> attributes;
  for (const AttributeSpec& spec : resource) {
    Value value = spec.type == Type::Text ? Value::of_string(spec.text) : Value::of_int(spec.low);
    attributes.push_back({spec.key, value});
  }
  Resource& origin = batch.resources.emplace_back();
  origin.present = true;
  origin.attributes = Attributes(attributes);
  origin.schema_url = schema_url;
  batch.scopes.push_back({true, scope.name, scope.version, {}, 0, {}});
  batch.spans.emplace_back().name = kInner;
  std::string request = wire::encode_otlp(batch);
  std::string_view of_resource = only_field(request, &tag_);
  std::string_view of_scope =
      field_around(of_resource, kInner, before_scope_, scope_tag_, after_scope_);
  std::string span_tag;
  field_around(of_scope, kInner, before_spans_, span_tag, after_spans_);
}

void Envelope::append(std::string_view spans, std::string& request) const {
  size_t of_scope = before_spans_.size() + spans.size() + after_spans_.size();
  size_t of_resource = before_scope_.size() + scope_tag_.size() + varint_size(of_scope) + of_scope +
                       after_scope_.size();
  request.append(tag_);
  append_varint(request, of_resource);
  request.append(before_scope_).append(scope_tag_);
  append_varint(request, of_scope);
  request.append(before_spans_).append(spans).append(after_spans_).append(after_scope_);
}

}  // namespace spoor::app
