struct Arguments {
  i64 grid[3];
  struct { bf16* data; i64 extent[2], stride[2]; } a;
  struct { bf16* data; i64 extent[2], stride[2]; } b;
  struct { bf16* data; i64 extent[2], stride[2]; } c;
};

// d += a @ b, 64 x 16 by 16 x 128, out of shared memory.
__device__ __forceinline__ void wgmma_m64n128k16_bf16(f32* d, u64 a, u64 b) {
  asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, 1, 1, 1, 0, 1;"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[32]), "+f"(d[33]),
        "+f"(d[2]), "+f"(d[3]), "+f"(d[34]), "+f"(d[35]),
        "+f"(d[4]), "+f"(d[5]), "+f"(d[36]), "+f"(d[37]),
        "+f"(d[6]), "+f"(d[7]), "+f"(d[38]), "+f"(d[39]),
        "+f"(d[8]), "+f"(d[9]), "+f"(d[40]), "+f"(d[41]),
        "+f"(d[10]), "+f"(d[11]), "+f"(d[42]), "+f"(d[43]),
        "+f"(d[12]), "+f"(d[13]), "+f"(d[44]), "+f"(d[45]),
        "+f"(d[14]), "+f"(d[15]), "+f"(d[46]), "+f"(d[47]),
        "+f"(d[16]), "+f"(d[17]), "+f"(d[48]), "+f"(d[49]),
        "+f"(d[18]), "+f"(d[19]), "+f"(d[50]), "+f"(d[51]),
        "+f"(d[20]), "+f"(d[21]), "+f"(d[52]), "+f"(d[53]),
        "+f"(d[22]), "+f"(d[23]), "+f"(d[54]), "+f"(d[55]),
        "+f"(d[24]), "+f"(d[25]), "+f"(d[56]), "+f"(d[57]),
        "+f"(d[26]), "+f"(d[27]), "+f"(d[58]), "+f"(d[59]),
        "+f"(d[28]), "+f"(d[29]), "+f"(d[60]), "+f"(d[61]),
        "+f"(d[30]), "+f"(d[31]), "+f"(d[62]), "+f"(d[63])
      : "l"(a), "l"(b));
}

extern "C" __global__ void __launch_bounds__(256)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services,
       const __grid_constant__ TensorMap map_a,
       const __grid_constant__ TensorMap map_b) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 256);
  extern __shared__ __align__(1024) u8 shared[];
  f32 acc[64];
  bf16* const rows = reinterpret_cast<bf16*>(shared);
  bf16* const rows_2 = reinterpret_cast<bf16*>(shared + 65536);
  __shared__ u64 arrived[4];
  if (thread == 0) {
    mbarrier_init(arrived + 0);
    mbarrier_init(arrived + 1);
    mbarrier_init(arrived + 2);
    mbarrier_init(arrived + 3);
    mbarrier_init_fence();
  }
  i32 stage = 0;
  u32 parity = 0;
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = u32(program) % u32(arguments.grid[0]);
#line 2 "place"
  const i64 m = program_id * 128ll;
#line 3 "place"
  const i64 program_id_2 = u32(program) / u32(arguments.grid[0]) % u32(arguments.grid[1]);
#line 5 "place"
  const i64 n = program_id_2 * 128ll;
#line 6 "place"
  #pragma unroll
  for (i32 turn = 0; turn < 2; ++turn) {
    const i32 row = (turn / 2 * 8 + thread / 32) * 16 + turn % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_2 = 0; turn_2 < 16; ++turn_2) {
      const i32 first = (turn_2 * 4 + thread % 4) * 2;
      #pragma unroll
      for (i32 k = 0; k < 2; ++k) {
        acc[turn * 32 + turn_2 * 2 + k] = 0.0f;
      }
    }
  }
#line 10 "place"
  const i32 rounds = i32(rounds_of(0ll, arguments.a.extent[1], 64ll));
  const auto fetch = [&](i64 k_2, i32 stage_2) {
    u64* const arrived_now = arrived + stage_2;
    mbarrier_expect(arrived_now, 32768);
    const i32 at = tma_position(m);
    const i32 at_2 = tma_position(k_2);
    tma_load_2d(rows + stage_2 * 8192, map_a, at_2, at, arrived_now);
    const i32 at_3 = tma_position(k_2);
    const i32 at_4 = tma_position(n);
    tma_load_2d(rows_2 + stage_2 * 8192, map_b, at_4, at_3, arrived_now);
    tma_load_2d(rows_2 + stage_2 * 8192 + 4096, map_b, at_4 + 64, at_3, arrived_now);
  };
  fence_async();
  __syncthreads();
  const bool is_first_warp = __shfl_sync(0xffffffffu, thread / 32, 0) == 0;
  if (is_first_warp && elected()) {
    #pragma unroll
    for (i32 round = 0; round < 3; ++round) {
      if (round < rounds) fetch(round * 64ll, (stage + round) % 4);
    }
  }
  if (rounds > 0) {
    for (i32 round = 0; round < rounds; ++round) {
      const i64 k_3 = round * 64ll;
      mbarrier_wait(arrived + stage, parity);
      bf16* const rows_now = rows + stage * 8192;
      bf16* const rows_2_now = rows_2 + stage * 8192;
#line 26 "place"
      const i32 first_row = __shfl_sync(0xffffffffu, thread / 128, 0) * 64;
      const u64 left = operand(rows_now, 16) + first_row * 8;
      const u64 right = operand(rows_2_now, 8192);
      wgmma_fence();
      wgmma_m64n128k16_bf16(acc, left, right);
      wgmma_m64n128k16_bf16(acc, left + 2, right + 128);
      wgmma_m64n128k16_bf16(acc, left + 4, right + 256);
      wgmma_m64n128k16_bf16(acc, left + 6, right + 384);
      wgmma_commit();
      wgmma_wait<1>();
      __syncthreads();
      if (round + 3 < rounds && is_first_warp && elected()) {
        fetch((round + 3) * 64ll, stage == 0 ? 3 : stage - 1);
      }
      if (++stage == 4) {
        stage = 0;
        parity ^= 1;
      }
    }
    wgmma_wait<0>();
    pin(acc);
  }
#line 35 "place"
  const i32 c_left = left_of(arguments.c.extent[0], m);
  const i32 c_left_2 = left_of(arguments.c.extent[1], n);
  bf16* const c_at = arguments.c.data + m * arguments.c.stride[0] + n;
  #pragma unroll
  for (i32 turn_3 = 0; turn_3 < 2; ++turn_3) {
    const i32 row_2 = (turn_3 / 2 * 8 + thread / 32) * 16 + turn_3 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_4 = 0; turn_4 < 16; ++turn_4) {
      const i32 first_2 = (turn_4 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_4 = 0; k_4 < 2; ++k_4) {
        const bf16 cast = to<bf16>(acc[turn_3 * 32 + turn_4 * 2 + k_4]);
        stored.at[k_4] = cast;
      }
      if (row_2 < c_left && first_2 < c_left_2) store_pack(c_at + row_2 * arguments.c.stride[0] + first_2, stored);
    }
  }
}
