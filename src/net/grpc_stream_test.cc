// Answers that are sent as they are made, over real sockets: order, room, ends of every kind.
#include "net/grpc_stream.h"

#include <gmock/gmock.h>

#include "net/grpc_frame.h"
#include "net/test_http2_peer.h"
#include "os/executor.h"
#include "os/thread.h"

namespace spoor::net {
namespace {

using Written = BodyStream::Written;
// The loop sees an event, or it sees nothing for a long time.
constexpr uint32_t kNoTickMs = 600'000;
// So that the queue stays full when the peer's first window is used up.
constexpr size_t kMoreThanTheWindow = 1'000'000;

std::string framed(std::string_view message) {
  std::string body;
  append_grpc_frame(body, message);
  return body;
}

class GrpcStreamServer : public testing::Test {
 protected:
  GrpcStreamServer() {
    add_grpc_unary(router_, "/test.Stream/Open",
                   [this](std::shared_ptr<GrpcCall> call) {
                     streams_.put(std::make_shared<GrpcStream>(std::move(call)));
                   },
                   {});
  }

  uint16_t start(ServerOptions options = {}) {
    options.loops = 2;
    if (options.limits.tick_ms == Limits().tick_ms) options.limits.tick_ms = 5;
    server_ = std::make_unique<Server>(options);
    return *server_->listen({.name = "grpc", .router = &router_});
  }

  int32_t open(Http2Peer& peer, std::vector<Header> headers = {}) {
    int32_t id = peer.submit_grpc("/test.Stream/Open", framed(""), std::move(headers));
    peer.flush();
    return id;
  }

  // Sends messages of the size until there is no room; what the last one was told.
  static Written fill(GrpcStream& stream, size_t message_bytes, size_t& sent) {
    Written written = Written::MoreMayCome;
    while (written == Written::MoreMayCome) {
      written = stream.send(std::string(message_bytes, 'x'));
      if (written == Written::MoreMayCome || written == Written::Full) ++sent;
    }
    return written;
  }

  // A queue that stays full, and what its writer is told.
  static void fill_and_watch(GrpcStream& stream, Handover<std::string>& seen) {
    stream.call()->exchange().on_cancel([&] { seen.put("cancelled"); });
    size_t sent = 0;
    EXPECT_EQ(fill(stream, kMoreThanTheWindow, sent), Written::Full);
    stream.when_room([&] { seen.put("woken"); });
  }
  static void expect_the_end(GrpcStream& stream, Handover<std::string>& seen) {
    EXPECT_EQ(seen.take(), "cancelled");
    EXPECT_EQ(seen.take(), "woken");
    EXPECT_TRUE(stream.call()->cancelled());
    EXPECT_EQ(stream.send("more"), Written::Gone);
  }

  Router router_;
  Handover<std::shared_ptr<GrpcStream>> streams_;
  std::unique_ptr<Server> server_;
};

TEST_F(GrpcStreamServer, messages_are_sent_as_they_are_made) {
  Http2Peer peer(start());
  int32_t id = open(peer);
  auto stream = streams_.take();
  std::string expected;
  for (const char* message : {"one", "", "three"}) {
    EXPECT_EQ(stream->send(message), Written::MoreMayCome);
    expected += framed(message);
    ASSERT_TRUE(peer.run_until([&] { return peer.stream(id).data == expected; }));
    EXPECT_FALSE(peer.stream(id).closed);
  }
  EXPECT_EQ(peer.stream(id).headers["content-type"], "application/grpc");
  EXPECT_EQ(peer.stream(id).headers.count("grpc-status"), 0u);
  stream->finish(Status(), {{"x-more", "1"}});
  EXPECT_EQ(peer.finish(id).headers["grpc-status"], "0");
  EXPECT_EQ(peer.stream(id).headers["x-more"], "1");
  EXPECT_EQ(peer.stream(id).data, expected);
}

TEST_F(GrpcStreamServer, ends_say_what_happened) {
  Http2Peer peer(start());
  int32_t empty = open(peer);
  streams_.take()->finish(Status());
  EXPECT_EQ(peer.finish(empty).headers["grpc-status"], "0");
  EXPECT_EQ(peer.stream(empty).data, "");

  int32_t refused = open(peer);
  streams_.take()->finish(invalid_argument("no such thing"));
  EXPECT_EQ(peer.finish(refused).headers["grpc-status"], "3");
  EXPECT_EQ(peer.stream(refused).headers["grpc-message"], "no such thing");

  int32_t broken = open(peer);
  auto stream = streams_.take();
  EXPECT_EQ(stream->send("some"), Written::MoreMayCome);
  stream->finish(unavailable("full", 1'000));
  EXPECT_EQ(peer.finish(broken).headers["grpc-status"], "14");
  EXPECT_NE(peer.stream(broken).headers["grpc-status-details-bin"], "");
  EXPECT_EQ(peer.stream(broken).data, framed("some"));

  int32_t dropped = open(peer);
  stream = streams_.take();
  EXPECT_EQ(stream->send("some"), Written::MoreMayCome);
  stream = nullptr;
  EXPECT_EQ(peer.finish(dropped).headers["grpc-status"], "13");
}

// The peer gives no window until it reads: the queue fills, and goes on when it does.
TEST_F(GrpcStreamServer, a_slow_reader_gets_everything_and_costs_a_bounded_queue) {
  os::MemoryBudget budget(64 * kMiB);
  ServerOptions options;
  options.budget = &budget;
  constexpr size_t kMessageBytes = 10'000, kMessages = 1'000;
  {
    Http2Peer peer(start(options));
    int32_t id = open(peer);
    auto stream = streams_.take();
    size_t sent = 0;
    EXPECT_EQ(fill(*stream, kMessageBytes, sent), Written::Full);
    // What the window lets through, what the output and the queue hold.
    EXPECT_LT(sent * kMessageBytes, 64 * kKiB + 2 * BodyStream::kQueuedBytesMax + kMessageBytes);
    EXPECT_LT(budget.used_bytes(), 2 * BodyStream::kQueuedBytesMax);
    Handover<int> room;
    os::Thread writer("writer", [&] {
      while (sent < kMessages) {
        stream->when_room([&] { room.put(1); });
        room.take();
        Written written = Written::MoreMayCome;
        while (sent < kMessages && written == Written::MoreMayCome) {
          written = stream->send(std::string(kMessageBytes, 'x'));
          ++sent;
        }
      }
      stream->finish(Status());
    });
    auto& got = peer.finish(id);
    writer.join();
    EXPECT_EQ(got.headers["grpc-status"], "0");
    EXPECT_EQ(got.data.size(), kMessages * (kMessageBytes + kGrpcFrameBytes));
  }
  server_.reset();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST_F(GrpcStreamServer, a_reset_stream_is_seen_at_once) {
  ServerOptions options;
  options.limits.tick_ms = kNoTickMs;
  Http2Peer peer(start(options));
  int32_t id = open(peer);
  auto stream = streams_.take();
  Handover<std::string> seen;
  fill_and_watch(*stream, seen);
  peer.reset(id);
  expect_the_end(*stream, seen);
  stream->when_room([&] { seen.put("here"); });
  EXPECT_EQ(seen.take(), "here") << "nobody waits where nobody reads";
  stream->finish(Status());
  // The connection goes on.
  int32_t next = open(peer);
  streams_.take()->finish(Status());
  EXPECT_EQ(peer.finish(next).headers["grpc-status"], "0");
}

TEST_F(GrpcStreamServer, a_closed_connection_is_seen_at_once) {
  ServerOptions options;
  options.limits.tick_ms = kNoTickMs;
  auto peer = std::make_unique<Http2Peer>(start(options));
  open(*peer);
  auto stream = streams_.take();
  Handover<std::string> seen;
  fill_and_watch(*stream, seen);
  peer.reset();
  expect_the_end(*stream, seen);
}

TEST_F(GrpcStreamServer, a_deadline_ends_the_stream_after_what_was_sent) {
  Http2Peer peer(start());
  int32_t id = open(peer, {{"grpc-timeout", "50m"}});
  auto stream = streams_.take();
  EXPECT_EQ(stream->send("in time"), Written::MoreMayCome);
  EXPECT_EQ(peer.finish(id).headers["grpc-status"], "4");
  EXPECT_EQ(peer.stream(id).data, framed("in time"));
  EXPECT_TRUE(stream->call()->cancelled());
  EXPECT_EQ(stream->send("too late"), Written::Gone);
  stream->finish(Status());

  // A stream that begins when the deadline has passed is read by nobody.
  id = open(peer, {{"grpc-timeout", "10m"}});
  stream = streams_.take();
  EXPECT_EQ(peer.finish(id).headers["grpc-status"], "4");
  bool is_gone = false;
  for (int i = 0; i < 1'000 && !is_gone; ++i) {
    Written written = stream->send(std::string(1'000, 'x'));
    Handover<int> room;
    if (written == Written::Full) stream->when_room([&] { room.put(1); }), room.take();
    is_gone = written == Written::Gone;
  }
  EXPECT_TRUE(is_gone);
}

TEST_F(GrpcStreamServer, a_reader_that_takes_nothing_is_cut_off_and_one_that_waits_is_not) {
  ServerOptions options;
  options.limits.write_stall_ms = 30;
  uint16_t port = start(options);
  Http2Peer waiting(port), stuck(port);
  int32_t waiting_id = open(waiting);
  auto quiet = streams_.take();
  EXPECT_EQ(quiet->send("one"), Written::MoreMayCome);
  ASSERT_TRUE(waiting.run_until([&] { return !waiting.stream(waiting_id).data.empty(); }));

  int32_t stuck_id = open(stuck);
  auto stream = streams_.take();
  Handover<std::string> seen;
  fill_and_watch(*stream, seen);
  expect_the_end(*stream, seen);
  EXPECT_EQ(stuck.finish(stuck_id).error_code, static_cast<uint32_t>(NGHTTP2_CANCEL));

  // Quiet for at least as long, as there was nothing to take.
  EXPECT_EQ(quiet->send("two"), Written::MoreMayCome);
  quiet->finish(Status());
  EXPECT_EQ(waiting.finish(waiting_id).data, framed("one") + framed("two"));
}

TEST_F(GrpcStreamServer, a_full_budget_is_said) {
  os::MemoryBudget budget(1 * kMiB);
  ServerOptions options;
  options.budget = &budget;
  Http2Peer peer(start(options));
  int32_t id = open(peer);
  auto stream = streams_.take();
  auto held = budget.reserve();
  ASSERT_TRUE(held.grow_to(budget.limit_bytes() - budget.used_bytes()));
  EXPECT_EQ(stream->send("some"), Written::NoMemory);
  stream->finish(unavailable("no memory for the answer now", 1'000));
  EXPECT_EQ(peer.finish(id).headers["grpc-status"], "14");
  server_.reset();
}

TEST_F(GrpcStreamServer, streams_are_counted_by_their_end) {
  MetricRegistry metrics;
  ServerOptions options;
  options.metrics = &metrics;
  Http2Peer peer(start(options));
  auto count = [&](const std::string& status) {
    std::string line = "route=\"/test.Stream/Open\",status=\"" + status + "\"} 1\n";
    return metrics.expose().find(line) != std::string::npos;
  };
  int32_t id = open(peer);
  auto stream = streams_.take();
  EXPECT_EQ(stream->send("x"), Written::MoreMayCome);
  stream->finish(internal("broken"));
  peer.finish(id);
  id = open(peer);
  stream = streams_.take();
  EXPECT_EQ(stream->send("x"), Written::MoreMayCome);
  ASSERT_TRUE(peer.run_until([&] { return !peer.stream(id).data.empty(); }));
  EXPECT_FALSE(count("CANCELLED"));
  peer.reset(id);
  open(peer);
  auto next = streams_.take();  // so the loop has seen the reset
  EXPECT_TRUE(count("CANCELLED"));
  EXPECT_TRUE(count("INTERNAL"));
  EXPECT_FALSE(count("OK"));
  next->finish(Status());
  server_.reset();
}

// Writers on a pool that never wait, readers that come and go.
TEST_F(GrpcStreamServer, many_streams_at_once) {
  constexpr size_t kStreams = 40, kMessages = 200, kMessageBytes = 3'000;
  struct Writer : std::enable_shared_from_this<Writer> {
    Writer(os::Executor& used_pool, std::shared_ptr<GrpcStream> used_stream)
        : pool(used_pool), stream(std::move(used_stream)) {}
    void run() {
      while (sent < kMessages) {
        Written written = stream->send(std::string(kMessageBytes, static_cast<char>('a' + sent)));
        if (written == Written::Gone) break;
        ++sent;
        if (written != Written::Full) continue;
        return stream->when_room([self = shared_from_this()] {
          if (!self->pool.submit([self] { self->run(); }).ok()) {
            self->stream->finish(unavailable("too much at once", 1'000));
          }
        });
      }
      stream->finish(Status());
    }
    os::Executor& pool;
    std::shared_ptr<GrpcStream> stream;
    size_t sent = 0;
  };
  os::Executor pool({.name = "writers", .threads = 3});
  uint16_t port = start();
  os::Thread starter("starter", [&] {
    for (size_t i = 0; i < kStreams; ++i) {
      auto writer = std::make_shared<Writer>(pool, streams_.take());
      ASSERT_TRUE(pool.submit([writer] { writer->run(); }).ok());
    }
  });
  std::string whole;
  for (size_t i = 0; i < kMessages; ++i) {
    whole += framed(std::string(kMessageBytes, static_cast<char>('a' + i)));
  }
  auto read = [&](bool cancels) {
    Http2Peer peer(port);
    std::vector<int32_t> ids;
    for (size_t i = 0; i < kStreams / 2; ++i) ids.push_back(open(peer));
    if (cancels) {
      for (size_t i = 0; i < ids.size(); i += 2) {
        ASSERT_TRUE(peer.run_until([&] { return peer.stream(ids[i]).data.size() > 10'000; }));
        peer.reset(ids[i]);
      }
    }
    for (size_t i = cancels ? 1 : 0; i < ids.size(); i += cancels ? 2 : 1) {
      auto& stream = peer.finish(ids[i]);
      EXPECT_EQ(stream.headers["grpc-status"], "0");
      EXPECT_TRUE(stream.data == whole) << stream.data.size();
    }
  };
  os::Thread other("other", [&] { read(true); });
  read(false);
  other.join();
  starter.join();
  server_.reset();
  pool.stop();
}

}  // namespace
}  // namespace spoor::net
