// What each step of taking spans in costs, without the network: nanoseconds of one thread's
// processor time for each span, the least of all rounds, so that a busy machine disturbs little.
//
//   ingest_bench CORPUS [ROUNDS [SPANS]]
//
// CORPUS is a file of the corpus generator. Runs it as it is, and changed by those who use tracing
// as nobody should: a name, or a key, of its own for every span.
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "api/decode_body.h"
#include "base/checksum.h"
#include "base/hash.h"
#include "bench/process.h"
#include "ingest/admission.h"
#include "os/real_world.h"
#include "store/head_shard.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"

namespace spoor {
namespace {

constexpr uint32_t kRequestBytesMax = 64 << 20;

struct Corpus {
  std::vector<std::string> bodies;
  uint64_t spans = 0;
  uint64_t bytes = 0;
};

Result<Corpus> read_corpus(const std::string& path, uint64_t spans_max) {
  os::RealWorld world;
  SPOOR_ASSIGN(auto file, world.open(path, os::OpenMode::Read));
  SPOOR_ASSIGN(uint64_t size, file->size());
  Corpus corpus;
  for (uint64_t at = 0; at + 4 <= size && corpus.spans < spans_max;) {
    char length[4];
    SPOOR_TRY(file->read_at(at, length));
    uint32_t bytes = load_le<uint32_t>(length);
    if (bytes > kRequestBytesMax || bytes > size - at - 4) return data_loss("no corpus: " + path);
    std::string body(bytes, '\0');
    SPOOR_TRY(file->read_at(at + 4, body));
    SPOOR_ASSIGN(wire::DecodedRequest request, wire::decode_otlp(body));
    corpus.spans += request.batch.spans.size();
    corpus.bytes += bytes;
    corpus.bodies.push_back(std::move(body));
    at += 4 + bytes;
  }
  return corpus;
}

// The corpus with every span changed by `change`, which is given the ordinal of the span.
Corpus changed(const Corpus& corpus, const std::function<void(Span&, uint64_t, Arena&)>& change) {
  Corpus result;
  for (const std::string& body : corpus.bodies) {
    wire::DecodedRequest request = wire::decode_otlp(body).value();
    for (Span& span : request.batch.spans) change(span, result.spans++, request.batch.arena);
    result.bodies.push_back(wire::encode_otlp(request.batch));
    result.bytes += result.bodies.back().size();
  }
  return result;
}

void name_by_ordinal(Span& span, uint64_t ordinal, Arena& arena) {
  span.name = arena.copy("GET /cart/" + std::to_string(ordinal));
}

void key_by_ordinal(Span& span, uint64_t ordinal, Arena& arena) {
  std::span<KeyValue> attributes = arena.copy(span.attributes);
  if (attributes.empty()) return;
  attributes.back().key = arena.copy("key." + std::to_string(ordinal));
  span.attributes = attributes;
}

class Bench {
 public:
  explicit Bench(const Corpus& corpus) : corpus_(corpus) {
    Span last = wire::decode_otlp(corpus.bodies.back()).value().batch.spans.back();
    now_ = last.start;
  }

  void run_round() {
    auto shard = std::make_shared<store::HeadShard>();
    std::map<std::string, double> spent;
    uint64_t position = 0;
    for (const std::string& body : corpus_.bodies) {
      step(spent["decode"], [&] { SPOOR_ASSERT(wire::decode_otlp(body, limits_, request_).ok()); });
      ingest::Verdict verdict;
      step(spent["admission"],
           [&] { verdict = ingest::judge(request_.batch, {}, admission_, now_); });
      SPOOR_ASSERT(verdict.refused.empty());
      step(spent["hash"], [&] { sink_ += hash128(body).low; });
      step(spent["checksum"], [&] { sink_ += crc32c(body); });
      step(spent["head"],
           [&] { shard->append(request_.batch, verdict.refused, store::LogPosition{++position}); });
    }
    head_bytes_ = shard->size_bytes();
    for (const auto& [name, nanos] : spent) {
      auto [least, inserted] = least_.try_emplace(name, nanos);
      if (!inserted) least->second = std::min(least->second, nanos);
    }
  }

  void print(const char* title) const {
    double spans = static_cast<double>(corpus_.spans);
    double sum = 0;
    std::printf("%-16s", title);
    for (const char* name : {"decode", "admission", "hash", "checksum", "head"}) {
      double nanos = least_.at(name) / spans;
      sum += nanos;
      std::printf(" %s %.1f", name, nanos);
    }
    std::printf(" sum %.1f ns/span, %.0f B received, %.0f B in the head\n", sum,
                static_cast<double>(corpus_.bytes) / spans,
                static_cast<double>(head_bytes_) / spans);
  }

 private:
  template <typename Work>
  static void step(double& spent, const Work& work) {
    double begin = bench::thread_cpu_nanos();
    work();
    spent += bench::thread_cpu_nanos() - begin;
  }

  const Corpus& corpus_;
  const wire::DecodeLimits limits_;
  const ingest::AdmissionLimits admission_;
  UnixNanos now_;
  wire::DecodedRequest request_;
  std::map<std::string, double> least_;
  size_t head_bytes_ = 0;
  uint64_t sink_ = 0;
};

void measure(const char* title, const Corpus& corpus, size_t rounds) {
  Bench bench(corpus);
  for (size_t round = 0; round < rounds; ++round) bench.run_round();
  bench.print(title);
}

int run(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: ingest_bench CORPUS [ROUNDS [SPANS]]\n");
    return 2;
  }
  size_t rounds = count > 2 ? bench::count_of(arguments[2]) : 20;
  Result<Corpus> corpus =
      read_corpus(arguments[1], count > 3 ? bench::count_of(arguments[3]) : 100'000);
  if (!corpus.ok() || corpus->bodies.empty()) {
    std::fprintf(stderr, "%s\n", corpus.status().message().c_str());
    return 1;
  }
  measure("as it is", *corpus, rounds);
  measure("own names", changed(*corpus, name_by_ordinal), rounds);
  measure("own keys", changed(*corpus, key_by_ordinal), rounds);
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int count, char** arguments) {
  return spoor::run(count, arguments);
}
