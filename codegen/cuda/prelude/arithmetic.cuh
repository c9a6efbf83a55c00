// Operators where those of C++ mean something else, or leave something open.
// needs: base ptx

// Where integers of a type are computed with: unsigned, and wide enough that none becomes an `int`.
template <class T>
using Modular = typename UnsignedOf<sizeof(T) < 4 ? 4 : sizeof(T)>::type;

// --- integers, which wrap

template <class T>
__device__ __forceinline__ T add(T a, T b) {
  if constexpr (is_float<T>) {
    return a + b;
  } else {
    return static_cast<T>(static_cast<Modular<T>>(a) + static_cast<Modular<T>>(b));
  }
}

template <class T>
__device__ __forceinline__ T subtract(T a, T b) {
  if constexpr (is_float<T>) {
    return a - b;
  } else {
    return static_cast<T>(static_cast<Modular<T>>(a) - static_cast<Modular<T>>(b));
  }
}

template <class T>
__device__ __forceinline__ T multiply(T a, T b) {
  if constexpr (is_float<T>) {
    return a * b;
  } else {
    return static_cast<T>(static_cast<Modular<T>>(a) * static_cast<Modular<T>>(b));
  }
}

template <class T>
__device__ __forceinline__ T negate(T x) {
  if constexpr (is_float<T>) {
    return -x;
  } else {
    return static_cast<T>(0 - static_cast<Modular<T>>(x));
  }
}

// The least integer is its own magnitude.
template <class T>
__device__ __forceinline__ T magnitude(T x) {
  if constexpr (is_same<T, f32>) {
    return fabsf(x);
  } else if constexpr (is_same<T, f64>) {
    return fabs(x);
  } else {
    return is_signed<T> && x < 0 ? negate(x) : x;
  }
}

// Towards minus infinity; by zero 0, the least integer by -1 is itself.
template <class T>
__device__ __forceinline__ T floor_divide(T a, T b) {
  if constexpr (is_signed<T>) {
    if (b == -1) return negate(a);
    const T divisor = b == 0 ? T(1) : b;
    const T quotient = static_cast<T>(a / divisor), rest = static_cast<T>(a % divisor);
    const T result = static_cast<T>(quotient - (rest != 0 && (rest ^ divisor) < 0));
    return b == 0 ? T(0) : result;
  } else {
    return b == 0 ? T(0) : static_cast<T>(a / b);
  }
}

// What floor division leaves, with the sign of the divisor; by zero 0.
template <class T>
__device__ __forceinline__ T floor_modulo(T a, T b) {
  if constexpr (is_signed<T>) {
    const T divisor = b == 0 || b == -1 ? T(1) : b;
    const T rest = static_cast<T>(a % divisor);
    return rest != 0 && (rest ^ divisor) < 0 ? static_cast<T>(rest + divisor) : rest;
  } else {
    return b == 0 ? T(0) : static_cast<T>(a % b);
  }
}

// By the width or more, a negative count too: 0.
template <class T>
__device__ __forceinline__ T shift_left(T x, T count) {
  const Unsigned<T> places = static_cast<Unsigned<T>>(count);
  return places < width<T> ? static_cast<T>(static_cast<Modular<T>>(x) << places) : T(0);
}

// By the width or more, a negative count too: the sign, or 0.
template <class T>
__device__ __forceinline__ T shift_right(T x, T count) {
  const Unsigned<T> places = static_cast<Unsigned<T>>(count);
  if constexpr (is_signed<T>) {
    return static_cast<T>(x >> (places < width<T> ? places : width<T> - 1));
  } else {
    return places < width<T> ? static_cast<T>(x >> places) : T(0);
  }
}

__device__ __forceinline__ u32 multiply_high(u32 a, u32 b) { return __umulhi(a, b); }

template <class T>
__device__ __forceinline__ T count_bits(T x) {
  if constexpr (width<T> == 64) {
    return static_cast<T>(__popcll(static_cast<u64>(x)));
  } else {
    return static_cast<T>(__popc(static_cast<Unsigned<T>>(x)));
  }
}

template <class T>
__device__ __forceinline__ T leading_zeros(T x) {
  if constexpr (width<T> == 64) {
    return static_cast<T>(__clzll(static_cast<i64>(x)));
  } else {
    return static_cast<T>(__clz(static_cast<i32>(static_cast<Unsigned<T>>(x))) - (32 - width<T>));
  }
}

// --- extremes: of floats NaN if either is

template <class T>
__device__ __forceinline__ T maximum(T a, T b) {
  if constexpr (is_same<T, f32>) {
    return ptx_max_nan(a, b);
  } else if constexpr (is_same<T, f64>) {
    return a > b || a != a ? a : b;
  } else {
    return a > b ? a : b;
  }
}

template <class T>
__device__ __forceinline__ T minimum(T a, T b) {
  if constexpr (is_same<T, f32>) {
    return ptx_min_nan(a, b);
  } else if constexpr (is_same<T, f64>) {
    return a < b || a != a ? a : b;
  } else {
    return a < b ? a : b;
  }
}

// --- floats

__device__ __forceinline__ f32 divide(f32 a, f32 b) { return __fdiv_rn(a, b); }
__device__ __forceinline__ f64 divide(f64 a, f64 b) { return __ddiv_rn(a, b); }

// What many numbers are divided by.
struct Divisor {
  f32 value, inverse;
  bool is_usual;
};

__device__ __forceinline__ Divisor divisor(f32 value) {
  const f32 size = fabsf(value);
  return {value, __frcp_rn(value), size >= 0x1p-40f && size <= 0x1p+40f};
}

// Whether a number is one that `divide_usual` is right for; tested without branches.
__device__ __forceinline__ bool is_usual(f32 a) {
  const f32 size = fabsf(a);
  return ((size >= 0x1p-80f) & (size <= 0x1p+80f)) | (bits<u32>(a) == 0);
}

// By a product and one correction with what it leaves, which is the quotient rounded correctly if
// the inverse is and nothing on the way is subnormal (P. Markstein, "Computation of elementary
// functions on the IBM RISC System/6000 processor", 1990, theorem 3).
__device__ __forceinline__ f32 divide_usual(f32 a, const Divisor& by) {
  const f32 near = a * by.inverse;
  return __fmaf_rn(__fmaf_rn(-near, by.value, a), by.inverse, near);
}

// What few numbers need stands apart, so that what most need is short.
__device__ __noinline__ f32 divide_unusual(f32 a, f32 b) { return __fdiv_rn(a, b); }

__device__ __forceinline__ f32 divide(f32 a, const Divisor& by) {
  return by.is_usual && is_usual(a) ? divide_usual(a, by) : divide_unusual(a, by.value);
}

template <i32 N>
__device__ __forceinline__ void divide_all(f32 (&results)[N], const f32 (&numbers)[N],
                                           const Divisor& by) {
  bool are_usual = by.is_usual;
#pragma unroll
  for (i32 n = 0; n < N; ++n) are_usual &= is_usual(numbers[n]);
  if (are_usual) {
#pragma unroll
    for (i32 n = 0; n < N; ++n) results[n] = divide_usual(numbers[n], by);
  } else {
#pragma unroll
    for (i32 n = 0; n < N; ++n) results[n] = divide_unusual(numbers[n], by.value);
  }
}

// Within 1 ulp, of numbers of usual size: the inverse by hardware, then one correction.
__device__ __forceinline__ f32 divide_near(f32 a, f32 b) {
  const f32 inverse = ptx_reciprocal(b);
  const f32 near = a * inverse;
  return __fmaf_rn(__fmaf_rn(-near, b, a), inverse, near);
}
__device__ __forceinline__ f64 divide_near(f64 a, f64 b) { return __ddiv_rn(a, b); }

__device__ __forceinline__ f32 square_root(f32 x) { return __fsqrt_rn(x); }
__device__ __forceinline__ f64 square_root(f64 x) { return __dsqrt_rn(x); }

// `a * b + c` with one rounding.
__device__ __forceinline__ f32 multiply_add(f32 a, f32 b, f32 c) { return __fmaf_rn(a, b, c); }
__device__ __forceinline__ f64 multiply_add(f64 a, f64 b, f64 c) { return __fma_rn(a, b, c); }

// 1 / sqrt(x), within 2^-22.
__device__ __forceinline__ f32 rsqrt_guess(f32 x) { return ptx_rsqrt(x); }

// e^x within 2 ulp: x = n ln 2 + r, n a whole number between -126 and 126, so that where the result
// is subnormal the last product rounds it. 252 values of n lie between the ends of what saturates.
__device__ __forceinline__ f32 exponential(f32 x) {
  const f32 place = ptx_fma_saturated(x, 0x1.77313cp-8f, 0.5f);
  const f32 shifted = __fmaf_rd(place, 252.0f, 0x1.8p+23f + 1.0f);  // n + 127 in the low bits
  const f32 n = shifted - (0x1.8p+23f + 127.0f);
  const f32 r = __fmaf_rn(x, 0x1.4ae0cp-26f, __fmaf_rn(x, 0x1.715476p+0f, -n));  // x / ln 2 - n
  return ptx_exp2_flushed(r) * bits<f32>(bits<u32>(shifted) << 23);
}

// tanh(x) within 2 ulp: 1 - 2 / (e^2|x| + 1), and below 0.6, where that cancels, an odd polynomial.
__device__ __forceinline__ f32 hyperbolic_tangent(f32 x) {
  const f32 a = magnitude(x);
  const f32 power = ptx_exp2_flushed(a * 0x1.715476p+1f);  // infinite where a is large: gives 1
  const f32 large = __fmaf_rn(ptx_reciprocal(power + 1.0f), -2.0f, 1.0f);
  const f32 z = a * a;
  f32 sum = __fmaf_rn(z, -0.0058776615f, 0.020775829f);
  sum = __fmaf_rn(z, sum, -0.053776f);
  sum = __fmaf_rn(z, sum, 0.13331807f);
  sum = __fmaf_rn(z, sum, -0.33333293f);
  return copysignf(a < 0.6f ? __fmaf_rn(a * z, sum, a) : large, x);
}

// 2^x within 2.1 ulp, where that is allowed; a subnormal result is rounded by the product.
__device__ __forceinline__ f32 power_of_two(f32 x) {
  const bool is_low = x < -126.0f;
  return ptx_exp2_flushed(is_low ? x + 24.0f : x) * (is_low ? 0x1p-24f : 1.0f);
}

// Within 2 ulp, where that is allowed.
__device__ __forceinline__ f32 divide_fast(f32 a, f32 b) { return ptx_divide(a, b); }
__device__ __forceinline__ f64 divide_fast(f64 a, f64 b) { return a / b; }

__device__ __forceinline__ f32 copy_sign(f32 x, f32 sign) { return copysignf(x, sign); }
__device__ __forceinline__ f64 copy_sign(f64 x, f64 sign) { return copysign(x, sign); }

// To whole numbers: nearest (ties to even), down, up, towards zero.
__device__ __forceinline__ f32 round_nearest(f32 x) { return rintf(x); }
__device__ __forceinline__ f64 round_nearest(f64 x) { return rint(x); }
__device__ __forceinline__ f32 round_down(f32 x) { return floorf(x); }
__device__ __forceinline__ f64 round_down(f64 x) { return floor(x); }
__device__ __forceinline__ f32 round_up(f32 x) { return ceilf(x); }
__device__ __forceinline__ f64 round_up(f64 x) { return ceil(x); }
__device__ __forceinline__ f32 round_to_zero(f32 x) { return truncf(x); }
__device__ __forceinline__ f64 round_to_zero(f64 x) { return trunc(x); }

template <class T>
__device__ __forceinline__ bool is_nan(T x) {
  return x != x;
}

__device__ __forceinline__ bool is_infinite(f32 x) {
  return (bits<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}
__device__ __forceinline__ bool is_infinite(f64 x) {
  return (bits<u64>(x) & 0x7fffffffffffffffull) == 0x7ff0000000000000ull;
}

__device__ __forceinline__ bool is_finite(f32 x) {
  return (bits<u32>(x) & 0x7fffffffu) < 0x7f800000u;
}
__device__ __forceinline__ bool is_finite(f64 x) {
  return (bits<u64>(x) & 0x7fffffffffffffffull) < 0x7ff0000000000000ull;
}
