#include "net/grpc.h"

#include "base/bytes.h"
#include "net/grpc_frame.h"

namespace spoor::net {
namespace {

constexpr std::string_view kContentType = "application/grpc";

// What we tell peers that we can read.
std::string accepted_encodings(const GrpcOptions& options) {
  return options.decompress ? "identity,gzip,zstd" : "identity";
}

bool is_accepted(std::string_view encoding, const GrpcOptions& options) {
  if (encoding == "identity") return true;
  return options.decompress && (encoding == "gzip" || encoding == "zstd");
}

std::string_view encoding_of(const RequestHead& head) {
  return head.headers.find("grpc-encoding").value_or("identity");
}

// The gRPC protocol's own look at the headers of a request.
std::optional<Response> admit_grpc(Exchange& exchange, const GrpcOptions& options) {
  const RequestHead& head = exchange.head();
  if (!is_grpc(head)) {
    return text_response(415, "this path takes gRPC: content-type application/grpc\n");
  }
  if (head.protocol != Protocol::Http2) return text_response(505, "gRPC needs HTTP/2\n");
  std::string_view encoding = encoding_of(head);
  if (!is_accepted(encoding, options)) {
    std::string accepted = accepted_encodings(options);
    Response response =
        grpc_error(unimplemented("grpc-encoding " + std::string(encoding.substr(0, 64)) +
                                 " is not supported; supported: " + accepted));
    response.add_header("grpc-accept-encoding", std::move(accepted));
    return response;
  }
  if (auto text = head.headers.find("grpc-timeout")) {
    auto timeout_ms = parse_grpc_timeout_ms(*text);
    if (!timeout_ms) return grpc_error(internal("grpc-timeout is malformed"));
    if (*timeout_ms == 0) return grpc_error(deadline_exceeded("the deadline passed"));
    exchange.expire_after_ms(*timeout_ms);
  }
  return options.admit ? options.admit(exchange) : std::nullopt;
}

void handle_grpc(ExchangePtr exchange, const std::shared_ptr<const GrpcOptions>& options,
                 const GrpcHandler& handler) {
  Result<GrpcFrame> frame = parse_grpc_unary(exchange->body());
  if (!frame.ok()) return exchange->respond(grpc_error(frame.status()));
  std::string encoding =
      frame->compressed ? std::string(encoding_of(exchange->head())) : "identity";
  if (frame->compressed && encoding == "identity") {
    return exchange->respond(
        grpc_error(internal("the message is marked as compressed, but grpc-encoding is identity")));
  }
  std::string_view message = frame->message;
  handler(std::make_shared<GrpcCall>(std::move(exchange), std::move(encoding), message, options));
}

// Of the trailers, or of the headers where there is nothing else.
std::vector<Header> status_fields(const Status& status) {
  std::vector<Header> fields = {{"grpc-status", std::to_string(static_cast<int>(status.code()))}};
  if (status.ok()) return fields;
  fields.push_back({"grpc-message", encode_grpc_message(status.message())});
  if (status.retry_delay_ms()) {
    std::string details = to_base64(encode_rpc_status(status));
    details.resize(details.find_last_not_of('=') + 1);
    fields.push_back({"grpc-status-details-bin", std::move(details)});
  }
  return fields;
}

}  // namespace

bool is_grpc(const RequestHead& head) {
  std::string_view type = head.headers.find_or_empty("content-type");
  if (!type.starts_with(kContentType)) return false;
  type.remove_prefix(kContentType.size());
  return type.empty() || type.front() == '+' || type.front() == ';';
}

Response grpc_error(const Status& status) {
  SPOOR_ASSERT(!status.ok());
  Response response;
  response.headers = status_fields(status);
  response.add_header("content-type", std::string(kContentType));
  return response;
}

Response grpc_reply(std::string_view message) {
  Response response;
  response.add_header("content-type", std::string(kContentType));
  response.body.reserve(kGrpcFrameBytes + message.size());
  append_grpc_frame(response.body, message);
  response.trailers = status_fields(Status());
  return response;
}

GrpcCall::GrpcCall(ExchangePtr exchange, std::string encoding, std::string_view encoded,
                   std::shared_ptr<const GrpcOptions> options)
    : exchange_(std::move(exchange)),
      encoding_(std::move(encoding)),
      encoded_(encoded),
      options_(std::move(options)) {}

Result<std::string_view> GrpcCall::message() {
  if (decoded_) return std::string_view(*decoded_);
  if (encoding_ == "identity") {
    if (encoded_.size() > options_->message_bytes_max) {
      return resource_exhausted("the message has " + std::to_string(encoded_.size()) +
                                " bytes, above the limit of " +
                                std::to_string(options_->message_bytes_max));
    }
    return encoded_;
  }
  SPOOR_ASSERT(options_->decompress != nullptr);
  SPOOR_ASSIGN(std::string decoded,
               options_->decompress(encoding_, encoded_, options_->message_bytes_max));
  if (!exchange_->charge_memory(decoded.size())) {
    return unavailable("no memory for the decompressed message now", Limits().retry_delay_ms);
  }
  decoded_ = std::move(decoded);
  return std::string_view(*decoded_);
}

void GrpcCall::finish(const Result<std::string>& result) {
  Response response = result.ok() ? grpc_reply(*result) : grpc_error(result.status());
  response.add_header("grpc-accept-encoding", accepted_encodings(*options_));
  exchange_->respond(std::move(response));
}

std::shared_ptr<BodyStream> GrpcCall::start_stream() {
  Response head;
  head.add_header("content-type", std::string(kContentType));
  head.add_header("grpc-accept-encoding", accepted_encodings(*options_));
  return exchange_->respond_with_stream(std::move(head), status_fields);
}

void add_grpc_unary(Router& router, std::string path, GrpcHandler handler, GrpcOptions options) {
  auto shared = std::make_shared<const GrpcOptions>(std::move(options));
  RouteOptions route;
  route.body_bytes_max = shared->body_bytes_max + kGrpcFrameBytes;
  route.admit = [shared](Exchange& exchange) { return admit_grpc(exchange, *shared); };
  route.refuse = default_refusal;
  router.post(
      std::move(path),
      [shared, handler = std::move(handler)](ExchangePtr exchange) {
        handle_grpc(std::move(exchange), shared, handler);
      },
      std::move(route));
}

void GrpcHealth::set(const std::string& service, Serving serving) {
  MutexLock lock(mutex_);
  services_[service] = serving;
}

Result<std::string> GrpcHealth::check(std::string_view request) {
  // HealthCheckRequest: string service = 1. The last one counts; other fields are skipped by
  // refusing them, as the message has had no others since it exists.
  std::string_view service;
  ByteReader reader(request);
  while (!reader.at_end() && !reader.failed()) {
    if (reader.varint() != 0x0a) return invalid_argument("the health request is malformed");
    service = reader.sized();
  }
  if (reader.failed()) return invalid_argument("the health request is malformed");
  MutexLock lock(mutex_);
  auto found = services_.find(service);
  if (found == services_.end()) return not_found("unknown service " + std::string(service));
  // HealthCheckResponse: ServingStatus status = 1; zero is not written.
  std::string reply;
  if (found->second != Serving::Unknown) {
    reply.push_back(0x08);
    reply.push_back(static_cast<char>(found->second));
  }
  return reply;
}

void GrpcHealth::add_to(Router& router) {
  GrpcOptions options;
  options.body_bytes_max = 4 * kKiB;
  add_grpc_unary(
      router, "/grpc.health.v1.Health/Check",
      [this](std::shared_ptr<GrpcCall> call) {
        auto message = call->message();
        call->finish(message.ok() ? check(*message) : Result<std::string>(message.status()));
      },
      std::move(options));
}

}  // namespace spoor::net
