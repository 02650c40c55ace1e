#include "store/part_merge.h"

#include <map>

#include "base/assert.h"
#include "store/file_names.h"
#include "store/section_merge.h"
#include "store/verify_part.h"

namespace spoor::store {

PartMerge::PartMerge(os::World& world, std::string root, PartId output, Inputs inputs)
    : world_(world),
      root_(std::move(root)),
      inputs_(std::move(inputs)),
      path_(part_path(root_, inputs_.front()->place.day, output)) {
  part_.id = output;
  part_.day = inputs_.front()->place.day;
  for (const auto& input : inputs_) {
    SPOOR_ASSERT(input->place.day == part_.day && input->place.id != output);
  }
}

PartMerge::~PartMerge() {
  if (writer_ && !is_kept_) (void)world_.remove_file(path_);
}

Status PartMerge::write(const Manifest& manifest, const Continue& go_on) {
  std::map<uint32_t, std::vector<std::shared_ptr<SectionReader>>> sections;
  for (const auto& input : inputs_) {
    for (const auto& [tenant, section] : input->sections) sections[tenant].push_back(section);
  }
  SPOOR_ASSIGN(bool left_over, world_.exists(path_));
  if (left_over) SPOOR_TRY(world_.remove_file(path_));
  SPOOR_ASSIGN(writer_, PartWriter::create(world_, path_, part_.id, part_.day));
  for (const auto& [tenant, of_tenant] : sections) {
    auto name = manifest.tenants.find(tenant);
    SPOOR_ASSERT(name != manifest.tenants.end());  // ST-7
    SPOOR_TRY(writer_->add_section(
        tenant, name->second, [&](const ColumnBuilder::WriteBlock& write, BlockRef& footer) {
          SectionMerge merge(of_tenant, write, [&] { return go_on(writer_->size_bytes()); });
          return merge.run(footer);
        }));
  }
  part_.spans = writer_->spans();
  return {};
}

Status PartMerge::finish(uint64_t generation, LogPosition log_floor) {
  SPOOR_ASSERT(writer_ != nullptr && !is_kept_);
  SPOOR_ASSIGN(part_.size_bytes, writer_->finish(generation, log_floor));
  return world_.sync_directory(day_directory(root_, part_.day));
}

Status PartMerge::verify(const Manifest& manifest) const {
  VerifyReport report;
  verify_part(world_, path_, part_, manifest, VerifyDepth::Pages, report);
  return report.findings.empty() ? Status() : internal(to_string(report.findings.front()));
}

std::vector<PartId> find_damaged(os::World& world, const PartMerge::Inputs& parts,
                                 const Manifest& manifest) {
  std::vector<PartId> damaged;
  for (const auto& part : parts) {
    VerifyReport report;
    verify_part(world, part->file->path(), part->place, manifest, VerifyDepth::Pages, report);
    if (!report.findings.empty()) damaged.push_back(part->place.id);
  }
  return damaged;
}

}  // namespace spoor::store
