// The names of OTLP's enum numbers, as protobuf's JSON mapping has them. Source:
// opentelemetry-proto trace/v1/trace.proto.
#pragma once

#include <array>
#include <string_view>

namespace spoor::wire {

constexpr std::array<std::string_view, 6> kSpanKindNames = {
    "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",      "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
};

constexpr std::array<std::string_view, 3> kStatusCodeNames = {
    "STATUS_CODE_UNSET",
    "STATUS_CODE_OK",
    "STATUS_CODE_ERROR",
};

}  // namespace spoor::wire
