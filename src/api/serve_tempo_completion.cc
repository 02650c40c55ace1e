// The endpoints that Grafana completes queries with.
#include "api/query_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_completion.h"
#include "api/tempo_parameters.h"
#include "wire/tempo_search_proto.h"

namespace spoor::api {
namespace {

constexpr std::string_view kValues = "/values";

Result<net::Response> tags_v1(TempoCall& call) {
  SPOOR_ASSIGN(TempoTagsRequest request, parse_tempo_tags(call.params));
  TempoTagNames found = tempo_tag_names(call.snapshots, request);
  std::vector<std::string> names = one_list(found, request.limit);
  SPOOR_ASSIGN(net::Response response,
               tempo_response(call, call.answer == TempoAnswer::Protobuf
                                        ? wire::encode_tempo_tags_v1_proto(names)
                                        : wire::encode_tempo_tags_v1(names)));
  add_partial(response, found.missing);
  return response;
}

Result<net::Response> tags_v2(TempoCall& call) {
  SPOOR_ASSIGN(TempoTagsRequest request, parse_tempo_tags(call.params));
  TempoTagNames found = tempo_tag_names(call.snapshots, request);
  std::vector<wire::TempoTagScope> scopes = by_scope(found);
  SPOOR_ASSIGN(net::Response response,
               tempo_response(call, call.answer == TempoAnswer::Protobuf
                                        ? wire::encode_tempo_tags_v2_proto(scopes)
                                        : wire::encode_tempo_tags_v2(scopes)));
  add_partial(response, found.missing);
  return response;
}

// The pattern takes the rest of the path, because names may have slashes, escaped or not.
template <auto parse, auto encode_json, auto encode_proto>
Result<net::Response> values(TempoCall& call) {
  std::string_view tag = call.head().path_param("tag");
  if (!tag.ends_with(kValues)) return not_found("no such path, expected .../{tag}/values");
  tag.remove_suffix(kValues.size());
  SPOOR_ASSIGN(TempoValuesRequest request, parse(tag, call.params));
  TempoValues found = tempo_values(call.snapshots, request);
  bool is_protobuf = call.answer == TempoAnswer::Protobuf;
  SPOOR_ASSIGN(net::Response response,
               tempo_response(
                   call, is_protobuf ? encode_proto(found.values, {}) : encode_json(found.values)));
  add_partial(response, found.missing);
  return response;
}

}  // namespace

void ServeTempo::add_completion_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/search/tags", {tags_v1});
  add(router, prefix + "/api/v2/search/tags", {tags_v2});
  add(router, prefix + "/api/search/tag/{tag...}",
      {values<parse_tempo_values_v1, wire::encode_tempo_tag_values_v1,
              wire::encode_tempo_tag_values_v1_proto>});
  add(router, prefix + "/api/v2/search/tag/{tag...}",
      {values<parse_tempo_values_v2, wire::encode_tempo_tag_values_v2,
              wire::encode_tempo_tag_values_v2_proto>});
}

}  // namespace spoor::api
