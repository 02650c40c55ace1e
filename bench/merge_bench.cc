// What a merge costs: eight sections of about 100,000 spans each, as flushes write them, become
// one. Prints nanoseconds of CPU for each span of the flushes and of the merge, and bytes for each
// span before and after; then the cost where every trace has to be reunited.
//
//   merge_bench [SPANS_PER_SECTION]
#include <charconv>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "os/memory_world.h"
#include "store/head_shard.h"
#include "store/part_writer.h"
#include "store/section_merge.h"
#include "store/section_writer.h"
#include "store/verify_part.h"

namespace spoor::store {
namespace {

constexpr uint64_t kSections = 8;
constexpr uint64_t kNow = 1'795'000'000'000'000'000;

double cpu_nanos() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Traces of a shop: a gateway, a few services below it, databases below those.
class Shop {
 public:
  SpanBatch make(uint64_t spans, uint64_t section) {
    SpanBatch batch;
    for (uint64_t service = 0; service < 12; ++service) {
      Resource& resource = batch.resources.emplace_back();
      resource.present = true;
      KeyValue attributes[] = {{"service.name", text(batch, "service-" + std::to_string(service))},
                               {"host.name", text(batch, "host-" + std::to_string(service % 5))},
                               {"service.version", Value::of_string("1.4.2")}};
      resource.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
    }
    batch.scopes.emplace_back().present = true;
    while (batch.spans.size() < spans) add_trace(batch, section);
    return batch;
  }

 private:
  static Value text(SpanBatch& batch, const std::string& value) {
    return Value::of_string(batch.arena.copy(std::string_view(value)));
  }
  std::string_view id(SpanBatch& batch, size_t bytes) {
    uint64_t random[2] = {random_(), random_()};
    return batch.arena.copy(std::string_view(reinterpret_cast<const char*>(random), bytes));
  }

  void add_trace(SpanBatch& batch, uint64_t section) {
    std::string_view trace_id = id(batch, 16);
    uint64_t start = kNow + section * kNanosPerMinute + random_() % kNanosPerMinute;
    size_t first = batch.spans.size();
    size_t count = 3 + random_() % 12;
    for (size_t i = 0; i < count; ++i) {
      uint32_t service = i == 0 ? 0 : static_cast<uint32_t>(random_() % 12);
      std::string_view parent;
      if (i > 0) {
        const Span& above = batch.spans[first + random_() % i];
        parent = above.span_id;
        start = above.start.value + random_() % 300'000;
      }
      add_span(batch, trace_id, parent, service, start);
    }
  }

  void add_span(SpanBatch& batch, std::string_view trace_id, std::string_view parent,
                uint32_t service, uint64_t start) {
    uint64_t endpoint = random_() % 6;
    bool is_error = random_() % 50 == 0;
    KeyValue attributes[] = {
        {"http.method", Value::of_string(endpoint % 2 == 0 ? "GET" : "POST")},
        {"http.route", text(batch, "/api/items/{id}/" + std::to_string(endpoint))},
        {"http.status_code", Value::of_int(is_error ? 500 : 200)},
        {"http.response_size", Value::of_int(static_cast<int64_t>(random_() % 20'000))},
        {"user.id", text(batch, "user-" + std::to_string(random_() % 50'000))},
        {"region", text(batch, "region-" + std::to_string(random_() % 40))},
        {"thread.id", Value::of_int(static_cast<int64_t>(random_() % 64))}};
    Span span;
    span.resource = service;
    span.trace_id = trace_id;
    span.span_id = id(batch, 8);
    span.parent_span_id = parent;
    span.name = endpoint % 2 == 0 ? "GET /api/items" : "POST /api/items";
    span.kind = 1 + static_cast<uint32_t>(random_() % 3);
    span.start.value = start;
    span.end.value = start + 1'000 * (random_() % 50'000);
    span.status.present = true;
    span.status.code = is_error ? kStatusError : kStatusUnset;
    span.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
    batch.spans.push_back(span);
  }

  std::mt19937_64 random_{7};
};

struct Written {
  std::shared_ptr<SectionReader> section;
  double nanos = 0;
  double verify_nanos = 0;  // of reading it back
};

Written write(os::World& world, uint64_t number, const PartWriter::WriteSection& write_section) {
  PartId id{number};
  std::string path = "/" + std::to_string(number);
  auto writer = PartWriter::create(world, path, id, Day{3}).value();
  double began = cpu_nanos();
  Status added = writer->add_section(1, "default", write_section);
  Written written;
  written.nanos = cpu_nanos() - began;
  if (!added.ok()) std::fprintf(stderr, "%s\n", added.to_string().c_str());
  uint64_t size_bytes = writer->finish(1, LogPosition::at(1, 0)).value();
  Manifest manifest;
  manifest.tenants[1] = "default";
  VerifyReport report;
  began = cpu_nanos();
  verify_part(world, path, {id, Day{3}, size_bytes, writer->spans()}, manifest, VerifyDepth::Pages,
              report);
  written.verify_nanos = cpu_nanos() - began;
  auto file = PartFile::open(world, path, id, Day{3}).value();
  written.section = SectionReader::open(file, file->footer().sections[0]).value();
  return written;
}

void run(uint64_t spans_per_section) {
  os::MemoryWorld world;
  Shop shop;
  std::vector<std::shared_ptr<SectionReader>> sections;
  double flush_nanos = 0, bytes = 0, spans = 0;
  for (uint64_t i = 0; i < kSections; ++i) {
    auto shard = std::make_shared<HeadShard>();
    shard->append(shop.make(spans_per_section, i / 2), {}, LogPosition::at(1, 100));
    shard->seal();
    double began = cpu_nanos();
    SectionInput input({shard}, [](LogPosition) { return true; });
    flush_nanos += cpu_nanos() - began;
    Written written = write(world, i + 1, [&](const auto& write_block, BlockRef& footer) {
      return SectionWriter(input, input.fragments(), Contexts::None, write_block).run(footer);
    });
    flush_nanos += written.nanos;
    bytes += static_cast<double>(written.section->section().bytes);
    spans += static_cast<double>(written.section->footer().spans);
    sections.push_back(written.section);
  }
  std::printf("flush: %.0f spans, %.0f ns and %.2f bytes a span\n", spans, flush_nanos / spans,
              bytes / spans);
  for (uint64_t round = 0; round < 3; ++round) {
    Written merged = write(world, 100 + round, [&](const auto& write_block, BlockRef& footer) {
      return SectionMerge(sections, write_block, [] { return Status(); }).run(footer);
    });
    std::printf("merge: %.0f ns and %.2f bytes a span, reading it back %.0f ns\n",
                merged.nanos / spans, static_cast<double>(merged.section->section().bytes) / spans,
                merged.verify_nanos / spans);
  }
  // The slow road alone: every trace lies in both inputs.
  std::vector<std::shared_ptr<SectionReader>> twice = {sections[0], sections[0]};
  Written merged = write(world, 200, [&](const auto& write_block, BlockRef& footer) {
    return SectionMerge(twice, write_block, [] { return Status(); }).run(footer);
  });
  std::printf("merge of split traces only: %.0f ns a span of input\n",
              merged.nanos / (2 * spans / kSections));
}

}  // namespace
}  // namespace spoor::store

int main(int argc, char** argv) {
  uint64_t spans = 100'000;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::char_traits<char>::length(argv[1]), spans);
  spoor::store::run(spans);
  return 0;
}
