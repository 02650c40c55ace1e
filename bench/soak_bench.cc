// Sustained load on a store with its own threads: appends the shop of now at a given rate and
// prints, every so often, how many parts there are and what was written for each span so far, by
// flushes and merges together. The parts must stay few however long it runs. The processor's time
// is without that of making spans.
//
//   soak_bench DIRECTORY [SECONDS [SPANS_PER_SECOND]]
//
// DIRECTORY must not hold a store. 1,800 seconds at four fifths of what the machine can take is a
// soak; the default shows that it runs.
#include <algorithm>
#include <cstdio>
#include <string>

#include "app/load_generator.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "bench/process.h"
#include "os/real_world.h"
#include "store/store.h"
#include "wire/otlp_decode.h"

namespace spoor::bench {
namespace {

constexpr size_t kSpansPerRequest = 512;
constexpr uint64_t kLinesMax = 60;
constexpr uint64_t kSecondsPerLineMin = 5;

class Soak {
 public:
  explicit Soak(const std::string& path) : path_(path) {}

  Status run(uint64_t seconds, uint64_t spans_per_second) {
    store::StoreOptions options;
    options.path = path_;
    options.retention_nanos = 36'500 * kNanosPerDay;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return unimplemented("a store of soak_bench is not opened again");
    };
    SPOOR_ASSIGN(store_, store::Store::open(world_, options));
    std::printf("%8s %12s %8s %8s %6s %12s %8s %8s %8s\n", "seconds", "spans", "parts", "largest",
                "merges", "B written/sp", "B/span", "us/span", "peak MiB");
    const uint64_t began = world_.monotonic_nanos();
    const uint64_t per_line = std::max(seconds / kLinesMax, kSecondsPerLineMin);
    uint64_t next_line = per_line;
    while (true) {
      uint64_t elapsed = world_.monotonic_nanos() - began;
      if (elapsed >= next_line * kNanosPerSecond) {
        print(next_line);
        next_line += per_line;
      }
      if (elapsed >= seconds * kNanosPerSecond) return store_->close();
      if (spans_ > elapsed / 1'000 * spans_per_second / 1'000'000) {
        pause(1);
        continue;
      }
      const double begin = thread_cpu_nanos();
      generator_.next(kSpansPerRequest, world_.now(), body_);
      made_nanos_ += thread_cpu_nanos() - begin;
      SPOOR_TRY(append());
    }
  }

 private:
  Status append() {
    SPOOR_TRY(wire::decode_otlp(body_, {}, request_));
    auto appended = store_->append({.tenant = TenantId::default_tenant(),
                                    .body = body_,
                                    .body_hash = hash128(body_),
                                    .received = world_.now(),
                                    .batch = request_.batch,
                                    .refused = {}});
    if (appended.status().code() == Code::Unavailable) {
      // As a sender would: what is refused comes again, here as other spans.
      ++refused_;
      pause(50);
      return {};
    }
    SPOOR_TRY(appended.status());
    store_->when_durable(appended->position, [](const Status&) {});
    spans_ += request_.batch.spans.size();
    return {};
  }

  void pause(int64_t milliseconds) {
    MutexLock guard(mutex_);
    never_.wait_for_ms(mutex_, milliseconds);
  }

  void print(uint64_t seconds) {
    store::StoreStatus status = store_->status();
    uint64_t spans = 0, bytes = 0, largest = 0;
    for (const store::ManifestPart& part : status.manifest.parts) {
      spans += part.spans;
      bytes += part.size_bytes;
      largest = std::max(largest, part.spans);
    }
    double each = spans == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(spans);
    double rewritten =
        spans == 0 ? 0 : static_cast<double>(status.merges.spans) / static_cast<double>(spans);
    std::printf("%8llu %12llu %8zu %7.1fM %6llu %12.1f %8.2f %8.2f %8.0f%s\n",
                static_cast<unsigned long long>(seconds), static_cast<unsigned long long>(spans_),
                status.manifest.parts.size(), static_cast<double>(largest) / 1e6,
                static_cast<unsigned long long>(status.merges.done), each * (1 + rewritten), each,
                (cpu_nanos() - made_nanos_) / 1e3 / static_cast<double>(spans_), peak_mebibytes(),
                refused_ == 0 ? "" : ", requests were refused");
    std::fflush(stdout);
  }

  os::RealWorld world_;
  Mutex mutex_;
  CondVar never_;
  const std::string path_;
  std::unique_ptr<store::Store> store_;
  app::LoadGenerator generator_{1};
  std::string body_;
  wire::DecodedRequest request_;
  double made_nanos_ = 0;
  uint64_t spans_ = 0;
  uint64_t refused_ = 0;
};

int run(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: soak_bench DIRECTORY [SECONDS [SPANS_PER_SECOND]]\n");
    return 2;
  }
  uint64_t seconds = count > 2 ? count_of(arguments[2]) : 20;
  uint64_t rate = count > 3 ? count_of(arguments[3]) : 50'000;
  Status done = Soak(arguments[1]).run(seconds, rate);
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.to_string().c_str());
  return 1;
}

}  // namespace
}  // namespace spoor::bench

int main(int count, char** arguments) {
  return spoor::bench::run(count, arguments);
}
