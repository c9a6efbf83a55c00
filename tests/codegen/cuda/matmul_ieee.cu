struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } a;
  struct { f32* data; i64 extent[2], stride[2]; } b;
  struct { f32* data; i64 extent[2], stride[2]; } c;
};

extern "C" __global__ void __launch_bounds__(256, 2)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 256);
  extern __shared__ __align__(1024) u8 shared[];
  f32 acc[64];
  f32* const rows = reinterpret_cast<f32*>(shared);
  f32* const rows_2 = reinterpret_cast<f32*>(shared + 24576);
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
  for (i32 turn = 0; turn < 8; ++turn) {
    const i32 row = turn * 16 + thread / 64 * 4 + thread % 32 / 16 * 2 + thread % 2;
    #pragma unroll
    for (i32 turn_2 = 0; turn_2 < 2; ++turn_2) {
      const i32 first = (turn_2 * 16 + thread / 32 % 2 * 8 + thread % 16 / 2) * 4;
      #pragma unroll
      for (i32 k = 0; k < 4; ++k) {
        acc[turn * 8 + turn_2 * 4 + k] = 0.0f;
      }
    }
  }
#line 10 "place"
  const i32 rounds = i32(rounds_of(0ll, arguments.a.extent[1], 16ll));
  const auto fetch = [&](i64 k_2, i32 stage) {
    const i32 a_left = left_of(arguments.a.extent[0], m);
    const i32 a_left_2 = left_of(arguments.a.extent[1], k_2);
    f32* const a_at = arguments.a.data + m * arguments.a.stride[0] + k_2;
    const i32 column = thread % 4 * 4;
    const i32 row_2 = thread / 4;
    const i32 bytes = bytes_left(a_left_2 - column, 4);
    const i32 left = saturated(a_left);
    #pragma unroll
    for (i32 turn_3 = 0; turn_3 < 2; ++turn_3) {
      const i32 row_3 = row_2 + turn_3 * 64;
      cp_async_16(rows_2 + stage * 2560 + row_3 * 20 + column, a_at + row_3 * arguments.a.stride[0] + column, row_3 < left ? bytes : 0);
    }
    const i32 b_left = left_of(arguments.b.extent[0], k_2);
    const i32 b_left_2 = left_of(arguments.b.extent[1], n);
    f32* const b_at = arguments.b.data + k_2 * arguments.b.stride[0] + n;
    const i32 column_2 = thread % 32 * 4;
    const i32 row_4 = thread / 32;
    const i32 bytes_2 = bytes_left(b_left_2 - column_2, 4);
    const i32 left_2 = saturated(b_left);
    #pragma unroll
    for (i32 turn_4 = 0; turn_4 < 2; ++turn_4) {
      const i32 row_5 = row_4 + turn_4 * 8;
      cp_async_16(rows + stage * 2048 + row_5 * 128 + column_2, b_at + row_5 * arguments.b.stride[0] + column_2, row_5 < left_2 ? bytes_2 : 0);
    }
  };
  #pragma unroll
  for (i32 round = 0; round < 2; ++round) {
    if (round < rounds) fetch(round * 16ll, round);
    cp_async_commit();
  }
  for (i32 round = 0; round < rounds; ++round) {
    const i64 k_3 = round * 16ll;
    const i32 stage_2 = round % 3;
    cp_async_wait<1>();
    __syncthreads();
    if (round + 2 < rounds) fetch((round + 2) * 16ll, (round + 2) % 3);
    cp_async_commit();
    f32* const rows_2_now = rows_2 + stage_2 * 2560;
    f32* const rows_now = rows + stage_2 * 2048;
#line 26 "place"
    {
      const i32 row_6 = thread / 64 * 4 + thread % 32 / 16 * 2 + thread % 2;
      const i32 column_3 = (thread / 32 % 2 * 8 + thread % 16 / 2) * 4;
      #pragma unroll
      for (i32 k_4 = 0; k_4 < 16; k_4 += 4) {
        Pack<f32, 4> left_3[8];
        #pragma unroll
        for (i32 m_2 = 0; m_2 < 8; ++m_2) {
          left_3[m_2] = load_pack<4>(rows_2_now + (row_6 + m_2 * 16) * 20 + k_4);
        }
        #pragma unroll
        for (i32 j = 0; j < 4; ++j) {
          Pack<f32, 4> right[2];
          #pragma unroll
          for (i32 n_2 = 0; n_2 < 2; ++n_2) {
            right[n_2] = load_pack<4>(rows_now + (k_4 + j) * 128 + column_3 + n_2 * 64);
          }
          #pragma unroll
          for (i32 m_3 = 0; m_3 < 8; ++m_3) {
            #pragma unroll
            for (i32 n_3 = 0; n_3 < 8; ++n_3) {
              acc[m_3 * 8 + n_3] = multiply_add(left_3[m_3].at[j], right[n_3 / 4].at[n_3 % 4], acc[m_3 * 8 + n_3]);
            }
          }
        }
      }
    }
  }
  cp_async_wait<0>();
#line 34 "place"
  const i32 c_left = left_of(arguments.c.extent[0], m);
  const i32 c_left_2 = left_of(arguments.c.extent[1], n);
  f32* const c_at = arguments.c.data + m * arguments.c.stride[0] + n;
  #pragma unroll
  for (i32 turn_5 = 0; turn_5 < 8; ++turn_5) {
    const i32 row_7 = turn_5 * 16 + thread / 64 * 4 + thread % 32 / 16 * 2 + thread % 2;
    #pragma unroll
    for (i32 turn_6 = 0; turn_6 < 2; ++turn_6) {
      const i32 first_2 = (turn_6 * 16 + thread / 32 % 2 * 8 + thread % 16 / 2) * 4;
      Pack<f32, 4> stored;
      #pragma unroll
      for (i32 k_5 = 0; k_5 < 4; ++k_5) {
        stored.at[k_5] = acc[turn_5 * 8 + turn_6 * 4 + k_5];
      }
      if (row_7 < c_left && first_2 < c_left_2) store_pack(c_at + row_7 * arguments.c.stride[0] + first_2, stored);
    }
  }
}
