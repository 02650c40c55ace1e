#include "query/traceql_projection.h"

namespace spoor::query {
namespace {

using store::Projection;
using traceql::AttributeScope;
using traceql::Intrinsic;

void add_attribute(const traceql::Field& field, Projection& projection) {
  const bool is_anywhere = field.scope == AttributeScope::None;
  if (is_anywhere || field.scope == AttributeScope::Span) {
    projection.attributes.push_back(field.name);
  }
  if (is_anywhere || field.scope == AttributeScope::Event) {
    projection.events = Projection::Part::Read;
  }
  if (is_anywhere || field.scope == AttributeScope::Link) {
    projection.links = Projection::Part::Read;
  }
}

void add_intrinsic(Intrinsic intrinsic, Projection& projection) {
  switch (intrinsic) {
    case Intrinsic::StatusMessage:
      projection.status_message = Projection::Part::Read;
      return;
    case Intrinsic::SamplingWeight:
      projection.trace_state = Projection::Part::Read;
      return;
    case Intrinsic::EventName:
    case Intrinsic::EventTimeSinceStart:
      projection.events = Projection::Part::Read;
      return;
    case Intrinsic::LinkTraceId:
    case Intrinsic::LinkSpanId:
      projection.links = Projection::Part::Read;
      return;
    default:
      return;  // of what always comes
  }
}

}  // namespace

Projection projection_of(std::span<const traceql::Field> fields) {
  Projection projection;
  for (const traceql::Field& field : fields) {
    if (field.kind == traceql::Field::Kind::Attribute) {
      add_attribute(field, projection);
    } else {
      add_intrinsic(field.intrinsic, projection);
    }
  }
  return projection;
}

}  // namespace spoor::query
