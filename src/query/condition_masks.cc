#include "query/condition_masks.h"

#include "query/head_scan.h"
#include "query/section_scan.h"
#include "query/traceql_lower.h"

namespace spoor::query {

std::optional<ConditionMasks> ConditionMasks::of(const traceql::FieldExpression& condition) {
  LoweredCondition lowered = lower_condition(condition);
  if (lowered.necessary.kind == Expression::Kind::True) return std::nullopt;
  Result<Prepared> prepared = prepare(lowered.necessary);
  if (!prepared.ok()) return std::nullopt;
  return ConditionMasks(std::move(*prepared));
}

Result<std::vector<uint8_t>> ConditionMasks::templates(store::SectionReader& section) const {
  SPOOR_ASSIGN(auto scan, SectionScan::create(section, prepared_));
  return scan->candidates();
}

std::vector<uint8_t> ConditionMasks::shapes(const store::HeadView& view,
                                            const store::Visible& visible) const {
  return HeadScan(view, visible, prepared_).candidates();
}

}  // namespace spoor::query
