#include "wire/jaeger_query.h"

#include "wire/json_fields.h"

namespace spoor::wire {
namespace {

// Room for the deepest filter that the query engine takes: three levels for each call.
constexpr uint32_t kJsonDepthMax = 400;

using Object = simdjson::dom::object;
using Element = JsonElement;

Status expected(std::string_view place, std::string_view what) {
  return invalid_argument("expected " + std::string(place) + " to be " + std::string(what));
}

Result<Object> object_of(Element element, std::string_view place) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) return expected(place, "an object");
  return object;
}

Result<std::string> text_of(Element element, std::string_view place) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return expected(place, "a string");
  return std::string(text);
}

Status unknown_key(std::string_view key, std::string_view place) {
  return invalid_argument("unknown field \"" + std::string(key.substr(0, 64)) + "\" in " +
                          std::string(place));
}

// The members of an attr, field, nested, scalar or list, each a string or a list of strings.
Status read_term(Element element, std::string_view place, JaegerFilter& node) {
  SPOOR_ASSIGN(Object object, object_of(element, place));
  bool is_reference = node.kind == JaegerFilter::Kind::Attribute ||
                      node.kind == JaegerFilter::Kind::Field ||
                      node.kind == JaegerFilter::Kind::Nested;
  std::string_view name_key = node.kind == JaegerFilter::Kind::Attribute ? "key" : "name";
  for (auto [key, value] : object) {
    if (is_reference && node.kind != JaegerFilter::Kind::Nested && key == name_key) {
      SPOOR_ASSIGN(node.name, text_of(value, name_key));
    } else if (is_reference && key == "level") {
      SPOOR_ASSIGN(node.level, text_of(value, "level"));
    } else if (!is_reference && key == "type") {
      SPOOR_ASSIGN(node.type, text_of(value, "type"));
    } else if (node.kind == JaegerFilter::Kind::Scalar && key == "value") {
      SPOOR_ASSIGN(std::string text, text_of(value, "the value of a scalar"));
      node.values = {std::move(text)};
    } else if (node.kind == JaegerFilter::Kind::List && key == "values") {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return expected("values", "an array");
      for (Element entry : array) {
        SPOOR_ASSIGN(std::string text, text_of(entry, "each of values"));
        node.values.push_back(std::move(text));
      }
    } else {
      return unknown_key(key, place);
    }
  }
  if (node.kind == JaegerFilter::Kind::Scalar && node.values.empty()) {
    return invalid_argument("a scalar has no value");
  }
  return {};
}

Status read_call(Element element, JaegerFilter& call);

// One of the arms of an expression: {"attr":{...}}.
Status read_argument(Element element, JaegerFilter& node) {
  SPOOR_ASSIGN(Object object, object_of(element, "an argument"));
  if (object.size() != 1) {
    return invalid_argument(
        "expected an argument to have exactly one of attr, field, nested, scalar, list and call");
  }
  auto [key, value] = *object.begin();
  if (key == "call") return read_call(value, node);
  if (key == "attr") {
    node.kind = JaegerFilter::Kind::Attribute;
  } else if (key == "field") {
    node.kind = JaegerFilter::Kind::Field;
  } else if (key == "nested") {
    node.kind = JaegerFilter::Kind::Nested;
  } else if (key == "scalar") {
    node.kind = JaegerFilter::Kind::Scalar;
  } else if (key == "list") {
    node.kind = JaegerFilter::Kind::List;
  } else {
    return unknown_key(key, "an argument");
  }
  return read_term(value, key, node);
}

// Recursive as deep as parse_json lets the text nest.
Status read_call(Element element, JaegerFilter& call) {
  SPOOR_ASSIGN(Object object, object_of(element, "a call"));
  call.kind = JaegerFilter::Kind::Call;
  for (auto [key, value] : object) {
    if (key == "op") {
      SPOOR_ASSIGN(call.name, text_of(value, "op"));
      continue;
    }
    if (key != "args") return unknown_key(key, "a call");
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return expected("args", "an array");
    for (Element entry : array) {
      JaegerFilter node;
      SPOOR_TRY(read_argument(entry, node));
      call.arguments.push_back(std::move(node));
    }
  }
  if (call.name.empty()) return invalid_argument("a call has no op");
  return {};
}

std::string parameter_text(Element element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(element);
}

}  // namespace

Result<JaegerPairs> decode_jaeger_tags(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  SPOOR_TRY(parse_json(json, kJsonDepthMax, parser, root));
  JaegerPairs pairs;
  if (root.is_null()) return pairs;
  SPOOR_ASSIGN(Object object, object_of(root, "the tags"));
  for (auto [key, value] : object) {
    SPOOR_ASSIGN(std::string text, text_of(value, "the value of \"" + std::string(key) + "\""));
    pairs.emplace_back(std::string(key), std::move(text));
  }
  return pairs;
}

Result<JaegerFilter> decode_jaeger_filter(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  SPOOR_TRY(parse_json(json, kJsonDepthMax, parser, root));
  JaegerFilter filter;
  SPOOR_TRY(read_call(root, filter));
  return filter;
}

Result<JaegerPairs> decode_jaeger_v3_request(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  SPOOR_TRY(parse_json(json, kJsonDepthMax, parser, root));
  SPOOR_ASSIGN(Object object, object_of(root, "the body"));
  JaegerPairs pairs;
  for (auto [key, value] : object) {
    if (value.is_null()) continue;
    if (key != "query") {
      pairs.emplace_back(std::string(key), parameter_text(value));
      continue;
    }
    SPOOR_ASSIGN(Object query, object_of(value, "query"));
    for (auto [name, member] : query) {
      if (!member.is_null())
        pairs.emplace_back("query." + std::string(name), parameter_text(member));
    }
  }
  return pairs;
}

}  // namespace spoor::wire
