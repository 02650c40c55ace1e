// copy_batch, same_spans and to_text of arbitrary_spans.h.
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "support/arbitrary_spans.h"

namespace spoor::test {
namespace {

// A text that is equal exactly if the spans, with their resources and scopes, are equal: every
// field in order, strings sized by quotes and escapes, doubles by their bits.
class Printer {
 public:
  std::string text(const SpanBatch& batch, const Span& span) {
    resource(batch.resources.at(span.resource));
    scope(batch.scopes.at(span.scope));
    add("trace_id", to_hex(span.trace_id));
    add("span_id", to_hex(span.span_id));
    add("parent", to_hex(span.parent_span_id));
    quoted("name", span.name);
    quoted("trace_state", span.trace_state);
    number("flags", span.flags);
    number("kind", span.kind);
    number("start", span.start.value);
    number("end", span.end.value);
    attributes(span.attributes, span.dropped_attributes_count);
    for (const Event& event : span.events) {
      out_ += "\n  event";
      number("time", event.time.value);
      quoted("name", event.name);
      attributes(event.attributes, event.dropped_attributes_count);
    }
    number("dropped_events", span.dropped_events_count);
    for (const Link& link : span.links) {
      out_ += "\n  link";
      add("trace_id", to_hex(link.trace_id));
      add("span_id", to_hex(link.span_id));
      quoted("trace_state", link.trace_state);
      number("flags", link.flags);
      attributes(link.attributes, link.dropped_attributes_count);
    }
    number("dropped_links", span.dropped_links_count);
    if (span.status.present) out_ += "\n  status present";
    number("status", span.status.code);
    quoted("message", span.status.message);
    return std::move(out_);
  }

 private:
  void add(std::string_view name, std::string_view text) {
    if (!text.empty()) out_.append("\n  ").append(name).append("=").append(text);
  }
  void number(std::string_view name, uint64_t value) {
    if (value != 0) add(name, std::to_string(value));
  }
  void quoted(std::string_view name, std::string_view text) {
    if (!text.empty()) add(name, quote(text));
  }

  static std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (char c : text) {
      bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
      if (plain) {
        quoted.push_back(c);
      } else {
        quoted.append("\\x");
        append_hex(quoted, {&c, 1});
      }
    }
    return quoted + "\"";
  }

  void resource(const Resource& it) {
    out_ += it.present ? "resource" : "no resource";
    quoted("schema_url", it.schema_url);
    attributes(it.attributes, it.dropped_attributes_count);
    for (const EntityRef& entity : it.entity_refs) {
      out_ += "\n  entity";
      quoted("schema_url", entity.schema_url);
      quoted("type", entity.type);
      for (std::string_view key : entity.id_keys) out_ += " id " + quote(key);
      for (std::string_view key : entity.description_keys) out_ += " description " + quote(key);
    }
    out_ += "\n";
  }

  void scope(const Scope& it) {
    out_ += it.present ? "scope" : "no scope";
    quoted("schema_url", it.schema_url);
    quoted("name", it.name);
    quoted("version", it.version);
    attributes(it.attributes, it.dropped_attributes_count);
    out_ += "\nspan";
  }

  void attributes(Attributes entries, uint32_t dropped) {
    for (const KeyValue& entry : entries) {
      out_.append("\n    ").append(quote(entry.key)).append(": ");
      value(entry.value);
    }
    number("dropped_attributes", dropped);
  }

  void value(const Value& it) {
    switch (it.type()) {
      case ValueType::Absent:
        out_ += "absent";
        return;
      case ValueType::Empty:
        out_ += "empty";
        return;
      case ValueType::String:
        out_ += quote(it.as_string());
        return;
      case ValueType::Bytes:
        out_.append("bytes ").append(to_hex(it.as_string()));
        return;
      case ValueType::Bool:
        out_ += it.as_bool() ? "true" : "false";
        return;
      case ValueType::Int:
        out_.append("int ").append(std::to_string(it.as_int()));
        return;
      case ValueType::Double: {
        double number = it.as_double();
        std::string bits;
        append_le(bits, number);
        out_.append("double ").append(std::to_string(number)).append(" bits ").append(to_hex(bits));
        return;
      }
      case ValueType::Array:
        out_ += "[";
        for (const Value& entry : it.as_array()) {
          value(entry);
          out_ += ", ";
        }
        out_ += "]";
        return;
      case ValueType::KeyValueList:
        out_ += "{";
        for (const KeyValue& entry : it.as_list()) {
          out_.append(quote(entry.key)).append(": ");
          value(entry.value);
          out_ += ", ";
        }
        out_ += "}";
        return;
    }
  }

  std::string out_;
};

class Copier {
 public:
  explicit Copier(Arena& arena) : arena_(arena) {}

  Attributes copy(Attributes entries) {
    return copy_each(entries, [this](const KeyValue& it) {
      return KeyValue{arena_.copy(it.key), copy(it.value)};
    });
  }

  Value copy(const Value& value) {
    switch (value.type()) {
      case ValueType::String:
        return Value::of_string(arena_.copy(value.as_string()));
      case ValueType::Bytes:
        return Value::of_bytes(arena_.copy(value.as_string()));
      case ValueType::Array:
        return Value::of_array(
            copy_each(value.as_array(), [this](const Value& it) { return copy(it); }));
      case ValueType::KeyValueList:
        return Value::of_list(copy(value.as_list()));
      default:
        return value;
    }
  }

  Resource copy(Resource it) {
    it.attributes = copy(it.attributes);
    it.schema_url = arena_.copy(it.schema_url);
    it.entity_refs = copy_each(it.entity_refs, [this](EntityRef ref) {
      auto text = [this](std::string_view key) { return arena_.copy(key); };
      ref.schema_url = arena_.copy(ref.schema_url);
      ref.type = arena_.copy(ref.type);
      ref.id_keys = copy_each(ref.id_keys, text);
      ref.description_keys = copy_each(ref.description_keys, text);
      return ref;
    });
    return it;
  }

  Scope copy(Scope it) {
    it.name = arena_.copy(it.name);
    it.version = arena_.copy(it.version);
    it.attributes = copy(it.attributes);
    it.schema_url = arena_.copy(it.schema_url);
    return it;
  }

  Span copy(Span it) {
    it.trace_id = arena_.copy(it.trace_id);
    it.span_id = arena_.copy(it.span_id);
    it.parent_span_id = arena_.copy(it.parent_span_id);
    it.trace_state = arena_.copy(it.trace_state);
    it.name = arena_.copy(it.name);
    it.attributes = copy(it.attributes);
    it.status.message = arena_.copy(it.status.message);
    it.events = copy_each(it.events, [this](Event event) {
      event.name = arena_.copy(event.name);
      event.attributes = copy(event.attributes);
      return event;
    });
    it.links = copy_each(it.links, [this](Link link) {
      link.trace_id = arena_.copy(link.trace_id);
      link.span_id = arena_.copy(link.span_id);
      link.trace_state = arena_.copy(link.trace_state);
      link.attributes = copy(link.attributes);
      return link;
    });
    return it;
  }

 private:
  template <typename T, typename Function>
  std::span<const T> copy_each(std::span<const T> items, Function function) {
    T* target = arena_.allocate<T>(items.size());
    for (size_t i = 0; i < items.size(); ++i) target[i] = function(items[i]);
    return {target, items.size()};
  }

  Arena& arena_;
};

using Counts = std::map<std::string, int64_t>;

void append_surplus(std::string& message, std::string_view title, const Counts& counts, int sign) {
  constexpr int kShownMax = 2;
  int shown = 0;
  for (const auto& [text, count] : counts) {
    if (count * sign <= 0 || shown++ >= kShownMax) continue;
    message.append("\n").append(title).append(" (").append(std::to_string(count * sign));
    message.append(" times):\n").append(text);
  }
}

}  // namespace

std::string to_text(const SpanBatch& batch, const Span& span) {
  return Printer().text(batch, span);
}

SpanBatch copy_batch(const SpanBatch& batch) {
  SpanBatch copied;
  Copier copier(copied.arena);
  for (const Resource& resource : batch.resources)
    copied.resources.push_back(copier.copy(resource));
  for (const Scope& scope : batch.scopes) copied.scopes.push_back(copier.copy(scope));
  for (const Span& span : batch.spans) copied.spans.push_back(copier.copy(span));
  return copied;
}

testing::AssertionResult same_spans(const SpanBatch& expected, const SpanBatch& got) {
  Counts surplus;  // positive: only expected, negative: only got
  for (const Span& span : expected.spans) ++surplus[to_text(expected, span)];
  for (const Span& span : got.spans) --surplus[to_text(got, span)];
  std::string message;
  append_surplus(message, "missing", surplus, 1);
  append_surplus(message, "not expected", surplus, -1);
  if (message.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << expected.spans.size() << " spans expected, " << got.spans.size() << " got" << message;
}

}  // namespace spoor::test
