// Positions in arrays, and neighbours of which some may lie outside.
// needs: base

// Whether a position lies in an array of so many elements.
__device__ __forceinline__ bool inside(i64 position, i64 extent) {
  return static_cast<u64>(position) < static_cast<u64>(extent);
}

// The first of the numbers of a program in a grid of so many along its first axis: of most grids,
// which have no other, the number itself.
__device__ __forceinline__ u32 first_of(u32 program, u32 extent) {
  return program < extent ? program : program % extent;
}

__device__ __forceinline__ i32 lesser_of(i32 a, i32 b) { return a < b ? a : b; }

// How many of fewer than 2^31 elements there are from one on.
__device__ __forceinline__ i32 left_of(i64 extent, i64 first) {
  return first < extent ? static_cast<i32>(extent - first) : 0;
}

// V neighbours, the first at a position of an axis; 0 where they lie outside.
template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_some(const T* from, i64 position, i64 extent) {
  if (position >= 0 && position + V <= extent) return load_pack<V>(from);
  Pack<T, V> pack{};
#pragma unroll
  for (i32 v = 0; v < V; ++v) {
    if (inside(position + v, extent)) pack.at[v] = from[v];
  }
  return pack;
}

template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_some_constant(const T* from, i64 position, i64 extent) {
  if (position >= 0 && position + V <= extent) return load_pack_constant<V>(from);
  Pack<T, V> pack{};
#pragma unroll
  for (i32 v = 0; v < V; ++v) {
    if (inside(position + v, extent)) pack.at[v] = load_constant(from + v);
  }
  return pack;
}

// Store those of V neighbours that lie inside.
template <class T, i32 V>
__device__ __forceinline__ void store_some(T* target, Pack<T, V> pack, i64 position, i64 extent) {
  if (position >= 0 && position + V <= extent) {
    store_pack(target, pack);
    return;
  }
#pragma unroll
  for (i32 v = 0; v < V; ++v) {
    if (inside(position + v, extent)) target[v] = pack.at[v];
  }
}

// How often a loop runs that goes from `start` by `step` until it reaches `stop`.
template <class T>
__device__ __forceinline__ u64 rounds_of(T start, T stop, T step) {
  if (step > 0) {
    return start < stop ? (u64(stop) - u64(start) - 1) / u64(step) + 1 : 0;
  }
  return start > stop ? (u64(start) - u64(stop) - 1) / (0 - u64(step)) + 1 : 0;
}

// Where an element of two bytes lies in `Rows` rows that are cut into pieces of 128 bytes: in row r
// of a piece groups of 16 bytes change places with those whose number differs in the bits of r % 8.
template <i32 Rows>
__device__ __forceinline__ i32 swizzled(i32 row, i32 column) {
  const i32 group = column % 64 / 8 ^ row % 8;
  return column / 64 * (Rows * 64) + row * 64 + group * 8 + column % 8;
}

// How many bytes of 16 are left of so many elements.
__device__ __forceinline__ i32 bytes_left(i64 elements, i32 size) {
  const i32 some = static_cast<i32>(elements < 16 ? elements : 16);
  const i32 bytes = (some > 0 ? some : 0) * size;
  return bytes < 16 ? bytes : 16;
}

// An index of 64 bits in 32: cut off where these end.
__device__ __forceinline__ i32 saturated(i64 number) {
  return number > 0x7fffffff ? 0x7fffffff : number < -0x80000000ll ? -0x7fffffff - 1 : i32(number);
}
