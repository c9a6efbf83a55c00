"""A signature text has a type for every parameter."""

# class: CompileError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


kernel.inspect("f32[:]").asm  # error: signature 'f32[:]' has 1 types, expected 2
# note: parameters are x, out; constexprs are given by keyword
