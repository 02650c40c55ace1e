#include "api/jaeger_v3_parameters.h"

#include "api/go_values.h"
#include "api/jaeger_filter.h"
#include "wire/jaeger_query.h"

namespace spoor::api {
namespace {

// A parameter as it was found: under its name or an older one.
struct Found {
  std::string_view name;
  std::string_view text;  // empty: there is none
};

Found find(const net::QueryParams& params, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    std::string_view text = text_parameter(params, name);
    if (!text.empty()) return {name, text};
  }
  return {*names.begin(), {}};
}

Status malformed(std::string_view name, const Status& status) {
  return invalid_argument("malformed parameter " + std::string(name) + ": " + status.message());
}

Status read_time(const Found& found, UnixNanos& target) {
  if (found.text.empty()) return {};
  auto time = parse_rfc3339(found.text);
  if (!time.ok()) return malformed(found.name, time.status());
  target = *time;
  return {};
}

Status read_duration(const Found& found, int64_t& target) {
  if (found.text.empty()) return {};
  auto nanos = parse_go_duration_nanos(found.text);
  if (!nanos.ok()) return malformed(found.name, nanos.status());
  target = *nanos;
  return {};
}

Status read_bool(const Found& found, bool& target) {
  if (found.text.empty()) return {};
  auto value = parse_go_bool(found.text);
  if (!value.ok()) return malformed(found.name, value.status());
  target = *value;
  return {};
}

// A range of which both ends must be there, the first before the second.
Status read_range(const Found& first, const Found& second, UnixNanos& from, UnixNanos& to) {
  std::string_view first_name = first.name, second_name = second.name;
  if (first.text.empty() || second.text.empty()) {
    return invalid_argument(std::string(first_name) + " and " + std::string(second_name) +
                            " are required");
  }
  SPOOR_TRY(read_time(first, from));
  SPOOR_TRY(read_time(second, to));
  if (from < to) return {};
  return invalid_argument(std::string(first_name) + " must be before " + std::string(second_name));
}

Status read_search_depth(const net::QueryParams& params, size_t& limit) {
  Found found = find(params, {"query.searchDepth", "query.search_depth", "query.num_traces"});
  limit = kJaegerTracesDefault;
  if (found.text.empty()) return {};
  auto depth = parse_go_integer(found.text, "strconv.Atoi");
  if (!depth.ok()) return malformed(found.name, depth.status());
  if (*depth > 0) limit = std::min(static_cast<size_t>(*depth), kJaegerTracesMax);
  return {};
}

Status append_attributes(const net::QueryParams& params,
                         std::vector<query::Expression>& conditions) {
  constexpr std::string_view kName = "query.attributes";
  std::string_view json = text_parameter(params, kName);
  if (json.empty()) return {};
  auto pairs = wire::decode_jaeger_tags(json);
  if (!pairs.ok()) return malformed(kName, pairs.status());
  JaegerTags tags;
  for (auto& [key, value] : *pairs) tags.set(std::move(key), std::move(value));
  Status appended = tags.append_conditions(conditions);
  return appended.ok() ? appended : malformed(kName, appended);
}

// The filter says all; it cannot be mixed with the parameters that say parts of it.
Status append_filter(const net::QueryParams& params, std::vector<query::Expression>& conditions) {
  constexpr std::string_view kName = "query.filter";
  std::string_view json = text_parameter(params, kName);
  if (json.empty()) return {};
  if (!conditions.empty()) {
    return invalid_argument(
        "query.filter cannot be combined with query.serviceName, query.operationName, "
        "query.attributes, query.durationMin and query.durationMax");
  }
  auto filter = wire::decode_jaeger_filter(json);
  if (!filter.ok()) return malformed(kName, filter.status());
  auto condition = filter_condition(*filter);
  if (!condition.ok()) return malformed(kName, condition.status());
  conditions.push_back(std::move(*condition));
  return {};
}

}  // namespace

Result<JaegerSearch> parse_jaeger_v3_search(const net::QueryParams& params) {
  JaegerSearch search;
  query::SearchRequest& request = search.request;
  std::vector<query::Expression> conditions;
  SPOOR_TRY(read_range(find(params, {"query.startTimeMin", "query.start_time_min"}),
                       find(params, {"query.startTimeMax", "query.start_time_max"}),
                       request.start_min, request.start_max));
  SPOOR_TRY(read_search_depth(params, request.limit));
  JaegerBasics basics{find(params, {"query.serviceName", "query.service_name"}).text,
                      find(params, {"query.operationName", "query.operation_name"}).text, 0, 0};
  SPOOR_TRY(read_duration(find(params, {"query.durationMin", "query.duration_min"}),
                          basics.duration_min));
  SPOOR_TRY(read_duration(find(params, {"query.durationMax", "query.duration_max"}),
                          basics.duration_max));
  SPOOR_TRY(read_bool(find(params, {"query.rawTraces", "query.raw_traces"}), search.is_raw));
  append_conditions(basics, conditions);
  SPOOR_TRY(append_attributes(params, conditions));
  SPOOR_TRY(append_filter(params, conditions));
  SPOOR_TRY(apply_extensions(params, malformed, request));
  request.condition = conjunction(std::move(conditions));
  SPOOR_TRY(query::check(request.condition));
  SPOOR_ASSERT(request.limit >= 1 && request.start_min <= request.start_max);
  return search;
}

Result<JaegerTraceRequest> parse_jaeger_v3_trace(std::string_view id,
                                                 const net::QueryParams& params) {
  JaegerTraceRequest request;
  auto parsed = parse_jaeger_trace_id(id);
  if (!parsed.ok()) return malformed("trace_id", parsed.status());
  request.id = *parsed;
  UnixNanos unused;
  SPOOR_TRY(read_time(find(params, {"startTime", "start_time"}), unused));
  SPOOR_TRY(read_time(find(params, {"endTime", "end_time"}), unused));
  SPOOR_TRY(read_bool(find(params, {"rawTraces", "raw_traces"}), request.is_raw));
  return request;
}

Result<JaegerDependencyRequest> parse_jaeger_v3_dependencies(const net::QueryParams& params) {
  JaegerDependencyRequest request;
  SPOOR_TRY(read_range(find(params, {"startTime", "start_time"}),
                       find(params, {"endTime", "end_time"}), request.from, request.to));
  return request;
}

JaegerOperationsRequest parse_jaeger_v3_operations(const net::QueryParams& params) {
  return {std::string(text_parameter(params, "service")),
          std::string(find(params, {"spanKind", "span_kind"}).text)};
}

}  // namespace spoor::api
