#include "os/resources.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace spoor::os {
namespace {

// The kernel's files of this kind are a few hundred bytes; /proc/stat of a large machine is more,
// but what is read of it comes early enough or is not needed.
constexpr size_t kFileBytesMax = 256 * 1024;
// "No limit" in cgroup v1 is a number near 2^63.
constexpr uint64_t kNoLimitBytes = uint64_t{1} << 60;

std::optional<std::string> read_text(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  char buffer[4096];
  ssize_t count;
  while (text.size() < kFileBytesMax && (count = ::read(descriptor, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  ::close(descriptor);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::optional<uint64_t> parse_number(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<uint64_t> read_number(const std::string& path) {
  std::optional<std::string> text = read_text(path);
  return text ? parse_number(*text) : std::nullopt;
}

// The number in the line "name:   123 kB" or "name 123".
std::optional<uint64_t> number_of_line(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name)) continue;
    std::vector<std::string_view> words = split(line.substr(name.size()), ' ');
    if (!words.empty()) return parse_number(words.front());
  }
  return std::nullopt;
}

// Keeps the smallest limit and where it was found.
struct Limit {
  uint64_t value;
  std::string source;

  void lower_to(std::optional<uint64_t> candidate, const std::string& path) {
    if (!candidate || *candidate == 0 || *candidate >= value) return;
    value = *candidate;
    source = path;
  }
};

// cpu.max: "150000 100000" or "max 100000". Parts of a core count as one.
std::optional<uint64_t> cores_of_quota(std::optional<uint64_t> quota,
                                       std::optional<uint64_t> period) {
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return (*quota + *period - 1) / *period;
}

void read_group(const std::string& directory, Limit& memory, Limit& cores) {
  memory.lower_to(read_number(directory + "/memory.max"), directory + "/memory.max");
  std::optional<std::string> quota = read_text(directory + "/cpu.max");
  if (!quota) return;
  std::vector<std::string_view> words = split(*quota, ' ');
  if (words.size() < 2) return;
  cores.lower_to(cores_of_quota(parse_number(words[0]), parse_number(words[1])),
                 directory + "/cpu.max");
}

void read_group_v1_memory(const std::string& directory, Limit& memory) {
  std::string path = directory + "/memory.limit_in_bytes";
  std::optional<uint64_t> limit = read_number(path);
  if (limit && *limit < kNoLimitBytes) memory.lower_to(limit, path);
}

void read_group_v1_cpu(const std::string& directory, Limit& cores) {
  // A quota of -1 is no number of ours: no limit.
  std::string path = directory + "/cpu.cfs_quota_us";
  cores.lower_to(cores_of_quota(read_number(path), read_number(directory + "/cpu.cfs_period_us")),
                 path);
}

// Calls with the group's directory and all above it, up to `mount`. Inside a container the path
// may be that of the host, which is not visible: the mount itself is the group then.
template <typename Read>
void for_group_and_parents(const std::string& mount, std::string_view group, Read read) {
  std::string path(group == "/" ? "" : group);
  while (true) {
    read(mount + path);
    size_t slash = path.rfind('/');
    if (slash == std::string::npos) break;
    path.resize(slash);
  }
}

// One line of /proc/self/cgroup: "4:memory:/a/b" or, for version 2, "0::/a/b".
void read_group_line(const std::string& root, std::string_view line, Limit& memory, Limit& cores) {
  size_t first = line.find(':');
  size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return;
  std::string_view controllers = line.substr(first + 1, second - first - 1);
  std::string_view group = line.substr(second + 1);
  std::string mount = root + "/sys/fs/cgroup";
  if (controllers.empty()) {
    for_group_and_parents(mount, group,
                          [&](const std::string& at) { read_group(at, memory, cores); });
    return;
  }
  for (std::string_view controller : split(controllers, ',')) {
    if (controller == "memory") {
      for_group_and_parents(mount + "/memory", group,
                            [&](const std::string& at) { read_group_v1_memory(at, memory); });
    }
    if (controller == "cpu") {
      for_group_and_parents(mount + "/cpu", group,
                            [&](const std::string& at) { read_group_v1_cpu(at, cores); });
    }
  }
}

uint64_t machine_memory(const std::string& root) {
  std::string text = read_text(root + "/proc/meminfo").value_or("");
  std::optional<uint64_t> kilobytes = number_of_line(text, "MemTotal:");
  if (kilobytes) return *kilobytes * 1024;
  return static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

uint64_t machine_cores() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<uint64_t>(std::max(CPU_COUNT(&allowed), 1));
  }
  return static_cast<uint64_t>(std::max<long>(::sysconf(_SC_NPROCESSORS_ONLN), 1));
}

uint64_t count_entries(const std::string& path) {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (directory == nullptr) return 0;
  uint64_t count = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

}  // namespace

Resources detect_resources(const std::string& root) {
  Limit memory{machine_memory(root), "machine"};
  Limit cores{machine_cores(), "machine"};
  std::string groups = read_text(root + "/proc/self/cgroup").value_or("");
  for (std::string_view line : split(groups, '\n')) read_group_line(root, line, memory, cores);
  return {memory.value, memory.source, static_cast<uint32_t>(cores.value), cores.source};
}

ProcessFacts process_facts(const std::string& root) {
  ProcessFacts facts;
  std::string memory = read_text(root + "/proc/self/statm").value_or("");
  std::vector<std::string_view> pages = split(memory, ' ');
  if (pages.size() > 1) {
    facts.resident_bytes =
        parse_number(pages[1]).value_or(0) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  facts.open_descriptors = count_entries(root + "/proc/self/fd");

  // The command's name in field 2 may hold anything; the fields after its closing bracket do
  // not. Counted from there: utime 11, stime 12, starttime 19 (proc(5): 14, 15, 22).
  std::string text = read_text(root + "/proc/self/stat").value_or("");
  size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return facts;
  std::vector<std::string_view> fields = split(std::string_view(text).substr(bracket + 1), ' ');
  if (fields.size() < 20) return facts;
  double ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  uint64_t cpu_ticks = parse_number(fields[11]).value_or(0) + parse_number(fields[12]).value_or(0);
  facts.cpu_seconds = static_cast<double>(cpu_ticks) / ticks_per_second;

  std::string machine = read_text(root + "/proc/stat").value_or("");
  std::optional<uint64_t> boot_seconds = number_of_line(machine, "btime");
  std::optional<uint64_t> start_ticks = parse_number(fields[19]);
  if (boot_seconds && start_ticks) {
    double nanos = static_cast<double>(*start_ticks) / ticks_per_second * kNanosPerSecond;
    facts.start_time = {*boot_seconds * kNanosPerSecond + static_cast<uint64_t>(nanos)};
  }
  return facts;
}

}  // namespace spoor::os
