#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "store/store_state.h"

namespace spoor::store {
namespace {

uint64_t end_of(Day day) {
  return (uint64_t{day.value} + 1) * kNanosPerDay;
}

// Days that hold data, oldest first.
std::vector<Day> days_of(const Manifest& manifest) {
  std::vector<Day> days;
  for (const ManifestPart& part : manifest.parts) {
    if (days.empty() || days.back() != part.day) days.push_back(part.day);
  }
  return days;
}

uint64_t bytes_of(const Manifest& manifest) {
  uint64_t bytes = 0;
  for (const ManifestPart& part : manifest.parts) bytes += part.size_bytes;
  return bytes;
}

}  // namespace

uint64_t Store::State::free_reserve(const os::DiskSpace& space) const {
  if (options.free_bytes_reserve) return *options.free_bytes_reserve;
  return std::min(kFreeReserveBytes, space.total_bytes / 100 * kFreeReservePercent);
}

// One day at a time: what is free is known only after its files are gone.
Result<bool> Store::State::drop_oldest_day_if_due(const std::optional<os::DiskSpace>& space) {
  Manifest in_force = manifest_in_force();
  std::vector<Day> days = days_of(in_force);
  if (days.size() <= kDaysKept) return false;
  // ST-13: a clock that is ahead drops nothing before data of a later day has come.
  uint64_t now = std::min(world.now().value, end_of(days[days.size() - kDaysKept]));
  uint64_t bytes = bytes_of(in_force);
  std::string_view reason;
  if (now > options.retention_nanos && end_of(days.front()) <= now - options.retention_nanos) {
    reason = "older than the retention";
  } else if (options.retention_bytes != 0 && bytes > options.retention_bytes) {
    reason = "more bytes than the retention allows";
  } else if (space && options.retention_disk_percent != 0 &&
             bytes > space->total_bytes / 100 * options.retention_disk_percent) {
    reason = "more of the disk than the retention allows";
  } else if (space && space->available_bytes < free_reserve(*space)) {
    reason = "free space is under the reserve";
  }
  if (reason.empty()) return false;
  SPOOR_TRY(drop_day(days.front(), reason));
  return true;
}

Status Store::State::drop_day(Day day, std::string_view reason) {
  Manifest next = manifest_in_force();
  ++next.generation;
  std::vector<ManifestPart> gone;
  uint64_t spans = 0, bytes = 0;
  std::erase_if(next.parts, [&](const ManifestPart& part) {
    if (part.day != day) return false;
    gone.push_back(part);
    spans += part.spans;
    bytes += part.size_bytes;
    return true;
  });
  SPOOR_ASSERT(!gone.empty() && !next.parts.empty());
  SPOOR_TRY(commit(std::move(next), Commit::PartsOnly));
  log_info("day dropped", {{"day", to_string(day)},
                           {"reason", std::string(reason)},
                           {"spans", std::to_string(spans)},
                           {"bytes", std::to_string(bytes)}});
  {
    MutexLock guard(mutex);
    ++retention.dropped_days;
    retention.dropped_spans += spans;
    retention.dropped_bytes += bytes;
  }
  let_go(std::move(gone));
  return {};
}

Status Store::State::retain() {
  MutexLock flushing(flush_mutex);
  while (true) {
    std::optional<os::DiskSpace> space;
    auto known = world.disk_space(options.path);
    if (known.ok()) space = *known;
    Result<bool> dropped = drop_oldest_day_if_due(space);
    bool is_low = space && space->available_bytes < free_reserve(*space);
    if (dropped.ok() && *dropped) continue;
    if (is_disk_low.exchange(is_low) != is_low) {
      if (is_low) {
        log_error(
            "free space is under the reserve: new spans are refused; free space or lower "
            "storage.min-free",
            {{"free", std::to_string(space->available_bytes)},
             {"reserve", std::to_string(free_reserve(*space))}});
      } else {
        log_info("there is free space again: new spans are taken");
      }
    }
    return dropped.status();
  }
}

Status Store::retain() {
  return state_->retain();
}

}  // namespace spoor::store
