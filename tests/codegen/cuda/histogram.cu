struct Arguments {
  i64 grid[3];
  struct { u8* data; i64 extent[1], stride[1]; } x;
  struct { i32* data; i64 extent[1], stride[1]; } counts;
  struct { i32* data; i64 extent[1], stride[1]; } last;
};

extern "C" __global__ void __launch_bounds__(512)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __shared__ __align__(1024) u64 meeting[64];
  __builtin_assume(0 <= thread && thread < 512);
  extern __shared__ __align__(1024) u8 shared[];
  i32* const h = reinterpret_cast<i32*>(shared);
  i32* const v = reinterpret_cast<i32*>(shared + 1024);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 program_id = first_of(u32(program), u32(arguments.grid[0]));
#line 2 "place"
  const i64 mul = program_id * 4096ll;
#line 7 "place"
  const i32 x_left = left_of(arguments.x.extent[0], mul);
  u8* const x_at = arguments.x.data + mul;
  const i32 first = thread * 8;
#line 6 "place"
  const Pack<u8, 8> loaded_pack = load_pack_constant_if<8>(first < x_left, x_at + first);
  #pragma unroll
  for (i32 k = 0; k < 8; ++k) {
    const u8 load = loaded_pack.at[k];
    const i32 v_2 = to<i32>(load);
    v[first + k] = v_2;
  }
  __syncthreads();
#line 8 "place"
  for (i32 entry = thread; entry < 256; entry += 512) {
    h[entry] = 0;
  }
  __syncthreads();
  for (i32 entry = thread; entry < 4096; entry += 512) {
    const i32 counted = v[entry];
    if (inside(counted, 256)) atomicAdd(h + counted, 1);
  }
  __syncthreads();
#line 12 "place"
  const i32 counts_left = i32(arguments.counts.extent[0]);
  const i32 element = thread;
  if (element < 256) {
    const i32 h_2 = h[element];
    const bool gt = h_2 > 0;
    if (gt && element < counts_left) atomic_add<Order::relaxed>(arguments.counts.data + element, h_2);
  }
#line 13 "place"
  __syncthreads();
#line 15 "place"
  i32 old = 0;
  __syncthreads();
  if (thread == 0) {
    old = inside(0ll, arguments.counts.extent[0]) ? atomic_add<Order::relaxed>(arguments.counts.data, 0) : 0;
  }
  old = from_first_thread(old, meeting);
#line 17 "place"
  if (thread == 0) {
    if (inside(program_id, arguments.last.extent[0])) arguments.last.data[program_id] = old;
  }
}
