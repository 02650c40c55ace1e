#include "ingest/out_of_time.h"

namespace spoor::ingest {

OutOfTime& entry_of(OutOfTimeByService& counts, std::string_view service) {
  auto found = counts.find(service);
  if (found != counts.end()) return found->second;
  bool is_full = counts.size() >= kOutOfTimeServicesMax;
  return counts[std::string(is_full ? kOtherServices : service)];
}

void OutOfTimeCounts::add(const OutOfTimeByService& refused) {
  if (refused.empty()) return;
  MutexLock lock(mutex_);
  for (const auto& [service, counts] : refused) {
    OutOfTime& entry = entry_of(counts_, service);
    entry.too_old += counts.too_old;
    entry.too_new += counts.too_new;
  }
}

OutOfTimeByService OutOfTimeCounts::read() const {
  MutexLock lock(mutex_);
  return counts_;
}

}  // namespace spoor::ingest
