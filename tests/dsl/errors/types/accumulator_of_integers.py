"""An accumulator has the dtype of what is added."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    acc = tw.zeros(8, tw.i32)
    for j in range(4):
        acc = acc + x[i]  # error: `acc` is f32<8> here but i32<8> at accumulator_of_integers.py:8:5
#       ^^^
# note: give both one dtype, as with `.to(tw.i32)`
    out[i] = acc
