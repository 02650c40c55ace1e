#include "store/section_writer.h"

#include "base/assert.h"
#include "store/row_visit.h"

namespace spoor::store {

constexpr uint32_t kRowsAheadMax = 32;

// Sends the values of one row to template or column.
struct RowRouter {
  void begin(uint32_t code, const Shape&) {
    fields = writer.plan_.shape(code).fields.data();
    writer.templates_.begin();
  }

  void value(uint32_t, size_t field_index, std::string_view bytes) {
    const FieldPlan& field = fields[field_index];
    if (field.kind == FieldPlan::Kind::Promoted) writer.templates_.add_promoted(field, bytes);
    if (field.kind == FieldPlan::Kind::Residual) writer.output_.add_value(field.column, bytes);
  }

  void end(uint32_t code) {
    writer.output_.add_template(writer.input_.shapes()[code].table, writer.templates_.code(code));
  }

  SectionWriter& writer;
  const FieldPlan* fields = nullptr;  // of the shape in hand
};

SectionWriter::SectionWriter(const SectionInput& input, std::span<const Fragment> fragments,
                             Contexts contexts, ColumnBuilder::WriteBlock write)
    : input_(input),
      fragments_(fragments),
      plan_(input, fragments),
      templates_(input, plan_),
      output_(contexts, std::move(write)) {
  for (uint32_t i = 0; i < plan_.columns().size(); ++i) {
    output_.add_column(plan_.columns()[i], plan_.dictionary(i));
  }
  for (uint32_t i = 0; i < input.shapes().size(); ++i) {
    const Shape& shape = input.shapes()[i];
    shape_facts_.push_back(shape.table == Table::Span ? shape_facts(shape) : ShapeFacts());
  }
  output_.set_origins({.services = input.services(),
                       .scopes = input.scopes(),
                       .resources = input.resources(),
                       .service_of_resource = input.services_of_resources(),
                       .used_resources = plan_.used_resources()});
}

SectionWriter::~SectionWriter() = default;

void SectionWriter::write_row(const SectionInput::Row& place, uint32_t depth) {
  HeadView::Row row = input_.row(place);
  RowRouter router{*this};
  visit_row(input_, place, row, router);
  const RowHeader& header = row.header;
  uint32_t code = input_.shape_of(place, header.shape);
  const Shape& shape = input_.shapes()[code];
  SpanFacts facts;
  facts.service = shape.service;
  facts.depth = depth;
  facts.start = header.start;
  facts.duration = header.duration;
  read_row_facts(shape_facts_[code], shape, row.values, facts);
  output_.add_span({.shape = shape,
                    .resource = input_.resource_of(place, header.resource),
                    .span_id = header.span_id.view(),
                    .parent_span_id = header.parent_span_id.view(),
                    .facts = facts});
}

Status SectionWriter::write_fragment(const Fragment& fragment) {
  auto places = input_.rows().subspan(fragment.first_row, fragment.rows);
  nodes_.clear();
  // The rows of the next fragment, as many as this one has.
  for (uint32_t i = 0; i < fragment.rows && i < kRowsAheadMax; ++i) {
    input_.prefetch(fragment.first_row + fragment.rows + i);
  }
  for (const auto& place : places) {
    RowHeader header = input_.row(place).header;
    const Shape& shape = input_.shapes()[input_.shape_of(place, header.shape)];
    nodes_.push_back({header.span_id, header.parent_span_id, shape.names_parent != 0});
  }
  TraceId id = input_.row(places[0]).header.trace_id;
  SPOOR_TRY(output_.begin_trace(id, fragment.start_min, fragment.rows));
  for (const OrderedNode& node : order_.of(nodes_)) {
    SPOOR_TRY(output_.begin_row());
    write_row(places[node.node], node.depth);
  }
  return output_.end_trace();
}

Result<SectionFooter> SectionWriter::run(BlockRef& footer_block) {
  SPOOR_ASSERT(!fragments_.empty());
  for (const Fragment& fragment : fragments_) SPOOR_TRY(write_fragment(fragment));
  return output_.finish(templates_.encode(), footer_block);
}

}  // namespace spoor::store
