"""How the native launcher binds arguments, what facts it reads from them, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tilewright import _native
from tilewright.runtime.array import Array
from tilewright.runtime.errors import DeviceError, LaunchError

from .native_kernels import F32, Table, row


def fact_of(value: object, **more: Any) -> Any:
    """The fact of one argument."""
    table = Table([row("x", **more)])
    table[1](value)
    return table.fact


def refusal(value: object, **more: Any) -> str:
    """The text with which one argument is refused."""
    with pytest.raises(LaunchError) as caught:
        Table([row("x", **more)])[1](value)
    return str(caught.value)


def test_arguments_bind_as_in_python():
    table = Table([row("a", 1), row("b", 1, 5), row("c", 1, None)])
    table[1](1)
    table[2, 3](1, c=2, b=7)
    table[1](b=0, a=4)
    assert table.calls == [
        ((1, 1, 1), (1, 5, None)),
        ((2, 3, 1), (1, 7, 2)),
        ((1, 1, 1), (4, 0, None)),
    ]


def test_keywords_need_not_be_interned():
    table = Table([row("some_name", 1)])
    table[1](**{"".join(["some", "_name"]): 3})
    assert table.calls[0][1] == (3,)


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        ((), {}, "testing is missing the arguments 'a', 'b'"),
        ((1,), {}, "testing is missing the argument 'b'"),
        ((1, 2, 3, 4), {}, "testing takes 3 arguments, got 4 by position"),
        ((1, 2), {"d": 1}, "testing has no parameter 'd'"),
        ((1, 2), {"a": 1}, "testing got two values for 'a'"),
        ((1, 2), {"num_warps": "x"}, "option 'num_warps' of testing is an integer, got str"),
        ((1, 2), {"stream": 3}, "option 'stream' is a Stream, got int"),
        ((1, 2), {"device": "tpu"}, "no device 'tpu', expected 'cpu' or 'cuda:0' and the like"),
    ],
)
def test_bad_calls_are_named(arguments, keywords, message):
    table = Table([row("a", 1), row("b", 1), row("c", 1, 0)])
    with pytest.raises((LaunchError, DeviceError)) as caught:
        table[1](*arguments, **keywords)
    assert str(caught.value).partition("\nnote: ")[0] == message
    assert table.built == []


def test_launch_options_are_no_parameters():
    table = Table([row("a", 1)])
    table[1](1, num_warps=4, num_stages=None, stream=None, device="cpu")
    with pytest.raises(ValueError, match="launch option 'stream'"):
        table.configure([row("stream")], 0)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (1.5, "integers, got float"),
        (True, "integers, got bool"),
        ("3", "integers, got str"),
        (-1, "negative"),
        ((), "1 to 3 axes, got 0"),
        ((1, 1, 1, 1), "1 to 3 axes, got 4"),
        ((1, None), "integers, got NoneType"),
        (2**31, "at most 2**31 - 1"),
        ((2**16, 2**16), "at most 2**31 - 1"),
        (2**80, "at most 2**31 - 1"),
        (np.zeros(3, np.int64), "integers, got numpy.ndarray"),
    ],
)
def test_bad_grids_are_refused(grid, message):
    with pytest.raises(LaunchError) as caught:
        Table([])[grid]
    assert message in str(caught.value)


def test_grids_may_be_anything_like_an_integer_or_a_function():
    table = Table([row("BLOCK", 1), row("n", 2, dtype=4), row("M", 1, "m")])
    table[np.int32(3)](4, 1)
    table[(np.uint8(2), 5)](4, 1)
    table[lambda p: (p.BLOCK, 2)](4, 1)
    seen: list[SimpleNamespace] = []
    table[lambda p: seen.append(p) or p.BLOCK](4, 1)
    assert [call[0] for call in table.calls] == [(3, 1, 1), (2, 5, 1), (4, 2, 1), (4, 1, 1)]
    assert seen == [SimpleNamespace(BLOCK=4, M="m")]
    with pytest.raises(ZeroDivisionError):
        table[lambda p: 1 // 0](4, 1)
    with pytest.raises(LaunchError, match="integers, got float"):
        table[lambda p: 1.0](4, 1)


def test_an_empty_grid_runs_nothing_but_checks_its_arguments():
    table = Table([row("x")], written=["x"])
    x = np.zeros(4, np.float32)
    table[0](x)
    table[3, 0, 2**40](x)
    x.flags.writeable = False
    with pytest.raises(LaunchError, match="read-only"):
        table[0](x)
    with pytest.raises(LaunchError, match="missing"):
        table[0]()
    assert (table.calls, table.built) == ([], [])


def test_facts_of_arrays():
    x = np.zeros((32, 64), np.float32)
    assert fact_of(x) == ("array", F32, 2, 1, x.ctypes.data % 16 == 0, True, ())
    assert fact_of(x.T)[3] == 0
    assert fact_of(x[:, ::2])[3] == -1
    assert fact_of(x[:, 1:])[4:6] == (False, False)
    assert fact_of(x[:, :1])[3] == 1
    assert fact_of(np.array(1, np.float32))[1:4] == (F32, 0, -1)
    assert fact_of(x, fixed=(1,))[6] == ((1, 64),)
    assert fact_of(np.zeros((0, 3), np.int8))[1:4] == (1, 2, 1)


def test_pointers_drop_their_shape():
    x = np.zeros((32, 60), np.float32)
    assert fact_of(x, kind=4) == ("array", F32, 0, -1, x.ctypes.data % 16 == 0, False, ())


def test_facts_that_do_not_count_are_false():
    table = Table([row("x")], device_facts=0)
    table[1](np.zeros(16, np.float32))
    table[1](np.zeros(17, np.float32)[1:])
    assert [fact[0][4:6] for fact, _ in table.described] == [(False, False)]


def test_narrow_means_that_32_bits_suffice():
    table = Table([row("x")])
    table[1](np.zeros(4, np.int8))
    table[1](np.lib.stride_tricks.as_strided(np.zeros(1, np.int8), (2**31,), (0,)))
    assert [narrow for _, narrow in table.described] == [True, False]


@pytest.mark.parametrize(
    ("dtype", "code"),
    [
        ("?", 0), ("b", 1), ("h", 2), ("i", 3), ("l", 4), ("q", 4), ("B", 5), ("H", 6), ("I", 7),
        ("L", 8), ("Q", 8), ("e", 9), ("f", 11), ("d", 12),
        (ml_dtypes.bfloat16, 10), (ml_dtypes.float8_e4m3fn, 13), (ml_dtypes.float8_e5m2, 14),
    ],
)  # fmt: skip
def test_dtypes_of_arrays_and_scalars(dtype, code):
    assert fact_of(np.zeros(3, dtype))[1] == code
    assert fact_of(np.dtype(dtype).type(1)) == ("scalar", code)


@pytest.mark.parametrize(
    ("value", "code"),
    [(1, 3), (-(2**31), 3), (2**31, 4), (2**63 - 1, 4), (-(2**63), 4), (1.5, 11), (True, 0)],
)
def test_dtypes_of_python_numbers(value, code):
    assert fact_of(value) == ("scalar", code)


def test_arrays_that_no_kernel_could_read_are_refused():
    raw = np.zeros(64, np.uint8)
    record = np.zeros(4, [("a", "u1"), ("b", "<f4")])
    assert "not aligned" in refusal(raw[1:5].view(np.float32))
    assert "stride" in refusal(np.lib.stride_tricks.as_strided(raw.view("f4"), (3,), (6,)))
    assert "aligned" in refusal(record["b"]) or "stride" in refusal(record["b"])
    assert "byte order" in refusal(np.zeros(3, ">f4"))
    assert "9 axes" in refusal(np.zeros((1,) * 9, np.float32))
    for dtype in ("O", "F", "M8[s]", "S3", "U2", "g"):
        assert "are not supported" in refusal(np.zeros(2, dtype))
    message = refusal(np.zeros(3, ">f4"))
    assert message.startswith("argument 'x' of testing: ")


def test_other_objects_are_refused():
    @dataclass
    class Pair:
        a: int

    assert "the dataclass `Pair` is not frozen" in refusal(Pair(1))
    for value in ("text", None, [1], 1j, object(), np.float32, range(3)):
        assert "expected an array or a number" in refusal(value)
    assert "does not fit into i64; annotate" in refusal(2**63)
    assert "does not fit into 64 bits" in refusal(2**64)
    assert "does not fit into 64 bits" in refusal(-(2**63) - 1)
    assert "expected an array, got int" in refusal(3, kind=3)
    assert "expected an array, got float" in refusal(3.0, kind=4)


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        (0, [True, 0, 1, np.bool_(True)], [2, -1, 1.0]),
        (1, [-128, 127, True], [-129, 128, 0.0]),
        (3, [2**31 - 1, np.int64(5)], [2**31, np.float32(1)]),
        (4, [2**63 - 1, -(2**63)], [2**63]),
        (5, [0, 255], [-1, 256]),
        (8, [2**64 - 1], [-1, 2**64]),
        (11, [1, 1.5, np.float64(2), 2**70, True], [10**400, "x"]),
        (9, [1, 1e9], [None]),
        (12, [1, 1.5], [np.zeros(()), np.zeros(3)]),
    ],
)
def test_annotated_scalars_are_converted_or_refused(code, good, bad):
    for value in good:
        assert fact_of(value, kind=2, dtype=code) == ("scalar", code)
    for value in bad:
        assert refusal(value, kind=2, dtype=code).startswith("argument 'x' of testing: ")


def test_constants_are_told_apart_by_type_value_and_sign():
    nan = float("nan")
    values = [
        1, True, 1.0, 0.0, -0.0, nan, None, "1", (1,), (True,), (1.0,), ((0.0,),), ((-0.0,),),
        np.int64(1), np.float32(0.0), np.float32(-0.0), 2**70, 1 + 0j, complex(1, -0.0), len, int,
    ]  # fmt: skip
    table = Table([row("C", 1)])
    for value in values:
        table[1](value)
    assert len(table.built) == len(values)
    for value in [1, -0.0, float("nan"), (1.0,), ((-0.0,),), 2**70, np.float32(-0.0)]:
        table[1](value)
    assert len(table.built) == len(values)


def test_constants_in_dataclasses_are_told_apart():
    @dataclass(frozen=True)
    class Config:
        value: object

    table = Table([row("C", 1)])
    for value in (Config(1), Config(True), Config(1.0), Config(1), Config((0.0,)), Config((-0.0,))):
        table[1](value)
    assert len(table.built) == 5


def test_constants_must_be_hashable():
    for value in ([], {}, ([],), np.zeros(3)):
        assert "must be hashable" in refusal(value, kind=1)

    class Angry:
        def __hash__(self) -> int:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Table([row("C", 1)])[1](Angry())

    deep: Any = ()
    for _ in range(100_000):
        deep = (deep,)
    with pytest.raises((RecursionError, LaunchError)):
        Table([row("C", 1)])[1](deep)
    while deep:  # dropping it at once would recurse as deep
        (deep,) = deep


def test_writing_to_read_only_arrays_is_refused_every_time():
    table = Table([row("x"), row("out")], written=["out"])
    x = np.zeros(4, np.float32)
    fixed = x.copy()
    fixed.flags.writeable = False
    table[1](fixed, x)
    for _ in range(2):
        with pytest.raises(LaunchError, match=r"argument 'out' of testing: .* read-only"):
            table[1](x, fixed)
    assert len(table.described) == 1


def test_disjoint_is_about_what_is_written():
    table = Table([row("x"), row("out")], written=["out"])
    memory = np.zeros(64, np.float32)
    table[1](memory[:16], memory[16:32])
    table[1](memory[:16], memory[8:24])
    table[1](memory[:16], memory[:16])
    table[1](memory[:16], memory[16:16])
    assert [disjoint for *_, disjoint in table.built] == [True, False]
    backwards = Table([row("x"), row("out")], written=["out"])
    backwards[1](memory[15::-1], memory[:16])
    backwards[1](memory[:47:-1], memory[:16])
    assert [disjoint for *_, disjoint in backwards.built] == [False, True]
    reading = Table([row("x"), row("y")])
    reading[1](memory, memory)
    assert reading.built[0][2] is True


def test_pointers_may_reach_all_of_their_allocation():
    table = Table([row("x", 4), row("out", 4)], written=["out"])
    memory = np.zeros(64, np.float32)
    table[1](memory[:16], memory[32:48])
    table[1](memory, np.zeros(64, np.float32))
    borrowed = np.frombuffer(bytearray(64), np.float32)
    table[1](borrowed, memory)
    assert [disjoint for *_, disjoint in table.built] == [False, True]


class Wrapper:
    """Has a slot `_host`, as the runtime's arrays do."""

    __slots__ = ("_host",)

    def __init__(self, host: object) -> None:
        self._host = host


@pytest.fixture
def wrapper():
    """Wrapper as the registered class."""
    _native.register_array_class(Wrapper)
    yield Wrapper
    _native.register_array_class(Array)


def test_objects_of_the_array_class_are_read_through_their_host(wrapper):
    assert fact_of(wrapper(np.zeros(4, np.int16)))[1] == 2
    assert "neither a NumPy array nor a View" in refusal(wrapper(None))
    with pytest.raises(AttributeError):
        fact_of(wrapper.__new__(wrapper))


def test_the_array_class_has_a_slot():
    for cls in (SimpleNamespace, type("Plain", (), {"_host": None})):
        with pytest.raises((TypeError, AttributeError), match="_host"):
            _native.register_array_class(cls)


class Exporter:
    """Exports a NumPy array through DLPack only, from a device of a given type."""

    def __init__(self, array: np.ndarray, device: int = 1, old: bool = False) -> None:
        self.array, self.device, self.old = array, device, old

    def __dlpack_device__(self) -> tuple[int, int]:
        return (self.device, 0)

    def __dlpack__(self, **keywords: object) -> object:
        if self.old and keywords:
            raise TypeError("unexpected keyword")
        return self.array.__dlpack__(**keywords)


class Described:
    """Has `__array_interface__` only."""

    def __init__(self, **interface: object) -> None:
        self.__array_interface__ = interface


def test_arrays_come_through_dlpack():
    x = np.zeros((4, 32), np.float32)
    for old in (False, True):
        assert fact_of(Exporter(x, old=old))[1:4] == (F32, 2, 1)
    assert fact_of(Exporter(x[:, ::2]))[3] == -1
    fixed = x.copy()
    fixed.flags.writeable = False
    table = Table([row("x")], written=["x"])
    with pytest.raises(LaunchError, match="read-only"):
        table[1](Exporter(fixed))
    assert "supports stream=None" in refusal(Exporter(x, device=2))  # it was told one
    assert "type 10" in refusal(Exporter(x, device=10))
    assert "__dlpack__ failed" in refusal(Exporter(np.zeros(2, "O")))
    assert "not supported" in refusal(Exporter(np.zeros(2, np.complex64)))


def test_arrays_come_through_the_array_interface():
    x = np.zeros((4, 32), np.float32)
    assert fact_of(Described(**x.__array_interface__))[1:4] == (F32, 2, 1)
    assert fact_of(Described(**x.T.__array_interface__))[3] == 0
    good = dict(x.__array_interface__)
    for broken in (
        {"typestr": ">f4"}, {"typestr": "<c8"}, {"typestr": ""}, {"data": None}, {"shape": 3},
        {"shape": (-1, 2)}, {"shape": ("a",)}, {"strides": (1,)}, {"data": ("x", False)},
        {"shape": (2**62, 2**62)}, {"shape": (1,) * 9}, {"strides": (2**70, 4)},
    ):  # fmt: skip
        assert refusal(Described(**{**good, **broken})).startswith("argument 'x'")


def test_incomplete_device_memory_is_refused():
    on_device = SimpleNamespace(__cuda_array_interface__={"shape": (3,)})
    assert "__cuda_array_interface__ is incomplete" in refusal(on_device)
