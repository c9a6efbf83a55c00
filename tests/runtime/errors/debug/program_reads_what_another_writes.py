"""A program does not read what another writes."""

# class: DeviceError
# environment: TILEWRIGHT_RACES=1


@tw.kernel
def kernel(x, out):
    i = tw.program_id(0)
    out[i + 1] = out[i]  # error: race on 'out': program 1 reads what program 0 writes
#                ^^^^^^
# note: in program (1, 0, 0), and in program (0, 0, 0) at tests/runtime/errors/debug/program_reads_what_another_writes.py:10:5


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[8](x, out)
