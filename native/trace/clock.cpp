// Relates the cheap counter to CLOCK_MONOTONIC by interpolation between two readings of both.
#include "trace/clock.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tilewright {
namespace {

bool counter_is_invariant() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
#else
  return true;
#endif
}

struct Anchor {
  std::uint64_t ticks;
  std::int64_t ns;
};

Anchor take_anchor() { return {ticks(), monotonic_ns()}; }

}  // namespace

const bool detail::counter_is_usable = counter_is_invariant();

namespace {
const Anchor process_start = take_anchor();  // after counter_is_usable: the order in this file
}

TickScale::TickScale() : origin_ticks_(process_start.ticks), origin_ns_(process_start.ns) {
  const Anchor now = take_anchor();
  const std::uint64_t passed = now.ticks - origin_ticks_;
  ns_per_tick_ =
      passed == 0 ? 1.0 : static_cast<double>(now.ns - origin_ns_) / static_cast<double>(passed);
}

std::int64_t TickScale::nanoseconds(std::uint64_t tick) const {
  const auto passed = static_cast<std::int64_t>(tick - origin_ticks_);
  return origin_ns_ + static_cast<std::int64_t>(static_cast<double>(passed) * ns_per_tick_);
}

}  // namespace tilewright
