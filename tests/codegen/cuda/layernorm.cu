struct Arguments {
  i64 grid[3];
  struct { bf16* data; i64 extent[2], stride[2]; } x;
  struct { bf16* data; i64 extent[1], stride[1]; } weight;
  struct { bf16* data; i64 extent[1], stride[1]; } bias;
  struct { bf16* data; i64 extent[2], stride[2]; } out;
};

extern "C" __global__ void __launch_bounds__(128)
kernel(const __grid_constant__ Arguments arguments,
       const __grid_constant__ Services services) {
  const i32 thread = threadIdx.x;
  __shared__ __align__(1024) u64 meeting[192];
  __builtin_assume(0 <= thread && thread < 128);
  f32 v[32];
  f32 centred[32];
  const i64 program = blockIdx.x;
#line 0 "place"
  const i64 row = first_of(u32(program), u32(arguments.grid[0]));
#line 3 "place"
  const i32 x_left = i32(arguments.x.extent[1]);
  bf16* const x_at = arguments.x.data + row * arguments.x.stride[0];
  const bool has_x = inside(row, arguments.x.extent[0]);
  f32 sum = Sum::start<f32>();
  #pragma unroll
  for (i32 turn = 0; turn < 4; ++turn) {
    const i32 first = (turn * 128 + thread) * 8;
#line 2 "place"
    const Pack<bf16, 8> loaded_pack = load_pack_constant_if<8>(has_x && first < x_left, x_at + first);
    #pragma unroll
    for (i32 k = 0; k < 8; ++k) {
      const f32 v_2 = to<f32>(loaded_pack, k);
      v[turn * 8 + k] = v_2;
      sum = Sum::combine(sum, v_2);
    }
  }
  sum = reduce_all<Sum, 128>(sum, meeting + 64);
#line 6 "place"
  const f32 mul = sum * 0.00024414062f;
#line 8 "place"
  f32 sum_2 = Sum::start<f32>();
  #pragma unroll
  for (i32 turn_2 = 0; turn_2 < 4; ++turn_2) {
    const i32 first_2 = (turn_2 * 128 + thread) * 8;
    #pragma unroll
    for (i32 k_2 = 0; k_2 < 8; ++k_2) {
      const f32 centred_2 = v[turn_2 * 8 + k_2] - mul;
      centred[turn_2 * 8 + k_2] = centred_2;
      const f32 mul_2 = centred_2 * centred_2;
      sum_2 = Sum::combine(sum_2, mul_2);
    }
  }
  sum_2 = reduce_all<Sum, 128>(sum_2, meeting + 128);
#line 12 "place"
  const f32 mul_3 = sum_2 * 0.00024414062f;
#line 14 "place"
  const f32 add_2 = mul_3 + 1e-05f;
#line 15 "place"
  const f32 rsqrt_guess_2 = rsqrt_guess(add_2);
  const f32 mul_4 = add_2 * rsqrt_guess_2;
  const f32 fma = multiply_add(mul_4, rsqrt_guess_2, -1.0f);
  const f32 mul_5 = rsqrt_guess_2 * fma;
  const f32 fma_2 = multiply_add(fma, 0.375f, -0.5f);
  const f32 fma_3 = multiply_add(mul_5, fma_2, rsqrt_guess_2);
  const i32 bitcast = bits<i32>(fma);
  const i32 shl = shift_left(bitcast, 1);
  const bool lt = shl < 0;
  f32 value;
  if (lt) {
    const f32 sqrt = square_root(add_2);
    const f32 div = divide(1.0f, sqrt);
    value = div;
  }
  else {
    value = fma_3;
  }
#line 28 "place"
  const i32 weight_left = i32(arguments.weight.extent[0]);
  const i32 bias_left = i32(arguments.bias.extent[0]);
  const i32 out_left = i32(arguments.out.extent[1]);
  bf16* const out_at = arguments.out.data + row * arguments.out.stride[0];
  const bool has_out = inside(row, arguments.out.extent[0]);
  #pragma unroll
  for (i32 turn_3 = 0; turn_3 < 4; ++turn_3) {
    const i32 first_3 = (turn_3 * 128 + thread) * 8;
#line 19 "place"
    const Pack<bf16, 8> loaded_pack_2 = load_pack_constant_if<8>(first_3 < weight_left, arguments.weight.data + first_3);
#line 23 "place"
    const Pack<bf16, 8> loaded_pack_3 = load_pack_constant_if<8>(first_3 < bias_left, arguments.bias.data + first_3);
    Pack<bf16, 8> stored;
    #pragma unroll
    for (i32 k_3 = 0; k_3 < 8; ++k_3) {
      const f32 mul_6 = centred[turn_3 * 8 + k_3] * value;
      const f32 cast = to<f32>(loaded_pack_2, k_3);
      const f32 cast_2 = to<f32>(loaded_pack_3, k_3);
      const f32 fma_4 = multiply_add(mul_6, cast, cast_2);
      const bf16 cast_3 = to<bf16>(fma_4);
      stored.at[k_3] = cast_3;
    }
#line 28 "place"
    store_pack_if(has_out && first_3 < out_left, out_at + first_3, stored);
  }
}
