#include "query/condition_masks.h"

#include "query/head_scan.h"
#include "query/lower_condition.h"
#include "query/section_scan.h"

namespace spoor::query {

std::optional<ConditionMasks> ConditionMasks::of(const traceql::FieldExpression& condition) {
  Expression necessary = lower_condition(condition, Purpose::Necessary).expression;
  if (necessary.kind == Expression::Kind::True) return std::nullopt;
  Result<Prepared> prepared = prepare(necessary);
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
