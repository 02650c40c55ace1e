#include "query/head_scan.h"

#include <algorithm>

#include "base/assert.h"
#include "query/leaf_fields.h"
#include "store/row.h"
#include "store/value_codec.h"

namespace spoor::query {

using store::FieldKind;
using store::HeadView;
using store::Shape;
using store::Table;

HeadScan::HeadScan(HeadView view, const store::Visible& visible, const Prepared& prepared,
                   const HeadTraces* traces)
    : view_(std::move(view)), prepared_(prepared), traces_(traces) {
  for (store::LogPosition position : view_.batches) visible_.push_back(visible(position));
  of_resource_.resize(prepared_.leaves.size());
  of_scope_.resize(prepared_.leaves.size());
  for (size_t i = 0; i < prepared_.leaves.size(); ++i) {
    const Leaf& leaf = prepared_.leaves[i];
    if (table_of(leaf.target)) continue;
    Arena arena;
    if (leaf.target == Target::ResourceAttribute) {
      for (std::string_view bytes : view_.resources) {
        of_resource_[i].push_back(matches(leaf, store::decode_resource(bytes, arena).value()));
      }
    } else {
      for (std::string_view bytes : view_.scopes) {
        of_scope_[i].push_back(matches(leaf, store::decode_scope(bytes, arena).value()));
      }
    }
  }
  for (const Shape* shape : view_.shapes) {
    bool is_span = shape->table == Table::Span;
    shapes_.push_back(is_span ? plan_span(*shape) : plan_child(*shape));
    if (is_span && shapes_.back().possible != Verdict::No) matches_nothing_ = false;
  }
}

std::vector<uint8_t> HeadScan::candidates() const {
  std::vector<uint8_t> may_match;
  for (const ShapePlan& plan : shapes_) may_match.push_back(plan.possible != Verdict::No);
  return may_match;
}

void HeadScan::plan_fields(const Shape& shape, Table table, ShapePlan& plan) const {
  for (size_t leaf = 0; leaf < prepared_.leaves.size(); ++leaf) {
    const Leaf& of = prepared_.leaves[leaf];
    if (table_of(of.target) != table) continue;
    std::string_view service =
        table == Table::Span ? view_.services[shape.service] : std::string_view();
    plan.leaves[leaf] = shape_verdict(of, shape, service);
    for (size_t i = 0; i < shape.fields.size() && plan.leaves[leaf] != Verdict::Yes; ++i) {
      if (!looks_at(of, shape.fields[i])) continue;
      bool is_there = of.predicate.is_exists() && shape.fields[i].kind == FieldKind::Attribute;
      plan.leaves[leaf] = is_there ? Verdict::Yes : Verdict::Look;
      if (!is_there) plan.looks.push_back({i, leaf});
    }
  }
  std::ranges::stable_sort(plan.looks, {}, &FieldLook::field);
}

HeadScan::ShapePlan HeadScan::plan_span(const Shape& shape) const {
  ShapePlan plan;
  plan.leaves.resize(prepared_.leaves.size(), Verdict::No);
  plan_fields(shape, Table::Span, plan);
  for (size_t leaf = 0; leaf < prepared_.leaves.size(); ++leaf) {
    std::optional<Table> table = table_of(prepared_.leaves[leaf].target);
    if (std::ranges::find(of_resource_[leaf], 1) != of_resource_[leaf].end()) {
      plan.leaves[leaf] = Verdict::Look;  // by the row's resource
    }
    if (!of_scope_[leaf].empty()) {
      plan.leaves[leaf] = of_scope_[leaf][shape.scope] ? Verdict::Yes : Verdict::No;
    }
    bool has_children = (table == Table::Event && shape.event_count_field != Shape::kNoField) ||
                        (table == Table::Link && shape.link_count_field != Shape::kNoField);
    if (has_children) {
      plan.leaves[leaf] = Verdict::Look;
      plan.has_children = true;
    }
  }
  plan.possible = evaluate(prepared_.root, [&](size_t leaf) { return plan.leaves[leaf]; });
  return plan;
}

HeadScan::ShapePlan HeadScan::plan_child(const Shape& shape) const {
  ShapePlan plan;
  plan.leaves.resize(prepared_.leaves.size(), Verdict::No);
  plan_fields(shape, shape.table, plan);
  return plan;
}

void HeadScan::read_fields(const Shape& shape, const ShapePlan& plan, ByteReader& reader,
                           std::vector<Verdict>& found, uint64_t& children) const {
  Arena arena;
  auto look = plan.looks.begin();
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    const store::Field& field = shape.fields[i];
    std::string_view bytes = store::skip_row_value(reader, field.type);
    if (i == shape.event_count_field || i == shape.link_count_field) {
      ByteReader count(bytes);
      children += static_cast<uint64_t>(zigzag_decode(count.varint()));
    }
    for (; look != plan.looks.end() && look->field == i; ++look) {
      if (found[look->leaf] == Verdict::Yes) continue;
      const Leaf& leaf = prepared_.leaves[look->leaf];
      ByteReader value_reader(bytes);
      Value value = store::read_row_value(value_reader, field.type, arena).value();
      bool matched = field.kind == FieldKind::AttributeList
                         ? matches_encoded_list(leaf, value.as_string()).value()
                         : leaf.predicate.value(value);
      if (matched) found[look->leaf] = Verdict::Yes;
    }
  }
}

bool HeadScan::holds(const HeadView::Row& row) const {
  const Shape& shape = *view_.shapes[row.header.shape];
  const ShapePlan& plan = shapes_[row.header.shape];
  std::vector<Verdict> found(plan.leaves.size(), Verdict::No);
  for (size_t leaf = 0; leaf < found.size(); ++leaf) {
    const Leaf& of = prepared_.leaves[leaf];
    bool yes = plan.leaves[leaf] == Verdict::Yes;
    if (looks_at_trace(of)) {
      const HeadTrace* trace = traces_ != nullptr ? &traces_->find(row.header.trace_id) : nullptr;
      yes = trace == nullptr || trace->is_undecided || matches(of, *trace);
    }
    if (of.target == Target::Duration) yes = of.predicate.integer(duration_of(row.header.duration));
    if (of.target == Target::Start)
      yes = of.predicate.integer(static_cast<int64_t>(row.header.start));
    if (of.target == Target::NamesParent) {
      yes = of.predicate.integer(row.header.parent_span_id.is_zero() ? 0 : 1);
    }
    if (!of_resource_[leaf].empty()) yes = of_resource_[leaf][row.header.resource];
    if (yes) found[leaf] = Verdict::Yes;
  }
  ByteReader reader(row.values);
  uint64_t children = 0, grandchildren = 0;
  if (!plan.looks.empty() || plan.has_children) read_fields(shape, plan, reader, found, children);
  for (uint64_t i = 0; plan.has_children && i < children; ++i) {
    uint64_t code = reader.varint();
    SPOOR_ASSERT(code < shapes_.size());
    const ShapePlan& child = shapes_[code];
    for (size_t leaf = 0; leaf < found.size(); ++leaf) {
      if (child.leaves[leaf] == Verdict::Yes) found[leaf] = Verdict::Yes;
    }
    read_fields(*view_.shapes[code], child, reader, found, grandchildren);
  }
  return evaluate(prepared_.root, [&](size_t leaf) { return found[leaf]; }) == Verdict::Yes;
}

void HeadScan::match(size_t chunk, uint64_t start_min, uint64_t start_max,
                     std::vector<HeadMatch>& matches) const {
  visit(chunk, start_min, start_max, [&](const HeadView::Row& row) {
    matches.push_back({row.header.trace_id, row.header.start});
  });
}

}  // namespace spoor::query
