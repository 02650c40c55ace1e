#include "query/traceql_fields.h"

#include "base/assert.h"
#include "model/sampling_weight.h"
#include "query/leaf_fields.h"

namespace spoor::query {
namespace {

using traceql::AttributeScope;
using traceql::Type;

bool append_attribute(Attributes attributes, std::string_view key, TypedValues& values) {
  const Value* found = find_attribute(attributes, key);
  if (found == nullptr) return false;
  TypedValue value = TypedValue::of(*found);
  if (value.is_nil()) return false;
  values.push_back(value);
  return true;
}

// Whether the scope has the attribute.
bool append_attributes(AttributeScope scope, std::string_view key, TraceqlTrace& trace, SpanIndex i,
                       TypedValues& values) {
  bool has_any = false;
  switch (scope) {
    case AttributeScope::Span:
      return append_attribute(trace.span(i).attributes, key, values);
    case AttributeScope::Resource:
      return append_attribute(trace.resource(i).attributes, key, values);
    case AttributeScope::Instrumentation:
      return append_attribute(trace.scope(i).attributes, key, values);
    case AttributeScope::Event:
      for (const Event& event : trace.span(i).events) {
        has_any |= append_attribute(event.attributes, key, values);
      }
      return has_any;
    case AttributeScope::Link:
      for (const Link& link : trace.span(i).links) {
        has_any |= append_attribute(link.attributes, key, values);
      }
      return has_any;
    case AttributeScope::None:
      break;
  }
  for (AttributeScope one : {AttributeScope::Span, AttributeScope::Resource, AttributeScope::Event,
                             AttributeScope::Link, AttributeScope::Instrumentation}) {
    if (append_attributes(one, key, trace, i, values)) return true;
  }
  return false;
}

TypedValue hex(Arena& arena, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* text = arena.allocate<char>(bytes.size() * 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto byte = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kDigits[byte >> 4];
    text[2 * i + 1] = kDigits[byte & 15];
  }
  return TypedValue::text({text, bytes.size() * 2});
}

TypedValue nanos(uint64_t duration) {
  return TypedValue::whole(Type::Duration, static_cast<int64_t>(duration));
}

TypedValue tree_value(traceql::Intrinsic intrinsic, TraceqlTrace& trace, SpanIndex i) {
  using traceql::Intrinsic;
  const TraceqlTrace::Place& place = trace.place(i);
  switch (intrinsic) {
    case Intrinsic::ChildCount:
      return TypedValue::integer(place.children);
    case Intrinsic::NestedSetLeft:
      return TypedValue::integer(place.left);
    case Intrinsic::NestedSetRight:
      return TypedValue::integer(place.right);
    default:
      break;
  }
  SPOOR_ASSERT(intrinsic == Intrinsic::NestedSetParent);
  if (place.left == 0) return TypedValue::integer(0);
  SpanIndex parent = trace.parent(i);
  return TypedValue::integer(parent == kNoSpan ? -1 : int64_t{trace.place(parent).left});
}

TypedValue trace_value(traceql::Intrinsic intrinsic, TraceqlTrace& trace, SpanIndex i) {
  using traceql::Intrinsic;
  if (intrinsic == Intrinsic::TraceDuration) return nanos(trace.duration());
  if (intrinsic == Intrinsic::TraceId) return hex(trace.arena(), trace.span(i).trace_id);
  std::optional<SpanIndex> root = trace.root();
  if (!root) return TypedValue::text("");
  return TypedValue::text(intrinsic == Intrinsic::RootName ? trace.span(*root).name
                                                           : trace.resource(*root).service_name());
}

TypedValue span_value(traceql::Intrinsic intrinsic, TraceqlTrace& trace, SpanIndex i) {
  using traceql::Intrinsic;
  const Span& span = trace.span(i);
  switch (intrinsic) {
    case Intrinsic::Name:
      return TypedValue::text(span.name);
    case Intrinsic::Status:
      return TypedValue::whole(Type::Status, span.status.code);
    case Intrinsic::StatusMessage:
      return TypedValue::text(span.status.message);
    case Intrinsic::Kind:
      return TypedValue::whole(Type::Kind, span.kind);
    case Intrinsic::Duration:
      return TypedValue::whole(Type::Duration, duration_of(span.end.value - span.start.value));
    case Intrinsic::SpanId:
      return hex(trace.arena(), span.span_id);
    case Intrinsic::ParentId:
      return span.has_parent() ? hex(trace.arena(), span.parent_span_id) : TypedValue::text("");
    case Intrinsic::InstrumentationName:
      return TypedValue::text(trace.scope(i).name);
    case Intrinsic::InstrumentationVersion:
      return TypedValue::text(trace.scope(i).version);
    case Intrinsic::SamplingWeight:
      return TypedValue::floating(sampling_weight(span.trace_state));
    case Intrinsic::TraceDuration:
    case Intrinsic::TraceId:
    case Intrinsic::RootName:
    case Intrinsic::RootServiceName:
      return trace_value(intrinsic, trace, i);
    default:
      return tree_value(intrinsic, trace, i);
  }
}

}  // namespace

void append_values(const traceql::Field& field, TraceqlTrace& trace, SpanIndex i,
                   TypedValues& values) {
  using traceql::Intrinsic;
  if (field.kind == traceql::Field::Kind::Attribute) {
    SPOOR_ASSERT(field.owner == traceql::Owner::Self);
    append_attributes(field.scope, field.name, trace, i, values);
    return;
  }
  const Span& span = trace.span(i);
  switch (field.intrinsic) {
    case Intrinsic::EventName:
      for (const Event& event : span.events) values.push_back(TypedValue::text(event.name));
      return;
    case Intrinsic::EventTimeSinceStart:
      for (const Event& event : span.events) {
        values.push_back(nanos(event.time.value - span.start.value));
      }
      return;
    case Intrinsic::LinkTraceId:
      for (const Link& link : span.links) values.push_back(hex(trace.arena(), link.trace_id));
      return;
    case Intrinsic::LinkSpanId:
      for (const Link& link : span.links) values.push_back(hex(trace.arena(), link.span_id));
      return;
    default:
      values.push_back(span_value(field.intrinsic, trace, i));
  }
}

}  // namespace spoor::query
