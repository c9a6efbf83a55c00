"""Control flow that differs from element to element: the Mandelbrot set."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by
from numpy.typing import NDArray

import tilewright as tw

SIZE, ITERS = 1024, 256


@tw.kernel
def mandelbrot_kernel(out, x0, y0, dx, dy, ITERS: tw.constexpr, BLOCK: tw.constexpr = 64):
    """Rounds until a point escapes."""
    i, j = tw.program_id(1), tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    cr, ci = x0 + dx * j, y0 + dy * i
    zr, zi = 0.0 * cr, 0.0 * cr
    n = tw.zeros(BLOCK, tw.i32)
    while (n < ITERS) & (zr * zr + zi * zi < 4.0):
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        n += 1
    out[i, j] = n


def _make(rng: np.random.Generator) -> SimpleNamespace:
    # The whole set, moved by a random fraction of a pixel.
    x0, y0 = np.array([-2.0, -1.25]) + rng.random(2) / SIZE
    box = [np.float32(v) for v in (x0, y0, 2.75 / SIZE, 2.5 / SIZE)]
    return SimpleNamespace(box=box, out=lambda: np.empty((SIZE, SIZE), np.int32))


def _reference(data: SimpleNamespace) -> NDArray:
    # In single precision too: the set's border is a matter of rounding.
    x0, y0, dx, dy = data.box
    cr = np.broadcast_to(x0 + dx * np.arange(SIZE, dtype=np.float32), (SIZE, SIZE)).copy().ravel()
    ci = np.repeat(y0 + dy * np.arange(SIZE, dtype=np.float32), SIZE)
    zr, zi, n = np.zeros_like(cr), np.zeros_like(cr), np.zeros(cr.size, np.int32)
    live = np.arange(cr.size)
    for _ in range(ITERS):
        r, i = zr[live], zi[live]
        on = r * r + i * i < 4
        live, r, i = live[on], r[on], i[on]
        zr[live], zi[live] = r * r - i * i + cr[live], 2 * r * i + ci[live]
        n[live] += 1
    return n.reshape(SIZE, SIZE)


MANDELBROT = Workload("mandelbrot 1024^2", _make, _reference, is_exact=True)
WORKLOADS = (MANDELBROT,)


@by("tilewright", MANDELBROT)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = data.out()
    names = {"k": mandelbrot_kernel[SIZE // 64, SIZE], "out": out, "box": data.box, "n": ITERS}
    return Contender("k(out, *box, ITERS=n)", names, lambda: out)


@by("numba", MANDELBROT)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(out, x0, y0, dx, dy, iters):
        rows, cols = out.shape
        # Rows taken in turns: neighbours cost the same, so each thread gets its share of both.
        for k in numba.prange(rows):
            i = (k * 389) % rows
            ci = y0 + dy * np.float32(i)
            for j in range(cols):
                cr = x0 + dx * np.float32(j)
                zr, zi, n = np.float32(0), np.float32(0), 0
                while n < iters and zr * zr + zi * zi < np.float32(4):
                    zr, zi = zr * zr - zi * zi + cr, np.float32(2) * zr * zi + ci
                    n += 1
                out[i, j] = n

    out = data.out()
    names = {"run": run, "out": out, "box": data.box, "n": ITERS}
    return Contender("run(out, *box, n)", names, lambda: out)


@by("taichi", MANDELBROT)
def _taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.kernel
    def run(out: ti.types.ndarray(), x0: ti.f32, y0: ti.f32, dx: ti.f32, dy: ti.f32):
        for i, j in ti.ndrange(SIZE, SIZE):
            cr, ci = x0 + dx * j, y0 + dy * i
            zr, zi, n = 0.0, 0.0, 0
            while n < ITERS and zr * zr + zi * zi < 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                n += 1
            out[i, j] = n

    out = data.out()
    return Contender("run(out, *box)", {"run": run, "out": out, "box": data.box}, lambda: out)


@by("warp", MANDELBROT)
def _warp(data: SimpleNamespace) -> Contender:
    from peers import start_warp

    wp = start_warp()

    @wp.kernel
    def run(
        out: wp.array2d(dtype=wp.int32), x0: wp.float32, y0: wp.float32, dx: wp.float32,
        dy: wp.float32, iters: wp.int32,
    ):  # fmt: skip
        i, j = wp.tid()
        cr = x0 + dx * wp.float32(j)
        ci = y0 + dy * wp.float32(i)
        zr = wp.float32(0.0)
        zi = wp.float32(0.0)
        n = wp.int32(0)
        while n < iters and zr * zr + zi * zi < 4.0:
            next = zr * zr - zi * zi + cr
            zi = 2.0 * zr * zi + ci
            zr = next
            n += 1
        out[i, j] = n

    out = wp.from_numpy(data.out(), dtype=wp.int32)
    names = {"launch": wp.launch, "run": run, "n": (SIZE, SIZE), "x": [out, *data.box, ITERS]}
    return Contender("launch(run, dim=n, inputs=x)", names, out.numpy)
