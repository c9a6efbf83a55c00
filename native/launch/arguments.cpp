// Derives the facts of an array and packs argument blocks.
#include "launch/arguments.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace tilewright {
namespace {

constexpr std::int64_t narrow_limit = std::int64_t{1} << 31;
constexpr std::int64_t alignment = fact_alignment;

std::size_t slot_bytes(const Slot& slot) {
  switch (slot.kind) {
    case SlotKind::array: return 8 + 16 * static_cast<std::size_t>(slot.rank);
    case SlotKind::allocation: return 16;
    case SlotKind::scalar:
    case SlotKind::pointer: break;
  }
  return 8;
}

// The unit axis is the last if it can be, since that is what most kernels are compiled for. NumPy
// gives arrays without elements any strides, often 0; every axis serves there.
int find_unit_axis(const Array& array, const std::int64_t* byte_strides, bool is_empty) {
  const int last = array.rank - 1;
  if (last < 0) return -1;
  const std::int64_t item = std::int64_t{1} << item_shift(array.dtype);
  if (byte_strides[last] == item || array.extents[last] <= 1 || is_empty) return last;
  for (int axis = last - 1; axis >= 0; --axis) {
    if (byte_strides[axis] == item) return axis;
  }
  return -1;
}

}  // namespace

const char* describe(ArrayFault fault) {
  switch (fault) {
    case ArrayFault::unaligned:
      return "its data is not aligned to its item size\nnote: pass x.copy()";
    case ArrayFault::stride:
      return "a byte stride is not a multiple of its item size\nnote: pass x.copy()";
    case ArrayFault::too_large: return "its extents exceed the address space";
    case ArrayFault::none: break;
  }
  return "nothing is wrong";
}

ArrayFault complete_array(Array& array, const std::int64_t* extents,
                          const std::int64_t* byte_strides) {
  const int shift = item_shift(array.dtype);
  const std::int64_t item_mask = (std::int64_t{1} << shift) - 1;
  array.axes = array.rank;
  std::int64_t low = 0, high = 0;  // the farthest elements from the first, in elements
  std::int64_t extent_bits = 0;
  bool is_narrow = true, is_empty = false, overflow = false;
  for (int axis = 0; axis < array.rank; ++axis) {
    const std::int64_t extent = extents[axis];
    const std::int64_t bytes = byte_strides[axis];
    if (extent < 0) return ArrayFault::too_large;
    if (extent > 1 && (bytes & item_mask) != 0) return ArrayFault::stride;
    const std::int64_t stride = bytes >> shift;
    array.extents[axis] = extent;
    array.strides[axis] = stride;
    extent_bits |= extent;
    is_narrow &= extent < narrow_limit;
    if (extent == 0) {
      is_empty = true;
      continue;
    }
    std::int64_t reach = 0;
    overflow |= __builtin_mul_overflow(extent - 1, stride, &reach);
    overflow |= __builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high);
  }
  if (is_empty) low = high = 0;
  std::int64_t span = 0;
  overflow |= __builtin_sub_overflow(high, low, &span);
  if (overflow && !is_empty) return ArrayFault::too_large;
  if (span >= (std::int64_t{1} << 60)) return ArrayFault::too_large;

  const auto address = reinterpret_cast<std::uintptr_t>(array.data);
  if (!is_empty && (address & static_cast<std::uintptr_t>(item_mask)) != 0) {
    return ArrayFault::unaligned;
  }
  array.begin = array.data + (low << shift);
  array.end = is_empty ? array.begin : array.data + ((high + 1) << shift);
  array.narrow = is_narrow && span < narrow_limit - 1;
  array.even = (extent_bits & (alignment - 1)) == 0;
  array.unit_axis = static_cast<std::int8_t>(find_unit_axis(array, byte_strides, is_empty));
  std::int64_t alignment_bits = static_cast<std::int64_t>(address);
  for (int axis = 0; axis < array.rank; ++axis) {
    if (axis != array.unit_axis) alignment_bits |= byte_strides[axis];
  }
  array.aligned = (alignment_bits & (alignment - 1)) == 0;
  return ArrayFault::none;
}

bool may_overlap_itself(const Array& array) {
  std::int64_t strides[max_rank];  // from the shortest on, with the extents of their axes
  std::int64_t extents[max_rank];
  int count = 0;
  for (int axis = array.rank - 1; axis >= 0; --axis) {
    if (array.extents[axis] == 0) return false;
    if (array.extents[axis] == 1) continue;
    const std::int64_t stride = std::abs(array.strides[axis]);
    int place = count++;
    for (; place > 0 && strides[place - 1] > stride; --place) {
      strides[place] = strides[place - 1];
      extents[place] = extents[place - 1];
    }
    strides[place] = stride;
    extents[place] = array.extents[axis];
  }
  std::int64_t reach = 0;  // of the axes so far; no more than the memory spans
  for (int n = 0; n < count; ++n) {
    if (strides[n] <= reach) return true;
    reach += (extents[n] - 1) * strides[n];
  }
  return false;
}

void check_layout(const ArgumentLayout& layout) {
  constexpr std::size_t most = std::size_t{1} << 20;
  if (layout.bytes < grid_bytes || layout.bytes > most) {
    fail(Fault::launch, "an argument block of %zu bytes is out of range", layout.bytes);
  }
  for (const Slot& slot : layout.slots) {
    const bool outside = slot.offset < grid_bytes || slot.offset % 8 != 0 ||
                         slot.offset > layout.bytes ||
                         slot_bytes(slot) > layout.bytes - slot.offset;
    if (slot.rank < 0 || slot.rank > max_rank || outside) {
      fail(Fault::launch, "the slot of parameter %d lies outside its argument block",
           slot.parameter);
    }
    if (slot.parameter < 0 || slot.parameter >= max_parameters) {
      fail(Fault::launch, "a slot is for parameter %d, which does not exist", slot.parameter);
    }
  }
}

int find_misfit(const ArgumentLayout& layout, const Argument* arguments, int count) {
  const auto fits = [&](const Slot& slot) {
    if (slot.parameter >= count) return false;
    const Argument& argument = arguments[slot.parameter];
    if (slot.kind == SlotKind::scalar) {
      return argument.kind == ArgumentKind::scalar && argument.scalar.dtype == slot.dtype;
    }
    if (argument.kind != ArgumentKind::array || argument.array.dtype != slot.dtype) return false;
    return slot.kind != SlotKind::array || argument.array.rank == slot.rank;
  };
  const auto found = std::find_if_not(layout.slots.begin(), layout.slots.end(), fits);
  return found == layout.slots.end() ? all_fit : static_cast<int>(found - layout.slots.begin());
}

void pack(const ArgumentLayout& layout, const Argument* arguments, const std::int64_t grid[3],
          std::byte* block) {
  std::memcpy(block, grid, grid_bytes);
  for (const Slot& slot : layout.slots) {
    const Argument& argument = arguments[slot.parameter];
    auto* words = reinterpret_cast<std::int64_t*>(block + slot.offset);  // a multiple of 8
    if (slot.kind == SlotKind::scalar) {
      std::memcpy(words, &argument.scalar.bits, 8);
      continue;
    }
    const Array& array = argument.array;
    if (slot.kind != SlotKind::allocation) std::memcpy(words, &array.data, 8);
    if (slot.kind != SlotKind::array) continue;
    std::int64_t* const strides = words + slot.rank;
    for (int axis = 0; axis < slot.rank; ++axis) {
      words[1 + axis] = array.extents[axis];
      strides[1 + axis] = array.strides[axis];
    }
  }
}

}  // namespace tilewright
