// The envelope of Jaeger's legacy answers, and those whose data are small lists.
#include "wire/jaeger_json.h"

namespace spoor::wire {
namespace {

void write_errors(JsonWriter& json, std::span<const JaegerError> errors) {
  if (errors.empty()) return json.null();
  json.begin_array();
  for (const JaegerError& error : errors) {
    json.begin_object();
    if (error.code != 0) json.key("code"), json.number(static_cast<int64_t>(error.code));
    json.key("msg"), json.string(error.message);
    if (!error.trace_id.empty()) json.key("traceID"), json.string(error.trace_id);
    json.end_object();
  }
  json.end_array();
}

void write_rest(JsonWriter& json, const JaegerEnvelope::Rest& rest) {
  json.key("total"), json.number_unsigned(rest.total);
  json.key("limit"), json.number_unsigned(0);
  json.key("offset"), json.number_unsigned(0);
  json.key("errors");
  write_errors(json, rest.errors);
  json.end_object();
}

}  // namespace

JaegerEnvelope::JaegerEnvelope(std::string& out) : json_(out) {
  json_.begin_object();
  json_.key("data");
  json_.begin_array();
}

void JaegerEnvelope::finish(const Rest& rest) {
  json_.end_array();
  write_rest(json_, rest);
}

std::string encode_jaeger_error(int http_code, std::string_view message) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("data"), json.null();
  JaegerError error{http_code, std::string(message), {}};
  write_rest(json, {.errors = {&error, 1}});
  return out;
}

std::string encode_jaeger_names(std::span<const std::string> names) {
  std::string out;
  JaegerEnvelope envelope(out);
  for (const std::string& name : names) envelope.json().string(name);
  envelope.finish({.total = names.size()});
  return out;
}

std::string encode_jaeger_operations(std::span<const JaegerOperation> operations) {
  std::string out;
  JaegerEnvelope envelope(out);
  JsonWriter& json = envelope.json();
  for (const JaegerOperation& operation : operations) {
    json.begin_object();
    json.key("name"), json.string(operation.name);
    json.key("spanKind"), json.string(operation.kind);
    json.end_object();
  }
  envelope.finish({.total = operations.size()});
  return out;
}

std::string encode_jaeger_dependencies(std::span<const JaegerDependency> dependencies) {
  std::string out;
  JaegerEnvelope envelope(out);
  JsonWriter& json = envelope.json();
  for (const JaegerDependency& dependency : dependencies) {
    json.begin_object();
    json.key("parent"), json.string(dependency.parent);
    json.key("child"), json.string(dependency.child);
    json.key("callCount"), json.number_unsigned(dependency.calls);
    json.end_object();
  }
  envelope.finish({});
  return out;
}

std::string indented_json(std::string_view json) {
  constexpr size_t kIndent = 4;
  std::string out;
  out.reserve(json.size() * 2);
  size_t level = 0;
  auto new_line = [&] { out.append("\n").append(level * kIndent, ' '); };
  for (size_t at = 0; at < json.size(); ++at) {
    char c = json[at];
    if (c == '"') {
      size_t end = at + 1;
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      out.append(json.substr(at, end + 1 - at));
      at = end;
      continue;
    }
    bool is_open = c == '{' || c == '[';
    bool is_close = c == '}' || c == ']';
    bool is_empty = is_open && at + 1 < json.size() && (json[at + 1] == '}' || json[at + 1] == ']');
    if (is_empty) {
      out.append(json.substr(at++, 2));
      continue;
    }
    if (is_close) --level, new_line();
    out.push_back(c);
    if (is_open) ++level;
    if (is_open || c == ',') new_line();
    if (c == ':') out.push_back(' ');
  }
  return out;
}

}  // namespace spoor::wire
