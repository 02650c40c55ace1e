#include "store/flush.h"

#include <algorithm>
#include <set>

#include "store/file_names.h"
#include "store/part_writer.h"

namespace spoor::store {
namespace {

struct TenantInput {
  uint32_t number;
  std::string name;
  std::unique_ptr<SectionInput> input;
};

uint32_t tenant_number(Manifest& manifest, const TenantId& tenant) {
  for (const auto& [number, name] : manifest.tenants) {
    if (name == tenant.name()) return number;
  }
  uint32_t number = manifest.tenants.empty() ? 1 : manifest.tenants.rbegin()->first + 1;
  manifest.tenants[number] = tenant.name();
  return number;
}

std::vector<TenantInput> gather(const Head& head, const Visible& visible, Manifest& manifest) {
  std::vector<TenantInput> inputs;
  for (const auto& [tenant, shards] : head.tenants()) {
    std::vector<std::shared_ptr<const HeadShard>> present;
    for (const auto& shard : shards) {
      if (shard) present.push_back(shard);
    }
    auto input = std::make_unique<SectionInput>(std::move(present), visible);
    if (input->rows().empty()) continue;
    inputs.push_back({tenant_number(manifest, tenant), tenant.name(), std::move(input)});
  }
  std::ranges::sort(inputs, {}, &TenantInput::number);
  return inputs;
}

// Fragments are ordered by start, so those of a day are neighbours.
std::span<const Fragment> fragments_of(const SectionInput& input, Day day) {
  auto fragments = input.fragments();
  auto [begin, end] = std::ranges::equal_range(
      fragments, day, {}, [](const Fragment& f) { return day_of(UnixNanos{f.start_min}); });
  return {begin, end};
}

Status write_part(os::World& world, const std::string& root, Day day,
                  std::span<const TenantInput> inputs, LogPosition log_floor, PartId id,
                  uint64_t generation, ManifestPart& part) {
  SPOOR_TRY(world.create_directories(day_directory(root, day)));
  std::string path = part_path(root, day, id);
  SPOOR_ASSIGN(bool left_over, world.exists(path));
  if (left_over) SPOOR_TRY(world.remove_file(path));
  SPOOR_ASSIGN(auto writer, PartWriter::create(world, path, id, day));
  for (const TenantInput& tenant : inputs) {
    auto fragments = fragments_of(*tenant.input, day);
    if (fragments.empty()) continue;
    SPOOR_TRY(
        writer->add_section(tenant.number, tenant.name, *tenant.input, fragments, Contexts::None));
  }
  part.id = id;
  part.day = day;
  SPOOR_ASSIGN(part.size_bytes, writer->finish(generation, log_floor));
  part.spans = writer->spans();
  return world.sync_directory(day_directory(root, day));
}

}  // namespace

Status write_parts(os::World& world, const std::string& root, const Head& head,
                   const Visible& visible, LogPosition log_floor, Manifest& next) {
  ++next.generation;
  next.log_floor = log_floor;
  std::vector<TenantInput> inputs = gather(head, visible, next);
  std::set<Day> days;
  for (const TenantInput& tenant : inputs) {
    for (const Fragment& fragment : tenant.input->fragments()) {
      days.insert(day_of(UnixNanos{fragment.start_min}));
    }
  }
  std::vector<std::string> written;
  for (Day day : days) {
    PartId id{next.next_part++};
    ManifestPart part;
    written.push_back(part_path(root, day, id));
    Status status = write_part(world, root, day, inputs, log_floor, id, next.generation, part);
    if (!status.ok()) {
      for (const std::string& path : written) (void)world.remove_file(path);
      return status;
    }
    next.parts.push_back(part);
  }
  std::ranges::sort(next.parts, {}, [](const ManifestPart& p) { return std::pair(p.day, p.id); });
  return {};
}

}  // namespace spoor::store
