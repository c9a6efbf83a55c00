// The dtypes of elements and scalars, by the codes shared with the compiler.
//
// Plain values; pure functions. Thread-safe.
#pragma once

#include <cstdint>

namespace tilewright {

// The order is part of the contract with the compiler: it is the code in facts and layouts.
enum class Dtype : std::uint8_t {
  bool_,
  i8,
  i16,
  i32,
  i64,
  u8,
  u16,
  u32,
  u64,
  f16,
  bf16,
  f32,
  f64,
  f8e4m3,
  f8e5m2,
  index
};
inline constexpr int dtype_count = 16;

// log2 of the bytes of one element.
constexpr int item_shift(Dtype dtype) {
  constexpr std::uint8_t shifts[dtype_count] = {0, 0, 1, 2, 3, 0, 1, 2, 3, 1, 1, 2, 3, 0, 0, 3};
  return shifts[static_cast<int>(dtype)];
}

constexpr bool is_float(Dtype dtype) { return dtype >= Dtype::f16 && dtype <= Dtype::f8e5m2; }

const char* dtype_name(Dtype dtype);

// The bits of `value` in a floating-point dtype, rounded to nearest, ties to even. Overflow gives
// infinity, in f8e4m3, which has none, the largest finite value.
std::uint64_t encode_float(Dtype dtype, double value);

// The value of bits that hold a floating-point dtype.
double decode_float(Dtype dtype, std::uint64_t bits);

// A whole number as one finds it outside: `negative` says which of the two holds it.
struct Integer {
  bool negative;
  std::int64_t low;    // the value if negative
  std::uint64_t high;  // the value otherwise
};

// Whether it can be held by an integer dtype (bool_ holds 0 and 1).
bool fits(Dtype dtype, Integer value);

}  // namespace tilewright
