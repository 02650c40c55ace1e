// The facade of api: requests in, one call, answers out; no logic.
//
//   receive_otlp.h  OTLP over HTTP and gRPC
//   serve_jaeger.h  Jaeger's HTTP API, both generations
//   serve_tempo.h   Tempo's API over HTTP and gRPC: traces, search and completion
//   serve_admin.h   health, metrics, status, flush
//
// Inside the folder: decode_body.h (the decoder that receiving and replay share), tenant.h (whose
// request it is), query_call.h (a request on the query pool), stream_call.h (one that is answered
// in steps), jaeger_call.h (what Jaeger's endpoints share), jaeger_search.h, jaeger_parameters.h,
// jaeger_v3_parameters.h and jaeger_filter.h (their parameters), go_values.h (numbers as Go reads
// them), tempo_call.h (what Tempo's endpoints share), tempo_requests.h (what they are asked for),
// tempo_parameters.h, tempo_trace_parameters.h, tempo_times.h, tempo_tags.h (as parameters) and
// tempo_messages.h (as messages), tempo_found.h (what a search found), tempo_series.h (what metrics
// counted), tempo_completion.h (names and values to offer).
#pragma once

#include "api/receive_otlp.h"
#include "api/serve_admin.h"
#include "api/serve_jaeger.h"
#include "api/serve_tempo.h"
