// Threads combine what each of them has. A fixed tree: the same bits on every run.
// needs: arithmetic

// The least and the greatest value there is; of floats the infinities.
template <class T>
__device__ __forceinline__ T most_of() {
  if constexpr (is_same<T, bool>) {
    return true;
  } else if constexpr (is_same<T, f32>) {
    return bits<f32>(0x7f800000u);
  } else if constexpr (is_same<T, f64>) {
    return bits<f64>(0x7ff0000000000000ull);
  } else if constexpr (is_signed<T>) {
    return static_cast<T>(~(Unsigned<T>(1) << (width<T> - 1)));
  } else {
    return static_cast<T>(~T(0));
  }
}

template <class T>
__device__ __forceinline__ T least_of() {
  if constexpr (is_float<T>) {
    return -most_of<T>();
  } else if constexpr (is_signed<T>) {
    return static_cast<T>(Unsigned<T>(1) << (width<T> - 1));
  } else {
    return T(0);
  }
}

// --- ways to combine two values, and what to start from

struct Sum {
  template <class T>
  static __device__ __forceinline__ T start() {
    if constexpr (is_float<T>) return T(-0.0);
    return T(0);
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return add(a, b);
  }
};

struct Product {
  template <class T>
  static __device__ __forceinline__ T start() {
    return T(1);
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return multiply(a, b);
  }
};

struct Maximum {
  template <class T>
  static __device__ __forceinline__ T start() {
    return least_of<T>();
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return maximum(a, b);
  }
};

struct Minimum {
  template <class T>
  static __device__ __forceinline__ T start() {
    return most_of<T>();
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return minimum(a, b);
  }
};

struct All {
  template <class T>
  static __device__ __forceinline__ T start() {
    return true;
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return a && b;
  }
};

struct Any {
  template <class T>
  static __device__ __forceinline__ T start() {
    return false;
  }
  template <class T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return a || b;
  }
};

// A value and where it was found; `follow` takes in the next one that a thread comes to, which lies
// behind those before it.
template <class T>
struct Extreme {
  T value;
  i32 place;
};

struct Highest {
  template <class T>
  static __device__ __forceinline__ Extreme<T> start() {
    return {least_of<T>(), 0x7fffffff};
  }
  template <class T>
  static __device__ __forceinline__ Extreme<T> combine(Extreme<T> a, Extreme<T> b) {
    const bool b_is_nan = b.value != b.value, a_is_nan = a.value != a.value;
    const bool is_equal = a.value == b.value || (a_is_nan && b_is_nan);
    const bool is_more = b_is_nan ? !a_is_nan : b.value > a.value;
    return is_more || (is_equal && b.place < a.place) ? b : a;
  }
  template <class T>
  static __device__ __forceinline__ Extreme<T> follow(Extreme<T> a, Extreme<T> b) {
    const bool is_more = !(b.value <= a.value) && a.value == a.value;  // NaN is, and stays
    return is_more || a.place == start<T>().place ? b : a;
  }
};

struct Lowest {
  template <class T>
  static __device__ __forceinline__ Extreme<T> start() {
    return {most_of<T>(), 0x7fffffff};
  }
  template <class T>
  static __device__ __forceinline__ Extreme<T> combine(Extreme<T> a, Extreme<T> b) {
    const bool b_is_nan = b.value != b.value, a_is_nan = a.value != a.value;
    const bool is_equal = a.value == b.value || (a_is_nan && b_is_nan);
    const bool is_less = b_is_nan ? !a_is_nan : b.value < a.value;
    return is_less || (is_equal && b.place < a.place) ? b : a;
  }
  template <class T>
  static __device__ __forceinline__ Extreme<T> follow(Extreme<T> a, Extreme<T> b) {
    const bool is_less = !(b.value >= a.value) && a.value == a.value;  // NaN is, and stays
    return is_less || a.place == start<T>().place ? b : a;
  }
};

// --- exchange

// What the lane whose number differs in these bits has.
template <class T>
__device__ __forceinline__ T from_lane(T value, i32 mask) {
  if constexpr (sizeof(T) < 4) {
    return bits<T>(static_cast<Unsigned<T>>(
        __shfl_xor_sync(0xffffffffu, static_cast<u32>(bits<Unsigned<T>>(value)), mask)));
  } else {
    return __shfl_xor_sync(0xffffffffu, value, mask);
  }
}

template <class T>
__device__ __forceinline__ Extreme<T> from_lane(Extreme<T> value, i32 mask) {
  return {from_lane(value.value, mask), from_lane(value.place, mask)};
}

// What the first thread has, for all threads.
template <class T>
__device__ __forceinline__ T from_first_thread(T value, u64* meeting) {
  T* place = reinterpret_cast<T*>(meeting);
  __syncthreads();
  if (threadIdx.x == 0) *place = value;
  __syncthreads();
  return *place;
}

// --- trees

// Combine over so many neighbouring lanes, a power of two; all of them get the result.
template <class Kind, i32 Lanes, class T>
__device__ __forceinline__ T reduce_lanes(T value) {
#pragma unroll
  for (i32 mask = Lanes / 2; mask > 0; mask /= 2) value = Kind::combine(value, from_lane(value, mask));
  return value;
}

// Combine over so many neighbouring threads, whole warps; all of them get the result.
template <class Kind, i32 Threads, class T>
__device__ __forceinline__ T reduce_group(T value, u64* meeting) {
  constexpr i32 warps = Threads / 32;
  T* places = reinterpret_cast<T*>(meeting);
  value = reduce_lanes<Kind, 32>(value);
  __syncthreads();
  if (threadIdx.x % 32 == 0) places[threadIdx.x / 32] = value;
  __syncthreads();
  const i32 first = threadIdx.x / Threads * warps;
  value = places[first + threadIdx.x % warps];
  return reduce_lanes<Kind, warps>(value);
}

// Combine over all threads, of several warps; what they meet in nobody else uses meanwhile, and it
// must not be used again before the next barrier but one.
template <class Kind, i32 Threads, class T>
__device__ __forceinline__ T reduce_all(T value, u64* meeting) {
  constexpr i32 warps = Threads / 32;
  T* places = reinterpret_cast<T*>(meeting);
  value = reduce_lanes<Kind, 32>(value);
  if (threadIdx.x % 32 == 0) places[threadIdx.x / 32] = value;
  __syncthreads();
  return reduce_lanes<Kind, warps>(places[threadIdx.x % warps]);
}

// --- rows next to each other

// What a thread combines the elements of V rows in.
template <class T, i32 V>
struct alignas(sizeof(T) * V < 16 ? sizeof(T) * V : 16) RowPack {
  T at[V];
};

template <class Kind, i32 V, class T>
__device__ __forceinline__ auto start_rows() {
  RowPack<decltype(Kind::template start<T>()), V> rows;
#pragma unroll
  for (i32 v = 0; v < V; ++v) rows.at[v] = Kind::template start<T>();
  return rows;
}

// Threads that lie so many groups apart share rows: each brings its part of theirs, lanes of a warp
// a part together. In the result a part has all rows next to each other.
template <class Kind, i32 Groups, class T, i32 V>
__device__ __forceinline__ const T* bring_rows(RowPack<T, V> rows, u64* meeting) {
  RowPack<T, V>* parts = reinterpret_cast<RowPack<T, V>*>(meeting);
  if constexpr (Groups < 32) {
#pragma unroll
    for (i32 mask = 16; mask >= Groups; mask /= 2) {
#pragma unroll
      for (i32 v = 0; v < V; ++v) rows.at[v] = Kind::combine(rows.at[v], from_lane(rows.at[v], mask));
    }
    const i32 lane = threadIdx.x % 32;
    if (lane < Groups) parts[threadIdx.x / 32 * Groups + lane] = rows;
  } else {
    parts[threadIdx.x] = rows;
  }
  return parts->at;
}

// Combine the parts of a row, of so many in each.
template <class Kind, i32 Parts, i32 Size, class T>
__device__ __forceinline__ T combine_parts(const T* parts, i32 row) {
  T value = parts[row];
#pragma unroll
  for (i32 part = 1; part < Parts; ++part) value = Kind::combine(value, parts[part * Size + row]);
  return value;
}
