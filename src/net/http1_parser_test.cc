#include "net/http1_parser.h"

#include <gtest/gtest.h>

namespace spoor::net {
namespace {

// Everything that a parser says about a stream, as text.
std::string transcript(std::string_view bytes, size_t piece_bytes, const Limits& limits = {}) {
  Http1Parser parser(limits);
  std::string text;
  size_t at = 0;
  std::string body;
  while (true) {
    // Each piece lies in memory of its own, so that a view kept too long is found.
    std::string piece(bytes.substr(at, piece_bytes));
    at += piece.size();
    std::string_view input = piece;
    while (true) {
      Http1Parser::Event event = parser.next(input);
      if (event == Http1Parser::Event::NeedMore) break;
      if (event == Http1Parser::Event::Refused) {
        return text + "refused " + std::to_string(parser.refusal().http_status);
      }
      if (event == Http1Parser::Event::Head) {
        const RequestHead& head = parser.head();
        text.append(head.method_text + " " + head.path + "?" + head.query + " " +
                    std::string(to_string(head.protocol)) + " @" + head.authority);
        for (size_t i = 0; i < head.headers.size(); ++i) {
          text.append(" ").append(head.headers.name(i)).append("=").append(head.headers.value(i));
        }
        text.append(parser.framing().keep_alive ? " keep" : " close");
      } else if (event == Http1Parser::Event::Body) {
        body.append(parser.body_piece());
      } else {
        text.append(" [" + std::exchange(body, {}) + "]\n");
        parser.reset();
      }
    }
    if (at >= bytes.size()) return text + (parser.started() ? "unfinished" : "");
  }
}

struct Case {
  const char* bytes;
  const char* expected;
};

const Case kCases[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /? HTTP/1.1 @a host=a keep []\n"},
    {"GET /p%20q?x=1&y HTTP/1.1\r\nhOsT:\t a:80 \r\nX-Y: 1  2\r\n\r\n",
     "GET /p%20q?x=1&y HTTP/1.1 @a:80 host=a:80 x-y=1  2 keep []\n"},
    {"\r\n\r\nGET / HTTP/1.0\r\n\r\n", "GET /? HTTP/1.0 @ close []\n"},
    {"GET / HTTP/1.0\r\nConnection: foo, Keep-Alive\r\n\r\n",
     "GET /? HTTP/1.0 @ connection=foo, Keep-Alive keep []\n"},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
     "GET /? HTTP/1.1 @a host=a connection=close close []\n"},
    {"GET http://b.c/d?e HTTP/1.1\r\nHost: a\r\n\r\n", "GET /d?e HTTP/1.1 @b.c host=a keep []\n"},
    {"GET http://b.c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /? HTTP/1.1 @b.c host=a keep []\n"},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS *? HTTP/1.1 @a host=a keep []\n"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost:\r\n\r\n",
     "POST /? HTTP/1.1 @a host=a content-length=3 keep [abc]\n"
     "GET /2? HTTP/1.1 @ host= keep []\n"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
     "POST /? HTTP/1.1 @a host=a content-length=3 content-length=3 keep [abc]\n"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
     "3\r\nabc\r\nA;ext=\"v\"\r\n0123456789\r\n0\r\n\r\n",
     "POST /? HTTP/1.1 @a host=a transfer-encoding=Chunked keep [abc0123456789]\n"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n00\r\nT: v\r\nU: w\r\n\r\n",
     "POST /? HTTP/1.1 @a host=a transfer-encoding=chunked keep []\n"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
     "POST /? HTTP/1.1 @a host=a content-length=5 keepunfinished"},
    // Smuggling and other refusals.
    {"GET / HTTP/1.1\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\nHost: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", "refused 400"},
    {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX\x80: a\r\n\r\n", "refused 400"},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "refused 400"},
    {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET /\r\n\r\n", "refused 400"},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "refused 505"},
    {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", "refused 505"},
    {"GET / http/1.1\r\nHost: a\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", "refused 417"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "refused 501"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", "refused 501"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
     "\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
};

TEST(Http1Parser, gives_the_expected_events_however_the_bytes_are_cut) {
  for (const Case& one : kCases) {
    for (size_t piece_bytes : {1000u, 1u, 2u, 3u, 7u}) {
      EXPECT_EQ(transcript(one.bytes, piece_bytes), one.expected)
          << one.bytes << " in pieces of " << piece_bytes;
    }
  }
}

TEST(Http1Parser, refuses_bad_chunks) {
  const char* kBodies[] = {"x\r\n",
                           "\r\n",
                           ";\r\n",
                           " 1\r\na\r\n",
                           "1 \r\na\r\n",
                           "0x1\r\na\r\n",
                           "-1\r\na\r\n",
                           "1\na\r\n",
                           "1\r\nab\r\n",
                           "1\r\na\n0\r\n\r\n",
                           "1\r\na\rx",
                           "1;a\nb\r\na\r\n",
                           "1;\x01\r\na\r\n",
                           "1234567890123456\r\n",
                           "0\r\nX : y\r\n\r\n",
                           "0\r\nX: y\n\r\n",
                           "0\r\n\n"};
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body : kBodies) {
    for (size_t piece_bytes : {1000u, 1u, 2u, 5u}) {
      std::string said = transcript(head + body, piece_bytes);
      EXPECT_TRUE(said.ends_with("refused 400")) << body << " gave " << said;
    }
  }
  std::string extension = "1;" + std::string(300, 'x') + "\r\na\r\n0\r\n\r\n";
  EXPECT_TRUE(transcript(head + extension, 1000).ends_with("refused 400"));
}

TEST(Http1Parser, limits_hold_at_the_limit_and_one_beyond) {
  Limits limits;
  limits.request_line_bytes_max = 64;
  limits.header_bytes_max = 128;
  limits.headers_max = 5;
  std::string line = "GET /" + std::string(64 - 14, 'p') + " HTTP/1.1\r\n";
  ASSERT_EQ(line.size(), 66u);
  std::string tail = "Host: a\r\n\r\n";
  // "X: " + value + CRLF, "Host: a" + CRLF, CRLF
  std::string fits = "X: " + std::string(128 - 5 - 11, 'v') + "\r\n" + tail;
  ASSERT_EQ(fits.size(), 128u);
  std::string too_long = "X: " + std::string(128 - 5 - 10, 'v') + "\r\n" + tail;
  std::string five = "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n" + tail;
  for (size_t piece_bytes : {1000u, 1u, 2u, 3u}) {
    EXPECT_TRUE(transcript(line + fits, piece_bytes, limits).ends_with("[]\n"));
    EXPECT_EQ(transcript("P" + line + tail, piece_bytes, limits), "refused 414");
    EXPECT_EQ(transcript(line + too_long, piece_bytes, limits), "refused 431");
    EXPECT_TRUE(transcript(line + five, piece_bytes, limits).ends_with("[]\n"));
    EXPECT_EQ(transcript(line + "E: 5\r\n" + five, piece_bytes, limits), "refused 431");
    EXPECT_EQ(transcript(std::string(1000, 'x'), piece_bytes, limits), "refused 414");
    EXPECT_EQ(transcript(line + std::string(1000, 'x'), piece_bytes, limits), "refused 431");
  }
}

TEST(Http1Parser, trailers_are_limited) {
  Limits limits;
  limits.header_bytes_max = 128;
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (size_t piece_bytes : {5000u, 1u}) {
    std::string short_one = "X: " + std::string(50, 'v') + "\r\n\r\n";
    EXPECT_TRUE(transcript(head + short_one, piece_bytes, limits).ends_with("[]\n"));
    std::string endless = "X: " + std::string(2000, 'v');
    EXPECT_TRUE(transcript(head + endless, piece_bytes, limits).ends_with("refused 400"));
  }
}

TEST(Http1Response, is_parsed_strictly) {
  Limits limits;
  int status = 0;
  HeaderList headers;
  MessageFraming framing;
  EXPECT_TRUE(parse_response_block("HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", limits, status,
                                   headers, framing)
                  .ok());
  EXPECT_EQ(status, 204);
  EXPECT_EQ(headers.find("x"), "y");
  EXPECT_TRUE(framing.keep_alive);
  for (const char* bad : {"HTTP/1.1 2x4 No\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"}) {
    EXPECT_FALSE(parse_response_block(bad, limits, status, headers, framing).ok()) << bad;
  }
}

}  // namespace
}  // namespace spoor::net
