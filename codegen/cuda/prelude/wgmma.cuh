// Products by four warps at once, out of shared memory; SM 90a.
// needs: base

// What describes an operand of `wgmma` in rows of 128 swizzled bytes, 1024 bytes for each 8 rows;
// `apart`: bytes between pieces of an operand in columns.
__device__ __forceinline__ u64 operand(const void* start, u32 apart) {
  const u64 address = static_cast<u32>(__cvta_generic_to_shared(start));
  return (address & 0x3ffff) >> 4 | u64(apart >> 4) << 16 | u64(1024 >> 4) << 32 | u64(1) << 62;
}

__device__ __forceinline__ void wgmma_fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

__device__ __forceinline__ void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Until no more than so many groups of products are on their way.
template <i32 Count>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Count) : "memory");
}

// What was written to shared memory before is there for the tensor cores and the copy engine.
__device__ __forceinline__ void fence_async() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Results stay where they are until here: no instruction, but none moves over it.
template <class T, i32 Count>
__device__ __forceinline__ void pin(T (&held)[Count]) {
#pragma unroll
  for (i32 slot = 0; slot < Count; ++slot) asm volatile("" : "+f"(held[slot])::"memory");
}

template <i32 Count>
__device__ __forceinline__ void pin(u32 (&words)[Count]) {
#pragma unroll
  for (i32 word = 0; word < Count; ++word) asm volatile("" : "+r"(words[word])::"memory");
}
