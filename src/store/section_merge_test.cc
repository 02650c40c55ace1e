#include "store/section_merge.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "os/memory_world.h"
#include "store/head_shard.h"
#include "store/limits.h"
#include "store/part_writer.h"
#include "store/section_writer.h"
#include "store/verify.h"
#include "store/verify_part.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

using Section = std::shared_ptr<SectionReader>;

bool all_visible(LogPosition) {
  return true;
}

// Parts of one section each in one memory world.
class Sections {
 public:
  // The spans as a flush writes them, by turns with contexts.
  Section flush(const SpanBatch& batch) {
    auto shard = std::make_shared<HeadShard>();
    shard->append(batch, {}, LogPosition::at(1, 100));
    shard->seal();
    SectionInput input({shard}, all_visible);
    const Contexts contexts = last_ % 2 == 0 ? Contexts::Learned : Contexts::None;
    return write([&](const ColumnBuilder::WriteBlock& write, BlockRef& footer) {
      return SectionWriter(input, input.fragments(), contexts, write).run(footer);
    });
  }

  Section merge(const std::vector<Section>& inputs, uint64_t* repeated = nullptr) {
    return write(
        [&](const ColumnBuilder::WriteBlock& write, BlockRef& footer) -> Result<SectionFooter> {
          SectionMerge merge(inputs, write, [] { return Status(); });
          Result<SectionFooter> written = merge.run(footer);
          if (repeated != nullptr) *repeated = merge.repeated_spans();
          return written;
        });
  }

  os::MemoryWorld& world() { return world_; }

 private:
  Section write(const PartWriter::WriteSection& write_section) {
    PartId id{++last_};
    std::string path = "/" + std::to_string(id.value);
    auto writer = PartWriter::create(world_, path, id, Day{3}).value();
    Status added = writer->add_section(1, "default", write_section);
    EXPECT_TRUE(added.ok()) << added.to_string();
    if (!added.ok()) return nullptr;
    uint64_t size_bytes = writer->finish(5, LogPosition::at(1, 2)).value();
    VerifyReport report;
    Manifest manifest;
    manifest.tenants[1] = "default";
    verify_part(world_, path, {id, Day{3}, size_bytes, writer->spans()}, manifest,
                VerifyDepth::Rows, report);
    for (const VerifyFinding& finding : report.findings) ADD_FAILURE() << to_string(finding);
    auto file = PartFile::open(world_, path, id, Day{3}).value();
    return SectionReader::open(file, file->footer().sections[0]).value();
  }

  os::MemoryWorld world_;
  uint64_t last_ = 0;
};

std::multiset<std::string> texts_of(const SpanBatch& batch) {
  std::multiset<std::string> texts;
  for (const Span& span : batch.spans) texts.insert(test::to_text(batch, span));
  return texts;
}

std::multiset<std::string> texts_of(SectionReader& section) {
  std::multiset<std::string> texts;
  Status read = section.scan([&](const TracePlace&, const SpanBatch& batch) {
    texts.merge(texts_of(batch));
    return Status();
  });
  EXPECT_TRUE(read.ok()) << read.to_string();
  return texts;
}

// Every span once. Texts tell all fields apart that equality does, but for the bits of odd
// doubles and the like: those come as they are.
std::multiset<std::string> distinct(const std::multiset<std::string>& texts) {
  std::set<std::string> once(texts.begin(), texts.end());
  return {once.begin(), once.end()};
}

// Deals the spans out, some to several.
std::vector<SpanBatch> deal(const SpanBatch& batch, size_t inputs, std::mt19937_64& random) {
  std::vector<SpanBatch> dealt(inputs);
  for (SpanBatch& one : dealt) one.resources = batch.resources, one.scopes = batch.scopes;
  bool by_trace = random() % 2 == 0;
  std::map<std::string_view, size_t> input_of_trace;
  for (const Span& span : batch.spans) {
    size_t input = random() % inputs;
    if (by_trace && random() % 20 != 0) {
      input = input_of_trace.try_emplace(span.trace_id, input).first->second;
    }
    dealt[input].spans.push_back(span);
    if (random() % 10 == 0) dealt[random() % inputs].spans.push_back(span);
  }
  std::erase_if(dealt, [](const SpanBatch& one) { return one.spans.empty(); });
  return dealt;
}

// No two spans are alike, so that what are few shapes in each input are too many in all.
TEST(SectionMerge, shapes_that_are_rare_in_all_inputs_together_become_general) {
  std::mt19937_64 random(27);
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    test::ArbitraryOptions options;
    options.spans_max = 2'400;
    options.string_bytes_max = 30;
    SpanBatch batch;
    while (batch.spans.size() < 1'200) batch = test::arbitrary_batch(random, options);
    // All but names, attributes and children is alike, so that general shapes have many rows.
    for (Span& span : batch.spans) {
      span.resource = span.scope = 0;
      span.kind = kKindServer;
      span.status = {};
      span.flags = span.dropped_attributes_count = 0;
      span.dropped_events_count = span.dropped_links_count = 0;
      span.trace_state = {};
    }
    std::vector<SpanBatch> dealt = deal(batch, 6, random);
    Sections sections;
    std::vector<Section> inputs;
    for (const SpanBatch& one : dealt) inputs.push_back(sections.flush(one));
    Section merged = sections.merge(inputs);
    ASSERT_NE(merged, nullptr);
    auto metadata = merged->metadata();
    ASSERT_TRUE(metadata.ok());
    // Traces that are reunited bring as many shapes as may be rare.
    EXPECT_LT((*metadata)->templates[0].size(), kRareShapesMax + 100);
    auto expected = distinct(texts_of(batch));
    ASSERT_EQ(texts_of(*merged), expected);
    ASSERT_EQ(texts_of(*sections.merge({merged, inputs[0]})), expected);
  }
}

TEST(SectionMerge, random_spans_dealt_out_come_back_as_the_distinct_ones) {
  std::mt19937_64 random(21);
  for (int round = 0; round < 120; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    test::ArbitraryOptions options;
    if (round % 2 == 0) options.times = test::Times::Recent;
    SpanBatch batch = test::arbitrary_batch(random, options);
    if (batch.spans.empty()) continue;
    std::vector<SpanBatch> dealt = deal(batch, 1 + random() % 9, random);
    Sections sections;
    std::vector<Section> inputs;
    for (const SpanBatch& one : dealt) inputs.push_back(sections.flush(one));
    Section merged = sections.merge(inputs);
    ASSERT_NE(merged, nullptr);
    auto expected = distinct(texts_of(batch));
    ASSERT_EQ(texts_of(*merged), expected);
    // A merge of one changes nothing, nor does one of what was merged with an input of it.
    ASSERT_EQ(texts_of(*sections.merge({merged})), expected);
    uint64_t repeated = 0;
    ASSERT_EQ(texts_of(*sections.merge({inputs[0], merged}, &repeated)), expected);
    EXPECT_EQ(repeated, inputs[0]->footer().spans);
    for (const Span& span : batch.spans) {
      SpanBatch found;
      ASSERT_TRUE(merged->find(TraceId::from_bytes(span.trace_id), found).ok());
      ASSERT_FALSE(found.spans.empty());
    }
    if (HasFailure()) return;
  }
}

// Like spans of a few shapes, with other ids, times and values in each call.
SpanBatch like_spans(const SpanBatch& pattern, size_t count, std::mt19937_64& random) {
  SpanBatch all = test::copy_batch(pattern);
  all.spans.clear();
  while (all.spans.size() < count) {
    std::map<std::string_view, std::string_view> new_trace;
    for (Span span : pattern.spans) {
      std::string_view& trace_id = new_trace[span.trace_id];
      if (trace_id.empty()) {
        uint64_t id[2] = {random(), random()};
        trace_id = all.arena.copy({reinterpret_cast<const char*>(id), sizeof id});
      }
      span.trace_id = trace_id;
      span.start.value += random() % 1'000'000'000;
      span.end.value += random() % 1'000'000'000;
      all.spans.push_back(span);
    }
  }
  return all;
}

TEST(SectionMerge, large_sections_make_row_groups_that_end_where_traces_do) {
  std::mt19937_64 random(22);
  test::ArbitraryOptions options;
  options.times = test::Times::Recent;
  SpanBatch pattern = test::arbitrary_batch(random, options);
  while (pattern.spans.size() < 20) pattern = test::arbitrary_batch(random, options);
  Sections sections;
  std::vector<Section> inputs;
  std::multiset<std::string> expected;
  for (int i = 0; i < 3; ++i) {
    SpanBatch batch = like_spans(pattern, 40'000, random);
    inputs.push_back(sections.flush(batch));
    expected.merge(distinct(texts_of(batch)));
  }
  Section merged = sections.merge(inputs);
  EXPECT_EQ(merged->footer().row_groups.size(), 2u);
  EXPECT_EQ(texts_of(*merged), expected);
  uint64_t last = 0;
  const auto places = merged->traces();
  for (const TracePlace& place : places.value()) {
    EXPECT_GE(place.start, last);
    last = place.start;
  }
}

// One span of one shape with these attributes.
void add_span(SpanBatch& batch, std::mt19937_64& random, std::span<const KeyValue> attributes) {
  uint64_t id[3] = {random(), random(), random()};
  std::string_view bytes = batch.arena.copy({reinterpret_cast<const char*>(id), sizeof id});
  Span span;
  span.trace_id = bytes.substr(0, 16);
  span.span_id = bytes.substr(16);
  span.name = "query";
  span.start.value = 1'000'000 + random() % 1'000;
  span.end.value = span.start.value + random() % 1'000;
  span.attributes = batch.arena.copy(attributes);
  batch.spans.push_back(span);
}

SpanBatch empty_batch() {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  return batch;
}

TEST(SectionMerge, a_field_that_is_another_constant_in_each_section_becomes_a_column) {
  std::mt19937_64 random(23);
  Sections sections;
  std::vector<Section> inputs;
  std::multiset<std::string> expected;
  for (int64_t i = 0; i < 100; ++i) {
    SpanBatch batch = empty_batch();
    std::string version = "version " + std::to_string(i);
    for (int64_t k = 0; k < 20; ++k) {
      KeyValue attributes[] = {{"db", Value::of_string("orders")},
                               {"version", Value::of_string(version)},
                               {"shard", Value::of_int(i)},
                               {"ratio", Value::of_double(static_cast<double>(i))},
                               {"warm", Value::of_bool(i % 2 == 0)}};
      add_span(batch, random, attributes);
    }
    inputs.push_back(sections.flush(batch));
    expected.merge(texts_of(batch));
  }
  Section merged = sections.merge(inputs);
  EXPECT_EQ(texts_of(*merged), expected);
  auto metadata = merged->metadata().value();
  const auto& templates = metadata->templates[0];
  EXPECT_LE(templates.size(), 100 * 20 / kRowsPerTemplateMin);
  // What is one constant everywhere stays one.
  for (const Template& entry : templates) {
    EXPECT_EQ(entry.fields[0].kind, TemplateField::Kind::Constant);
  }
  // 100 values of 20 rows each are worth a dictionary.
  size_t dictionaries = 0;
  for (uint8_t has : metadata->has_dictionary) dictionaries += has;
  EXPECT_EQ(dictionaries, 1u);
}

TEST(SectionMerge, a_dictionary_beyond_the_limits_and_one_beside_text_become_text) {
  std::mt19937_64 random(24);
  for (bool beside_text : {false, true}) {
    Sections sections;
    std::vector<Section> inputs;
    std::multiset<std::string> expected;
    for (int i = 0; i < 3; ++i) {
      SpanBatch batch = empty_batch();
      for (int k = 0; k < 8'000; ++k) {
        int value = beside_text && i == 2 ? k : k % 2'000;
        std::string text = "value " + std::to_string(beside_text ? value : i * 2'000 + value);
        KeyValue attribute{"key", Value::of_string(batch.arena.copy(std::string_view(text)))};
        add_span(batch, random, {&attribute, 1});
      }
      inputs.push_back(sections.flush(batch));
      expected.merge(texts_of(batch));
      bool is_text = beside_text && i == 2;
      EXPECT_EQ(inputs.back()->metadata().value()->has_dictionary[0], is_text ? 0 : 1);
    }
    Section merged = sections.merge(inputs);
    EXPECT_EQ(merged->metadata().value()->has_dictionary[0], 0);
    EXPECT_EQ(texts_of(*merged), expected);
    inputs.pop_back();
    EXPECT_EQ(sections.merge(inputs)->metadata().value()->has_dictionary[0], 1);
  }
}

TEST(SectionMerge, a_reunited_trace_whose_constants_fit_no_template_gets_one) {
  std::mt19937_64 random(25);
  Sections sections;
  std::vector<Section> inputs;
  std::multiset<std::string> expected;
  std::string trace_id = "0123456789abcdef";
  for (int64_t i = 0; i < 12; ++i) {
    SpanBatch batch = empty_batch();
    for (int k = 0; k < 4; ++k) {
      KeyValue attributes[] = {{"a", Value::of_int(i)}, {"b", Value::of_string("x")}};
      add_span(batch, random, attributes);
      if (k == 0) batch.spans.back().trace_id = trace_id;
      // Children whose parents lie in other sections.
      if (k == 0 && i > 0) batch.spans.back().parent_span_id = "parent 0";
      if (k == 0 && i == 0) batch.spans.back().span_id = "parent 0";
    }
    inputs.push_back(sections.flush(batch));
    expected.merge(texts_of(batch));
  }
  Section merged = sections.merge(inputs);
  EXPECT_EQ(texts_of(*merged), expected);
  auto place = merged->locate(TraceId::from_bytes(trace_id)).value();
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->rows, 12u);
  EXPECT_EQ(place->flags, kTraceHasRoot);  // no orphans any more
}

TEST(SectionMerge, damage_of_an_input_and_a_stop_end_it) {
  std::mt19937_64 random(26);
  Sections sections;
  SpanBatch batch = test::arbitrary_batch(random);
  while (batch.spans.size() < 10) batch = test::arbitrary_batch(random);
  std::vector<Section> inputs = {sections.flush(batch)};
  uint64_t end = inputs[0]->section().offset + inputs[0]->section().bytes;
  auto write = [](std::string_view payload) -> Result<BlockRef> {
    return BlockRef{0, payload.size()};
  };
  BlockRef footer;
  int asked = 0;
  SectionMerge stopped(inputs, write,
                       [&] { return ++asked == 1 ? cancelled("stopping") : Status(); });
  EXPECT_EQ(stopped.run(footer).status().code(), Code::Cancelled);
  for (uint64_t at = inputs[0]->section().offset; at < end; at += 7) {
    std::string path = inputs[0]->file().path();
    ASSERT_TRUE(sections.world().corrupt(path, at, 1).ok());
    auto file = PartFile::open(sections.world(), path, PartId{1}, Day{3}).value();
    auto reader = SectionReader::open(file, file->footer().sections[0]);
    if (reader.ok()) {
      std::vector<Section> one = {*reader};
      SectionMerge merge(one, write, [] { return Status(); });
      Result<SectionFooter> merged = merge.run(footer);
      // The index is not read: it is made anew.
      if (merged.ok()) EXPECT_EQ(merged->spans, inputs[0]->footer().spans) << at;
    }
    ASSERT_TRUE(sections.world().corrupt(path, at, 1).ok());
  }
}

}  // namespace
}  // namespace spoor::store
