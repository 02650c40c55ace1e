#include "query/prepared.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"

namespace spoor::query {
namespace {

Target target_of(Intrinsic intrinsic) {
  switch (intrinsic) {
    case Intrinsic::Name:
      return Target::Name;
    case Intrinsic::Service:
      return Target::Service;
    case Intrinsic::Kind:
      return Target::Kind;
    case Intrinsic::Status:
      return Target::Status;
    case Intrinsic::StatusMessage:
      return Target::StatusMessage;
    case Intrinsic::Duration:
      return Target::Duration;
    case Intrinsic::Start:
      return Target::Start;
    case Intrinsic::ScopeName:
      return Target::ScopeName;
    case Intrinsic::ScopeVersion:
      return Target::ScopeVersion;
    case Intrinsic::EventName:
      return Target::EventName;
    case Intrinsic::NamesParent:
      return Target::NamesParent;
    case Intrinsic::RootName:
      return Target::RootName;
    case Intrinsic::RootService:
      return Target::RootService;
    case Intrinsic::TraceDuration:
      return Target::TraceDuration;
  }
  SPOOR_ASSERT(false);
  return Target::Name;
}

Target target_of(Place place) {
  switch (place) {
    case Place::Resource:
      return Target::ResourceAttribute;
    case Place::Scope:
      return Target::ScopeAttribute;
    case Place::Event:
      return Target::EventAttribute;
    case Place::Link:
      return Target::LinkAttribute;
    default:
      return Target::SpanAttribute;
  }
}

class Preparation {
 public:
  Result<Node> node(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::True:
        return Node{};
      case Expression::Kind::And:
        return list(Node::Kind::And, expression.operands);
      case Expression::Kind::Or:
        return list(Node::Kind::Or, expression.operands);
      case Expression::Kind::Not:
        return list(Node::Kind::Not, expression.operands);
      case Expression::Kind::Compare:
        break;
    }
    if (expression.comparison == Comparison::Missing) {
      Expression exists = expression;
      exists.comparison = Comparison::Exists;
      SPOOR_ASSIGN(Node operand, comparison(exists));
      return inverse(std::move(operand));
    }
    return comparison(expression);
  }

  std::vector<Leaf> leaves;

 private:
  Result<Node> list(Node::Kind kind, const std::vector<Expression>& operands) {
    Node result;
    result.kind = kind;
    for (const Expression& operand : operands) {
      SPOOR_ASSIGN(Node prepared, node(operand));
      result.operands.push_back(std::move(prepared));
    }
    return result;
  }

  static Node inverse(Node operand) {
    Node result;
    result.kind = Node::Kind::Not;
    result.operands.push_back(std::move(operand));
    return result;
  }
  static Node join(Node::Kind kind, Node a, Node b) {
    Node result;
    result.kind = kind;
    result.operands.push_back(std::move(a));
    result.operands.push_back(std::move(b));
    return result;
  }

  Result<Node> comparison(const Expression& expression) {
    const Field& field = expression.field;
    if (field.kind == Field::Kind::Intrinsic) return leaf(target_of(field.intrinsic), expression);
    if (field.place == Place::Anywhere) {
      Node result;
      result.kind = Node::Kind::Or;
      for (Place place : {Place::Resource, Place::Span, Place::Scope, Place::Event, Place::Link}) {
        SPOOR_ASSIGN(Node one, leaf(target_of(place), expression));
        result.operands.push_back(std::move(one));
      }
      return result;
    }
    if (field.place == Place::SpanOrResource) {
      SPOOR_ASSIGN(Node of_span, leaf(Target::SpanAttribute, expression));
      SPOOR_ASSIGN(Node of_resource, leaf(Target::ResourceAttribute, expression));
      SPOOR_ASSIGN(Node span_has,
                   leaf(Target::SpanAttribute, Expression::exists(expression.field)));
      return join(Node::Kind::Or, std::move(of_span),
                  join(Node::Kind::And, inverse(std::move(span_has)), std::move(of_resource)));
    }
    return leaf(target_of(field.place), expression);
  }

  Result<Node> leaf(Target target, const Expression& expression) {
    SPOOR_ASSIGN(Predicate predicate,
                 Predicate::make(expression.comparison, expression.typing, expression.literal));
    Node result;
    result.kind = Node::Kind::Leaf;
    result.leaf = leaves.size();
    leaves.push_back({target, expression.field.key, std::move(predicate)});
    return result;
  }
};

bool inverts_traces(const Prepared& prepared, const Node& node, bool is_inverted) {
  if (node.kind == Node::Kind::Leaf) {
    return is_inverted && looks_at_trace(prepared.leaves[node.leaf]);
  }
  return std::ranges::any_of(node.operands, [&](const Node& operand) {
    return inverts_traces(prepared, operand, is_inverted || node.kind == Node::Kind::Not);
  });
}

}  // namespace

TraceNeeds& TraceNeeds::operator|=(const TraceNeeds& other) {
  root_name |= other.root_name;
  root_service |= other.root_service;
  duration |= other.duration;
  return *this;
}

TraceNeeds Prepared::trace_needs() const {
  TraceNeeds needs;
  for (const Leaf& leaf : leaves) {
    needs.root_name |= leaf.target == Target::RootName;
    needs.root_service |= leaf.target == Target::RootService;
    needs.duration |= leaf.target == Target::TraceDuration;
  }
  return needs;
}

bool looks_at_trace(const Leaf& leaf) {
  return leaf.target == Target::RootName || leaf.target == Target::RootService ||
         leaf.target == Target::TraceDuration;
}

bool Prepared::inverts_traces() const {
  return query::inverts_traces(*this, root, false);
}

Result<Prepared> prepare(const Expression& expression) {
  SPOOR_TRY(check(expression));
  Preparation preparation;
  SPOOR_ASSIGN(Node root, preparation.node(expression));
  return Prepared{std::move(preparation.leaves), std::move(root)};
}

}  // namespace spoor::query
