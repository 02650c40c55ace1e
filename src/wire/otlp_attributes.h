// Attributes as OTLP's repeated KeyValue, for every protobuf message that has them.
#pragma once

#include "model/value.h"
#include "wire/protobuf.h"

namespace spoor::wire {

// One KeyValue for each attribute, in their order, as field `field` of the message that `out` is
// in. As all of ProtobufWriter: what comes last in the message is written first.
void write_attributes(ProtobufWriter& out, uint32_t field, Attributes attributes);

}  // namespace spoor::wire
