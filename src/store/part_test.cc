#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <unordered_map>

#include "base/hash.h"
#include "codec/text_filter.h"
#include "os/memory_world.h"
#include "store/head_shard.h"
#include "store/limits.h"
#include "store/part_writer.h"
#include "store/row_group_reader.h"
#include "store/section_reader.h"
#include "store/trace_reader.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

bool all_visible(LogPosition) {
  return true;
}

// The batch with only the spans of one trace.
SpanBatch only_trace(const SpanBatch& batch, std::string_view trace_id) {
  SpanBatch one;
  one.resources = batch.resources;
  one.scopes = batch.scopes;
  for (const Span& span : batch.spans) {
    if (span.trace_id == trace_id) one.spans.push_back(span);
  }
  return one;
}

// Equal spans are stored once.
void drop_repeated(SpanBatch& batch) {
  std::unordered_multimap<std::string_view, Span> kept;
  std::vector<Span> spans;
  for (const Span& span : batch.spans) {
    auto [begin, end] = kept.equal_range(span.span_id);
    bool repeated = std::any_of(begin, end, [&](const auto& entry) {
      return entry.second == span &&
             batch.resources[entry.second.resource] == batch.resources[span.resource] &&
             batch.scopes[entry.second.scope] == batch.scopes[span.scope];
    });
    if (repeated) continue;
    kept.emplace(span.span_id, span);
    spans.push_back(span);
  }
  batch.spans = spans;
}

struct Written {
  os::MemoryWorld world;
  std::shared_ptr<const PartFile> file;
  std::shared_ptr<SectionReader> section;
};

std::unique_ptr<Written> write_part(const std::vector<std::shared_ptr<HeadShard>>& shards) {
  auto written = std::make_unique<Written>();
  std::vector<std::shared_ptr<const HeadShard>> sealed;
  for (const auto& shard : shards) {
    shard->seal();
    sealed.push_back(shard);
  }
  SectionInput input(sealed, all_visible);
  if (input.rows().empty()) return nullptr;
  PartId id{7};
  auto writer = PartWriter::create(written->world, "/part", id, Day{3}).value();
  EXPECT_TRUE(writer->add_section(1, "default", input, input.fragments(), Contexts::Learned).ok());
  EXPECT_TRUE(writer->finish(5, LogPosition::at(1, 2)).ok());
  auto file = PartFile::open(written->world, "/part", id, Day{3});
  EXPECT_TRUE(file.ok()) << file.status().to_string();
  written->file = *file;
  auto section = SectionReader::open(written->file, written->file->footer().sections[0]);
  EXPECT_TRUE(section.ok()) << section.status().to_string();
  written->section = *section;
  return written;
}

void expect_all_traces(const SpanBatch& batch, SectionReader& section) {
  std::map<std::string_view, int> traces;
  for (const Span& span : batch.spans) ++traces[span.trace_id];
  EXPECT_EQ(section.footer().traces, traces.size());
  for (const auto& [trace_id, count] : traces) {
    SpanBatch expected = only_trace(batch, trace_id);
    drop_repeated(expected);
    SpanBatch got;
    Status found = section.find(TraceId::from_bytes(trace_id), got);
    ASSERT_TRUE(found.ok()) << found.to_string();
    ASSERT_TRUE(test::same_spans(expected, got));
  }
  SpanBatch nothing;
  EXPECT_TRUE(section.find(*parse_trace_id("0123456789abcdef0123456789abcdef"), nothing).ok());
  EXPECT_TRUE(nothing.spans.empty());
}

TEST(Part, arbitrary_spans_come_back_from_head_and_part_as_they_went_in) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 100; ++round) {
    SpanBatch batch = test::arbitrary_batch(random);
    if (batch.spans.empty()) continue;
    auto first = std::make_shared<HeadShard>();
    auto second = std::make_shared<HeadShard>();
    first->append(batch, {}, LogPosition::at(1, 100));
    if (round % 2 == 0) second->append(batch, {}, LogPosition::at(1, 200));  // all repeated
    for (const Span& span : batch.spans) {
      SpanBatch got;
      first->find(TraceId::from_bytes(span.trace_id), all_visible, got);
      ASSERT_TRUE(test::same_spans(only_trace(batch, span.trace_id), got));
    }
    auto written = write_part({first, second});
    expect_all_traces(batch, *written->section);
  }
}

Projection arbitrary_projection(const SpanBatch& batch, std::mt19937_64& random) {
  auto part = [&] {
    return random() % 2 == 0 ? Projection::Part::Read : Projection::Part::Skipped;
  };
  Projection projection{.attributes = {"no.such.key"},
                        .other_fields = Projection::Part::Skipped,
                        .status_message = part(),
                        .events = part(),
                        .links = part()};
  for (const Span& span : batch.spans) {
    for (const KeyValue& entry : span.attributes) {
      if (random() % 8 == 0) projection.attributes.emplace_back(entry.key);
    }
  }
  return projection;
}

// The span with nothing but what every projection reads and what this one asks for.
Span projected(const Span& span, const Projection& projection, Arena& arena) {
  Span left;
  left.trace_id = span.trace_id, left.span_id = span.span_id;
  left.parent_span_id = span.parent_span_id;
  left.name = span.name, left.kind = span.kind;
  left.start = span.start, left.end = span.end;
  left.status = span.status;
  bool has_message = projection.status_message == Projection::Part::Read;
  if (!has_message) left.status.message = {};
  if (projection.events == Projection::Part::Read) left.events = span.events;
  if (projection.links == Projection::Part::Read) left.links = span.links;
  std::vector<KeyValue> attributes;
  for (const KeyValue& entry : span.attributes) {
    bool is_asked =
        std::ranges::find(projection.attributes, entry.key) != projection.attributes.end();
    if (is_asked) attributes.push_back(entry);
  }
  left.attributes = arena.copy(std::span<const KeyValue>(attributes));
  return left;
}

TEST(Part, a_projection_reads_what_it_asks_for) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 100; ++round) {
    SpanBatch batch = test::arbitrary_batch(random);
    if (batch.spans.empty()) continue;
    auto shard = std::make_shared<HeadShard>();
    shard->append(batch, {}, LogPosition::at(1, 100));
    auto written = write_part({shard});
    auto metadata = written->section->metadata();
    ASSERT_TRUE(metadata.ok());
    auto places = written->section->traces();
    ASSERT_TRUE(places.ok());
    const Projection projection = arbitrary_projection(batch, random);
    TraceReader whole(*written->section, *metadata), some(*written->section, *metadata, projection);
    for (const TracePlace& place : *places) {
      if (random() % 4 == 0) continue;
      SpanBatch expected, got;
      ASSERT_TRUE(whole.read(place, expected).ok());
      Status read = some.read(place, got);
      ASSERT_TRUE(read.ok()) << read.to_string();
      for (SpanBatch* side : {&expected, &got}) {
        for (Span& span : side->spans) {
          Span left = projected(span, projection, side->arena);
          left.resource = span.resource, left.scope = span.scope;
          span = left;
        }
      }
      ASSERT_TRUE(test::same_spans(expected, got));
    }
  }
}

TEST(Part, many_like_spans_make_templates_pages_and_row_groups) {
  std::mt19937_64 random(12);
  test::ArbitraryOptions options;
  options.times = test::Times::Recent;
  // A few dozen shapes, repeated with other ids and times until there are three row groups.
  SpanBatch pattern = test::arbitrary_batch(random, options);
  while (pattern.spans.size() < 20) pattern = test::arbitrary_batch(random, options);
  auto shard = std::make_shared<HeadShard>();
  SpanBatch all = test::copy_batch(pattern);
  all.spans.clear();
  while (all.spans.size() < 2 * kRowGroupRows + 5000) {
    std::map<std::string_view, std::string_view> new_trace;
    for (Span span : pattern.spans) {
      std::string_view& trace_id = new_trace[span.trace_id];
      if (trace_id.empty()) {
        uint64_t id[2] = {random(), random()};
        trace_id = all.arena.copy({reinterpret_cast<const char*>(id), sizeof id});
      }
      span.trace_id = trace_id;
      span.start.value += random() % 1'000'000;
      span.end.value += random() % 1'000'000'000;
      all.spans.push_back(span);
    }
  }
  shard->append(all, {}, LogPosition::at(1, 100));
  auto written = write_part({shard});
  ASSERT_EQ(written->section->footer().row_groups.size(), 3u);
  auto places = written->section->traces();
  ASSERT_TRUE(places.ok());
  std::unordered_map<std::string_view, SpanBatch> expected;
  for (const Span& span : all.spans) {
    SpanBatch& one = expected[span.trace_id];
    if (one.spans.empty()) one.resources = all.resources, one.scopes = all.scopes;
    one.spans.push_back(span);
  }
  ASSERT_EQ(places->size(), expected.size());
  auto metadata = written->section->metadata();
  ASSERT_TRUE(metadata.ok());
  TraceReader reader(*written->section, *metadata);
  // Forwards, back again, and the same one twice.
  for (size_t round = 0, i = 0; round < 200; ++round) {
    if (round % 4 != 0) i = (i + (random() % 3 == 0 ? random() : random() % 50)) % places->size();
    SpanBatch got;
    ASSERT_TRUE(reader.read((*places)[i], got).ok());
    SpanBatch& wanted = expected[(*places)[i].id.view()];
    drop_repeated(wanted);
    ASSERT_TRUE(test::same_spans(wanted, got));
  }
}

// Beside a shape that most spans have: names, keys, or both, of their own for every span, and
// events of the same kind.
TEST(Part, names_and_keys_that_never_repeat_make_no_templates) {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  constexpr uint64_t kSpans = 6'000;
  for (uint64_t i = 0; i < kSpans; ++i) {
    std::string number = std::to_string(i);
    uint64_t ids[3] = {i / 10 + 1, 1, i + 1};
    std::string_view bytes = batch.arena.copy({reinterpret_cast<const char*>(ids), sizeof ids});
    Span& span = batch.spans.emplace_back();
    span.trace_id = bytes.substr(0, 16);
    span.span_id = bytes.substr(16);
    if (i % 10 > 0) span.parent_span_id = batch.spans[i - 1].span_id;
    span.start.value = 1'000'000 + i * 10;
    span.end.value = 2'000'000;
    span.name = i % 3 == 0 ? batch.arena.copy(std::string_view("GET /" + number)) : "usual";
    KeyValue* attributes = batch.arena.allocate<KeyValue>(2);
    attributes[0] = {"n", Value::of_int(static_cast<int64_t>(i))};
    attributes[1] = {batch.arena.copy(std::string_view("key " + number)), Value::of_bool(true)};
    span.attributes = {attributes, i % 4 == 0 ? size_t{2} : size_t{1}};
    if (i % 7 != 0) continue;
    Event* event = batch.arena.allocate<Event>(1);
    *event = Event{};
    event->name = batch.arena.copy(std::string_view("event " + number));
    event->attributes = {attributes + 1, 1};
    span.events = {event, 1};
  }
  auto shard = std::make_shared<HeadShard>();
  shard->append(batch, {}, LogPosition::at(1, 100));
  auto written = write_part({shard});
  auto metadata = written->section->metadata();
  ASSERT_TRUE(metadata.ok());
  EXPECT_LT((*metadata)->templates[0].size(), 50u);
  EXPECT_LT((*metadata)->templates[1].size(), 10u);
  EXPECT_LT((*metadata)->columns.size(), 20u);
  expect_all_traces(batch, *written->section);
}

TEST(Part, a_trace_larger_than_a_row_group_and_a_deep_chain_are_whole) {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  for (uint64_t i = 0; i < kRowGroupRows + 3000; ++i) {
    Span span;
    uint64_t own = i + 1;
    span.trace_id = "0123456789abcdef";
    span.span_id = batch.arena.copy({reinterpret_cast<const char*>(&own), sizeof own});
    if (i > 0) span.parent_span_id = batch.spans.back().span_id;
    span.start.value = 1'000'000 + i * 10;
    span.end.value = 2'000'000;
    batch.spans.push_back(span);
  }
  auto shard = std::make_shared<HeadShard>();
  shard->append(batch, {}, LogPosition::at(1, 100));
  auto written = write_part({shard});
  EXPECT_EQ(written->section->footer().row_groups.size(), 2u);
  expect_all_traces(batch, *written->section);
}

TEST(Part, very_many_spans_of_one_id_and_start_are_told_apart_in_linear_time) {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  constexpr int64_t kSpans = 50'000;
  for (int64_t i = 0; i < kSpans; ++i) {
    KeyValue* attribute = batch.arena.allocate<KeyValue>(1);
    *attribute = KeyValue{"n", Value::of_int(i / 2)};  // each twice
    Span span;
    span.trace_id = "0123456789abcdef";
    span.span_id = "01234567";
    span.attributes = {attribute, 1};
    batch.spans.push_back(span);
  }
  auto shard = std::make_shared<HeadShard>();
  shard->append(batch, {}, LogPosition::at(1, 100));
  shard->seal();
  SectionInput input({shard}, all_visible);
  EXPECT_EQ(input.rows().size(), static_cast<size_t>(kSpans / 2));
}

TEST(Part, refused_and_invisible_spans_are_not_stored) {
  std::mt19937_64 random(13);
  SpanBatch batch = test::arbitrary_batch(random);
  while (batch.spans.size() < 5) batch = test::arbitrary_batch(random);
  auto shard = std::make_shared<HeadShard>();
  std::vector<uint32_t> refused = {0, 3};
  shard->append(batch, refused, LogPosition::at(1, 100));
  shard->append(batch, {}, LogPosition::at(1, 200));
  shard->seal();
  SectionInput early({shard}, [](LogPosition p) { return p <= LogPosition::at(1, 100); });
  SectionInput none({shard}, [](LogPosition) { return false; });
  EXPECT_LE(early.rows().size(), batch.spans.size() - 2);
  EXPECT_TRUE(none.rows().empty());
}

// Two row groups of spans, each with a path, and an id that it shares with its neighbours.
SpanBatch spans_with_texts() {
  constexpr uint64_t kSpans = kRowGroupRows + 9'000;
  SpanBatch batch;
  batch.resources.resize(1);
  batch.scopes.resize(1);
  for (uint64_t i = 0; i < kSpans; ++i) {
    std::string bytes;
    append_le(bytes, i / 4), append_le(bytes, i / 4), append_le(bytes, i + 1);
    Span& span = batch.spans.emplace_back();
    std::string_view ids = batch.arena.copy(bytes);
    span.trace_id = ids.substr(0, 16);
    span.span_id = ids.substr(16);
    span.name = "one";
    span.start.value = span.end.value = 3 * kNanosPerDay + i;
    KeyValue* attributes = batch.arena.allocate<KeyValue>(2);
    Hash128 hash = hash128(std::to_string(i / 3));
    std::string id = to_hex({reinterpret_cast<const char*>(&hash), sizeof hash});
    attributes[0] = {"id", Value::of_string(batch.arena.copy(id))};
    std::string path = "/items/" + id.substr(0, 12) + "/parts";
    attributes[1] = {"path", Value::of_string(batch.arena.copy(path))};
    span.attributes = {attributes, size_t{1} + i % 2};
  }
  return batch;
}

TEST(Part, neither_filters_nor_searches_of_pages_hide_a_text) {
  using As = codec::SoughtText::As;
  std::mt19937_64 random(14);
  auto shard = std::make_shared<HeadShard>();
  shard->append(spans_with_texts(), {}, LogPosition::at(1, 100));
  auto written = write_part({shard});
  SectionReader& section = *written->section;
  auto metadata = section.metadata().value();
  size_t texts_seen = 0, unknown_seen = 0;
  for (size_t group = 0; group < section.footer().row_groups.size(); ++group) {
    auto open = [&] { return RowGroupReader::open(section, *metadata, group); };
    auto reader = open().value(), searched = open().value();
    for (uint32_t column = kFixedColumns; column < kFixedColumns + 2; ++column) {
      ASSERT_EQ(metadata->page_type(column), PageType::Text);
      auto may_contain = [&](std::string_view text) {
        return section.filters()
            .may_contain(*metadata, group, column, codec::text_filter_hash(text))
            .value();
      };
      for (int i = 0; i < 50; ++i) unknown_seen += may_contain("no " + std::to_string(i)) ? 1 : 0;
      for (uint32_t vector = reader->vectors(); vector-- > 0;) {
        auto texts = reader->texts(column, vector).value();
        for (size_t i = 0; i < texts.size(); i += 1 + random() % 40, ++texts_seen) {
          ASSERT_TRUE(may_contain(texts[i]));
          size_t begin = random() % texts[i].size();
          std::string_view part = texts[i].substr(begin, 1 + random() % 20);
          ASSERT_TRUE(searched->may_contain(column, vector, {As::Part, part}).value()) << part;
          ASSERT_TRUE(searched->may_contain(column, vector, {As::Whole, texts[i]}).value());
        }
        EXPECT_FALSE(searched->may_contain(column, vector, {As::Part, "#"}).value());
        // What was searched is read as it was, and the other way round.
        ASSERT_TRUE(std::ranges::equal(searched->texts(column, vector).value(), texts));
        ASSERT_TRUE(reader->may_contain(column, vector, {As::Whole, texts[0]}).value());
      }
    }
  }
  EXPECT_GT(texts_seen, 4'000u);
  EXPECT_LT(unknown_seen, 20u);
}

}  // namespace
}  // namespace spoor::store
