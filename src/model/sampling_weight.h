// How many spans a span stands for that was kept by sampling, as its trace state says.
#pragma once

#include <string_view>

namespace spoor {

// The share of spans that were kept is 1 - T / 2^56, and T is written as th in OpenTelemetry's
// entry of the trace state: 1 to 14 hexadecimal digits, of which zeros at the end are left out
// ("vendor=1,ot=rv:6e6d1a75832a2f;th:c" kept a quarter; opentelemetry.io, "TraceState: Probability
// Sampling"). The weight is one over that share; 1 where there is no such T, or one that is not
// written so. Takes any bytes.
double sampling_weight(std::string_view trace_state);

}  // namespace spoor
