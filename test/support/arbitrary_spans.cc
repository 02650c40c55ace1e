#include "support/arbitrary_spans.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace spoor::test {
namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, const ArbitraryOptions& options, SpanBatch& batch)
      : random_(random), options_(options), batch_(batch) {}

  void fill();

 private:
  uint64_t below(uint64_t limit) { return limit == 0 ? 0 : random_() % limit; }
  bool one_in(uint64_t n) { return below(n) == 0; }
  uint32_t rare_count() { return one_in(10) ? static_cast<uint32_t>(random_()) : 0; }

  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

  std::string_view string();
  std::string_view name(std::string_view stem, uint64_t variety);
  std::string_view bytes(size_t size);
  std::string_view id(size_t size, IdLengths lengths);
  Value value(uint32_t depth);
  Value nested(uint32_t depth);
  double number();
  KeyValue key_value(uint32_t depth);
  Attributes attributes();
  UnixNanos time();
  uint32_t enum_number(uint32_t known);

  Resource resource();
  Scope scope();
  std::span<const EntityRef> entity_refs();
  std::span<const std::string_view> strings(size_t count);
  Span span();
  Event event(UnixNanos start);
  Link link();

  std::mt19937_64& random_;
  const ArbitraryOptions& options_;
  SpanBatch& batch_;
  std::vector<std::string_view> trace_ids_;
};

std::string_view Generator::bytes(size_t size) {
  char* target = batch_.arena.allocate<char>(size);
  for (size_t i = 0; i < size; ++i) target[i] = static_cast<char>(random_());
  return {target, size};
}

std::string_view Generator::name(std::string_view stem, uint64_t variety) {
  return batch_.arena.copy(std::string(stem).append(std::to_string(below(variety))));
}

std::string_view Generator::string() {
  using namespace std::string_view_literals;
  static const std::vector<std::string_view> odd = {""sv,
                                                    "\0"sv,
                                                    "\"quoted\\\""sv,
                                                    "line\nbreak\ttab"sv,
                                                    "\x01\x1f\x7f"sv,
                                                    "sp\xc3\xa4t"sv,
                                                    "\xe6\x97\xa5\xe6\x9c\xac"sv,
                                                    "\xf0\x9f\x94\xa5"sv,
                                                    "</script>"sv,
                                                    "null"sv,
                                                    "NaN"sv,
                                                    "0"sv};
  static const std::vector<std::string_view> broken = {"\xff"sv, "a\xc3"sv, "\xed\xa0\x80"sv};
  if (options_.strings == Strings::AnyBytes && one_in(10)) return pick(broken);
  switch (below(12)) {
    case 0:
      return pick(odd);
    case 1: {
      std::string text(below(options_.string_bytes_max + 1), 'x');
      return batch_.arena.copy(text);
    }
    case 2:
      return name("https://shop.example/cart/", 1'000'000);
    default:
      return name("value-", 20);
  }
}

std::string_view Generator::id(size_t size, IdLengths lengths) {
  if (lengths == IdLengths::Valid) {
    std::string_view made = bytes(size);
    return made.find_first_not_of('\0') == std::string_view::npos ? id(size, lengths) : made;
  }
  if (one_in(6)) size = below(41);
  return one_in(50) ? batch_.arena.copy(std::string(size, '\0')) : bytes(size);
}

double Generator::number() {
  static const std::vector<double> odd = {0.0,
                                          -0.0,
                                          1.0,
                                          -1.5,
                                          0.1,
                                          1e300,
                                          std::numeric_limits<double>::denorm_min(),
                                          std::numeric_limits<double>::max(),
                                          std::numeric_limits<double>::infinity(),
                                          -std::numeric_limits<double>::infinity(),
                                          std::numeric_limits<double>::quiet_NaN()};
  if (one_in(2)) return pick(odd);
  double any = std::bit_cast<double>(random_());
  return std::isnan(any) ? 72.5 : any;  // text formats know one NaN only
}

Value Generator::nested(uint32_t depth) {
  size_t size = below(4);
  if (one_in(2)) {
    std::vector<Value> values;
    for (size_t i = 0; i < size; ++i) values.push_back(value(depth + 1));
    for (Value& entry : values) {
      if (entry.type() == ValueType::Absent) entry = Value::empty();
    }
    return Value::of_array(batch_.arena.copy(std::span<const Value>(values)));
  }
  std::vector<KeyValue> entries;
  for (size_t i = 0; i < size; ++i) entries.push_back(key_value(depth + 1));
  return Value::of_list(batch_.arena.copy(std::span<const KeyValue>(entries)));
}

Value Generator::value(uint32_t depth) {
  static const std::vector<int64_t> odd = {0, 1, -1, INT64_MAX, INT64_MIN, 1ll << 53, 200, 404};
  switch (below(16)) {
    case 0:
      return Value::absent();
    case 1:
      return Value::empty();
    case 2:
    case 3:
      return Value::of_bool(one_in(2));
    case 4:
    case 5:
      return Value::of_int(one_in(2) ? pick(odd) : static_cast<int64_t>(random_()));
    case 6:
    case 7:
      return Value::of_double(number());
    case 8:
      return Value::of_bytes(bytes(below(40)));
    case 9:
    case 10:
      return depth < options_.value_depth_max ? nested(depth) : Value::empty();
    default:
      return Value::of_string(string());
  }
}

KeyValue Generator::key_value(uint32_t depth) {
  static const std::vector<std::string_view> keys = {"http.request.method",
                                                     "http.response.status_code",
                                                     "db.system",
                                                     "error",
                                                     "a",
                                                     "peer.service",
                                                     "\xc3\xbc",
                                                     "url.full",
                                                     "thread.id",
                                                     ""};
  return {one_in(20) ? string() : pick(keys), value(depth)};
}

Attributes Generator::attributes() {
  std::vector<KeyValue> entries(below(options_.attributes_max + 1));
  for (KeyValue& entry : entries) entry = key_value(0);
  return batch_.arena.copy(std::span<const KeyValue>(entries));
}

UnixNanos Generator::time() {
  static const std::vector<uint64_t> odd = {0, 1, 999, UINT64_MAX, UINT64_MAX - 1, 1ull << 63};
  if (options_.times == Times::Any && one_in(20)) return {pick(odd)};
  return {options_.now.value - below(kNanosPerHour)};
}

uint32_t Generator::enum_number(uint32_t known) {
  static const std::vector<uint32_t> odd = {6, 77, INT32_MAX, 0x80000000u, UINT32_MAX};
  return one_in(20) ? pick(odd) : static_cast<uint32_t>(below(known));
}

std::span<const std::string_view> Generator::strings(size_t count) {
  std::vector<std::string_view> texts(count);
  for (std::string_view& text : texts) text = string();
  return batch_.arena.copy(std::span<const std::string_view>(texts));
}

std::span<const EntityRef> Generator::entity_refs() {
  std::vector<EntityRef> refs(one_in(3) ? below(3) : 0);
  for (EntityRef& ref : refs) {
    if (one_in(2)) ref.schema_url = "https://opentelemetry.io/schemas/1.38.0";
    ref.type = name("service", 3);
    ref.id_keys = strings(below(3));
    ref.description_keys = strings(below(3));
  }
  return batch_.arena.copy(std::span<const EntityRef>(refs));
}

Resource Generator::resource() {
  Resource made;
  if (one_in(2)) made.schema_url = name("https://opentelemetry.io/schemas/1.", 40);
  if (one_in(6)) return made;
  made.present = true;
  std::vector<KeyValue> entries;
  if (!one_in(5)) entries.push_back({"service.name", Value::of_string(name("shop-", 5))});
  for (const KeyValue& entry : attributes()) entries.push_back(entry);
  made.attributes = batch_.arena.copy(std::span<const KeyValue>(entries));
  made.dropped_attributes_count = rare_count();
  made.entity_refs = entity_refs();
  return made;
}

Scope Generator::scope() {
  Scope made;
  if (one_in(4)) made.schema_url = string();
  if (one_in(6)) return made;
  made.present = true;
  if (!one_in(5)) made.name = name("io.opentelemetry.", 4);
  if (one_in(2)) made.version = "1.2.3";
  if (one_in(3)) made.attributes = attributes();
  made.dropped_attributes_count = rare_count();
  return made;
}

Event Generator::event(UnixNanos start) {
  Event made;
  made.time = one_in(4) ? time() : UnixNanos{start.value + below(kNanosPerMilli)};
  made.name = one_in(4) ? string() : "exception";
  if (!one_in(3)) made.attributes = attributes();
  made.dropped_attributes_count = rare_count();
  return made;
}

Link Generator::link() {
  Link made;
  made.trace_id = id(TraceId::kSize, options_.link_ids);
  made.span_id = id(SpanId::kSize, options_.link_ids);
  if (one_in(3)) made.trace_state = "vendor=1,other=2";
  if (!one_in(3)) made.attributes = attributes();
  made.dropped_attributes_count = rare_count();
  made.flags = one_in(2) ? static_cast<uint32_t>(random_()) : 0;
  return made;
}

Span Generator::span() {
  Span made;
  made.resource = static_cast<uint32_t>(below(batch_.resources.size()));
  made.scope = static_cast<uint32_t>(below(batch_.scopes.size()));
  made.trace_id = one_in(30) ? id(TraceId::kSize, options_.ids) : pick(trace_ids_);
  made.span_id = id(SpanId::kSize, options_.ids);
  if (!batch_.spans.empty() && !one_in(4)) {
    const Span& earlier = pick(batch_.spans);
    made.trace_id = earlier.trace_id;
    made.parent_span_id = earlier.span_id;
    if (one_in(40)) made.span_id = earlier.span_id;  // a duplicate, its own parent too
  } else if (one_in(6)) {
    made.parent_span_id = one_in(8) ? batch_.arena.copy(std::string(SpanId::kSize, '\0'))
                                    : id(SpanId::kSize, options_.ids);
  }
  if (one_in(5)) made.trace_state = one_in(2) ? "rojo=00f067aa0ba902b7" : string();
  if (one_in(3)) made.flags = one_in(2) ? 0x101 : static_cast<uint32_t>(random_());
  made.name = one_in(8) ? string() : name("GET /item/", 10);
  made.kind = enum_number(6);
  made.start = time();
  made.end = {made.start.value + below(2 * kNanosPerSecond)};
  if (options_.times == Times::Any && one_in(15)) made.end = time();
  made.attributes = attributes();
  made.dropped_attributes_count = rare_count();
  std::vector<Event> events(one_in(3) ? below(4) : 0);
  for (Event& entry : events) entry = event(made.start);
  made.events = batch_.arena.copy(std::span<const Event>(events));
  made.dropped_events_count = rare_count();
  std::vector<Link> links(one_in(5) ? below(4) : 0);
  for (Link& entry : links) entry = link();
  made.links = batch_.arena.copy(std::span<const Link>(links));
  made.dropped_links_count = rare_count();
  if (one_in(2)) made.status = {true, enum_number(3), one_in(3) ? string() : ""};
  return made;
}

void Generator::fill() {
  for (uint64_t i = 0, n = 1 + below(4); i < n; ++i) batch_.resources.push_back(resource());
  for (uint64_t i = 0, n = 1 + below(4); i < n; ++i) batch_.scopes.push_back(scope());
  for (uint64_t i = 0, n = 1 + below(6); i < n; ++i) {
    trace_ids_.push_back(id(TraceId::kSize, options_.ids));
  }
  for (uint64_t i = 0, n = below(options_.spans_max + 1ull); i < n; ++i) {
    batch_.spans.push_back(span());
  }
}

}  // namespace

SpanBatch arbitrary_batch(std::mt19937_64& random, const ArbitraryOptions& options) {
  SpanBatch batch;
  Generator(random, options, batch).fill();
  return batch;
}

}  // namespace spoor::test
