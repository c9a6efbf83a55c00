// Finds cores, caches and limits through /proc, /sys and the affinity mask.
#include "cpu/topology.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "cpu/processor.h"

namespace tilewright::cpu {
namespace {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string_view trim(std::string_view text) {
  const char* spaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Where the process stands in one hierarchy: its path, and where that is mounted.
struct Group {
  std::string mount;
  std::string path;
};

// The hierarchy that governs `controller`: v2 (a line "0::/path") or v1 ("4:cpu,cpuacct:/path").
std::vector<Group> find_groups(const ReadFile& read, std::string_view controller) {
  std::vector<Group> groups;
  std::istringstream lines(read("/proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (names.empty()) {
      groups.push_back({"/sys/fs/cgroup", path});
      groups.push_back({"/sys/fs/cgroup/unified", path});
      continue;
    }
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ',');) {
      if (name != controller) continue;
      groups.push_back({"/sys/fs/cgroup/" + names, path});
      groups.push_back({"/sys/fs/cgroup/" + name, path});
    }
  }
  return groups;
}

// Call `visit` with the folder of the process in each hierarchy and with all folders above it:
// each may limit. Inside a container the path may be the host's, with only its top mounted.
template <class Visit>
void for_each_folder(const ReadFile& read, std::string_view controller, Visit visit) {
  for (const Group& group : find_groups(read, controller)) {
    std::string path = group.path;
    for (;;) {
      while (!path.empty() && path.back() == '/') path.pop_back();
      visit(group.mount + path);
      if (path.empty()) break;
      path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
  }
}

template <class T>
void keep_smaller(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

cpu_set_t affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    // More processors than the set can name: count them all, up to its size.
    const long online = std::clamp(sysconf(_SC_NPROCESSORS_ONLN), 1L, long{CPU_SETSIZE});
    for (int i = 0; i < online; ++i) CPU_SET(static_cast<std::size_t>(i), &set);
  }
  return set;
}

// The path of a file that the system keeps about a processor.
std::string processor_file(int processor, const std::string& name) {
  std::string path = "/sys/devices/system/cpu/cpu";
  path += std::to_string(processor);
  path += '/';
  path += name;
  return path;
}

// Two processors with the same package and core are threads of one core.
int count_cores(const cpu_set_t& set) {
  std::set<std::pair<std::string, std::string>> cores;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (!CPU_ISSET(static_cast<std::size_t>(i), &set)) continue;
    const auto core = read_file(processor_file(i, "topology/core_id"));
    const auto package = read_file(processor_file(i, "topology/physical_package_id"));
    if (!core || !package) return std::max(1, CPU_COUNT(&set));
    cores.emplace(*package, *core);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

std::vector<Cache> find_caches() {
  std::vector<Cache> caches;
  for (int i = 0; i < 8; ++i) {
    const std::string index = "cache/index" + std::to_string(i);
    const auto level = read_file(processor_file(0, index + "/level"));
    const auto size = read_file(processor_file(0, index + "/size"));
    const auto type = read_file(processor_file(0, index + "/type"));
    if (!level || !size || !type || trim(*type) == "Instruction") continue;
    caches.push_back(
        {static_cast<int>(parse_integer(*level).value_or(0)), parse_cache_size(*size)});
  }
  if (caches.empty()) caches = caches_by_instruction();
  std::sort(caches.begin(), caches.end(),
            [](const Cache& a, const Cache& b) { return a.level < b.level; });
  return caches;
}

std::int64_t find_memory() {
  std::int64_t bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  if (const auto limit = cgroup_memory_limit(read_file)) bytes = std::min(bytes, *limit);
  return bytes;
}

Topology find_topology() {
  Processor processor = identify_processor();
  return {.cores = count_cores(affinity()),
          .threads = usable_threads(),
          .caches = find_caches(),
          .features = std::move(processor.features),
          .level = std::move(processor.level),
          .vendor = std::move(processor.vendor),
          .model = std::move(processor.model),
          .memory_bytes = find_memory()};
}

}  // namespace

const Topology& topology() {
  static const Topology found = find_topology();
  return found;
}

int available_cores() {
  const cpu_set_t set = affinity();
  return std::max(1, CPU_COUNT(&set));
}

int usable_threads() {
  const int cores = available_cores();
  const std::optional<double> limit = cgroup_cpu_limit(read_file);
  if (!limit) return cores;
  // Rounded up: a share of 1.5 processors is better used by two threads than by one.
  return std::clamp(static_cast<int>(std::ceil(std::min(*limit, 1e6))), 1, cores);
}

std::optional<double> cgroup_cpu_limit(const ReadFile& read) {
  std::optional<double> limit;
  for_each_folder(read, "cpu", [&](const std::string& folder) {
    std::optional<std::int64_t> quota, period;
    if (const auto both = read(folder + "/cpu.max")) {  // "50000 100000" or "max 100000"
      const std::string_view text = trim(*both);
      const std::size_t space = text.find(' ');
      quota = parse_integer(text.substr(0, space));
      period = space == std::string_view::npos ? 100'000 : parse_integer(text.substr(space));
    } else {
      quota = parse_integer(read(folder + "/cpu.cfs_quota_us").value_or(""));
      period = parse_integer(read(folder + "/cpu.cfs_period_us").value_or(""));
    }
    if (!quota || !period || *quota <= 0 || *period <= 0) return;
    keep_smaller(limit, static_cast<double>(*quota) / static_cast<double>(*period));
  });
  return limit;
}

std::optional<std::int64_t> cgroup_memory_limit(const ReadFile& read) {
  std::optional<std::int64_t> limit;
  for_each_folder(read, "memory", [&](const std::string& folder) {
    auto text = read(folder + "/memory.max");
    if (!text) text = read(folder + "/memory.limit_in_bytes");
    const auto bytes = parse_integer(text.value_or(""));
    // v1 writes "no limit" as a number near 2^63.
    if (bytes && *bytes > 0 && *bytes < (std::int64_t{1} << 60)) keep_smaller(limit, *bytes);
  });
  return limit;
}

std::int64_t parse_cache_size(std::string_view text) {
  text = trim(text);
  if (text.empty()) return 0;
  const char unit = text.back();
  const int shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
  if (shift != 0) text.remove_suffix(1);
  const auto value = parse_integer(text);
  return value && *value > 0 && *value < (std::int64_t{1} << 30) ? *value << shift : 0;
}

}  // namespace tilewright::cpu
