// The gRPC service tempopb.StreamingQuerier: searches, completion and metrics as messages that are
// sent as they are found.
#include <algorithm>

#include "api/cursor.h"
#include "api/decode_body.h"
#include "api/serve_tempo.h"
#include "api/stream_call.h"
#include "api/tempo_call.h"
#include "api/tempo_completion.h"
#include "api/tempo_found.h"
#include "api/tempo_messages.h"
#include "api/tempo_series.h"
#include "query/query.h"
#include "wire/tempo_search_proto.h"

namespace spoor::api {
namespace {

using Snapshots = std::vector<store::Snapshot>;

// What a method is asked with, but for the message.
struct Asked {
  Snapshots snapshots;
  UnixNanos now;
};

constexpr size_t kMessageBytesMax = 1 << 20;
// So many traces come first, because a list of them is seen at once; then more at a time, as each
// page looks for its candidates anew.
constexpr size_t kFirstPage = 20;
constexpr size_t kPageGrowth = 25;
constexpr size_t kPageMax = 2'000;

void add_partial(std::vector<net::Header>& metadata, const std::vector<std::string>& missing) {
  if (!missing.empty()) metadata.push_back({"x-spoor-partial", missing.front()});
}

size_t page_after(size_t page) {
  return std::min(page * kPageGrowth, kPageMax);
}

uint32_t pages_of(size_t limit) {
  uint32_t pages = 0;
  for (size_t page = kFirstPage; limit > 0; page = page_after(page), ++pages) {
    limit -= std::min(limit, page);
  }
  return pages;
}

// Pages of one search under one snapshot, newest traces first, none of them twice. The jobs of its
// progress are pages.
class SearchSource final : public StreamSource {
 public:
  SearchSource(Snapshots snapshots, TempoSearch asked)
      : snapshots_(std::move(snapshots)), asked_(std::move(asked)), left_(asked_.limit) {
    metrics_.total_jobs = pages_of(asked_.limit);
  }

  Result<Step> next(query::QueryContext& context) override {
    const query::TraceqlRequest request{.query = asked_.query,
                                        .start_min = asked_.range.from,
                                        .start_max = asked_.range.to,
                                        .limit = std::min(page_, left_),
                                        .after = asked_.after,
                                        .spans_per_spanset = asked_.spans_per_spanset};
    auto result = query::search(snapshots_, request, context);
    if (!result.ok()) return tempo_error(result.status());
    const query::TraceqlResult& found = result->found;
    page_ = page_after(page_);
    left_ -= std::min(left_, found.traces.size());
    metrics_.inspected_traces += static_cast<uint32_t>(found.traces_evaluated);
    metrics_.inspected_spans += found.spans_evaluated;
    missing_.insert(missing_.end(), found.missing.begin(), found.missing.end());
    Step step;
    step.is_last = !found.more || left_ == 0;
    metrics_.completed_jobs = step.is_last ? metrics_.total_jobs : metrics_.completed_jobs + 1;
    if (!found.traces.empty()) asked_.after = found.traces.back().hit();
    if (step.is_last) {
      add_partial(step.metadata, missing_);
      if (found.more) step.metadata.push_back({"x-spoor-cursor", cursor_text(*asked_.after)});
    }
    step.messages = wire::split_tempo_message(
        wire::encode_tempo_search_proto(TempoFound(found).traces(), metrics_), kMessageBytesMax);
    return step;
  }

 private:
  const Snapshots snapshots_;
  TempoSearch asked_;
  size_t page_ = kFirstPage;
  size_t left_;
  wire::TempoSearchMetrics metrics_;  // of all pages so far
  std::vector<std::string> missing_;
};

// Everything in one step: lists, which come from what the store says of its parts, and metrics.
class OneStepSource final : public StreamSource {
 public:
  using Make = std::function<Result<std::string>(query::QueryContext& context,
                                                 std::vector<net::Header>& metadata)>;
  explicit OneStepSource(Make make) : make_(std::move(make)) {}

  Result<Step> next(query::QueryContext& context) override {
    Step step;
    step.is_last = true;
    auto message = make_(context, step.metadata);
    if (!message.ok()) return tempo_error(message.status());
    step.messages = wire::split_tempo_message(*message, kMessageBytesMax);
    return step;
  }

 private:
  const Make make_;
};

using SourcePtr = std::unique_ptr<StreamSource>;
using Source = Result<SourcePtr>;

SourcePtr one_step(OneStepSource::Make make) {
  return std::make_unique<OneStepSource>(std::move(make));
}

constexpr wire::TempoListMetrics kDone = {1, 1};

Source search(Asked call, std::string_view bytes) {
  SPOOR_ASSIGN(wire::TempoSearchMessage message, wire::decode_tempo_search_request(bytes));
  SPOOR_ASSIGN(TempoSearch asked, tempo_search_of(message));
  SourcePtr source = std::make_unique<SearchSource>(std::move(call.snapshots), std::move(asked));
  return source;
}

std::string tags_v1(const TempoTagNames& found, size_t limit) {
  return wire::encode_tempo_tags_v1_proto(one_list(found, limit), kDone);
}

// A scope with very many names comes several times, so that messages can be cut between them.
std::string tags_v2(const TempoTagNames& found, size_t) {
  std::vector<wire::TempoTagScope> cut;
  for (const wire::TempoTagScope& scope : by_scope(found)) {
    for (size_t first = 0; first < scope.tags.size();) {
      size_t count = 0, bytes = 0;
      while (first + count < scope.tags.size() && bytes < kMessageBytesMax / 4) {
        bytes += scope.tags[first + count++].size();
      }
      cut.push_back({scope.name, scope.tags.subspan(first, count)});
      first += count;
    }
  }
  return wire::encode_tempo_tags_v2_proto(cut, kDone);
}

template <std::string (*encode)(const TempoTagNames& found, size_t limit)>
Source tags(Asked call, std::string_view bytes) {
  SPOOR_ASSIGN(wire::TempoTagsMessage message, wire::decode_tempo_tags_request(bytes));
  SPOOR_ASSIGN(TempoTagsRequest asked, tempo_tags_of(message));
  return one_step([snapshots = std::move(call.snapshots), asked](
                      query::QueryContext&, std::vector<net::Header>& metadata) {
    TempoTagNames found = tempo_tag_names(snapshots, asked);
    add_partial(metadata, found.missing);
    return encode(found, asked.limit);
  });
}

template <Result<TempoValuesRequest> (*request_of)(const wire::TempoTagValuesMessage&),
          std::string (*encode)(std::span<const wire::TempoTagValue>,
                                const wire::TempoListMetrics&)>
Source values(Asked call, std::string_view bytes) {
  SPOOR_ASSIGN(wire::TempoTagValuesMessage message, wire::decode_tempo_tag_values_request(bytes));
  SPOOR_ASSIGN(TempoValuesRequest asked, request_of(message));
  return one_step([snapshots = std::move(call.snapshots), asked](
                      query::QueryContext&, std::vector<net::Header>& metadata) {
    TempoValues found = tempo_values(snapshots, asked);
    add_partial(metadata, found.missing);
    return encode(found.values, kDone);
  });
}

template <Result<wire::TempoMetricsMessage> (*decode)(std::string_view), TempoMetricsForm form>
Source metrics(Asked call, std::string_view bytes) {
  SPOOR_ASSIGN(wire::TempoMetricsMessage message, decode(bytes));
  SPOOR_ASSIGN(TempoMetrics asked, tempo_metrics_of(message, form, call.now));
  return one_step(
      [snapshots = std::move(call.snapshots), asked = std::move(asked)](
          query::QueryContext& context, std::vector<net::Header>& metadata) -> Result<std::string> {
        SPOOR_ASSIGN(TempoSeriesAnswer found,
                     tempo_series(snapshots, asked, form, TempoAnswer::Protobuf, context));
        add_partial(metadata, found.missing);
        return std::move(found.body);
      });
}

struct Method {
  std::string_view name;
  Source (*open)(Asked call, std::string_view bytes);
};

constexpr Method kMethods[] = {
    {"Search", search},
    {"SearchTags", tags<tags_v1>},
    {"SearchTagsV2", tags<tags_v2>},
    {"SearchTagValues", values<tempo_values_v1_of, wire::encode_tempo_tag_values_v1_proto>},
    {"SearchTagValuesV2", values<tempo_values_v2_of, wire::encode_tempo_tag_values_v2_proto>},
    {"MetricsQueryRange", metrics<wire::decode_tempo_range_request, TempoMetricsForm::Range>},
    {"MetricsQueryInstant", metrics<wire::decode_tempo_instant_request, TempoMetricsForm::Instant>},
};

Source open_source(store::Store& store, UnixNanos now, const Method& method, net::GrpcCall& call) {
  SPOOR_ASSIGN(Snapshots snapshots, tempo_snapshots(store, call.head()));
  SPOOR_ASSIGN(std::string_view bytes, call.message());
  auto source = method.open({std::move(snapshots), now}, bytes);
  if (!source.ok()) return tempo_error(source.status());
  return source;
}

}  // namespace

void ServeTempo::add_streaming(net::Router& router) {
  net::GrpcOptions options;
  options.body_bytes_max = options.message_bytes_max = net::kBodyBytesMaxDefault;
  options.decompress = decompress_grpc;
  for (const Method& method : kMethods) {
    auto handler = [this, method](std::shared_ptr<net::GrpcCall> call) {
      stream_on_pool(pool_, std::move(call), [this, method](net::GrpcCall& opened) {
        return open_source(store_, world_.now(), method, opened);
      });
    };
    net::add_grpc_unary(router, "/tempopb.StreamingQuerier/" + std::string(method.name), handler,
                        options);
  }
}

}  // namespace spoor::api
