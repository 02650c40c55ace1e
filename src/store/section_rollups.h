// The rollups of one section, for reading. Names and the directory of pages are loaded as a
// whole; pages are read when their minutes are asked for. Immutable, thread-safe; the calls of
// its edges are kept once they were read, where they are not very many.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "store/part_file.h"
#include "store/part_format.h"
#include "store/rollup_format.h"

namespace spoor::store {

class SectionRollups {
 public:
  // `section` is one of the file's.
  static Result<std::shared_ptr<const SectionRollups>> load(std::shared_ptr<const PartFile> file,
                                                            const PartSection& section,
                                                            const SectionFooter& footer);

  // By code.
  std::span<const Operation> operations() const { return operations_; }
  std::span<const Edge> edges() const { return edges_; }
  const RollupDirectory& directory() const { return directory_; }

  // The services of its spans, sorted.
  std::span<const std::string_view> services() const { return services_; }
  // Codes of the service's operations that have a name, ordered by name and kind.
  std::span<const uint32_t> operations_of(std::string_view service) const;
  // Whether there are operations without a name, and without a service.
  bool has_other_operations() const { return has_other_operations_; }
  bool has_operations_of_any_service() const { return has_operations_of_any_service_; }
  // Whether a span started in a minute that the range touches, as far as pages tell.
  bool touches(const TimeRange& range) const;

  // The cells of the pages that touch the range, and of these minutes only.
  Status visit_operations(const TimeRange& range, const OperationVisitor& visitor) const;
  // The same page by page, the cells of each in order of minutes.
  using OperationCellsHandler =
      std::function<void(std::span<const OperationCell>, const OperationCells& page)>;
  Status visit_operation_cells(const TimeRange& range, const OperationCellsHandler& handler) const;
  Status visit_edges(const TimeRange& range, const EdgeVisitor& visitor) const;

  struct EdgeCalls {
    uint32_t minute;  // below 2^29 for every time that a span can have
    uint32_t code;
    uint64_t calls;
    uint64_t failed;
  };
  using EdgeCallsHandler = std::function<void(const EdgeCalls&)>;
  // What visit_edges() gives, without durations.
  Status visit_edge_calls(const TimeRange& range, const EdgeCallsHandler& handler) const
      SPOOR_EXCLUDES(mutex_);

 private:
  SectionRollups(std::shared_ptr<const PartFile> file, const PartSection& section)
      : file_(std::move(file)), section_(section) {}
  Status load_names(const SectionFooter& footer);
  Result<std::string_view> read_kept(const BlockRef& block);
  template <typename Cell>
  Status read_page(const RollupPage& page, size_t codes, Cells<Cell>& cells) const;
  Result<std::shared_ptr<const std::vector<EdgeCalls>>> edge_calls(const TimeRange& range) const
      SPOOR_EXCLUDES(mutex_);

  std::shared_ptr<const PartFile> file_;
  PartSection section_;
  std::vector<std::vector<char>> blocks_;  // what names point into
  RollupDirectory directory_;
  std::vector<Operation> operations_;
  std::vector<Edge> edges_;
  std::vector<std::string_view> services_;
  std::vector<uint32_t> by_service_;  // codes of operations that have a name
  bool has_other_operations_ = false;
  bool has_operations_of_any_service_ = false;

  mutable Mutex mutex_;
  mutable std::shared_ptr<const std::vector<EdgeCalls>> edge_calls_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::store
