// What rollups cost and what they answer in, over a shop of half an hour: nanoseconds a span to
// count, bytes a span on disk, and the times of questions that lists and the service graph ask.
//
//   rollup_bench [SPANS]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "os/memory_world.h"
#include "store/catalogue.h"
#include "store/dependencies.h"
#include "store/part_writer.h"
#include "store/rollup_builder.h"
#include "store/rollup_counter.h"
#include "store/section_rollups.h"
#include "store/snapshot.h"

namespace spoor::store {
namespace {

constexpr uint64_t kStart = 20'000 * kNanosPerDay;
constexpr uint32_t kServices = 15;
constexpr uint32_t kNamesPerService = 8;

// Of CPU, so that whoever shares the machine does not show.
double seconds_of(const std::function<void()>& work) {
  std::clock_t started = std::clock();
  work();
  return static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
}

// A trace: a tree of calls, client and server spans by turns, databases at the leaves.
class Traffic {
 public:
  explicit Traffic(size_t spans) : spans_(spans) {
    for (uint32_t s = 0; s < kServices; ++s) services_.push_back("service-" + std::to_string(s));
    for (uint32_t n = 0; n < kServices * kNamesPerService; ++n) {
      names_.push_back("GET /resource/" + std::to_string(n));
    }
  }

  std::vector<std::string_view> services() const { return {services_.begin(), services_.end()}; }

  // begin() before each trace, then span(facts), then end().
  template <typename Begin, typename Add, typename End>
  void run(const Begin& begin, const Add& add, const End& end) {
    std::mt19937_64 random(1);
    for (size_t done = 0; done < spans_;) {
      begin();
      uint64_t start = kStart + 30 * kNanosPerMinute * done / spans_;
      std::array<uint32_t, 8> service_at{};
      uint32_t count = 20 + random() % 40;
      for (uint32_t i = 0, depth = 0; i < count; ++i, ++done) {
        SpanFacts facts;
        facts.depth = depth;
        facts.kind = depth % 2 == 0 ? kKindServer : kKindClient;
        // A client span belongs to the service of the server span above it, which calls three.
        uint32_t service = depth == 0 ? 0 : service_at[depth - 1];
        if (depth % 2 == 0 && depth > 0) {
          service = (3 * service + 1 + static_cast<uint32_t>(random() % 3)) % kServices;
        }
        service_at[depth] = service;
        facts.service = service;
        facts.status = random() % 50 == 0 ? RollupStatus::Error : RollupStatus::Unset;
        facts.name = names_[service * kNamesPerService + random() % kNamesPerService];
        facts.start = start + random() % kNanosPerSecond;
        facts.duration = 1 + (random() % (uint64_t{1} << (18 + service)));
        if (facts.kind == kKindClient && random() % 3 == 0) {
          facts.peer_kind = PeerKind::Database;
          facts.peer = "orders";
        }
        add(facts);
        depth = static_cast<uint32_t>(random() % (std::min(depth, 6u) + 2));
        if (depth == 0) depth = 1;
      }
      end();
    }
  }

 private:
  size_t spans_;
  std::vector<std::string> services_;
  std::vector<std::string> names_;
};

void measure_counting(Traffic& traffic, size_t spans) {
  RollupCounter counter(traffic.services());
  uint64_t sum = 0;
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    double idle = seconds_of(
        [&] { traffic.run([] {}, [&](const SpanFacts& facts) { sum += facts.duration; }, [] {}); });
    double counting = seconds_of([&] {
      traffic.run([&] { counter.begin_trace(); },
                  [&](const SpanFacts& facts) { counter.add(facts); },
                  [&] { counter.end_trace(); });
    });
    best = std::min(best, counting - idle);
  }
  std::printf("count: %.1f ns a span, %zu bytes (sum %u)\n",
              best * 1e9 / static_cast<double>(spans), counter.size_bytes(),
              static_cast<unsigned>(sum & 1));
}

void measure_bytes(Traffic& traffic, size_t spans) {
  uint64_t bytes = 0, blocks = 0;
  RollupBuilder builder(traffic.services(), [&](std::string_view block) -> Result<BlockRef> {
    bytes += block.size() + kChecksumBytes;
    return BlockRef{blocks++, block.size()};
  });
  double counted = 0;
  traffic.run([&] { builder.begin_trace(); }, [&](const SpanFacts& facts) { builder.add(facts); },
              [&] { SPOOR_ASSERT(builder.end_trace().ok()); });
  BlockRef names, pages;
  counted = seconds_of([&] { SPOOR_ASSERT(builder.finish(names, pages).ok()); });
  std::printf("write: %.3f bytes a span in %llu blocks, names %llu bytes, %.1f ns a span\n",
              static_cast<double>(bytes) / static_cast<double>(spans),
              static_cast<unsigned long long>(blocks), static_cast<unsigned long long>(names.bytes),
              counted * 1e9 / static_cast<double>(spans));
}

// The spans as a request, with ids that make the parents.
SpanBatch batch_of(Traffic& traffic, uint64_t first_id) {
  SpanBatch batch;
  for (std::string_view service : traffic.services()) {
    KeyValue* attribute = batch.arena.allocate<KeyValue>(1);
    *attribute = KeyValue{"service.name", Value::of_string(service)};
    batch.resources.emplace_back().attributes = {attribute, 1};
  }
  batch.scopes.emplace_back();
  KeyValue database{"db.name", Value::of_string("orders")};
  auto peer = batch.arena.copy(std::span<const KeyValue>(&database, 1));
  std::vector<std::string_view> path;
  std::string_view trace;
  uint64_t next = first_id;
  auto id = [&](size_t size) {
    uint64_t bytes[2] = {++next * 0x9e3779b97f4a7c15ull, next};
    return batch.arena.copy(std::string_view(reinterpret_cast<const char*>(bytes), size));
  };
  traffic.run([&] { trace = id(16), path.clear(); },
              [&](const SpanFacts& facts) {
                Span& span = batch.spans.emplace_back();
                span.resource = facts.service;
                span.trace_id = trace;
                span.span_id = id(8);
                path.resize(std::min<size_t>(path.size(), facts.depth));
                if (!path.empty()) span.parent_span_id = path.back();
                path.push_back(span.span_id);
                span.name = facts.name;
                span.kind = facts.kind;
                span.start = UnixNanos{facts.start};
                span.end = UnixNanos{facts.start + facts.duration};
                if (facts.peer_kind != PeerKind::None) span.attributes = peer;
              },
              [] {});
  return batch;
}

std::shared_ptr<HeadShard> shard_of(const SpanBatch& batch) {
  auto shard = std::make_shared<HeadShard>();
  shard->append(batch, {}, LogPosition::at(1, 100));
  return shard;
}

std::shared_ptr<SectionReader> write_section(os::World& world, const SpanBatch& batch,
                                             uint64_t number) {
  auto shard = shard_of(batch);
  shard->seal();
  SectionInput input({shard}, [](LogPosition) { return true; });
  std::string path = "/" + std::to_string(number);
  auto writer = PartWriter::create(world, path, PartId{number}, Day{1}).value();
  double taken = seconds_of([&] {
    SPOOR_ASSERT(writer->add_section(1, "a", input, input.fragments(), Contexts::Learned).ok());
  });
  SPOOR_ASSERT(writer->finish(1, LogPosition::at(1, 2)).ok());
  if (number == 1) {
    std::printf("section: %.0f ns a span to write\n",
                taken * 1e9 / static_cast<double>(batch.spans.size()));
  }
  auto file = PartFile::open(world, path, PartId{number}, Day{1}).value();
  return SectionReader::open(file, file->footer().sections[0]).value();
}

void ask(const char* what, const std::function<size_t()>& question) {
  for (const char* when : {"first", "again"}) {
    size_t answers = 0;
    double taken = seconds_of([&] { answers = question(); });
    std::printf("%s, %s: %.3f ms, %zu entries\n", what, when, taken * 1e3, answers);
  }
}

void ask_all(const char* where, const Snapshot& snapshot) {
  UnixNanos from{kStart}, to{kStart + kNanosPerHour};
  std::printf("-- %s\n", where);
  ask("dependencies", [&] { return dependencies(snapshot, from, to).edges.size(); });
  ask("services", [&] { return services(snapshot).names.size(); });
  ask("operations", [&] { return operations(snapshot, "service-1").operations.size(); });
  ask("rollups", [&] {
    size_t cells = 0;
    (void)visit_rollups(snapshot, {from, to}, [&](const OperationMinute&) { ++cells; });
    return cells;
  });
  ask("span keys", [&] { return attribute_keys(snapshot, AttributeScope::Span).keys.size(); });
}

void measure_questions(size_t spans) {
  os::MemoryWorld world;
  Snapshot sections, head, names;
  sections.visible = head.visible = names.visible = [](LogPosition) { return true; };
  constexpr size_t kSections = 30;
  Traffic traffic(spans / kSections);
  for (uint64_t i = 1; i <= kSections; ++i) {
    sections.sections.push_back(write_section(world, batch_of(traffic, i << 40), i));
  }
  ask_all("30 sections", sections);
  Traffic of_head(spans / 3);
  head.shards.push_back(shard_of(batch_of(of_head, 0)));
  ask_all("a head of a third of the spans", head);
  SpanBatch batch = batch_of(of_head, 0);
  batch.spans.resize(std::min<size_t>(batch.spans.size(), 50'000));
  for (Span& span : batch.spans) {
    span.resource = 1;
    span.name = batch.arena.copy("GET /item/" + std::to_string(&span - batch.spans.data()));
  }
  names.sections.push_back(write_section(world, batch, 1'000));
  ask_all("a section of 50,000 names", names);
}

}  // namespace
}  // namespace spoor::store

int main(int argc, char** argv) {
  size_t spans = argc > 1 ? static_cast<size_t>(std::atoll(argv[1])) : 1'000'000;
  spoor::store::Traffic traffic(spans);
  spoor::store::measure_counting(traffic, spans);
  spoor::store::measure_bytes(traffic, spans);
  spoor::store::measure_questions(spans);
  return 0;
}
