#include <cstdio>

#include "app/command.h"
#include "store/dump.h"
#include "store/verify.h"

namespace spoor::app {
namespace {

std::string data_path(const CommandLine& line) {
  const auto& arguments = line.options.positional();
  return arguments.empty() ? line.options.text("storage.path") : arguments[0];
}

void print_count(const char* what, uint64_t count) {
  std::printf("  %-12s %llu\n", what, static_cast<unsigned long long>(count));
}

}  // namespace

int command_verify(const CommandLine& line) {
  std::string path = data_path(line);
  auto report = store::verify_store(line.world, path);
  if (!report.ok()) return fail(report.status().message());
  std::printf("%s\n", path.c_str());
  print_count("manifests", report->manifests);
  print_count("parts", report->parts);
  print_count("sections", report->sections);
  print_count("traces", report->traces);
  print_count("spans", report->spans);
  print_count("blocks", report->blocks);
  print_count("segments", report->segments);
  print_count("records", report->records);
  print_count("bytes", report->bytes);
  for (const store::VerifyFinding& finding : report->findings) {
    std::printf("%s\n", to_string(finding).c_str());
  }
  if (!report->is_sound()) {
    return fail("the store is damaged: restore the files named above from a backup");
  }
  std::printf("sound\n");
  return 0;
}

int command_dump(const CommandLine& line) {
  Status dumped = store::dump_store(line.world, data_path(line), [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  return dumped.ok() ? 0 : fail(dumped.message());
}

}  // namespace spoor::app
