"""There are two precisions."""

# signature: f32[:, ::1], f32[:, ::1]
# way out: write `precision="tf32"`, or leave it out

@tw.kernel
def kernel(m, o2):
    a = m[0:8, 0:8]
    o2[0:8, 0:8] = tw.dot(a, a, precision="fast")  # error: precision 'fast', expected 'ieee' or 'tf32'
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
