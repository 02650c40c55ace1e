// Every limit of the network side and its reason. A Limits travels in ServerOptions so that a
// test can set each to a value it can reach; the defaults are what is shipped.
#pragma once

#include <cstdint>

namespace spoor::net {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;

// A request body as received, where the route says nothing else. Routes that take spans ask
// for kIngestBodyBytesMax; the rest are queries, whose bodies are small.
constexpr uint64_t kBodyBytesMaxDefault = 256 * kKiB;
constexpr uint64_t kIngestBodyBytesMax = 16 * kMiB;
// OTLP recommends 64 MiB for what a body may become after decompression.
constexpr uint64_t kMessageBytesMax = 64 * kMiB;

struct Limits {
  // Beyond either, a new connection is closed at once. 20,000 sockets cost about 60 MB of
  // kernel memory; 1,000 from one address is a whole cluster behind one NAT.
  uint32_t connections_max = 20'000;
  uint32_t connections_per_address_max = 1'000;

  // 414, 431, 431. The request line carries TraceQL queries, so it is long.
  uint32_t request_line_bytes_max = 32 * kKiB;
  uint32_t header_bytes_max = 32 * kKiB;
  uint32_t headers_max = 100;

  // From the first byte of a request to the end of its headers, and for the handshake of TLS.
  // Closes slow-header attacks.
  uint32_t header_time_ms = 10'000;
  // Without a request in flight.
  uint32_t idle_time_ms = 60'000;
  // A body must arrive with this average rate, counted after a grace of body_grace_ms. Time
  // that we ourselves hold a stream back does not count.
  uint32_t body_bytes_per_second_min = 1 * kKiB;
  uint32_t body_grace_ms = 10'000;
  // Answer bytes are waiting and the peer takes none.
  uint32_t write_stall_ms = 30'000;
  // A stream for whose next bytes the budget has no room waits this long, then is refused.
  uint32_t budget_wait_ms = 2'000;
  // The delay that a refusal for want of memory asks of the sender.
  uint32_t retry_delay_ms = 1'000;

  // After an early refusal the sender may go on sending: so much is read and dropped so that
  // it sees the answer and not a reset. Dropping costs no memory and 0.1 ns per byte.
  uint64_t refused_bytes_max = 128 * kMiB;
  uint32_t refused_time_ms = 5'000;

  // HTTP/1.1 requests sent ahead of an answer are kept up to here, then reading stops.
  uint32_t pipelined_bytes_max = 64 * kKiB;

  // HTTP/2. The stream window holds a usual batch (220 KB) without an update and grows as the
  // body does; the connection window is returned at once and only bounds one read.
  uint32_t streams_max = 128;
  uint32_t stream_window_bytes = 256 * kKiB;
  uint32_t stream_window_bytes_max = 4 * kMiB;
  uint32_t connection_window_bytes = 16 * kMiB;
  uint32_t frame_bytes_max = 1 * kMiB;
  // Resets by the peer: a bucket of `burst` refilled with `per second` (CVE-2023-44487).
  uint32_t stream_resets_burst = 1'000;
  uint32_t stream_resets_per_second = 33;
  uint32_t continuations_max = 8;
  uint32_t settings_entries_max = 32;
  uint32_t outbound_acks_max = 256;
  // PING, SETTINGS, PRIORITY, resets and empty DATA frames in any one second; an honest gRPC
  // client stays below 20.
  uint32_t control_frames_per_second_max = 1'000;
  // From the notice of a shutdown to the final GOAWAY if the peer does not answer our ping.
  uint32_t goaway_notice_ms = 1'000;

  // How often the files of TLS are looked at. A new pair is judged when it is seen twice alike.
  uint32_t tls_check_ms = 1'000;

  // How often a loop looks at the times above; so late a deadline may be noticed.
  uint32_t tick_ms = 100;
};

}  // namespace spoor::net
