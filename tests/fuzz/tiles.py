"""Random operations on whole tiles: views, folds, products, and results that are not exact."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Final

from .expressions import Expressions, Scope, Value
from .program import Shape
from .rules import FLOATS, INTEGERS, accumulated, arithmetic, divided, is_float

LARGEST: Final = 1024  # elements of a tile

# Associative functions to fold with; the last ones are of pairs.
FOLDS: Final = {
    "fold_add": "def fold_add(v, w):\n    return v + w",
    "fold_first": "def fold_first(v, w):\n    return v",
    "fold_last": "def fold_last(v, w):\n    return w",
    "fold_larger": "def fold_larger(v, w):\n    if v < w:\n        return w\n    return v",
    "fold_size": "def fold_size(v, w):\n    return tw.where(abs(v) >= abs(w), v, w)",
    "fold_affine": (
        "def fold_affine(a, b, c, d):\n"
        "    return a * c, b * c + d"
    ),
    "fold_where": (
        "def fold_where(v, i, w, j):\n"
        "    if (w > v) | ((w == v) & (j < i)):\n        return w, j\n    return v, i"
    ),
}  # fmt: skip
UNARY_MATH: Final = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "rsqrt", "cbrt", "sin", "cos", "tan",
    "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc",
    "erfinv", "sigmoid", "lgamma",
)  # fmt: skip


class Tiles:
    """Draws operations that mix the elements of tiles."""

    def __init__(self, draw: Expressions, fresh: Callable[[str], str]) -> None:
        self.draw = draw
        self.random = draw.random
        self.fresh = fresh
        self.used: set[str] = set()

    def tile(self, scope: Scope, rank: int = 1) -> Value | None:
        """A variable with at least so many axes."""
        found = [v for v in scope.variables if len(v.shape) >= rank]
        return self.random.choice(found) if found else None

    # --- views

    def view(self, scope: Scope) -> Value:
        """The elements of a tile elsewhere."""
        v = self.tile(scope)
        if v is None:
            return self.draw.value(scope, (), 2)
        kind = self.random.choice(
            ("reshape", "permute", "T", "flip", "cat", "stack", "split", "slice", "pick", "new",
             "broadcast", "roll")
        )  # fmt: skip
        return getattr(self, f"_{kind}")(scope, v)  # type: ignore[no-any-return]

    def _reshape(self, scope: Scope, v: Value) -> Value:
        shape = [prod(v.shape)]
        for factor in (2, 3, 5, 17):
            if shape[-1] % factor == 0 and self.random.random() < 0.5 and len(shape) < 4:
                rest = shape[-1] // factor
                shape[-1:] = self.random.choice(([factor, rest], [rest, factor]))
        if self.random.random() < 0.2 and len(shape) < 4:
            shape.insert(self.random.randint(0, len(shape)), 1)
        return Value(f"tw.reshape({v.text}, {tuple(shape)})", v.dtype, tuple(shape))

    def _permute(self, scope: Scope, v: Value) -> Value:
        axes = list(range(len(v.shape)))
        self.random.shuffle(axes)
        shape = tuple(v.shape[axis] for axis in axes)
        return Value(f"tw.permute({v.text}, {tuple(axes)})", v.dtype, shape)

    def _T(self, scope: Scope, v: Value) -> Value:  # noqa: N802
        return Value(f"{v.text}.T", v.dtype, v.shape[::-1])

    def _flip(self, scope: Scope, v: Value) -> Value:
        axis = self.random.randrange(len(v.shape))
        return Value(f"tw.flip({v.text}, {axis})", v.dtype, v.shape)

    def _cat(self, scope: Scope, v: Value) -> Value:
        axis = self.random.randrange(len(v.shape))
        parts, total = [v], v.shape[axis]
        for w in self.random.sample(scope.variables, len(scope.variables)):
            same = len(w.shape) == len(v.shape) and all(
                k == axis or m == n for k, (m, n) in enumerate(zip(v.shape, w.shape, strict=True))
            )
            if same and w.dtype == v.dtype and len(parts) < 3:
                parts.append(w)
                total += w.shape[axis]
        shape = (*v.shape[:axis], total, *v.shape[axis + 1 :])
        if prod(shape) > LARGEST:
            return self._flip(scope, v)
        text = ", ".join(part.text for part in parts)
        comma = "," if len(parts) == 1 else ""
        return Value(f"tw.cat(({text}{comma}), {axis})", v.dtype, shape)

    def _stack(self, scope: Scope, v: Value) -> Value:
        same = [w for w in scope.variables if w.shape == v.shape and w.dtype == v.dtype]
        w = self.random.choice(same)
        if len(v.shape) > 3 or 2 * prod(v.shape) > LARGEST:
            return self._flip(scope, v)
        axis = self.random.randint(0, len(v.shape))
        shape = (*v.shape[:axis], 2, *v.shape[axis:])
        return Value(f"tw.stack(({v.text}, {w.text}), {axis})", v.dtype, shape)

    def _split(self, scope: Scope, v: Value) -> Value:
        axis = self.random.randrange(len(v.shape))
        n = v.shape[axis]
        if n < 2:
            return self._new(scope, v)
        cut = self.random.randint(1, n - 1)
        which = self.random.choice((0, 1))
        extent = cut if which == 0 else n - cut
        shape = (*v.shape[:axis], extent, *v.shape[axis + 1 :])
        return Value(f"tw.split({v.text}, ({cut},), {axis})[{which}]", v.dtype, shape)

    def _slice(self, scope: Scope, v: Value) -> Value:
        parts, shape = [], []
        for n in v.shape:
            if self.random.random() < 0.3:
                parts.append(":")
                shape.append(n)
                continue
            start = self.random.randrange(n)
            stop = self.random.randint(start + 1, n)
            parts.append(f"{start}:{stop}")
            shape.append(stop - start)
        return Value(f"{v.text}[{', '.join(parts)}]", v.dtype, tuple(shape))

    def _pick(self, scope: Scope, v: Value) -> Value:
        return Value(f"{v.text}[{self.random.randrange(v.shape[0])}]", v.dtype, v.shape[1:])

    def _new(self, scope: Scope, v: Value) -> Value:
        if len(v.shape) > 3:
            return self._flip(scope, v)
        axis = self.random.randint(0, len(v.shape))
        shape = (*v.shape[:axis], 1, *v.shape[axis:])
        if self.random.random() < 0.5:
            return Value(f"tw.expand_dims({v.text}, {axis})", v.dtype, shape)
        parts = [":"] * len(v.shape)
        parts.insert(axis, "None")
        return Value(f"{v.text}[{', '.join(parts)}]", v.dtype, shape)

    def _broadcast(self, scope: Scope, v: Value) -> Value:
        shape = tuple(self.random.choice((3, 5)) if n == 1 else n for n in v.shape)
        if len(shape) < 4 and self.random.random() < 0.5:
            shape = (self.random.choice((1, 2, 3)), *shape)
        if prod(shape) > LARGEST:
            shape = v.shape
        return Value(f"tw.broadcast_to({v.text}, {shape})", v.dtype, shape)

    def _roll(self, scope: Scope, v: Value) -> Value:
        n = v.shape[0]
        cut = self.random.randint(1, n) if n > 1 else 1
        rest = ", ".join([":"] * (len(v.shape) - 1))
        tail = f", {rest}" if rest else ""
        if cut == n:
            return self._flip(scope, v)
        text = f"tw.cat(({v.text}[{cut}:{n}{tail}], {v.text}[0:{cut}{tail}]), 0)"
        return Value(text, v.dtype, v.shape)

    # --- folds

    def fold(self, scope: Scope) -> Value:
        """A reduction or a scan whose result is exact."""
        v = self.tile(scope)
        if v is None:
            return self.draw.value(scope, (), 2)
        if self.random.random() < 0.3:
            return self._own_fold(scope, v)
        axis = self.random.randrange(len(v.shape))
        if self.random.random() < 0.4:
            return self._scan(v, axis)
        return self._reduction(v, axis)

    def _reduction(self, v: Value, axis: int) -> Value:
        name = self.random.choice(
            ("sum", "prod", "max", "min", "argmax", "argmin", "any", "all", "mean", "index")
        )
        axes, dropped = str(axis), {axis}
        if self.random.random() < 0.3:
            axes, dropped = "None", set(range(len(v.shape)))
        elif len(v.shape) > 1 and self.random.random() < 0.3 and not name.startswith("arg"):
            other = (axis + 1) % len(v.shape)
            axes, dropped = f"({axis}, {other})", {axis, other}
        if name == "index":
            which = self.random.choice((0, 1))
            dtype = "i32" if which else arithmetic(v.dtype) if v.dtype != "bool_" else "bool_"
            text = f"tw.max({v.text}, {axis}, return_index=True)[{which}]"
            if which == 0 and is_float(dtype):
                text = self.draw.helper("plain", text)
            return Value(text, dtype, _without(v.shape, {axis}, False))
        keep = self.random.random() < 0.3
        shape = _without(v.shape, dropped, keep)
        text, dtype = v.text, v.dtype
        if is_float(dtype) and name in ("sum", "mean", "prod"):
            text = self.draw.helper("unit" if name == "prod" else "whole", text)
        match name:
            case "sum" | "prod":
                dtype = accumulated(dtype)
            case "mean":
                dtype = "f64" if dtype == "f64" else "f32"
                if not is_float(v.dtype):
                    text = f"({text}).to(tw.i8)"  # so that no sum in f32 rounds
            case "any" | "all":
                dtype = "bool_"
            case "argmax" | "argmin":
                dtype = "i32"
            case _:
                dtype = "bool_" if dtype == "bool_" else arithmetic(dtype)
        call = f"tw.{name}({text}, {axes}, keepdims={keep})"
        if name in ("max", "min") and is_float(dtype):
            call = self.draw.helper("plain", call)
        return Value(call, dtype, shape)

    def _scan(self, v: Value, axis: int) -> Value:
        name = self.random.choice(("cumsum", "cumprod", "cummax", "cummin"))
        text, dtype = v.text, accumulated(v.dtype)
        if is_float(dtype):
            text = self.draw.helper("unit" if name == "cumprod" else "whole", text)
        call = f"tw.{name}({text}, {axis})"
        return Value(self.draw.helper("plain", call) if is_float(dtype) else call, dtype, v.shape)

    def _own_fold(self, scope: Scope, v: Value) -> Value:
        random = self.random
        name = random.choice(tuple(FOLDS))
        axis = random.randrange(len(v.shape))
        pairs = name in ("fold_affine", "fold_where")
        if v.dtype == "index" or (name in ("fold_add", "fold_affine") and is_float(v.dtype)):
            v = self.draw.as_dtype(v, random.choice(INTEGERS))
        dtype = accumulated(v.dtype)
        text = self.draw.helper("number", v.text) if is_float(dtype) else v.text
        if is_float(dtype):
            text = self.draw.helper("plain", text)
        given = text
        if pairs:
            other = self.draw.as_dtype(v, "i32").text
            if name == "fold_where":
                other = f"tw.iota({v.shape}, {axis})"
            elif dtype in ("i64", "u64"):
                other = f"({text}) + 1"
            elif dtype == "u32":
                other = f"({text}).to(tw.u32)"
            given = f"({text}, {other})"
        self.used.add(name)
        pick = f"[{random.choice((0, 0, 1))}]" if pairs else ""
        if pick == "[1]" and name == "fold_where":
            dtype = "i32"
        if random.random() < 0.5:
            call = f"tw.reduce({given}, {name}, {axis}){pick}"
            return Value(call, dtype, _without(v.shape, {axis}, False))
        reverse = random.random() < 0.4
        return Value(f"tw.scan({given}, {name}, {axis}, reverse={reverse}){pick}", dtype, v.shape)

    # --- products

    def product(self, scope: Scope) -> Value:
        """A product of matrices of small whole numbers."""
        a, b = self._factors(scope)
        if a is None or b is None:
            return self.fold(scope)
        dtype = a.dtype
        left, right = a.text, b.text
        if is_float(dtype):
            left, right = self.draw.helper("whole", left), self.draw.helper("whole", right)
            dtype = arithmetic(dtype)
        dtype = accumulated(dtype) if is_float(dtype) else "i32" if dtype[1:] in "8 16" else dtype
        shape = (*a.shape[:-1], b.shape[-1])
        if self.random.random() < 0.3:
            number = "2.0" if is_float(dtype) else "3"
            return Value(
                f"tw.dot({left}, {right}, acc=tw.full({shape}, {number}, tw.{dtype}))",
                dtype,
                shape,
            )
        return Value(f"({left} @ {right})", dtype, shape)

    def _factors(self, scope: Scope) -> tuple[Value | None, Value | None]:
        a = self.tile(scope, 2)
        if a is None or len(a.shape) > 3:
            return None, None
        dtype = a.dtype if a.dtype not in ("index", "bool_") else "i32"
        inner = a.shape[-1]
        found = [v for v in scope.variables if len(v.shape) == len(a.shape) and v is not a]
        found = [v for v in found if v.shape[-2] == inner and v.shape[:-2] == a.shape[:-2]]
        if found:
            b = self.random.choice(found)
        else:
            axes = "(0, 2, 1)" if len(a.shape) == 3 else "(1, 0)"
            turned = (*a.shape[:-2], a.shape[-1], a.shape[-2])
            b = Value(f"tw.permute({a.text}, {axes})", a.dtype, turned)
        if a.shape[-2] * inner * b.shape[-1] > 40_000:
            return None, None
        return self.draw.as_dtype(a, dtype), self.draw.as_dtype(b, dtype)

    # --- what is not exact

    def rough(self, scope: Scope) -> tuple[Value, str] | None:
        """A math function of exact values, moved about perhaps."""
        shape = self.random.choice([v.shape for v in scope.variables])
        dtype = self.draw.dtype(FLOATS)
        a = self.draw.as_dtype(self.draw.value(scope, shape, 1), dtype)
        name, agree = self.random.choice((*UNARY_MATH, "pow", "atan2", "hypot")), "math"
        if name in ("pow", "atan2", "hypot"):
            b = self.draw.as_dtype(self.draw.value(scope, shape, 1), dtype)
            value = Value(f"tw.{name}({a.text}, {b.text})", dtype, self.draw.joint(a, b))
        else:
            value = Value(f"tw.{name}({a.text})", divided(dtype), a.shape)
        if name == "lgamma":
            agree = "lgamma"
        if self.random.random() < 0.3:
            c = self.draw.condition(scope, shape, 1)
            text = f"tw.where({c.text}, {value.text}, {a.text})"
            return Value(text, value.dtype, self.draw.joint(value, a, c)), agree
        return value, agree

    def sums(self, scope: Scope) -> tuple[list[str], Value, Value, int] | None:
        """A float sum, scan or product: lines before, it, the sum of sizes, how many roundings."""
        found = [v for v in scope.variables if v.shape and is_float(v.dtype)]
        if not found:
            return None
        v = self.random.choice(found)
        axis = self.random.randrange(len(v.shape))
        name = self.random.choice(("tw.sum", "tw.cumsum", "tw.mean"))
        dtype, e = accumulated(v.dtype), self.fresh("e")
        shape = v.shape if name == "tw.cumsum" else _without(v.shape, {axis}, False)
        lines = [f"{e} = {v.text}"]
        value = Value(f"{name}({e}, {axis})", dtype, shape)
        sizes = Value(f"{name}(tw.abs({e}.to(tw.f64)), {axis})", "f64", shape)
        return lines, value, sizes, v.shape[axis] + 2


def _without(shape: Shape, axes: set[int], keep: bool) -> Shape:
    kept = [1 if k in axes else n for k, n in enumerate(shape) if keep or k not in axes]
    return tuple(kept)
