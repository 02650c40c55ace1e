// The facade of query: finds traces in a snapshot of the store. On the road it stands between
// the APIs, which make an Expression of what a client asked, and the store, whose columns it
// reads; it parses no foreign format and writes none.
//
//   expression.h     the tree that every query becomes
//   query_context.h  cancellation, memory, threads of one query
//   search.h         traces that match, newest first
//   trace_summary.h  what a list shows of each trace
//   traceql_search.h a TraceQL search: traces, spansets, values
//   federated_search.h  the same over several tenants, and one trace of them
//   trace_filter.h   the spans of one trace that a filter leaves
//   metrics.h        a TraceQL metrics query: series of numbers over time
#pragma once

#include "query/expression.h"
#include "query/federated_search.h"
#include "query/metrics.h"
#include "query/query_context.h"
#include "query/search.h"
#include "query/trace_filter.h"
#include "query/trace_summary.h"
#include "query/traceql_search.h"
