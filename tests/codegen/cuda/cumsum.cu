struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { f32* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(256)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 256);
  extern __shared__ __align__(1024) u8 shared[];
  f32* const tile = reinterpret_cast<f32*>(shared);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 row = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i32 x_left = i32(arguments.x.extent[1]);
  f32* const x_at = arguments.x.data + row * arguments.x.stride[0];
  const bool has_x = inside(row, arguments.x.extent[0]);
  for (i32 turn = 0; turn < 2; ++turn) {
    const i32 element = turn * 256 + thread;
    const f32 load = load_constant_if(element < 500 && has_x && element < x_left, x_at + element);
    if (element < 500) {
      tile[element] = load;
    }
  }
  __syncthreads();
#line 3 "place"
  for (i32 reach = 1; reach < 500; reach *= 2) {
    f32 held[2];
    #pragma unroll
    for (i32 turn_2 = 0; turn_2 < 2; ++turn_2) {
      const i32 element_2 = turn_2 * 256 + thread;
      const i32 place = element_2;
      if (element_2 < 500 && place >= reach) {
        held[turn_2] = Sum::combine(tile[place - reach], tile[place]);
      }
    }
    __syncthreads();
    #pragma unroll
    for (i32 turn_3 = 0; turn_3 < 2; ++turn_3) {
      const i32 element_3 = turn_3 * 256 + thread;
      const i32 place_2 = element_3;
      if (element_3 < 500 && place_2 >= reach) {
        tile[place_2] = held[turn_3];
      }
    }
    __syncthreads();
  }
#line 5 "place"
  const i32 out_left = i32(arguments.out.extent[1]);
  f32* const out_at = arguments.out.data + row * arguments.out.stride[0];
  const bool has_out = inside(row, arguments.out.extent[0]);
  for (i32 turn_4 = 0; turn_4 < 2; ++turn_4) {
    const i32 element_4 = turn_4 * 256 + thread;
    if (element_4 < 500) {
      const f32 value = tile[element_4];
      store_if(has_out && element_4 < out_left, out_at + element_4, value);
    }
  }
}
