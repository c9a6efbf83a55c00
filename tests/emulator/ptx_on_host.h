// The instructions of the prelude's topics `ptx...`, in C++: what they compute, and when.
#pragma once

#include "cuda_on_host.h"

// --- floats: by way of the numbers themselves, so that nothing here repeats the prelude's code

// The nearest number with so many bits of mantissa, ties to even, whose exponents begin at `least`.
ON_HOST double emulated_round(double x, int mantissa, int least) {
  if (x == 0 || x != x || x - x != 0) return x;
  int exponent = static_cast<int>(__builtin_bit_cast(unsigned long long, x) >> 52 & 0x7ff) - 1023;
  if (exponent < least) exponent = least;
  const int place = exponent - mantissa;
  const double scaled = __builtin_ldexp(x, -place);  // what is cut off by it is far below a half
  return __builtin_ldexp(__builtin_rint(scaled), place);
}

// The pattern of a positive number that the format has. A normal number's first digit is not
// stored: it counts as one exponent more.
ON_HOST unsigned emulated_pattern(double size, int mantissa, int least) {
  if (size == 0) return 0;
  int exponent = static_cast<int>(__builtin_bit_cast(unsigned long long, size) >> 52) - 1023;
  if (exponent < least) exponent = least;
  const auto digits = static_cast<unsigned>(__builtin_ldexp(size, mantissa - exponent));
  return (static_cast<unsigned>(exponent - least) << mantissa) + digits;
}

ON_HOST unsigned emulated_narrow(double x, int mantissa, int least, double most, unsigned past,
                                 unsigned nan, int bits) {
  if (x != x) return nan;
  const double size = emulated_round(__builtin_fabs(x), mantissa, least);
  const unsigned sign = __builtin_signbit(x) ? 1u << (bits - 1) : 0;
  return (size > most ? past : emulated_pattern(size, mantissa, least)) | sign;
}

ON_HOST double emulated_widen(unsigned pattern, int mantissa, int least, int bits) {
  const unsigned size = pattern & ((1u << (bits - 1)) - 1);
  const int exponent = static_cast<int>(size >> mantissa);
  const unsigned digits = size & ((1u << mantissa) - 1);
  const unsigned whole = exponent == 0 ? digits : digits | 1u << mantissa;
  const double value =
      __builtin_ldexp(whole, (exponent == 0 ? 0 : exponent - 1) + least - mantissa);
  return pattern >> (bits - 1) & 1 ? -value : value;
}

inline unsigned short ptx_f16_of_f64(double x) {
  return emulated_narrow(x, 10, -14, 65504.0, 0x7c00, 0x7fff, 16);
}
inline unsigned short ptx_f16_of_f32(float x) { return ptx_f16_of_f64(x); }
inline unsigned short ptx_bf16_of_f32(float x) {
  return emulated_narrow(x, 7, -126, 0x1.fep127, 0x7f80, 0x7fff, 16);
}
inline float ptx_f32_of_f16(unsigned short x) {
  if ((x & 0x7fff) > 0x7c00) return __builtin_nanf("");
  if ((x & 0x7fff) == 0x7c00) return x >> 15 ? -__builtin_inff() : __builtin_inff();
  return static_cast<float>(emulated_widen(x, 10, -14, 16));
}

// Too large: the largest number, of infinity too.
inline unsigned char emulated_e4m3(float x) {
  return emulated_narrow(x, 3, -6, 448.0, 0x7e, 0x7f, 8);
}
inline unsigned char emulated_e5m2(float x) {
  return emulated_narrow(x, 2, -14, 57344.0, 0x7b, 0x7f, 8);
}
inline unsigned short ptx_e4m3x2_of_f32(float low, float high) {
  return emulated_e4m3(low) | emulated_e4m3(high) << 8;
}
inline unsigned short ptx_e5m2x2_of_f32(float low, float high) {
  return emulated_e5m2(low) | emulated_e5m2(high) << 8;
}
ON_HOST float emulated_f32_of_e4m3(unsigned char x) {
  return (x & 0x7f) == 0x7f ? __builtin_nanf("") : static_cast<float>(emulated_widen(x, 3, -6, 8));
}
ON_HOST float emulated_f32_of_e5m2(unsigned char x) { return ptx_f32_of_f16(x << 8); }
inline unsigned ptx_f16x2_of_e4m3x2(unsigned short x) {
  return ptx_f16_of_f32(emulated_f32_of_e4m3(x & 0xff)) |
         static_cast<unsigned>(ptx_f16_of_f32(emulated_f32_of_e4m3(x >> 8))) << 16;
}

inline float ptx_max_nan(float a, float b) {
  if (a != a || b != b) return __builtin_nanf("");
  return a > b || (a == b && !__builtin_signbit(a)) ? a : b;
}
inline float ptx_min_nan(float a, float b) {
  if (a != a || b != b) return __builtin_nanf("");
  return a < b || (a == b && __builtin_signbit(a)) ? a : b;
}
inline float ptx_rsqrt(float x) { return static_cast<float>(1.0 / __builtin_sqrt(x)); }
inline float ptx_reciprocal(float x) { return 1.0f / x; }
inline float ptx_divide(float a, float b) { return a / b; }
inline float ptx_exp2_flushed(float x) {
  const float result = exp2f(x);
  return result < 0x1p-126f ? 0 : result;
}
inline float ptx_fma_saturated(float a, float b, float c) {
  const float result = fmaf(a, b, c);
  return result > 1 ? 1 : result > 0 ? result : 0;
}

// --- memory

template <class T>
inline T ptx_load_constant_if(bool condition, const T* from, T otherwise) {
  return condition ? *from : otherwise;
}
template <class T>
inline void ptx_store_if(bool condition, T* to, T value) {
  if (condition) *to = value;
}

inline void ptx_fence() {}
inline unsigned short ptx_add_f16_at(unsigned short* place, unsigned short value) {
  return emulated_update(place, [=](unsigned short old) {
    return ptx_f16_of_f64(static_cast<double>(ptx_f32_of_f16(old)) + ptx_f32_of_f16(value));
  });
}
inline unsigned short ptx_add_bf16_at(unsigned short* place, unsigned short value) {
  return emulated_update(place, [=](unsigned short old) {
    const float a = __builtin_bit_cast(float, static_cast<unsigned>(old) << 16);
    const float b = __builtin_bit_cast(float, static_cast<unsigned>(value) << 16);
    return ptx_bf16_of_f32(a + b);
  });
}

inline void cp_async_16(void* target, const void* from, int count) {
  emulated_copy(target, from, 16, count);
}
inline void cp_async_commit() { emulated_commit(); }
template <int Groups>
void cp_async_wait() {
  emulated_wait(Groups);
}

// --- blocks of 8 rows of 16 bytes

template <bool IsTransposed>
ON_HOST void emulated_ldmatrix(unsigned (&words)[4], const void* row, int line) {
  const int lane = emulated_lane();
  const Given<const unsigned char*> rows =
      emulated_given(line, 0xffffffffu, static_cast<const unsigned char*>(row));
  if (reinterpret_cast<unsigned long>(row) % 16 != 0) {
    emulated_fault("ldmatrix of a row at %p, no multiple of 16", row);
  }
  for (int block = 0; block < 4; ++block) {
    unsigned char bytes[4];
    for (int k = 0; k < 4; ++k) {
      const int r = IsTransposed ? 2 * (lane % 4) + k / 2 : lane / 4;
      const int column = IsTransposed ? 2 * (lane / 4) + k % 2 : 4 * (lane % 4) + k;
      const unsigned char* place = rows[8 * block + r] + column;
      emulated_read(place, 1);
      bytes[k] = *place;
    }
    __builtin_memcpy(&words[block], bytes, 4);
  }
}
inline void ldmatrix_x4(unsigned (&words)[4], const void* row, int line = __builtin_LINE()) {
  emulated_ldmatrix<false>(words, row, line);
}
inline void ldmatrix_x4_trans(unsigned (&words)[4], const void* row, int line = __builtin_LINE()) {
  emulated_ldmatrix<true>(words, row, line);
}

// --- products of small matrices

struct MatrixWords {
  unsigned a[4], b[2];
};

// Numbers of so many bytes: which of a word, and what it is.
template <int Bytes>
ON_HOST unsigned emulated_part(unsigned word, int k) {
  return Bytes == 4 ? word : word >> 8 * Bytes * k & ((1u << 8 * Bytes % 32) - 1);
}

// `d += a @ b`, 16 x 8, the sum rounded once; Sum holds all products and sums exactly, or nearly.
template <int Bytes, class Sum, class D, class NumberA, class NumberB>
ON_HOST void emulated_mma(D (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], int line,
                          NumberA number_a, NumberB number_b) {
  constexpr int per_word = 4 / Bytes, depth = 8 * per_word;
  MatrixWords mine;
  __builtin_memcpy(mine.a, a, sizeof a);
  __builtin_memcpy(mine.b, b, sizeof b);
  const Given<MatrixWords> given = emulated_given(line, 0xffffffffu, mine);
  const int lane = emulated_lane();
  for (int k = 0; k < 4; ++k) {
    const int row = lane / 4 + (k >= 2 ? 8 : 0), column = 2 * (lane % 4) + k % 2;
    Sum sum = d[k];
    for (int inner = 0; inner < depth; ++inner) {
      const int half = inner / (4 * per_word), t = inner % (4 * per_word) / per_word;
      const int part = inner % per_word;
      const unsigned word_a = given[4 * (row % 8) + t].a[row / 8 + 2 * half];
      const unsigned word_b = given[4 * column + t].b[half];
      sum += static_cast<Sum>(number_a(emulated_part<Bytes>(word_a, part))) *
             static_cast<Sum>(number_b(emulated_part<Bytes>(word_b, part)));
    }
    d[k] = static_cast<D>(sum);
  }
}

ON_HOST float emulated_f16(unsigned x) { return ptx_f32_of_f16(x); }
ON_HOST float emulated_bf16(unsigned x) { return __builtin_bit_cast(float, x << 16); }
ON_HOST float emulated_tf32(unsigned x) { return __builtin_bit_cast(float, x & 0xffffe000u); }
ON_HOST float emulated_small_e4m3(unsigned x) { return emulated_f32_of_e4m3(x); }
ON_HOST float emulated_small_e5m2(unsigned x) { return emulated_f32_of_e5m2(x); }
ON_HOST int emulated_s8(unsigned x) { return static_cast<signed char>(x); }
ON_HOST int emulated_u8(unsigned x) { return x; }

#define PRODUCT(name, Sum, D, bytes, number_a, number_b)                     \
  inline void name(D(&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], \
                   int line = __builtin_LINE()) {                            \
    emulated_mma<bytes, Sum>(d, a, b, line, number_a, number_b);             \
  }
PRODUCT(mma_m16n8k16_f16, double, float, 2, emulated_f16, emulated_f16)
PRODUCT(mma_m16n8k16_bf16, double, float, 2, emulated_bf16, emulated_bf16)
PRODUCT(mma_m16n8k8_tf32, double, float, 4, emulated_tf32, emulated_tf32)
PRODUCT(mma_m16n8k32_s8, unsigned, int, 1, emulated_s8, emulated_s8)
PRODUCT(mma_m16n8k32_u8, unsigned, int, 1, emulated_u8, emulated_u8)
PRODUCT(mma_m16n8k32_e4m3, double, float, 1, emulated_small_e4m3, emulated_small_e4m3)
PRODUCT(mma_m16n8k32_e4m3_e5m2, double, float, 1, emulated_small_e4m3, emulated_small_e5m2)
PRODUCT(mma_m16n8k32_e5m2_e4m3, double, float, 1, emulated_small_e5m2, emulated_small_e4m3)
PRODUCT(mma_m16n8k32_e5m2, double, float, 1, emulated_small_e5m2, emulated_small_e5m2)
