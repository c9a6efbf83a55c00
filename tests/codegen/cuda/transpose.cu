struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { f32* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 128);
  extern __shared__ __align__(1024) u8 shared[];
  f32* const tile = reinterpret_cast<f32*>(shared);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = u32(program) / u32(arguments.grid[0]) % u32(arguments.grid[1]);
#line 2 "place"
  const i64 m = program_id * 64ll;
#line 3 "place"
  const i64 program_id_2 = u32(program) % u32(arguments.grid[0]);
#line 5 "place"
  const i64 n = program_id_2 * 32ll;
#line 12 "place"
  const i32 x_left = left_of(arguments.x.extent[0], m);
  const i32 x_left_2 = left_of(arguments.x.extent[1], n);
  f32* const x_at = arguments.x.data + m * arguments.x.stride[0] + n;
  #pragma unroll
  for (i32 turn = 0; turn < 4; ++turn) {
    const i32 first = (turn * 128 + thread) * 4;
    const i32 i0 = first / 32;
    const i32 i1 = first % 32;
    const Pack<f32, 4> loaded_pack = load_pack_constant_if<4>(i0 < x_left && i1 < x_left_2, x_at + i0 * arguments.x.stride[0] + i1);
    #pragma unroll
    for (i32 k = 0; k < 4; ++k) {
      const f32 load = loaded_pack.at[k];
      tile[i0 * 32 + (i1 + k)] = load;
    }
  }
  __syncthreads();
#line 20 "place"
  const i32 out_left = left_of(arguments.out.extent[0], n);
  const i32 out_left_2 = left_of(arguments.out.extent[1], m);
  f32* const out_at = arguments.out.data + n * arguments.out.stride[0] + m;
  for (i32 turn_2 = 0; turn_2 < 4; ++turn_2) {
    const i32 first_2 = (turn_2 * 128 + thread) * 4;
    const i32 i0_2 = first_2 / 64;
    const i32 i1_2 = first_2 % 64;
    Pack<f32, 4> stored;
    #pragma unroll
    for (i32 k_2 = 0; k_2 < 4; ++k_2) {
      const f32 value = tile[i0_2 + (i1_2 + k_2) * 32];
      stored.at[k_2] = value;
    }
    store_pack_if(i0_2 < out_left && i1_2 < out_left_2, out_at + i0_2 * arguments.out.stride[0] + i1_2, stored);
  }
}
