// Random spans for property tests of every folder: realistic traces mixed with everything odd that
// a sender can say (see ArbitraryOptions), and the comparison of two batches that does not depend
// on order.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "model/span.h"

namespace spoor::test {

enum class IdLengths {
  Valid,      // trace id 16 bytes, span id 8, not all zero; parent 0 or 8, also all zero
  Arbitrary,  // now and then of another length from 0 to 40, or all zero
};

enum class Strings {
  Utf8,      // valid UTF-8, also control characters, NUL and non-ASCII
  AnyBytes,  // now and then not UTF-8
};

enum class Times {
  Recent,  // within the hour before ArbitraryOptions::now, end not before start
  Any,     // also 1970, 2554 and end before start
};

struct ArbitraryOptions {
  uint32_t spans_max = 40;
  IdLengths ids = IdLengths::Valid;
  IdLengths link_ids = IdLengths::Arbitrary;
  Strings strings = Strings::Utf8;
  Times times = Times::Any;
  UnixNanos now{1'795'000'000'000'000'000};
  uint32_t value_depth_max = 4;       // levels of arrays and key-value lists
  uint32_t attributes_max = 12;       // of one span, event, link, resource or scope
  uint32_t string_bytes_max = 2'000;  // most strings are far shorter
};

// A batch of 0 to spans_max spans that owns all its memory. Several resources and scopes, absent
// and present; traces with parents and children, also orphans, self-parents and duplicate span
// ids; all value types, nested, NaN, -0.0, infinities, absent and empty values; empty and
// duplicate keys; events, links, unknown enum numbers, flags, trace state, dropped counts. The
// same seed and options give the same batch.
SpanBatch arbitrary_batch(std::mt19937_64& random, const ArbitraryOptions& options = {});

// A deep copy that owns all its memory.
SpanBatch copy_batch(const SpanBatch& batch);

// Equal as multisets of (resource, scope, span). The failure message shows the first spans that
// only one side has:
//
//   EXPECT_TRUE(same_spans(expected, got));
testing::AssertionResult same_spans(const SpanBatch& expected, const SpanBatch& got);

// Text of one span with its resource and scope, every field that is not empty, for messages.
std::string to_text(const SpanBatch& batch, const Span& span);

}  // namespace spoor::test
