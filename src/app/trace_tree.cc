#include "app/trace_tree.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "base/utf8.h"

namespace spoor::app {
namespace {

constexpr size_t kColumnsMin = 40;
constexpr size_t kColumnsMax = 400;
constexpr size_t kDurationColumns = 8;
constexpr size_t kLevelColumns = 3;

// Box drawing, three columns each.
constexpr std::string_view kBranch = "\xe2\x94\x9c\xe2\x94\x80 ";  // a child with siblings below
constexpr std::string_view kLast = "\xe2\x94\x94\xe2\x94\x80 ";    // the last child
constexpr std::string_view kLine = "\xe2\x94\x82  ";               // an ancestor goes on below
constexpr std::string_view kGap = "   ";
constexpr std::string_view kBar = "\xe2\x94\x81";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kPlain = "\x1b[0m";

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// Columns of escaped text: one for each character. Wide characters are few in span names.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, std::not_fn(is_continuation)));
}

// The text cut to `columns`, with an ellipsis if something is missing.
std::string cut(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  size_t end = 0;
  for (size_t shown = 0; end < text.size(); ++end) {
    if (!is_continuation(text[end]) && ++shown == columns) break;
  }
  return std::string(text.substr(0, end)).append(kEllipsis);
}

// U+0080 to U+009F are controls; U+202A to U+202E and U+2066 to U+2069 turn the direction.
uint32_t unprintable_code_point(std::string_view sequence) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0) return byte(1);
  if (sequence.size() != 3 || byte(0) != 0xe2) return 0;
  uint32_t code_point = 0x2000u | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  bool turns = (code_point >= 0x202a && code_point <= 0x202e) ||
               (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0x2028 ||
               code_point == 0x2029;
  return turns ? code_point : 0;
}

std::string duration_text(const Span& span) {
  if (span.end < span.start) return "-" + format_duration(span.start.value - span.end.value);
  return format_duration(span.end.value - span.start.value);
}

bool failed(const Span& span) {
  return span.status.code == kStatusError;
}

// What went wrong: the status message, else the message of an exception event.
std::string_view error_message(const Span& span) {
  if (!span.status.message.empty()) return span.status.message;
  for (const Event& event : span.events) {
    const Value* message = find_attribute(event.attributes, "exception.message");
    if (message != nullptr && message->type() == ValueType::String) return message->as_string();
  }
  return "error";
}

class TreeRenderer {
 public:
  TreeRenderer(const SpanBatch& batch, const TraceTreeOptions& options)
      : batch_(batch),
        colour_(options.colour),
        columns_(std::clamp(options.columns, kColumnsMin, kColumnsMax)),
        bar_columns_(columns_ / 4),
        label_columns_(columns_ - bar_columns_ - kDurationColumns - 3),
        levels_max_(label_columns_ / 2 / kLevelColumns),
        last_at_(levels_max_ + 1) {}

  std::string render() {
    if (batch_.spans.empty()) return "no spans\n";
    measure();
    link();
    header();
    for (uint32_t root : roots_) walk(root, Ring::No);
    for (uint32_t span : order_) {
      if (!visited_[span]) walk(span, Ring::Yes);
    }
    return std::move(out_);
  }

 private:
  // Nodes below spans.size() are spans, the others parents that were not received.
  enum class Ring { No, Yes };
  struct Visit {
    uint32_t node;
    uint32_t depth;
    bool last;
  };

  bool is_span(uint32_t node) const { return node < batch_.spans.size(); }

  void measure() {
    start_ = UnixNanos{std::numeric_limits<uint64_t>::max()};
    for (const Span& span : batch_.spans) {
      start_ = std::min(start_, span.start);
      end_ = std::max({end_, span.start, span.end});
      services_.insert(service_of(span));
      errors_ += failed(span) ? 1 : 0;
    }
  }

  // Children of each node in order of start, and the roots.
  void link() {
    size_t count = batch_.spans.size();
    SPOOR_ASSERT(count < std::numeric_limits<uint32_t>::max() / 2);
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::stable_sort(order_, {}, [&](uint32_t i) { return batch_.spans[i].start; });
    std::unordered_map<std::string_view, uint32_t> by_id;
    for (uint32_t i : order_) by_id.try_emplace(batch_.spans[i].span_id, i);

    std::unordered_map<std::string_view, uint32_t> missing;
    children_.resize(count);
    visited_.resize(count);
    for (uint32_t i : order_) {
      const Span& span = batch_.spans[i];
      if (!span.has_parent()) {
        roots_.push_back(i);
        continue;
      }
      if (auto parent = by_id.find(span.parent_span_id); parent != by_id.end()) {
        children_[parent->second].push_back(i);
        continue;
      }
      auto node = static_cast<uint32_t>(children_.size());
      auto [entry, is_new] = missing.try_emplace(span.parent_span_id, node);
      if (is_new) {
        children_.emplace_back();
        missing_ids_.push_back(span.parent_span_id);
        roots_.push_back(node);
      }
      children_[entry->second].push_back(i);
    }
  }

  void header() {
    paint(kBold, "trace " + to_hex(batch_.spans.front().trace_id));
    out_.append("\n").append(to_rfc3339(start_));
    out_.append("  duration ").append(format_duration(end_.value - start_.value));
    out_.append("  services ").append(std::to_string(services_.size()));
    out_.append("  spans ").append(std::to_string(batch_.spans.size()));
    std::string errors = "errors " + std::to_string(errors_);
    out_.append("  ");
    errors_ > 0 ? paint(kRed, errors) : paint("", errors);
    out_.append("\n\n");
  }

  void walk(uint32_t root, Ring ring) {
    std::vector<Visit> stack = {{root, 0, true}};
    while (!stack.empty()) {
      Visit visit = stack.back();
      stack.pop_back();
      if (is_span(visit.node)) {
        if (visited_[visit.node]) continue;
        visited_[visit.node] = true;
      }
      if (visit.depth <= levels_max_) last_at_[visit.depth] = visit.last;
      line(visit, visit.node == root ? ring : Ring::No);
      const std::vector<uint32_t>& children = children_[visit.node];
      for (size_t i = children.size(); i-- > 0;) {
        stack.push_back({children[i], visit.depth + 1, i + 1 == children.size()});
      }
    }
  }

  void line(const Visit& visit, Ring ring) {
    std::string prefix = prefix_of(visit);
    if (!is_span(visit.node)) {
      std::string_view id = missing_ids_[visit.node - batch_.spans.size()];
      paint(kDim, prefix + "parent " + to_hex(id) + " not received");
      out_.push_back('\n');
      return;
    }
    const Span& span = batch_.spans[visit.node];
    std::string name = escape_for_terminal(span.name);
    if (ring == Ring::Yes) name.append(" (its parents form a ring)");
    span_line(span, prefix, escape_for_terminal(service_of(span)), name);
    if (failed(span)) error_line(span, visit);
  }

  void span_line(const Span& span, std::string_view prefix, std::string_view service,
                 std::string_view name) {
    size_t room = label_columns_ - std::min(label_columns_, columns_of(prefix));
    std::string shown_service = cut(service, std::max<size_t>(room, 3) - 2);
    size_t used = columns_of(shown_service) + 2;
    std::string shown_name = room > used ? cut(name, room - used) : "";
    used += columns_of(shown_name);

    paint(kDim, prefix);
    paint(failed(span) ? kRed : kBold, shown_service);
    out_.append("  ").append(shown_name);
    out_.append(room > used ? room - used : 0, ' ');
    std::string duration = duration_text(span);
    size_t padding = kDurationColumns - std::min(kDurationColumns, columns_of(duration));
    out_.append(1 + padding, ' ').append(duration).append("  ");
    bar(span);
    out_.push_back('\n');
  }

  void bar(const Span& span) {
    long double total =
        std::max<long double>(static_cast<long double>(end_.value - start_.value), 1);
    auto column = [&](uint64_t nanos) {
      return static_cast<size_t>(static_cast<long double>(nanos) / total *
                                 static_cast<long double>(bar_columns_));
    };
    size_t first = std::min(column(span.start.value - start_.value), bar_columns_ - 1);
    uint64_t nanos = span.end > span.start ? span.end.value - span.start.value : 0;
    size_t length = std::clamp<size_t>(column(nanos), 1, bar_columns_ - first);
    out_.append(first, ' ');
    std::string bars;
    for (size_t i = 0; i < length; ++i) bars.append(kBar);
    paint(failed(span) ? kRed : kCyan, bars);
  }

  void error_line(const Span& span, const Visit& visit) {
    // Below the name, with the lines of the ancestors and of the children that follow.
    std::string prefix;
    size_t levels = std::min<size_t>(visit.depth, levels_max_);
    for (size_t level = 1; level <= levels; ++level) {
      prefix.append(last_at_[level] ? kGap : kLine);
    }
    prefix.append(children_[visit.node].empty() ? kGap.substr(0, 0) : kLine);
    paint(kDim, prefix);
    size_t room = columns_ - columns_of(prefix) - 2;
    paint(kRed, "! " + cut(escape_for_terminal(error_message(span)), room));
    out_.push_back('\n');
  }

  std::string prefix_of(const Visit& visit) const {
    std::string prefix;
    size_t levels = std::min<size_t>(visit.depth, levels_max_);
    for (size_t level = 1; level < levels; ++level) prefix.append(last_at_[level] ? kGap : kLine);
    if (levels > 0) prefix.append(last_at_[levels] ? kLast : kBranch);
    if (visit.depth > levels_max_) prefix.append(std::to_string(visit.depth)).append(": ");
    return prefix;
  }

  std::string_view service_of(const Span& span) const {
    if (span.resource >= batch_.resources.size()) return "-";
    std::string_view name = batch_.resources[span.resource].service_name();
    return name.empty() ? "-" : name;
  }

  void paint(std::string_view colour, std::string_view text) {
    bool painted = colour_ == TraceTreeOptions::Colour::On && !text.empty() && !colour.empty();
    if (painted) out_.append(colour);
    out_.append(text);
    if (painted) out_.append(kPlain);
  }

  const SpanBatch& batch_;
  const TraceTreeOptions::Colour colour_;
  const size_t columns_;
  const size_t bar_columns_;
  const size_t label_columns_;
  const size_t levels_max_;  // that are drawn as lines

  UnixNanos start_;
  UnixNanos end_;
  std::set<std::string_view> services_;
  size_t errors_ = 0;
  std::vector<uint32_t> order_;  // spans by start
  std::vector<std::vector<uint32_t>> children_;
  std::vector<std::string_view> missing_ids_;
  std::vector<uint32_t> roots_;
  std::vector<bool> visited_;
  std::vector<bool> last_at_;  // by level: whether the node shown there is its parent's last
  std::string out_;
};

}  // namespace

std::string render_trace_tree(const SpanBatch& batch, const TraceTreeOptions& options) {
  return TreeRenderer(batch, options).render();
}

std::string escape_for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  char escape[16];
  while (!text.empty()) {
    size_t size = utf8_sequence_size(text);
    auto byte = static_cast<unsigned char>(text[0]);
    uint32_t code_point = size > 1 ? unprintable_code_point(text.substr(0, size)) : 0;
    bool control = byte < 0x20 || byte == 0x7f || size == 0;
    if (byte == '\n') {
      out.append("\\n");
    } else if (byte == '\t') {
      out.append("\\t");
    } else if (control) {
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out.append(escape);
    } else if (code_point != 0) {
      std::snprintf(escape, sizeof escape, "\\u%04x", code_point);
      out.append(escape);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return out;
}

}  // namespace spoor::app
