// Sorts rows by a network that depends on their length alone (Batcher's bitonic sorter).
// needs: base convert reduce

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

// A key and where it was: no two are equal.
template <class Key>
struct Ranked {
  Key key;
  i32 place;
};

template <class Key>
__device__ __forceinline__ bool is_before(Ranked<Key> a, Ranked<Key> b) {
  if constexpr (sizeof(Key) == 4) {  // as one number
    return (static_cast<u64>(a.key) << 32 | static_cast<u32>(a.place)) <
           (static_cast<u64>(b.key) << 32 | static_cast<u32>(b.place));
  } else {
    return a.key < b.key || (a.key == b.key && a.place < b.place);
  }
}

// The places of the elements of each row in order, of rows of `Size` elements whose keys are
// `key_at(row, place)`. Each thread holds some neighbours of a row: what is to change places lies
// in one thread, else in one warp, else goes through memory.
template <i32 Threads, i32 Size, i32 Each, class Key, class KeyAt>
__device__ __forceinline__ void sort_rows(Key* keys, i32* places, i32 rows, KeyAt key_at) {
  constexpr i32 members = Size / Each, groups = Threads / members;
  const i32 member = threadIdx.x % members;
  for (i32 first = 0; first < rows; first += groups) {
    const i32 row = first + threadIdx.x / members;
    const bool has_row = row < rows;
    const i32 start = row * Size + member * Each;
    Ranked<Key> items[Each];
#pragma unroll
    for (i32 e = 0; e < Each; ++e) {
      const i32 place = e * members + member;
      items[e] = {has_row ? key_at(row, place) : Key(0), place};
    }
#pragma unroll 1
    for (i32 run = 2; run <= Size; run *= 2) {
      i32 reach = run / 2;
#pragma unroll 1
      for (; reach >= 32 * Each; reach /= 2) {
        const bool keeps_first = ((member * Each & reach) == 0) != ((member * Each & run) != 0);
        __syncthreads();
#pragma unroll
        for (i32 e = 0; e < Each; ++e) {
          if (has_row) keys[start + e] = items[e].key;
          if (has_row) places[start + e] = items[e].place;
        }
        __syncthreads();
        const i32 there = row * Size + (member * Each ^ reach);
#pragma unroll
        for (i32 e = 0; e < Each; ++e) {
          if (!has_row) continue;
          const Ranked<Key> other = {keys[there + e], places[there + e]};
          if (is_before(other, items[e]) == keeps_first) items[e] = other;
        }
      }
#pragma unroll 1
      for (; reach >= Each; reach /= 2) {
        const bool keeps_first = ((member * Each & reach) == 0) != ((member * Each & run) != 0);
#pragma unroll
        for (i32 e = 0; e < Each; ++e) {
          const Ranked<Key> other = {from_lane(items[e].key, reach / Each),
                                     from_lane(items[e].place, reach / Each)};
          if (is_before(other, items[e]) == keeps_first) items[e] = other;
        }
      }
#pragma unroll
      for (i32 near = Each / 2; near > 0; near /= 2) {
        if (near >= run) continue;
#pragma unroll
        for (i32 e = 0; e < Each; ++e) {
          if (e & near) continue;
          const Ranked<Key> a = items[e], b = items[e + near];
          const bool falls = ((member * Each + e) & run) != 0;
          const bool is_changed = is_before(b, a) != falls;
          items[e] = is_changed ? b : a;
          items[e + near] = is_changed ? a : b;
        }
      }
    }
    __syncthreads();
#pragma unroll
    for (i32 e = 0; e < Each; ++e) {
      if (has_row) places[start + e] = items[e].place;
    }
  }
  __syncthreads();
}

// The same for rows that are too long for registers, in memory all the while.
template <i32 Threads, i32 Size, class Key, class KeyAt>
__device__ __forceinline__ void sort_long_rows(Key* keys, i32* places, i32 rows, KeyAt key_at) {
  for (i32 entry = threadIdx.x; entry < rows * Size; entry += Threads) {
    keys[entry] = key_at(entry / Size, entry % Size);
    places[entry] = entry % Size;
  }
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
