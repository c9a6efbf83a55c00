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
  f32 higher[1] = {};
  bf16 queries[32];
  f32 acc[32];
  f32 tile[32];
  f32 tile_2[32];
  bf16* const queries_2 = reinterpret_cast<bf16*>(shared);
  bf16* const columns = reinterpret_cast<bf16*>(shared + 8192);
  bf16* const rows = reinterpret_cast<bf16*>(shared + 16384);
  bf16* const rows_2 = reinterpret_cast<bf16*>(shared + 24576);
  f32* const total = reinterpret_cast<f32*>(shared + 32768);
  f32* const top = reinterpret_cast<f32*>(shared + 33024);
  f32* const tile_3 = reinterpret_cast<f32*>(shared + 33280);
  f32* const tile_4 = reinterpret_cast<f32*>(shared + 33536);
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
        const bf16 queries_3 = queries_pack.at[k_2];
        queries[turn * 16 + turn_2 * 2 + k_2] = queries_3;
        acc[turn * 16 + turn_2 * 2 + k_2] = 0.0f;
      }
    }
  }
#line 13 "place"
  const i32 element = thread;
  if (element < 64) {
    total[element] = 0.0f;
    top[element] = -1e+30f;
  }
#line 19 "place"
  for (i64 begin = 0ll; begin < add_2; begin += 64ll) {
#line 24 "place"
    const i32 k_left = left_of(arguments.k.extent[0], begin);
    const i32 k_left_2 = i32(arguments.k.extent[1]);
    bf16* const k_at = arguments.k.data + begin * arguments.k.stride[0];
    #pragma unroll
    for (i32 turn_3 = 0; turn_3 < 2; ++turn_3) {
      const i32 row_2 = (turn_3 / 2 * 4 + thread / 32) * 16 + turn_3 % 2 * 8 + thread % 32 / 4;
      #pragma unroll
      for (i32 turn_4 = 0; turn_4 < 8; ++turn_4) {
        const i32 first_3 = (turn_4 * 4 + thread % 4) * 2;
        const Pack<bf16, 2> loaded_pack = load_pack_constant_if<2>(row_2 < k_left && first_3 < k_left_2, k_at + row_2 * arguments.k.stride[0] + first_3);
        #pragma unroll
        for (i32 k_3 = 0; k_3 < 2; ++k_3) {
          queries_2[swizzled<64>(row_2, first_3 + k_3)] = queries[turn_3 * 16 + turn_4 * 2 + k_3];
          const bf16 load = loaded_pack.at[k_3];
          columns[swizzled<64>(row_2, first_3 + k_3)] = load;
        }
      }
    }
    __syncthreads();
#line 26 "place"
    #pragma unroll
    for (i32 slot = 0; slot < 32; ++slot) {
      tile[slot] = 0;
    }
    #pragma unroll
    for (i32 k_4 = 0; k_4 < 64; k_4 += 16) {
      u32 a[1][4];
      #pragma unroll
      for (i32 m = 0; m < 1; ++m) {
        ldmatrix_x4(a[m], queries_2 + swizzled<64>((m * 4 + thread / 32) * 16 + thread % 16, k_4 + thread % 32 / 16 * 8));
      }
      const auto multiply_tiles = [](auto& d, auto& a, auto& b) { mma_m16n8k16_bf16(d, a, b); };
      #pragma unroll
      for (i32 n = 0; n < 8; n += 2) {
        u32 b[4];
        ldmatrix_x4(b, columns + swizzled<64>(n * 8 + thread % 32 / 16 * 8 + thread % 8, k_4 + thread % 16 / 8 * 8));
        #pragma unroll
        for (i32 m = 0; m < 1; ++m) {
          tensor_add<16>(multiply_tiles, tile + 2 * m * 16 + n * 2, a[m], b[0], b[1]);
          tensor_add<16>(multiply_tiles, tile + 2 * m * 16 + (n + 1) * 2, a[m], b[2], b[3]);
        }
      }
    }
#line 40 "place"
    const i32 v_left = left_of(arguments.v.extent[0], begin);
    const i32 v_left_2 = i32(arguments.v.extent[1]);
    bf16* const v_at = arguments.v.data + begin * arguments.v.stride[0];
    #pragma unroll
    for (i32 turn_5 = 0; turn_5 < 2; ++turn_5) {
      const i32 row_3 = (turn_5 / 2 * 4 + thread / 32) * 16 + turn_5 % 2 * 8 + thread % 32 / 4;
      f32 max = Maximum::start<f32>();
      #pragma unroll
      for (i32 turn_6 = 0; turn_6 < 8; ++turn_6) {
        const i32 first_4 = (turn_6 * 4 + thread % 4) * 2;
#line 59 "place"
        const Pack<bf16, 2> loaded_pack_2 = load_pack_constant_if<2>(row_3 < v_left && first_4 < v_left_2, v_at + row_3 * arguments.v.stride[0] + first_4);
        #pragma unroll
        for (i32 k_5 = 0; k_5 < 2; ++k_5) {
          const i64 columns_2 = begin + i64(first_4 + k_5);
          const i64 rows_3 = first + row_3;
          const bool le = columns_2 <= rows_3;
          const f32 scores = tile[turn_5 * 16 + turn_6 * 2 + k_5] * 0.125f;
          const f32 scores_2 = le ? scores : -1e+30f;
          max = Maximum::combine(max, scores_2);
          const bf16 load_2 = loaded_pack_2.at[k_5];
          rows[swizzled<64>(row_3, first_4 + k_5)] = load_2;
        }
      }
      max = reduce_lanes<Maximum, 4>(max);
      if (thread % 4 == 0) {
        tile_3[row_3] = max;
      }
    }
    __syncthreads();
#line 49 "place"
    #pragma unroll
    for (i32 turn_7 = 0; turn_7 < 2; ++turn_7) {
      const i32 row_4 = (turn_7 / 2 * 4 + thread / 32) * 16 + turn_7 % 2 * 8 + thread % 32 / 4;
      f32 sum = Sum::start<f32>();
      #pragma unroll
      for (i32 turn_8 = 0; turn_8 < 8; ++turn_8) {
        const i32 first_5 = (turn_8 * 4 + thread % 4) * 2;
        #pragma unroll
        for (i32 k_6 = 0; k_6 < 2; ++k_6) {
          const i64 columns_3 = begin + i64(first_5 + k_6);
          const i64 rows_4 = first + row_4;
          const bool le_2 = columns_3 <= rows_4;
          const f32 scores_3 = tile[turn_7 * 16 + turn_8 * 2 + k_6] * 0.125f;
          const f32 scores_4 = le_2 ? scores_3 : -1e+30f;
          const f32 top_2 = top[row_4];
          const f32 value = tile_3[row_4];
          const f32 higher_2 = maximum(top_2, value);
          const f32 sub = scores_4 - higher_2;
          const f32 e = exponential(sub);
          sum = Sum::combine(sum, e);
          const bf16 cast = to<bf16>(e);
          rows_2[swizzled<64>(row_4, first_5 + k_6)] = cast;
        }
      }
      sum = reduce_lanes<Sum, 4>(sum);
      if (thread % 4 == 0) {
        tile_4[row_4] = sum;
      }
    }
    __syncthreads();
#line 60 "place"
    #pragma unroll
    for (i32 slot_2 = 0; slot_2 < 32; ++slot_2) {
      tile_2[slot_2] = 0;
    }
    #pragma unroll
    for (i32 k_7 = 0; k_7 < 64; k_7 += 16) {
      u32 a_2[1][4];
      #pragma unroll
      for (i32 m_2 = 0; m_2 < 1; ++m_2) {
        ldmatrix_x4(a_2[m_2], rows_2 + swizzled<64>((m_2 * 4 + thread / 32) * 16 + thread % 16, k_7 + thread % 32 / 16 * 8));
      }
      const auto multiply_tiles_2 = [](auto& d, auto& a, auto& b) { mma_m16n8k16_bf16(d, a, b); };
      #pragma unroll
      for (i32 n_2 = 0; n_2 < 8; n_2 += 2) {
        u32 b_2[4];
        ldmatrix_x4_trans(b_2, rows + swizzled<64>(k_7 + thread % 16, n_2 * 8 + thread % 32 / 16 * 8));
        #pragma unroll
        for (i32 m_2 = 0; m_2 < 1; ++m_2) {
          tensor_add<16>(multiply_tiles_2, tile_2 + 2 * m_2 * 16 + n_2 * 2, a_2[m_2], b_2[0], b_2[1]);
          tensor_add<16>(multiply_tiles_2, tile_2 + 2 * m_2 * 16 + (n_2 + 1) * 2, a_2[m_2], b_2[2], b_2[3]);
        }
      }
    }
#line 41 "place"
    const i32 element_2 = thread;
    if (element_2 < 64) {
      const f32 top_3 = top[element_2];
      const f32 value_2 = tile_3[element_2];
      const f32 higher_3 = maximum(top_3, value_2);
      higher[0] = higher_3;
      const f32 total_2 = total[element_2];
      const f32 sub_2 = top_3 - higher_3;
      const f32 kept = exponential(sub_2);
      const f32 value_3 = tile_4[element_2];
      const f32 total_3 = multiply_add(total_2, kept, value_3);
      total[element_2] = total_3;
    }
#line 61 "place"
    #pragma unroll
    for (i32 turn_9 = 0; turn_9 < 2; ++turn_9) {
      const i32 row_5 = (turn_9 / 2 * 4 + thread / 32) * 16 + turn_9 % 2 * 8 + thread % 32 / 4;
      #pragma unroll
      for (i32 turn_10 = 0; turn_10 < 8; ++turn_10) {
        const i32 first_6 = (turn_10 * 4 + thread % 4) * 2;
        #pragma unroll
        for (i32 k_8 = 0; k_8 < 2; ++k_8) {
          const f32 top_4 = top[row_5];
          const f32 value_4 = tile_3[row_5];
          const f32 higher_4 = maximum(top_4, value_4);
          const f32 sub_3 = top_4 - higher_4;
          const f32 kept_2 = exponential(sub_3);
          const f32 acc_2 = multiply_add(acc[turn_9 * 16 + turn_10 * 2 + k_8], kept_2, tile_2[turn_9 * 16 + turn_10 * 2 + k_8]);
          acc[turn_9 * 16 + turn_10 * 2 + k_8] = acc_2;
        }
      }
    }
    __syncthreads();
    const i32 element_3 = thread;
    if (element_3 < 64) {
      top[element_3] = higher[0];
    }
  }
  __syncthreads();
#line 71 "place"
  const i32 out_left = left_of(arguments.out.extent[0], first);
  const i32 out_left_2 = i32(arguments.out.extent[1]);
  bf16* const out_at = arguments.out.data + first * arguments.out.stride[0];
  #pragma unroll
  for (i32 turn_11 = 0; turn_11 < 2; ++turn_11) {
    const i32 row_6 = (turn_11 / 2 * 4 + thread / 32) * 16 + turn_11 % 2 * 8 + thread % 32 / 4;
    #pragma unroll
    for (i32 turn_12 = 0; turn_12 < 8; ++turn_12) {
      const i32 first_7 = (turn_12 * 4 + thread % 4) * 2;
      Pack<bf16, 2> stored;
      #pragma unroll
      for (i32 k_9 = 0; k_9 < 2; ++k_9) {
        const f32 total_4 = total[row_6];
        const f32 div = divide(acc[turn_11 * 16 + turn_12 * 2 + k_9], total_4);
        const bf16 cast_2 = to<bf16>(div);
        stored.at[k_9] = cast_2;
      }
      if (row_6 < out_left && first_7 < out_left_2) store_pack(out_at + row_6 * arguments.out.stride[0] + first_7, stored);
    }
  }
}
