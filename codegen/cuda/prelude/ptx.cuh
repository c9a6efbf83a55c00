// Instructions that C++ has no name for, each in a function of plain types.

// --- floats, and what is made of them

__device__ __forceinline__ unsigned short ptx_f16_of_f32(float x) {
  unsigned short result;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result) : "f"(x));
  return result;
}

__device__ __forceinline__ unsigned short ptx_f16_of_f64(double x) {
  unsigned short result;
  asm("cvt.rn.f16.f64 %0, %1;" : "=h"(result) : "d"(x));
  return result;
}

__device__ __forceinline__ float ptx_f32_of_f16(unsigned short x) {
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(x));
  return result;
}

__device__ __forceinline__ unsigned short ptx_bf16_of_f32(float x) {
  unsigned short result;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result) : "f"(x));
  return result;
}

// Two floats of 8 bits, the first in the low half, from SM 89 on; what is too large becomes the
// largest finite value.
__device__ __forceinline__ unsigned short ptx_e4m3x2_of_f32(float low, float high) {
  unsigned short result;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(result) : "f"(high), "f"(low));
  return result;
}

__device__ __forceinline__ unsigned short ptx_e5m2x2_of_f32(float low, float high) {
  unsigned short result;
  asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(result) : "f"(high), "f"(low));
  return result;
}

__device__ __forceinline__ unsigned ptx_f16x2_of_e4m3x2(unsigned short x) {
  unsigned result;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(result) : "h"(x));
  return result;
}

// --- arithmetic

__device__ __forceinline__ float ptx_max_nan(float a, float b) {
  float result;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
}

__device__ __forceinline__ float ptx_min_nan(float a, float b) {
  float result;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
}

__device__ __forceinline__ float ptx_rsqrt(float x) {
  float result;
  asm("rsqrt.approx.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

// Within 1 ulp, of numbers that are not subnormal.
__device__ __forceinline__ float ptx_reciprocal(float x) {
  float result;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

// Within 2 ulp, over the whole range.
__device__ __forceinline__ float ptx_divide(float a, float b) {
  float result;
  asm("div.full.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
}

// Where the result would be subnormal it is 0.
__device__ __forceinline__ float ptx_exp2_flushed(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

// `a * b + c`, cut off at 0 and 1; of a NaN 0.
__device__ __forceinline__ float ptx_fma_saturated(float a, float b, float c) {
  float result;
  asm("fma.rn.sat.f32 %0, %1, %2, %3;" : "=f"(result) : "f"(a), "f"(b), "f"(c));
  return result;
}

// --- memory that other programs see

__device__ __forceinline__ void ptx_fence() { asm volatile("fence.acq_rel.gpu;" ::: "memory"); }

__device__ __forceinline__ unsigned short ptx_add_f16_at(unsigned short* place,
                                                         unsigned short value) {
  unsigned short old;
  asm volatile("atom.global.add.noftz.f16 %0, [%1], %2;"
               : "=h"(old)
               : "l"(__cvta_generic_to_global(place)), "h"(value)
               : "memory");
  return old;
}

// From SM 90 on.
__device__ __forceinline__ unsigned short ptx_add_bf16_at(unsigned short* place,
                                                          unsigned short value) {
  unsigned short old;
  asm volatile("atom.global.add.noftz.bf16 %0, [%1], %2;"
               : "=h"(old)
               : "l"(__cvta_generic_to_global(place)), "h"(value)
               : "memory");
  return old;
}
