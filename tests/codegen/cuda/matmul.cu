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
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  extern __shared__ __align__(1024) u8 shared[];
  f32 acc[64];
  bf16* const rows = reinterpret_cast<bf16*>(shared);
  bf16* const rows_2 = reinterpret_cast<bf16*>(shared + 65536);
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
  const auto fetch = [&](i64 k_2, i32 stage) {
    const i64 a_left = arguments.a.extent[0] - m;
    const i64 a_left_2 = arguments.a.extent[1] - k_2;
    bf16* const a_at = arguments.a.data + m * arguments.a.stride[0] + k_2;
    #pragma unroll
    for (i32 turn_3 = 0; turn_3 < 4; ++turn_3) {
      const i32 piece = turn_3 * 256 + thread;
      const i32 row_2 = piece / 8;
      const i32 column = piece % 8 * 8;
      cp_async_16(rows + stage * 8192 + swizzled<128>(row_2, column), a_at + row_2 * arguments.a.stride[0] + column, bytes_left(a_left_2 - column, 2) * (row_2 < a_left));
    }
    const i64 b_left = arguments.b.extent[0] - k_2;
    const i64 b_left_2 = arguments.b.extent[1] - n;
    bf16* const b_at = arguments.b.data + k_2 * arguments.b.stride[0] + n;
    #pragma unroll
    for (i32 turn_4 = 0; turn_4 < 4; ++turn_4) {
      const i32 piece_2 = turn_4 * 256 + thread;
      const i32 row_3 = piece_2 / 16;
      const i32 column_2 = piece_2 % 16 * 8;
      cp_async_16(rows_2 + stage * 8192 + swizzled<64>(row_3, column_2), b_at + row_3 * arguments.b.stride[0] + column_2, bytes_left(b_left_2 - column_2, 2) * (row_3 < b_left));
    }
  };
  #pragma unroll
  for (i32 round = 0; round < 2; ++round) {
    if (round < rounds) fetch(round * 64ll, round);
    cp_async_commit();
  }
  if (rounds > 0) {
    for (i32 round = 0; round < rounds; ++round) {
      const i64 k_3 = round * 64ll;
      const i32 stage = round % 4;
      cp_async_wait<1>();
      fence_async();
      __syncthreads();
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
      if (round + 2 < rounds) fetch((round + 2) * 64ll, (round + 2) % 4);
      cp_async_commit();
    }
    wgmma_wait<0>();
    pin(acc);
  }
  cp_async_wait<0>();
#line 35 "place"
  const i64 c_left = arguments.c.extent[0] - m;
  const i64 c_left_2 = arguments.c.extent[1] - n;
  bf16* const c_at = arguments.c.data + m * arguments.c.stride[0] + n;
  #pragma unroll
  for (i32 turn_5 = 0; turn_5 < 2; ++turn_5) {
    const i32 row_4 = (turn_5 / 2 * 8 + thread / 32) * 16 + turn_5 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_6 = 0; turn_6 < 16; ++turn_6) {
      const i32 first_2 = (turn_6 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_4 = 0; k_4 < 2; ++k_4) {
        const bf16 cast = to<bf16>(acc[turn_5 * 32 + turn_6 * 2 + k_4]);
        stored.at[k_4] = cast;
      }
      if (row_4 < c_left && first_2 < c_left_2) store_pack(c_at + row_4 * arguments.c.stride[0] + first_2, stored);
    }
  }
}
