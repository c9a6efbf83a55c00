struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { f32* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(256, 2)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __shared__ __align__(1024) u64 meeting[512];
  __builtin_assume(0 <= thread && thread < 256);
  f32 total[1] = {};
  f32 most[1] = {};
  f32 tile[1] = {};
  f32 tile_2[1] = {};
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i64 mul = program_id * 64ll;
#line 3 "place"
  const i32 element = thread;
  if (element < 64) {
    total[0] = 0.0f;
    most[0] = bits<f32>(0xff800000u);
  }
#line 8 "place"
  for (i64 m = 0ll; m < arguments.x.extent[0]; m += 64ll) {
#line 16 "place"
    const i32 x_left = left_of(arguments.x.extent[0], m);
    const i32 x_left_2 = left_of(arguments.x.extent[1], mul);
    f32* const x_at = arguments.x.data + m * arguments.x.stride[0] + mul;
    const i32 row = (thread % 16) * 4;
    auto sum = start_rows<Sum, 4, f32>();
    auto max = start_rows<Maximum, 4, f32>();
    #pragma unroll
    for (i32 turn = 0; turn < 4; ++turn) {
      const i32 element_2 = turn * 16 + thread / 16;
#line 15 "place"
      const Pack<f32, 4> block_pack = load_pack_constant_if<4>(element_2 < x_left && row < x_left_2, x_at + element_2 * arguments.x.stride[0] + row);
      #pragma unroll
      for (i32 k = 0; k < 4; ++k) {
        const f32 block = block_pack.at[k];
        sum.at[k] = Sum::combine(sum.at[k], block);
        max.at[k] = Maximum::combine(max.at[k], block);
      }
    }
    __syncthreads();
    const auto sum_parts = bring_rows<Sum, 16>(sum, meeting);
    const auto max_parts = bring_rows<Maximum, 16>(max, meeting + 256);
    __syncthreads();
    if (thread < 64) {
      const f32 all_sum = combine_parts<Sum, 8, 64>(sum_parts, thread);
      tile[0] = all_sum;
      const f32 all_max = combine_parts<Maximum, 8, 64>(max_parts, thread);
      tile_2[0] = all_max;
    }
#line 17 "place"
    const i32 element_3 = thread;
    if (element_3 < 64) {
      const f32 total_2 = total[0] + tile[0];
      total[0] = total_2;
      const f32 most_2 = maximum(most[0], tile_2[0]);
      most[0] = most_2;
    }
  }
#line 25 "place"
  const i32 out_left = left_of(arguments.out.extent[1], mul);
  f32* const out_at = arguments.out.data + mul;
  const bool has_out = inside(0ll, arguments.out.extent[0]);
  const i32 element_4 = thread;
  if (element_4 < 64) {
    store_if(has_out && element_4 < out_left, out_at + element_4, total[0]);
  }
#line 30 "place"
  const i32 out_left_2 = left_of(arguments.out.extent[1], mul);
  f32* const out_at_2 = arguments.out.data + 1ll * arguments.out.stride[0] + mul;
  const bool has_out_2 = inside(1ll, arguments.out.extent[0]);
  const i32 element_5 = thread;
  if (element_5 < 64) {
    store_if(has_out_2 && element_5 < out_left_2, out_at_2 + element_5, most[0]);
  }
}
