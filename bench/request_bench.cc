// How long answers take a client that keeps its connection: asks a running server for each
// target, round after round, and prints median and 99th percentile in milliseconds by name.
//
//   request_bench HOST PORT ROUNDS ACCEPT < lines of "NAME TARGET"
#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
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

struct Question {
  std::string name, target;
};

struct Answers {
  std::vector<double> milliseconds;
  size_t bytes = 0;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

int run(const std::string& host, uint16_t port, int rounds, const std::string& accept) {
  std::vector<Question> questions;
  for (Question question; std::cin >> question.name >> question.target;) {
    questions.push_back(question);
  }
  net::HttpClient client(host, port);
  const std::vector<net::Header> headers = {{"accept", accept}};
  std::map<std::string, Answers> by_name;
  for (int round = 0; round < rounds; ++round) {
    for (const Question& question : questions) {
      auto started = Clock::now();
      auto response = client.request("GET", question.target, headers);
      std::chrono::duration<double, std::milli> taken = Clock::now() - started;
      if (!response.ok() || response->status != 200) {
        std::fprintf(stderr, "%s: %s\n", question.target.c_str(),
                     response.ok() ? response->body.c_str() : response.status().message().c_str());
        return 1;
      }
      Answers& answers = by_name[question.name];
      answers.milliseconds.push_back(taken.count());
      answers.bytes += response->body.size();
    }
  }
  for (auto& [name, answers] : by_name) {
    std::ranges::sort(answers.milliseconds);
    std::printf("name=%s requests=%zu p50_ms=%.3f p99_ms=%.3f bytes=%zu\n", name.c_str(),
                answers.milliseconds.size(), percentile(answers.milliseconds, 0.5),
                percentile(answers.milliseconds, 0.99),
                answers.bytes / answers.milliseconds.size());
  }
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: request_bench HOST PORT ROUNDS ACCEPT < \"NAME TARGET\" lines\n");
    return 2;
  }
  // Bodies of megabytes take the same memory again: page faults are not the server's time.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  return spoor::run(argv[1], spoor::number<uint16_t>(argv[2]), spoor::number<int>(argv[3]),
                    argv[4]);
}
