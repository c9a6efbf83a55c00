"""Maps of arrays that GPUs copy boxes of: what the driver is asked for at each launch."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tilewright import _native
from tilewright._native import Executable, Launchable, View
from tilewright.runtime.errors import DeviceError

from .native_kernels import Facts, Table, ignore, row

F16, BF16 = 9, 10
# Grid, then two arrays of two axes.
SLOTS = [(0, "array", BF16, 2, 24), (1, "array", F16, 2, 64)]
MAPS = [(24, BF16, 128, 64), (64, F16, 64, 32)]
MODULE = b"boxes 104 boxes2\nplain 104 none"
ENCODE = "cuTensorMapEncodeTiled"


class Boxes(Table):
    """A kernel that takes maps of its two arrays."""

    def __init__(self) -> None:
        super().__init__([row("x"), row("y")])
        self.code = Executable(MODULE, "boxes", 0, 0.0, "cuda:0", 32, tensor_maps=MAPS)

    def build(self, facts: Facts, narrow: bool, disjoint: bool, *place: Any) -> Launchable:
        return Launchable(self.code, SLOTS, 104, ignore)


def array(dtype: int, *shape: int, rows_apart: int | None = None, skipped: int = 0) -> View:
    """An array on a device; its rows lie side by side unless told otherwise."""
    apart = shape[1] if rows_apart is None else rows_apart
    size = (shape[0] * abs(apart) + shape[1] + skipped) * 2
    buffer = _native.allocate("cuda:0", max(size, 1))
    return View(buffer, buffer.ptr + skipped * 2, "cuda:0", dtype, shape, (apart, 1))


def expected(view: View, code: int, box: tuple[int, int], apart: int | None = None) -> list[int]:
    """Type, address, extents and byte stride, box, steps, interleave, swizzle, promotion, fill."""
    rows, columns = view.shape
    stride = 2 * (columns if apart is None else apart)
    return [code, view.ptr, columns, rows, stride, box[1], box[0], 1, 1, 0, 3, 2, 0]


def test_what_the_driver_is_asked_for(fake):
    x, y = array(BF16, 300, 200, rows_apart=208, skipped=8), array(F16, 40, 72)
    Boxes()[1](x, y)
    assert fake.maps == [
        expected(x, 9, (128, 64), 208),
        expected(y, 6, (64, 32)),
    ]
    words = struct.unpack("<13q", fake.block)
    assert words[3:8] == (x.ptr, 300, 200, 208, 1) and words[8:13] == (y.ptr, 40, 72, 72, 1)


def test_maps_are_made_once_for_an_array(fake):
    table = Boxes()
    x, y, z = array(BF16, 32, 64), array(F16, 32, 64), array(F16, 48, 64)
    for _ in range(3):
        table[1](x, y)
    assert fake.calls(ENCODE) == 2
    table[1](x, z)
    assert fake.calls(ENCODE) == 3 and fake.maps[1] == expected(z, 6, (64, 32))
    table[1](x, y)
    assert fake.calls(ENCODE) == 3 and fake.maps[1] == expected(y, 6, (64, 32))
    for rows in range(1, 41):  # what was not used for long is forgotten
        table[1](x, View(z.owner, z.ptr, "cuda:0", F16, (rows, 64)))
    assert fake.calls(ENCODE) == 43
    table[1](x, y)
    assert fake.calls(ENCODE) == 44 and fake.maps[0] == expected(x, 9, (128, 64))


def test_a_single_row_has_any_stride(fake):
    x, y = array(BF16, 1, 60, rows_apart=0), array(F16, 1, 64, rows_apart=3)
    Boxes()[1](x, y)
    assert [one[4] for one in fake.maps] == [128, 128]


def test_an_array_without_elements_is_one_zero(fake):
    x, y = array(BF16, 0, 64), array(F16, 64, 0)
    Boxes()[1](x, y)
    for found, box in zip(fake.maps, ([64, 128], [32, 64]), strict=True):
        assert found[2:7] == [1, 1, 16, *box]
        assert found[1] not in (x.ptr, y.ptr)
    assert fake.calls("cuMemsetD8Async") == 1


def test_errors_name_the_kernel(fake):
    fake.fail(ENCODE, 1)
    with pytest.raises(DeviceError) as caught:
        Boxes()[1](array(BF16, 32, 64), array(F16, 32, 64))
    text = str(caught.value)
    assert "cuTensorMapEncodeTiled failed for boxes: CUDA_ERROR_INVALID_VALUE" in text
    assert "32 x 64 elements, rows 64 elements apart" in text


@pytest.mark.parametrize(
    "wanted", [(24, 11, 128, 64), (24, BF16, 257, 64), (24, BF16, 16, 65), (20, BF16, 16, 64)]
)
def test_boxes_that_cannot_be(fake, wanted):
    with pytest.raises(ValueError, match="boxes: no tensor map has boxes of"):
        Executable(MODULE, "boxes", 0, 0.0, "cuda:0", 32, tensor_maps=[wanted])


@pytest.mark.parametrize(
    ("apart", "is_aligned"), [(64, True), (72, True), (48, False), (0, False), (-64, False)]
)
def test_rows_that_overlap_are_not_aligned(fake, apart, is_aligned):
    """So that no code that copies boxes is compiled for such an array."""
    code = Executable(MODULE, "plain", 0, 0.0, "cuda:0", 32)
    table = Table([row("x")], make=lambda *_: Launchable(code, [], 24, ignore))
    table.build = lambda facts, *_: table.make(facts, True, True)  # type: ignore[method-assign]
    table[1](array(BF16, 4, 64, rows_apart=apart, skipped=192))
    assert table.fact[4] is is_aligned
