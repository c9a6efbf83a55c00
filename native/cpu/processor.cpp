// CPUID and XGETBV on x86-64, the auxiliary vector on aarch64.
#include "cpu/processor.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <string_view>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace tilewright::cpu {

#if defined(__x86_64__)

namespace {

enum Register { eax, ebx, ecx, edx };
using Registers = std::array<std::uint32_t, 4>;

Registers cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
  Registers r{};
  const std::uint32_t highest = __get_cpuid_max(leaf & 0x80000000, nullptr);
  if (highest == 0 || leaf > highest) return r;
  __cpuid_count(leaf, subleaf, r[eax], r[ebx], r[ecx], r[edx]);
  return r;
}

// The register sets whose contents the system saves: bits of XCR0.
std::uint64_t saved_state() {
  constexpr std::uint32_t osxsave = 1U << 27;
  if ((cpuid(1)[ecx] & osxsave) == 0) return 0;
  std::uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

constexpr std::uint64_t avx_state = 0x6;      // XMM, YMM
constexpr std::uint64_t avx512_state = 0xe6;  // and mask, upper ZMM, high ZMM registers
constexpr std::uint64_t amx_state = 0x60000;  // tile configuration and tile data

// Linux grants tile data to a process that asks, for all its threads. It refuses where the signal
// stack of one would not hold them.
bool may_use_tiles() {
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long tile_data = 18;               // the bit of XCR0
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

struct Feature {
  const char* name;
  std::uint32_t leaf, subleaf;
  Register where;
  int bit;
  std::uint64_t state;  // what must be saved by the system for it to be usable
};

// Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
constexpr Feature feature_table[] = {
    {"sse3", 1, 0, ecx, 0, 0},
    {"pclmul", 1, 0, ecx, 1, 0},
    {"ssse3", 1, 0, ecx, 9, 0},
    {"fma", 1, 0, ecx, 12, avx_state},
    {"cx16", 1, 0, ecx, 13, 0},
    {"sse4.1", 1, 0, ecx, 19, 0},
    {"sse4.2", 1, 0, ecx, 20, 0},
    {"movbe", 1, 0, ecx, 22, 0},
    {"popcnt", 1, 0, ecx, 23, 0},
    {"aes", 1, 0, ecx, 25, 0},
    {"avx", 1, 0, ecx, 28, avx_state},
    {"f16c", 1, 0, ecx, 29, avx_state},
    {"bmi", 7, 0, ebx, 3, 0},
    {"avx2", 7, 0, ebx, 5, avx_state},
    {"bmi2", 7, 0, ebx, 8, 0},
    {"avx512f", 7, 0, ebx, 16, avx512_state},
    {"avx512dq", 7, 0, ebx, 17, avx512_state},
    {"avx512ifma", 7, 0, ebx, 21, avx512_state},
    {"avx512cd", 7, 0, ebx, 28, avx512_state},
    {"sha", 7, 0, ebx, 29, 0},
    {"avx512bw", 7, 0, ebx, 30, avx512_state},
    {"avx512vl", 7, 0, ebx, 31, avx512_state},
    {"avx512vbmi", 7, 0, ecx, 1, avx512_state},
    {"avx512vbmi2", 7, 0, ecx, 6, avx512_state},
    {"gfni", 7, 0, ecx, 8, 0},
    {"vaes", 7, 0, ecx, 9, avx_state},
    {"vpclmulqdq", 7, 0, ecx, 10, avx_state},
    {"avx512vnni", 7, 0, ecx, 11, avx512_state},
    {"avx512bitalg", 7, 0, ecx, 12, avx512_state},
    {"avx512vpopcntdq", 7, 0, ecx, 14, avx512_state},
    {"amx-bf16", 7, 0, edx, 22, amx_state},
    {"avx512fp16", 7, 0, edx, 23, avx512_state},
    {"amx-tile", 7, 0, edx, 24, amx_state},
    {"amx-int8", 7, 0, edx, 25, amx_state},
    {"avxvnni", 7, 1, eax, 4, avx_state},
    {"avx512bf16", 7, 1, eax, 5, avx512_state},
    {"amx-fp16", 7, 1, eax, 21, amx_state},
    {"avxifma", 7, 1, eax, 23, avx_state},
    {"avxvnniint8", 7, 1, edx, 4, avx_state},
    {"avxneconvert", 7, 1, edx, 5, avx_state},
    {"sahf", 0x80000001, 0, ecx, 0, 0},
    {"lzcnt", 0x80000001, 0, ecx, 5, 0},
    {"sse4a", 0x80000001, 0, ecx, 6, 0},
    {"prfchw", 0x80000001, 0, ecx, 8, 0},
};

bool has_all(const std::vector<std::string>& features, std::initializer_list<const char*> wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const char* name) {
    return std::find(features.begin(), features.end(), name) != features.end();
  });
}

// The micro-architecture levels of the x86-64 psABI.
std::string level_of(const std::vector<std::string>& features) {
  if (!has_all(features, {"cx16", "sahf", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3"})) {
    return "x86-64";
  }
  if (!has_all(features, {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"})) {
    return "x86-64-v2";
  }
  if (!has_all(features, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})) {
    return "x86-64-v3";
  }
  return "x86-64-v4";
}

std::string vendor_name() {
  const Registers r = cpuid(0);
  char text[12];
  std::memcpy(text, &r[ebx], 4);
  std::memcpy(text + 4, &r[edx], 4);
  std::memcpy(text + 8, &r[ecx], 4);
  return {text, sizeof text};
}

std::string model_name() {
  std::string text;
  for (std::uint32_t leaf = 0x80000002; leaf <= 0x80000004; ++leaf) {
    const Registers r = cpuid(leaf);
    text.append(reinterpret_cast<const char*>(r.data()), sizeof r);
  }
  text.resize(std::strlen(text.c_str()));
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "unknown";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Processor identify_processor() {
  Processor processor{.vendor = vendor_name(), .model = model_name(), .level = {}, .features = {}};
  std::uint64_t saved = saved_state();
  if ((saved & amx_state) == amx_state && !may_use_tiles()) saved &= ~amx_state;
  for (const Feature& feature : feature_table) {
    const bool present =
        ((cpuid(feature.leaf, feature.subleaf)[feature.where] >> feature.bit) & 1) != 0;
    if (present && (saved & feature.state) == feature.state) {
      processor.features.emplace_back(feature.name);
    }
  }
  processor.level = level_of(processor.features);
  return processor;
}

std::vector<Cache> caches_by_instruction() {
  std::vector<Cache> caches;
  const std::uint32_t leaf = vendor_name() == "AuthenticAMD" ? 0x8000001d : 4;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Registers r = cpuid(leaf, i);
    const std::uint32_t type = r[eax] & 31;
    if (type == 0) break;
    if (type == 2) continue;  // instructions
    const std::int64_t ways = (r[ebx] >> 22) + 1;
    const std::int64_t partitions = ((r[ebx] >> 12) & 0x3ff) + 1;
    const std::int64_t line = (r[ebx] & 0xfff) + 1;
    const std::int64_t sets = std::int64_t{r[ecx]} + 1;
    caches.push_back({static_cast<int>((r[eax] >> 5) & 7), ways * partitions * line * sets});
  }
  return caches;
}

#elif defined(__aarch64__)

namespace {

struct Feature {
  const char* name;
  bool second;  // in AT_HWCAP2 rather than AT_HWCAP
  unsigned long bit;
};

// Bit numbers as in the kernel's documentation "ARM64 ELF hwcaps"; older headers lack names.
constexpr Feature feature_table[] = {
    {"fp-armv8", false, 1UL << 0},   {"neon", false, 1UL << 1},  {"aes", false, 1UL << 3},
    {"sha2", false, 1UL << 6},       {"crc", false, 1UL << 7},   {"lse", false, 1UL << 8},
    {"fullfp16", false, 1UL << 10},  {"rdm", false, 1UL << 12},  {"jsconv", false, 1UL << 13},
    {"complxnum", false, 1UL << 14}, {"rcpc", false, 1UL << 15}, {"sha3", false, 1UL << 17},
    {"dotprod", false, 1UL << 20},   {"sve", false, 1UL << 22},  {"fp16fml", false, 1UL << 23},
    {"sve2", true, 1UL << 1},        {"i8mm", true, 1UL << 13},  {"bf16", true, 1UL << 14},
};

// The first value of `key` in /proc/cpuinfo.
std::string cpuinfo(std::string_view key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || !line.starts_with(key)) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? "" : line.substr(first);
  }
  return "unknown";
}

}  // namespace

Processor identify_processor() {
  Processor processor{.vendor = cpuinfo("CPU implementer"),
                      .model = cpuinfo("CPU part"),
                      .level = "aarch64",
                      .features = {}};
  const unsigned long first = getauxval(AT_HWCAP);
  const unsigned long second = getauxval(AT_HWCAP2);
  for (const Feature& feature : feature_table) {
    if (((feature.second ? second : first) & feature.bit) != 0) {
      processor.features.emplace_back(feature.name);
    }
  }
  return processor;
}

std::vector<Cache> caches_by_instruction() { return {}; }

#endif

}  // namespace tilewright::cpu
