// What a span costs from the body of its request to the acknowledgement, and all in: decoding,
// admission, log, head and the store's own threads on a disk, without a network. Spans are made in
// this process; the time of the thread that makes them is left out while it does.
//
//   intake_bench DIRECTORY [SPANS [USE]]
//
// DIRECTORY is made, and emptied after each use; of several, USE is the name of one. Each use is a
// process of its own, so that peaks of memory are too.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "api/decode_body.h"
#include "app/load_generator.h"
#include "base/mutex.h"
#include "bench/process.h"
#include "codec/compress.h"
#include "ingest/ingest.h"
#include "os/real_world.h"

namespace spoor::bench {
namespace {

constexpr size_t kBodyBytesMax = 64 << 20;
// As much as stays in the cache of a processor, where a socket would leave it.
constexpr size_t kBodiesAtOnce = 32;

// One way to send: how many spans a request has, how many requests wait for their answer.
struct Use {
  const char* name;
  size_t spans_per_request;
  size_t in_flight;
  codec::ContentEncoding encoding;
  bool flushes;             // as by default, and all merged at the end; else nothing is flushed
  uint64_t one_of_spans;    // takes such a part of the spans asked for
  const char* required_us;  // of the processor for a span
};

constexpr auto kPlain = codec::ContentEncoding::Identity;
constexpr auto kGzip = codec::ContentEncoding::Gzip;
constexpr std::array kUses = {
    Use{"acknowledged", 512, 4, kPlain, false, 1, "1.3"},
    Use{"acknowledged, gzip", 512, 4, kGzip, false, 1, ""},
    Use{"all in, merged", 512, 4, kPlain, true, 1, "3"},
    Use{"all in, merged, gzip", 512, 4, kGzip, true, 1, "4"},
    Use{"one span a request", 1, 64, kPlain, false, 10, "15"},
};

class Intake {
 public:
  Intake(const Use& use, std::string path) : use_(use), path_(std::move(path)) {}

  Status run(uint64_t spans) {
    store::StoreOptions options;
    options.path = path_;
    options.decode = api::decode_record;
    if (!use_.flushes) {
      options.head_bytes = size_t{8} << 30;
      options.flush_age_ms = kNanosPerDay / kNanosPerMilli;
    }
    SPOOR_ASSIGN(store_, store::Store::open(world_, options));
    ingest::Ingest ingest(*store_, {}, metrics_);
    if (!use_.flushes) {
      // As a server that has run for a while: the memory of a head comes from the one before.
      SPOOR_TRY(send(ingest, spans));
      SPOOR_TRY(store_->flush());
      spans_ = 0;
    }
    const double begin = cpu_nanos() - made_nanos_;
    SPOOR_TRY(send(ingest, spans));
    if (use_.flushes) {
      SPOOR_TRY(store_->flush());
      SPOOR_TRY(store_->merge_all());
    }
    const double nanos = cpu_nanos() - made_nanos_ - begin;
    print(nanos / static_cast<double>(spans_));
    MutexLock guard(mutex_);
    return failure_;
  }

 private:
  void make_bodies() {
    const double begin = thread_cpu_nanos();
    bodies_.resize(kBodiesAtOnce);
    for (std::string& body : bodies_) {
      generator_.next(use_.spans_per_request, world_.now(), body);
      if (use_.encoding != kPlain) body = codec::compress(use_.encoding, body);
    }
    made_nanos_ += thread_cpu_nanos() - begin;
  }

  Status send(ingest::Ingest& ingest, uint64_t spans) {
    while (spans_ < spans) {
      make_bodies();
      for (const std::string& body : bodies_) SPOOR_TRY(send(ingest, body));
    }
    wait_until_at_most(0);
    return {};
  }

  // As a receiver does it (api/receive_otlp.cc); what is refused for want of memory is sent again.
  Status send(ingest::Ingest& ingest, const std::string& body) {
    api::BodyKind kind{store::BodyFormat::OtlpProtobuf, use_.encoding};
    api::DecodeBuffers& buffers = api::thread_decode_buffers();
    SPOOR_ASSIGN(std::string_view decompressed,
                 api::decode_body(kind, body, kBodyBytesMax, buffers));
    std::vector<ingest::Defect> defects = api::defects_of(buffers.request);
    const size_t count = buffers.request.batch.spans.size();
    for (bool is_taken = false; !is_taken;) {
      wait_until_at_most(use_.in_flight - 1);
      {
        MutexLock guard(mutex_);
        ++in_flight_;
      }
      ingest.accept({.tenant = TenantId::default_tenant(),
                     .protocol = "bench",
                     .encoding = static_cast<uint8_t>(use_.encoding),
                     .body = body,
                     .decompressed = decompressed,
                     .batch = buffers.request.batch,
                     .defects = defects,
                     .received = world_.now()},
                    [this](const Result<ingest::Outcome>& outcome) { answer(outcome); });
      MutexLock guard(mutex_);
      is_taken = !std::exchange(is_busy_, false);
      SPOOR_TRY(failure_);
    }
    spans_ += count;
    return {};
  }

  void answer(const Result<ingest::Outcome>& outcome) {
    MutexLock guard(mutex_);
    --in_flight_;
    if (outcome.status().code() == Code::Unavailable) {
      is_busy_ = true;
    } else if (!outcome.ok()) {
      failure_ = outcome.status();
    } else if (outcome->refused_spans > 0) {
      failure_ = internal("spans were refused: " + outcome->message);
    }
    answered_.notify_all();
  }

  void wait_until_at_most(size_t count) {
    MutexLock guard(mutex_);
    while (in_flight_ > count) answered_.wait(mutex_);
  }

  void print(double nanos_per_span) const {
    uint64_t bytes = 0;
    size_t parts = 0;
    for (const store::ManifestPart& part : store_->status().manifest.parts) {
      bytes += part.size_bytes;
      ++parts;
    }
    std::printf("%-22s %8.2f us (%s)", use_.name, nanos_per_span / 1e3, use_.required_us);
    std::printf(" %10llu spans, peak %4.0f MiB", static_cast<unsigned long long>(spans_),
                peak_mebibytes());
    if (use_.flushes) {
      const auto spans = static_cast<double>(spans_);
      std::printf(", %zu parts, %.1f B/span, each merged %.2f times", parts,
                  static_cast<double>(bytes) / spans,
                  static_cast<double>(store_->status().merges.spans) / spans);
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  const Use& use_;
  const std::string path_;
  os::RealWorld world_;
  MetricRegistry metrics_;
  std::unique_ptr<store::Store> store_;
  app::LoadGenerator generator_{1};
  std::vector<std::string> bodies_;
  double made_nanos_ = 0;
  uint64_t spans_ = 0;

  Mutex mutex_;
  CondVar answered_;
  size_t in_flight_ SPOOR_GUARDED_BY(mutex_) = 0;
  bool is_busy_ SPOOR_GUARDED_BY(mutex_) = false;
  Status failure_ SPOOR_GUARDED_BY(mutex_);
};

int run_use(const Use& use, const std::string& path, uint64_t spans) {
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  Status done = Intake(use, path).run(spans / use.one_of_spans);
  std::filesystem::remove_all(path);
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s: %s\n", use.name, done.to_string().c_str());
  return 1;
}

int run(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: intake_bench DIRECTORY [SPANS [USE]]\n");
    return 2;
  }
  const std::string path = std::string(arguments[1]) + "/intake";
  const uint64_t spans = count > 2 ? count_of(arguments[2]) : 2'000'000;
  for (const Use& use : kUses) {
    if (count > 3 && std::string_view(use.name) != arguments[3]) continue;
    pid_t child = fork();
    if (child == 0) _exit(run_use(use, path, spans));
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace spoor::bench

int main(int count, char** arguments) {
  return spoor::bench::run(count, arguments);
}
