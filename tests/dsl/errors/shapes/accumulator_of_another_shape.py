"""The accumulator has the shape of the product."""

# signature: f32[:, ::1], f32[:, ::1]
# way out: make it `tw.zeros((rows, columns), tw.f32)`

@tw.kernel
def kernel(m, o2):
    a = m[0:8, 0:8]
    o2[0:8, 0:8] = tw.dot(a, a, acc=tw.zeros((8, 4)))  # error: the accumulator is f32<8x4>, expected the shape (8, 8)
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
