"""Arrays of other libraries through DLPack's exchange API: every array of a parameter is read as it
is, whatever was there before.
"""

from __future__ import annotations

import ctypes
import gc
import struct
import weakref
from typing import Any

import numpy as np
import pytest

from tilewright._native import Stream
from tilewright.runtime.errors import LaunchError

from .fake_cuda import FakeDriver
from .native_kernels import F32, Table, row
from .test_native_cuda import GpuTable

CPU, CUDA = 1, 2
NAME = b"dlpack_exchange_api"  # capsules keep its address


class Tensor(ctypes.Structure):
    """`DLTensor`."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("byte_offset", ctypes.c_uint64),
    )


class Exchanged:
    """A NumPy array that other libraries find through the exchange API only."""

    stream = 0  # on which the library says it works
    asked_for_streams = 0

    def __init__(self, array: np.ndarray, device: int = CPU, compact: bool = False) -> None:
        self.array = array
        self.shape = (ctypes.c_int64 * 8)(*array.shape)
        self.strides = (ctypes.c_int64 * 8)(*(n // array.itemsize for n in array.strides))
        code, bits = {"f": 2, "i": 0, "u": 1}[array.dtype.kind], 8 * array.itemsize
        strides = 0 if compact else ctypes.addressof(self.strides)
        address, shape = array.ctypes.data - 8, ctypes.addressof(self.shape)
        self.tensor = Tensor(address, device, 0, array.ndim, code, bits, 1, shape, strides, 8)


@ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(Tensor))
def _borrow(thing: Exchanged, tensor: Any) -> int:
    tensor[0] = thing.tensor
    return 0


@ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_int32, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p))
def _current_stream(kind: int, device: int, stream: Any) -> int:
    Exchanged.asked_for_streams += 1
    stream[0] = Exchanged.stream
    return 0


_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_functions = (ctypes.cast(one, ctypes.c_void_p).value for one in (_borrow, _current_stream))
_api = (ctypes.c_void_p * 7)(1, None, None, None, None, *_functions)  # version 1.0 in front
Exchanged.__dlpack_c_exchange_api__ = _new_capsule(  # type: ignore[attr-defined]
    ctypes.addressof(_api), NAME, None
)


def various() -> list[np.ndarray]:
    """Arrays of which neighbours differ in one thing, most of them."""
    flat = np.zeros(4096, np.float32)
    flat = flat[(-flat.ctypes.data // 4) % 16 :]  # from a multiple of 64 on
    matrix = flat[:1024].reshape(32, 32)
    return [
        flat[:256], flat[:256], flat[256:512], flat[1:257], flat[2:258], flat[4:260], flat[:256],
        flat[:255], flat[:512:2], flat[:256][::-1], flat[:256].view(np.int32), matrix, matrix.T,
        matrix[:, :16], matrix[:16], matrix[1:, 1:], matrix[:, :31], matrix, flat[:0], flat[4:4],
        flat[:1].reshape(()), flat[3:4].reshape(()), matrix[::2], matrix[::-1], matrix[::2],
        np.broadcast_to(matrix[0], (32, 32)), flat[:256], flat[:256].view(np.float16),
    ]  # fmt: skip


def test_the_facts_are_those_of_the_array_whatever_came_before() -> None:
    arrays = various()
    table = Table([row("x")])
    for at in [*range(len(arrays)), *np.random.default_rng().permutation(len(arrays))]:
        table.clear()
        table[1](Exchanged(arrays[at]))
        found = table.fact
        table.clear()
        table[1](arrays[at])
        assert found == table.fact, at


def test_what_has_no_strides_is_compact() -> None:
    table = Table([row("x")])
    for array in (np.zeros((4, 32), np.float32), np.zeros(4, np.float32)):
        for compact in (True, False, True):
            table[1](Exchanged(array, compact=compact))
            assert table.fact[2:4] == (array.ndim, array.ndim - 1)


def test_arrays_at_new_addresses_are_told_apart_or_overlap() -> None:
    memory = np.zeros(1024, np.float32)
    table = Table([row("x"), row("out")], written=["out"])
    expected = []
    for begin in (0, 512, 252, 128, 255, 256, 400):
        table.clear()
        table[1](Exchanged(memory[:256]), Exchanged(memory[begin : begin + 256]))
        expected.append(begin >= 256)
    assert [disjoint for *_, disjoint in table.built] == expected


def test_what_cannot_be_read_is_refused_after_what_can() -> None:
    x = np.zeros(32, np.float32)
    table = Table([row("x")])
    table[1](Exchanged(x))
    shifted = np.frombuffer(x.tobytes() + bytes(8), np.uint8)[1:129].view(np.float32)
    for wrong, message in (
        (Exchanged(shifted), "not aligned to its item size"),
        (Exchanged(x, device=10), "on a device of DLPack type 10"),
    ):
        with pytest.raises(LaunchError, match=message):
            table[1](wrong)
    table[1](Exchanged(x))
    assert len(table.calls) == 2


def test_a_launch_on_a_gpu_is_given_what_is_there_now(fake: FakeDriver) -> None:
    table = GpuTable("scale")
    theirs = [Stream("cuda:0"), Stream("cuda:0")]
    memory = np.zeros(4096, np.float32)
    for begin, count in ((0, 64), (64, 64), (65, 64), (64, 128), (0, 64), (0, 0)):
        x = memory[begin : begin + count]
        before = Exchanged.asked_for_streams
        Exchanged.stream = theirs[begin % 2].handle
        table[1](Exchanged(x, CUDA), Exchanged(x, CUDA), 2.0)
        words = struct.unpack_from("<6q", fake.block, 24)
        assert words == (x.ctypes.data, count, 1) * 2
        assert fake.launch["stream"] == Exchanged.stream
        assert Exchanged.asked_for_streams == before + 1  # once for all of them


def test_an_array_of_the_host_after_one_of_a_gpu(fake: FakeDriver) -> None:
    table = Table([row("x"), row("y")])
    x = np.zeros(64, np.float32)
    table[1](Exchanged(x), Exchanged(x))
    with pytest.raises(LaunchError, match="it is in the memory of the host"):
        table[1](Exchanged(x, CUDA), Exchanged(x))
    assert table.fact[1] == F32 and len(table.calls) == 1


def test_a_type_read_last_is_not_taken_for_another_one() -> None:
    """However many types there were: of those beyond the first ones nothing else is kept."""
    table = Table([row("x")])
    for _ in range(65):
        made = type("Made", (Exchanged,), {})
        table[1](made(np.zeros(4, np.float32)))
    kept = weakref.ref(made)
    del made
    table.calls.clear()
    gc.collect()
    assert kept() is not None
    table[1](Exchanged(np.zeros(4, np.float32)))
    gc.collect()
    assert kept() is None
