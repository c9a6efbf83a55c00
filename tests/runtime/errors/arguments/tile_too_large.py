"""The tiles of a kernel fit into memory."""

# class: CompileError


@tw.kernel
def kernel(x, out):
    a = tw.zeros((100000, 100000))
    out[0] = tw.sum(a @ a)  # error: a tile of 10000000000 elements of f32 needs 40000000000 bytes; the tiles of this kernel need 40000000128 bytes together, available are 268435456
#                   ^^^^^
# note: use smaller tiles


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
