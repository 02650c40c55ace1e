#include "store/column_choice.h"

#include <algorithm>

namespace spoor::store {
namespace {

bool is_read(const ColumnId& column, const Projection& projection) {
  using Part = Projection::Part;
  switch (column.kind) {
    case FieldKind::Name:
      return true;
    case FieldKind::StatusMessage:
      return projection.status_message == Part::Read;
    case FieldKind::TraceState:
      return projection.trace_state == Part::Read;
    case FieldKind::EventCount:
      return projection.events == Part::Read;
    case FieldKind::LinkCount:
      return projection.links == Part::Read;
    case FieldKind::Attribute:
      return projection.other_fields == Part::Read ||
             std::ranges::find(projection.attributes, column.key) != projection.attributes.end();
    case FieldKind::AttributeList:
      return projection.other_fields == Part::Read || !projection.attributes.empty();
    default:
      return projection.other_fields == Part::Read;
  }
}

}  // namespace

ColumnChoice::ColumnChoice(const SectionMetadata& metadata, const Projection& projection)
    : reads_table_{true, projection.events == Projection::Part::Read,
                   projection.links == Projection::Part::Read} {
  for (const ColumnId& column : metadata.columns) {
    bool is_of_span = column.table == Table::Span;
    reads_.push_back(is_of_span ? is_read(column, projection) : reads(column.table));
  }
}

}  // namespace spoor::store
