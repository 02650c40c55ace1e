// Feeds bytes to a whole HTTP/1 session, in pieces, without a socket; then checks that the
// parser says the same however the bytes are cut.
#include "net/http1_session.h"
#include "net/test_carrier.h"

namespace spoor::net {
namespace {

std::string transcript(std::string_view bytes, size_t piece_bytes) {
  static const Limits limits;
  Http1Parser parser(limits);
  std::string text;
  while (true) {
    std::string piece(bytes.substr(0, piece_bytes));
    bytes.remove_prefix(piece.size());
    std::string_view input = piece;
    while (true) {
      Http1Parser::Event event = parser.next(input);
      if (event == Http1Parser::Event::NeedMore) break;
      if (event == Http1Parser::Event::Refused) {
        return text + std::to_string(parser.refusal().http_status);
      }
      if (event == Http1Parser::Event::Head) text.append(parser.head().path).append("?");
      if (event == Http1Parser::Event::Body) text.append(parser.body_piece());
      if (event == Http1Parser::Event::End) {
        text.push_back('\n');
        parser.reset();
      }
    }
    if (bytes.empty()) return text;
  }
}

}  // namespace
}  // namespace spoor::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor::net;  // NOLINT
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  size_t piece_bytes = static_cast<unsigned char>(bytes.front()) % 32 + 1;
  bytes.remove_prefix(1);
  SPOOR_ASSERT(transcript(bytes, bytes.size() + 1) == transcript(bytes, piece_bytes));
  FuzzServer server;
  Http1Session session(server.carrier, server.intake);
  server.carrier.feed(session, bytes, piece_bytes);
  SPOOR_ASSERT(server.in_flight == 0 && server.budget.used_bytes() == 0);
  return 0;
}
