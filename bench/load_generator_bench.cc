// Spans per second and core that `spoor load` can make, before anything is sent.
#include <cstdio>
#include <ctime>
#include <string>

#include "app/load_generator.h"

int main() {
  constexpr size_t kSpansPerRequest = 512;
  constexpr size_t kRequests = 4'000;
  spoor::app::LoadGenerator generator(1);
  std::string request;
  size_t bytes = 0;
  std::clock_t begin = std::clock();
  for (size_t i = 0; i < kRequests; ++i) {
    generator.next(kSpansPerRequest, {1'795'000'000'000'000'000 + i * 1'000'000}, request);
    bytes += request.size();
  }
  double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  double spans = static_cast<double>(kRequests * kSpansPerRequest);
  std::printf("load generator   %6.2f M spans/s  %7.1f ns/span  %5.0f B/span\n",
              spans / seconds / 1e6, seconds * 1e9 / spans, static_cast<double>(bytes) / spans);
  return 0;
}
