// Time: a counter that is cheap to read, and its translation to nanoseconds of CLOCK_MONOTONIC.
//
// Stateless but for one anchor taken when the process starts. Thread-safe.
#pragma once

#include <time.h>

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tilewright {

// Nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

namespace detail {
extern const bool counter_is_usable;  // whether the processor's counter ticks evenly on all cores
}

// The cheap counter: the time stamp counter, or nanoseconds where that cannot be trusted.
inline std::uint64_t ticks() {
#if defined(__x86_64__)
  if (detail::counter_is_usable) return __rdtsc();
#elif defined(__aarch64__)
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#endif
  return static_cast<std::uint64_t>(monotonic_ns());
}

// Translates values of `ticks()` taken before it was made. A value; make one per batch.
class TickScale {
 public:
  TickScale();
  std::int64_t nanoseconds(std::uint64_t tick) const;

 private:
  std::uint64_t origin_ticks_;
  std::int64_t origin_ns_;
  double ns_per_tick_;
};

}  // namespace tilewright
