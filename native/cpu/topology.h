// What the processor is and how much of it is ours: cores, caches, features, limits.
//
// Values read once; pure functions over text for what containers limit. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tilewright::cpu {

struct Cache {
  int level;
  std::int64_t bytes;
};

struct Topology {
  int cores;    // physical cores this process may run on
  int threads;  // threads that can run at once: processors we may use, or what the cgroup grants
  std::vector<Cache> caches;          // data and unified caches of one core, smallest level first
  std::vector<std::string> features;  // by LLVM's names
  std::string level;                  // x86-64, x86-64-v2, -v3, -v4 or aarch64
  std::string vendor;
  std::string model;
  std::int64_t memory_bytes;  // of the machine, or what the cgroup grants
};

// The machine this process runs on; found out on the first call.
const Topology& topology();

// How many processors the affinity mask lets this process use, and how many threads are worth
// having under the limit of its cgroup.
int available_cores();
int usable_threads();

// The contents of a file, or nothing. Replaced by tests.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

// How many processors' worth of time the cgroups (v1 or v2) of this process grant, if limited.
std::optional<double> cgroup_cpu_limit(const ReadFile& read);

// How many bytes of memory they grant, if limited.
std::optional<std::int64_t> cgroup_memory_limit(const ReadFile& read);

// The size in a cache description such as "32K" or "1024K" or "36M"; 0 if it is none.
std::int64_t parse_cache_size(std::string_view text);

}  // namespace tilewright::cpu
