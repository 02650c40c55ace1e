#include "ingest/admission.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.h"
#include "base/utf8.h"

namespace spoor::ingest {
namespace {

constexpr std::array<std::string_view, 10> kLabels = {
    "trace_id",    "span_id",    "parent_span_id", "utf8",    "key_bytes",
    "value_bytes", "span_bytes", "too_old",        "too_new", "structure"};

bool is_id(std::string_view bytes, size_t size) {
  return bytes.size() == size && bytes.find_first_not_of('\0') != std::string_view::npos;
}

// Looks at the strings of one span (or resource, or scope) and keeps the first complaint.
class StringInspector {
 public:
  explicit StringInspector(const AdmissionLimits& limits) : limits_(limits) {}

  std::optional<Reason> complaint() const {
    if (complaint_) return complaint_;
    if (total_ > limits_.span_bytes) return Reason::SpanBytes;
    return std::nullopt;
  }

  void text(std::string_view text) {
    total_ += text.size();
    if (!is_valid_utf8(text)) complain(Reason::Utf8);
  }

  void attributes(Attributes attributes) {
    for (const KeyValue& attribute : attributes) {
      text(attribute.key);
      if (attribute.key.size() > limits_.key_bytes) complain(Reason::KeyBytes);
      value(attribute.value);
    }
  }

  // Nesting is bounded by the decoder's limit.
  void value(const Value& value) {
    switch (value.type()) {
      case ValueType::String:
        text(value.as_string());
        if (value.as_string().size() > limits_.value_bytes) complain(Reason::ValueBytes);
        break;
      case ValueType::Bytes:
        total_ += value.as_string().size();
        if (value.as_string().size() > limits_.value_bytes) complain(Reason::ValueBytes);
        break;
      case ValueType::Array:
        for (const Value& element : value.as_array()) this->value(element);
        break;
      case ValueType::KeyValueList:
        attributes(value.as_list());
        break;
      default:
        break;
    }
  }

 private:
  void complain(Reason reason) {
    if (!complaint_) complaint_ = reason;
  }

  const AdmissionLimits& limits_;
  uint64_t total_ = 0;
  std::optional<Reason> complaint_;
};

std::optional<Reason> inspect(const Resource& resource, const AdmissionLimits& limits) {
  StringInspector inspector(limits);
  inspector.text(resource.schema_url);
  inspector.attributes(resource.attributes);
  for (const EntityRef& entity : resource.entity_refs) {
    inspector.text(entity.schema_url);
    inspector.text(entity.type);
    for (std::string_view key : entity.id_keys) inspector.text(key);
    for (std::string_view key : entity.description_keys) inspector.text(key);
  }
  return inspector.complaint();
}

std::optional<Reason> inspect(const Scope& scope, const AdmissionLimits& limits) {
  StringInspector inspector(limits);
  inspector.text(scope.schema_url);
  inspector.text(scope.name);
  inspector.text(scope.version);
  inspector.attributes(scope.attributes);
  return inspector.complaint();
}

std::optional<Reason> inspect(const Span& span, const AdmissionLimits& limits, UnixNanos now) {
  if (!is_id(span.trace_id, TraceId::kSize)) return Reason::TraceId;
  if (!is_id(span.span_id, SpanId::kSize)) return Reason::SpanId;
  size_t parent = span.parent_span_id.size();
  if (parent != 0 && parent != SpanId::kSize) return Reason::ParentSpanId;
  if (now.value > limits.past_nanos && span.start.value < now.value - limits.past_nanos) {
    return Reason::TooOld;
  }
  if (span.start.value > now.value && span.start.value - now.value > limits.future_nanos) {
    return Reason::TooNew;
  }
  StringInspector inspector(limits);
  inspector.text(span.name);
  inspector.text(span.trace_state);
  inspector.text(span.status.message);
  inspector.attributes(span.attributes);
  for (const Event& event : span.events) {
    inspector.text(event.name);
    inspector.attributes(event.attributes);
  }
  for (const Link& link : span.links) {
    inspector.text(link.trace_state);
    inspector.attributes(link.attributes);
  }
  return inspector.complaint();
}

std::string describe(Reason reason, const AdmissionLimits& limits) {
  switch (reason) {
    case Reason::TraceId:
      return "trace_id is not 16 bytes that are not all zero";
    case Reason::SpanId:
      return "span_id is not 8 bytes that are not all zero";
    case Reason::ParentSpanId:
      return "parent_span_id is neither empty nor 8 bytes";
    case Reason::Utf8:
      return "a string is not valid UTF-8";
    case Reason::KeyBytes:
      return "an attribute key is larger than " + std::to_string(limits.key_bytes) + " bytes";
    case Reason::ValueBytes:
      return "an attribute value is larger than " + std::to_string(limits.value_bytes) + " bytes";
    case Reason::SpanBytes:
      return "the span is larger than " + std::to_string(limits.span_bytes) + " bytes";
    case Reason::TooOld:
      return "start time is more than " + format_duration(limits.past_nanos) + " ago";
    case Reason::TooNew:
      return "start time is more than " + format_duration(limits.future_nanos) +
             " ahead of this server's clock";
    case Reason::Structure:
      break;
  }
  return {};
}

}  // namespace

std::string_view label(Reason reason) {
  size_t index = static_cast<size_t>(reason);
  SPOOR_ASSERT(index < kLabels.size());
  return kLabels[index];
}

Verdict judge(const SpanBatch& batch, const std::vector<Defect>& defects,
              const AdmissionLimits& limits, UnixNanos now) {
  std::vector<std::optional<Reason>> of_resource, of_scope;
  for (const Resource& resource : batch.resources) of_resource.push_back(inspect(resource, limits));
  for (const Scope& scope : batch.scopes) of_scope.push_back(inspect(scope, limits));

  Verdict verdict;
  std::string first;
  auto next_defect = defects.begin();
  for (uint32_t i = 0; i < batch.spans.size(); ++i) {
    const Span& span = batch.spans[i];
    bool is_defect = next_defect != defects.end() && next_defect->span == i;
    std::optional<Reason> reason;
    if (is_defect) {
      reason = Reason::Structure;
    } else {
      reason = of_resource[span.resource];
      if (!reason) reason = of_scope[span.scope];
      if (!reason) reason = inspect(span, limits, now);
    }
    if (!reason) continue;
    if (verdict.refused.empty()) {
      first = "span " + std::to_string(i) + ": " +
              (is_defect ? next_defect->description : describe(*reason, limits));
    }
    if (is_defect) ++next_defect;
    verdict.refused.push_back(i);
    ++verdict.counts[*reason];
    if (*reason != Reason::TooOld && *reason != Reason::TooNew) continue;
    OutOfTime& entry = entry_of(verdict.out_of_time, batch.resources[span.resource].service_name());
    ++(*reason == Reason::TooOld ? entry.too_old : entry.too_new);
  }
  if (!verdict.refused.empty()) {
    verdict.message = "refused " + std::to_string(verdict.refused.size()) + " of " +
                      std::to_string(batch.spans.size()) + " spans; the first is " + first;
  }
  return verdict;
}

}  // namespace spoor::ingest
