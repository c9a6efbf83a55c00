struct Arguments {
  i64 grid[3];
  struct { bf16* data; i64 extent[2], stride[2]; } q;
  struct { bf16* data; i64 extent[2], stride[2]; } k;
  struct { bf16* data; i64 extent[2], stride[2]; } v;
  struct { bf16* data; i64 extent[2], stride[2]; } out;
};

// d += a @ b, 64 x 16 by 16 x 64, out of shared memory.
__device__ __forceinline__ void wgmma_m64n64k16_bf16_columns(f32* d, u64 a, u64 b) {
  asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, 1, 1, 1, 0, 0;"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[16]), "+f"(d[17]),
        "+f"(d[2]), "+f"(d[3]), "+f"(d[18]), "+f"(d[19]),
        "+f"(d[4]), "+f"(d[5]), "+f"(d[20]), "+f"(d[21]),
        "+f"(d[6]), "+f"(d[7]), "+f"(d[22]), "+f"(d[23]),
        "+f"(d[8]), "+f"(d[9]), "+f"(d[24]), "+f"(d[25]),
        "+f"(d[10]), "+f"(d[11]), "+f"(d[26]), "+f"(d[27]),
        "+f"(d[12]), "+f"(d[13]), "+f"(d[28]), "+f"(d[29]),
        "+f"(d[14]), "+f"(d[15]), "+f"(d[30]), "+f"(d[31])
      : "l"(a), "l"(b));
}

// d += a @ b, 64 x 16 by 16 x 64, the left one in registers.
__device__ __forceinline__ void wgmma_m64n64k16_bf16_held(f32* d, u32 a0, u32 a1, u32 a2, u32 a3, u64 b) {
  asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, {%32, %33, %34, %35}, %36, 1, 1, 1, 1;"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[16]), "+f"(d[17]),
        "+f"(d[2]), "+f"(d[3]), "+f"(d[18]), "+f"(d[19]),
        "+f"(d[4]), "+f"(d[5]), "+f"(d[20]), "+f"(d[21]),
        "+f"(d[6]), "+f"(d[7]), "+f"(d[22]), "+f"(d[23]),
        "+f"(d[8]), "+f"(d[9]), "+f"(d[24]), "+f"(d[25]),
        "+f"(d[10]), "+f"(d[11]), "+f"(d[26]), "+f"(d[27]),
        "+f"(d[12]), "+f"(d[13]), "+f"(d[28]), "+f"(d[29]),
        "+f"(d[14]), "+f"(d[15]), "+f"(d[30]), "+f"(d[31])
      : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "l"(b));
}

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services,
       const __grid_constant__ TensorMap map_k,
       const __grid_constant__ TensorMap map_v) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 128);
  extern __shared__ __align__(1024) u8 shared[];
  f32 higher[2] = {};
  f32 total[2] = {};
  f32 top[2] = {};
  f32 tile[2] = {};
  f32 tile_2[2] = {};
  bf16 rows[32];
  f32 acc[32];
  f32 tile_3[32];
  bf16* const queries = reinterpret_cast<bf16*>(shared);
  bf16* const columns = reinterpret_cast<bf16*>(shared + 8192);
  bf16* const rows_2 = reinterpret_cast<bf16*>(shared + 40960);
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
  const i64 program_id = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i64 first = program_id * 64ll;
#line 16 "place"
  const i64 add_2 = first + 64ll;
#line 11 "place"
  const i32 q_left = left_of(arguments.q.extent[0], first);
  const i32 q_left_2 = i32(arguments.q.extent[1]);
  bf16* const q_at = arguments.q.data + first * arguments.q.stride[0];
  #pragma unroll
  for (i32 turn = 0; turn < 2; ++turn) {
    const i32 row = (turn / 2 * 4 + thread / 32) * 16 + turn % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_2 = 0; turn_2 < 8; ++turn_2) {
      const i32 first_2 = (turn_2 * 4 + thread % 4) * 2;
      const Pack<bf16, 2> queries_pack = load_pack_constant_if<2>(row < q_left && first_2 < q_left_2, q_at + row * arguments.q.stride[0] + first_2);
      #pragma unroll
      for (i32 k_2 = 0; k_2 < 2; ++k_2) {
        const bf16 queries_2 = queries_pack.at[k_2];
        queries[swizzled<64>(row, first_2 + k_2)] = queries_2;
        acc[turn * 16 + turn_2 * 2 + k_2] = 0.0f;
      }
    }
  }
#line 13 "place"
  #pragma unroll
  for (i32 turn_3 = 0; turn_3 < 2; ++turn_3) {
    const i32 row_2 = (turn_3 / 2 * 4 + thread / 32) * 16 + turn_3 % 2 * 8 + thread % 32 / 4;
    total[turn_3] = 0.0f;
    top[turn_3] = -1e+30f;
  }
#line 19 "place"
  const i32 rounds = i32(rounds_of(0ll, add_2, 64ll));
  const auto fetch = [&](i64 begin, i32 stage_2) {
    u64* const arrived_now = arrived + stage_2;
    mbarrier_expect(arrived_now, 16384);
    const i32 at = tma_position(begin);
    tma_load_2d(columns + stage_2 * 4096, map_k, 0, at, arrived_now);
    const i32 at_2 = tma_position(begin);
    tma_load_2d(rows_2 + stage_2 * 4096, map_v, 0, at_2, arrived_now);
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
      const i64 begin_2 = round * 64ll;
      mbarrier_wait(arrived + stage, parity);
      bf16* const columns_now = columns + stage * 4096;
      bf16* const rows_2_now = rows_2 + stage * 4096;
#line 26 "place"
      #pragma unroll
      for (i32 slot = 0; slot < 32; ++slot) {
        tile_3[slot] = 0;
      }
      const u64 left = operand(queries, 16);
      const u64 right = operand(columns_now, 16);
      pin(tile_3);
      wgmma_fence();
      wgmma_m64n64k16_bf16_columns(tile_3, left, right);
      wgmma_m64n64k16_bf16_columns(tile_3, left + 2, right + 2);
      wgmma_m64n64k16_bf16_columns(tile_3, left + 4, right + 4);
      wgmma_m64n64k16_bf16_columns(tile_3, left + 6, right + 6);
      wgmma_commit();
      wgmma_wait<0>();
      pin(tile_3);
#line 40 "place"
      #pragma unroll
      for (i32 turn_4 = 0; turn_4 < 2; ++turn_4) {
        const i32 row_3 = (turn_4 / 2 * 4 + thread / 32) * 16 + turn_4 % 2 * 8 + thread % 32 / 4;
        f32 max = Maximum::start<f32>();
        #pragma unroll
        for (i32 turn_5 = 0; turn_5 < 8; ++turn_5) {
          const i32 first_3 = (turn_5 * 4 + thread % 4) * 2;
          #pragma unroll
          for (i32 k_3 = 0; k_3 < 2; ++k_3) {
            const i64 columns_2 = begin_2 + i64(first_3 + k_3);
            const i64 rows_3 = first + row_3;
            const bool le = columns_2 <= rows_3;
            const f32 scores = tile_3[turn_4 * 16 + turn_5 * 2 + k_3] * 0.125f;
            const f32 scores_2 = le ? scores : -1e+30f;
            max = Maximum::combine(max, scores_2);
          }
        }
        max = reduce_lanes<Maximum, 4>(max);
        tile[turn_4] = max;
      }
#line 49 "place"
      #pragma unroll
      for (i32 turn_6 = 0; turn_6 < 2; ++turn_6) {
        const i32 row_4 = (turn_6 / 2 * 4 + thread / 32) * 16 + turn_6 % 2 * 8 + thread % 32 / 4;
        f32 sum = Sum::start<f32>();
        #pragma unroll
        for (i32 turn_7 = 0; turn_7 < 8; ++turn_7) {
          const i32 first_4 = (turn_7 * 4 + thread % 4) * 2;
          #pragma unroll
          for (i32 k_4 = 0; k_4 < 2; ++k_4) {
            const i64 columns_3 = begin_2 + i64(first_4 + k_4);
            const i64 rows_4 = first + row_4;
            const bool le_2 = columns_3 <= rows_4;
            const f32 scores_3 = tile_3[turn_6 * 16 + turn_7 * 2 + k_4] * 0.125f;
            const f32 scores_4 = le_2 ? scores_3 : -1e+30f;
            const f32 higher_2 = maximum(top[turn_6], tile[turn_6]);
            const f32 sub = scores_4 - higher_2;
            const f32 e = exponential(sub);
            sum = Sum::combine(sum, e);
            const bf16 cast = to<bf16>(e);
            rows[turn_6 * 16 + turn_7 * 2 + k_4] = cast;
            const f32 sub_2 = top[turn_6] - higher_2;
            const f32 kept = exponential(sub_2);
            const f32 mul = acc[turn_6 * 16 + turn_7 * 2 + k_4] * kept;
            acc[turn_6 * 16 + turn_7 * 2 + k_4] = mul;
          }
        }
        sum = reduce_lanes<Sum, 4>(sum);
        tile_2[turn_6] = sum;
      }
#line 61 "place"
      u32 left_2[16];
      #pragma unroll
      for (i32 m = 0; m < 1; ++m) {
        #pragma unroll
        for (i32 k_5 = 0; k_5 < 4; ++k_5) {
          left_2[(m * 4 + k_5) * 4 + 0] = pair_of(rows[2 * m * 16 + k_5 * 4], rows[2 * m * 16 + k_5 * 4 + 1]);
          left_2[(m * 4 + k_5) * 4 + 1] = pair_of(rows[(2 * m + 1) * 16 + k_5 * 4], rows[(2 * m + 1) * 16 + k_5 * 4 + 1]);
          left_2[(m * 4 + k_5) * 4 + 2] = pair_of(rows[2 * m * 16 + k_5 * 4 + 2], rows[2 * m * 16 + k_5 * 4 + 3]);
          left_2[(m * 4 + k_5) * 4 + 3] = pair_of(rows[(2 * m + 1) * 16 + k_5 * 4 + 2], rows[(2 * m + 1) * 16 + k_5 * 4 + 3]);
        }
      }
      const u64 right_2 = operand(rows_2_now, 8192);
      pin(acc);
      pin(left_2);
      wgmma_fence();
      wgmma_m64n64k16_bf16_held(acc, left_2[0], left_2[1], left_2[2], left_2[3], right_2);
      wgmma_m64n64k16_bf16_held(acc, left_2[4], left_2[5], left_2[6], left_2[7], right_2 + 128);
      wgmma_m64n64k16_bf16_held(acc, left_2[8], left_2[9], left_2[10], left_2[11], right_2 + 256);
      wgmma_m64n64k16_bf16_held(acc, left_2[12], left_2[13], left_2[14], left_2[15], right_2 + 384);
      wgmma_commit();
      wgmma_wait<0>();
      pin(acc);
#line 41 "place"
      #pragma unroll
      for (i32 turn_8 = 0; turn_8 < 2; ++turn_8) {
        const i32 row_5 = (turn_8 / 2 * 4 + thread / 32) * 16 + turn_8 % 2 * 8 + thread % 32 / 4;
        const f32 higher_3 = maximum(top[turn_8], tile[turn_8]);
        higher[turn_8] = higher_3;
        const f32 sub_3 = top[turn_8] - higher_3;
        const f32 kept_2 = exponential(sub_3);
        const f32 total_2 = multiply_add(total[turn_8], kept_2, tile_2[turn_8]);
        total[turn_8] = total_2;
      }
      #pragma unroll
      for (i32 turn_9 = 0; turn_9 < 2; ++turn_9) {
        const i32 row_6 = (turn_9 / 2 * 4 + thread / 32) * 16 + turn_9 % 2 * 8 + thread % 32 / 4;
        top[turn_9] = higher[turn_9];
      }
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
  }
#line 71 "place"
  const i32 out_left = left_of(arguments.out.extent[0], first);
  const i32 out_left_2 = i32(arguments.out.extent[1]);
  bf16* const out_at = arguments.out.data + first * arguments.out.stride[0];
  #pragma unroll
  for (i32 turn_10 = 0; turn_10 < 2; ++turn_10) {
    const i32 row_7 = (turn_10 / 2 * 4 + thread / 32) * 16 + turn_10 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_11 = 0; turn_11 < 8; ++turn_11) {
      const i32 first_5 = (turn_11 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_6 = 0; k_6 < 2; ++k_6) {
        const f32 div = divide(acc[turn_10 * 16 + turn_11 * 2 + k_6], total[turn_10]);
        const bf16 cast_2 = to<bf16>(div);
        stored.at[k_6] = cast_2;
      }
      if (row_7 < out_left && first_5 < out_left_2) store_pack(out_at + row_7 * arguments.out.stride[0] + first_5, stored);
    }
  }
}
