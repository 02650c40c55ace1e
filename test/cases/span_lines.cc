#include "span_lines.h"

#include <cstdio>
#include <cstdlib>

#include "base/json_writer.h"
#include "base/time.h"

namespace spoor::test {
namespace {

constexpr uint64_t kBase = 1'767'225'000 * kNanosPerSecond;

[[noreturn]] void give_up(const std::string& line, std::string_view why) {
  std::fprintf(stderr, "cannot read the span \"%s\": %.*s\n", line.c_str(),
               static_cast<int>(why.size()), why.data());
  std::abort();
}

// Split at spaces outside double quotes, the quotes removed.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, begun = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word.push_back(c);
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

struct Attribute {
  std::string key, type, value;
};

struct Item {  // an event or a link
  std::string name;
  std::vector<Attribute> attributes;
};

struct Line {
  std::string trace, id, parent, service, name, kind, status, message, trace_state, scope;
  uint64_t start = 0, end = 0;
  std::vector<Attribute> span, resource, library;
  std::vector<Item> events, links;
};

Attribute attribute_of(std::string_view word) {
  size_t equals = word.find('=');
  Attribute attribute{std::string(word.substr(0, equals)), "string",
                      std::string(word.substr(equals + 1))};
  for (std::string_view type : {"int", "double", "bool"}) {
    std::string suffix = ":" + std::string(type);
    if (!attribute.key.ends_with(suffix)) continue;
    attribute.key.resize(attribute.key.size() - suffix.size());
    attribute.type = type;
  }
  return attribute;
}

bool take_prefix(std::string_view& word, std::string_view prefix) {
  if (!word.starts_with(prefix)) return false;
  word.remove_prefix(prefix.size());
  return true;
}

void read_item(std::string_view word, std::vector<Item>& items, bool has_names) {
  size_t equals = word.find('=');
  if (equals == std::string_view::npos) return items.push_back({std::string(word), {}});
  if (has_names) word.remove_prefix(word.find('.') + 1);
  items.back().attributes.push_back(attribute_of(word));
}

void read_word(const std::string& text, Line& line) {
  std::string_view word = text;
  constexpr std::string_view kKinds[] = {"",       "internal", "server",
                                         "client", "producer", "consumer"};
  for (size_t kind = 1; kind < std::size(kKinds); ++kind) {
    if (word != kKinds[kind]) continue;
    line.kind = std::to_string(kind);
    return;
  }
  if (word == "ok") {
    line.status = "1";
  } else if (word == "error") {
    line.status = "2";
  } else if (take_prefix(word, "error:")) {
    line.status = "2";
    line.message = word;
  } else if (take_prefix(word, "state:")) {
    line.trace_state = word;
  } else if (take_prefix(word, "lib:")) {
    line.scope = word;
  } else if (take_prefix(word, "resource.")) {
    line.resource.push_back(attribute_of(word));
  } else if (take_prefix(word, "lib.")) {
    line.library.push_back(attribute_of(word));
  } else if (take_prefix(word, "event:")) {
    read_item(word, line.events, true);
  } else if (take_prefix(word, "link:")) {
    read_item(word, line.links, false);
  } else if (word.find('=') != std::string_view::npos) {
    line.span.push_back(attribute_of(word));
  } else {
    give_up(text, "unknown word");
  }
}

Line line_of(const std::string& text) {
  std::vector<std::string> words = words_of(text);
  if (words.size() < 5 || words[3].front() != '+') give_up(text, "expected five words or more");
  Line line;
  size_t slash = words[0].find('/'), less = words[0].find('<');
  line.trace = words[0].substr(0, slash);
  line.id = words[0].substr(slash + 1, less == std::string::npos ? less : less - slash - 1);
  if (less != std::string::npos) line.parent = words[0].substr(less + 1);
  line.service = words[1];
  line.name = words[2];
  auto start = parse_duration_nanos(std::string_view(words[3]).substr(1));
  auto duration = parse_duration_nanos(words[4]);
  if (!start.ok() || !duration.ok()) give_up(text, "bad time");
  line.start = kBase + *start;
  line.end = line.start + *duration;
  for (size_t i = 5; i < words.size(); ++i) read_word(words[i], line);
  return line;
}

std::string padded(const std::string& id, size_t digits) {
  return std::string(digits - id.size(), '0') + id;
}

void write_attributes(JsonWriter& json, const std::vector<Attribute>& attributes) {
  json.key("attributes");
  json.begin_array();
  for (const Attribute& attribute : attributes) {
    json.begin_object();
    json.key("key"), json.string(attribute.key);
    json.key("value");
    json.begin_object();
    json.key(attribute.type + "Value");
    if (attribute.type == "string" || attribute.type == "int") {
      json.string(attribute.value);
    } else {
      json.raw(attribute.value);
    }
    json.end_object();
    json.end_object();
  }
  json.end_array();
}

void write_items(JsonWriter& json, const Line& line) {
  json.key("events");
  json.begin_array();
  for (const Item& event : line.events) {
    json.begin_object();
    json.key("timeUnixNano"), json.decimal_string_unsigned(line.start);
    json.key("name"), json.string(event.name);
    write_attributes(json, event.attributes);
    json.end_object();
  }
  json.end_array();
  json.key("links");
  json.begin_array();
  for (const Item& link : line.links) {
    size_t slash = link.name.find('/');
    json.begin_object();
    json.key("traceId"), json.string(padded(link.name.substr(0, slash), 32));
    json.key("spanId"), json.string(padded(link.name.substr(slash + 1), 16));
    write_attributes(json, link.attributes);
    json.end_object();
  }
  json.end_array();
}

void write_span(JsonWriter& json, const Line& line) {
  json.begin_object();
  json.key("traceId"), json.string(padded(line.trace, 32));
  json.key("spanId"), json.string(padded(line.id, 16));
  if (!line.parent.empty()) json.key("parentSpanId"), json.string(padded(line.parent, 16));
  json.key("name"), json.string(line.name);
  if (!line.trace_state.empty()) json.key("traceState"), json.string(line.trace_state);
  if (!line.kind.empty()) json.key("kind"), json.raw(line.kind);
  json.key("startTimeUnixNano"), json.decimal_string_unsigned(line.start);
  json.key("endTimeUnixNano"), json.decimal_string_unsigned(line.end);
  write_attributes(json, line.span);
  write_items(json, line);
  if (!line.status.empty()) {
    json.key("status");
    json.begin_object();
    json.key("code"), json.raw(line.status);
    json.key("message"), json.string(line.message);
    json.end_object();
  }
  json.end_object();
}

void write_resource_spans(JsonWriter& json, const Line& line) {
  std::vector<Attribute> resource = line.resource;
  if (line.service != "-")
    resource.insert(resource.begin(), {"service.name", "string", line.service});
  json.begin_object();
  json.key("resource");
  json.begin_object();
  write_attributes(json, resource);
  json.end_object();
  json.key("scopeSpans");
  json.begin_array();
  json.begin_object();
  json.key("scope");
  json.begin_object();
  size_t at = line.scope.find('@');
  json.key("name"), json.string(std::string_view(line.scope).substr(0, at));
  if (at != std::string::npos) {
    json.key("version"), json.string(std::string_view(line.scope).substr(at + 1));
  }
  write_attributes(json, line.library);
  json.end_object();
  json.key("spans");
  json.begin_array();
  write_span(json, line);
  json.end_array();
  json.end_object();
  json.end_array();
  json.end_object();
}

}  // namespace

std::string otlp_json_of(const std::vector<std::string>& lines) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("resourceSpans");
  json.begin_array();
  for (const std::string& line : lines) {
    if (!line.empty()) write_resource_spans(json, line_of(line));
  }
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace spoor::test
