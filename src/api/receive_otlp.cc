#include "api/receive_otlp.h"

#include <optional>

#include "api/tenant.h"
#include "wire/otlp_response.h"

namespace spoor::api {
namespace {

constexpr std::string_view kExportPath =
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

// The media type without parameters.
std::string_view media_type(const net::RequestHead& head) {
  std::string_view type = head.headers.find_or_empty("content-type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type;
}

std::optional<store::BodyFormat> body_format(const net::RequestHead& head) {
  std::string_view type = media_type(head);
  if (net::equals_ignoring_case(type, "application/x-protobuf")) {
    return store::BodyFormat::OtlpProtobuf;
  }
  if (net::equals_ignoring_case(type, "application/json")) return store::BodyFormat::OtlpJson;
  return std::nullopt;
}

net::Response typed_response(int http_status, store::BodyFormat format, std::string body) {
  net::Response response;
  response.status = http_status;
  response.body = std::move(body);
  response.add_header("content-type", format == store::BodyFormat::OtlpJson
                                          ? "application/json"
                                          : "application/x-protobuf");
  return response;
}

// A google.rpc.Status in the sender's own type.
net::Response error_response(int http_status, store::BodyFormat format, const Status& status) {
  net::Response response =
      typed_response(http_status, format,
                     format == store::BodyFormat::OtlpJson ? wire::encode_rpc_status_json(status)
                                                           : wire::encode_rpc_status(status));
  net::add_retry_after(response, status);
  return response;
}

net::Response export_response(store::BodyFormat format, const Result<ingest::Outcome>& result) {
  if (!result.ok()) return error_response(result.status().http_status(), format, result.status());
  wire::ExportOutcome outcome{static_cast<int64_t>(result->refused_spans), result->message};
  return typed_response(200, format,
                        format == store::BodyFormat::OtlpJson
                            ? wire::encode_export_response_json(outcome)
                            : wire::encode_export_response(outcome));
}

// Refused before the body was read: what can be known by the headers alone.
std::optional<net::Response> admit(net::Exchange& exchange) {
  const net::RequestHead& head = exchange.head();
  auto format = body_format(head);
  if (!format) {
    return error_response(
        415, store::BodyFormat::OtlpProtobuf,
        invalid_argument(
            "expected content-type application/x-protobuf or application/json, got \"" +
            std::string(head.headers.find_or_empty("content-type")) + "\""));
  }
  Result<TenantId> tenant = tenant_of(head);
  if (!tenant.ok()) return error_response(400, *format, tenant.status());
  auto encoding = codec::parse_content_encoding(head.headers.find_or_empty("content-encoding"));
  if (!encoding.ok()) return error_response(415, *format, encoding.status());
  return std::nullopt;
}

net::Response refuse(const net::RequestHead& head, const net::Refusal& refusal) {
  auto format = body_format(head).value_or(store::BodyFormat::OtlpProtobuf);
  return error_response(refusal.http_status, format, refusal.status);
}

}  // namespace

void ReceiveOtlp::add_http(net::Router& router, const std::string& path) {
  net::RouteOptions options;
  options.body_bytes_max = options_.request_bytes_max;
  options.admit = admit;
  options.refuse = refuse;
  router.post(
      path, [this](net::ExchangePtr exchange) { receive_http(exchange); }, std::move(options));
}

void ReceiveOtlp::receive_http(const net::ExchangePtr& exchange) {
  // All three passed in admit().
  BodyKind kind;
  kind.format = *body_format(exchange->head());
  kind.encoding =
      *codec::parse_content_encoding(exchange->head().headers.find_or_empty("content-encoding"));
  TenantId tenant = *tenant_of(exchange->head());

  receive(tenant, "otlp_http", kind, exchange->body(),
          [exchange, format = kind.format](const Result<ingest::Outcome>& result) {
            exchange->respond(export_response(format, result));
          });
}

// The same for both framings: decode, then one call of ingest.
void ReceiveOtlp::receive(const TenantId& tenant, std::string_view protocol, const BodyKind& kind,
                          std::string_view body, ingest::Ingest::Done done) {
  DecodeBuffers& buffers = thread_decode_buffers();
  auto decompressed = decode_body(kind, body, options_.request_bytes_max, buffers);
  if (!decompressed.ok()) return done(decompressed.status());
  std::vector<ingest::Defect> defects = defects_of(buffers.request);
  ingest::Request request{.tenant = tenant,
                          .protocol = protocol,
                          .format = kind.format,
                          .encoding = static_cast<uint8_t>(kind.encoding),
                          .body = body,
                          .decompressed = *decompressed,
                          .batch = buffers.request.batch,
                          .defects = defects,
                          .received = world_.now()};
  ingest_.accept(request, std::move(done));
}

void ReceiveOtlp::add_grpc(net::Router& router) {
  net::GrpcOptions options;
  options.body_bytes_max = options_.request_bytes_max;
  options.message_bytes_max = options_.request_bytes_max;
  // The handler decompresses by itself, into the thread's buffer; this only tells net which
  // encodings there are.
  options.decompress = decompress_grpc;
  net::add_grpc_unary(
      router, std::string(kExportPath),
      [this](std::shared_ptr<net::GrpcCall> call) { receive_grpc(call); }, std::move(options));
}

void ReceiveOtlp::receive_grpc(const std::shared_ptr<net::GrpcCall>& call) {
  Result<TenantId> tenant = tenant_of(call->head());
  if (!tenant.ok()) return call->finish(tenant.status());
  auto encoding = codec::parse_content_encoding(call->encoding());
  if (!encoding.ok()) return call->finish(encoding.status());

  BodyKind kind{store::BodyFormat::OtlpProtobuf, *encoding};
  receive(*tenant, "otlp_grpc", kind, call->encoded(),
          [call](const Result<ingest::Outcome>& result) {
            if (!result.ok()) return call->finish(result.status());
            call->finish(wire::encode_export_response(
                {static_cast<int64_t>(result->refused_spans), result->message}));
          });
}

}  // namespace spoor::api
