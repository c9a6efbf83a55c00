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
  __builtin_assume(0 <= thread && thread < 64);
  f32 v[16] = {};
  f32 e[16] = {};
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 row = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i32 x_left = i32(arguments.x.extent[1]);
  f32* const x_at = arguments.x.data + row * arguments.x.stride[0];
  const bool has_x = inside(row, arguments.x.extent[0]);
  f32 max = Maximum::start<f32>();
  #pragma unroll
  for (i32 turn = 0; turn < 4; ++turn) {
    const i32 first = (turn * 64 + thread) * 4;
    const Pack<f32, 4> v_pack = load_pack_constant_if<4>(first < 1000 && has_x && first < x_left, x_at + first);
    if (first < 1000) {
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
        const f32 e_2 = exponential(sub);
        e[turn_2 * 4 + k_2] = e_2;
        sum = Sum::combine(sum, e_2);
      }
    }
  }
  sum = reduce_all<Sum, 64>(sum, meeting + 128);
#line 11 "place"
  const i32 out_left = i32(arguments.out.extent[1]);
  f32* const out_at = arguments.out.data + row * arguments.out.stride[0];
  const bool has_out = inside(row, arguments.out.extent[0]);
#line 9 "place"
  f32 quotients[16];
  divide_all(quotients, e, divisor(sum));
  #pragma unroll
  for (i32 turn_3 = 0; turn_3 < 4; ++turn_3) {
    const i32 first_3 = (turn_3 * 64 + thread) * 4;
    if (first_3 < 1000) {
      Pack<f32, 4> stored;
      #pragma unroll
      for (i32 k_3 = 0; k_3 < 4; ++k_3) {
        stored.at[k_3] = quotients[turn_3 * 4 + k_3];
      }
#line 11 "place"
      store_pack_if(has_out && first_3 < out_left, out_at + first_3, stored);
    }
  }
}
