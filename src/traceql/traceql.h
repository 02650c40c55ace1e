// The facade of traceql: the language as text and as a tree. Pure: it knows no store and runs
// nothing. On the road it stands between the APIs, which have the text, and query, which runs
// the tree. All functions are thread-safe.
//
//   tree.h           filters, expressions, stages: what a search is made of
//   metrics_tree.h   series, hints, the whole query
//   parser.h         text to tree
//   check.h          what a tree must be to mean something; parse and check in one
//   lenient.h        what can be known of a filter that is still being typed
//   print.h          tree to canonical text
//   named_fields.h   which fields a query names
//   required_texts.h which texts a condition leaves to a field
//   names.h          the words of the language, types of intrinsics
//
//   SPOOR_ASSIGN(traceql::Query query, traceql::parse_checked("{ duration > 1s } | count() > 2"));
#pragma once

#include "traceql/check.h"
#include "traceql/lenient.h"
#include "traceql/metrics_tree.h"
#include "traceql/named_fields.h"
#include "traceql/parser.h"
#include "traceql/print.h"
#include "traceql/required_texts.h"
#include "traceql/tree.h"
