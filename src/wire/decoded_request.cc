#include "wire/decoded_request.h"

namespace spoor::wire {

std::string describe(DefectReason reason, const DecodeLimits& limits) {
  switch (reason) {
    case DefectReason::ValueDepth:
      return "span has an attribute value nested deeper than " +
             std::to_string(limits.any_value_depth) + " levels";
    case DefectReason::Attributes:
      return "span has more than " + std::to_string(limits.attributes) + " attributes";
    case DefectReason::Events:
      return "span has more than " + std::to_string(limits.events_per_span) + " events";
    case DefectReason::Links:
      return "span has more than " + std::to_string(limits.links_per_span) + " links";
    case DefectReason::IntegerRange:
      return "span has an intValue that does not fit into 64 bits with a sign";
  }
  return {};
}

}  // namespace spoor::wire
