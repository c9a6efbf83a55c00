struct Arguments {
  i64 grid[3];
  struct { bf16* data; i64 extent[2], stride[2]; } q;
  struct { bf16* data; i64 extent[2], stride[2]; } k;
  struct { bf16* data; i64 extent[2], stride[2]; } v;
  struct { bf16* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
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
  const auto fetch = [&](i64 begin, i32 stage) {
    const i32 k_left = left_of(arguments.k.extent[0], begin);
    const i32 k_left_2 = i32(arguments.k.extent[1]);
    bf16* const k_at = arguments.k.data + begin * arguments.k.stride[0];
    const i32 column = thread % 8 * 8;
    const i32 row_3 = thread / 8;
    const i32 bytes = bytes_left(k_left_2 - column, 2);
    const i32 left = saturated(k_left);
    #pragma unroll
    for (i32 turn_4 = 0; turn_4 < 4; ++turn_4) {
      const i32 row_4 = row_3 + turn_4 * 16;
      cp_async_16(columns + stage * 4096 + swizzled<64>(row_4, column), k_at + row_4 * arguments.k.stride[0] + column, row_4 < left ? bytes : 0);
    }
    const i32 v_left = left_of(arguments.v.extent[0], begin);
    const i32 v_left_2 = i32(arguments.v.extent[1]);
    bf16* const v_at = arguments.v.data + begin * arguments.v.stride[0];
    const i32 column_2 = thread % 8 * 8;
    const i32 row_5 = thread / 8;
    const i32 bytes_2 = bytes_left(v_left_2 - column_2, 2);
    const i32 left_2 = saturated(v_left);
    #pragma unroll
    for (i32 turn_5 = 0; turn_5 < 4; ++turn_5) {
      const i32 row_6 = row_5 + turn_5 * 16;
      cp_async_16(rows_2 + stage * 4096 + swizzled<64>(row_6, column_2), v_at + row_6 * arguments.v.stride[0] + column_2, row_6 < left_2 ? bytes_2 : 0);
    }
  };
  #pragma unroll
  for (i32 round = 0; round < 3; ++round) {
    if (round < rounds) fetch(round * 64ll, round);
    cp_async_commit();
  }
  for (i32 round = 0; round < rounds; ++round) {
    const i64 begin_2 = round * 64ll;
    const i32 stage_2 = round % 4;
    cp_async_wait<2>();
    __syncthreads();
    if (round + 3 < rounds) fetch((round + 3) * 64ll, (round + 3) % 4);
    cp_async_commit();
    bf16* const columns_now = columns + stage_2 * 4096;
    bf16* const rows_2_now = rows_2 + stage_2 * 4096;
#line 26 "place"
    #pragma unroll
    for (i32 slot = 0; slot < 32; ++slot) {
      tile_3[slot] = 0;
    }
    #pragma unroll
    for (i32 k_3 = 0; k_3 < 64; k_3 += 16) {
      u32 a[1][4];
      #pragma unroll
      for (i32 m = 0; m < 1; ++m) {
        ldmatrix_x4(a[m], queries + swizzled<64>((m * 4 + thread / 32) * 16 + thread % 16, k_3 + thread % 32 / 16 * 8));
      }
      const auto multiply_tiles = [](auto& d, auto& a, auto& b) { mma_m16n8k16_bf16(d, a, b); };
      #pragma unroll
      for (i32 n = 0; n < 8; n += 2) {
        u32 b[4];
        ldmatrix_x4(b, columns_now + swizzled<64>(n * 8 + thread % 32 / 16 * 8 + thread % 8, k_3 + thread % 16 / 8 * 8));
        #pragma unroll
        for (i32 m = 0; m < 1; ++m) {
          tensor_add<16>(multiply_tiles, tile_3 + 2 * m * 16 + n * 2, a[m], b[0], b[1]);
          tensor_add<16>(multiply_tiles, tile_3 + 2 * m * 16 + (n + 1) * 2, a[m], b[2], b[3]);
        }
      }
    }
#line 40 "place"
    #pragma unroll
    for (i32 turn_6 = 0; turn_6 < 2; ++turn_6) {
      const i32 row_7 = (turn_6 / 2 * 4 + thread / 32) * 16 + turn_6 % 2 * 8 + thread % 32 / 4;
      f32 max = Maximum::start<f32>();
      #pragma unroll
      for (i32 turn_7 = 0; turn_7 < 8; ++turn_7) {
        const i32 first_3 = (turn_7 * 4 + thread % 4) * 2;
        #pragma unroll
        for (i32 k_4 = 0; k_4 < 2; ++k_4) {
          const i64 columns_2 = begin_2 + i64(first_3 + k_4);
          const i64 rows_3 = first + row_7;
          const bool le = columns_2 <= rows_3;
          const f32 scores = tile_3[turn_6 * 16 + turn_7 * 2 + k_4] * 0.125f;
          const f32 scores_2 = le ? scores : -1e+30f;
          max = Maximum::combine(max, scores_2);
        }
      }
      max = reduce_lanes<Maximum, 4>(max);
      tile[turn_6] = max;
    }
#line 49 "place"
    #pragma unroll
    for (i32 turn_8 = 0; turn_8 < 2; ++turn_8) {
      const i32 row_8 = (turn_8 / 2 * 4 + thread / 32) * 16 + turn_8 % 2 * 8 + thread % 32 / 4;
      f32 sum = Sum::start<f32>();
      #pragma unroll
      for (i32 turn_9 = 0; turn_9 < 8; ++turn_9) {
        const i32 first_4 = (turn_9 * 4 + thread % 4) * 2;
        #pragma unroll
        for (i32 k_5 = 0; k_5 < 2; ++k_5) {
          const i64 columns_3 = begin_2 + i64(first_4 + k_5);
          const i64 rows_4 = first + row_8;
          const bool le_2 = columns_3 <= rows_4;
          const f32 scores_3 = tile_3[turn_8 * 16 + turn_9 * 2 + k_5] * 0.125f;
          const f32 scores_4 = le_2 ? scores_3 : -1e+30f;
          const f32 higher_2 = maximum(top[turn_8], tile[turn_8]);
          const f32 sub = scores_4 - higher_2;
          const f32 e = exponential(sub);
          sum = Sum::combine(sum, e);
          const bf16 cast = to<bf16>(e);
          rows[turn_8 * 16 + turn_9 * 2 + k_5] = cast;
          const f32 sub_2 = top[turn_8] - higher_2;
          const f32 kept = exponential(sub_2);
          const f32 mul = acc[turn_8 * 16 + turn_9 * 2 + k_5] * kept;
          acc[turn_8 * 16 + turn_9 * 2 + k_5] = mul;
        }
      }
      sum = reduce_lanes<Sum, 4>(sum);
      tile_2[turn_8] = sum;
    }
#line 61 "place"
    #pragma unroll
    for (i32 k_6 = 0; k_6 < 64; k_6 += 16) {
      u32 a_2[1][4];
      #pragma unroll
      for (i32 m_2 = 0; m_2 < 1; ++m_2) {
        a_2[m_2][0] = pair_of(rows[2 * m_2 * 16 + k_6 / 16 * 4], rows[2 * m_2 * 16 + k_6 / 16 * 4 + 1]);
        a_2[m_2][1] = pair_of(rows[(2 * m_2 + 1) * 16 + k_6 / 16 * 4], rows[(2 * m_2 + 1) * 16 + k_6 / 16 * 4 + 1]);
        a_2[m_2][2] = pair_of(rows[2 * m_2 * 16 + k_6 / 16 * 4 + 2], rows[2 * m_2 * 16 + k_6 / 16 * 4 + 3]);
        a_2[m_2][3] = pair_of(rows[(2 * m_2 + 1) * 16 + k_6 / 16 * 4 + 2], rows[(2 * m_2 + 1) * 16 + k_6 / 16 * 4 + 3]);
      }
      const auto multiply_tiles_2 = [](auto& d, auto& a, auto& b) { mma_m16n8k16_bf16(d, a, b); };
      #pragma unroll
      for (i32 n_2 = 0; n_2 < 8; n_2 += 2) {
        u32 b_2[4];
        ldmatrix_x4_trans(b_2, rows_2_now + swizzled<64>(k_6 + thread % 16, n_2 * 8 + thread % 32 / 16 * 8));
        #pragma unroll
        for (i32 m_2 = 0; m_2 < 1; ++m_2) {
          tensor_add<16>(multiply_tiles_2, acc + 2 * m_2 * 16 + n_2 * 2, a_2[m_2], b_2[0], b_2[1]);
          tensor_add<16>(multiply_tiles_2, acc + 2 * m_2 * 16 + (n_2 + 1) * 2, a_2[m_2], b_2[2], b_2[3]);
        }
      }
    }
#line 41 "place"
    #pragma unroll
    for (i32 turn_10 = 0; turn_10 < 2; ++turn_10) {
      const i32 row_9 = (turn_10 / 2 * 4 + thread / 32) * 16 + turn_10 % 2 * 8 + thread % 32 / 4;
      const f32 higher_3 = maximum(top[turn_10], tile[turn_10]);
      higher[turn_10] = higher_3;
      const f32 sub_3 = top[turn_10] - higher_3;
      const f32 kept_2 = exponential(sub_3);
      const f32 total_2 = multiply_add(total[turn_10], kept_2, tile_2[turn_10]);
      total[turn_10] = total_2;
    }
    #pragma unroll
    for (i32 turn_11 = 0; turn_11 < 2; ++turn_11) {
      const i32 row_10 = (turn_11 / 2 * 4 + thread / 32) * 16 + turn_11 % 2 * 8 + thread % 32 / 4;
      top[turn_11] = higher[turn_11];
    }
  }
  cp_async_wait<0>();
#line 71 "place"
  const i32 out_left = left_of(arguments.out.extent[0], first);
  const i32 out_left_2 = i32(arguments.out.extent[1]);
  bf16* const out_at = arguments.out.data + first * arguments.out.stride[0];
  #pragma unroll
  for (i32 turn_12 = 0; turn_12 < 2; ++turn_12) {
    const i32 row_11 = (turn_12 / 2 * 4 + thread / 32) * 16 + turn_12 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_13 = 0; turn_13 < 8; ++turn_13) {
      const i32 first_5 = (turn_13 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_7 = 0; k_7 < 2; ++k_7) {
        const f32 div = divide(acc[turn_12 * 16 + turn_13 * 2 + k_7], total[turn_12]);
        const bf16 cast_2 = to<bf16>(div);
        stored.at[k_7] = cast_2;
      }
      if (row_11 < out_left && first_5 < out_left_2) store_pack(out_at + row_11 * arguments.out.stride[0] + first_5, stored);
    }
  }
}
