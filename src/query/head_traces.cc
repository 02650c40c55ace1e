#include "query/head_traces.h"

#include <algorithm>

#include "base/assert.h"
#include "store/row.h"

namespace spoor::query {
namespace {

bool has_name_value(const store::Shape& shape) {
  return std::ranges::find(shape.fields, store::FieldKind::Name, &store::Field::kind) !=
         shape.fields.end();
}

void add_row(const store::HeadView& view, const store::RowHeader& header, HeadTrace& trace) {
  trace.start = std::min(trace.start, header.start);
  trace.end = std::max(trace.end, header.start + header.duration);
  if (!header.parent_span_id.is_zero()) return;
  const store::Shape& shape = *view.shapes[header.shape];
  trace.is_undecided |= trace.has_root || has_name_value(shape);
  trace.has_root = true;
  trace.root_name = shape.name;
  trace.root_service = view.services[shape.service];
}

}  // namespace

HeadTraces::HeadTraces(const store::Snapshot& snapshot, const WholeTraces& whole_traces) {
  const auto& ids = whole_traces.of_head();
  traces_.reserve(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    traces_[ids[i]].is_undecided = whole_traces.is_divided_of_head()[i] != 0;
  }
  visit_head(snapshot, [&](const store::HeadView& view, const store::HeadView::Row& row) {
    auto found = traces_.find(row.header.trace_id);
    SPOOR_ASSERT(found != traces_.end());
    add_row(view, row.header, found->second);
  });
}

const HeadTrace& HeadTraces::find(const TraceId& id) const {
  auto found = traces_.find(id);
  SPOOR_ASSERT(found != traces_.end());
  return found->second;
}

std::vector<TraceId> HeadTraces::undecided() const {
  std::vector<TraceId> ids;
  for (const auto& [id, trace] : traces_) {
    if (trace.is_undecided) ids.push_back(id);
  }
  return ids;
}

bool matches(const Leaf& leaf, const HeadTrace& trace) {
  switch (leaf.target) {
    case Target::RootName:
      return leaf.predicate.text(trace.root_name);
    case Target::RootService:
      return leaf.predicate.text(trace.root_service);
    default:
      return leaf.predicate.integer(static_cast<int64_t>(trace.duration()));
  }
}

bool may_match(const Prepared& of_traces, const HeadTrace& trace) {
  if (trace.is_undecided) return true;
  auto verdict = [&](size_t leaf) {
    return matches(of_traces.leaves[leaf], trace) ? Verdict::Yes : Verdict::No;
  };
  return evaluate(of_traces.root, verdict) != Verdict::No;
}

}  // namespace spoor::query
