"""Programs drawn at random: tile expressions against NumPy, lanes against plain scalar Python.

`--seed` repeats a run; a failure shows the program.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


def compiled(folder: Path, lines: list[str], parameters: str) -> Any:
    """A function made of these lines, in a file of its own, since kernels are read from files."""
    path = folder / "drawn.py"
    body = "\n".join(f"    {line}" for line in lines)
    path.write_text(f"import tilewright as tw\n\n\ndef kernel({parameters}):\n{body}\n")
    spec = importlib.util.spec_from_file_location(f"drawn_{abs(hash(body))}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.kernel


# --- tile expressions -----------------------------------------------------------------------------

DTYPES = ["i8", "u8", "i16", "u16", "i32", "u32", "i64"]


def numpy_dtype(name: str) -> np.dtype[Any]:
    """`i16` as NumPy calls it."""
    return np.dtype(f"{name[0]}{int(name[1:]) // 8}")


class Drawing:
    """A kernel that grows line by line, and the values that NumPy has for its variables."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.values: dict[str, Array] = {}
        self.inputs: list[Array] = []
        self.outputs: list[Array] = []

    def pick(self, *choices: Any) -> Any:
        return choices[self.rng.integers(len(choices))]

    def define(self, text: str, value: Array) -> str:
        name = f"v{len(self.values)}"
        self.lines.append(f"{name} = {text}")
        self.values[name] = value
        return name

    def read(self) -> None:
        """A new input, of any strides, read by a slice that may hang over its edges."""
        rank = int(self.rng.integers(1, 4))
        shape = tuple(int(self.pick(1, 2, 3, 5, 7, 16, 19)) for _ in range(rank))
        if np.prod(shape) > 600:
            shape = shape[:2]
        dtype = numpy_dtype(self.pick(*DTYPES))
        info = np.iinfo(dtype)
        data = self.rng.integers(info.min, info.max, shape, dtype, endpoint=True)
        if self.rng.random() < 0.5:
            data = self.rng.integers(max(-9, info.min), 9, shape).astype(dtype)
        name = f"x{len(self.inputs)}"
        self.inputs.append(self.lay_out(data))
        starts = [int(self.pick(0, 0, -1, 2)) for _ in shape]
        extents = [int(self.pick(n, n, n + 1, max(1, n - 1))) for n in shape]
        wide = np.zeros(extents, dtype)
        places = np.indices(extents) + np.array(starts).reshape(-1, *[1] * len(shape))
        bounds = np.array(shape).reshape(-1, *[1] * len(shape))
        inside = ((places >= 0) & (places < bounds)).all(0)
        wide[inside] = data[tuple(axis[inside] for axis in places)]
        index = ", ".join(f"{s} : {s + n}" for s, n in zip(starts, extents, strict=True))
        self.define(f"{name}[{index}]", wide)

    def lay_out(self, data: Array) -> Array:
        order = self.pick("C", "F", "reversed", "gaps")
        if order == "C":
            return data
        if order == "F":
            return np.asfortranarray(data)
        if order == "reversed":
            return np.ascontiguousarray(data[::-1])[::-1]
        wide = np.zeros(tuple(2 * n for n in data.shape), data.dtype)
        view = wide[tuple(slice(None, None, 2) for _ in data.shape)]
        view[...] = data
        return view

    def some(self, kind: str = "iub") -> str:
        names = [n for n, v in self.values.items() if v.dtype.kind in kind]
        while not names:
            self.compare() if kind == "b" else self.read()
            names = [n for n, v in self.values.items() if v.dtype.kind in kind]
        late = names[-4:]
        return str(self.pick(*late)) if self.rng.random() < 0.7 else str(self.pick(*names))

    def pair(self) -> tuple[str, str]:
        a = self.some("iu")
        shape, dtype = self.values[a].shape, self.values[a].dtype
        fitting = [a]
        for name, value in self.values.items():
            if value.dtype.kind not in "iu":
                continue
            if {value.dtype.kind, dtype.kind} == {"i", "u"} and 8 in (
                value.itemsize if value.dtype.kind == "u" else 0,
                dtype.itemsize if dtype.kind == "u" else 0,
            ):
                continue
            try:
                whole = np.broadcast_shapes(value.shape, shape)
            except ValueError:
                continue
            if np.prod(whole, dtype=int) <= 800 and len(whole) <= 4:
                fitting.append(name)
        return a, str(self.pick(*fitting))

    def step(self) -> None:
        """One more line."""
        choice = self.pick(
            "arithmetic", "arithmetic", "compare", "where", "bits", "shift", "unary", "cast",
            "reshape", "permute", "flip", "reduce", "reduce", "scan", "slice", "cat", "axis",
            "literal", "gather", "loop", "branch", "clip",
        )  # fmt: skip
        getattr(self, choice)()

    def arithmetic(self) -> None:
        a, b = self.pair()
        sign = self.pick("+", "-", "*", "//", "%")
        x, y = self.values[a], self.values[b]
        kind = np.result_type(x, y)
        x, y = x.astype(kind), y.astype(kind)
        value = {
            "+": np.add, "-": np.subtract, "*": np.multiply, "//": np.floor_divide,
            "%": np.remainder,
        }[sign](x, y)  # fmt: skip
        self.define(f"{a} {sign} {b}", value)

    def bits(self) -> None:
        a, b = self.pair()
        sign = self.pick("&", "|", "^")
        x, y = self.values[a], self.values[b]
        function = {"&": np.bitwise_and, "|": np.bitwise_or, "^": np.bitwise_xor}[sign]
        self.define(f"{a} {sign} {b}", function(x, y))

    def shift(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        n = int(self.rng.integers(0, 2 * x.itemsize * 8))
        sign, function = self.pick(("<<", np.left_shift), (">>", np.right_shift))
        if n > 127:
            return
        self.define(f"{a} {sign} {n}", function(x, x.dtype.type(n)))

    def compare(self) -> None:
        a, b = self.pair()
        sign, function = self.pick(
            ("<", np.less), ("<=", np.less_equal), ("==", np.equal), (">", np.greater)
        )
        self.define(f"{a} {sign} {b}", function(self.values[a], self.values[b]))

    def where(self) -> None:
        condition = self.some("b")
        a, b = self.pair()
        try:
            value = np.where(self.values[condition], self.values[a], self.values[b])
        except ValueError:
            return
        if value.size <= 800 and value.ndim <= 4:
            self.define(f"tw.where({condition}, {a}, {b})", value)

    def unary(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        text, value = self.pick(("-{}", -x), ("~{}", ~x), ("abs({})", np.abs(x)))
        self.define(text.format(a), value)

    def clip(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        self.define(f"tw.clip({a}, 3, 50)", np.clip(x, 3, 50))

    def cast(self) -> None:
        a = self.some()
        name = self.pick(*DTYPES)
        kind = numpy_dtype(name)
        self.define(f"{a}.to(tw.{name})", self.values[a].astype(kind))

    def literal(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        n = int(self.rng.integers(0, 100))
        sign, function = self.pick(("+", np.add), ("*", np.multiply), ("-", np.subtract))
        self.define(f"{n} {sign} {a}", function(x.dtype.type(n), x))

    def reshape(self) -> None:
        a = self.some()
        x = self.values[a]
        shape: list[int] = [x.size]
        for factor in (2, 3, 5):
            if shape[-1] % factor == 0 and self.rng.random() < 0.6 and len(shape) < 4:
                shape[-1:] = self.pick([factor, shape[-1] // factor], [shape[-1] // factor, factor])
        self.define(f"{a}.reshape({tuple(shape)})", x.reshape(shape))

    def permute(self) -> None:
        a = self.some()
        x = self.values[a]
        axes = tuple(int(k) for k in self.rng.permutation(x.ndim))
        if x.ndim:
            self.define(f"tw.permute({a}, {axes})", x.transpose(axes))

    def flip(self) -> None:
        a = self.some()
        x = self.values[a]
        if x.ndim:
            axis = int(self.rng.integers(x.ndim))
            self.define(f"tw.flip({a}, {axis})", np.flip(x, axis))

    def axis(self) -> None:
        a = self.some()
        x = self.values[a]
        if x.ndim == 1:
            self.define(f"{a}[:, None]", x[:, None])
        elif x.ndim == 2:
            self.define(f"{a}[:, None, :]", x[:, None, :])

    def slice(self) -> None:
        a = self.some()
        x = self.values[a]
        if x.ndim and x.shape[0] > 1:
            start = int(self.rng.integers(x.shape[0]))
            stop = int(self.rng.integers(start, x.shape[0])) + 1
            if self.rng.random() < 0.3 and x.ndim > 1:
                self.define(f"{a}[{start}]", x[start])
            else:
                self.define(f"{a}[{start}:{stop}]", x[start:stop])

    def cat(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        if x.ndim and x.size <= 300:
            axis = int(self.rng.integers(x.ndim))
            self.define(
                f"tw.cat(({a}, {a} + 1), {axis})", np.concatenate((x, x + x.dtype.type(1)), axis)
            )

    def reduce(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        if not x.ndim:
            return
        axis: Any = self.pick(None, *range(x.ndim), tuple(range(x.ndim)))
        name = self.pick("sum", "max", "min", "prod", "argmax", "argmin")
        wide = np.dtype(("i" if x.dtype.kind == "i" else "u") + str(max(4, x.itemsize)))
        if name.startswith("arg"):
            axis = None if isinstance(axis, tuple) else axis
            value = getattr(np, name)(x, axis).astype(np.int32)
        elif name in ("sum", "prod"):
            value = getattr(np, name)(x, axis, dtype=wide)
        else:
            value = getattr(np, name)(x, axis)
        self.define(f"tw.{name}({a}, {axis})", np.asarray(value))

    def scan(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        if not x.ndim:
            return
        axis = int(self.rng.integers(x.ndim))
        wide = np.dtype(("i" if x.dtype.kind == "i" else "u") + str(max(4, x.itemsize)))
        name = self.pick("cumsum", "cummax", "cumprod")
        value = {
            "cumsum": lambda: np.cumsum(x, axis, wide),
            "cumprod": lambda: np.cumprod(x, axis, wide),
            "cummax": lambda: np.maximum.accumulate(x, axis).astype(wide),
        }[name]()
        self.define(f"tw.{name}({a}, {axis})", value)

    def gather(self) -> None:
        a = self.some("iu")
        index = self.values[a]
        k = int(self.rng.integers(len(self.inputs)))
        x = self.inputs[k]
        if x.ndim != 1 or (index.itemsize == 8 and index.dtype.kind == "u"):
            return
        inside = (index >= 0) & (index < x.size)
        value = np.where(inside, x[np.where(inside, index, 0).astype(int)], x.dtype.type(0))
        self.define(f"x{k}[{a}]", value)

    def loop(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        times = int(self.rng.integers(0, 4))
        name = self.define(a, x)
        self.lines.append(f"for k in range(n * 0 + {times}):")
        self.lines.append(f"    {name} = {name} * 3 + {name} // 2")
        three, two = x.dtype.type(3), x.dtype.type(2)
        for _ in range(times):
            x = x * three + x // two
        self.values[name] = x

    def branch(self) -> None:
        a = self.some("iu")
        x = self.values[a]
        name = self.define(a, x)
        limit = int(self.rng.integers(0, 4))
        self.lines.append(f"if n > {limit}:")
        self.lines.append(f"    {name} = {name} ^ 5")
        if self.rng.random() < 0.5:
            self.lines += ["else:", f"    {name} = {name} - 1"]
            self.values[name] = x ^ x.dtype.type(5) if limit < 2 else x - x.dtype.type(1)
        elif limit < 2:
            self.values[name] = x ^ x.dtype.type(5)

    def write(self, name: str) -> None:
        value = self.values[name]
        k = len(self.outputs)
        self.outputs.append(value)
        if value.ndim == 0:
            self.lines.append(f"out{k}[0] = {name}")
        else:
            index = ", ".join(f"0:{n}" for n in value.shape)
            self.lines.append(f"out{k}[{index}] = {name}")


@pytest.mark.parametrize("number", range(60))
def test_tile_expressions_are_numpys(
    launch: Launch, guarded: Guarded, tmp_path: Path, program_rng: np.random.Generator, number: int
) -> None:
    rng = program_rng
    drawing = Drawing(rng)
    drawing.read()
    with np.errstate(all="ignore"):
        for _ in range(14):
            drawing.step()
    names = list(drawing.values)
    chosen = {names[-1], *(str(n) for n in rng.choice(names, min(4, len(names))))}
    for name in sorted(chosen):
        drawing.write(name)
    inputs, outputs = drawing.inputs, drawing.outputs
    parameters = [f"x{k}" for k in range(len(inputs))]
    parameters += [f"out{k}" for k in range(len(outputs))]
    kernel = compiled(tmp_path, drawing.lines, ", ".join([*parameters, "n"]))
    made = [guarded(v.shape or (1,), v.dtype) for v in outputs]
    launch(kernel, *inputs, *made, 2)
    for name, expected, actual in zip(sorted(chosen), outputs, made, strict=True):
        text = "\n".join(drawing.lines)
        assert expected.reshape(actual.shape).tolist() == actual.tolist(), f"{name} of\n{text}"


# --- lanes ----------------------------------------------------------------------------------------


KINDS = ["assign", "assign", "if", "if", "while", "for", "store", "leave", "return"]


class LaneDrawing:
    """Statements on three i32 variables, an index and memory, nested under lane conditions."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.counters = 0

    def pick(self, *choices: Any) -> Any:
        return choices[self.rng.integers(len(choices))]

    def value(self) -> str:
        a, b = self.pick("a", "b", "c", "i"), self.pick("a", "b", "c", "i", "3", "-2", "7")
        sign = self.pick("+", "-", "*", "//", "%", "&", "|", "^")
        return f"{a} {sign} {b}" if self.rng.random() < 0.8 else f"x[({a}) & 15]"

    def condition(self) -> str:
        a, b = self.pick("a", "b", "c", "i"), self.pick("a", "b", "c", "4", "0", "-3")
        sign = self.pick("<", ">", "==", "!=", "<=")
        text = f"{a} {sign} {b}"
        if self.rng.random() < 0.25:
            text = f"({text}) {self.pick('&', '|')} ({self.pick('a', 'b')} % 3 == 1)"
        return text

    def block(self, indent: int, budget: int, in_loop: bool) -> None:
        pad = "    " * indent
        for _ in range(int(self.rng.integers(1, 4))):
            kind = self.pick(
                "assign", "assign", "if", "if", "while", "for", "store", "leave", "return"
            )
            if kind in ("if", "while", "for") and budget == 0:
                kind = "assign"
            if kind == "leave" and not in_loop:
                kind = "assign"
            match kind:
                case "assign":
                    self.lines.append(f"{pad}{self.pick('a', 'b', 'c')} = {self.value()}")
                case "store":
                    self.lines.append(f"{pad}y[i, {self.pick(0, 1, 2)}] = {self.value()}")
                case "return":
                    self.lines.append(f"{pad}if ({self.condition()}) & (i % 5 == 2):")
                    self.lines.append(f"{pad}    return")
                case "leave":
                    self.lines.append(f"{pad}if {self.condition()}:")
                    self.block(indent + 1, 0, False)
                    self.lines.append(f"{pad}    {self.pick('break', 'continue')}")
                case "if":
                    self.lines.append(f"{pad}if {self.condition()}:")
                    self.block(indent + 1, budget - 1, in_loop)
                    if self.rng.random() < 0.5:
                        self.lines.append(f"{pad}else:")
                        self.block(indent + 1, budget - 1, in_loop)
                case "while":
                    self.counters += 1
                    t = f"t{self.counters}"
                    self.lines.append(f"{pad}{t} = i * 0")
                    self.lines.append(f"{pad}while ({self.condition()}) & ({t} < 4):")
                    self.lines.append(f"{pad}    {t} += 1")
                    self.block(indent + 1, budget - 1, True)
                case "for":
                    self.counters += 1
                    k = f"k{self.counters}"
                    self.lines.append(f"{pad}for {k} in range(m):")
                    self.lines.append(f"{pad}    b = b + {k}")
                    self.block(indent + 1, budget - 1, True)


class Cells:
    """An array as one lane sees it: what lies outside reads 0 and is not written."""

    def __init__(self, data: Array) -> None:
        self.data = data

    def inside(self, index: Any) -> bool:
        index = index if isinstance(index, tuple) else (index,)
        return all(0 <= int(i) < n for i, n in zip(index, self.data.shape, strict=True))

    def __getitem__(self, index: Any) -> Any:
        return self.data[index] if self.inside(index) else self.data.dtype.type(0)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.inside(index):
            self.data[index] = value


@pytest.mark.parametrize("number", range(60))
def test_lanes_are_scalar_programs(
    launch: Launch, guarded: Guarded, tmp_path: Path, program_rng: np.random.Generator, number: int
) -> None:
    rng = program_rng
    drawing = LaneDrawing(rng)
    n = int(drawing.pick(1, 5, 16, 23, 40))
    drawing.lines = ["i = tw.arange(N)", "a = x[i]", "b = x[i + 3]", "c = i * 0 + 1"]
    drawing.block(0, 3, False)
    drawing.block(0, 3, False)
    drawing.lines += ["y[i, 3] = a", "y[i, 4] = b", "y[i, 5] = c"]
    text = "\n".join(drawing.lines)
    kernel = compiled(tmp_path, drawing.lines, "x, y, m, N: tw.constexpr")
    x = rng.integers(-9, 9, n + 2).astype(np.int32)
    start = rng.integers(-99, 99, (n, 6)).astype(np.int32)
    actual, expected = guarded(start), start.copy()
    launch(kernel, x, actual, 3, N=n)
    with np.errstate(all="ignore"):
        for lane in range(n):
            names = kernel.__globals__ | {
                "tw": SimpleNamespace(arange=lambda _, lane=lane: np.int32(lane))
            }
            scalar = type(kernel)(kernel.__code__, names)
            scalar(Cells(x), Cells(expected), 3, n)
    assert expected.tolist() == actual.tolist(), text
