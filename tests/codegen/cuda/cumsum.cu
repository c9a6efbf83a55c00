struct Arguments {
  i64 grid[3];
  struct { f32* data; i64 extent[2], stride[2]; } x;
  struct { f32* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(64)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 64);
  extern __shared__ __align__(1024) u8 shared[];
  f32* const tile = reinterpret_cast<f32*>(shared);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 row = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i32 x_left = i32(arguments.x.extent[1]);
  f32* const x_at = arguments.x.data + row * arguments.x.stride[0];
  const bool has_x = inside(row, arguments.x.extent[0]);
  #pragma unroll 4
  for (i32 turn = 0; turn < 8; ++turn) {
    const i32 element = turn * 64 + thread;
    const f32 load = load_constant_if(element < 500 && has_x && element < x_left, x_at + element);
    if (element < 500) {
      tile[element] = load;
    }
  }
  __syncthreads();
#line 3 "place"
  if (thread < 56) {
    const i32 first = thread * 9;
    f32 total = tile[first];
    for (i32 k = 1; k < 9 && first + k < 500; ++k) {
      total = Sum::combine(total, tile[first + k]);
      tile[first + k] = total;
    }
  }
  __syncthreads();
  for (i32 reach = 1; reach < 56; reach *= 2) {
    f32 held[1];
    if (thread < 56) {
      if (thread >= reach) {
        held[0] = Sum::combine(tile[lesser_of((thread - reach) * 9 + 8, 499)], tile[lesser_of(thread * 9 + 8, 499)]);
      }
    }
    __syncthreads();
    if (thread < 56) {
      if (thread >= reach) {
        tile[lesser_of(thread * 9 + 8, 499)] = held[0];
      }
    }
    __syncthreads();
  }
  if (thread < 56) {
    if (thread > 0) {
      const i32 first_2 = thread * 9;
      const f32 before = tile[first_2 - 1];
      for (i32 k_2 = 0; k_2 < 8 && first_2 + k_2 < 499; ++k_2) {
        tile[first_2 + k_2] = Sum::combine(before, tile[first_2 + k_2]);
      }
    }
  }
  __syncthreads();
#line 5 "place"
  const i32 out_left = i32(arguments.out.extent[1]);
  f32* const out_at = arguments.out.data + row * arguments.out.stride[0];
  const bool has_out = inside(row, arguments.out.extent[0]);
  #pragma unroll 4
  for (i32 turn_2 = 0; turn_2 < 8; ++turn_2) {
    const i32 element_2 = turn_2 * 64 + thread;
    if (element_2 < 500) {
      const f32 value = tile[element_2];
      store_if(has_out && element_2 < out_left, out_at + element_2, value);
    }
  }
}
