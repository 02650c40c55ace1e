// A part with bytes changed and all checksums put right again, so that the readers behind them
// meet what no disk but only an enemy or a bug of ours would give them: they answer or say that
// it is damaged, and do not crash.
#include "store/part_writer.h"

#include <cstdint>
#include <cstdlib>
#include <random>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "os/memory_world.h"
#include "store/manifest.h"
#include "store/section_reader.h"
#include "store/section_rollups.h"
#include "store/value_codec.h"
#include "store/verify_part.h"
#include "support/arbitrary_spans.h"

namespace {

using namespace spoor;
using namespace spoor::store;

constexpr PartId kId{7};
constexpr Day kDay{3};

struct Block {
  uint64_t file_id, offset_in_id, offset, bytes;
};

struct Sample {
  std::string bytes;
  std::vector<Block> blocks;
  std::vector<TraceId> traces;
};

// Blocks tile the section: the next one ends where a checksum matches.
void find_blocks(Sample& sample, uint64_t id, uint64_t base, uint64_t end) {
  for (uint64_t at = base; at < end;) {
    uint64_t size = 0;
    auto matches = [&] {
      std::string_view payload = std::string_view(sample.bytes).substr(at, size);
      return load_le<uint32_t>(sample.bytes.data() + at + size) ==
             crc32c_at_place(id, at - base, payload);
    };
    while (!matches()) SPOOR_ASSERT(at + ++size + kChecksumBytes <= end);
    sample.blocks.push_back({id, at - base, at, size});
    at += size + kChecksumBytes;
  }
}

Sample make_sample(uint64_t seed) {
  std::mt19937_64 random(seed);
  os::MemoryWorld world;
  test::ArbitraryOptions options;
  options.spans_max = 12;
  options.string_bytes_max = 40;
  options.attributes_max = 4;
  auto shard = std::make_shared<HeadShard>();
  Sample sample;
  for (int i = 0; i < 4; ++i) {
    SpanBatch batch = test::arbitrary_batch(random, options);
    for (const Span& span : batch.spans)
      sample.traces.push_back(TraceId::from_bytes(span.trace_id));
    if (!batch.spans.empty()) shard->append(batch, {}, LogPosition::at(1, 100));
  }
  shard->seal();
  SectionInput input({shard}, [](LogPosition) { return true; });
  auto writer = PartWriter::create(world, "/part", kId, kDay).value();
  SPOOR_ASSERT(writer->add_section(1, "a", input, input.fragments(), Contexts::Learned).ok());
  SPOOR_ASSERT(writer->finish(5, LogPosition::at(1, 2)).ok());
  sample.bytes = world.read_all("/part").value();
  auto file = PartFile::open(world, "/part", kId, kDay).value();
  const PartSection& section = file->footer().sections[0];
  find_blocks(sample, section.id, section.offset, section.offset + section.bytes);
  const BlockRef& footer = file->footer_block();
  sample.blocks.push_back({kId.value, footer.offset, footer.offset, footer.bytes});
  return sample;
}

void read_everything(os::World& world, uint64_t size_bytes, const Sample& sample) {
  auto file = PartFile::open(world, "/part", kId, kDay);
  if (!file.ok()) return;
  for (const PartSection& section : (*file)->footer().sections) {
    auto reader = SectionReader::open(*file, section);
    if (!reader.ok()) continue;
    for (size_t i = 0; i < sample.traces.size(); i += 5) {
      SpanBatch batch;
      (void)(*reader)->find(sample.traces[i], batch);
    }
    if (auto rollups = (*reader)->rollups(); rollups.ok()) {
      (void)(*rollups)->visit_operations({}, [](const OperationMinute&) {});
      (void)(*rollups)->visit_edges({}, [](const EdgeMinute&) {});
    }
    (void)(*reader)->scan([](const TracePlace&, const SpanBatch&) { return Status(); });
  }
  Manifest manifest;
  manifest.tenants[1] = "a";
  VerifyReport report;
  verify_part(world, "/part", {kId, kDay, size_bytes, 0}, manifest, VerifyDepth::Rows, report);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::array<Sample, 3> samples = {make_sample(1), make_sample(2), make_sample(3)};
  ByteReader reader(std::string_view(reinterpret_cast<const char*>(data), size));
  const Sample& sample = samples[reader.fixed<uint8_t>() % samples.size()];
  std::string bytes = sample.bytes;
  while (!reader.at_end()) {
    // A place in a block, so that small blocks are met as often as large ones.
    const Block& block = sample.blocks[reader.fixed<uint8_t>() % sample.blocks.size()];
    uint16_t place = reader.fixed<uint16_t>();
    uint8_t value = reader.fixed<uint8_t>();
    if (block.bytes > 0) bytes[block.offset + place % block.bytes] = static_cast<char>(value);
  }
  for (const Block& block : sample.blocks) {
    std::string_view payload = std::string_view(bytes).substr(block.offset, block.bytes);
    store_le(bytes.data() + block.offset + block.bytes,
             crc32c_at_place(block.file_id, block.offset_in_id, payload));
  }
  os::MemoryWorld world;
  {
    auto file = world.open("/part", os::OpenMode::CreateNew).value();
    SPOOR_ASSERT(file->write_at(0, bytes).ok());
  }
  read_everything(world, bytes.size(), sample);

  std::string_view input(reinterpret_cast<const char*>(data), size);
  Arena arena;
  ByteReader value(input);
  (void)decode_section_footer(input);
  (void)decode_row_group(input, 3);
  (void)decode_part_footer(input);
  (void)parse_shape_key(input);
  (void)decode_resource(input, arena);
  (void)decode_scope(input, arena);
  (void)decode_value(value, arena);
  return 0;
}
