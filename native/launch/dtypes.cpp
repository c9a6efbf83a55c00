// Names of dtypes, and numbers into and out of the small floating-point formats.
#include "launch/dtypes.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace tilewright {
namespace {

// A binary format with a sign, `exponent_bits` and `mantissa_bits`.
struct Format {
  int exponent_bits;
  int mantissa_bits;
  bool has_infinity;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  std::uint64_t exponent_mask() const { return (std::uint64_t{1} << exponent_bits) - 1; }
  std::uint64_t mantissa_mask() const { return (std::uint64_t{1} << mantissa_bits) - 1; }
  std::uint64_t infinity() const { return exponent_mask() << mantissa_bits; }
  std::uint64_t nan() const {
    // Without infinity (f8e4m3fn) only the pattern of all ones is not a number.
    return has_infinity ? infinity() | (std::uint64_t{1} << (mantissa_bits - 1))
                        : infinity() | mantissa_mask();
  }
  std::uint64_t overflow() const { return has_infinity ? infinity() : nan() - 1; }
};

Format format_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16: return {5, 10, true};
    case Dtype::bf16: return {8, 7, true};
    case Dtype::f8e4m3: return {4, 3, false};
    default: return {5, 2, true};  // f8e5m2
  }
}

std::uint64_t encode(const Format& format, double value) {
  const std::uint64_t sign = static_cast<std::uint64_t>(std::signbit(value))
                             << (format.exponent_bits + format.mantissa_bits);
  const double magnitude = std::fabs(value);
  if (std::isnan(magnitude)) return sign | format.nan();
  if (std::isinf(magnitude)) return sign | format.overflow();
  if (magnitude == 0) return sign;
  // Counting in units of the last place makes the number whole; nearbyint rounds ties to even.
  const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias());
  const double units = std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent));
  // The leading bit of a normal number adds one to the exponent field, also when rounding carries.
  const auto field = static_cast<std::uint64_t>(exponent + format.bias() - 1);
  const std::uint64_t bits = (field << format.mantissa_bits) + static_cast<std::uint64_t>(units);
  return sign | (bits > format.overflow() ? format.overflow() : bits);
}

double decode(const Format& format, std::uint64_t bits) {
  const bool negative = ((bits >> (format.exponent_bits + format.mantissa_bits)) & 1) != 0;
  const std::uint64_t field = (bits >> format.mantissa_bits) & format.exponent_mask();
  const std::uint64_t mantissa = bits & format.mantissa_mask();
  double magnitude = 0;
  if (format.has_infinity && field == format.exponent_mask()) {
    magnitude = mantissa == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (!format.has_infinity && (bits & format.nan()) == format.nan()) {
    magnitude = std::numeric_limits<double>::quiet_NaN();
  } else {
    const std::uint64_t units =
        field == 0 ? mantissa : mantissa | (std::uint64_t{1} << format.mantissa_bits);
    const int exponent = (field == 0 ? 1 : static_cast<int>(field)) - format.bias();
    magnitude = std::ldexp(static_cast<double>(units), exponent - format.mantissa_bits);
  }
  return negative ? -magnitude : magnitude;
}

}  // namespace

const char* dtype_name(Dtype dtype) {
  static constexpr const char* names[dtype_count] = {
      "bool_", "i8",  "i16",  "i32", "i64", "u8",     "u16",    "u32",
      "u64",   "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2", "index"};
  return names[static_cast<int>(dtype)];
}

std::uint64_t encode_float(Dtype dtype, double value) {
  if (dtype == Dtype::f64) return std::bit_cast<std::uint64_t>(value);
  if (dtype == Dtype::f32) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return encode(format_of(dtype), value);
}

double decode_float(Dtype dtype, std::uint64_t bits) {
  if (dtype == Dtype::f64) return std::bit_cast<double>(bits);
  if (dtype == Dtype::f32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  return decode(format_of(dtype), bits);
}

bool fits(Dtype dtype, Integer value) {
  if (is_float(dtype)) return true;
  const bool is_signed = (dtype >= Dtype::i8 && dtype <= Dtype::i64) || dtype == Dtype::index;
  if (dtype == Dtype::bool_) return !value.negative && value.high <= 1;
  const int bits = 8 << item_shift(dtype);
  if (is_signed) {
    const int shift = 64 - bits;
    if (value.negative) return value.low >= (std::numeric_limits<std::int64_t>::min() >> shift);
    return value.high <=
           (static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) >> shift);
  }
  return !value.negative &&
         value.high <= (std::numeric_limits<std::uint64_t>::max() >> (64 - bits));
}

}  // namespace tilewright
