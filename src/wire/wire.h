// The facade of wire: foreign formats to and from the model, pure functions. Protocol types end
// here: nothing above this folder sees a field number or a JSON key of OTLP, Jaeger or Tempo.
//
//   decoded_request.h   DecodedRequest, DecodeLimits, SpanDefect: the outcome of every decoder
//   otlp_decode.h       OTLP protobuf to SpanBatch
//   otlp_encode.h       SpanBatch to OTLP protobuf
//   otlp_json_decode.h  OTLP JSON to SpanBatch
//   otlp_json_encode.h  SpanBatch to OTLP JSON
//   otlp_response.h     answers to an OTLP sender: success, partial success, google.rpc.Status
//   jaeger_json.h       bodies of Jaeger's legacy API: traces of processes, tags and logs
//   jaeger_v3.h         bodies of Jaeger's /api/v3
//   jaeger_adjust.h     what Jaeger does to a trace before it shows it
//   jaeger_query.h      tags, filters and requests that Jaeger's clients send as JSON
//   tempo.h             bodies of Tempo's trace by id
//   tempo_search.h      bodies of Tempo's search and completion as JSON
//   tempo_search_proto.h  the same as protobuf, and cut into messages
//   tempo_metrics.h     bodies of Tempo's metrics as JSON, tempo_metrics_proto.h as protobuf
//   tempo_request.h     messages that Tempo's streaming methods are asked with
//   tempo_listed.h      reads a list of traces back, for commands
//
// Inside the folder: protobuf.h (reader and writer), otlp_attributes.h (attributes of every
// protobuf message), span_groups.h (spans by resource and scope), span_json.h (the one JSON writer
// of OTLP's spans), jaeger_clock_skew.h and jaeger_warnings.h (of the adjusters).
#pragma once

#include "wire/decoded_request.h"
#include "wire/jaeger_adjust.h"
#include "wire/jaeger_json.h"
#include "wire/jaeger_query.h"
#include "wire/jaeger_v3.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"
#include "wire/otlp_json_decode.h"
#include "wire/otlp_json_encode.h"
#include "wire/otlp_response.h"
#include "wire/tempo.h"
#include "wire/tempo_listed.h"
#include "wire/tempo_metrics_proto.h"
#include "wire/tempo_request.h"
#include "wire/tempo_search.h"
#include "wire/tempo_search_proto.h"
