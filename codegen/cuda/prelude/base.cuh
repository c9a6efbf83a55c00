// The types of the language, wide accesses to memory, and how code reports to the host.
// needs: ptx_access

typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

// Narrow floats are their bits; `to` makes numbers of them. A `bool_` lies in memory as a `u8`.
struct f16 {
  u16 bits;
};

struct bf16 {
  u16 bits;
};

struct f8e4m3 {
  u8 bits;
};

struct f8e5m2 {
  u8 bits;
};

// The same bits as another type.
template <class To, class From>
__device__ __forceinline__ To bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

// Whether two types are one.
template <class A, class B>
inline constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

// What there is of a type: the width in bits, floats, integers with a sign.
template <class T>
inline constexpr i32 width = 8 * sizeof(T);

template <class T>
inline constexpr bool is_narrow_float =
    is_same<T, f16> || is_same<T, bf16> || is_same<T, f8e4m3> || is_same<T, f8e5m2>;

template <class T>
inline constexpr bool is_float = is_same<T, f32> || is_same<T, f64> || is_narrow_float<T>;

template <class T>
inline constexpr bool is_signed =
    is_same<T, i8> || is_same<T, i16> || is_same<T, i32> || is_same<T, i64>;

// The unsigned integer of a size in bytes.
template <i32 Bytes>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
  typedef u8 type;
};
template <>
struct UnsignedOf<2> {
  typedef u16 type;
};
template <>
struct UnsignedOf<4> {
  typedef u32 type;
};
template <>
struct UnsignedOf<8> {
  typedef u64 type;
};
template <class T>
using Unsigned = typename UnsignedOf<sizeof(T)>::type;

// How a value lies in memory.
template <class T>
struct MemoryOf {
  typedef T type;
};
template <>
struct MemoryOf<bool> {
  typedef u8 type;
};
template <class T>
using Memory = typename MemoryOf<T>::type;

// --- wide accesses: V elements of 1 to 16 bytes in one instruction, at a multiple of those bytes

template <class T, i32 V>
struct alignas(sizeof(T) * V) Pack {
  static_assert(sizeof(T) * V <= 16 && (V & (V - 1)) == 0);
  T at[V];
};

// What one instruction moves: a word, as plain stores of packs may be taken apart into elements.
template <i32 Bytes>
struct WordOf {
  typedef typename UnsignedOf<Bytes>::type type;
};
template <>
struct WordOf<8> {
  typedef uint2 type;
};
template <>
struct WordOf<16> {
  typedef uint4 type;
};
template <class T>
using Word = typename WordOf<sizeof(T)>::type;

template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_pack(const T* from) {
  return bits<Pack<T, V>>(*reinterpret_cast<const Word<Pack<T, V>>*>(from));
}

template <class T, i32 V>
__device__ __forceinline__ void store_pack(T* target, Pack<T, V> pack) {
  __stwb(reinterpret_cast<Word<Pack<T, V>>*>(target), bits<Word<Pack<T, V>>>(pack));
}

// From an array that nothing writes to during the launch: past the cache of writes.
template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_pack_constant(const T* from) {
  return bits<Pack<T, V>>(__ldg(reinterpret_cast<const Word<Pack<T, V>>*>(from)));
}

template <class T>
__device__ __forceinline__ T load_constant(const T* from) {
  return bits<T>(__ldg(reinterpret_cast<const Word<T>*>(from)));
}

// A pack of one value.
template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> filled(T value) {
  Pack<T, V> pack;
#pragma unroll
  for (i32 v = 0; v < V; ++v) pack.at[v] = value;
  return pack;
}

// The same where a condition holds, some other value elsewhere.
template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_pack_if(bool condition, const T* from,
                                                   T otherwise = T{}) {
  typedef Word<Pack<T, V>> W;
  W word = bits<W>(filled<V>(otherwise));
  if (condition) word = *reinterpret_cast<const W*>(from);
  return bits<Pack<T, V>>(word);
}

template <i32 V, class T>
__device__ __forceinline__ Pack<T, V> load_pack_constant_if(bool condition, const T* from,
                                                            T otherwise = T{}) {
  typedef Word<Pack<T, V>> W;
  return bits<Pack<T, V>>(ptx_load_constant_if(condition, reinterpret_cast<const W*>(from),
                                               bits<W>(filled<V>(otherwise))));
}

template <class T>
__device__ __forceinline__ T load_constant_if(bool condition, const T* from, T otherwise = T{}) {
  typedef Word<T> W;
  return bits<T>(
      ptx_load_constant_if(condition, reinterpret_cast<const W*>(from), bits<W>(otherwise)));
}

template <class T, i32 V>
__device__ __forceinline__ void store_pack_if(bool condition, T* target, Pack<T, V> pack) {
  ptx_store_if(condition, reinterpret_cast<Word<Pack<T, V>>*>(target),
               bits<Word<Pack<T, V>>>(pack));
}

template <class T>
__device__ __forceinline__ void store_if(bool condition, T* target, T value) {
  ptx_store_if(condition, reinterpret_cast<Word<T>*>(target), bits<Word<T>>(value));
}

// --- reports to the host

// Zero before the launch; whoever sets `claimed` fills it in.
struct Failure {
  i32 claimed, code, place, count;
  i64 values[16];
};

// Records follow: place (i32), bytes (i32), program (i64), then so many bytes, padded to 8.
struct Prints {
  u64 used, capacity;
};

// The second parameter of every kernel.
struct Services {
  u8* scratch;  // so many bytes for each block of the launch; null if it needs none
  Failure* failure;
  Prints* prints;
  i64 programs;  // of the launch
};

// Tell the host what is wrong; only the first failure of a launch is told.
template <class... Values>
__device__ __noinline__ void fail(const Services& services, i32 code, i32 place, i32 count,
                                  Values... values) {
  Failure* failure = services.failure;
  if (atomicCAS(&failure->claimed, 0, 1) != 0) return;
  failure->code = code;
  failure->place = place;
  failure->count = count;
  i64* next = failure->values;
  ((*next++ = static_cast<i64>(values)), ...);
}

// Room for a record's payload; null where the host's memory is full, which it sees from `used`.
__device__ inline u8* reserve_print(const Services& services, i32 place, i64 program, i32 bytes) {
  const u64 size = 16 + (static_cast<u64>(bytes) + 7) / 8 * 8;
  const u64 start = atomicAdd(&services.prints->used, size);
  if (start + size > services.prints->capacity) return nullptr;
  u8* record = reinterpret_cast<u8*>(services.prints + 1) + start;
  reinterpret_cast<i32*>(record)[0] = place;
  reinterpret_cast<i32*>(record)[1] = bytes;
  reinterpret_cast<i64*>(record)[1] = program;
  return record + 16;
}

// One value of a record; nothing where there was no room.
template <class T>
__device__ __forceinline__ void write_print(u8* record, i64 at, T value) {
  if (record != nullptr) *reinterpret_cast<T*>(record + at) = value;
}
