// The arguments of one launch as plain facts, and the block of bytes a kernel receives.
//
// Values that live on the stack of the launching thread; nothing in them owns memory. Thread-safe
// as values are: each launch has its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "launch/dtypes.h"

namespace tilewright {

inline constexpr int max_rank = 8;
inline constexpr std::uintptr_t fact_alignment = 16;  // bytes: what vector access and TMA need
inline constexpr int max_parameters = 128;            // structs counted by their fields
inline constexpr std::size_t grid_bytes = 24;         // three extents open every argument block

// Typed, shaped memory. Strides are in elements.
struct Array {
  char* data;
  const char* begin;  // the bytes it may touch, for overlap; empty if it has no element
  const char* end;
  Dtype dtype;
  std::uint8_t rank;
  std::uint8_t axes;      // the same, or those of what is passed for a pointer, which has rank 0
  std::int8_t unit_axis;  // the axis taken to have stride 1; -1: none
  bool aligned;           // base and all other strides are multiples of 16 bytes
  bool even;              // all extents are multiples of 16
  bool narrow;            // 32 bits hold every extent and every offset
  bool writable;
  std::int64_t extents[max_rank];
  std::int64_t strides[max_rank];
};

// A number in its own dtype: its bits, in the low bytes.
struct Scalar {
  Dtype dtype;
  std::uint64_t bits;
};

enum class ArgumentKind : std::uint8_t { array, scalar, constant };

struct Argument {
  ArgumentKind kind;
  union {
    Array array;
    Scalar scalar;
  };
};

// Why memory cannot be an array of ours.
enum class ArrayFault { none, unaligned, stride, too_large };

const char* describe(ArrayFault fault);

// The byte strides of an array in row-major order without gaps; what overflows is refused as too
// large later.
inline void make_compact(int rank, int shift, const std::int64_t* extents,
                         std::int64_t* byte_strides) {
  std::int64_t stride = std::int64_t{1} << shift;
  for (int axis = rank - 1; axis >= 0; --axis) {
    byte_strides[axis] = stride;
    if (extents[axis] > 1 && __builtin_mul_overflow(stride, extents[axis], &stride)) stride = 0;
  }
}

// Fill in all facts of `array` that follow from its data, dtype and rank and from the extents and
// byte strides given.
ArrayFault complete_array(Array& array, const std::int64_t* extents,
                          const std::int64_t* byte_strides);

// Make an array like another one at a new address. Both addresses are multiples of
// `fact_alignment`, so that all facts are the same.
inline void complete_like(Array& array, const Array& known, char* data) {
  array = known;
  array.data = data;
  array.begin = data + (known.begin - known.data);
  array.end = data + (known.end - known.data);
}

// Whether two arrays share a byte.
inline bool overlap(const Array& a, const Array& b) { return a.begin < b.end && b.begin < a.end; }

// Whether two positions of an array may be the same memory, as in one that was broadcast or in
// windows that slide; true also where that takes more than sorting the axes to tell.
bool may_overlap_itself(const Array& array);

// `allocation`: where the memory begins that an array or a pointer leads to, and its elements.
enum class SlotKind : std::uint8_t { array, scalar, pointer, allocation };

// Where one parameter lies in the argument block.
struct Slot {
  int parameter;
  SlotKind kind;
  Dtype dtype;
  int rank;
  std::size_t offset;
};

// The shape of an argument block.
struct ArgumentLayout {
  std::vector<Slot> slots;
  std::size_t bytes = grid_bytes;
  bool has_allocations = false;
};

// Throws LaunchError if a slot does not lie inside the block or overlaps the grid.
void check_layout(const ArgumentLayout& layout);

inline constexpr int all_fit = -1;

// The index of the first slot that its argument does not fit, or `all_fit`. Only the kinds of
// arguments matter: what fits once fits whenever the key is the same.
int find_misfit(const ArgumentLayout& layout, const Argument* arguments, int count);

// Write grid and arguments, which fit, into a block of `layout.bytes` bytes, but no allocations:
// what an array is part of only its owner knows.
void pack(const ArgumentLayout& layout, const Argument* arguments, const std::int64_t grid[3],
          std::byte* block);

}  // namespace tilewright
