"""What `first_call.py` times, in Tilewright."""

import tilewright as tw


@tw.kernel
def saxpy_kernel(a, x, y, out, BLOCK: tw.constexpr = 1024):
    """`out = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + y[i]


@tw.kernel
def softmax_kernel(x, out, COLS: tw.constexpr):
    """Softmax of one row."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    e = tw.exp(v - tw.max(v))
    out[row, 0:COLS] = e / tw.sum(e)


@tw.kernel
def matmul_kernel(
    a, b, c, BM: tw.constexpr = 128, BN: tw.constexpr = 128, BK: tw.constexpr = 256
):  # fmt: skip
    """`c = a @ b`."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


def saxpy(x, y, out):
    """`2 * x + y`."""
    saxpy_kernel[tw.cdiv(out.size, 1024)](2.0, x, y, out)
    return out


def softmax(x, out):
    """Softmax of each row."""
    softmax_kernel[out.shape[0]](x, out, COLS=out.shape[1])
    return out


def matmul(x, y, out):
    """`x @ y`."""
    matmul_kernel[tw.cdiv(out.shape[0], 128), tw.cdiv(out.shape[1], 128)](x, y, out)
    return out
