struct Arguments {
  i64 grid[3];
  struct { i32* data; i64 extent[2], stride[2]; } out;
  alignas(8) f32 x0;
  alignas(8) f32 y0;
  alignas(8) f32 dx;
  alignas(8) f32 dy;
};

extern "C" __global__ void __launch_bounds__(64)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __builtin_assume(0 <= thread && thread < 64);
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 i = u32(program) / u32(arguments.grid[0]) % u32(arguments.grid[1]);
#line 1 "place"
  const i64 program_id = u32(program) % u32(arguments.grid[0]);
#line 3 "place"
  const i64 mul = program_id * 256ll;
#line 13 "place"
  const f32 cast = to<f32>(i);
#line 15 "place"
  const f32 ci = multiply_add(arguments.dy, cast, arguments.y0);
#line 21 "place"
  const i32 out_left = left_of(arguments.out.extent[1], mul);
  i32* const out_at = arguments.out.data + i * arguments.out.stride[0] + mul;
  const bool has_out = inside(i, arguments.out.extent[0]);
  for (i32 turn = 0; turn < 4; ++turn) {
    const i32 element = turn * 64 + thread;
    const i64 j = mul + element;
    const f32 cast_2 = to<f32>(j);
    const f32 cr = multiply_add(arguments.dx, cast_2, arguments.x0);
    const f32 zr = cr * 0.0f;
    f32 value = zr;
    f32 value_2 = zr;
    i32 value_3 = 0;
    const f32 mul_2 = zr * zr;
    const f32 fma = multiply_add(zr, zr, mul_2);
    const bool lt = fma < 4.0f;
    bool value_4 = lt;
    while (value_4) {
#line 30 "place"
      const f32 mul_3 = value_2 * value_2;
      const f32 neg = -mul_3;
      const f32 fma_2 = multiply_add(value, value, neg);
      const f32 zr_2 = fma_2 + cr;
      const f32 mul_4 = value * 2.0f;
      const f32 zi = multiply_add(mul_4, value_2, ci);
      const i32 n = add(value_3, 1);
      const bool lt_2 = n < 50;
      const f32 mul_5 = zi * zi;
      const f32 fma_3 = multiply_add(zr_2, zr_2, mul_5);
      const bool lt_3 = fma_3 < 4.0f;
      const bool and_2 = lt_2 && lt_3;
      const bool and_3 = value_4 && and_2;
      value = zr_2;
      value_2 = zi;
      value_3 = n;
      value_4 = and_3;
    }
#line 43 "place"
    store_if(has_out && element < out_left, out_at + element, value_3);
  }
}
