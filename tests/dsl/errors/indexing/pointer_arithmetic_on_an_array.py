"""Arrays are indexed; `x.ptr` is a pointer."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    tw.store(out + i, tw.load(x + i))  # error: an array cannot stand in arithmetic: found `out` of type f32[::1]
#            ^^^^^^^
# note: read a part of it: `out[index]`
