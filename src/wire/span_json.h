// The one JSON writer of spans, in protobuf's JSON mapping: lowerCamelCase, 64-bit integers as
// decimal strings, zero values and empty lists left out, messages that are present but empty as
// {}. OTLP JSON and Tempo's JSON differ only in the style.
#pragma once

#include "base/json_writer.h"
#include "model/span.h"

namespace spoor::wire {

enum class JsonIds { Hex, Base64 };
enum class JsonEnums { Numbers, Names };

struct SpanJsonStyle {
  JsonIds ids;
  JsonEnums enums;  // numbers without a name are written as numbers in both
};

constexpr SpanJsonStyle kOtlpJsonStyle = {JsonIds::Hex, JsonEnums::Numbers};
constexpr SpanJsonStyle kTempoJsonStyle = {JsonIds::Base64, JsonEnums::Names};

// An array of ResourceSpans, grouped as span_groups.h does.
void write_resource_spans(JsonWriter& json, const SpanBatch& batch, SpanJsonStyle style);
// Its elements only, for an array of several batches.
void write_resource_spans_elements(JsonWriter& json, const SpanBatch& batch, SpanJsonStyle style);

// An array of KeyValue; the same in every style.
void write_attributes(JsonWriter& json, Attributes attributes);

}  // namespace spoor::wire
