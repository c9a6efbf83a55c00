// Sorts rows in memory by a network that depends on their length alone (Batcher's bitonic sorter).
// needs: base convert

// An unsigned integer that is in order where values are; NaN comes last either way.
template <class T>
__device__ __forceinline__ auto sort_key(T value, bool descending) {
  if constexpr (is_narrow_float<T>) {
    return sort_key(to<f32>(value), descending);
  } else if constexpr (is_float<T>) {
    typedef Unsigned<T> Bits;
    constexpr Bits sign = Bits(1) << (width<T> - 1);
    const Bits found = bits<Bits>(value == 0 ? T(0) : value);
    const Bits key = found & sign ? ~found : found | sign;
    return value != value ? ~Bits(1) : descending ? ~key : key;
  } else if constexpr (sizeof(T) == 8) {
    const u64 key = static_cast<u64>(value) ^ (is_signed<T> ? 0x8000000000000000ull : 0ull);
    return descending ? ~key : key;
  } else {
    const u32 key = static_cast<u32>(value) ^ (is_signed<T> ? 0x80000000u : 0u);
    return descending ? ~key : key;
  }
}

// Put the keys of each row of `Size` elements in order, equal ones by their places.
template <i32 Threads, i32 Size, class Key>
__device__ __forceinline__ void sort_rows(Key* keys, i32* places, i32 rows) {
  for (i32 run = 2; run <= Size; run *= 2) {
    for (i32 reach = run / 2; reach > 0; reach /= 2) {
      __syncthreads();
      for (i32 pair = threadIdx.x; pair < rows * (Size / 2); pair += Threads) {
        const i32 row = pair / (Size / 2), number = pair % (Size / 2);
        const i32 place = number / reach * 2 * reach + number % reach;
        const bool falls = (place & run) != 0;
        const i32 a = row * Size + place, b = a + reach;
        const Key x = keys[a], y = keys[b];
        const i32 p = places[a], q = places[b];
        const bool is_after = x > y || (x == y && p > q);
        if (is_after != falls) {
          keys[a] = y;
          keys[b] = x;
          places[a] = q;
          places[b] = p;
        }
      }
    }
  }
  __syncthreads();
}
