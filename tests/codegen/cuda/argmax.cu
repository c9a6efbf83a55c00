struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { i32* data; i64 extent[1], stride[1]; } out;
};

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 128);
  extern __shared__ __align__(1024) u8 shared[];
  f32* const tile = reinterpret_cast<f32*>(shared);
  i32* const tile_2 = reinterpret_cast<i32*>(shared + 16);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i64 mul = program_id * 4ll;
#line 8 "place"
  const i32 x_left = left_of(arguments.x.extent[0], mul);
  const i32 x_left_2 = i32(arguments.x.extent[1]);
  f32* const x_at = arguments.x.data + mul * arguments.x.stride[0];
  const i32 row = thread / 32;
  Extreme<f32> argmax = Highest::start<f32>();
  #pragma unroll 4
  for (i32 turn = 0; turn < 16; ++turn) {
    const i32 element = turn * 32 + thread % 32;
    const f32 load = load_constant_if(row < x_left && element < x_left_2, x_at + row * arguments.x.stride[0] + element);
    argmax = Highest::follow(argmax, Extreme<f32>{load, element});
  }
  argmax = reduce_lanes<Highest, 32>(argmax);
  if (thread % 32 == 0) {
    tile[row] = argmax.value;
    tile_2[row] = argmax.place;
  }
  __syncthreads();
#line 12 "place"
  const i32 out_left = left_of(arguments.out.extent[0], mul);
  i32* const out_at = arguments.out.data + mul;
  const i32 element_2 = thread;
  if (element_2 < 4) {
    const i32 value = tile_2[element_2];
    store_if(element_2 < out_left, out_at + element_2, value);
  }
}
