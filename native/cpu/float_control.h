// The default rounding and denormal modes for the time a kernel runs on this thread.
//
// Libraries built with -ffast-math flush denormals in the thread that loads them; kernels keep
// denormals and give the same bits on every thread. Restores what it found. One thread only.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tilewright::cpu {

class DefaultFloatControl {
 public:
#if defined(__x86_64__)
  DefaultFloatControl() : found_(_mm_getcsr()) {
    if ((found_ & controls) != defaults) _mm_setcsr((found_ & ~controls) | defaults);
  }
  ~DefaultFloatControl() {
    if ((found_ & controls) != defaults) _mm_setcsr(found_);
  }

 private:
  static constexpr std::uint32_t controls = 0xffc0;  // all but the six sticky flags
  static constexpr std::uint32_t defaults = 0x1f80;  // no traps, to nearest, denormals kept
  std::uint32_t found_;
#elif defined(__aarch64__)
  DefaultFloatControl() {
    asm volatile("mrs %0, fpcr" : "=r"(found_));
    if (found_ != 0) asm volatile("msr fpcr, %0" ::"r"(std::uint64_t{0}));
  }
  ~DefaultFloatControl() {
    if (found_ != 0) asm volatile("msr fpcr, %0" ::"r"(found_));
  }

 private:
  std::uint64_t found_;
#endif

 public:
  DefaultFloatControl(const DefaultFloatControl&) = delete;
  DefaultFloatControl& operator=(const DefaultFloatControl&) = delete;
};

}  // namespace tilewright::cpu
