struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { f32* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(64)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __shared__ __align__(1024) u64 meeting[192];
  f32 v[16];
  f32 e[16];
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 row = u32(program) % u32(arguments.grid[0]);
#line 2 "place"
  const i64 x_left = arguments.x.extent[1];
  f32* const x_at = arguments.x.data + row * arguments.x.stride[0];
  const bool has_x = inside(row, arguments.x.extent[0]);
  f32 max = Maximum::start<f32>();
  #pragma unroll
  for (i32 turn = 0; turn < 4; ++turn) {
    const i32 first = (turn * 64 + thread) * 4;
    if (first < 1000) {
      const Pack<f32, 4> v_pack = has_x && first < x_left ? load_pack_constant<4>(x_at + first) : Pack<f32, 4>{};
      #pragma unroll
      for (i32 k = 0; k < 4; ++k) {
        const f32 v_2 = v_pack.at[k];
        v[turn * 4 + k] = v_2;
        max = Maximum::combine(max, v_2);
      }
    }
  }
  max = reduce_all<Maximum, 64>(max, meeting + 64);
#line 6 "place"
  f32 sum = Sum::start<f32>();
  #pragma unroll
  for (i32 turn_2 = 0; turn_2 < 4; ++turn_2) {
    const i32 first_2 = (turn_2 * 64 + thread) * 4;
    if (first_2 < 1000) {
      #pragma unroll
      for (i32 k_2 = 0; k_2 < 4; ++k_2) {
        const f32 sub = v[turn_2 * 4 + k_2] - max;
        const bool gt = sub > 90.0f;
        const f32 select = gt ? 90.0f : sub;
        const bool lt = select < -105.0f;
        const f32 select_2 = lt ? -105.0f : select;
        const f32 fma = multiply_add(select_2, 1.442695f, 12583166.0f);
        const f32 add_2 = fma + (-12583166.0f);
        const f32 fma_2 = multiply_add(add_2, -0.6931472f, select_2);
        const f32 fma_3 = multiply_add(add_2, 1.9046542e-09f, fma_2);
        const f32 fma_4 = multiply_add(fma_3, 0.0013822491f, 0.008368953f);
        const f32 fma_5 = multiply_add(fma_4, fma_3, 0.041668247f);
        const f32 fma_6 = multiply_add(fma_5, fma_3, 0.16666518f);
        const f32 fma_7 = multiply_add(fma_6, fma_3, 0.49999994f);
        const f32 fma_8 = multiply_add(fma_7, fma_3, 1.0f);
        const f32 fma_9 = multiply_add(fma_8, fma_3, 1.0f);
        const u32 bitcast = bits<u32>(fma);
        const u32 shr = shift_right(bitcast, 1u);
        const u32 sub_2 = bitcast - shr;
        const u32 shl = shift_left(sub_2, 23u);
        const f32 bitcast_2 = bits<f32>(shl);
        const f32 mul = fma_9 * bitcast_2;
        const u32 shl_2 = shift_left(shr, 23u);
        const f32 bitcast_3 = bits<f32>(shl_2);
        const f32 e_2 = mul * bitcast_3;
        e[turn_2 * 4 + k_2] = e_2;
        sum = Sum::combine(sum, e_2);
      }
    }
  }
  sum = reduce_all<Sum, 64>(sum, meeting + 128);
#line 11 "place"
  const i64 out_left = arguments.out.extent[1];
  f32* const out_at = arguments.out.data + row * arguments.out.stride[0];
  const bool has_out = inside(row, arguments.out.extent[0]);
  #pragma unroll
  for (i32 turn_3 = 0; turn_3 < 4; ++turn_3) {
    const i32 first_3 = (turn_3 * 64 + thread) * 4;
    if (first_3 < 1000) {
      Pack<f32, 4> stored;
      #pragma unroll
      for (i32 k_3 = 0; k_3 < 4; ++k_3) {
        const f32 div = divide(e[turn_3 * 4 + k_3], sum);
        stored.at[k_3] = div;
      }
      if (has_out && first_3 < out_left) store_pack(out_at + first_3, stored);
    }
  }
}
