#include "wire/batch_builder.h"

namespace spoor::wire {

void BatchBuilder::mark_spans(size_t first, std::optional<DefectReason> reason) {
  if (!reason) return;
  for (size_t span = first; span < batch_.spans.size(); ++span) {
    request_.defects.push_back({static_cast<uint32_t>(span), *reason});
  }
}

Status BatchBuilder::finish() {
  if (memory_ > limits_.memory_bytes) return limit_passed();
  std::vector<SpanDefect>& defects = request_.defects;
  auto by_span = [](const SpanDefect& a, const SpanDefect& b) { return a.span < b.span; };
  auto same_span = [](const SpanDefect& a, const SpanDefect& b) { return a.span == b.span; };
  std::stable_sort(defects.begin(), defects.end(), by_span);
  defects.erase(std::unique(defects.begin(), defects.end(), same_span), defects.end());
  return {};
}

Status BatchBuilder::limit_passed() {
  if (too_many_spans_) {
    return fail(
        resource_exhausted("request has more than " + std::to_string(limits_.spans) + " spans"));
  }
  return fail(resource_exhausted("request takes more than " + std::to_string(limits_.memory_bytes) +
                                 " bytes of memory when decoded"));
}

Status BatchBuilder::fail(Status status) {
  request_.clear();
  return status;
}

}  // namespace spoor::wire
