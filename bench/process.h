// What a benchmark asks of its own process and reads from its command line.
#pragma once

#include <sys/resource.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>

namespace spoor::bench {

inline double nanos_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Of all threads since the start.
inline double cpu_nanos() {
  return nanos_of(CLOCK_PROCESS_CPUTIME_ID);
}

// Of the calling thread.
inline double thread_cpu_nanos() {
  return nanos_of(CLOCK_THREAD_CPUTIME_ID);
}

inline double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// 0 for what is no number.
inline uint64_t count_of(const char* text) {
  uint64_t number = 0;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

}  // namespace spoor::bench
