struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[1], stride[1]; } a;
  struct { f32* data; i64 extent[1], stride[1]; } b;
  struct { f32* data; i64 extent[1], stride[1]; } out;
};

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 128);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i64 mul = program_id * 1024ll;
#line 15 "place"
  const i32 a_left = left_of(arguments.a.extent[0], mul);
  f32* const a_at = arguments.a.data + mul;
  const i32 b_left = left_of(arguments.b.extent[0], mul);
  f32* const b_at = arguments.b.data + mul;
  const i32 out_left = left_of(arguments.out.extent[0], mul);
  f32* const out_at = arguments.out.data + mul;
  #pragma unroll
  for (i32 turn = 0; turn < 2; ++turn) {
    const i32 first = (turn * 128 + thread) * 4;
#line 6 "place"
    const Pack<f32, 4> loaded_pack = load_pack_constant_if<4>(first < a_left, a_at + first);
#line 10 "place"
    const Pack<f32, 4> loaded_pack_2 = load_pack_constant_if<4>(first < b_left, b_at + first);
    Pack<f32, 4> stored;
    #pragma unroll
    for (i32 k = 0; k < 4; ++k) {
      const f32 load = loaded_pack.at[k];
      const f32 load_2 = loaded_pack_2.at[k];
      const f32 add_2 = load + load_2;
      stored.at[k] = add_2;
    }
#line 15 "place"
    store_pack_if(first < out_left, out_at + first, stored);
  }
}
