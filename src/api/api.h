// The facade of api: requests in, one call, answers out; no logic.
//
//   receive_otlp.h  OTLP over HTTP and gRPC
//   serve_jaeger.h  Jaeger's HTTP API
//   serve_tempo.h   Tempo's HTTP API
//   serve_admin.h   health, metrics, status, flush
//
// Inside the folder: decode_body.h (the decoder that receiving and replay share), tenant.h (whose
// request it is), trace_lookup.h (what all trace-by-id endpoints do).
#pragma once

#include "api/receive_otlp.h"
#include "api/serve_admin.h"
#include "api/serve_jaeger.h"
#include "api/serve_tempo.h"
