// One merge of parts of a day into one part: every tenant's sections, written, re-read, and not
// in force. The store puts it in force or discards it (store_merge.cc).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/world.h"
#include "store/manifest.h"
#include "store/part_set.h"
#include "store/part_writer.h"

namespace spoor::store {

class PartMerge {
 public:
  using Inputs = std::vector<std::shared_ptr<const PartSet::Part>>;
  // Asked before each trace with the bytes written so far; an error ends the merge.
  using Continue = std::function<Status(uint64_t bytes)>;

  // `output` is a number that no part ever had. REQUIRES: all inputs are of one day.
  PartMerge(os::World& world, std::string root, PartId output, Inputs inputs);
  // Removes the file unless keep() was called.
  ~PartMerge();

  // Writes all sections. `manifest` has the tenants' names.
  Status write(const Manifest& manifest, const Continue& go_on);
  // Ends the file, again if a generation came in between, and makes its name durable.
  Status finish(uint64_t generation, LogPosition log_floor);
  // Reads every byte back and compares checksums and counts.
  Status verify(const Manifest& manifest) const;
  // A manifest may name it from now on.
  void keep() { is_kept_ = true; }

  const ManifestPart& part() const { return part_; }
  const Inputs& inputs() const { return inputs_; }

 private:
  os::World& world_;
  const std::string root_;
  const Inputs inputs_;
  const std::string path_;
  ManifestPart part_;
  std::unique_ptr<PartWriter> writer_;
  bool is_kept_ = false;
};

// Those of the parts that cannot be read as they were written.
std::vector<PartId> find_damaged(os::World& world, const PartMerge::Inputs& parts,
                                 const Manifest& manifest);

}  // namespace spoor::store
