#include "os/resources.h"

#include <gtest/gtest.h>

#include "os/real_world.h"
#include "support/temp_directory.h"

namespace spoor::os {
namespace {

// A machine with 8 GiB, written as files.
class FakeMachine {
 public:
  FakeMachine() { write("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree:  1 kB\n"); }

  void write(const std::string& path, std::string_view content) {
    std::string whole = directory_.path() + path;
    SPOOR_ASSERT(world_.create_directories(whole.substr(0, whole.rfind('/'))).ok());
    auto file = world_.open(whole, OpenMode::CreateNew);
    SPOOR_ASSERT(file.ok() && (*file)->write_at(0, content).ok());
  }
  const std::string& root() const { return directory_.path(); }
  Resources detect() const { return detect_resources(root()); }

 private:
  test::TempDirectory directory_;
  RealWorld world_;
};

constexpr uint64_t kMiB = 1024 * 1024;

TEST(Resources, without_groups_the_machine_counts) {
  Resources resources = FakeMachine().detect();
  EXPECT_EQ(resources.memory_bytes, 8192 * kMiB);
  EXPECT_EQ(resources.memory_source, "machine");
  EXPECT_GE(resources.cores, 1u);
}

TEST(Resources, the_smallest_limit_of_the_group_and_its_parents_holds) {
  FakeMachine machine;
  machine.write("/proc/self/cgroup", "0::/a/b\n");
  machine.write("/sys/fs/cgroup/a/memory.max", "536870912\n");
  machine.write("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  machine.write("/sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
  Resources resources = machine.detect();
  EXPECT_EQ(resources.memory_bytes, 512 * kMiB);
  EXPECT_EQ(resources.memory_source, machine.root() + "/sys/fs/cgroup/a/memory.max");
  EXPECT_EQ(resources.cores, 1u);
}

TEST(Resources, no_limit_and_nonsense_are_passed_over) {
  FakeMachine machine;
  machine.write("/proc/self/cgroup", "rubbish\n::\n0::/\n");
  machine.write("/sys/fs/cgroup/memory.max", "max\n");
  machine.write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(machine.detect().memory_source, "machine");
  EXPECT_EQ(machine.detect().cores_source, "machine");
}

TEST(Resources, a_part_of_a_core_counts_as_one) {
  FakeMachine machine;
  machine.write("/proc/self/cgroup", "0::/\n");
  machine.write("/sys/fs/cgroup/cpu.max", "20000 100000\n");
  EXPECT_EQ(machine.detect().cores, 1u);
}

TEST(Resources, version_1_groups_are_read_where_their_path_is_not_visible) {
  FakeMachine machine;
  machine.write("/proc/self/cgroup", "4:memory:/docker/x\n3:cpuacct,cpu:/docker/x\n");
  machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
  machine.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  machine.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(machine.detect().memory_bytes, 256 * kMiB);
  EXPECT_EQ(machine.detect().cores, 1u);

  FakeMachine unlimited;
  unlimited.write("/proc/self/cgroup", "4:memory:/\n3:cpu:/\n");
  unlimited.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  unlimited.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  unlimited.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(unlimited.detect().memory_source, "machine");
  EXPECT_EQ(unlimited.detect().cores_source, "machine");
}

TEST(ProcessFacts, are_read_from_the_fields_after_the_name) {
  FakeMachine machine;
  machine.write("/proc/self/statm", "1000 25 3 4 0 5 0\n");
  machine.write("/proc/self/fd/0", "");
  machine.write("/proc/self/fd/1", "");
  machine.write("/proc/self/stat",
                "42 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 300 0 0 0 0\n");
  machine.write("/proc/stat", "cpu 1 2\nbtime 1000\n");
  ProcessFacts facts = process_facts(machine.root());
  EXPECT_EQ(facts.resident_bytes, 25u * 4096);
  EXPECT_EQ(facts.open_descriptors, 2u);
  EXPECT_DOUBLE_EQ(facts.cpu_seconds, 2.0);  // the clock ticks 100 times a second
  EXPECT_EQ(facts.start_time.value, 1003 * kNanosPerSecond);
}

TEST(ProcessFacts, of_this_process_are_plausible) {
  ProcessFacts facts = process_facts();
  EXPECT_GT(facts.resident_bytes, 0u);
  EXPECT_GE(facts.open_descriptors, 3u);
  EXPECT_LE(facts.start_time, RealWorld().now());
  EXPECT_GE(detect_resources().cores, 1u);
  EXPECT_EQ(process_facts("/nowhere").resident_bytes, 0u);
}

}  // namespace
}  // namespace spoor::os
