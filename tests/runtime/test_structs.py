"""Structs as arguments: how a launch takes them apart, keys them, and refuses what is none."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import tilewright as tw


class State(NamedTuple):
    x: Any
    v: Any
    dt: Any = 0.5


class Same(NamedTuple):
    x: Any
    v: Any
    dt: Any = 0.5


@dataclass(frozen=True)
class Record:
    x: Any
    v: Any
    dt: Any = 0.5


@dataclass
class Loose:
    x: Any


ROWS_OF_FOUR = "f32[:, 4::1]"


class Shaped(NamedTuple):
    x: ROWS_OF_FOUR
    n: tw.constexpr


class Holder(NamedTuple):
    state: State
    name: Any


@dataclass(frozen=True)
class WithArray:
    """A class that is read as the array it offers, though it is a dataclass."""

    data: Any

    @property
    def __array_interface__(self):
        return self.data.__array_interface__


def make_step() -> Any:
    @tw.kernel
    def step(s, out, BLOCK: tw.constexpr = 8):
        i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
        out[i] = s.x[i] + s.v[i] * s.dt

    return step


def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, v = rng.standard_normal((2, 20), dtype=np.float32)
    return x, v, np.full(20, np.nan, np.float32)


def refused(call: Callable[[], object], message: str, note: str = "") -> None:
    with pytest.raises(tw.LaunchError) as caught:
        call()
    found, _, way_out = str(caught.value).partition("\nnote: ")
    assert found == message
    assert note in way_out


@pytest.mark.parametrize("cls", [State, Record])
def test_warm_launches_read_the_fields_anew(cls: Any, rng: np.random.Generator) -> None:
    step = make_step()
    for _ in range(5):
        x, v, out = data(rng)
        step[3](cls(x, v, 2.0), out)
        np.testing.assert_array_equal(out, x + v * 2)
    assert len(step.specializations) == 1


def test_a_specialization_per_types_of_fields_constants_and_class(
    rng: np.random.Generator,
) -> None:
    @tw.kernel
    def tell(s, out):
        if isinstance(s, State):
            out[0] = 1 if s.v == "a" else 2
        else:
            out[0] = 3 if s[1] == "a" else 4

    out, x = np.zeros(1, np.int32), np.zeros(3, np.float32)
    cases = [
        (State(x, "a"), 1), (State(x, "b"), 2), (Same(x, "a"), 3), ((x, "b", 0.5), 4),
        (State(x.astype(np.float64), "a"), 1), (State(1, "a"), 1), (State(x, "a", 1), 1),
    ]  # fmt: skip
    for _ in range(2):
        for struct, expected in cases:
            tell[1](struct, out)
            assert out[0] == expected
    assert len(tell.specializations) == len(cases)
    texts = [one.signature for one in tell.specializations]
    assert "(f32[::1], ='a', f32), i32[::1]; narrow, disjoint" in texts


def test_the_parts_of_an_argument_are_told_apart_from_arguments() -> None:
    @tw.kernel
    def count(p, q, out):
        out[0], out[1] = len(p), len(q)

    out = np.zeros(2, np.int32)
    for p, q in (((1, 2), (3,)), ((1,), (2, 3)), ((), (1, 2, 3)), ((1, (2, 3)), ()), (((),), ())):
        count[1](p, q, out)
        np.testing.assert_array_equal(out, [len(p), len(q)])


def test_fields_overlap_like_arguments(rng: np.random.Generator) -> None:
    @tw.kernel
    def shift(s):
        i = tw.arange(8)
        s.v[i] = s.x[i] + 1.0

    memory = rng.standard_normal(9, dtype=np.float32)
    expected = memory[:8] + 1
    shift[1](State(memory[:8], memory[1:]))
    np.testing.assert_array_equal(memory[1:], expected)
    (found,) = shift.specializations
    assert "disjoint" not in found.signature


def test_what_is_written_is_known_by_field(rng: np.random.Generator) -> None:
    step = make_step()
    x, v, out = data(rng)
    x.flags.writeable = v.flags.writeable = False
    step[3](State(x, v), out)

    @tw.kernel
    def write(h, other):
        h.state.v[0] = 1.0
        h.name[1][0] = other

    refused(
        lambda: write[1](Holder(State(x, v), (1, out)), 2.0),
        "argument 'h.state.v' of write: the kernel writes to it, but it is read-only",
        "such as x.copy()",
    )
    refused(
        lambda: write[1](Holder(State(x, out), ("a", v)), 2.0),
        "argument 'h.name[1]' of write: the kernel writes to it, but it is read-only",
    )


def test_structs_are_launched_on_streams(rng: np.random.Generator) -> None:
    step = make_step()
    x, v, out = data(rng)
    expected = x + v * np.float32(0.25)
    stream = tw.Stream()
    step[3](Record(x.copy(), v.copy(), 0.25), out, stream=stream)
    gc.collect()
    stream.synchronize()
    np.testing.assert_array_equal(out, expected)


def test_dataclass_arguments_are_not_kept() -> None:
    step = make_step()
    x = np.zeros(20, np.float32)
    record = Record(x, x.copy())
    watched = weakref.ref(record)
    step[3](record, np.zeros(20, np.float32))
    del record
    gc.collect()
    assert watched() is None


def test_a_forgotten_kernel_forgets_its_classes() -> None:
    cls = make_dataclass("Gone", ["x", "v", ("dt", object, 0.5)], frozen=True)
    step, x = make_step(), np.zeros(20, np.float32)
    step[3](cls(x, x), x.copy())
    assert step.specializations
    step.refresh()
    step[3](cls(x, x), x.copy())


def test_arrays_of_other_libraries_stand_in_fields(rng: np.random.Generator) -> None:
    step = make_step()
    x, v, out = data(rng)
    step[3](Record(tw.array(x), WithArray(v), 1.0), out)
    np.testing.assert_array_equal(out, x + v)
    out[:] = np.nan
    step[3](State(WithArray(x), tw.array(v), 1.0), out)
    np.testing.assert_array_equal(out, x + v)


def test_annotated_fields_are_checked() -> None:
    @tw.kernel
    def first(s: Shaped, out):
        out[0] = s.x[0, s.n]

    out, x = np.zeros(1, np.float32), np.arange(8, dtype=np.float32).reshape(2, 4)
    first[1](Shaped(x, 3), out)
    assert out[0] == 3
    name = "argument 's.x' of first"
    refused(
        lambda: first[1](Shaped(x[:, :3], 3), out),
        f"{name}: expected f32[:, 4::1], got f32[:, 3::1]",
    )
    refused(lambda: first[1](Shaped(2.0, 3), out), f"{name}: expected an array, got float")
    refused(lambda: first[1]((x, 3), out), "argument 's' of first: expected `Shaped`, got a tuple")
    refused(lambda: first[1](x, out), "argument 's' of first: expected `Shaped`, got f32[:, ::1]")
    refused(
        lambda: first[1](Shaped(x, [3]), out),
        "argument 's.n' of first: a constexpr must be hashable, and list is not",
    )


def test_what_is_no_struct_is_refused_by_name() -> None:
    step = make_step()
    x = np.zeros(20, np.float32)
    refused(
        lambda: step[1](Loose(x), x),
        "argument 's' of step: the dataclass `Loose` is not frozen",
        "`@dataclass(frozen=True)`",
    )
    refused(
        lambda: step[1](State(x, Loose(x)), x),
        "argument 's.v' of step: the dataclass `Loose` is not frozen",
    )
    refused(
        lambda: step[1](State(x, [1, 2]), x),
        "argument 's.v' of step: expected an array or a number, got list",
        "np.asarray(x)",
    )
    refused(
        lambda: step[1](State(x, (1, {})), x),
        "argument 's.v[1]' of step: expected an array or a number, got dict",
    )
    refused(
        lambda: step[1](State(x, x.astype(complex)), x),
        "argument 's.v' of step: arrays of dtype complex128 are not supported",
    )
    refused(
        lambda: step[1](State(x, 1 << 63), x),
        "argument 's.v' of step: 9223372036854775808 does not fit into i64; annotate the parameter "
        "with u64",
    )


def test_structs_without_end_and_without_measure_are_refused() -> None:
    step = make_step()
    x = np.zeros(20, np.float32)
    endless = Record(x, x)
    object.__setattr__(endless, "v", endless)
    with pytest.raises(tw.LaunchError, match="structs are nested more than 32 deep"):
        step[1](endless, x)
    with pytest.raises(tw.LaunchError, match="at most 128 values, structs counted by their fields"):
        step[1](State(x, (1.0,) * 200), x)
    with pytest.raises(tw.LaunchError, match="at most 128 structs"):
        step[1](State(x, ((),) * 200), x)
    unset = object.__new__(Record)
    with pytest.raises(tw.LaunchError, match=r"argument 's\.x' of step: the field has no value"):
        step[1](unset, x)


def test_many_fields_fit() -> None:
    @tw.kernel
    def add(numbers, out):
        total = 0
        for number in numbers:
            total += number
        out[0] = total

    out = np.zeros(1, np.int64)
    add[1](tuple(range(126)), out)
    assert out[0] == sum(range(126))


def test_a_loose_dataclass_is_refused_as_an_annotation() -> None:
    with pytest.raises(tw.CompileError) as caught:

        @tw.kernel
        def kernel(s: Loose):
            pass

    assert caught.value.message == (
        "annotation of parameter `s`: the dataclass `Loose` is not frozen"
    )
    assert "`@dataclass(frozen=True)`" in (caught.value.note or "")


def test_a_text_tells_the_fields_of_a_tuple(rng: np.random.Generator) -> None:
    @tw.kernel
    def step(s, out):
        i = tw.arange(20)
        x, (v, dt) = s
        out[i] = x[i] + v[i] * dt

    special = step.specialize("(f32[::1], (f32[::1], f32)), f32[::1]")
    assert special.signature == "(f32[::1], (f32[::1], f32)), f32[::1]"
    x, v, out = data(rng)
    special[1]((x, (v, 2.0)), out)
    np.testing.assert_array_equal(out, x + v * 2)
    special[1]((x, State(v, 4.0)[:2]), out)
    np.testing.assert_array_equal(out, x + v * 4)
    refused(
        lambda: special[1]((x, (v, 2.0, 1)), out),
        "argument 's[1]' of step: expected 2 fields, got 3",
    )
    refused(
        lambda: special[1]((x, (v.astype(np.float64), 2.0)), out),
        "argument 's[1][0]' of step: expected f32[::1], got f64[::1]",
    )
    refused(
        lambda: special[1](x, out),
        "argument 's' of step: expected a tuple, a NamedTuple or a frozen dataclass, got "
        "numpy.ndarray",
    )


def test_a_text_for_an_annotated_class_knows_its_names(rng: np.random.Generator) -> None:
    @tw.kernel
    def step(s: Record, out, BLOCK: tw.constexpr):
        i = tw.arange(BLOCK)
        out[i] = s.x[i] + s.v[i] * s.dt

    special = step.specialize("(f32[::1], f32[::1], f64), f32[::1]", BLOCK=20)
    x, v, out = data(rng)
    special[1](Record(x, v, 2.0), out, 20)
    np.testing.assert_array_equal(out, x + v * 2)
    refused(
        lambda: special[1]((x, v, 2.0), out, 20),
        "argument 's' of step: expected `Record`, got a tuple",
    )
    with pytest.raises(tw.CompileError, match="has 1 fields, expected 3 of `Record`"):
        step.specialize("(f32,), f32[::1]", BLOCK=20)


def test_a_text_holds_constants_of_structs() -> None:
    @tw.kernel
    def kernel(s, out):
        out[0] = s[0] if s[1] == "first" else s[2]

    special = kernel.specialize("(i32, ='first', =7), i32[::1]")
    assert special.signature == "(i32, ='first', =7), i32[::1]"
    out = np.zeros(1, np.int32)
    special[1]((3, "first", 7), out)
    assert out[0] == 3
    refused(
        lambda: special[1]((3, "second", 7), out),
        "argument 's[1]' of kernel: expected ='first', got ='second'",
    )

    @tw.kernel
    def shaped(s: Shaped, out):
        out[0] = s.n

    shaped.specialize("(f32[:, 4::1], =3), i32[::1]")
    with pytest.raises(tw.CompileError, match="field `n` of `Shaped` is a constexpr, found i32"):
        shaped.specialize("(f32[:, 4::1], i32), i32[::1]")


def test_inspection_shows_a_parameter_per_field(rng: np.random.Generator) -> None:
    step = make_step()
    x, v, out = data(rng)
    found = step.inspect(State(x, v), out)
    head = str(found.ir).splitlines()[0]
    assert head.startswith(
        "function step(%s.x: f32[::1], %s.v: f32[::1], %s.dt: f32, %out: f32[::1])"
    )
    pair = tw.kernel(paired).inspect((x, (v, 1.0)), out)
    assert "%p.0: f32[::1], %p.1.0: f32[::1], %p.1.1: f32" in str(pair.ir)
    text = "\n".join(line.partition("  ;")[0] for line in str(found.ir).splitlines()) + "\n"
    parsed = tw.parse_ir(text)
    assert str(parsed) == text
    parsed[3](x, v, 2.0, out)
    np.testing.assert_array_equal(out, x + v * 2)
    refused(
        lambda: parsed[3](x, v, "a", out),
        f"argument 's.dt' of {parsed.name}: expected a number of type f32, got str",
    )


def paired(p, out):
    x, (v, dt) = p
    i = tw.arange(4)
    out[i] = x[i] + v[i] * dt


def test_constants_in_structs_are_told_apart_by_type_and_sign() -> None:
    @tw.kernel
    def kernel(c: tw.constexpr, out):
        if isinstance(c[0], bool):
            out[0] = 1
        elif isinstance(c[0], int):
            out[0] = 2
        else:
            out[0] = 3
        out[1] = c[0]
        out[2] = 1 if isinstance(c, State) else 0

    out = np.zeros(3, np.float32)
    for value, first in ((True, 1), (1, 2), (1.0, 3), (-0.0, 3), (0.0, 3)):
        for struct, is_state in (((value, 0, 0.5), 0), (State(value, 0), 1)):
            kernel[1](struct, out)
            assert out[0] == first
            assert out[1] == value
            assert np.signbit(out[1]) == np.signbit(value)
            assert out[2] == is_state


PROGRAM = """
import sys
from typing import Any, NamedTuple
import numpy as np
import tilewright as tw

class State(NamedTuple):
    x: Any
    scale: Any
    name: Any

@tw.kernel
def k(s, out):
    out[tw.arange(4)] = s.x[tw.arange(4)] * (s.scale if s.name == "a" else 1.0)

x, out = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
s = State(x, 3.0, sys.argv[1])
origin = k.inspect(s, out).metadata["origin"]
k[1](s, out)
print(origin, out.tolist())
"""


def test_other_processes_find_it_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)

    def run(name: str) -> str:
        command = [sys.executable, str(file), name]
        environment = {**os.environ, "TILEWRIGHT_CACHE_DIR": str(tmp_path / "cache")}
        found = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=True, cwd=tmp_path
        )
        return found.stdout.strip()

    assert run("a") == "compiled [0.0, 3.0, 6.0, 9.0]"
    assert run("a") == "disk [0.0, 3.0, 6.0, 9.0]"
    assert run("b") == "compiled [0.0, 1.0, 2.0, 3.0]"
