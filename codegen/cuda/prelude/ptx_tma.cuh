// Boxes of arrays that the hardware copies to shared memory, and barriers that count their bytes.

// What the hardware knows of an array; made by the driver at each launch.
struct alignas(64) TensorMap {
  unsigned long long opaque[16];
};

// Whether this thread is the one of its warp that does what one thread is enough for.
__device__ __forceinline__ bool elected() {
  unsigned is_elected;
  asm volatile(
      "{\n"
      ".reg .pred chosen;\n"
      "elect.sync _|chosen, 0xffffffff;\n"
      "selp.b32 %0, 1, 0, chosen;\n"
      "}"
      : "=r"(is_elected));
  return is_elected != 0;
}

// A barrier that completes a phase whenever one thread has arrived and all bytes it expects have.
__device__ __forceinline__ void mbarrier_init(unsigned long long* barrier) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(barrier)))
               : "memory");
}

// Barriers that this thread made are there for the hardware.
__device__ __forceinline__ void mbarrier_init_fence() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

// Arrive, and let the phase last until so many bytes have come.
__device__ __forceinline__ void mbarrier_expect(unsigned long long* barrier, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(barrier))),
               "r"(bytes)
               : "memory");
}

// Wait for the end of the phase that is under way, or of the one before if `parity` is its number's
// last bit.
__device__ __forceinline__ void mbarrier_wait(unsigned long long* barrier, unsigned parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "wait:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@done bra finished;\n"
      "bra wait;\n"
      "finished:\n"
      "}" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(barrier))),
      "r"(parity)
      : "memory");
}

// A place in an array as the hardware takes it; far outside there is nothing either way.
__device__ __forceinline__ int tma_position(long long place) {
  constexpr long long most = 0x7fffffff - 4096;
  return static_cast<int>(place < -4096 ? -4096 : place > most ? most : place);
}

// Begin to copy the box whose first element is in row `y`, column `x`, zeros where there is no
// array; the barrier counts its bytes.
__device__ __forceinline__ void tma_load_2d(void* target, const TensorMap& map, int x, int y,
                                            unsigned long long* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%3, %4}], [%2];" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(target))),
      "l"(&map), "r"(static_cast<unsigned>(__cvta_generic_to_shared(barrier))), "r"(x), "r"(y)
      : "memory");
}
