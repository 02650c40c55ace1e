#include "wire/jaeger_clock_skew.h"

#include <cstdlib>
#include <unordered_map>

#include "base/bytes.h"
#include "wire/jaeger_adjust.h"

namespace spoor::wire {
namespace {

std::string_view text_or_empty(const Value& value) {
  return value.type() == ValueType::String ? value.as_string() : std::string_view();
}

std::string_view host_of(const Resource& resource) {
  if (const Value* id = find_attribute(resource.attributes, "host.id")) return text_or_empty(*id);
  if (const Value* ip = find_attribute(resource.attributes, "host.ip")) {
    if (ip->type() == ValueType::String) return ip->as_string();
    if (ip->type() == ValueType::Array && !ip->as_array().empty()) {
      return text_or_empty(ip->as_array().front());
    }
  }
  const Value* name = find_attribute(resource.attributes, "host.name");
  return name != nullptr ? text_or_empty(*name) : std::string_view();
}

int64_t signed_difference(UnixNanos a, UnixNanos b) {
  return static_cast<int64_t>(a.value - b.value);
}

// How far the child must move.
int64_t skew_of(const Span& child, const Span& parent) {
  int64_t parent_duration = signed_difference(parent.end, parent.start);
  int64_t child_duration = signed_difference(child.end, child.start);
  int64_t until_parent = signed_difference(parent.start, child.start);
  if (child_duration > parent_duration) return until_parent > 0 ? until_parent : 0;
  if (child.start >= parent.start && child.end <= parent.end) return 0;
  // The network takes as long there as back.
  return until_parent + (parent_duration - child_duration) / 2;
}

class ClockSkew {
 public:
  ClockSkew(SpanBatch& batch, int64_t nanos_max, SpanWarnings& warnings)
      : batch_(batch), nanos_max_(nanos_max), warnings_(warnings), children_(batch.spans.size()) {}

  void correct() {
    for (const Resource& resource : batch_.resources) hosts_.push_back(host_of(resource));
    find_parents();
    for (uint32_t root : roots_) visit_tree(root);
  }

 private:
  struct Visit {
    uint32_t span;
    const Span* parent;
    int64_t delta;
    std::string_view host;  // whose clock the delta corrects
  };

  void find_parents();
  void visit_tree(uint32_t root);
  void shift(uint32_t index, int64_t delta);

  std::string_view host(uint32_t index) const { return hosts_[batch_.spans[index].resource]; }

  SpanBatch& batch_;
  const int64_t nanos_max_;
  SpanWarnings& warnings_;
  std::vector<std::string_view> hosts_;  // of the resources
  std::vector<std::vector<uint32_t>> children_;
  std::vector<uint32_t> roots_;
};

void ClockSkew::find_parents() {
  std::unordered_map<std::string_view, uint32_t> by_id;
  std::vector<uint32_t> first_of_id;
  for (uint32_t i = 0; i < batch_.spans.size(); ++i) {
    if (by_id.try_emplace(batch_.spans[i].span_id, i).second) {
      first_of_id.push_back(i);
    } else {
      warnings_.add(i, "duplicate span IDs; skipping clock skew adjustment");
    }
  }
  for (uint32_t i : first_of_id) {
    const Span& span = batch_.spans[i];
    auto parent = span.has_parent() ? by_id.find(span.parent_span_id) : by_id.end();
    if (parent != by_id.end()) {
      children_[parent->second].push_back(i);
      continue;
    }
    roots_.push_back(i);
    if (!span.has_parent()) continue;
    warnings_.add(i, "parent span ID=" + to_hex(span.parent_span_id) +
                         " is not in the trace; skipping clock skew adjustment");
  }
}

// Each span after its parent. Spans that are their own ancestors hang on no root and stay.
void ClockSkew::visit_tree(uint32_t root) {
  std::vector<Visit> open{{root, nullptr, 0, host(root)}};
  while (!open.empty()) {
    Visit visit = open.back();
    open.pop_back();
    std::string_view own_host = host(visit.span);
    if (visit.parent != nullptr && (own_host != visit.host || own_host.empty())) {
      visit.delta = skew_of(batch_.spans[visit.span], *visit.parent);
      visit.host = own_host;
    }
    shift(visit.span, visit.delta);
    for (uint32_t child : children_[visit.span]) {
      open.push_back({child, &batch_.spans[visit.span], visit.delta, visit.host});
    }
  }
}

void ClockSkew::shift(uint32_t index, int64_t delta) {
  if (delta == 0) return;
  if (nanos_max_ == 0) {
    return warnings_.add(
        index,
        "clock skew adjustment disabled; not applying calculated delta of " + go_duration(delta));
  }
  if (delta > nanos_max_ || delta < -nanos_max_) {
    return warnings_.add(index, "max clock skew adjustment delta of " + go_duration(nanos_max_) +
                                    " exceeded; not applying calculated delta of " +
                                    go_duration(delta));
  }
  Span& span = batch_.spans[index];
  span.start.value += static_cast<uint64_t>(delta);
  span.end.value += static_cast<uint64_t>(delta);
  std::span<Event> events = batch_.arena.copy(span.events);
  for (Event& event : events) event.time.value += static_cast<uint64_t>(delta);
  span.events = events;
  warnings_.add(index, "This span's timestamps were adjusted by " + go_duration(delta));
}

}  // namespace

void correct_clock_skew(SpanBatch& batch, int64_t nanos_max, SpanWarnings& warnings) {
  ClockSkew(batch, nanos_max, warnings).correct();
}

std::string go_duration(int64_t nanos) {
  if (nanos == 0) return "0s";
  uint64_t rest =
      nanos < 0 ? uint64_t{0} - static_cast<uint64_t>(nanos) : static_cast<uint64_t>(nanos);
  std::string text = nanos < 0 ? "-" : "";
  // A number with as many decimals as it needs.
  auto append = [&text](uint64_t value, uint64_t unit, std::string_view name) {
    text.append(std::to_string(value / unit));
    if (uint64_t fraction = value % unit; fraction != 0) {
      std::string digits = std::to_string(unit + fraction).substr(1);
      digits.erase(digits.find_last_not_of('0') + 1);
      text.append(".").append(digits);
    }
    text.append(name);
  };
  if (rest < kNanosPerMicro) {
    append(rest, 1, "ns");
  } else if (rest < kNanosPerMilli) {
    append(rest, kNanosPerMicro, "\xc2\xb5s");
  } else if (rest < kNanosPerSecond) {
    append(rest, kNanosPerMilli, "ms");
  } else {
    if (rest >= kNanosPerHour) append(rest - rest % kNanosPerHour, kNanosPerHour, "h");
    if (rest >= kNanosPerMinute) {
      append(rest % kNanosPerHour - rest % kNanosPerMinute, kNanosPerMinute, "m");
    }
    append(rest % kNanosPerMinute, kNanosPerSecond, "s");
  }
  return text;
}

}  // namespace spoor::wire
