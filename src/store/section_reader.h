// One tenant's section of a part, for reading: finds traces by id and brings back their spans.
// Immutable and thread-safe; metadata is loaded on first use and kept.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/recent.h"
#include "model/model.h"
#include "store/group_templates.h"
#include "store/limits.h"
#include "store/listed_rows.h"
#include "store/part_file.h"
#include "store/recent_blocks.h"
#include "store/row_group_layout.h"
#include "store/section_filters.h"
#include "store/section_metadata.h"
#include "store/template_edges.h"

namespace spoor::store {

// A trace of the section: its rows are [first_row, first_row + rows) of the section.
struct TracePlace {
  TraceId id;
  uint64_t first_row = 0;
  uint32_t rows = 0;
  uint64_t start = 0;
  uint8_t flags = 0;
};

class SectionRollups;  // section_rollups.h
struct SectionKeys;    // section_catalogue.h

class SectionReader : public std::enable_shared_from_this<SectionReader> {
 public:
  // Blocks are looked for in `recent` and kept there; none: always read anew. REQUIRES: `section`
  // is one of the file's.
  static Result<std::shared_ptr<SectionReader>> open(
      std::shared_ptr<const PartFile> file, const PartSection& section,
      std::shared_ptr<RecentBlocks> recent = nullptr);

  // Appends the trace's spans to `result`, all or none; nothing if it is not here.
  Status find(const TraceId& trace_id, SpanBatch& result);

  // Where the trace lies, if it is here.
  Result<std::optional<TracePlace>> locate(const TraceId& trace_id);
  // Calls take(i, place) for each of the ids that is here. Each page of the index is read once.
  // REQUIRES: ids ascend by hash.
  using TakePlace = std::function<void(size_t i, const TracePlace& place)>;
  Status locate_all(std::span<const TraceId> trace_ids, const TakePlace& take);
  // Which of the ids are here. REQUIRES: as of locate_all().
  Result<std::vector<uint8_t>> contains(std::span<const TraceId> trace_ids);

  template <typename T>
  using Shared = std::shared_ptr<const T>;
  // Of a row group: where its values lie, what it says of its templates. `metadata` is this one's.
  Result<Shared<RowGroupLayout>> row_group_layout(const SectionMetadata& metadata,
                                                  size_t group) const;
  Result<Shared<std::vector<GroupTemplate>>> group_templates(const SectionMetadata& metadata,
                                                             size_t group) const;
  // Its listed rows and the edges between its templates, which are `templates`. REQUIRES: its
  // RowGroupRef has the block.
  Result<Shared<std::vector<ListedRow>>> listed_rows(std::span<const GroupTemplate> templates,
                                                     size_t group) const;
  Result<Shared<std::vector<TemplateEdge>>> template_edges(std::span<const GroupTemplate> templates,
                                                           size_t group) const;
  // The checked bytes of a page.
  Result<Shared<std::string>> page(const BlockRef& block) const;
  // The traces here of which the other section has a fragment too, by their first rows, ascending.
  // What was found is kept, for the other's question too.
  Result<Shared<std::vector<uint64_t>>> traces_shared_with(SectionReader& other);

  // What the filters of its texts say. Lives as long as the reader.
  SectionFilters& filters() { return *filters_; }

  // All traces of the section in its order.
  Result<std::vector<TracePlace>> traces();

  // Reads all traces one after another, each page once. The batch is only lent: the next trace
  // takes its place. Stops at the first error.
  using TraceHandler = std::function<Status(const TracePlace& place, const SpanBatch& batch)>;
  Status scan(const TraceHandler& handler);

  // Where the pages of the trace table and of the trace index lie.
  struct Directories {
    std::vector<BlockRef> trace_pages;
    std::vector<uint64_t> first_rows;  // of each trace page
    uint64_t traces = 0;
    std::vector<BlockRef> index_pages;
  };
  Result<std::shared_ptr<const Directories>> directories() SPOOR_EXCLUDES(mutex_);

  // The traces of one page of the trace table.
  Result<std::vector<TracePlace>> read_trace_page(const Directories& directories,
                                                  size_t page) const;
  // The same for who is likely not to be the last to ask.
  Result<Shared<std::vector<TracePlace>>> trace_page(const Directories& directories,
                                                     size_t page) const;

  // That no other reader of the process has or had.
  uint64_t number() const { return number_; }
  const PartSection& section() const { return section_; }
  const SectionFooter& footer() const { return footer_; }
  const PartFile& file() const { return *file_; }
  Result<std::shared_ptr<const SectionMetadata>> metadata() SPOOR_EXCLUDES(mutex_);
  Result<std::shared_ptr<const SectionRollups>> rollups() SPOOR_EXCLUDES(mutex_);
  Result<std::shared_ptr<const SectionKeys>> keys() SPOOR_EXCLUDES(mutex_);

 private:
  SectionReader(std::shared_ptr<const PartFile> file, const PartSection& section,
                std::shared_ptr<RecentBlocks> recent)
      : file_(std::move(file)),
        section_(section),
        recent_(std::move(recent)),
        shared_traces_(kSharedTracesBytesMax) {}
  static uint64_t new_number();
  // What load() gives, unless it is still here.
  template <typename T, typename Load>
  Result<Shared<T>> recent(BlockKind kind, uint64_t place, const Load& load) const;
  Status damaged(std::string_view what) const;
  // The trace in a page of the index.
  Result<std::optional<TracePlace>> find_in_page(const Directories& directories,
                                                 std::string_view page, const TraceId& trace_id);

  std::shared_ptr<const PartFile> file_;
  PartSection section_;
  const std::shared_ptr<RecentBlocks> recent_;
  const uint64_t number_ = new_number();
  SectionFooter footer_;
  struct HashNumber {
    size_t operator()(uint64_t number) const { return hash_mix(number, 0); }
  };
  Recent<uint64_t, std::vector<uint64_t>, HashNumber> shared_traces_;  // by the other's number
  std::unique_ptr<SectionFilters> filters_;
  Mutex mutex_;
  std::shared_ptr<const SectionMetadata> metadata_ SPOOR_GUARDED_BY(mutex_);
  std::shared_ptr<const Directories> directories_ SPOOR_GUARDED_BY(mutex_);
  std::shared_ptr<const SectionRollups> rollups_ SPOOR_GUARDED_BY(mutex_);
  std::shared_ptr<const SectionKeys> keys_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::store
