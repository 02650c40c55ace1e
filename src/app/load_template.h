// Spans that are encoded once and then copied: a template is the OTLP of one span with the places
// of what varies, all of a fixed width. Both come from wire's encoder: the place of a value is
// where two encodings differ that differ in this value only. So nothing here knows a field number.
//
// Encoding each span anew makes 1.5 million spans a second and core, and building it first less.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/demo_trace.h"
#include "base/time.h"

namespace spoor::app {

// A text has placeholders, each always of the same width:
//   {user} 36  {session} 32  {product} 10  {order} 24   what the trace is about
//   {hex} 16 hexadecimal digits  {octet} 100 to 249  {digit}  {currency} 3  {card} 4
struct AttributeSpec {
  enum class Type { Text, Integer, Hundredths, Flag };
  std::string key;
  Type type = Type::Text;
  std::string text;
  // Of the others what the value is drawn from, both included; integers of one varint's width.
  int64_t low = 0;
  int64_t high = 0;
};

AttributeSpec text_attribute(std::string key, std::string text);
AttributeSpec number_attribute(std::string key, int64_t low, int64_t high);
AttributeSpec hundredths_attribute(std::string key, int64_t high);
AttributeSpec flag_attribute(std::string key, int64_t low, int64_t high);

struct SpanSpec {
  std::string name;
  uint32_t kind = 0;
  bool root = false;
  bool linked = false;  // to a span of another trace
  bool failed = false;
  std::string status_message;
  std::vector<AttributeSpec> attributes;
  std::vector<AttributeSpec> exception;  // of an event at the end; empty for none
};

// What the spans of one trace share.
struct TraceFacts {
  std::array<char, 16> id;
  std::array<char, 36> user;
  std::array<char, 32> session;
  std::array<char, 10> product;
  std::array<char, 24> order;
};

struct SpanFacts {
  uint64_t id = 0;
  uint64_t parent = 0;
  uint64_t start = 0;
  uint64_t end = 0;
};

class SpanTemplate {
 public:
  explicit SpanTemplate(const SpanSpec& spec);

  size_t size() const { return bytes_.size(); }
  // Writes size() bytes: the span as it stands in its list.
  void write(const TraceFacts& trace, const SpanFacts& span, DemoRandom& random,
             char* target) const;

 private:
  enum class Source : uint8_t {
    TraceId,
    SpanId,
    ParentId,
    Start,
    End,  // also of an event
    LinkTraceId,
    LinkSpanId,
    User,
    Session,
    Product,
    Order,
    Hex,
    Octet,
    Digit,
    Currency,
    Card,
    Integer,
    Hundredths,
  };
  struct Slot {
    Source source;
    uint16_t size;
    uint32_t at = 0;
    int64_t low = 0;
    uint64_t count = 0;  // of the numbers from `low` on
  };
  struct Probe;

  static std::vector<Slot> slots_of(const SpanSpec& spec);
  static void add_slots(const AttributeSpec& attribute, std::vector<Slot>& slots);
  static void write_number(const Slot& slot, DemoRandom& random, char* target);

  std::string bytes_;
  std::vector<Slot> slots_;
};

struct ScopeSpec {
  std::string name;
  std::string version;
};

// What stands around the spans of one resource and scope in a request.
class Envelope {
 public:
  Envelope(const std::vector<AttributeSpec>& resource, const ScopeSpec& scope,
           const std::string& schema_url);

  void append(std::string_view spans, std::string& request) const;

 private:
  std::string tag_;
  std::string before_scope_, after_scope_;
  std::string scope_tag_;
  std::string before_spans_, after_spans_;
};

}  // namespace spoor::app
