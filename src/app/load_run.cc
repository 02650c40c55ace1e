#include "app/load_run.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "base/bytes.h"
#include "base/mutex.h"
#include "net/grpc_client.h"
#include "os/thread.h"

namespace spoor::app {
namespace {

constexpr const char* kExportMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr const char* kExportPath = "/v1/traces";
constexpr uint32_t kBackoffMsFirst = 100;
constexpr uint32_t kBackoffMsMax = 5'000;

// ExportTraceServiceResponse: partial_success (1) with rejected_spans (1). wire encodes it; only a
// sender reads it.
uint64_t rejected_spans(std::string_view answer) {
  auto field_1 = [](std::string_view message, uint64_t& number) -> std::string_view {
    ByteReader reader(message);
    uint64_t tag = reader.varint();
    if (tag == (1 << 3 | 0)) number = reader.varint();
    return tag == (1 << 3 | 2) ? reader.sized() : std::string_view();
  };
  uint64_t rejected = 0;
  field_1(field_1(answer, rejected), rejected);
  return rejected;
}

// One connection of either protocol. The answer is the number of spans refused; a status with a
// delay, or Unavailable and the like, may be repeated.
class LoadConnection {
 public:
  explicit LoadConnection(const LoadOptions& options)
      : encoding_(options.encoding),
        path_(options.server.path.empty() ? kExportPath : options.server.path) {
    const ServerAddress& server = options.server;
    if (!options.tenant.empty()) headers_.push_back({"x-scope-orgid", options.tenant});
    if (server.scheme.starts_with("grpc")) {
      grpc_.emplace(server.host, server.port, server.client);
      return;
    }
    http_.emplace(server.host, server.port, server.client);
    headers_.push_back({"content-type", "application/x-protobuf"});
    if (encoding_ != codec::ContentEncoding::Identity) {
      headers_.push_back({"content-encoding", std::string(codec::to_string(encoding_))});
    }
  }

  Result<uint64_t> send(const std::string& body) {
    if (!grpc_) return send_http(body);
    bool plain = encoding_ == codec::ContentEncoding::Identity;
    std::string name = plain ? "" : std::string(codec::to_string(encoding_));
    SPOOR_ASSIGN(std::string answer, grpc_->call(kExportMethod, body, name, headers_));
    return rejected_spans(answer);
  }

 private:
  Result<uint64_t> send_http(const std::string& body) {
    SPOOR_ASSIGN(net::ClientResponse answer, http_->request("POST", path_, headers_, body));
    if (answer.status / 100 == 2) return rejected_spans(answer.body);
    // The body of an error is google.rpc.Status, of which the text is enough for people.
    std::string said = "HTTP " + std::to_string(answer.status);
    for (char c : answer.body.substr(0, 300)) said.push_back(c >= ' ' && c <= '~' ? c : ' ');
    bool again = answer.status == 429 || (answer.status >= 502 && answer.status <= 504);
    if (!again) return invalid_argument(said);
    Status status = unavailable(said, 0);
    std::string_view after = answer.headers.find_or_empty("retry-after");
    uint32_t seconds = 0;
    auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), seconds);
    bool given = error == std::errc() && !after.empty() && seconds < 3'600;
    return given ? status.with_retry_delay_ms(seconds * 1'000) : status;
  }

  const codec::ContentEncoding encoding_;
  const std::string path_;
  std::vector<net::Header> headers_;
  std::optional<net::HttpClient> http_;
  std::optional<net::GrpcClient> grpc_;
};

// OTLP's list of what a sender repeats.
bool may_repeat(const Status& status) {
  switch (status.code()) {
    case Code::Cancelled:
    case Code::DeadlineExceeded:
    case Code::Aborted:
    case Code::OutOfRange:
    case Code::Unavailable:
    case Code::DataLoss:
      return true;
    case Code::ResourceExhausted:
      return status.retry_delay_ms().has_value();
    default:
      return false;
  }
}

}  // namespace

size_t LatencyCounts::bucket_of(uint64_t nanos) {
  if (nanos < (1u << kStepBits)) return nanos;
  auto power = static_cast<uint32_t>(std::bit_width(nanos)) - 1;
  uint64_t step = nanos >> (power - kStepBits) & ((1u << kStepBits) - 1);
  return (size_t{power - kStepBits + 1} << kStepBits) + step;
}

void LatencyCounts::add(uint64_t nanos) {
  ++counts_[bucket_of(nanos)];
  ++total_;
  max_ = std::max(max_, nanos);
}

void LatencyCounts::add(const LatencyCounts& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  max_ = std::max(max_, other.max_);
}

uint64_t LatencyCounts::quantile(double share) const {
  uint64_t wanted = static_cast<uint64_t>(share * static_cast<double>(total_));
  uint64_t below = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    below += counts_[i];
    if (below <= wanted && below < total_) continue;
    if (i < (1u << kStepBits)) return i;
    uint64_t power = (i >> kStepBits) + kStepBits - 1;
    uint64_t step = (i & ((1u << kStepBits) - 1)) + 1;
    return std::min(max_, (uint64_t{1} << power) + (step << (power - kStepBits)));
  }
  return 0;
}

class LoadRun::Impl {
 public:
  Impl(os::World& world, LoadOptions options, LoadSource source)
      : world_(world),
        options_(std::move(options)),
        source_(std::move(source)),
        begin_nanos_(world.monotonic_nanos()) {
    for (uint32_t i = 0; i < options_.connections; ++i) {
      threads_.emplace_back("load-" + std::to_string(i), [this] { run(); });
    }
  }

  LoadCounts counts() SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return counts_;
  }
  bool is_done() SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return ended_ == options_.connections;
  }
  Status source_status() SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return source_status_;
  }
  void stop() SPOOR_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    for (os::Thread& thread : threads_) thread.join();
  }

 private:
  void run();
  uint64_t take(std::string& body);
  void send(LoadConnection& connection, const std::string& body, uint64_t spans);
  bool wait_until(uint64_t monotonic_nanos) SPOOR_EXCLUDES(mutex_);
  void count_answer(const Result<uint64_t>& answer, uint64_t spans, uint64_t nanos);

  os::World& world_;
  const LoadOptions options_;
  Mutex source_mutex_;
  LoadSource source_ SPOOR_GUARDED_BY(source_mutex_);
  uint64_t taken_ SPOOR_GUARDED_BY(source_mutex_) = 0;  // spans
  const uint64_t begin_nanos_;
  Mutex mutex_;
  CondVar changed_;
  LoadCounts counts_ SPOOR_GUARDED_BY(mutex_);
  Status source_status_ SPOOR_GUARDED_BY(mutex_);
  uint32_t ended_ SPOOR_GUARDED_BY(mutex_) = 0;
  bool stopped_ SPOOR_GUARDED_BY(mutex_) = false;
  std::vector<os::Thread> threads_;
};

// False if the run was stopped before.
bool LoadRun::Impl::wait_until(uint64_t monotonic_nanos) {
  MutexLock lock(mutex_);
  while (!stopped_) {
    uint64_t now = world_.monotonic_nanos();
    if (now >= monotonic_nanos) return true;
    changed_.wait_for_ms(mutex_,
                         static_cast<int64_t>((monotonic_nanos - now) / kNanosPerMilli + 1));
  }
  return false;
}

// Waits for the turn of the next request and takes it; 0 spans at the end.
uint64_t LoadRun::Impl::take(std::string& body) {
  uint64_t spans = 0;
  uint64_t due = begin_nanos_;
  {
    MutexLock lock(source_mutex_);
    if (options_.spans_per_second > 0) {
      double seconds = static_cast<double>(taken_) / static_cast<double>(options_.spans_per_second);
      due += static_cast<uint64_t>(seconds * static_cast<double>(kNanosPerSecond));
    }
    Result<uint64_t> made = source_(body);
    if (made.ok()) spans = *made;
    taken_ += spans;
    if (!made.ok()) {
      MutexLock status_lock(mutex_);
      source_status_ = made.status();
    }
  }
  if (spans == 0 || !wait_until(due)) return 0;
  return spans;
}

void LoadRun::Impl::run() {
  LoadConnection connection(options_);
  std::string body;
  while (uint64_t spans = take(body)) {
    bool plain = options_.encoding == codec::ContentEncoding::Identity;
    send(connection, plain ? body : codec::compress(options_.encoding, body), spans);
  }
  MutexLock lock(mutex_);
  ++ended_;
}

void LoadRun::Impl::send(LoadConnection& connection, const std::string& body, uint64_t spans) {
  {
    MutexLock lock(mutex_);
    counts_.sent += spans;
  }
  uint64_t first_nanos = world_.monotonic_nanos();
  uint32_t backoff_ms = kBackoffMsFirst;
  while (true) {
    uint64_t begin = world_.monotonic_nanos();
    Result<uint64_t> answer = connection.send(body);
    uint64_t now = world_.monotonic_nanos();
    if (answer.ok() || !may_repeat(answer.status())) {
      return count_answer(answer, spans, now - begin);
    }
    // Connections back off each by its own, or they all come back at once.
    uint32_t delay_ms = answer.status().retry_delay_ms().value_or(0);
    delay_ms = std::max(
        delay_ms, backoff_ms / 2 + static_cast<uint32_t>(world_.random_u64() % (backoff_ms / 2)));
    backoff_ms = std::min(2 * backoff_ms, kBackoffMsMax);
    uint64_t next = now + delay_ms * kNanosPerMilli;
    if (next - first_nanos > options_.retry_nanos || !wait_until(next)) {
      return count_answer(answer, spans, now - begin);
    }
    MutexLock lock(mutex_);
    ++counts_.retried;
    counts_.complaint = answer.status().message();
  }
}

void LoadRun::Impl::count_answer(const Result<uint64_t>& answer, uint64_t spans, uint64_t nanos) {
  MutexLock lock(mutex_);
  ++counts_.requests;
  counts_.nanos = world_.monotonic_nanos() - begin_nanos_;
  if (answer.ok()) {
    uint64_t refused = std::min(*answer, spans);
    counts_.refused += refused;
    counts_.acknowledged += spans - refused;
    counts_.latency.add(nanos);
  } else {
    counts_.lost += spans;
    counts_.complaint = answer.status().message();
  }
}

LoadRun::LoadRun(os::World& world, LoadOptions options, LoadSource source)
    : impl_(std::make_unique<Impl>(world, std::move(options), std::move(source))) {}
LoadRun::~LoadRun() {
  impl_->stop();
}
LoadCounts LoadRun::counts() const {
  return impl_->counts();
}
bool LoadRun::is_done() const {
  return impl_->is_done();
}
void LoadRun::stop() {
  impl_->stop();
}
Status LoadRun::source_status() const {
  return impl_->source_status();
}

}  // namespace spoor::app
