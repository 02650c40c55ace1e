// Bytes on disk and processor time of a named corpus, from the head to one part: appends the spans
// to a store, flushes every so many, merges all, prints nanoseconds a span for each step and the
// bytes of every column.
//
//   disk_bench DIRECTORY CORPUS [SPANS [SPANS_PER_FLUSH]]
//
// DIRECTORY must not hold a store. Without CORPUS it lists them.
#include <algorithm>
#include <cstdio>
#include <string>

#include "base/hash.h"
#include "bench/disk_corpora.h"
#include "bench/process.h"
#include "os/real_world.h"
#include "store/dump.h"
#include "store/store.h"

namespace spoor::bench {
namespace {

class DiskBench {
 public:
  DiskBench(const std::string& path, const NamedCorpus& corpus) : path_(path), corpus_(corpus) {}

  Status run(uint64_t spans, uint64_t spans_per_flush) {
    store::StoreOptions options;
    options.path = path_;
    options.sync_mode = store::SyncMode::Interval;
    options.background = store::Background::Manual;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return unimplemented("a store of disk_bench is not opened again");
    };
    SPOOR_ASSIGN(store_, store::Store::open(world_, options));
    Corpus next = corpus_.make();
    uint64_t since_flush = 0;
    while (spans_ < spans) {
      next(batch_);
      SPOOR_TRY(append());
      since_flush += batch_.spans.size();
      spans_ += batch_.spans.size();
      if (since_flush < spans_per_flush && spans_ < spans) continue;
      SPOOR_TRY(timed(flushing_, [&] { return store_->flush(); }));
      since_flush = 0;
    }
    uint64_t flushed = part_bytes();
    double flush_peak = peak_mebibytes();
    SPOOR_TRY(timed(merging_, [&] { return store_->merge_all(); }));
    double n = static_cast<double>(spans_);
    std::printf("%s: %llu spans, %.2f B a span flushed, %.2f merged\n",
                std::string(corpus_.name).c_str(), static_cast<unsigned long long>(spans_),
                static_cast<double>(flushed) / n, static_cast<double>(part_bytes()) / n);
    std::printf(
        "  ns a span: head %.0f, flush %.0f, merge %.0f; peak %.0f MiB, %.0f with the merge\n",
        appending_ / n, flushing_ / n, merging_ / n, flush_peak, peak_mebibytes());
    return store::dump_store(world_, path_, [](std::string_view text) {
      // The table of the only section, and what it has.
      static bool is_table = false;
      if (text.find("bytes of section") != text.npos) is_table = true;
      if (text.find("bytes of all parts") != text.npos) is_table = false;
      if (is_table || text.find("templates:") != text.npos)
        std::fputs(std::string(text).c_str(), stdout);
    });
  }

 private:
  template <typename Work>
  static Status timed(double& spent, const Work& work) {
    double begin = cpu_nanos();
    Status status = work();
    spent += cpu_nanos() - begin;
    return status;
  }

  Status append() {
    ++requests_;
    std::string_view number(reinterpret_cast<const char*>(&requests_), sizeof requests_);
    return timed(appending_, [&]() -> Status {
      return store_
          ->append({.tenant = TenantId::default_tenant(),
                    .body = number,
                    .body_hash = hash128(number),
                    .received = batch_.spans.back().start,
                    .batch = batch_,
                    .refused = {}})
          .status();
    });
  }

  uint64_t part_bytes() const {
    uint64_t bytes = 0;
    for (const store::ManifestPart& part : store_->status().manifest.parts)
      bytes += part.size_bytes;
    return bytes;
  }

  os::RealWorld world_;
  const std::string path_;
  const NamedCorpus& corpus_;
  std::unique_ptr<store::Store> store_;
  SpanBatch batch_;
  uint64_t requests_ = 0, spans_ = 0;
  double appending_ = 0, flushing_ = 0, merging_ = 0;
};

int run(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: disk_bench DIRECTORY CORPUS [SPANS [SPANS_PER_FLUSH]]\n");
    for (const NamedCorpus& corpus : disk_corpora()) {
      std::fprintf(stderr, "  %-8s %s\n", std::string(corpus.name).c_str(),
                   std::string(corpus.meaning).c_str());
    }
    return 2;
  }
  auto corpus =
      std::ranges::find(disk_corpora(), std::string_view(arguments[2]), &NamedCorpus::name);
  if (corpus == disk_corpora().end()) {
    std::fprintf(stderr, "no corpus of the name %s\n", arguments[2]);
    return 2;
  }
  uint64_t spans = count > 3 ? count_of(arguments[3]) : 1'000'000;
  uint64_t spans_per_flush = count > 4 ? count_of(arguments[4]) : 150'000;
  Status done = DiskBench(arguments[1], *corpus).run(spans, spans_per_flush);
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.to_string().c_str());
  return 1;
}

}  // namespace
}  // namespace spoor::bench

int main(int count, char** arguments) {
  return spoor::bench::run(count, arguments);
}
