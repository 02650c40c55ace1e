// The endpoints that Grafana completes queries with.
#include <algorithm>

#include "api/jaeger_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_completion.h"

namespace spoor::api {
namespace {

constexpr std::string_view kValues = "/values";

Result<net::Response> tags_v1(TempoCall& call) {
  SPOOR_ASSIGN(TempoTagsRequest request, parse_tempo_tags(call.params));
  TempoTagNames found = tempo_tag_names(call.snapshot, request);
  std::vector<std::string> names;
  for (const TempoTagNames::Scope& scope : found.scopes) {
    names.insert(names.end(), scope.tags.begin(), scope.tags.end());
  }
  std::ranges::sort(names);
  auto repeats = std::ranges::unique(names);
  names.erase(repeats.begin(), repeats.end());
  if (names.size() > request.limit) names.resize(request.limit);
  net::Response response = net::json_response(200, wire::encode_tempo_tags_v1(names));
  add_partial(response, found.missing);
  return response;
}

Result<net::Response> tags_v2(TempoCall& call) {
  SPOOR_ASSIGN(TempoTagsRequest request, parse_tempo_tags(call.params));
  TempoTagNames found = tempo_tag_names(call.snapshot, request);
  std::vector<wire::TempoTagScope> scopes;
  for (const TempoTagNames::Scope& scope : found.scopes) scopes.push_back({scope.name, scope.tags});
  net::Response response = net::json_response(200, wire::encode_tempo_tags_v2(scopes));
  add_partial(response, found.missing);
  return response;
}

// The pattern takes the rest of the path, because names may have slashes, escaped or not.
template <Result<TempoValuesRequest> (*parse)(std::string_view, const net::QueryParams&),
          std::string (*encode)(std::span<const wire::TempoTagValue>)>
Result<net::Response> values(TempoCall& call) {
  std::string_view tag = call.head().path_param("tag");
  if (!tag.ends_with(kValues)) return not_found("no such path, expected .../{tag}/values");
  tag.remove_suffix(kValues.size());
  SPOOR_ASSIGN(TempoValuesRequest request, parse(tag, call.params));
  TempoValues found = tempo_values(call.snapshot, request);
  net::Response response = net::json_response(200, encode(found.values));
  add_partial(response, found.missing);
  return response;
}

}  // namespace

void ServeTempo::add_completion_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/search/tags", {tags_v1});
  add(router, prefix + "/api/v2/search/tags", {tags_v2});
  add(router, prefix + "/api/search/tag/{tag...}",
      {values<parse_tempo_values_v1, wire::encode_tempo_tag_values_v1>});
  add(router, prefix + "/api/v2/search/tag/{tag...}",
      {values<parse_tempo_values_v2, wire::encode_tempo_tag_values_v2>});
}

}  // namespace spoor::api
