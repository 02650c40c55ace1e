// A condition on spans as masks for the store's catalogue: which span templates and shapes may
// have a span that it holds for. Immutable and thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "query/prepared.h"
#include "store/catalogue.h"
#include "traceql/tree.h"

namespace spoor::query {

class ConditionMasks final : public store::SpanMasks {
 public:
  // Nothing where the condition says nothing of single spans. REQUIRES: traceql::check() let it
  // pass.
  static std::optional<ConditionMasks> of(const traceql::FieldExpression& condition);

  Result<std::vector<uint8_t>> templates(store::SectionReader& section) const override;
  std::vector<uint8_t> shapes(const store::HeadView& view,
                              const store::Visible& visible) const override;

 private:
  explicit ConditionMasks(Prepared prepared) : prepared_(std::move(prepared)) {}

  Prepared prepared_;
};

}  // namespace spoor::query
