// Atomics on elements of arrays, of every dtype: each replaces one in one step and gives the old.
// needs: base convert ptx

enum class Order { relaxed, acquire, release, acq_rel };

// What other programs see in order: memory before a release, memory after an acquire.
template <Order order>
__device__ __forceinline__ void fence_before() {
  if constexpr (order == Order::release || order == Order::acq_rel) ptx_fence();
}

template <Order order>
__device__ __forceinline__ void fence_after() {
  if constexpr (order == Order::acquire || order == Order::acq_rel) ptx_fence();
}

// The aligned word that an element of one or two bytes is part of, and where in it.
struct Part {
  u32* word;
  u32 shift;
};

__device__ __forceinline__ Part part_at(void* place) {
  const u64 address = reinterpret_cast<u64>(place);
  return {reinterpret_cast<u32*>(address & ~3ull), static_cast<u32>(address & 3) * 8};
}

// Put `change(old)` in place of what is there, again and again until nothing came between. With
// `Keeps` nothing is written where that is the same.
template <bool Keeps, class T, class Change>
__device__ __forceinline__ T replace(T* place, Change change) {
  typedef Unsigned<T> Bits;
  if constexpr (sizeof(T) >= 4) {
    Bits* word = reinterpret_cast<Bits*>(place);
    Bits seen = *const_cast<volatile Bits*>(word);
    for (;;) {
      const Bits wanted = bits<Bits>(change(bits<T>(seen)));
      if (Keeps && wanted == seen) break;
      const Bits found = atomicCAS(word, seen, wanted);
      if (found == seen) break;
      seen = found;
    }
    return bits<T>(seen);
  } else {
    const Part part = part_at(place);
    constexpr u32 ones = ~0u >> (32 - width<T>);
    u32 seen = *const_cast<volatile u32*>(part.word);
    for (;;) {
      const Bits old = static_cast<Bits>(seen >> part.shift);
      const Bits wanted = bits<Bits>(change(bits<T>(old)));
      if (Keeps && wanted == old) break;
      const u32 rest = seen & ~(ones << part.shift);
      const u32 found = atomicCAS(part.word, seen, rest | static_cast<u32>(wanted) << part.shift);
      if (found == seen) break;
      seen = found;
    }
    return bits<T>(static_cast<Bits>(seen >> part.shift));
  }
}

// The sum as the dtype has it: integers wrap, narrow floats round once.
template <class T>
__device__ __forceinline__ T atomic_sum(T old, T value) {
  if constexpr (is_narrow_float<T>) {
    return to<T>(widen(old) + widen(value));
  } else {
    return static_cast<T>(old + value);
  }
}

// Whether a value takes the place of what is there: not if they are equal; NaN wins.
template <bool Largest, class T>
__device__ __forceinline__ bool is_better(T value, T old) {
  if constexpr (is_narrow_float<T>) {
    return is_better<Largest>(widen(value), widen(old));
  } else {
    return (Largest ? value > old : value < old) || value != value;
  }
}

// --- in one step, in no order

template <class T>
__device__ __forceinline__ T add_at(T* place, T value) {
  if constexpr (is_same<T, f32>) {
    // The instruction takes subnormal numbers and sums for zero, which is right, or does not come
    // about, where what is added is larger than this.
    if (!(fabsf(value) < 0x1p-100f)) return atomicAdd(place, value);
    return replace<true>(place, [=](T old) { return old + value; });
  } else if constexpr (is_same<T, f64>) {
    return atomicAdd(place, value);
  } else if constexpr (is_same<T, f16>) {
    return {ptx_add_f16_at(reinterpret_cast<u16*>(place), value.bits)};
#if __CUDA_ARCH__ >= 900
  } else if constexpr (is_same<T, bf16>) {
    return {ptx_add_bf16_at(reinterpret_cast<u16*>(place), value.bits)};
#endif
  } else if constexpr (!is_float<T> && sizeof(T) >= 4) {
    typedef Unsigned<T> Bits;
    return static_cast<T>(atomicAdd(reinterpret_cast<Bits*>(place), static_cast<Bits>(value)));
  } else {
    return replace<false>(place, [=](T old) { return atomic_sum(old, value); });
  }
}

template <bool Largest, bool Keeps, class T>
__device__ __forceinline__ T extreme_at(T* place, T value) {
  if constexpr (!is_float<T> && sizeof(T) >= 4) {
    return Largest ? atomicMax(place, value) : atomicMin(place, value);
  } else {
    return replace<Keeps>(place,
                          [=](T old) { return is_better<Largest>(value, old) ? value : old; });
  }
}

// Bits combined: of small elements in their word, whose other bits stay as they are.
enum class Logic { conjunction, disjunction, difference };

template <Logic logic, class Bits>
__device__ __forceinline__ Bits combine_at(Bits* place, Bits value) {
  if constexpr (sizeof(Bits) >= 4) {
    if constexpr (logic == Logic::conjunction) return atomicAnd(place, value);
    if constexpr (logic == Logic::disjunction) return atomicOr(place, value);
    if constexpr (logic == Logic::difference) return atomicXor(place, value);
  } else {
    const Part part = part_at(place);
    const u32 others = ~(~0u >> (32 - width<Bits>) << part.shift);
    u32 given = static_cast<u32>(value) << part.shift;
    if (logic == Logic::conjunction) given |= others;
    return static_cast<Bits>(combine_at<logic>(part.word, given) >> part.shift);
  }
}

template <Order order, Logic logic, class T>
__device__ __forceinline__ T atomic_logic(Memory<T>* place, T value) {
  fence_before<order>();
  T old;
  if constexpr (is_same<T, bool>) {  // any byte but 0 stands for true and stays as it is
    const u8 ones = value ? (logic == Logic::conjunction ? 0xff : 1) : 0;
    old = combine_at<logic>(place, ones) != 0;
  } else {
    typedef Unsigned<T> Bits;
    const Bits given = static_cast<Bits>(value);
    old = static_cast<T>(combine_at<logic>(reinterpret_cast<Bits*>(place), given));
  }
  fence_after<order>();
  return old;
}

// --- the atomics of the language

template <Order order, class T>
__device__ __forceinline__ T atomic_and(Memory<T>* place, T value) {
  return atomic_logic<order, Logic::conjunction>(place, value);
}

template <Order order, class T>
__device__ __forceinline__ T atomic_or(Memory<T>* place, T value) {
  return atomic_logic<order, Logic::disjunction>(place, value);
}

template <Order order, class T>
__device__ __forceinline__ T atomic_xor(Memory<T>* place, T value) {
  return atomic_logic<order, Logic::difference>(place, value);
}

template <Order order, class T>
__device__ __forceinline__ T atomic_add(Memory<T>* place, T value) {
  if constexpr (is_same<T, bool>) {
    return atomic_or<order>(place, value);
  } else {
    fence_before<order>();
    const T old = add_at(place, value);
    fence_after<order>();
    return old;
  }
}

template <Order order, class T>
__device__ __forceinline__ T atomic_max(Memory<T>* place, T value) {
  if constexpr (is_same<T, bool>) {
    return atomic_or<order>(place, value);
  } else {
    fence_before<order>();
    const T old = extreme_at<true, order == Order::relaxed>(place, value);
    fence_after<order>();
    return old;
  }
}

template <Order order, class T>
__device__ __forceinline__ T atomic_min(Memory<T>* place, T value) {
  if constexpr (is_same<T, bool>) {
    return atomic_and<order>(place, value);
  } else {
    fence_before<order>();
    const T old = extreme_at<false, order == Order::relaxed>(place, value);
    fence_after<order>();
    return old;
  }
}

template <Order order, class T>
__device__ __forceinline__ T atomic_xchg(Memory<T>* place, T value) {
  fence_before<order>();
  T old;
  if constexpr (is_same<T, bool>) {
    const u8 given = value;
    old = replace<false>(place, [=](u8) { return given; }) != 0;
  } else if constexpr (sizeof(T) >= 4) {
    typedef Unsigned<T> Bits;
    old = bits<T>(atomicExch(reinterpret_cast<Bits*>(place), bits<Bits>(value)));
  } else {
    old = replace<false>(place, [=](T) { return value; });
  }
  fence_after<order>();
  return old;
}

// `value` where what is there is `expected`, bit for bit.
template <Order order, class T>
__device__ __forceinline__ T atomic_cas(Memory<T>* place, T expected, T value) {
  fence_before<order>();
  T old;
  if constexpr (is_same<T, bool>) {
    const u8 from = expected, given = value;
    old = replace<order == Order::relaxed>(
              place, [=](u8 seen) { return seen == from ? given : seen; }) != 0;
  } else if constexpr (sizeof(T) >= 4) {
    typedef Unsigned<T> Bits;
    Bits* word = reinterpret_cast<Bits*>(place);
    old = bits<T>(atomicCAS(word, bits<Bits>(expected), bits<Bits>(value)));
  } else {
    typedef Unsigned<T> Bits;
    const Bits from = bits<Bits>(expected);
    old = replace<order == Order::relaxed>(
        place, [=](T seen) { return bits<Bits>(seen) == from ? value : seen; });
  }
  fence_after<order>();
  return old;
}
