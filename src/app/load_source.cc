#include "app/load_source.h"

#include <algorithm>
#include <array>

#include "app/load_generator.h"
#include "base/bytes.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"

namespace spoor::app {
namespace {

// A trace begins so long before it is sent: the longest of the shop have ended by then.
constexpr uint64_t kHeadStartNanos = 2 * kNanosPerSecond;
constexpr uint32_t kRequestBytesMax = 64 << 20;

// The requests of a corpus file, one after the other.
class CorpusFile {
 public:
  static Result<CorpusFile> open(os::World& world, const std::string& path) {
    CorpusFile corpus;
    corpus.path_ = path;
    SPOOR_ASSIGN(corpus.file_, world.open(path, os::OpenMode::Read));
    SPOOR_ASSIGN(corpus.size_, corpus.file_->size());
    return corpus;
  }

  // False at the end of the file. The batch's views are good until the next call.
  Result<bool> next() {
    if (at_ == size_) return false;
    std::array<char, 4> length;
    if (size_ - at_ < length.size()) return bad("the length of a request is cut off");
    SPOOR_TRY(file_->read_at(at_, length));
    uint32_t bytes = load_le<uint32_t>(length.data());
    bool fits = bytes <= kRequestBytesMax && bytes <= size_ - at_ - length.size();
    if (!fits) return bad("a request of " + std::to_string(bytes) + " bytes does not fit");
    body_.resize(bytes);
    SPOOR_TRY(file_->read_at(at_ + length.size(), body_));
    Status decoded = wire::decode_otlp(body_, limits_, request_);
    if (!decoded.ok()) return bad(decoded.message());
    at_ += length.size() + bytes;
    return true;
  }

  void rewind() { at_ = 0; }
  SpanBatch& batch() { return request_.batch; }
  bool is_empty() const { return size_ == 0; }

 private:
  Status bad(const std::string& problem) const {
    return data_loss("corpus " + path_ + " at byte " + std::to_string(at_) + ": " + problem);
  }

  std::string path_;
  std::unique_ptr<os::File> file_;
  uint64_t size_ = 0;
  uint64_t at_ = 0;
  std::string body_;
  wire::DecodeLimits limits_;
  wire::DecodedRequest request_;
};

UnixNanos shifted(UnixNanos time, int64_t shift) {
  return time.value == 0 ? time : UnixNanos{time.value + static_cast<uint64_t>(shift)};
}

void shift_times(SpanBatch& batch, int64_t shift) {
  for (Span& span : batch.spans) {
    span.start = shifted(span.start, shift);
    span.end = shifted(span.end, shift);
    if (span.events.empty()) continue;
    std::span<Event> events = batch.arena.copy(span.events);
    for (Event& event : events) event.time = shifted(event.time, shift);
    span.events = events;
  }
}

}  // namespace

LoadSource generated_load(os::World& world, const GeneratedLoad& options) {
  struct State {
    LoadGenerator generator;
    uint64_t made = 0;
    uint64_t history_start;
  };
  auto state = std::make_shared<State>(
      State{LoadGenerator(options.seed), 0, world.now().value - options.history_nanos});
  return [&world, options, state](std::string& request) -> Result<uint64_t> {
    uint64_t spans = std::min(options.spans_per_request, options.spans - state->made);
    if (spans == 0) return spans;
    uint64_t start = world.now().value;
    if (options.history_nanos > 0) {
      double share = static_cast<double>(state->made) / static_cast<double>(options.spans);
      auto passed = static_cast<uint64_t>(share * static_cast<double>(options.history_nanos));
      start = state->history_start + passed;
    }
    state->generator.next(spans, UnixNanos{start - kHeadStartNanos}, request);
    state->made += spans;
    return spans;
  };
}

Result<LoadSource> corpus_load(os::World& world, const std::string& path, uint64_t spans_max) {
  SPOOR_ASSIGN(CorpusFile opened, CorpusFile::open(world, path));
  auto corpus = std::make_shared<CorpusFile>(std::move(opened));
  uint64_t last_end = 0;
  uint64_t spans_seen = 0;
  while (spans_seen < spans_max) {
    SPOOR_ASSIGN(bool more, corpus->next());
    if (!more) break;
    spans_seen += corpus->batch().spans.size();
    for (const Span& span : corpus->batch().spans) last_end = std::max(last_end, span.end.value);
  }
  if (spans_seen == 0) return invalid_argument("corpus " + path + " holds no spans");
  corpus->rewind();
  auto shift = static_cast<int64_t>(world.now().value - last_end);
  auto left = std::make_shared<uint64_t>(spans_max);
  return LoadSource([corpus, shift, left](std::string& request) -> Result<uint64_t> {
    while (*left > 0) {
      SPOOR_ASSIGN(bool more, corpus->next());
      if (!more) break;
      std::vector<Span>& spans = corpus->batch().spans;
      if (spans.size() > *left) spans.resize(*left);
      if (spans.empty()) continue;
      shift_times(corpus->batch(), shift);
      request = wire::encode_otlp(corpus->batch());
      *left -= spans.size();
      return uint64_t{spans.size()};
    }
    return uint64_t{0};
  });
}

}  // namespace spoor::app
