// Loads and stores that happen where a condition holds: one instruction, where C++ makes a branch
// behind which the compiler moves the address's arithmetic too.

// Of memory that nothing writes to during the launch. What stands for it where the condition does
// not hold lies in the register already: a choice after the load would keep the condition until
// then, and there are seven registers for conditions.
__device__ __forceinline__ unsigned char ptx_load_constant_if(bool condition,
                                                              const unsigned char* from,
                                                              unsigned char otherwise) {
  unsigned result;
  asm("{.reg .pred p; setp.ne.u32 p, %2, 0; mov.b32 %0, %3; @p ld.global.nc.u8 %0, [%1];}"
      : "=&r"(result)
      : "l"(__cvta_generic_to_global(from)), "r"(static_cast<unsigned>(condition)),
        "r"(static_cast<unsigned>(otherwise)));
  return static_cast<unsigned char>(result);
}

__device__ __forceinline__ unsigned short ptx_load_constant_if(bool condition,
                                                               const unsigned short* from,
                                                               unsigned short otherwise) {
  unsigned short result;
  asm("{.reg .pred p; setp.ne.u32 p, %2, 0; mov.b16 %0, %3; @p ld.global.nc.b16 %0, [%1];}"
      : "=&h"(result)
      : "l"(__cvta_generic_to_global(from)), "r"(static_cast<unsigned>(condition)), "h"(otherwise));
  return result;
}

__device__ __forceinline__ unsigned ptx_load_constant_if(bool condition, const unsigned* from,
                                                         unsigned otherwise) {
  unsigned result;
  asm("{.reg .pred p; setp.ne.u32 p, %2, 0; mov.b32 %0, %3; @p ld.global.nc.b32 %0, [%1];}"
      : "=&r"(result)
      : "l"(__cvta_generic_to_global(from)), "r"(static_cast<unsigned>(condition)), "r"(otherwise));
  return result;
}

__device__ __forceinline__ uint2 ptx_load_constant_if(bool condition, const uint2* from,
                                                      uint2 otherwise) {
  uint2 result;
  asm("{.reg .pred p; setp.ne.u32 p, %3, 0; mov.b32 %0, %4; mov.b32 %1, %5;"
      "@p ld.global.nc.v2.b32 {%0, %1}, [%2];}"
      : "=&r"(result.x), "=&r"(result.y)
      : "l"(__cvta_generic_to_global(from)), "r"(static_cast<unsigned>(condition)),
        "r"(otherwise.x), "r"(otherwise.y));
  return result;
}

__device__ __forceinline__ uint4 ptx_load_constant_if(bool condition, const uint4* from,
                                                      uint4 otherwise) {
  uint4 result;
  asm("{.reg .pred p; setp.ne.u32 p, %5, 0;"
      "mov.b32 %0, %6; mov.b32 %1, %7; mov.b32 %2, %8; mov.b32 %3, %9;"
      "@p ld.global.nc.v4.b32 {%0, %1, %2, %3}, [%4];}"
      : "=&r"(result.x), "=&r"(result.y), "=&r"(result.z), "=&r"(result.w)
      : "l"(__cvta_generic_to_global(from)), "r"(static_cast<unsigned>(condition)),
        "r"(otherwise.x), "r"(otherwise.y), "r"(otherwise.z), "r"(otherwise.w));
  return result;
}

__device__ __forceinline__ void ptx_store_if(bool condition, unsigned char* target,
                                             unsigned char value) {
  asm volatile("{.reg .pred p; setp.ne.u32 p, %2, 0; @p st.global.u8 [%0], %1;}" ::"l"(
                   __cvta_generic_to_global(target)),
               "r"(static_cast<unsigned>(value)), "r"(static_cast<unsigned>(condition))
               : "memory");
}

__device__ __forceinline__ void ptx_store_if(bool condition, unsigned short* target,
                                             unsigned short value) {
  asm volatile("{.reg .pred p; setp.ne.u32 p, %2, 0; @p st.global.b16 [%0], %1;}" ::"l"(
                   __cvta_generic_to_global(target)),
               "h"(value), "r"(static_cast<unsigned>(condition))
               : "memory");
}

__device__ __forceinline__ void ptx_store_if(bool condition, unsigned* target, unsigned value) {
  asm volatile("{.reg .pred p; setp.ne.u32 p, %2, 0; @p st.global.b32 [%0], %1;}" ::"l"(
                   __cvta_generic_to_global(target)),
               "r"(value), "r"(static_cast<unsigned>(condition))
               : "memory");
}

__device__ __forceinline__ void ptx_store_if(bool condition, uint2* target, uint2 value) {
  asm volatile("{.reg .pred p; setp.ne.u32 p, %3, 0; @p st.global.v2.b32 [%0], {%1, %2};}" ::"l"(
                   __cvta_generic_to_global(target)),
               "r"(value.x), "r"(value.y), "r"(static_cast<unsigned>(condition))
               : "memory");
}

__device__ __forceinline__ void ptx_store_if(bool condition, uint4* target, uint4 value) {
  asm volatile(
      "{.reg .pred p; setp.ne.u32 p, %5, 0; @p st.global.v4.b32 [%0], {%1, %2, %3, %4};}" ::"l"(
          __cvta_generic_to_global(target)),
      "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w), "r"(static_cast<unsigned>(condition))
      : "memory");
}
