// What containers limit, read from invented files; and that the real machine makes sense.
#include <map>

#include "cpu/topology.h"
#include "tests/check.h"

namespace tilewright {
namespace {

using Files = std::map<std::string, std::string>;

cpu::ReadFile reader(const Files& files) {
  return [files](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
}

std::optional<double> cpu_limit(const Files& files) { return cpu::cgroup_cpu_limit(reader(files)); }

TEST(no_cgroup_is_no_limit) {
  CHECK(!cpu_limit({}));
  CHECK(!cpu_limit({{"/proc/self/cgroup", "nonsense\n\n:::\n"}}));
  CHECK(
      !cpu_limit({{"/proc/self/cgroup", "0::/a\n"}, {"/sys/fs/cgroup/a/cpu.max", "max 100000\n"}}));
  CHECK(!cpu_limit({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "x y\n"}}));
}

TEST(version_2_limits_at_every_level) {
  CHECK(cpu_limit({{"/proc/self/cgroup", "0::/a/b\n"},
                   {"/sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"},
                   {"/sys/fs/cgroup/a/cpu.max", "150000 100000\n"}}) == 1.5);
  CHECK(cpu_limit({{"/proc/self/cgroup", "0::/host/path\n"},
                   {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}) == 2.0);
  CHECK(cpu_limit({{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "50000\n"}}) == 0.5);
}

TEST(version_1_limits) {
  const std::string groups = "5:memory:/m\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/\n";
  CHECK(cpu_limit({{"/proc/self/cgroup", groups},
                   {"/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "300000\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n"}}) == 3.0);
  CHECK(!cpu_limit({{"/proc/self/cgroup", groups},
                    {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
                    {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}));
  CHECK(cpu::cgroup_memory_limit(
            reader({{"/proc/self/cgroup", groups},
                    {"/sys/fs/cgroup/memory/m/memory.limit_in_bytes", "1048576\n"},
                    {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}})) ==
        1048576);
}

TEST(memory_limit_of_version_2) {
  CHECK(cpu::cgroup_memory_limit(reader({{"/proc/self/cgroup", "0::/\n"},
                                         {"/sys/fs/cgroup/memory.max", "max\n"}})) == std::nullopt);
  CHECK(cpu::cgroup_memory_limit(reader(
            {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/memory.max", "4096\n"}})) == 4096);
}

TEST(cache_sizes_have_units) {
  CHECK(cpu::parse_cache_size("32K\n") == 32768);
  CHECK(cpu::parse_cache_size("36M") == 36 << 20);
  CHECK(cpu::parse_cache_size("512") == 512);
  CHECK(cpu::parse_cache_size("") == 0 && cpu::parse_cache_size("K") == 0);
  CHECK(cpu::parse_cache_size("-1K") == 0);
}

TEST(this_machine_makes_sense) {
  const cpu::Topology& topology = cpu::topology();
  CHECK(topology.cores >= 1 && topology.threads >= 1);
  CHECK(topology.memory_bytes > (1 << 20));
  CHECK(!topology.level.empty() && !topology.vendor.empty() && !topology.model.empty());
  for (std::size_t i = 1; i < topology.caches.size(); ++i) {
    CHECK(topology.caches[i - 1].level <= topology.caches[i].level);
  }
}

}  // namespace
}  // namespace tilewright
