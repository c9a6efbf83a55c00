// Casts between all dtypes, as the language defines them; each rounds once.
// needs: base ptx

// A float in `f32`, rounded to odd: cut off, the last bit set if anything was lost. To round that
// again to at most 22 bits is to round once.
__device__ __forceinline__ f32 to_odd(f64 x) {
  const f32 cut = __double2float_rz(x);
  return bits<f32>(bits<u32>(cut) | (static_cast<f64>(cut) != x));
}

__device__ __forceinline__ f32 to_odd(i32 x) {
  const f32 cut = __int2float_rz(x);
  return bits<f32>(bits<u32>(cut) | (static_cast<i64>(cut) != x));
}

__device__ __forceinline__ f32 to_odd(u32 x) {
  const f32 cut = __uint2float_rz(x);
  return bits<f32>(bits<u32>(cut) | (static_cast<u64>(cut) != x));
}

__device__ __forceinline__ f32 to_odd(i64 x) {
  const f32 cut = __ll2float_rz(x);
  return bits<f32>(bits<u32>(cut) | (static_cast<i64>(cut) != x));
}

__device__ __forceinline__ f32 to_odd(u64 x) {
  const f32 cut = __ull2float_rz(x);
  return bits<f32>(bits<u32>(cut) | (static_cast<u64>(cut) != x));
}

// --- from narrow floats: all of them are numbers of f32

__device__ __forceinline__ f32 widen(f16 x) { return ptx_f32_of_f16(x.bits); }

__device__ __forceinline__ f32 widen(bf16 x) { return bits<f32>(static_cast<u32>(x.bits) << 16); }

// An element of a pack out of the word that it is a half of: one instruction, not two.
template <class To, i32 V>
__device__ __forceinline__ To to(const Pack<bf16, V>& pack, i32 v) {
  static_assert(is_same<To, f32> && V % 2 == 0);
  struct Words {
    u32 at[V / 2];
  };
  const u32 word = bits<Words>(pack).at[v / 2];
  return bits<f32>(v % 2 == 0 ? word << 16 : word & 0xffff0000u);
}

// f16 without its last byte.
__device__ __forceinline__ f32 widen(f8e5m2 x) {
  return ptx_f32_of_f16(static_cast<u16>(x.bits << 8));
}

// The exponent is 7 too small in 4 bits; a product with 2^120 corrects it and normalises.
__device__ __forceinline__ f32 widen(f8e4m3 x) {
#if __CUDA_ARCH__ >= 890
  return ptx_f32_of_f16(static_cast<u16>(ptx_f16x2_of_e4m3x2(x.bits)));
#else
  const u32 size = x.bits & 0x7f;
  const f32 magnitude = bits<f32>(size << 20) * bits<f32>(0x7b800000u);
  const u32 found = size == 0x7f ? 0x7fc00000u : bits<u32>(magnitude);
  return bits<f32>(found | static_cast<u32>(x.bits & 0x80) << 24);
#endif
}

// --- to narrow floats, from what f32 holds

__device__ __forceinline__ void narrow(f32 x, f16& result) { result.bits = ptx_f16_of_f32(x); }

__device__ __forceinline__ void narrow(f32 x, bf16& result) { result.bits = ptx_bf16_of_f32(x); }

// To a float of 8 bits: the bits of its mantissa, its bias, the patterns of the largest number, of
// what is past it, and of NaN. Normal numbers round by adding half of the last place; the last
// place of a subnormal one is that of `magic`, so that the sum rounds there.
template <i32 Mantissa, i32 Bias, u32 Largest, u32 Overflow, u32 Nan>
__device__ __forceinline__ u8 narrow_to_byte(f32 x) {
  constexpr i32 cut = 23 - Mantissa;
  constexpr u32 past = (Largest + 1 + ((127 - Bias) << Mantissa)) << cut;
  constexpr u32 magic = (127 + 24 - Bias - Mantissa) << 23;
  const u32 size = bits<u32>(x) & 0x7fffffff;
  const u32 rounded = size + ((size >> cut & 1) + ((1u << (cut - 1)) - 1));
  u32 result = (rounded >> cut) - ((127 - Bias) << Mantissa);
  if (size < (128 - Bias) << 23) {
    result = bits<u32>(bits<f32>(size) + bits<f32>(magic)) - magic;
  }
  if (rounded >= past) result = Overflow;
  if (size > 0x7f800000) result = Nan;
  return static_cast<u8>(result | (bits<u32>(x) >> 24 & 0x80));
}

// No infinity: what is too large becomes the largest number.
__device__ __forceinline__ void narrow(f32 x, f8e4m3& result) {
#if __CUDA_ARCH__ >= 890
  result.bits = static_cast<u8>(ptx_e4m3x2_of_f32(x, 0.0f));
#else
  result.bits = narrow_to_byte<3, 7, 0x7e, 0x7e, 0x7f>(x);
#endif
}

// What is too large becomes infinity, which the instruction does not give.
__device__ __forceinline__ void narrow(f32 x, f8e5m2& result) {
#if __CUDA_ARCH__ >= 890
  const u8 found = static_cast<u8>(ptx_e5m2x2_of_f32(x, 0.0f));
  const bool is_large = x >= 61440.0f || x <= -61440.0f;
  result.bits = is_large ? static_cast<u8>(bits<u32>(x) >> 24 & 0x80 | 0x7c) : found;
#else
  result.bits = narrow_to_byte<2, 15, 0x7b, 0x7c, 0x7e>(x);
#endif
}

// --- floats to integers: cut off, the nearest end where the integer has no room, 0 for NaN

template <class To, class From>
__device__ __forceinline__ To to_integer(From x) {
  if constexpr (width<To> == 64) {
    if (x != x) return 0;
    if constexpr (is_same<From, f32>) {
      return is_signed<To> ? static_cast<To>(__float2ll_rz(x)) : static_cast<To>(__float2ull_rz(x));
    } else {
      return is_signed<To> ? static_cast<To>(__double2ll_rz(x))
                           : static_cast<To>(__double2ull_rz(x));
    }
  } else if constexpr (width<To> == 32) {
    if constexpr (is_same<From, f32>) {
      return is_signed<To> ? static_cast<To>(__float2int_rz(x))
                           : static_cast<To>(__float2uint_rz(x));
    } else {
      if (x != x) return 0;
      return is_signed<To> ? static_cast<To>(__double2int_rz(x))
                           : static_cast<To>(__double2uint_rz(x));
    }
  } else {
    constexpr i32 most = (1 << (width<To> - is_signed<To>)) - 1;
    constexpr i32 least = is_signed<To> ? -most - 1 : 0;
    const i32 whole = to_integer<i32>(x);
    return static_cast<To>(whole < least ? least : whole > most ? most : whole);
  }
}

// --- the cast

template <class To, class From>
__device__ __forceinline__ To to(From x) {
  if constexpr (is_same<To, From>) {
    return x;
  } else if constexpr (is_same<To, bool>) {
    if constexpr (is_narrow_float<From>) {
      return (x.bits & ((1 << (width<From> - 1)) - 1)) != 0;
    } else {
      return x != 0;
    }
  } else if constexpr (is_narrow_float<From>) {
    return to<To>(widen(x));
  } else if constexpr (is_narrow_float<To>) {
    To result;
    if constexpr (is_same<To, f16> && is_same<From, f64>) {
      result.bits = ptx_f16_of_f64(x);
    } else if constexpr (is_same<From, f32> || width<From> < 32) {
      narrow(static_cast<f32>(x), result);
    } else {
      narrow(to_odd(x), result);
    }
    return result;
  } else if constexpr (is_float<From> && !is_float<To>) {
    return to_integer<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

// Of a pointer its address.
template <class To, class T>
__device__ __forceinline__ To to(T* pointer) {
  return to<To>(reinterpret_cast<u64>(pointer));
}
