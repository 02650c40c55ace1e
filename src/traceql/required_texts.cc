#include "traceql/required_texts.h"

#include <algorithm>
#include <iterator>

namespace spoor::traceql {
namespace {

using Texts = std::vector<std::string>;

std::optional<Texts> text_of_equality(const FieldExpression& condition, const Field& field) {
  for (size_t i = 0; i < 2; ++i) {
    const FieldExpression& named = condition.operands[i];
    const FieldExpression& other = condition.operands[1 - i];
    if (named.kind != FieldExpression::Kind::Field || named.field != field) continue;
    if (other.kind != FieldExpression::Kind::Constant) continue;
    if (const auto* text = std::get_if<std::string>(&other.literal)) return Texts{*text};
  }
  return std::nullopt;
}

// Every operand holds: one that says nothing takes nothing away.
std::optional<Texts> of_all(const std::vector<FieldExpression>& operands, const Field& field) {
  std::optional<Texts> result;
  for (const FieldExpression& operand : operands) {
    std::optional<Texts> texts = required_texts(operand, field);
    if (!texts) continue;
    if (!result) {
      result = std::move(texts);
      continue;
    }
    Texts both;
    std::ranges::set_intersection(*result, *texts, std::back_inserter(both));
    result = std::move(both);
  }
  return result;
}

// One operand holds: if any says nothing, nothing is known.
std::optional<Texts> of_any(const std::vector<FieldExpression>& operands, const Field& field) {
  Texts result;
  for (const FieldExpression& operand : operands) {
    std::optional<Texts> texts = required_texts(operand, field);
    if (!texts) return std::nullopt;
    Texts united;
    std::ranges::set_union(result, *texts, std::back_inserter(united));
    result = std::move(united);
  }
  return result;
}

}  // namespace

std::optional<Texts> required_texts(const FieldExpression& condition, const Field& field) {
  if (condition.kind != FieldExpression::Kind::Operation) return std::nullopt;
  switch (condition.op) {
    case Operator::Equal:
      return text_of_equality(condition, field);
    case Operator::And:
      return of_all(condition.operands, field);
    case Operator::Or:
      return of_any(condition.operands, field);
    default:
      return std::nullopt;
  }
}

}  // namespace spoor::traceql
