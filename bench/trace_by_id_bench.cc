// How long a trace by id takes a client that keeps its connection: asks a running server for each
// id, several rounds over, and prints the median and the 99th percentile in milliseconds.
//
//   trace_by_id_bench HOST PORT ROUNDS < "ID SPANS" lines, as `corpus stat -ids` prints them
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"

namespace spoor {
namespace {

using Clock = std::chrono::steady_clock;

template <typename Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> read_ids() {
  std::vector<std::string> ids;
  std::string id, spans;
  while (std::cin >> id >> spans) ids.push_back(id);
  return ids;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

int run(const std::string& host, uint16_t port, int rounds) {
  std::vector<std::string> ids = read_ids();
  net::HttpClient client(host, port);
  const std::vector<net::Header> headers = {{"accept", "application/protobuf"}};
  std::vector<double> milliseconds;
  size_t bytes = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& id : ids) {
      auto started = Clock::now();
      auto response = client.request("GET", "/api/traces/" + id, headers);
      std::chrono::duration<double, std::milli> taken = Clock::now() - started;
      if (!response.ok() || response->status != 200) {
        std::fprintf(stderr, "trace %s: %s\n", id.c_str(),
                     response.ok() ? response->body.c_str() : response.status().message().c_str());
        return 1;
      }
      milliseconds.push_back(taken.count());
      bytes += response->body.size();
    }
  }
  if (milliseconds.empty()) return 1;
  std::ranges::sort(milliseconds);
  std::printf("requests=%zu p50_ms=%.3f p99_ms=%.3f max_ms=%.3f bytes=%zu\n", milliseconds.size(),
              percentile(milliseconds, 0.5), percentile(milliseconds, 0.99), milliseconds.back(),
              bytes / milliseconds.size());
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: trace_by_id_bench HOST PORT ROUNDS < ids\n");
    return 2;
  }
  return spoor::run(argv[1], spoor::number<uint16_t>(argv[2]), spoor::number<int>(argv[3]));
}
