// Feeds bytes to gRPC's pure functions and, after a correct opening, to a whole HTTP/2 session
// with gRPC routes.
#include "net/grpc.h"
#include "net/grpc_frame.h"
#include "net/http2_session.h"
#include "net/test_carrier.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor::net;  // NOLINT
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  size_t piece_bytes = static_cast<unsigned char>(bytes.front()) % 64 + 1;
  bytes.remove_prefix(1);

  auto frame = parse_grpc_unary(bytes);
  if (frame.ok()) SPOOR_ASSERT(frame->message.size() + kGrpcFrameBytes == bytes.size());
  parse_grpc_timeout_ms(bytes);
  std::string_view shown = bytes.substr(0, 2048);
  SPOOR_ASSERT(decode_grpc_message(encode_grpc_message(shown)) == shown);
  parse_query(bytes).status().ok();

  FuzzServer server;
  auto session = make_http2_session(server.carrier, server.intake);
  session->receive(kHttp2Preface);
  session->receive(std::string_view("\0\0\0\4\0\0\0\0\0", 9));  // empty SETTINGS
  server.carrier.feed(*session, bytes, piece_bytes);
  SPOOR_ASSERT(server.in_flight == 0 && server.budget.used_bytes() == 0);
  return 0;
}
