#include "store/verify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/dump.h"
#include "store/file_names.h"
#include "support/store_life.h"

namespace spoor::store {
namespace {

using test::Ledger;

// A store with every kind of file: two manifests, parts of two days and two flushes, two log
// segments with records. All that was acknowledged is proven by a later record.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() : ledger_(5) {
    StoreOptions options = test::small_store(ledger_);
    options.segment_bytes = 512;
    auto store = Store::open(world_, options);
    EXPECT_TRUE(store.ok());
    for (int round = 0; round < 3; ++round) {
      append(**store, "a");
      append(**store, "b");
      if (round < 2) EXPECT_TRUE((*store)->flush().ok());
    }
    EXPECT_TRUE((*store)->sync().ok());
    append(**store, "a");
    EXPECT_TRUE((*store)->sync().ok());
    // The last record, which nothing proves, is none that the ledger expects.
    Ledger other(6);
    EXPECT_TRUE(other.append(**store, world_, other.make("z")).ok());
    EXPECT_TRUE((*store)->sync().ok());
  }

  void append(Store& store, const std::string& tenant) {
    EXPECT_TRUE(ledger_.append(store, world_, ledger_.make(tenant)).ok());
  }

  static VerifyReport verify(os::World& world) {
    auto report = verify_store(world, "/s");
    EXPECT_TRUE(report.ok()) << report.status().to_string();
    return report.ok() ? std::move(*report) : VerifyReport{};
  }

  // Opens a store in whatever state: it serves the rest and tells what is missing, or refuses.
  enum class LogTail { Whole, Cut };
  void expect_honest(os::MemoryWorld& world, LogTail tail = LogTail::Whole) {
    auto store = Store::open(world, test::small_store(ledger_));
    if (!store.ok()) return;
    size_t told = 0;
    StoreStatus status = (*store)->status();
    testing::AssertionResult agrees = ledger_.agrees_with(**store, &told);
    // What is lost from the log is told by the status, not by each answer.
    if (status.log_damages.empty() && tail == LogTail::Whole) EXPECT_TRUE(agrees);
    std::string_view message = agrees.message();
    EXPECT_FALSE(message.starts_with("foreign") || message.starts_with("twice")) << message;
  }

  std::string dump(os::World& world) {
    std::string text;
    EXPECT_TRUE(dump_store(world, "/s", [&](std::string_view piece) { text += piece; }).ok());
    return text;
  }

  Ledger ledger_;
  os::MemoryWorld world_;
};

TEST_F(VerifyTest, a_sound_store_has_no_findings_and_the_counts_are_right) {
  VerifyReport report = verify(world_);
  for (const VerifyFinding& finding : report.findings) ADD_FAILURE() << to_string(finding);
  EXPECT_EQ(report.manifests, 2u);
  EXPECT_GE(report.parts, 2u);
  EXPECT_GE(report.sections, report.parts);
  EXPECT_GT(report.spans, 0u);
  EXPECT_GT(report.traces, 0u);
  EXPECT_GE(report.records, 4u);
  EXPECT_GE(report.segments, 2u);
  EXPECT_GT(report.blocks, 15 * report.sections);
  expect_honest(world_);
}

TEST_F(VerifyTest, every_changed_byte_of_every_file_is_found) {
  uint64_t changed = 0;
  for (const std::string& path : world_.file_paths()) {
    std::string content = *world_.read_all(path);
    uint64_t used = content.find_last_not_of('\0') + 1;
    for (uint64_t offset = 0; offset < content.size(); offset += offset < used ? 1 : 64) {
      for (uint8_t mask : {0x01, 0x80}) {
        ASSERT_TRUE(world_.corrupt(path, offset, mask).ok());
        VerifyReport report = verify(world_);
        ASSERT_FALSE(report.findings.empty()) << path << " at " << offset;
        if (++changed % 10 == 0) {
          auto clone = world_.crash_clone({});
          SCOPED_TRACE(path + " at " + std::to_string(offset));
          expect_honest(*clone);
          if (changed % 50 == 0) EXPECT_FALSE(dump(*clone).empty());
        }
        ASSERT_TRUE(world_.corrupt(path, offset, mask).ok());
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(changed, 10'000u);
}

TEST_F(VerifyTest, a_truncated_file_is_found) {
  std::mt19937_64 random(3);
  for (const std::string& path : world_.file_paths()) {
    uint64_t size = world_.read_all(path)->size();
    bool is_log = path.ends_with(".log");
    uint64_t end = size;
    // The zeros at the end of the last segment may go.
    if (is_log) end = world_.read_all(path)->find_last_not_of('\0') + 1;
    for (uint64_t cut = 0; cut < end; cut += 1 + random() % 40) {
      auto clone = world_.crash_clone({});
      ASSERT_TRUE((*clone->open(path, os::OpenMode::Write))->truncate(cut).ok());
      SCOPED_TRACE(path + " to " + std::to_string(cut));
      // A log that ends between two records looks whole, unless something proves there was more.
      if (!is_log) EXPECT_FALSE(verify(*clone).findings.empty());
      expect_honest(*clone, is_log ? LogTail::Cut : LogTail::Whole);
      EXPECT_FALSE(dump(*clone).empty());
      if (HasFailure()) return;
    }
  }
}

TEST_F(VerifyTest, a_missing_file_is_found) {
  auto paths = world_.file_paths();
  std::string last_segment = *std::ranges::max_element(paths, {}, [](const std::string& path) {
    return path.ends_with(".log") ? path : std::string();
  });
  for (const std::string& path : paths) {
    auto clone = world_.crash_clone({});
    ASSERT_TRUE(clone->remove_file(path).ok());
    SCOPED_TRACE(path);
    bool is_needed = !path.ends_with("LOCK") && path != last_segment &&
                     path != manifest_path("/s", 2);  // the older one is a spare
    if (is_needed && !path.starts_with("/s/manifest")) {
      EXPECT_FALSE(verify(*clone).is_sound());
    }
    expect_honest(*clone, path == last_segment ? LogTail::Cut : LogTail::Whole);
    dump(*clone);
  }
}

TEST_F(VerifyTest, swapped_and_foreign_part_files_are_found) {
  std::vector<std::string> parts;
  for (const std::string& path : world_.file_paths()) {
    if (path.ends_with(".part")) parts.push_back(path);
  }
  ASSERT_GE(parts.size(), 2u);
  auto put = [](os::MemoryWorld& world, const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(world.remove_file(path).ok());
    ASSERT_TRUE((*world.open(path, os::OpenMode::CreateNew))->write_at(0, bytes).ok());
  };
  for (int both = 0; both < 2; ++both) {
    auto clone = world_.crash_clone({});
    put(*clone, parts[0], *world_.read_all(parts[1]));
    if (both == 1) put(*clone, parts[1], *world_.read_all(parts[0]));
    EXPECT_FALSE(verify(*clone).is_sound());
    auto store = Store::open(*clone, test::small_store(ledger_));
    ASSERT_TRUE(store.ok());
    EXPECT_EQ((*store)->status().quarantined.size(), static_cast<size_t>(both + 1));
    size_t told = 0;
    EXPECT_TRUE(ledger_.agrees_with(**store, &told));
    EXPECT_GT(told, 0u);
  }
}

TEST_F(VerifyTest, dump_says_what_the_store_consists_of) {
  std::string text = dump(world_);
  for (std::string_view words :
       {"manifest 3", "tenant 1 a", "section of tenant", "span id", "(trace index)",
        "bytes of all parts", "record to", "templates:", "(template edges)"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  EXPECT_EQ(text.find("!"), std::string::npos) << text;
  EXPECT_EQ(dump_store(world_, "/nothing", [](std::string_view) {}).code(), Code::NotFound);
  EXPECT_EQ(verify_store(world_, "/nothing").status().code(), Code::NotFound);
}

}  // namespace
}  // namespace spoor::store
