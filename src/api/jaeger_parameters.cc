#include "api/jaeger_parameters.h"

#include "api/go_values.h"
#include "wire/jaeger_query.h"

namespace spoor::api {
namespace {

constexpr uint64_t kSearchLookback = 48 * kNanosPerHour;
constexpr uint64_t kDependencyLookback = 24 * kNanosPerHour;
// As microseconds March 1973, as milliseconds the year 5138.
constexpr int64_t kMicrosMin = 100'000'000'000'000;
constexpr uint64_t kNanosMax = INT64_MAX;

Status parse_error(std::string_view name, const Status& status) {
  return invalid_argument("unable to parse param '" + std::string(name) + "': " + status.message());
}

UnixNanos scaled(int64_t number, uint64_t unit) {
  if (number <= 0) return {0};
  uint64_t value = static_cast<uint64_t>(number);
  return {value > kNanosMax / unit ? kNanosMax : value * unit};
}

Result<UnixNanos> time_parameter(const net::QueryParams& params, std::string_view name,
                                 UnixNanos missing) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return missing;
  auto number = parse_go_integer(text, "strconv.ParseInt");
  if (!number.ok()) return parse_error(name, number.status());
  return scaled(*number, *number < kMicrosMin ? kNanosPerMilli : kNanosPerMicro);
}

Result<int64_t> duration_parameter(const net::QueryParams& params, std::string_view name) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return int64_t{0};
  auto nanos = parse_go_duration_nanos(text);
  if (!nanos.ok()) return parse_error(name, nanos.status());
  return nanos;
}

Result<bool> bool_parameter(const net::QueryParams& params, std::string_view name) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return false;
  auto value = parse_go_bool(text);
  if (!value.ok()) return parse_error(name, value.status());
  return value;
}

Result<size_t> limit_parameter(const net::QueryParams& params) {
  std::string_view text = text_parameter(params, "limit");
  if (text.empty()) return kJaegerTracesDefault;
  SPOOR_ASSIGN(int64_t limit, parse_go_integer(text, "strconv.ParseInt", 32));
  if (limit <= 0) return invalid_argument("invalid parameter: limit must be greater than 0");
  return std::min(static_cast<size_t>(limit), kJaegerTracesMax);
}

Status read_tags(const net::QueryParams& params, JaegerTags& tags) {
  for (std::string_view tag : params.all("tag")) {
    size_t colon = tag.find(':');
    if (colon == std::string_view::npos) {
      return invalid_argument("malformed 'tag' parameter, expecting key:value, received: " +
                              std::string(tag.substr(0, 128)));
    }
    tags.set(std::string(tag.substr(0, colon)), std::string(tag.substr(colon + 1)));
  }
  for (std::string_view json : params.all("tags")) {
    if (json.empty()) continue;
    auto pairs = wire::decode_jaeger_tags(json);
    if (!pairs.ok()) {
      return invalid_argument("malformed 'tags' parameter, cannot unmarshal JSON: " +
                              pairs.status().message());
    }
    for (auto& [key, value] : *pairs) tags.set(std::move(key), std::move(value));
  }
  return {};
}

Status read_trace_ids(const net::QueryParams& params, std::vector<TraceId>& ids) {
  for (std::string_view text : params.all("traceID")) {
    auto id = parse_jaeger_trace_id(text);
    if (!id.ok()) return invalid_argument("cannot parse traceID param: " + id.status().message());
    ids.push_back(*id);
  }
  return {};
}

}  // namespace

Result<JaegerSearch> parse_jaeger_search(const net::QueryParams& params, UnixNanos now) {
  JaegerSearch search;
  query::SearchRequest& request = search.request;
  UnixNanos two_days_ago{now.value > kSearchLookback ? now.value - kSearchLookback : 0};
  SPOOR_ASSIGN(request.start_min, time_parameter(params, "start", two_days_ago));
  SPOOR_ASSIGN(request.start_max, time_parameter(params, "end", now));
  JaegerTags tags;
  SPOOR_TRY(read_tags(params, tags));
  SPOOR_ASSIGN(request.limit, limit_parameter(params));
  JaegerBasics basics{text_parameter(params, "service"), text_parameter(params, "operation"), 0, 0};
  SPOOR_ASSIGN(basics.duration_min, duration_parameter(params, "minDuration"));
  SPOOR_ASSIGN(basics.duration_max, duration_parameter(params, "maxDuration"));
  SPOOR_TRY(read_trace_ids(params, search.trace_ids));
  SPOOR_ASSIGN(search.is_raw, bool_parameter(params, "raw"));
  if (request.start_min > request.start_max) {
    return invalid_argument("invalid parameter: start time must be before end time");
  }
  if (basics.duration_min != 0 && basics.duration_max != 0 &&
      basics.duration_max < basics.duration_min) {
    return invalid_argument("'maxDuration' should be greater than 'minDuration'");
  }
  SPOOR_TRY(apply_extensions(params, parse_error, request));
  std::vector<query::Expression> conditions;
  append_conditions(basics, conditions);
  SPOOR_TRY(tags.append_conditions(conditions));
  request.condition = conjunction(std::move(conditions));
  SPOOR_TRY(query::check(request.condition));
  SPOOR_ASSERT(request.limit >= 1 && request.start_min <= request.start_max);
  return search;
}

Result<JaegerTraceRequest> parse_jaeger_trace(std::string_view id, const net::QueryParams& params) {
  JaegerTraceRequest request;
  SPOOR_ASSIGN(request.id, parse_jaeger_trace_id(id));
  SPOOR_TRY(time_parameter(params, "start", {}).status());
  SPOOR_TRY(time_parameter(params, "end", {}).status());
  SPOOR_ASSIGN(request.is_raw, bool_parameter(params, "raw"));
  return request;
}

Result<JaegerDependencyRequest> parse_jaeger_dependencies(const net::QueryParams& params,
                                                          UnixNanos now) {
  JaegerDependencyRequest request;
  request.to = now;
  if (std::string_view text = text_parameter(params, "endTs"); !text.empty()) {
    auto number = parse_go_integer(text, "strconv.ParseInt");
    if (!number.ok()) return parse_error("endTs", number.status());
    request.to = scaled(*number, *number < kMicrosMin ? kNanosPerMilli : kNanosPerMicro);
  }
  uint64_t lookback = kDependencyLookback;
  if (std::string_view text = text_parameter(params, "lookback"); !text.empty()) {
    auto number = parse_go_integer(text, "strconv.ParseInt");
    if (!number.ok()) return parse_error("lookback", number.status());
    lookback = scaled(*number, kNanosPerMilli).value;
  }
  request.from = {request.to.value > lookback ? request.to.value - lookback : 0};
  request.service = text_parameter(params, "service");
  return request;
}

}  // namespace spoor::api
