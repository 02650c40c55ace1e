// An expression made ready to run: comparisons as leaves with one place each, in the order in
// which they are met, under a tree of And, Or and Not. The same leaves are asked of templates, of
// columns, of rows in the head. Immutable and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "query/expression.h"
#include "query/predicate.h"

namespace spoor::query {

// What a leaf looks at.
enum class Target : uint8_t {
  Name,
  Service,
  Kind,
  Status,
  StatusMessage,
  Duration,
  Start,
  ScopeName,
  ScopeVersion,
  SpanAttribute,
  ResourceAttribute,
  ScopeAttribute,
  NamesParent,
  RootName,
  RootService,
  TraceDuration,
  EventName,
  EventAttribute,
  LinkAttribute,
};

// What is to be known of whole traces.
struct TraceNeeds {
  bool root_name = false;
  bool root_service = false;
  bool duration = false;
  bool any() const { return root_name || root_service || duration; }
  TraceNeeds& operator|=(const TraceNeeds& other);
};

struct Leaf {
  Target target = Target::Name;
  std::string key;  // of an attribute
  Predicate predicate;
};

struct Node {
  enum class Kind : uint8_t { True, And, Or, Not, Leaf };
  Kind kind = Kind::True;
  size_t leaf = 0;  // of a leaf: its index
  std::vector<Node> operands;
};

struct Prepared {
  std::vector<Leaf> leaves;
  Node root;

  TraceNeeds trace_needs() const;
  // Whether a leaf on whole traces lies under a Not.
  bool inverts_traces() const;
};

// Whether the leaf is about whole traces.
bool looks_at_trace(const Leaf& leaf);

// InvalidArgument says what is wrong with the expression.
Result<Prepared> prepare(const Expression& expression);

// What is known of a row before its values are read.
enum class Verdict : uint8_t { No, Yes, Look };

constexpr Verdict operator!(Verdict verdict) {
  return verdict == Verdict::Look  ? Verdict::Look
         : verdict == Verdict::Yes ? Verdict::No
                                   : Verdict::Yes;
}
constexpr Verdict either(Verdict a, Verdict b) {
  if (a == Verdict::Yes || b == Verdict::Yes) return Verdict::Yes;
  return a == Verdict::Look || b == Verdict::Look ? Verdict::Look : Verdict::No;
}

// The tree over what `leaf_verdict(index)` says of each leaf.
template <typename LeafVerdict>
Verdict evaluate(const Node& node, const LeafVerdict& leaf_verdict) {
  switch (node.kind) {
    case Node::Kind::True:
      return Verdict::Yes;
    case Node::Kind::Leaf:
      return leaf_verdict(node.leaf);
    case Node::Kind::Not:
      return !evaluate(node.operands.front(), leaf_verdict);
    case Node::Kind::And:
    case Node::Kind::Or: {
      // a && b is !(!a || !b).
      bool is_and = node.kind == Node::Kind::And;
      Verdict any = Verdict::No;
      for (const Node& operand : node.operands) {
        Verdict verdict = evaluate(operand, leaf_verdict);
        any = either(any, is_and ? !verdict : verdict);
        if (any == Verdict::Yes) break;
      }
      return is_and ? !any : any;
    }
  }
  return Verdict::No;
}

}  // namespace spoor::query
