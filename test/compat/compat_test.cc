// Every form of the store that was released is read as it was written: each directory beside this
// file is one (generate.cc).
#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/checksum.h"
#include "codec/inflate.h"
#include "os/memory_world.h"
#include "os/real_world.h"
#include "store/file_names.h"
#include "store/part_file.h"
#include "store/section_reader.h"
#include "store/store.h"
#include "store/verify.h"
#include "support/arbitrary_spans.h"
#include "wire/otlp_decode.h"

namespace spoor {
namespace {

constexpr uint64_t kFileBytesMax = 16 << 20;
constexpr std::string_view kVersions[] = {"1", "1_spreads", "1_listed_rows"};

class CompatTest : public testing::TestWithParam<std::string_view> {
 protected:
  // Copies the files into memory, where they may change.
  void copy(const std::string& path) {
    auto entries = real_.list_directory(directory_ + path);
    ASSERT_TRUE(entries.ok()) << entries.status().to_string();
    for (const std::string& entry : *entries) {
      std::string inner = path + "/" + entry;
      if (real_.list_directory(directory_ + inner).ok()) {
        ASSERT_TRUE(world_.create_directories(inner).ok());
        copy(inner);
        continue;
      }
      auto bytes = os::read_file(real_, directory_ + inner, kFileBytesMax);
      ASSERT_TRUE(bytes.ok()) << bytes.status().to_string();
      auto file = world_.open(inner, os::OpenMode::CreateNew);
      ASSERT_TRUE(file.ok()) << file.status().to_string();
      ASSERT_TRUE((*file)->write_at(0, *bytes).ok());
    }
  }

  void open() {
    ASSERT_TRUE(world_.create_directories("/store").ok());
    copy("/store");
    if (!HasFatalFailure()) reopen();
  }

  void reopen() {
    store::StoreOptions options;
    options.path = "/store";
    options.background = store::Background::Manual;
    options.decode = [](const store::LogRecord& record) -> Result<store::ReplayedBody> {
      store::ReplayedBody replayed;
      replayed.storage = record.body;
      SPOOR_ASSIGN(auto decoded, wire::decode_otlp(record.body));
      // Views must outlive the record.
      replayed.batch = test::copy_batch(decoded.batch);
      return replayed;
    };
    auto opened = store::Store::open(world_, options);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
  }

  void expect_all_spans() {
    auto packed = os::read_file(real_, directory_ + "/spans.otlp.zst", kFileBytesMax);
    ASSERT_TRUE(packed.ok()) << packed.status().to_string();
    auto body = codec::inflate(codec::ContentEncoding::Zstd, *packed, kFileBytesMax);
    ASSERT_TRUE(body.ok()) << body.status().to_string();
    auto expected = wire::decode_otlp(*body);
    ASSERT_TRUE(expected.ok());
    std::set<std::string_view> ids;
    for (const Span& span : expected->batch.spans) ids.insert(span.trace_id);
    ASSERT_GT(ids.size(), 500u);
    size_t spans = 0;
    for (std::string_view id : ids) {
      SpanBatch of_trace;
      of_trace.resources = expected->batch.resources;
      of_trace.scopes = expected->batch.scopes;
      for (const Span& span : expected->batch.spans) {
        if (span.trace_id == id) of_trace.spans.push_back(span);
      }
      auto found = store_->find_trace(TenantId::default_tenant(), TraceId::from_bytes(id));
      ASSERT_TRUE(found.ok());
      EXPECT_TRUE(found->missing.empty());
      EXPECT_TRUE(test::same_spans(of_trace, found->batch)) << to_hex(id);
      spans += found->batch.spans.size();
    }
    EXPECT_EQ(spans, expected->batch.spans.size());
  }

  os::RealWorld real_;
  os::MemoryWorld world_;
  const std::string directory_ =
      std::string(SPOOR_SOURCE_DIR) + "/test/compat/" + std::string(GetParam());
  std::unique_ptr<store::Store> store_;
};

TEST_P(CompatTest, every_span_comes_back) {
  open();
  if (HasFatalFailure()) return;
  EXPECT_TRUE(store_->status().quarantined.empty());
  EXPECT_EQ(store_->status().manifest.parts.size(), 2u);
  EXPECT_GT(store_->status().head_spans, 0u);
  expect_all_spans();
}

TEST_P(CompatTest, its_files_are_sound_and_merge_with_new_ones) {
  open();
  if (HasFatalFailure()) return;
  ASSERT_TRUE(store_->flush().ok());
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(store_->status().manifest.parts.size(), 1u);
  auto report = store::verify_store(world_, "/store");
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->is_sound());
  expect_all_spans();
}

// As a later version writes it that needs more to be known: a feature bit that is not given out.
TEST_P(CompatTest, a_section_of_a_later_version_is_refused_and_nothing_else) {
  open();
  if (HasFatalFailure()) return;
  const auto parts = store_->status().manifest.parts;
  ASSERT_EQ(parts.size(), 2u);
  store_.reset();
  {
    auto path = store::part_path("/store", parts[1].day, parts[1].id);
    auto part = store::PartFile::open(world_, path, parts[1].id, parts[1].day);
    ASSERT_TRUE(part.ok()) << part.status().to_string();
    const store::PartSection& section = (*part)->footer().sections[0];
    std::string footer = (*part)->read_block(section, section.footer).value();
    footer[0] = static_cast<char>(footer[0] | 0x40);
    append_le(footer, crc32c_at_place(section.id, section.footer.offset, footer));
    auto file = world_.open(path, os::OpenMode::Write);
    ASSERT_TRUE((*file)->write_at(section.offset + section.footer.offset, footer).ok());
  }
  reopen();
  if (HasFatalFailure()) return;
  const store::Snapshot snapshot = store_->snapshot(TenantId::default_tenant());
  ASSERT_FALSE(snapshot.missing.empty());
  EXPECT_NE(snapshot.missing[0].find("features that this version does not know: 6"),
            std::string::npos)
      << snapshot.missing[0];
  EXPECT_EQ(snapshot.sections.size(), 1u);
  // What cannot be read is never merged away.
  ASSERT_TRUE(store_->merge_all().ok());
  EXPECT_EQ(store_->status().manifest.parts.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Versions, CompatTest, testing::ValuesIn(kVersions),
                         [](const auto& version) {
                           return "version_" + std::string(version.param);
                         });

}  // namespace
}  // namespace spoor
