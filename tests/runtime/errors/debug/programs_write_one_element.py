"""Two programs do not write different values to one element."""

# class: DeviceError
# environment: TILEWRIGHT_RACES=1


@tw.kernel
def kernel(x, out):
    i = tw.program_id(0)
    out[0] = i  # error: race on 'out': program 1 writes another value where program 0 writes
#   ^^^^^^
# note: in program (1, 0, 0), and in program (0, 0, 0) at tests/runtime/errors/debug/programs_write_one_element.py:10:5


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[8](x, out)
