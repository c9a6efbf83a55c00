struct Arguments {
  i64 grid[3];
  struct { bf16* data; i64 extent[2], stride[2]; } a;
  struct { bf16* data; i64 extent[2], stride[2]; } b;
  struct { bf16* data; i64 extent[2], stride[2]; } c;
};

extern "C" __global__ void __launch_bounds__(256)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 256);
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
    const i32 a_left = left_of(arguments.a.extent[0], m);
    const i32 a_left_2 = left_of(arguments.a.extent[1], k_2);
    bf16* const a_at = arguments.a.data + m * arguments.a.stride[0] + k_2;
    const i32 column = thread % 8 * 8;
    const i32 row_2 = thread / 8;
    const i32 bytes = bytes_left(a_left_2 - column, 2);
    const i32 left = saturated(a_left);
    #pragma unroll
    for (i32 turn_3 = 0; turn_3 < 4; ++turn_3) {
      const i32 row_3 = row_2 + turn_3 * 32;
      cp_async_16(rows + stage * 8192 + swizzled<128>(row_3, column), a_at + row_3 * arguments.a.stride[0] + column, row_3 < left ? bytes : 0);
    }
    const i32 b_left = left_of(arguments.b.extent[0], k_2);
    const i32 b_left_2 = left_of(arguments.b.extent[1], n);
    bf16* const b_at = arguments.b.data + k_2 * arguments.b.stride[0] + n;
    const i32 column_2 = thread % 16 * 8;
    const i32 row_4 = thread / 16;
    const i32 bytes_2 = bytes_left(b_left_2 - column_2, 2);
    const i32 left_2 = saturated(b_left);
    #pragma unroll
    for (i32 turn_4 = 0; turn_4 < 4; ++turn_4) {
      const i32 row_5 = row_4 + turn_4 * 16;
      cp_async_16(rows_2 + stage * 8192 + swizzled<64>(row_5, column_2), b_at + row_5 * arguments.b.stride[0] + column_2, row_5 < left_2 ? bytes_2 : 0);
    }
  };
  #pragma unroll
  for (i32 round = 0; round < 3; ++round) {
    if (round < rounds) fetch(round * 64ll, round);
    cp_async_commit();
  }
  for (i32 round = 0; round < rounds; ++round) {
    const i64 k_3 = round * 64ll;
    const i32 stage_2 = round % 4;
    cp_async_wait<2>();
    __syncthreads();
    if (round + 3 < rounds) fetch((round + 3) * 64ll, (round + 3) % 4);
    cp_async_commit();
    bf16* const rows_now = rows + stage_2 * 8192;
    bf16* const rows_2_now = rows_2 + stage_2 * 8192;
#line 26 "place"
    #pragma unroll
    for (i32 k_4 = 0; k_4 < 64; k_4 += 16) {
      u32 a_2[1][4];
      #pragma unroll
      for (i32 m_2 = 0; m_2 < 1; ++m_2) {
        ldmatrix_x4(a_2[m_2], rows_now + swizzled<128>((m_2 * 8 + thread / 32) * 16 + thread % 16, k_4 + thread % 32 / 16 * 8));
      }
      const auto multiply_tiles = [](auto& d, auto& a, auto& b) { mma_m16n8k16_bf16(d, a, b); };
      #pragma unroll
      for (i32 n_2 = 0; n_2 < 16; n_2 += 2) {
        u32 b_2[4];
        ldmatrix_x4_trans(b_2, rows_2_now + swizzled<64>(k_4 + thread % 16, n_2 * 8 + thread % 32 / 16 * 8));
        #pragma unroll
        for (i32 m_2 = 0; m_2 < 1; ++m_2) {
          tensor_add<32>(multiply_tiles, acc + 2 * m_2 * 32 + n_2 * 2, a_2[m_2], b_2[0], b_2[1]);
          tensor_add<32>(multiply_tiles, acc + 2 * m_2 * 32 + (n_2 + 1) * 2, a_2[m_2], b_2[2], b_2[3]);
        }
      }
    }
  }
  cp_async_wait<0>();
#line 35 "place"
  const i32 c_left = left_of(arguments.c.extent[0], m);
  const i32 c_left_2 = left_of(arguments.c.extent[1], n);
  bf16* const c_at = arguments.c.data + m * arguments.c.stride[0] + n;
  #pragma unroll
  for (i32 turn_5 = 0; turn_5 < 2; ++turn_5) {
    const i32 row_6 = (turn_5 / 2 * 8 + thread / 32) * 16 + turn_5 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_6 = 0; turn_6 < 16; ++turn_6) {
      const i32 first_2 = (turn_6 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_5 = 0; k_5 < 2; ++k_5) {
        const bf16 cast = to<bf16>(acc[turn_5 * 32 + turn_6 * 2 + k_5]);
        stored.at[k_5] = cast;
      }
      if (row_6 < c_left && first_2 < c_left_2) store_pack(c_at + row_6 * arguments.c.stride[0] + first_2, stored);
    }
  }
}
