#include "query/metrics_head_count.h"

#include <algorithm>

#include "query/leaf_fields.h"
#include "store/row.h"
#include "store/value_codec.h"

namespace spoor::query {

using store::HeadView;
using store::Shape;

MetricsHeadCount::MetricsHeadCount(const HeadScan& scan, const MetricsPlan& plan,
                                   const MetricsIntervals& intervals)
    : scan_(scan), plan_(plan), intervals_(intervals), fields_(plan.key_fields()) {
  if (const auto& field = plan.aggregate().field) fields_.push_back(*field);
  for (std::string_view bytes : scan.view().resources) {
    resources_.push_back(store::decode_resource(bytes, arena_).value());
  }
  for (std::string_view bytes : scan.view().scopes) {
    scopes_.push_back(store::decode_scope(bytes, arena_).value());
  }
  for (const Shape* shape : scan.view().shapes) {
    ShapePlan& of = shapes_.emplace_back();
    if (shape->table != store::Table::Span) continue;
    for (const traceql::Field& field : fields_) {
      of.places.push_back(place_of(field, *shape, scopes_[shape->scope]));
      of.has_values |= of.places.back().kind == FieldPlace::Kind::Value;
    }
  }
}

bool MetricsHeadCount::is_plain(const PlainKeys& keys) const {
  // Lists of attributes are few in the head; what is in them is left to whole traces.
  auto of_shape = [&](const Shape* shape) {
    return has_plain_attributes(*shape, keys) && (keys.empty() || !list_field(*shape));
  };
  auto of_list = [&](const auto& one) { return are_plain(one.attributes, keys); };
  return std::ranges::all_of(scan_.view().shapes, of_shape) &&
         std::ranges::all_of(resources_, of_list) && std::ranges::all_of(scopes_, of_list);
}

void MetricsHeadCount::read_values(const ShapePlan& plan, const HeadView::Row& row,
                                   std::vector<Value>& values, Arena& arena) const {
  const Shape& shape = *scan_.view().shapes[row.header.shape];
  values.assign(shape.fields.size(), Value());
  ByteReader reader(row.values);
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    std::string_view bytes = store::skip_row_value(reader, shape.fields[i].type);
    bool is_asked = std::ranges::any_of(plan.places, [i](const FieldPlace& place) {
      return place.kind == FieldPlace::Kind::Value && place.field == i;
    });
    if (!is_asked) continue;
    ByteReader value(bytes);
    values[i] = store::read_row_value(value, shape.fields[i].type, arena).value();
  }
}

std::optional<TypedValue> MetricsHeadCount::value(size_t field, const HeadView::Row& row,
                                                  const std::vector<Value>& values) const {
  const FieldPlace& place = shapes_[row.header.shape].places[field];
  switch (place.kind) {
    case FieldPlace::Kind::Constant:
      return place.constant;
    case FieldPlace::Kind::Duration:
      return TypedValue::whole(traceql::Type::Duration, duration_of(row.header.duration));
    case FieldPlace::Kind::Resource: {
      TypedValue of = resource_value(fields_[field], resources_[row.header.resource]);
      if (!of.is_nil()) return of;
      if (place.others_may_have) return std::nullopt;
      return place.constant;
    }
    case FieldPlace::Kind::Value:
      return field_value(fields_[field], TypedValue::of(values[place.field]));
    case FieldPlace::Kind::Root: {
      const HeadTrace& trace = scan_.traces()->find(row.header.trace_id);
      bool is_name = fields_[field].intrinsic == traceql::Intrinsic::RootName;
      return TypedValue::text(is_name ? trace.root_name : trace.root_service);
    }
    case FieldPlace::Kind::TraceDuration: {
      uint64_t duration = scan_.traces()->find(row.header.trace_id).duration();
      return TypedValue::whole(traceql::Type::Duration, static_cast<int64_t>(duration));
    }
    case FieldPlace::Kind::List:
    case FieldPlace::Kind::Unknown:
      break;
  }
  return std::nullopt;
}

Result<MetricsOutcome> MetricsHeadCount::count(size_t chunk, MetricsTable& table,
                                               uint64_t& spans) const {
  MetricsKey key;
  std::vector<Value> values;
  bool is_known = true;
  auto take = [&](const HeadView::Row& row) {
    if (!is_known) return;
    const HeadTraces* traces = scan_.traces();
    if (traces != nullptr && traces->find(row.header.trace_id).is_undecided) return;
    Arena arena;
    const ShapePlan& shape = shapes_[row.header.shape];
    if (shape.has_values) read_values(shape, row, values, arena);
    key.clear();
    TypedValue number;
    for (size_t field = 0; field < fields_.size(); ++field) {
      std::optional<TypedValue> of = value(field, row, values);
      is_known = is_known && of.has_value();
      if (!of) return;
      if (field < plan_.key_fields().size()) {
        append_metrics_key(key, *of);
      } else {
        number = *of;
      }
    }
    if (!MetricsCells::counts(plan_, number)) return;
    table.cells(key).add(plan_, intervals_.of({row.header.start}), number);
    ++spans;
  };
  scan_.visit(chunk, intervals_.first().value, intervals_.last().value, take);
  return is_known ? MetricsOutcome::Counted : MetricsOutcome::NotPossible;
}

}  // namespace spoor::query
