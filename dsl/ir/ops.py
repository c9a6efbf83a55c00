"""The instruction set. The whole of it reads in one sitting; each docstring is the op's meaning.

Elementwise ops take operands of one shape: the frontend broadcasts and casts explicitly. The order
is: constants and grid, arithmetic, shape, reductions and products, order, memory, control flow,
debug.
"""

from __future__ import annotations

from typing import Final

from ..errors import expect
from ..types import (
    Array,
    Dtype,
    Tile,
    bool_,
    broadcast_shapes,
    i32,
    i64,
    index,
    pointer_to,
    scalar,
    u32,
)
from .core import Block, Effect, Op, Parameter, Value, op

# Kinds of arithmetic. The math functions are expanded to the basic ones before code is emitted.
BASIC_UNARY: Final = (
    "neg", "not", "abs", "sqrt", "floor", "ceil", "round", "trunc", "popcount", "clz",
    "rsqrt_guess",
)  # fmt: skip
FLOAT_TESTS: Final = ("isnan", "isinf", "isfinite")
MATH_UNARY: Final = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "rsqrt", "cbrt", "sin", "cos", "tan",
    "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc",
    "erfinv", "lgamma", "sigmoid",
)  # fmt: skip
BASIC_BINARY: Final = (
    "add", "sub", "mul", "div", "floordiv", "mod", "min", "max", "and", "or", "xor", "shl", "shr",
    "copysign", "mulhi", "div_near",
)  # fmt: skip
MATH_BINARY: Final = ("pow", "atan2", "hypot")
COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
REDUCTIONS: Final = ("sum", "prod", "max", "min", "and", "or")
ARG_REDUCTIONS: Final = ("argmax", "argmin")
SCANS: Final = ("sum", "prod", "max", "min")
ATOMICS: Final = ("add", "max", "min", "and", "or", "xor", "xchg", "cas")
MEMORY_ORDERS: Final = ("relaxed", "acquire", "release", "acq_rel")
SORTS: Final = ("values", "positions")

_FLOAT_ONLY: Final = frozenset(
    MATH_UNARY + MATH_BINARY + ("sqrt", "rsqrt_guess", "div", "div_near", "copysign") + FLOAT_TESTS
)
_INTEGER_ONLY: Final = frozenset(("popcount", "clz", "shl", "shr"))
_BITWISE: Final = frozenset(("and", "or", "xor", "not"))


# --- constants and grid -------------------------------------------------------------------------


@op("const")
class Const(Op):
    """`value` in every element. Bool for `bool_`, int for integers, float for floats."""

    value: bool | int | float
    type: Tile

    def infer(self) -> None:
        self.results = (self,)


@op("iota")
class Iota(Op):
    """`start + i` where `i` is the position along `axis`."""

    type: Tile
    axis: int
    start: int = 0

    def infer(self) -> None:
        expect(
            0 <= self.axis < self.type.rank,
            "axis {} of a tile of rank {}",
            self.axis,
            self.type.rank,
        )
        self.results = (self,)


@op("program_id")
class ProgramId(Op):
    """Which program this is along a grid axis."""

    axis: int

    def infer(self) -> None:
        self.gives(scalar(index))


@op("num_programs")
class NumPrograms(Op):
    """How many programs there are along a grid axis."""

    axis: int

    def infer(self) -> None:
        self.gives(scalar(index))


# --- arithmetic ---------------------------------------------------------------------------------


@op("unary")
class Unary(Op):
    """One function of one operand, element by element.

    `round` is to nearest even; `rsqrt_guess` is 1 / sqrt(x) of a normal positive `f32` within
    2^-11, its bits the machine's; it is infinite at zero, 0 at infinity, NaN below zero and at NaN,
    at subnormal numbers as good or infinite; `clz` and `popcount` give the operand's dtype;
    `isnan`, `isinf`, `isfinite` give `bool_`; `not` is bitwise, on `bool_` logical; `abs` of the
    least integer is itself.
    """

    kind: str
    x: Value

    def infer(self) -> None:
        tile = self.x.tile
        _check_kind(self.kind, tile.dtype)
        self.gives(tile.with_dtype(bool_) if self.kind in FLOAT_TESTS else tile)


@op("binary")
class Binary(Op):
    """One function of two operands of one type, element by element.

    Integers wrap. `div` is for floats; `floordiv` and `mod` floor as Python's (integers by zero:
    0). `min` and `max` give NaN if either is. `shl`, `shr` by the width or more (the count is
    unsigned in meaning) give 0, or the sign. `mulhi` is the upper half of the product of two `u32`.
    `copysign`, `pow`, `atan2(y, x)`, `hypot` are for floats. `div_near` is `div` within 1 ulp, of
    numbers whose sizes, and that of the quotient, are from 2^-64 to 2^64, or of 0; its bits are the
    machine's.
    """

    kind: str
    left: Value
    right: Value

    def infer(self) -> None:
        _check_same(self.kind, self.left, self.right)
        _check_kind(self.kind, self.left.tile.dtype)
        self.gives(self.left.type)


@op("compare")
class Compare(Op):
    """`eq ne lt le gt ge` of two operands of one type; with NaN all are false but `ne`."""

    kind: str
    left: Value
    right: Value

    def infer(self) -> None:
        _check_same(self.kind, self.left, self.right)
        self.gives(self.left.tile.with_dtype(bool_))


@op("select")
class Select(Op):
    """`yes` where `condition`, else `no`; all of one shape, or a scalar condition."""

    condition: Value
    yes: Value
    no: Value

    def infer(self) -> None:
        _check_same("select", self.yes, self.no)
        tile = self.condition.tile
        expect(tile.dtype is bool_, "condition has dtype {}, expected bool_", tile.dtype)
        expect(
            tile.shape in ((), self.yes.tile.shape),
            "condition of shape {} beside {}",
            tile.shape,
            self.yes.tile.shape,
        )
        self.gives(self.yes.type)


@op("fma")
class Fma(Op):
    """`a * b + c` with one rounding; floats only."""

    a: Value
    b: Value
    c: Value

    def infer(self) -> None:
        _check_same("fma", self.a, self.b)
        _check_same("fma", self.a, self.c)
        expect(self.a.tile.dtype.is_float, "fma of {}", self.a.type)
        self.gives(self.a.type)


@op("cast")
class Cast(Op):
    """The value in another dtype.

    Float to float rounds to nearest even (overflow: infinity, in `f8e4m3` the largest finite
    value); float to integer truncates and saturates, NaN gives 0; integer to integer wraps; to
    `bool_`: != 0.
    """

    x: Value
    dtype: Dtype

    def infer(self) -> None:
        self.gives(self.x.tile.with_dtype(self.dtype))


@op("bitcast")
class Bitcast(Op):
    """The same bits as a dtype of the same size."""

    x: Value
    dtype: Dtype

    def infer(self) -> None:
        expect(
            self.x.tile.dtype.bits == self.dtype.bits,
            "bitcast of {} to {}",
            self.x.type,
            self.dtype,
        )
        self.gives(self.x.tile.with_dtype(self.dtype))


# --- shape --------------------------------------------------------------------------------------


@op("broadcast")
class Broadcast(Op):
    """The operand repeated to a shape, as NumPy broadcasts."""

    x: Value
    shape_to: tuple[int, ...]

    def infer(self) -> None:
        shape = self.x.tile.shape
        expect(
            broadcast_shapes(shape, self.shape_to) == self.shape_to,
            "cannot broadcast {} to {}",
            shape,
            self.shape_to,
        )
        self.gives(self.x.tile.with_shape(self.shape_to))


@op("reshape")
class Reshape(Op):
    """The same elements, in row-major order, in another shape."""

    x: Value
    shape_to: tuple[int, ...]

    def infer(self) -> None:
        result = self.x.tile.with_shape(self.shape_to)
        expect(
            result.size == self.x.tile.size,
            "cannot reshape {} to {}",
            self.x.tile.shape,
            self.shape_to,
        )
        self.gives(result)


@op("permute")
class Permute(Op):
    """Axis `k` of the result is axis `axes[k]` of the operand."""

    x: Value
    axes: tuple[int, ...]

    def infer(self) -> None:
        shape = self.x.tile.shape
        expect(
            sorted(self.axes) == list(range(len(shape))),
            "axes {} of a tile of rank {}",
            self.axes,
            len(shape),
        )
        self.gives(self.x.tile.with_shape(tuple(shape[axis] for axis in self.axes)))


@op("slice")
class Slice(Op):
    """The box of extents `shape_to` that begins at `starts`; all constant, all inside."""

    x: Value
    starts: tuple[int, ...]
    shape_to: tuple[int, ...]

    def infer(self) -> None:
        shape = self.x.tile.shape
        inside = len(shape) == len(self.starts) == len(self.shape_to) and all(
            0 <= start <= whole - extent
            for start, extent, whole in zip(self.starts, self.shape_to, shape, strict=True)
        )
        expect(inside, "slice {} + {} of a tile of shape {}", self.starts, self.shape_to, shape)
        self.gives(self.x.tile.with_shape(self.shape_to))


@op("flip")
class Flip(Op):
    """The elements in reverse order along an axis."""

    x: Value
    axis: int

    def infer(self) -> None:
        self.gives(self.x.type)


@op("concat")
class Concat(Op):
    """The parts one after another along an axis."""

    parts: tuple[Value, ...]
    axis: int

    def infer(self) -> None:
        shapes = [list(part.tile.shape) for part in self.parts]
        extent = sum(shape[self.axis] for shape in shapes)
        for shape in shapes:
            shape[self.axis] = extent
        expect(
            all(shape == shapes[0] for shape in shapes),
            "cannot join tiles of shapes {} along axis {}: their other extents differ",
            " and ".join(str(part.tile.shape) for part in self.parts),
            self.axis,
        )
        expect(
            len({part.tile.dtype for part in self.parts}) == 1,
            "cannot join tiles of several dtypes",
        )
        self.gives(self.parts[0].tile.with_shape(tuple(shapes[0])))


# --- reductions, scans, products ----------------------------------------------------------------


@op("reduce")
class Reduce(Op):
    """All elements along `axes` combined; the axes are dropped. `max`, `min`: NaN wins.

    In the operand's dtype, which the frontend has widened. `and`, `or` are for `bool_`.
    """

    kind: str
    x: Value
    axes: tuple[int, ...]

    def infer(self) -> None:
        expect(self.kind in REDUCTIONS, "no reduction is called {}", self.kind)
        shape = self.x.tile.shape
        self.gives(
            self.x.tile.with_shape(tuple(n for k, n in enumerate(shape) if k not in self.axes))
        )


@op("arg_reduce")
class ArgReduce(Op):
    """The extreme element along `axis` and the position (`i32`) of the first of equals; NaN wins.

    `kind` is `argmax` or `argmin`; results are (value, position).
    """

    kind: str
    x: Value
    axis: int

    def infer(self) -> None:
        tile = self.x.tile
        rest = tile.with_shape(tile.shape[: self.axis] + tile.shape[self.axis + 1 :])
        self.gives(rest, rest.with_dtype(i32))


@op("reduce_with", effect=Effect.REGION)
class ReduceWith(Op):
    """Elements along `axis` combined by an associative `body`, in element order.

    `body` takes n left scalars, then n right ones, and yields n; results are n tiles without the
    axis.
    """

    inputs: tuple[Value, ...]
    axis: int
    body: Block

    def infer(self) -> None:
        shape = self.inputs[0].tile.shape
        rest = shape[: self.axis] + shape[self.axis + 1 :]
        self.gives(*(value.tile.with_shape(rest) for value in self.inputs))


@op("scan")
class Scan(Op):
    """Running `sum`, `prod`, `max` or `min` along an axis, from the end if `reverse`; NaN wins."""

    kind: str
    x: Value
    axis: int
    reverse: bool = False

    def infer(self) -> None:
        expect(self.kind in SCANS, "no scan is called {}", self.kind)
        self.gives(self.x.type)


@op("scan_with", effect=Effect.REGION)
class ScanWith(Op):
    """Running combination by an associative `body` along an axis, in element order.

    `body` takes n left scalars, then n right ones, and yields n; results are n tiles.
    """

    inputs: tuple[Value, ...]
    axis: int
    body: Block
    reverse: bool = False

    def infer(self) -> None:
        self.gives(*(value.type for value in self.inputs))


@op("dot")
class Dot(Op):
    """The matrix product of (m, k) and (k, n), or of a batch of these, plus `acc`.

    The result has the dtype of `acc` or, without one, `result_dtype`. `precision` is `ieee` or
    `tf32`.
    """

    a: Value
    b: Value
    acc: Value | None
    result_dtype: Dtype
    precision: str = "ieee"

    def infer(self) -> None:
        a, b = self.a.tile.shape, self.b.tile.shape
        expect(
            len(a) == len(b) and len(a) in (2, 3), "cannot multiply tiles of shape {} and {}", a, b
        )
        expect(
            a[:-2] == b[:-2] and a[-1] == b[-2], "cannot multiply tiles of shape {} and {}", a, b
        )
        shape = (*a[:-1], b[-1])
        expected = Tile(self.result_dtype, shape)
        expect(self.acc is None or self.acc.type == expected, "accumulator is not {}", expected)
        self.gives(expected)


# --- order --------------------------------------------------------------------------------------


@op("sort")
class Sort(Op):
    """The first `count` elements in order along `axis`, or the positions (`i32`) they had.

    `kind` is `values` or `positions`. Equal elements, zeros of either sign among them, stay in
    their order, `descending` too. NaN comes last; of values it may be another NaN.
    """

    kind: str
    x: Value
    axis: int
    count: int
    descending: bool = False

    def infer(self) -> None:
        expect(self.kind in SORTS, "no sort is called {}", self.kind)
        tile = self.x.tile
        expect(0 <= self.axis < tile.rank, "axis {} of a tile of rank {}", self.axis, tile.rank)
        expect(not tile.dtype.is_pointer, "sort of pointers")
        extent = tile.shape[self.axis]
        expect(0 < self.count <= extent, "the first {} of {} elements", self.count, extent)
        tile = tile.with_shape(_with_extent(tile.shape, self.axis, self.count))
        self.gives(tile if self.kind == "values" else tile.with_dtype(i32))


@op("gather")
class Gather(Op):
    """Along `axis` the elements of `x` at the positions `index`; 0 where one lies outside.

    Both have the same rank. On the other axes `x` has the extent of `index`, or 1.
    """

    x: Value
    index: Value
    axis: int

    def infer(self) -> None:
        x, index = self.x.tile, self.index.tile
        expect(index.dtype.is_integer, "index has dtype {}, expected an integer", index.dtype)
        expect(0 <= self.axis < x.rank, "axis {} of a tile of rank {}", self.axis, x.rank)
        shape = _with_extent(index.shape, self.axis, 1)
        expect(
            x.rank == index.rank
            and broadcast_shapes(_with_extent(x.shape, self.axis, 1), shape) == shape,
            "cannot take from a tile of shape {} at positions of shape {} along axis {}",
            x.shape,
            index.shape,
            self.axis,
        )
        self.gives(x.with_shape(index.shape))


@op("histogram")
class Histogram(Op):
    """How many elements (`i32`) are 0, 1, ... `bins - 1`; other integers are not counted."""

    x: Value
    bins: int

    def infer(self) -> None:
        dtype = self.x.tile.dtype
        expect(dtype.is_integer, "histogram of {}, expected an integer", dtype)
        expect(self.bins > 0, "a histogram of {} bins", self.bins)
        self.gives(Tile(i32, (self.bins,)))


# --- memory -------------------------------------------------------------------------------------


@op("extent")
class Extent(Op):
    """How many elements an array has along an axis."""

    source: Value
    axis: int

    def infer(self) -> None:
        expect(
            0 <= self.axis < self.source.array.rank, "axis {} of {}", self.axis, self.source.type
        )
        self.gives(scalar(index))


@op("stride")
class Stride(Op):
    """How many elements lie between neighbours of an array along an axis."""

    source: Value
    axis: int

    def infer(self) -> None:
        expect(
            0 <= self.axis < self.source.array.rank, "axis {} of {}", self.axis, self.source.type
        )
        self.gives(scalar(index))


@op("allocation")
class Allocation(Op):
    """Of the memory that an argument is part of: the address where its elements begin, as `i64`, or
    how many they are.

    `kind` is `start` or `size`; the source is a parameter of the function. In debug mode only.
    """

    kind: str
    source: Value

    def infer(self) -> None:
        expect(self.kind in ("start", "size"), "no part of an allocation is called {}", self.kind)
        is_argument = isinstance(self.source, Parameter) and (
            isinstance(self.source.type, Array) or self.source.tile.dtype.is_pointer
        )
        expect(is_argument, "{} is no parameter that leads to memory", self.source.type)
        self.gives(scalar(i64 if self.kind == "start" else index))


@op("address")
class Address(Op):
    """The pointer to an array's first element."""

    source: Value

    def infer(self) -> None:
        self.gives(scalar(pointer_to(self.source.array.dtype)))


@op("offset")
class Offset(Op):
    """Pointers moved by a number of elements; integer offsets of the same shape."""

    pointer: Value
    count: Value

    def infer(self) -> None:
        tile = self.pointer.tile
        expect(tile.dtype.is_pointer, "{} is no pointer", tile)
        expect(
            self.count.tile.dtype.is_integer and self.count.tile.shape == tile.shape,
            "offset {} beside {}",
            self.count.type,
            tile,
        )
        self.gives(tile)


@op("sub_array")
class SubArray(Op):
    """The array left when the first axes are fixed at scalar positions; no copy.

    If a position lies outside, so does every element.
    """

    source: Value
    position: tuple[Value, ...]

    def infer(self) -> None:
        array = self.source.array
        count = len(self.position)
        expect(0 < count < array.rank, "{} positions in {}", count, array)
        unit = (
            None if array.unit_axis is None or array.unit_axis < count else array.unit_axis - count
        )
        self.gives(Array(array.dtype, array.extents[count:], unit, array.aligned, array.even))


@op("load", effect=Effect.READ)
class Load(Op):
    """`source[position]`, element by element; the positions broadcast to the result's shape.

    Where `mask` is off or a position lies outside, the element is `fill` (0 without one).
    `block_axes` are the axes whose position came from a slice, `inside` those along which it is
    known to lie inside.
    """

    source: Value
    position: tuple[Value, ...]
    mask: Value | None = None
    fill: Value | None = None
    block_axes: tuple[int, ...] = ()
    inside: tuple[int, ...] = ()

    def infer(self) -> None:
        shape = _check_access(self.source, self.position, self.mask)
        tile = Tile(self.source.array.dtype, shape)
        expect(self.fill is None or self.fill.type == tile, "fill is not {}", tile)
        self.gives(tile)


@op("store", effect=Effect.WRITE)
class Store(Op):
    """`source[position] = value` where `mask` holds and the position is inside; nothing elsewhere.

    If several elements hit one place, the last in row-major order stays. The axes are as in `Load`.
    """

    source: Value
    position: tuple[Value, ...]
    value: Value
    mask: Value | None = None
    block_axes: tuple[int, ...] = ()
    inside: tuple[int, ...] = ()

    def infer(self) -> None:
        shape = _check_access(self.source, self.position, self.mask)
        expected = Tile(self.source.array.dtype, shape)
        expect(
            self.value.type == expected,
            "stored value is {}, expected {}",
            self.value.type,
            expected,
        )
        self.gives()


@op("load_pointer", effect=Effect.READ)
class LoadPointer(Op):
    """What the pointers point at; `fill` (0 without one) where `mask` is off. Unchecked."""

    pointer: Value
    mask: Value | None = None
    fill: Value | None = None

    def infer(self) -> None:
        tile = self.pointer.tile
        expect(tile.dtype.element is not None, "{} is no pointer", tile)
        assert tile.dtype.element is not None
        self.gives(tile.with_dtype(tile.dtype.element))


@op("store_pointer", effect=Effect.WRITE)
class StorePointer(Op):
    """Write the value where the pointers point and `mask` holds. Unchecked."""

    pointer: Value
    value: Value
    mask: Value | None = None

    def infer(self) -> None:
        tile = self.pointer.tile
        expect(tile.dtype.element is not None, "{} is no pointer", tile)
        assert tile.dtype.element is not None
        expected = tile.with_dtype(tile.dtype.element)
        expect(
            self.value.type == expected,
            "stored value is {}, expected {}",
            self.value.type,
            expected,
        )
        self.gives()


@op("atomic", effect=Effect.WRITE)
class Atomic(Op):
    """Replace elements of an array, each in one indivisible step; gives the old ones.

    Element by element in row-major order, what lies at a position becomes the sum, extreme or
    conjunction, ... of it and the value (`xchg`: the value), computed in the array's dtype, `bool_`
    as a store of the result would. The positions broadcast to the shape of the values. `values` is
    one tile, for `cas` two: what is expected, bit for bit, and what then takes its place. `max` and
    `min` keep what is there where it is equal; NaN wins. Where `mask` is off or a position lies
    outside, nothing happens and the result is 0. The axes are as in `Load`.
    """

    kind: str
    source: Value
    position: tuple[Value, ...]
    values: tuple[Value, ...]
    mask: Value | None = None
    order: str = "relaxed"
    block_axes: tuple[int, ...] = ()
    inside: tuple[int, ...] = ()

    def infer(self) -> None:
        _check_access(self.source, self.position, None)
        tile = _check_atomic(self.kind, self.source.array.dtype, self.values, self.mask, self.order)
        shapes = [value.tile.shape for value in self.position]
        expect(
            broadcast_shapes(tile.shape, *shapes) == tile.shape,
            "index tiles of shapes {} beside values of shape {}",
            shapes,
            tile.shape,
        )
        self.gives(tile)


@op("atomic_pointer", effect=Effect.WRITE)
class AtomicPointer(Op):
    """`Atomic` of what the pointers point at. Unchecked."""

    kind: str
    pointer: Value
    values: tuple[Value, ...]
    mask: Value | None = None
    order: str = "relaxed"

    def infer(self) -> None:
        pointer = self.pointer.tile
        expect(pointer.dtype.element is not None, "{} is no pointer", pointer)
        assert pointer.dtype.element is not None
        tile = _check_atomic(self.kind, pointer.dtype.element, self.values, self.mask, self.order)
        expect(pointer.shape == tile.shape, "pointers {} beside {}", pointer, tile)
        self.gives(tile)


# --- control flow -------------------------------------------------------------------------------


@op("if", effect=Effect.REGION)
class If(Op):
    """`then` if the condition holds, else `orelse`; results are what the block run yields.

    With `lanes` the condition is a tile and each lane takes its own side: a result holds, per lane,
    what that lane's side yields; what a block does to memory it does for its lanes only. A block
    may end in `Yield`, or leave an enclosing construct.
    """

    condition: Value
    then: Block
    orelse: Block
    lanes: bool = False

    def infer(self) -> None:
        tile = self.condition.tile
        expect(tile.dtype is bool_, "condition has dtype {}, expected bool_", tile.dtype)
        expect(
            self.lanes or tile.is_scalar, "condition has shape {}, expected a scalar", tile.shape
        )
        ends = [block.terminator for block in (self.then, self.orelse)]
        yields = [end for end in ends if isinstance(end, Yield)]
        types = tuple(value.type for value in yields[0].values) if yields else ()
        expect(
            all(tuple(v.type for v in end.values) == types for end in yields),
            "the two branches give different types",
        )
        self.gives(*types)


@op("for", effect=Effect.REGION)
class For(Op):
    """`body(i, *carried)` for i = start, start + step, ... while below (above) `stop`; step is not
    0.

    The body's first parameter is `i`, the others are carried: first `inits`, then what it yields or
    continues with. Results are the carried values at the end or at a break.
    """

    start: Value
    stop: Value
    step: Value
    inits: tuple[Value, ...]
    body: Block
    unroll: int = 0
    stages: int = 0

    def infer(self) -> None:
        expected = (self.start.type, *(value.type for value in self.inits))
        expect(
            tuple(p.type for p in self.body.parameters) == expected, "loop body takes other types"
        )
        self.gives(*expected[1:])


@op("while", effect=Effect.REGION)
class While(Op):
    """`body(*carried)` as long as `condition(*carried)` yields true; results are the carried
    values.

    With `lanes` the condition is a tile, each lane loops for itself and keeps its values when done.
    """

    inits: tuple[Value, ...]
    condition: Block
    body: Block
    lanes: bool = False

    def infer(self) -> None:
        expected = tuple(value.type for value in self.inits)
        for block in (self.condition, self.body):
            expect(
                tuple(p.type for p in block.parameters) == expected, "loop body takes other types"
            )
        self.gives(*expected)


@op("inlined", effect=Effect.REGION)
class Inlined(Op):
    """The body of a function that was called here; results are what it yields or returns."""

    result_types: tuple[Tile, ...]
    body: Block

    def infer(self) -> None:
        self.gives(*self.result_types)


@op("yield", effect=Effect.LEAVE)
class Yield(Op):
    """End the block and give its values to the op it belongs to."""

    values: tuple[Value, ...] = ()

    def infer(self) -> None:
        self.gives()


@op("break", effect=Effect.LEAVE)
class Break(Op):
    """Leave the nearest loop; the values are its results."""

    values: tuple[Value, ...] = ()

    def infer(self) -> None:
        self.gives()


@op("continue", effect=Effect.LEAVE)
class Continue(Op):
    """Begin the next round of the nearest loop with these carried values."""

    values: tuple[Value, ...] = ()

    def infer(self) -> None:
        self.gives()


@op("return", effect=Effect.LEAVE)
class Return(Op):
    """Leave the nearest `inlined`, whose results the values are, or else the program."""

    values: tuple[Value, ...] = ()

    def infer(self) -> None:
        self.gives()


# --- debug --------------------------------------------------------------------------------------


@op("print", effect=Effect.WRITE)
class Print(Op):
    """Write the values, each behind its label, to the host's standard output, in program order."""

    labels: tuple[str, ...]
    values: tuple[Value, ...]

    def infer(self) -> None:
        self.gives()


@op("assert", effect=Effect.WRITE)
class Assert(Op):
    """Fail the launch with the message unless the condition holds in all elements."""

    condition: Value
    message: str

    def infer(self) -> None:
        expect(self.condition.tile.dtype is bool_, "condition is {}", self.condition.type)
        self.gives()


@op("assume", effect=Effect.WRITE)
class Assume(Op):
    """A promise that the scalar condition holds; the compiler may use it, debug mode checks it."""

    condition: Value

    def infer(self) -> None:
        expect(self.condition.type == scalar(bool_), "condition is {}", self.condition.type)
        self.gives()


@op("check", effect=Effect.WRITE)
class Check(Op):
    """Fail the launch with `code` unless the condition holds in all elements.

    `values` (integers of the condition's shape, or scalars) say more about the first element where
    it does not. Made by `check_bounds`; the codes are those of `services.fail`.
    """

    condition: Value
    code: int
    values: tuple[Value, ...] = ()

    def infer(self) -> None:
        expect(self.condition.tile.dtype is bool_, "condition is {}", self.condition.type)
        self.gives()


@op("breakpoint", effect=Effect.WRITE)
class Breakpoint(Op):
    """Stop in the debugger of the host under the interpreter; nothing elsewhere."""

    def infer(self) -> None:
        self.gives()


def _check_kind(kind: str, dtype: Dtype) -> None:
    if kind == "mulhi":
        expect(dtype is u32, "{} of {}, expected u32", kind, dtype)
    elif kind in _FLOAT_ONLY:
        expect(dtype.is_float, "{} of {}, expected a float", kind, dtype)
    elif kind in _INTEGER_ONLY:
        expect(dtype.is_integer, "{} of {}, expected an integer", kind, dtype)
    elif kind in _BITWISE:
        expect(
            dtype.is_integer or dtype.is_bool, "{} of {}, expected an integer or bool_", kind, dtype
        )
    else:
        expect(not dtype.is_pointer, "{} of a pointer", kind)


def _with_extent(shape: tuple[int, ...], axis: int, extent: int) -> tuple[int, ...]:
    return (*shape[:axis], extent, *shape[axis + 1 :])


def _check_same(kind: str, left: Value, right: Value) -> None:
    expect(left.type == right.type, "{} of {} and {}", kind, left.type, right.type)


def _check_access(
    source: Value, position: tuple[Value, ...], mask: Value | None
) -> tuple[int, ...]:
    array = source.array
    expect(
        len(position) == array.rank, "array has {} axes, index has {}", array.rank, len(position)
    )
    for value in position:
        expect(
            value.tile.dtype.is_integer, "index has dtype {}, expected an integer", value.tile.dtype
        )
    shape = broadcast_shapes(*(value.tile.shape for value in position))
    expect(
        shape is not None,
        "index tiles of shapes {} do not broadcast",
        [value.tile.shape for value in position],
    )
    assert shape is not None
    if mask is not None:
        expect(
            mask.type == Tile(bool_, shape),
            "mask is {}, expected {}",
            mask.type,
            Tile(bool_, shape),
        )
    return shape


def _check_atomic(
    kind: str, dtype: Dtype, values: tuple[Value, ...], mask: Value | None, order: str
) -> Tile:
    """The type of the values, and so of the result, of an atomic on elements of a dtype."""
    expect(kind in ATOMICS, "no atomic is called {}", kind)
    expect(order in MEMORY_ORDERS, "no memory order is called {}", order)
    count = 2 if kind == "cas" else 1
    expect(len(values) == count, "{} values of atomic {}, expected {}", len(values), kind, count)
    if kind in _BITWISE:
        _check_kind(kind, dtype)
    tile = values[0].tile
    for value in values:
        expected = tile.with_dtype(dtype)
        expect(value.type == expected, "value is {}, expected {}", value.type, expected)
    if mask is not None:
        expected = tile.with_dtype(bool_)
        expect(mask.type == expected, "mask is {}, expected {}", mask.type, expected)
    return tile
