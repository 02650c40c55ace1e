#include "api/tempo_trace_parameters.h"

#include <algorithm>
#include <array>
#include <string>

#include "api/go_values.h"
#include "api/jaeger_search.h"
#include "api/tempo_times.h"
#include "query/trace_filter.h"

namespace spoor::api {
namespace {

using traceql::Intrinsic;

// The same for all spans of a trace, so no filter of spans.
constexpr std::array<Intrinsic, 4> kOfTheTrace = {Intrinsic::TraceDuration, Intrinsic::RootName,
                                                  Intrinsic::RootServiceName, Intrinsic::TraceId};

Result<traceql::Query> filter_of(std::string_view text) {
  auto named = [](const Status& status) {
    return Status(status.code(), "invalid q: " + status.message());
  };
  auto query = traceql::parse_checked(text);
  if (!query.ok()) return named(query.status());
  bool is_one_stage = !query->metrics && query->stages.size() == 1;
  const auto* spansets =
      is_one_stage ? std::get_if<traceql::SpansetExpression>(&query->stages[0].body) : nullptr;
  if (spansets == nullptr || spansets->kind != traceql::SpansetExpression::Kind::Filter) {
    return invalid_argument("invalid q: of a trace one filter is asked: { span.x = 1 }");
  }
  for (const traceql::Field& field : traceql::named_fields(*query)) {
    bool is_intrinsic = field.kind == traceql::Field::Kind::Intrinsic;
    if (!is_intrinsic || std::ranges::find(kOfTheTrace, field.intrinsic) == kOfTheTrace.end()) {
      continue;
    }
    return named(traceql::error_at(text, field.position,
                                   traceql::to_string(field) + " is not a property of a span"));
  }
  return query;
}

// -1: all.
Result<uint64_t> levels(const net::QueryParams& params, std::string_view name, uint64_t missing) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return missing;
  auto number = parse_go_integer(text, "strconv.Atoi");
  if (!number.ok()) {
    return invalid_argument("invalid " + std::string(name) + ": " + number.status().message());
  }
  if (*number < -1) {
    return invalid_argument("invalid " + std::string(name) + ": expected -1 or more, got " +
                            std::to_string(*number));
  }
  return *number < 0 ? query::kAllLevels : static_cast<uint64_t>(*number);
}

Result<bool> flag(const net::QueryParams& params, std::string_view name) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return false;
  auto value = parse_go_bool(text);
  if (value.ok()) return value;
  return invalid_argument("invalid " + std::string(name) + ": " + value.status().message());
}

Status refuse_pruning(const net::QueryParams& params) {
  for (const auto& [name, value] : params.pairs()) {
    if (!name.starts_with("span_pruning") || value == "false") continue;
    return unimplemented(name + " is not supported: the spans of a trace are not pruned");
  }
  return {};
}

}  // namespace

Result<TempoTraceRequest> parse_tempo_trace_v1(const net::RequestHead& head,
                                               const net::QueryParams& params) {
  TempoTraceRequest request;
  SPOOR_ASSIGN(request.id, parse_trace_id(head.path_param("id")));
  SPOOR_TRY(parse_tempo_range(params).status());
  return request;
}

Result<TempoTraceRequest> parse_tempo_trace_v2(const net::RequestHead& head,
                                               const net::QueryParams& params) {
  SPOOR_ASSIGN(TempoTraceRequest request, parse_tempo_trace_v1(head, params));
  SPOOR_TRY(refuse_pruning(params));
  SPOOR_ASSIGN(bool keeps_hierarchy, flag(params, "keep_hierarchy"));
  SPOOR_ASSIGN(uint64_t parents, levels(params, "ancestor_depth", query::kAllLevels));
  SPOOR_ASSIGN(request.levels_of_children, levels(params, "match_depth", 0));
  if (keeps_hierarchy) request.levels_of_parents = parents;
  if (std::string_view text = text_parameter(params, "q"); !text.empty()) {
    SPOOR_ASSIGN(request.filter, filter_of(text));
  }
  return request;
}

}  // namespace spoor::api
