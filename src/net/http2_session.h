// HTTP/2 on one connection, with nghttp2 as its engine. Streams are independent: a stream that
// the memory budget holds back gets no window, and the others go on.
#pragma once

#include <memory>
#include <string_view>

#include "net/intake.h"
#include "net/session.h"

namespace spoor::net {

// The 24 bytes by which a client with prior knowledge opens HTTP/2.
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Both must outlive the session. The preface is part of what the session receives.
std::unique_ptr<Session> make_http2_session(Carrier& carrier, Intake& intake);

}  // namespace spoor::net
