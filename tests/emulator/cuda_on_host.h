// What CUDA C++ has beyond C++, for g++: qualifiers, indices, intrinsics, barriers, shuffles.
//
// Emitted text is compiled behind this header, its accesses to memory watched by `machine.cpp`.
#pragma once

#include "machine.h"

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __constant__ static const

#define threadIdx emulated_thread()
#define blockIdx emulated_block()
#define blockDim emulated_threads()
#define gridDim emulated_blocks()
constexpr int warpSize = 32;

// These are the machine, not the text: what they touch is not watched, or by the machine's word.
#define ON_HOST static __attribute__((noinline, no_sanitize("thread", "undefined")))

struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

// --- barriers and warps

inline void __syncthreads(int line = __builtin_LINE()) { emulated_barrier(line, 0); }
inline int __syncthreads_count(int is_true, int line = __builtin_LINE()) {
  return emulated_barrier(line, is_true);
}
inline int __syncthreads_or(int is_true, int line = __builtin_LINE()) {
  return emulated_barrier(line, is_true) > 0;
}
inline int __syncthreads_and(int is_true, int line = __builtin_LINE()) {
  return emulated_barrier(line, is_true) == static_cast<int>(emulated_threads().x);
}
inline void __syncwarp(unsigned mask = 0xffffffffu, int line = __builtin_LINE()) {
  emulated_exchange(line, mask, &mask, 0, true);
}
inline unsigned __activemask() { return emulated_live_lanes(); }

ON_HOST int emulated_lane() { return emulated_thread().x & 31; }

// What the lanes gave; a lane that is not in the mask has no value.
template <class T>
struct Given {
  const unsigned char* values;
  unsigned mask;
  ON_HOST T take(const unsigned char* from) {
    T result;
    __builtin_memcpy(&result, from, sizeof(T));
    return result;
  }
  T operator[](int lane) const {
    if (!(mask >> lane & 1)) emulated_fault("takes the value of lane %d, which gives none", lane);
    return take(values + 64 * lane);
  }
};

template <class T>
ON_HOST Given<T> emulated_given(int line, unsigned mask, T value) {
  return {emulated_exchange(line, mask, &value, sizeof(T), false), mask};
}

template <class T>
ON_HOST T __shfl_sync(unsigned mask, T value, int source, int width = 32,
                      int line = __builtin_LINE()) {
  const int lane = emulated_lane();
  return emulated_given(line, mask, value)[(lane & -width) + (source & (width - 1))];
}
template <class T>
ON_HOST T __shfl_xor_sync(unsigned mask, T value, int difference, int width = 32,
                          int line = __builtin_LINE()) {
  const int lane = emulated_lane(), source = lane ^ difference;
  const Given<T> given = emulated_given(line, mask, value);
  return source / width > lane / width ? value : given[source];
}
template <class T>
ON_HOST T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32,
                           int line = __builtin_LINE()) {
  const int lane = emulated_lane(), source = lane + distance;
  const Given<T> given = emulated_given(line, mask, value);
  return source / width != lane / width ? value : given[source];
}
template <class T>
ON_HOST T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32,
                         int line = __builtin_LINE()) {
  const int lane = emulated_lane(), source = lane - static_cast<int>(distance);
  const Given<T> given = emulated_given(line, mask, value);
  return source < (lane & -width) ? value : given[source];
}

template <class T, class Step>
ON_HOST T emulated_fold(int line, unsigned mask, T value, T start, Step step) {
  const Given<T> given = emulated_given(line, mask, value);
  for (int lane = 0; lane < 32; ++lane) {
    if (mask >> lane & 1) start = step(start, given[lane], lane);
  }
  return start;
}

inline unsigned __ballot_sync(unsigned mask, int is_true, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, unsigned{is_true != 0}, 0u,
                       [](unsigned all, unsigned one, int lane) { return all | one << lane; });
}
inline int __any_sync(unsigned mask, int is_true, int line = __builtin_LINE()) {
  return __ballot_sync(mask, is_true, line) != 0;
}
inline int __all_sync(unsigned mask, int is_true, int line = __builtin_LINE()) {
  return __ballot_sync(mask, is_true, line) == mask;
}
template <class T>
ON_HOST unsigned __match_any_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  const Given<T> given = emulated_given(line, mask, value);
  unsigned same = 0;
  for (int lane = 0; lane < 32; ++lane) {
    if (mask >> lane & 1) same |= unsigned{given[lane] == value} << lane;
  }
  return same;
}
template <class T>
T __reduce_add_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, T(0),
                       [](T a, T b, int) -> T { return unsigned(a) + unsigned(b); });
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, value, [](T a, T b, int) { return a > b ? a : b; });
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, value, [](T a, T b, int) { return a < b ? a : b; });
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, value, [](unsigned a, unsigned b, int) { return a & b; });
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, value, [](unsigned a, unsigned b, int) { return a | b; });
}
inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return emulated_fold(line, mask, value, 0u, [](unsigned a, unsigned b, int) { return a ^ b; });
}

// --- memory

inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline unsigned long __cvta_generic_to_shared(const void* place) {
  return reinterpret_cast<unsigned long>(place);
}
inline unsigned long __cvta_generic_to_global(const void* place) {
  return reinterpret_cast<unsigned long>(place);
}

template <class T>
__forceinline__ T __ldg(const T* from) {
  return *from;
}
template <class T>
__forceinline__ T __ldcs(const T* from) {
  return *from;
}
template <class T>
__forceinline__ T __ldcg(const T* from) {
  return *from;
}
template <class T>
__forceinline__ void __stwb(T* target, T value) {
  *target = value;
}
template <class T>
__forceinline__ void __stcs(T* target, T value) {
  *target = value;
}
template <class T>
__forceinline__ void __stcg(T* target, T value) {
  *target = value;
}

template <class T, class Step>
ON_HOST T emulated_update(T* place, Step step) {
  emulated_atomic(place, sizeof(T));
  const T old = *place;
  *place = step(old);
  return old;
}
template <class T>
struct Same {
  typedef T type;
};
// An atomic of the types that CUDA has it for; the values convert to the type of the place.
#define ATOMIC(name, expression)                                           \
  template <class T>                                                       \
  T name(T* place, typename Same<T>::type value) {                         \
    return emulated_update(place, [=](T old) -> T { return expression; }); \
  }
template <class T>
ON_HOST T emulated_sum(T a, T b) {
  return a + b;
}
ATOMIC(atomicAdd, emulated_sum(old, value))
ATOMIC(atomicMax, value > old ? value : old)
ATOMIC(atomicMin, value < old ? value : old)
ATOMIC(atomicAnd, old& value)
ATOMIC(atomicOr, old | value)
ATOMIC(atomicXor, old ^ value)
ATOMIC(atomicExch, value)
template <class T>
T atomicCAS(T* place, typename Same<T>::type expected, typename Same<T>::type value) {
  return emulated_update(place, [=](T old) { return old == expected ? value : old; });
}

inline void emulated_assume(bool holds, int line = __builtin_LINE()) {
  if (!holds) emulated_fault("what line %d assumes does not hold", line);
}
#define __builtin_assume(condition) emulated_assume(condition)
inline void __trap() { emulated_fault("stops itself"); }
inline void __nanosleep(unsigned) {}

// --- integers

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(x); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned result = 0;
  for (int k = 0; k < 32; ++k) result |= (x >> k & 1) << (31 - k);
  return result;
}
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned picks) {
  const unsigned long long bytes = static_cast<unsigned long long>(high) << 32 | low;
  unsigned result = 0;
  for (int k = 0; k < 4; ++k) {
    const unsigned pick = picks >> 4 * k;
    unsigned byte = bytes >> 8 * (pick & 7) & 0xff;
    if (pick & 8) byte = byte >> 7 ? 0xff : 0;
    result |= byte << 8 * k;
  }
  return result;
}
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned long long>(a) * b >> 32;
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned __int128>(a) * b >> 64;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned count) {
  return (static_cast<unsigned long long>(high) << 32 | low) << (count & 31) >> 32;
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned count) {
  return (static_cast<unsigned long long>(high) << 32 | low) >> (count & 31);
}

// --- floats: one rounding, to nearest even

extern "C" {
float sqrtf(float) noexcept;
double sqrt(double) noexcept;
float fmaf(float, float, float) noexcept;
float nextafterf(float, float) noexcept;
double fma(double, double, double) noexcept;
float fabsf(float) noexcept;
double fabs(double) noexcept;
float copysignf(float, float) noexcept;
double copysign(double, double) noexcept;
float rintf(float) noexcept;
double rint(double) noexcept;
float floorf(float) noexcept;
double floor(double) noexcept;
float ceilf(float) noexcept;
double ceil(double) noexcept;
float truncf(float) noexcept;
double trunc(double) noexcept;
float exp2f(float) noexcept;
float log2f(float) noexcept;
float tanhf(float) noexcept;
float ldexpf(float, int) noexcept;
float fmaxf(float, float) noexcept;
float fminf(float, float) noexcept;
double fmax(double, double) noexcept;
double fmin(double, double) noexcept;
}

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
// Rounded down; exact in f64 where `a * b` and `c` are of one size.
inline float __fmaf_rd(float a, float b, float c) {
  const double exact = static_cast<double>(a) * b + c;
  const float near = static_cast<float>(exact);
  return near > exact ? nextafterf(near, -__builtin_inff()) : near;
}
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double x) { return sqrt(x); }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }

inline int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
inline unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
inline float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
inline float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
inline long long __double_as_longlong(double x) { return __builtin_bit_cast(long long, x); }
inline double __longlong_as_double(long long x) { return __builtin_bit_cast(double, x); }

// One place nearer to zero.
ON_HOST float emulated_smaller(float x) {
  return __builtin_bit_cast(float, __builtin_bit_cast(unsigned, x) - 1);
}
// Towards zero.
ON_HOST float __double2float_rz(double x) {
  const float nearest = static_cast<float>(x);
  return fabs(static_cast<double>(nearest)) > fabs(x) ? emulated_smaller(nearest) : nearest;
}
ON_HOST float __ull2float_rz(unsigned long long x) {
  const float nearest = static_cast<float>(x);
  const bool is_past =
      nearest >= 18446744073709551616.0f || static_cast<unsigned long long>(nearest) > x;
  return is_past ? emulated_smaller(nearest) : nearest;
}
ON_HOST float __ll2float_rz(long long x) {
  const float size = __ull2float_rz(x < 0 ? 0 - static_cast<unsigned long long>(x) : x);
  return x < 0 ? -size : size;
}
ON_HOST float __uint2float_rz(unsigned x) { return __ull2float_rz(x); }
ON_HOST float __int2float_rz(int x) { return __ll2float_rz(x); }

// Cut off, the nearest end where there is no room. NaN as the instructions have it: 0 in 32 bits
// from 32 bits, else the sign alone.
template <class To, class From>
ON_HOST To emulated_whole(From x) {
  constexpr bool is_signed = To(-1) < To(0);
  constexpr int bits = 8 * sizeof(To) - is_signed;
  constexpr To most = static_cast<To>(~0ull >> (64 - bits)), least = is_signed ? -most - 1 : 0;
  if (x != x) {
    const bool is_zero = sizeof(To) == 4 && sizeof(From) == 4;
    return is_zero ? To(0) : static_cast<To>(1ull << (8 * sizeof(To) - 1));
  }
  const From end = 2 * static_cast<From>(1ull << (bits - 1));
  if (x >= end) return most;
  if (x <= (is_signed ? -end : From(0))) return least;
  return static_cast<To>(x);
}
inline int __float2int_rz(float x) { return emulated_whole<int>(x); }
inline unsigned __float2uint_rz(float x) { return emulated_whole<unsigned>(x); }
inline long long __float2ll_rz(float x) { return emulated_whole<long long>(x); }
inline unsigned long long __float2ull_rz(float x) { return emulated_whole<unsigned long long>(x); }
inline int __double2int_rz(double x) { return emulated_whole<int>(x); }
inline unsigned __double2uint_rz(double x) { return emulated_whole<unsigned>(x); }
inline long long __double2ll_rz(double x) { return emulated_whole<long long>(x); }
inline unsigned long long __double2ull_rz(double x) {
  return emulated_whole<unsigned long long>(x);
}
