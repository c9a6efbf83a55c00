"""`histogram` counts integers."""

# signature: f32[:], i32[:]

@tw.kernel
def kernel(x, out):
    v = x[0:8]
    out[0:4] = tw.histogram(v, 4)  # error: histogram of `v` of type f32<8>, expected integers
#              ^^^^^^^^^^^^^^^^^^
# where: histogram_of_floats.py:7:5: `v` became f32<8> here
# note: map the values to bins first: `tw.floor((v - low) * scale).to(tw.i32)`
