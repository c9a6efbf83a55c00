"""The device prelude: what its functions give, on the emulator, and that NVRTC takes all of them.

Values are compared with the interpreter's tables, which NumPy stands behind.
"""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tilewright.codegen import cuda
from tilewright.codegen.cuda.assemble import assemble
from tilewright.codegen.cuda.prelude import declarations, defined_names, prelude_of, topics
from tilewright.codegen.options import Options
from tilewright.codegen.target import parse_target
from tilewright.codegen.toolkit import find_nvrtc
from tilewright.dsl.interpreter import arithmetic
from tilewright.dsl.interpreter.atomics import combine
from tilewright.dsl.interpreter.values import cast, storage_of
from tilewright.dsl.types import Dtype, bool_, f32, f64, index, u32

from ...conformance import agreement
from ...conformance.data import IN_MEMORY, INTEGERS, NUMPY, Data, random_values, specials
from ...emulator.emulate import run

COUNT: Final = 256
ARCHITECTURES: Final = (800, 900)  # those below SM 89 lack instructions for floats of 8 bits
NAMES: Final = {
    "neg": "negate", "abs": "magnitude", "sqrt": "square_root", "floor": "round_down",
    "ceil": "round_up", "round": "round_nearest", "trunc": "round_to_zero",
    "popcount": "count_bits", "clz": "leading_zeros", "isnan": "is_nan", "isinf": "is_infinite",
    "isfinite": "is_finite", "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide",
    "floordiv": "floor_divide", "mod": "floor_modulo", "min": "minimum", "max": "maximum",
    "shl": "shift_left", "shr": "shift_right", "copysign": "copy_sign", "mulhi": "multiply_high",
}  # fmt: skip
OF_FLOATS: Final = (
    "neg", "abs", "sqrt", "floor", "ceil", "round", "trunc", "isnan", "isinf", "isfinite", "add",
    "sub", "mul", "div", "min", "max", "copysign",
)  # fmt: skip
OF_INTEGERS: Final = (
    "neg", "abs", "popcount", "clz", "add", "sub", "mul", "floordiv", "mod", "min", "max", "shl",
    "shr",
)  # fmt: skip
UNARY: Final = frozenset((*OF_FLOATS[:10], *OF_INTEGERS[:4]))


def evaluate(
    lines: list[str], inputs: list[tuple[Dtype, Data]], outputs: list[Dtype], architecture: int
) -> list[Data]:
    """Run lines, one for each output `r[k]`, over elements `x[k]` of the inputs."""
    dtypes = [*(dtype for dtype, _ in inputs), *outputs]
    members = " ".join(f"{c_type(dtype)}* p{k};" for k, dtype in enumerate(dtypes))
    first = len(inputs)
    loads = "\n".join(f"    {c_type(d)} x{k} = a.p{k}[i];" for k, (d, _) in enumerate(inputs))
    stores = "\n".join(f"    a.p{first + k}[i] = {line};" for k, line in enumerate(lines))
    body = f"""
struct Arguments {{ i64 grid[3]; {members} }};
extern "C" __global__ void values(const __grid_constant__ Arguments a,
                                  const __grid_constant__ Services services) {{
  for (i32 i = threadIdx.x; i < {COUNT}; i += 64) {{
{loads}
{stores}
  }}
}}"""
    arrays = [np.ascontiguousarray(data) for _, data in inputs]
    arrays += [np.full(COUNT * NUMPY[d].itemsize, 0xA5, np.uint8).view(NUMPY[d]) for d in outputs]
    launch(prelude_of(body) + body, arrays, 64, 1, architecture)
    return arrays[first:]


def launch(
    text: str, arrays: list[Data], threads: int, programs: int, architecture: int = 900
) -> None:
    block = np.array([programs, 1, 1, *(x.ctypes.data for x in arrays)], np.int64).tobytes()
    memory = [(x.ctypes.data, x.nbytes) for x in arrays]
    run(text, "values", threads, 0, block, programs, arrays=memory, architecture=architecture)


def c_type(dtype: Dtype) -> str:
    return "bool" if dtype is bool_ else dtype.name


def values_of(rng: np.random.Generator, dtype: Dtype) -> Data:
    """Any values, all special ones among them."""
    found = random_values(rng, dtype, (COUNT,))
    known = specials(dtype)[:COUNT]
    found[: len(known)] = known
    return rng.permutation(found)


def stored(data: Data, dtype: Dtype) -> Data:
    """As the interpreter has a tile: what NumPy lacks as bits."""
    return data.view(storage_of(dtype))


def assert_same(
    label: str, got: Data, want: Data, dtype: Dtype, inputs: list[Data], zeros: bool = False
) -> None:
    agree = agreement.order if zeros else agreement.numbers
    differ = agree(got, np.asarray(want).view(NUMPY[dtype]), dtype, inputs)
    places = np.flatnonzero(differ)[:4]
    shown = [(tuple(x[k] for x in inputs), got[k], want[k]) for k in places]
    assert not len(places), f"{label} of {dtype}: {shown}"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_casts(architecture: int, rng: np.random.Generator) -> None:
    inputs = [(dtype, values_of(rng, dtype)) for dtype in IN_MEMORY]
    pairs = [(k, target) for k in range(len(inputs)) for target in IN_MEMORY]
    lines = [f"to<{c_type(target)}>(x{k})" for k, target in pairs]
    got = evaluate(lines, inputs, [target for _, target in pairs], architecture)
    for (k, target), found in zip(pairs, got, strict=True):
        source, data = inputs[k]
        with np.errstate(all="ignore"):
            want = cast(stored(data, source), source, target)
        assert_same(f"{source} to", found, want, target, [data])


def test_every_pattern_of_narrow_floats(rng: np.random.Generator) -> None:
    """All bytes as f8 to f32 and back, and the numbers where roundings to f8 change."""
    for dtype in (d for d in IN_MEMORY if d.is_float and d.bits == 8):
        every = np.arange(256, dtype=np.uint8)
        numbers = cast(every, dtype, f32)
        finite = np.sort(numbers[np.isfinite(numbers)])
        halves = ((finite[1:] + finite[:-1]) / 2).astype(np.float32)
        near = np.concatenate([np.nextafter(halves, np.float32(side)) for side in (-1e9, 1e9)])
        edges = rng.permutation(np.concatenate([halves, near, finite[[0, -1]] * 1.07]))
        given = np.resize(edges, COUNT).astype(np.float32)
        for architecture in ARCHITECTURES:
            lines = ["to<f32>(x0)", f"to<{dtype}>(x1)", f"to<{dtype}>(to<f64>(x1))"]
            inputs = [(dtype, every.view(NUMPY[dtype])), (f32, given)]
            wide, *narrow = evaluate(lines, inputs, [f32, dtype, dtype], architecture)
            assert_same("to f32", wide, numbers, f32, [every])
            for found in narrow:
                assert_same("from f32", found, cast(given, f32, dtype), dtype, [given])


def test_arithmetic(rng: np.random.Generator) -> None:
    dtypes = (*(dtype for dtype in INTEGERS if dtype is not index), f32, f64)
    inputs = [(dtype, values_of(rng, dtype)) for dtype in dtypes for _ in range(2)]
    rows = [
        (k, kind)
        for k, dtype in enumerate(dtypes)
        for kind in (OF_FLOATS if dtype.is_float else OF_INTEGERS)
    ]
    rows.append((dtypes.index(u32), "mulhi"))
    lines, outputs, expected = [], [], []
    for k, kind in rows:
        operands = f"x{2 * k}" if kind in UNARY else f"x{2 * k}, x{2 * k + 1}"
        lines.append(f"{NAMES[kind]}({operands})")
        outputs.append(bool_ if kind.startswith("is") else dtypes[k])
        left, right = inputs[2 * k][1], inputs[2 * k + 1][1]
        with np.errstate(all="ignore"):
            if kind in UNARY:
                expected.append(arithmetic.unary(kind, left, dtypes[k]))
            else:
                expected.append(arithmetic.binary(kind, left, right, dtypes[k]))
    for dtype in (f32, f64):
        k = dtypes.index(dtype)
        lines.append(f"multiply_add(x{2 * k}, x{2 * k + 1}, x{2 * k})")
        left, right = inputs[2 * k][1], inputs[2 * k + 1][1]
        with np.errstate(all="ignore"):
            expected.append(arithmetic.fma(left, right, left, dtype))
        rows.append((k, "fma"))
        outputs.append(dtype)
    k = dtypes.index(f32)
    for sign in ("", "-"):
        left, right = inputs[2 * k][1], inputs[2 * k + 1][1]
        lines.append(f"divide({sign}x{2 * k}, divisor(x{2 * k + 1}))")
        with np.errstate(all="ignore"):
            expected.append((-left if sign else left) / right)
        rows.append((k, "div"))
        outputs.append(f32)
    got = evaluate(lines, inputs, outputs, 900)
    for (k, kind), found, want, dtype in zip(rows, got, expected, outputs, strict=True):
        given = [inputs[2 * k][1], inputs[2 * k + 1][1]]
        assert_same(kind, found, want, dtype, given, zeros=kind in ("min", "max"))


@pytest.mark.parametrize(("architecture", "order"), [(800, "relaxed"), (900, "acq_rel")])
def test_atomics(order: str, architecture: int, rng: np.random.Generator) -> None:
    """On elements of their own: the old value is given, the new one is there."""
    rows = [
        (dtype, kind)
        for dtype in IN_MEMORY
        for kind in ("add", "max", "min", "and", "or", "xor", "xchg", "cas")
        if not (dtype.is_float and kind in ("and", "or", "xor"))
    ]
    members, lines, arrays, checks = [], [], [], []
    for k, (dtype, kind) in enumerate(rows):
        old, value, expected = (values_of(rng, dtype) for _ in range(3))
        expected = np.where(rng.random(COUNT) < 0.5, old, expected)
        given = [expected, value] if kind == "cas" else [value]
        there, found = np.array(old), np.zeros_like(old)
        arrays += [there, found, *given]
        memory, kind_of = "u8" if dtype is bool_ else dtype.name, c_type(dtype)
        members.append(f"{memory}* at{k}; {kind_of}* old{k};")
        members += [f"{kind_of}* x{k}_{n};" for n in range(len(given))]
        operands = ", ".join(f"a.x{k}_{n}[i]" for n in range(len(given)))
        call = f"atomic_{kind}<Order::{order}>(a.at{k} + i, {operands})"
        lines.append(f"    a.old{k}[i] = {call};")
        with np.errstate(all="ignore"):
            new = combine(kind, stored(old, dtype), [stored(x, dtype) for x in given], dtype)
        checks.append((f"{kind} {order}", dtype, [old, *given], found, old, there, new))
    body = f"""
struct Arguments {{ i64 grid[3]; {" ".join(members)} }};
extern "C" __global__ void values(const __grid_constant__ Arguments a,
                                  const __grid_constant__ Services services) {{
  for (i32 i = threadIdx.x; i < {COUNT}; i += 64) {{
{chr(10).join(lines)}
  }}
}}"""
    launch(prelude_of(body) + body, arrays, 64, 1, architecture)
    for label, dtype, given, found, old, there, new in checks:
        assert_same(f"old of {label}", found, old, dtype, given)
        assert_same(label, there, new, dtype, given)


def test_any_byte_stands_for_true() -> None:
    body = """
struct Arguments { i64 grid[3]; u8* x; bool* y; };
extern "C" __global__ void values(const __grid_constant__ Arguments a,
                                  const __grid_constant__ Services services) {
  a.y[0] = atomic_and<Order::relaxed>(a.x, true);
  a.y[1] = atomic_or<Order::relaxed>(a.x + 1, false);
  a.y[2] = atomic_xchg<Order::relaxed>(a.x + 2, true);
}"""
    x, y = np.full(4, 6, np.uint8), np.zeros(3, np.bool_)
    launch(prelude_of(body) + body, [x, y], 1, 1)
    assert y.all() and list(x) == [6, 6, 1, 6]


def test_wide_accesses(rng: np.random.Generator) -> None:
    """Of every size and kind, elements keep their places."""
    body = """
struct Arguments { i64 grid[3]; const f8e4m3* x; f8e4m3* y; };
template <i32 V>
__device__ void copy(const f8e4m3* x, f8e4m3* y) {
  store_pack(y, load_pack<V>(x));
  store_pack_if(true, y + V, load_pack_constant<V>(x + V));
  store_pack_if(false, y, load_pack_constant_if<V>(false, x));
  store_pack(y + 2 * V, V % 4 ? load_pack_if<V>(true, x + 2 * V)
                              : load_pack_constant_if<V>(true, x + 2 * V));
  Pack<f8e4m3, V> pack = load_pack<V>(x + 3 * V);
  for (i32 k = 0; k < V; ++k) y[3 * V + k] = pack.at[k];
}
extern "C" __global__ void values(const __grid_constant__ Arguments a,
                                  const __grid_constant__ Services services) {
  copy<16>(a.x, a.y);
  copy<8>(a.x + 64, a.y + 64);
  copy<4>(a.x + 96, a.y + 96);
  copy<2>(a.x + 112, a.y + 112);
  copy<1>(a.x + 120, a.y + 120);
  a.y[124] = load_constant(a.x + 124);
}"""
    memory = np.zeros((2, 144), np.uint8)
    first = -memory.ctypes.data % 16
    x, y = memory[:, first : first + 125]
    x[:] = rng.integers(0, 256, 125)
    launch(prelude_of(body) + body, [x, y], 1, 1)
    np.testing.assert_array_equal(x, y)


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_nvrtc_takes_every_function() -> None:
    """On the oldest target, the first with floats of 8 bits, and the newest."""

    def compile(arch: str) -> None:
        kinds = [c_type(dtype) for dtype in IN_MEMORY]
        casts = [f"y[{k}] = to<f32>(to<{t}>(x[{k}]));" for k, t in enumerate(kinds)]
        atomics = [
            f"y[{k}] = to<f32>(atomic_{kind}<Order::{order}>(reinterpret_cast<Memory<{t}>*>(y), "
            f"to<{t}>(x[0])));"
            for k, (t, kind, order) in enumerate(
                (t, kind, order)
                for t in kinds
                for kind, order in (("add", "relaxed"), ("max", "acq_rel"), ("xchg", "release"))
            )
        ]
        floats = [f"y[{k}] = {NAMES[kind]}({_operands(kind)});" for k, kind in enumerate(OF_FLOATS)]
        words = ", ".join(sorted(_functions("ptx_matrix")))
        assert words
        text = "\n".join([_instructions(arch), *casts, *atomics, *floats])
        body = (
            'extern "C" __global__ void kernel(const f32* x, f32* y, '
            f"const __grid_constant__ Services services) {{\n{text}\n}}\n"
        )
        product = assemble(prelude_of(body) + body, parse_target(f"cuda:{arch}"), Options())
        assert product.code.startswith(b"\x7fELF")

    with ThreadPoolExecutor() as pool:
        list(pool.map(compile, ("sm_80", "sm_89", "sm_120a")))


def _operands(kind: str) -> str:
    return "x[0]" if kind in UNARY else "x[0], x[1]"


def _functions(topic: str) -> set[str]:
    return {name for one in declarations(topic) for name in one.names}


def _instructions(arch: str) -> str:
    """Calls of all functions of instructions that a target has."""
    lines = ["__shared__ alignas(16) u8 shared[4096];", "f32 d[4] = {}; i32 e[4] = {};"]
    lines += ["u32 a[4], b[2];", "u8* row = shared + 16 * threadIdx.x;"]
    for name in sorted(_functions("ptx_matrix")):
        if "e4m3" in name or "e5m2" in name:
            lines += [f"{name}(d, a, b);"] if arch != "sm_80" else []
        elif name.startswith("mma"):
            lines.append(f"{name}({'e' if name.endswith('8') else 'd'}, a, b);")
        else:
            lines.append(f"{name}(a, row);")
    lines += ["cp_async_16(row, x, 16); cp_async_commit(); cp_async_wait<0>(); cp_async_wait<2>();"]
    lines += ["for (i32 k = 0; k < 4; ++k) y[threadIdx.x + k] = d[k] + e[k] + a[k] + b[k % 2];"]
    lines += ["if (y[3] == 1.0f) fail(services, 1, 2, 1, 3);"]
    lines += ["write_print(reserve_print(services, 1, blockIdx.x, 8), 0, y[1]);"]
    lines += ["y[1] = rsqrt_guess(x[1]) + divide_fast(x[1], x[2]) + power_of_two(x[1]);"]
    lines += ["y[2] = exponential(x[1]) + divide(x[2], divisor(x[3]));"]
    return "\n".join(lines)


def test_only_what_is_used_is_pasted() -> None:
    """By name and through others; comments do not count, nor names that are not ours."""
    text = prelude_of("// to<f16>(x)\nfloor_divide(a, b); nothing();")
    assert "floor_divide" in text and "negate" in text and "typedef int i32;" in text
    assert "to_integer" not in text and "asm" not in text
    assert prelude_of({"floor_divide"}) == text
    assert prelude_of("nothing();") == ""
    assert text.index("is_signed =") < text.index("T negate(T x)") < text.index("T floor_divide(")
    assert {"i32", "Pack", "to", "atomic_cas", "Services", "mma_m16n8k16_f16"} <= defined_names()


def test_every_declaration_is_used() -> None:
    """By a text that is emitted, or by one of the prelude that is."""
    wanted: set[str] = set()
    every = [one for topic in topics() for one in declarations(topic)]
    left = [word for pattern in _emitted() for word in defined_names() if pattern.fullmatch(word)]
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += [word for one in every if name in one.names for word in one.words]
    assert [sorted(one.names) for one in every if not one.names & wanted] == []


def _emitted() -> set[re.Pattern[str]]:
    """The words in strings of what prints, any letters where values stand behind some."""
    words: set[str] = set()
    for file in Path(cuda.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.JoinedStr(values=parts):
                    texts = [p.value if isinstance(p, ast.Constant) else "\0" for p in parts]
                    words.update(re.findall(r"[\w\0]+", "".join(map(str, texts))))
                case ast.Constant(value=str(text)) if " the " not in text:  # prose
                    words.update(re.findall(r"\w+", text))
                case _:
                    pass
    named = [word for word in words if "\0" not in word or word.index("\0") > 3]
    return {re.compile(word.replace("\0", r"\w*")) for word in named}


def test_no_topic_uses_one_that_comes_later() -> None:
    """The text of a declaration stands behind those of the names in it."""
    known: set[str] = set()
    bad: list[Any] = []
    for topic in topics():
        for one in declarations(topic):
            known |= one.names
        for one in declarations(topic):
            bad += [(topic, word) for word in one.words & (defined_names() - known)]
    assert bad == []


def test_atomics_of_several_threads(rng: np.random.Generator) -> None:
    """Neighbours of one and two bytes share a word, and lose nothing to each other."""
    body = """
struct Arguments { i64 grid[3]; u8* x; i16* y; f32* z; u8* largest; };
extern "C" __global__ void values(const __grid_constant__ Arguments a,
                                  const __grid_constant__ Services services) {
  const i32 t = threadIdx.x;
  atomic_add<Order::relaxed>(a.x + t % 5, u8(t));
  atomic_add<Order::relaxed>(a.y + t % 3, i16(-t));
  atomic_add<Order::relaxed>(a.z, f32(t));
  atomic_max<Order::relaxed>(a.largest + t % 2, u8(t * 37));
}"""
    x, y = np.zeros(8, np.uint8), np.zeros(4, np.int16)
    z, largest = np.zeros(1, np.float32), np.zeros(4, np.uint8)
    launch(prelude_of(body) + body, [x, y, z, largest], 96, 4)
    t = np.tile(np.arange(96), 4)
    np.testing.assert_array_equal(x, [*(t[t % 5 == k].sum() % 256 for k in range(5)), 0, 0, 0])
    np.testing.assert_array_equal(y, [*(-t[t % 3 == k].sum() for k in range(3)), 0])
    assert z[0] == t.sum()
    pairs = (t * 37 % 256).astype(np.uint8)
    np.testing.assert_array_equal(largest, [pairs[t % 2 == 0].max(), pairs[t % 2 == 1].max(), 0, 0])
