// The facade of traceql: the language as text and as a tree. Pure: it knows no store and runs
// nothing. On the road it stands between the APIs, which have the text, and query, which runs
// the tree. All functions are thread-safe.
//
//   tree.h           filters, expressions, stages: what a search is made of
//   metrics_tree.h   series, hints, the whole query
//   parser.h         text to tree
//   print.h          tree to canonical text
//   names.h          the words of the language, types of intrinsics
#pragma once

#include "traceql/metrics_tree.h"
#include "traceql/parser.h"
#include "traceql/print.h"
#include "traceql/tree.h"
