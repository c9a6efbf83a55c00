"""`split` into a number of parts makes equal ones."""

# signature: f32[::1]

@tw.kernel
def kernel(x):
    a, b, c = tw.split(x[0:8], 3)  # error: cannot split an extent of 8 into 3 equal parts
#             ^^^^^^^^^^^^^^^^^^^
# note: give a tuple of the places where to cut for parts that are not equal
    x[0] = tw.sum(a)
