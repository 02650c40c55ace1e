// OTLP in, over HTTP and gRPC: request, one call of ingest, response.
//
// HTTP: POST with protobuf or JSON by Content-Type, answers and errors in the same type,
// identity, gzip, deflate, zstd or snappy. gRPC: TraceService/Export. The answer is sent after
// the spans are durable. Specification: OTLP 1.11.
#pragma once

#include <string>

#include "api/decode_body.h"
#include "ingest/ingest.h"
#include "net/net.h"
#include "os/world.h"

namespace spoor::api {

class ReceiveOtlp {
 public:
  struct Options {
    size_t request_bytes_max = 64 << 20;  // as received, and after decompression
  };
  // The three live as long as the routes.
  ReceiveOtlp(ingest::Ingest& ingest, os::World& world, Options options)
      : ingest_(ingest), world_(world), options_(options) {}

  void add_http(net::Router& router, const std::string& path);
  void add_grpc(net::Router& router);

 private:
  void receive_http(const net::ExchangePtr& exchange);
  void receive(const TenantId& tenant, std::string_view protocol, const BodyKind& kind,
               std::string_view body, ingest::Ingest::Done done);
  void receive_grpc(const std::shared_ptr<net::GrpcCall>& call);

  ingest::Ingest& ingest_;
  os::World& world_;
  const Options options_;
};

}  // namespace spoor::api
