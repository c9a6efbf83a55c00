// Copies from arrays to shared memory that run while the thread goes on.

// Of 16 bytes, of which both addresses are multiples; the first `count` bytes come from the array,
// of which none need be there where `count` is 0, the others are zeros.
__device__ __forceinline__ void cp_async_16(void* target, const void* from, int count) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(target))),
               "l"(__cvta_generic_to_global(from)), "r"(count)
               : "memory");
}

// The copies that this thread began since the last call become a group.
__device__ __forceinline__ void cp_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

// Wait until at most so many of this thread's groups, the latest, are under way.
template <int Groups>
__device__ __forceinline__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}
