// How many spans were refused for their start time, by service: who has a wrong clock, or sends
// later than the limits allow. Shown at /status. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace spoor::ingest {

struct OutOfTime {
  uint64_t too_old = 0;
  uint64_t too_new = 0;
};
using OutOfTimeByService = std::map<std::string, OutOfTime, std::less<>>;

// Names come from senders: beyond so many all others count as one.
constexpr size_t kOutOfTimeServicesMax = 256;
constexpr std::string_view kOtherServices = "other";

// The entry of the service, or of all others.
OutOfTime& entry_of(OutOfTimeByService& counts, std::string_view service);

class OutOfTimeCounts {
 public:
  void add(const OutOfTimeByService& refused) SPOOR_EXCLUDES(mutex_);
  OutOfTimeByService read() const SPOOR_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  OutOfTimeByService counts_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::ingest
