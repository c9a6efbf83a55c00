"""A convolution of images with several channels, as networks have it."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax

import tilewright as tw

CHANNELS, SIZE = 64, 56


@tw.kernel
def weights_kernel(weight, turned, C: tw.constexpr):
    """Weights by their place in the window: matrices that lie in one piece."""
    p = tw.program_id(0)
    turned[p, 0:C, 0:C] = weight[0:C, 0:C, p // 3, p % 3]


@tw.kernel
def conv_kernel(x, weight, out, C: tw.constexpr, N: tw.constexpr, ROWS: tw.constexpr = 4):
    """A few rows of all output channels: nine products, of the weights and the moved image.

    The rows near those are read once, with a border: what lies outside the array reads as 0. Row
    behind row, a move down and to the right is one along the row; what it brings to the two columns
    behind the image is not stored.
    """
    top, pitch = tw.program_id(0) * ROWS, N + 2
    near = x[0:C, tw.block(top - 1, ROWS + 3), tw.block(-1, pitch)]
    line = near.reshape(C, (ROWS + 3) * pitch)
    acc = tw.zeros((C, ROWS * pitch), tw.f32)
    for i in tw.static_range(3):
        for j in tw.static_range(3):
            start = i * pitch + j
            acc += weight[3 * i + j, 0:C, 0:C] @ line[:, start : start + ROWS * pitch]
    out[0:C, top : top + ROWS, 0:N] = acc.reshape(C, ROWS, pitch)[:, :, 0:N]


def _make(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(
        x=rng.standard_normal((CHANNELS, SIZE, SIZE), dtype=np.float32),
        weight=rng.standard_normal((CHANNELS, CHANNELS, 3, 3), dtype=np.float32),
    )


def _reference(data: SimpleNamespace) -> NDArray:
    padded = np.pad(data.x.astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    return np.einsum("ocij,cyxij->oyx", data.weight.astype(np.float64), windows, optimize=True)


CONV = Workload(f"conv2d {CHANNELS}x{SIZE}x{SIZE} 3x3", _make, _reference)
WORKLOADS = (CONV,)


@by("tilewright", CONV)
def _tilewright(data: SimpleNamespace) -> Contender:
    out, turned = np.empty_like(data.x), np.empty((9, CHANNELS, CHANNELS), np.float32)

    def run(turn=weights_kernel[9], convolve=conv_kernel[SIZE // 4]) -> None:
        turn(data.weight, turned, C=CHANNELS)
        convolve(data.x, turned, out, C=CHANNELS, N=SIZE)

    return call(run, result=out)


@by("numpy", CONV)
def _numpy(data: SimpleNamespace) -> Contender:
    # The windows of all channels as one matrix, and one product.
    padded = np.zeros((CHANNELS, SIZE + 2, SIZE + 2), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (SIZE, SIZE), (1, 2))
    columns = np.empty((CHANNELS, 3, 3, SIZE, SIZE), np.float32)
    out = np.empty_like(data.x)

    def run(x: NDArray, weight: NDArray) -> None:
        padded[:, 1:-1, 1:-1] = x
        columns[...] = windows
        np.matmul(
            weight.reshape(CHANNELS, -1), columns.reshape(-1, SIZE * SIZE),
            out=out.reshape(CHANNELS, -1),
        )  # fmt: skip

    return call(run, data.x, data.weight, result=out)


@by("torch", CONV)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    x, weight = torch.from_numpy(data.x)[None], torch.from_numpy(data.weight)
    run = torch.inference_mode()(torch.conv2d)
    names = {"run": run, "x": x, "weight": weight}
    return Contender(
        "run(x, weight, padding=1)", names, lambda: run(x, weight, padding=1)[0].numpy()
    )


@by("jax", CONV)
def _jax(data: SimpleNamespace) -> Contender:
    import jax

    return on_jax(
        lambda x, weight: jax.lax.conv(x[None], weight, (1, 1), "SAME")[0], data.x, data.weight
    )
