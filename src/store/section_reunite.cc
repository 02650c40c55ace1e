// The slow road of SectionMerge: a trace with fragments in several places, as spans.
#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "store/distinct_spans.h"
#include "store/limits.h"
#include "store/section_merge.h"

namespace spoor::store {

Status SectionMerge::read_fragments(const TracePlace& place, SpanBatch& batch) {
  uint64_t rows = 0;
  auto fragments = std::ranges::equal_range(split_, place.id.hash(), {}, &Fragment::hash);
  for (const Fragment& fragment : fragments) {
    const Input& input = inputs_[fragment.input];
    SPOOR_ASSIGN(auto places, input.reader->read_trace_page(*input.directories,
                                                            fragment.ordinal / kTracesPerPage));
    const TracePlace& found = places[fragment.ordinal % kTracesPerPage];
    if (found.id != place.id) continue;  // another id of the same hash
    SPOOR_TRY(input.fragments->read(found, batch));
    rows += found.rows;
  }
  return rows == batch.spans.size() ? Status() : data_loss("rows of a split trace are missing");
}

Status SectionMerge::reunite(const TracePlace& place) {
  SpanBatch batch;
  SPOOR_TRY(read_fragments(place, batch));
  const size_t read = batch.spans.size();
  drop_repeated_spans(batch);
  repeated_spans_ += read - batch.spans.size();
  // Siblings lie in the order of their starts.
  std::ranges::stable_sort(
      batch.spans, {}, [](const Span& span) { return std::tuple(span.start.value, span.span_id); });
  resources_.clear(), scopes_.clear();
  for (const Resource& resource : batch.resources) resources_.push_back(origins_.code_of(resource));
  for (const Scope& scope : batch.scopes) scopes_.push_back(origins_.code_of(scope));
  return write_spans(place.id, batch);
}

Status SectionMerge::write_spans(const TraceId& id, const SpanBatch& batch) {
  nodes_.clear();
  for (const Span& span : batch.spans) {
    bool names_parent = !span.parent_span_id.empty();
    nodes_.push_back({SpanId::from_bytes(span.span_id),
                      names_parent ? SpanId::from_bytes(span.parent_span_id) : SpanId{},
                      names_parent});
  }
  uint64_t start = batch.spans.front().start.value;
  SPOOR_TRY(output_.begin_trace(id, start, static_cast<uint32_t>(batch.spans.size())));
  for (const OrderedNode& node : order_.of(nodes_)) {
    SPOOR_TRY(output_.begin_row());
    write_row(batch.spans[node.node], node.depth);
  }
  return output_.end_trace();
}

void SectionMerge::write_row(const Span& span, uint32_t depth) {
  uint32_t resource = resources_[span.resource];
  uint32_t service = origins_.services_of_resources()[resource];
  uint32_t shape_code = encoder_.encode(span, service, scopes_[span.scope]);
  // Names and keys of their own must not make a template each.
  if (templates_->added_shapes() >= kRareShapesMax && has_new_shape(shape_code)) {
    constexpr RowForm kGeneral{NameForm::Value, AttributeForm::List};
    shape_code = encoder_.encode_as({kGeneral, kGeneral}, span, service, scopes_[span.scope]);
  }
  ByteReader reader(encoder_.values());
  write_table_row(shape_code, reader);
  while (!reader.at_end()) write_table_row(static_cast<uint32_t>(reader.varint()), reader);
  SPOOR_ASSERT(!reader.failed());
  const Shape& shape = shapes_[shape_code];
  SpanFacts facts;
  facts.service = shape.service;
  facts.depth = depth;
  facts.start = span.start.value;
  facts.duration = span.end.value - span.start.value;
  read_row_facts(shape_facts(shape), shape, encoder_.values(), facts);
  output_.add_span({.shape = shape,
                    .resource = resource,
                    .span_id = span.span_id,
                    .parent_span_id = span.parent_span_id,
                    .facts = facts});
}

// Whether the row that was just encoded, or one of its children, has a shape that the output lacks.
bool SectionMerge::has_new_shape(uint32_t shape_code) {
  ByteReader reader(encoder_.values());
  while (true) {
    const Shape& shape = shapes_[shape_code];
    if (templates_->is_new(shape_key(shape))) return true;
    for (const Field& field : shape.fields) skip_row_value(reader, field.type);
    if (reader.at_end()) return false;
    shape_code = static_cast<uint32_t>(reader.varint());
  }
}

// One row of a table: the span's own, then each of its events and links.
void SectionMerge::write_table_row(uint32_t shape_code, ByteReader& reader) {
  const Shape& shape = shapes_[shape_code];
  values_.clear();
  for (const Field& field : shape.fields) values_.push_back(skip_row_value(reader, field.type));
  uint32_t code = templates_->find_or_add(shape_key(shape), values_);
  add_columns();
  const auto& fields = templates_->of(shape.table, code).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].in_column) continue;
    templates_->prepare_value(fields[i].column, values_[i]);
    output_.add_value(fields[i].column, values_[i]);
  }
  output_.add_template(shape.table, code);
}

}  // namespace spoor::store
