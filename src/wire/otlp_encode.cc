#include "wire/otlp_encode.h"

#include <ranges>

#include "wire/otlp_attributes.h"
#include "wire/span_groups.h"

// The writer fills its buffer from the back: every function here writes its last field first.
namespace spoor::wire {
namespace {

void write_event(ProtobufWriter& out, const Event& event) {
  size_t end = out.mark();
  out.varint_unless_zero(4, event.dropped_attributes_count);
  write_attributes(out, 3, event.attributes);
  out.bytes_unless_empty(2, event.name);
  out.fixed64_unless_zero(1, event.time.value);
  out.message(11, end);
}

void write_link(ProtobufWriter& out, const Link& link) {
  size_t end = out.mark();
  out.fixed32_unless_zero(6, link.flags);
  out.varint_unless_zero(5, link.dropped_attributes_count);
  write_attributes(out, 4, link.attributes);
  out.bytes_unless_empty(3, link.trace_state);
  out.bytes_unless_empty(2, link.span_id);
  out.bytes_unless_empty(1, link.trace_id);
  out.message(13, end);
}

// An enum is an int32 on the wire: a negative number takes ten bytes.
uint64_t enum_bits(uint32_t number) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(number)));
}

void write_status(ProtobufWriter& out, const SpanStatus& status) {
  if (!status.present) return;
  size_t end = out.mark();
  out.varint_unless_zero(3, enum_bits(status.code));
  out.bytes_unless_empty(2, status.message);
  out.message(15, end);
}

void write_span(ProtobufWriter& out, const Span& span) {
  size_t end = out.mark();
  out.fixed32_unless_zero(16, span.flags);
  write_status(out, span.status);
  out.varint_unless_zero(14, span.dropped_links_count);
  for (const Link& link : std::views::reverse(span.links)) write_link(out, link);
  out.varint_unless_zero(12, span.dropped_events_count);
  for (const Event& event : std::views::reverse(span.events)) write_event(out, event);
  out.varint_unless_zero(10, span.dropped_attributes_count);
  write_attributes(out, 9, span.attributes);
  out.fixed64_unless_zero(8, span.end.value);
  out.fixed64_unless_zero(7, span.start.value);
  out.varint_unless_zero(6, enum_bits(span.kind));
  out.bytes_unless_empty(5, span.name);
  out.bytes_unless_empty(4, span.parent_span_id);
  out.bytes_unless_empty(3, span.trace_state);
  out.bytes_unless_empty(2, span.span_id);
  out.bytes_unless_empty(1, span.trace_id);
  out.message(2, end);
}

void write_scope(ProtobufWriter& out, const Scope& scope) {
  if (!scope.present) return;
  size_t end = out.mark();
  out.varint_unless_zero(4, scope.dropped_attributes_count);
  write_attributes(out, 3, scope.attributes);
  out.bytes_unless_empty(2, scope.version);
  out.bytes_unless_empty(1, scope.name);
  out.message(1, end);
}

void write_entity_ref(ProtobufWriter& out, const EntityRef& entity) {
  size_t end = out.mark();
  for (std::string_view key : std::views::reverse(entity.description_keys)) out.bytes(4, key);
  for (std::string_view key : std::views::reverse(entity.id_keys)) out.bytes(3, key);
  out.bytes_unless_empty(2, entity.type);
  out.bytes_unless_empty(1, entity.schema_url);
  out.message(3, end);
}

void write_resource(ProtobufWriter& out, const Resource& resource) {
  if (!resource.present) return;
  size_t end = out.mark();
  for (const EntityRef& entity : std::views::reverse(resource.entity_refs)) {
    write_entity_ref(out, entity);
  }
  out.varint_unless_zero(2, resource.dropped_attributes_count);
  write_attributes(out, 1, resource.attributes);
  out.message(1, end);
}

void write_scope_spans(ProtobufWriter& out, const SpanBatch& batch, const ScopeGroup& group) {
  const Scope& scope = batch.scopes[group.scope];
  size_t end = out.mark();
  out.bytes_unless_empty(3, scope.schema_url);
  for (uint32_t span : std::views::reverse(group.spans)) write_span(out, batch.spans[span]);
  write_scope(out, scope);
  out.message(2, end);
}

void write_resource_spans(ProtobufWriter& out, const SpanBatch& batch, const ResourceGroup& group) {
  const Resource& resource = batch.resources[group.resource];
  size_t end = out.mark();
  out.bytes_unless_empty(3, resource.schema_url);
  for (const ScopeGroup& scope : std::views::reverse(group.scopes)) {
    write_scope_spans(out, batch, scope);
  }
  write_resource(out, resource);
  out.message(1, end);
}

}  // namespace

std::string encode_otlp(const SpanBatch& batch) {
  constexpr size_t kTypicalSpanBytes = 512;
  ProtobufWriter out(batch.spans.size() * kTypicalSpanBytes + 1024);
  std::vector<ResourceGroup> groups = group_spans(batch);
  for (const ResourceGroup& group : std::views::reverse(groups)) {
    write_resource_spans(out, batch, group);
  }
  return std::string(out.view());
}

}  // namespace spoor::wire
