#include "ingest/admission.h"

#include <gtest/gtest.h>

namespace spoor::ingest {
namespace {

constexpr UnixNanos kNow{1'795'000'000'000'000'000};

// One good span; each test spoils it in one way.
struct Batch {
  Batch() {
    batch.resources.emplace_back();
    batch.scopes.emplace_back();
    Span span;
    span.trace_id = "0123456789abcdef";
    span.span_id = "01234567";
    span.start = kNow;
    span.end = kNow;
    batch.spans = {span};
  }
  Span& span() { return batch.spans[0]; }
  Verdict judged() const { return judge(batch, {}, AdmissionLimits{}, kNow); }
  std::string reason() const {
    Verdict verdict = judged();
    return verdict.counts.empty() ? "" : std::string(label(verdict.counts.begin()->first));
  }
  SpanBatch batch;
};

TEST(Admission, ids_of_other_lengths_and_of_zeros_are_refused) {
  EXPECT_EQ(Batch().reason(), "");
  for (std::string_view bad : {std::string_view(), std::string_view("0123456789abcde"),
                               std::string_view("0123456789abcdef0"),
                               std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)}) {
    Batch batch;
    batch.span().trace_id = bad;
    EXPECT_EQ(batch.reason(), "trace_id");
  }
  for (std::string_view bad :
       {std::string_view(), std::string_view("0123456"), std::string_view("\0\0\0\0\0\0\0\0", 8)}) {
    Batch batch;
    batch.span().span_id = bad;
    EXPECT_EQ(batch.reason(), "span_id");
  }
  Batch batch;
  batch.span().parent_span_id = "1234";
  EXPECT_EQ(batch.reason(), "parent_span_id");
  batch.span().parent_span_id = std::string_view("\0\0\0\0\0\0\0\0", 8);
  EXPECT_EQ(batch.reason(), "");
}

TEST(Admission, the_time_window_is_closed_at_both_ends) {
  AdmissionLimits limits;
  Batch batch;
  batch.span().start.value = kNow.value - limits.past_nanos;
  EXPECT_EQ(batch.reason(), "");
  --batch.span().start.value;
  EXPECT_EQ(batch.reason(), "too_old");
  batch.span().start.value = kNow.value + limits.future_nanos;
  EXPECT_EQ(batch.reason(), "");
  ++batch.span().start.value;
  EXPECT_EQ(batch.reason(), "too_new");
  batch.span().start.value = 0;  // 1970
  EXPECT_EQ(batch.reason(), "too_old");
  batch.span().start.value = ~uint64_t{0};  // 2554
  EXPECT_EQ(batch.reason(), "too_new");
  batch.span().start = kNow;
  batch.span().end.value = kNow.value - 5;  // an end before the start is the sender's business
  EXPECT_EQ(batch.reason(), "");
}

TEST(Admission, spans_out_of_the_window_are_counted_by_service) {
  AdmissionLimits limits;
  Batch batch;
  batch.span().start.value = 0;
  Verdict verdict = judge(batch.batch, {}, limits, kNow);
  ASSERT_EQ(verdict.out_of_time.size(), 1u);
  EXPECT_EQ(verdict.out_of_time.begin()->second.too_old, 1u);
  batch.span().start.value = ~uint64_t{0};
  verdict = judge(batch.batch, {}, limits, kNow);
  EXPECT_EQ(verdict.out_of_time.begin()->second.too_new, 1u);
  batch.span().start = kNow;
  batch.span().trace_id = "short";
  EXPECT_TRUE(judge(batch.batch, {}, limits, kNow).out_of_time.empty());
}

TEST(Admission, sizes_at_the_limit_pass_and_one_beyond_does_not) {
  AdmissionLimits limits;
  for (auto [key_bytes, value_bytes, reason] :
       {std::tuple{limits.key_bytes, uint64_t{10}, ""},
        std::tuple{limits.key_bytes + 1, uint64_t{10}, "key_bytes"},
        std::tuple{uint64_t{1}, limits.value_bytes, ""},
        std::tuple{uint64_t{1}, limits.value_bytes + 1, "value_bytes"}}) {
    std::string key(key_bytes, 'k'), value(value_bytes, 'v');
    KeyValue attributes[] = {{key, Value::of_string(value)}};
    Batch batch;
    batch.span().attributes = attributes;
    EXPECT_EQ(batch.reason(), reason);
  }
  std::string part(limits.value_bytes, 'v');
  KeyValue two[] = {{"a", Value::of_string(part)}, {"b", Value::of_bytes(part)}};
  Batch batch;
  batch.span().attributes = two;
  EXPECT_EQ(batch.reason(), "span_bytes");
}

TEST(Admission, invalid_utf8_anywhere_refuses_the_span_but_not_bytes) {
  Value nested[] = {Value::of_string("\xff")};
  KeyValue in_array[] = {{"k", Value::of_array(nested)}};
  KeyValue in_key[] = {{"\xff", Value::of_int(1)}};
  KeyValue in_bytes[] = {{"k", Value::of_bytes("\xff")}};
  Batch name, array, key, bytes, resource;
  name.span().name = "\xff";
  array.span().attributes = in_array;
  key.span().attributes = in_key;
  bytes.span().attributes = in_bytes;
  resource.batch.resources[0].attributes = in_key;
  EXPECT_EQ(name.reason(), "utf8");
  EXPECT_EQ(array.reason(), "utf8");
  EXPECT_EQ(key.reason(), "utf8");
  EXPECT_EQ(bytes.reason(), "");
  EXPECT_EQ(resource.reason(), "utf8");
}

TEST(Admission, a_bad_span_among_good_ones_is_named_with_its_ordinal) {
  Batch batch;
  batch.batch.spans.resize(5, batch.batch.spans[0]);
  batch.batch.spans[1].span_id = "x";
  batch.batch.spans[4].start.value = 0;
  Verdict verdict = judge(batch.batch, {{3, "too many links"}}, AdmissionLimits{}, kNow);
  EXPECT_EQ(verdict.refused, (std::vector<uint32_t>{1, 3, 4}));
  EXPECT_EQ(verdict.message,
            "refused 3 of 5 spans; the first is span 1: span_id is not 8 bytes that are not all "
            "zero");
  EXPECT_EQ(verdict.counts[Reason::Structure], 1u);
}

}  // namespace
}  // namespace spoor::ingest
