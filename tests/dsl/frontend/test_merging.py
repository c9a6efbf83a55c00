"""The dtype and shape of a variable where control flow meets, and of what operators give."""

# ruff: noqa: B007 - loops that only count are meant

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.frontend import loops
from tilewright.dsl.types import Tile, bool_, f16, f32, f64, i8, i32, i64, index, u8, u32

from .language import lowered, run, tw


def stored(kernel: Any, signature: str, **constants: object) -> Tile:
    """The type of what the kernel's print shows, before any cast of a store."""
    function = lowered(kernel, signature, **constants)
    prints = [op for op in ir.walk(function.body) if isinstance(op, ir.Print)]
    return prints[-1].values[0].tile


def literal_adopts_in_a_loop(x, n):
    total = 0
    for k in range(n):
        total = total + x[k]
    print(total)


def float_literal_adopts_in_a_loop(x, n):
    total = 0.0
    for k in range(n):
        total = x[k] * 2 + total
    print(total)


def literal_adopts_late(x, n):
    a, b = 0.0, 0.0
    for k in range(n):
        b = b + a
        a = a + x[k]
    print(b)


def literal_adopts_through_a_nested_loop(x, n):
    total = 0.0
    for k in range(n):
        part = 0.0
        for j in range(k):
            part = part + total
        total = part + x[k]
    print(total)


def literal_adopts_at_the_end_of_an_if(x, n):
    v = 0
    if n > 3:
        v = x[0]
    print(v)


def literal_adopts_in_else(x, n):
    if n > 3:
        v = 1
    else:
        v = x[0]
    print(v)


def literal_adopts_in_a_function(x, n):
    print(clipped(x[0], n))


@tw.func
def clipped(v, n):
    if n > 3:
        return 0
    return v


ADOPTING: list[Any] = [
    literal_adopts_in_a_loop, float_literal_adopts_in_a_loop, literal_adopts_late,
    literal_adopts_through_a_nested_loop, literal_adopts_at_the_end_of_an_if,
    literal_adopts_in_else, literal_adopts_in_a_function,
]  # fmt: skip


@pytest.mark.parametrize("kernel", ADOPTING, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("dtype", [f16, f32, f64], ids=str)
def test_a_weak_variable_adopts_the_strong_dtype(kernel: Any, dtype: Any) -> None:
    assert stored(kernel, f"{dtype}[:], i32") == Tile(dtype, ())


def all_weak_integers(x, n):
    count = 0
    for k in range(n):
        count = count + 1
    print(count)


def all_weak_floats(x, n):
    scale = 1
    for k in range(n):
        scale = scale * 0.5
    print(scale)


def all_weak_booleans(x, n):
    seen = False
    for k in range(n):
        seen = not seen
    print(seen)


def weak_of_both_sides(x, n):
    v = 1 if n > 3 else 2
    print(v)


def weak_of_two_branches(x, n):
    if n > 3:
        v = 1
    else:
        v = 2.5
    print(v)


def counter_in_nested_loops(x, n):
    total = 0
    for i in range(n):
        inner = 0
        for j in range(i):
            inner += 1
        total += inner
    print(total)


@pytest.mark.parametrize(
    ("kernel", "dtype"),
    [
        (all_weak_integers, i32),
        (all_weak_floats, f32),
        (all_weak_booleans, bool_),
        (weak_of_both_sides, i32),
        (weak_of_two_branches, f32),
        (counter_in_nested_loops, i32),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_if_all_are_weak_the_default_is_taken(kernel: Any, dtype: Any) -> None:
    assert stored(kernel, "f32[:], i32") == Tile(dtype, ())


def test_a_variable_that_holds_one_literal_on_all_paths_stays_constant() -> None:
    def kernel(x, n):
        if n > 3:
            size = 4
        else:
            size = 4
        print(tw.zeros(size))

    assert stored(kernel, "f32[:], i32").shape == (4,)


def test_a_scalar_grows_to_a_tile_in_a_loop() -> None:
    def kernel(x, n):
        total = 0.0
        best = x[0]
        for k in range(n):
            total = total + x[k : k + 8]
            best = tw.maximum(best, total)
        print(best)

    assert stored(kernel, "f32[:], i32") == Tile(f32, (8,))


def test_a_scalar_grows_to_a_tile_at_the_end_of_an_if() -> None:
    def kernel(x, n):
        v = x[0]
        if n > 3:
            v = x[0:8]
        print(v)

    assert stored(kernel, "f32[:], i32") == Tile(f32, (8,))


def index_adopts(x, n):
    v = tw.program_id(0)
    if n > 3:
        v = x[0]
    print(v)


@pytest.mark.parametrize("dtype", [i8, i64, u32, f16, f64], ids=str)
def test_an_index_value_yields_to_a_strong_dtype(dtype: Any) -> None:
    assert stored(index_adopts, f"{dtype}[:], i32").dtype == dtype


def test_an_index_value_does_not_make_an_i32_variable_wider() -> None:
    with pytest.raises(CompileError, match="`v` is i32 here but index at"):
        stored(index_adopts, "i32[:], i32")


@pytest.mark.parametrize(
    ("statement", "signature", "dtype"),
    [
        ("v += tw.program_id(0)", "i32", i32),
        ("v += n", "f16", f16),
        ("v += tw.full((), 1.0, tw.f64)", "f32", f32),
        ("v *= 3", "u8", u8),
        ("v //= 2", "i64", i64),
        ("v <<= n", "i8", i8),
        ("v |= n > 3", "bool_", bool_),
        ("v += n", "index", index),
        ("v -= tw.program_id(0)", "u32", u32),
    ],
)
def test_an_augmented_assignment_keeps_the_dtype(
    statement: str, signature: str, dtype: Any, tmp_path: Any
) -> None:
    kernel = defined(f"def kernel(v, n):\n    {statement}\n    print(v)\n", tmp_path)
    if signature == "index":
        kernel = defined(
            f"def kernel(v, n):\n    v = tw.program_id(0)\n    {statement}\n    print(v)\n",
            tmp_path,
        )
        signature = "i32"
    assert stored(kernel, f"{signature}, i32").dtype == dtype


@pytest.mark.parametrize(
    ("bounds", "dtype"),
    [
        ("n", i32),
        ("10", i32),
        ("n, x.shape[0]", index),
        ("tw.program_id(0), 10", index),
        ("0, n.to(tw.i64), 2", i64),
        ("n.to(tw.u8)", u8),
        ("1 << 40", i64),
    ],
)
def test_a_loop_variable_has_the_dtype_of_its_bounds(
    bounds: str, dtype: Any, tmp_path: Any
) -> None:
    text = f"def kernel(x, n):\n    for k in range({bounds}):\n        print(k)\n"
    assert stored(defined(text, tmp_path), "f32[:], i32") == Tile(dtype, ())


def defined(text: str, folder: Any) -> Callable[..., Any]:
    """A function of a source file of its own."""
    file = folder / f"kernel_{abs(hash(text))}.py"
    file.write_text(text)
    names: dict[str, Any] = {"tw": tw}
    exec(compile(text, str(file), "exec"), names)
    found: Callable[..., Any] = names["kernel"]
    return found


def test_a_temporary_may_change_its_type_from_round_to_round() -> None:
    def kernel(x, out, n):
        t = x[0]
        out[0] = t
        for k in range(n):
            t = x[k : k + 4]
            out[k] = tw.sum(t)
        t = n
        out[5] = t

    x, out = np.arange(8, dtype=np.float32), np.zeros(6, np.float32)
    run(kernel, "f32[:], f32[:], i32", x, out, np.int32(3))
    assert out.tolist() == [6, 10, 14, 0, 0, 3]


def deep(x, out, n):
    s = 0.0
    for a in range(n):
        c1 = 0
        for b in range(a):
            c2 = 0
            for c in range(b):
                c3 = 0
                for d in range(c):
                    c4 = 0
                    for e in range(d):
                        s = s + x[e]
                        c4 += 1
                    c3 += c4
                c2 += c3
            c1 += c2
        out[a] = s + c1


def deep_in_lanes(x, out, n):
    i = tw.arange(8)
    s = 0.0
    a = 0
    while a < n:
        b = 0
        while b < a:
            c = 0
            while c < b:
                d = 0
                while d < c:
                    e = 0
                    while e < x[i]:
                        s = s + x[i]
                        e += 1
                        if s > 100:
                            break
                    d += 1
                c += 1
            b += 1
        a += 1
    out[i] = s


@pytest.mark.parametrize("kernel", [deep, deep_in_lanes], ids=lambda kernel: kernel.__name__)
def test_nested_loops_are_not_lowered_exponentially_often(
    kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = []
    lower_body = loops.Loops.lower_body

    def counting(self: Any, node: Any) -> Any:
        rounds.append(node)
        return lower_body(self, node)

    monkeypatch.setattr(loops.Loops, "lower_body", counting)
    lowered(kernel, "f32[:], f32[:], i32")
    assert len(rounds) <= 5 * 6
