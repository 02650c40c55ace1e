#include "store/head_shard.h"

#include <gtest/gtest.h>

#include <random>

#include "store/limits.h"
#include "store/value_codec.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

// A message as a sender might have made it: all of the resource but its schema.
void add_messages(SpanBatch& batch) {
  for (Resource& resource : batch.resources) {
    Resource content = resource;
    content.schema_url = {};
    std::string message;
    encode_resource(content, message);
    resource.message = batch.arena.copy(message);
  }
}

std::vector<std::string> rows_of(const HeadView& view) {
  std::vector<std::string> rows;
  for (const HeadView::Chunk& chunk : view.chunks) {
    for (std::string_view rest(chunk.rows, chunk.bytes); !rest.empty();) {
      const HeadView::Row row = HeadView::next_row(rest);
      rows.emplace_back(reinterpret_cast<const char*>(&row.header), sizeof row.header);
      rows.back().append(row.values);
    }
  }
  return rows;
}

std::shared_ptr<HeadShard> shard_of(const std::vector<SpanBatch>& batches) {
  auto shard = std::make_shared<HeadShard>();
  uint64_t position = 0;
  for (const SpanBatch& batch : batches) shard->append(batch, {}, LogPosition{++position});
  return shard;
}

SpanBatch batch_of(std::string_view service, std::string_view schema_url) {
  SpanBatch batch;
  auto attributes = batch.arena.allocate<KeyValue>(1);
  attributes[0] = {"service.name", Value::of_string(batch.arena.copy(service))};
  Resource& resource = batch.resources.emplace_back();
  resource.present = true;
  resource.attributes = Attributes(attributes, 1);
  resource.schema_url = batch.arena.copy(schema_url);
  batch.scopes.emplace_back();
  Span& span = batch.spans.emplace_back();
  span.trace_id = "0123456789abcdef";
  span.span_id = "01234567";
  add_messages(batch);
  return batch;
}

TEST(HeadShard, keeps_the_same_rows_whether_resources_are_known_by_their_messages_or_not) {
  std::mt19937_64 random(7);
  std::vector<SpanBatch> plain, with_messages;
  for (int i = 0; i < 200; ++i) {
    plain.push_back(test::arbitrary_batch(random));
    with_messages.push_back(test::copy_batch(plain.back()));
    add_messages(with_messages.back());
  }
  // Again, so that all of them were met before.
  for (int i = 0; i < 200; ++i) {
    plain.push_back(test::copy_batch(plain[static_cast<size_t>(i)]));
    with_messages.push_back(test::copy_batch(plain.back()));
    add_messages(with_messages.back());
  }
  auto expected = shard_of(plain), got = shard_of(with_messages);
  EXPECT_EQ(expected->view().resources, got->view().resources);
  EXPECT_EQ(expected->view().services, got->view().services);
  EXPECT_EQ(rows_of(expected->view()), rows_of(got->view()));
}

TEST(HeadShard, resources_of_one_message_and_two_schemas_are_two) {
  std::vector<SpanBatch> batches;
  for (std::string_view schema : {"a", "b", "b", "a", ""}) {
    batches.push_back(batch_of("frontend", schema));
  }
  auto shard = shard_of(batches);
  SpanBatch found;
  shard->find(TraceId::from_bytes("0123456789abcdef"), [](LogPosition) { return true; }, found);
  ASSERT_EQ(found.spans.size(), batches.size());
  for (size_t i = 0; i < batches.size(); ++i) {
    const Span& span = found.spans[batches.size() - 1 - i];  // the newest is found first
    EXPECT_EQ(found.resources[span.resource], batches[i].resources[0]) << i;
  }
  EXPECT_EQ(found.resources.size(), 3u);
}

TEST(HeadShard, more_resources_than_are_known_by_their_messages_are_told_apart) {
  constexpr size_t kResources = kKnownResourcesMax + 10;
  std::vector<SpanBatch> batches;
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < kResources; ++i) batches.push_back(batch_of(std::to_string(i), ""));
  }
  auto shard = shard_of(batches);
  EXPECT_EQ(shard->view().resources.size(), kResources);
  EXPECT_EQ(shard->view().services.size(), kResources);
}

}  // namespace
}  // namespace spoor::store
