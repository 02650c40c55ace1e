// What a reader needs of a trace's spans: columns that it does not name are left unread.
//
// Ids, parents, times, names, kinds, status codes, resources and scopes always come. Of the rest
// more may come than was asked for: what is the same in many spans costs nothing to give.
#pragma once

#include <string>
#include <vector>

namespace spoor::store {

struct Projection {
  enum class Part { Skipped, Read };
  std::vector<std::string> attributes;  // keys of the span's own
  Part other_fields = Part::Skipped;    // all other attributes, and each of OTLP's fields
  Part status_message = Part::Skipped;
  Part trace_state = Part::Skipped;
  Part events = Part::Skipped;  // whole
  Part links = Part::Skipped;   // whole

  static Projection whole() {
    return {.attributes = {},
            .other_fields = Part::Read,
            .status_message = Part::Read,
            .trace_state = Part::Read,
            .events = Part::Read,
            .links = Part::Read};
  }
};

}  // namespace spoor::store
