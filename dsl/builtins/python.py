"""Python's own functions that a kernel may call: `len min max range int float bool tuple zip ...`.

`abs` and `print` stand with the groups they belong to.
"""

from __future__ import annotations

from typing import Any, Final

from .. import ir
from ..errors import CompileError
from ..promotion import division_dtype
from ..types import Array, Dtype, IndexNumber, Kind, Tile, i32, i64
from .arguments import as_flag, as_integer
from .arithmetic import binary, nonzero
from .reduce import max_ as reduce_max
from .reduce import min_ as reduce_min
from .table import Builtin, Context, builtin
from .values import as_number, as_operand, cast, describe


class LoopRange:
    """What a `for` runs over: integer scalars or constants, and how it is asked to run.

    `is_static` unrolls when compiling; `unroll` and `num_stages` are hints, 0 for none.
    """

    __slots__ = ("is_static", "num_stages", "start", "step", "stop", "unroll")
    __match_args__ = ("start", "stop", "step")
    described: Final = "a range"

    def __init__(
        self,
        start: object,
        stop: object,
        step: object,
        is_static: bool,
        num_stages: int,
        unroll: int,
    ) -> None:
        self.start = start
        self.stop = stop
        self.step = step
        self.is_static = is_static
        self.num_stages = num_stages
        self.unroll = unroll

    @property
    def constant(self) -> range | None:
        """The same range of Python, where all three numbers are constants."""
        numbers = [as_number(x) for x in (self.start, self.stop, self.step)]
        if any(number is None for number in numbers):
            return None
        return range(*[int(number) for number in numbers if number is not None])


@builtin("builtins.range", name="range")
def range_(
    context: Context,
    start: object,
    stop: object = None,
    step: object = 1,
    *,
    num_stages: object = None,
    unroll: object = None,
) -> LoopRange:
    """The integers from `start` (0 if only one bound is given) to `stop` in steps, for a `for`.

    Bounds are integer scalars. `num_stages` asks for so many rounds of loads in flight, `unroll`
    for so many rounds written out; both are hints.
    """
    if stop is None:
        start, stop = 0, start
    bounds = [_bound(x) for x in (start, stop, step)]
    if as_number(step) == 0:
        raise CompileError("a range with the step 0")
    stages = 0 if num_stages is None else as_integer(num_stages, "num_stages")
    rounds = 0 if unroll is None else as_integer(unroll, "unroll")
    if stages < 0 or rounds < 0:
        raise CompileError("num_stages and unroll must not be negative")
    return LoopRange(bounds[0], bounds[1], bounds[2], False, stages, rounds)


@builtin()
def static_range(
    context: Context, start: object, stop: object = None, step: object = 1
) -> LoopRange:
    """A range with constant bounds whose `for` is unrolled: its variable is a constant."""
    if stop is None:
        start, stop = 0, start
    first, end = (
        as_integer(start, "a bound of static_range"),
        as_integer(stop, "a bound of static_range"),
    )
    stride = as_integer(step, "the step of static_range")
    if stride == 0:
        raise CompileError("a range with the step 0")
    return LoopRange(first, end, stride, True, 0, 0)


@builtin("builtins.len", name="len", public=False)
def len_(context: Context, x: object) -> Any:
    """The extent of the first axis of a tile or an array, the number of items of a tuple."""
    match x:
        case ir.Value(type=Array(_, (fixed, *_))) if fixed is not None:
            return fixed
        case ir.Value(type=Array(_, (_, *_))):
            return context.builder.add(ir.Extent(x, 0))
        case ir.Value(type=Tile(_, (extent, *_))):
            return extent
        case tuple() | str() | list():
            return len(x)
        case LoopRange() if (numbers := x.constant) is not None:
            return len(numbers)
    raise CompileError(f"len of {describe(x)}, expected a tile, an array or a tuple")


@builtin("builtins.max", name="max", public=False)
def python_max(context: Context, *values: object) -> Any:
    """The largest of several values, element by element, or of a tuple or a tile of one axis.

    As `tw.maximum`, NaN wins.
    """
    return _extreme(context, "max", reduce_max, values)


@builtin("builtins.min", name="min", public=False)
def python_min(context: Context, *values: object) -> Any:
    """The least of several values, element by element, or of a tuple or a tile of one axis.

    As `tw.minimum`, NaN wins.
    """
    return _extreme(context, "min", reduce_min, values)


@builtin("builtins.int", name="int", public=False)
def int_(context: Context, x: object = 0) -> Any:
    """A number as an integer.

    Of a value: integers keep their dtype, booleans and floats become `i32` (`f64`: `i64`),
    truncated and saturated.
    """
    if isinstance(x, ir.Value):
        operand = as_operand(x)
        assert isinstance(operand, ir.Value)
        dtype = operand.tile.dtype
        if dtype.is_integer:
            return operand
        return cast(context.builder, operand, i64 if dtype.is_float and dtype.bits == 64 else i32)
    return x if type(x) is IndexNumber else _construct(int, x)


@builtin("builtins.float", name="float", public=False)
def float_(context: Context, x: object = 0.0) -> Any:
    """A number as a float; `float("inf")` and its kin are constants.

    Of a value: floats keep their dtype, booleans and integers become `f32`, `f64` if of 64 bits.
    """
    if isinstance(x, ir.Value):
        operand = as_operand(x)
        assert isinstance(operand, ir.Value)
        return cast(context.builder, operand, division_dtype(operand.tile.dtype))
    return _construct(float, x)


@builtin("builtins.bool", name="bool", public=False)
def bool_of(context: Context, x: object = False) -> Any:
    """Whether a number is not zero; of a tile, element by element."""
    if isinstance(x, ir.Value):
        return nonzero(context.builder, x)
    return bool(x)


@builtin("builtins.tuple", name="tuple", public=False)
def tuple_(context: Context, items: object = ()) -> tuple[object, ...]:
    """The items of a tuple or a constant range as a tuple."""
    return _items(items)


@builtin("builtins.zip", name="zip", public=False)
def zip_(context: Context, *tuples: object, strict: object = False) -> tuple[object, ...]:
    """Tuples of the first items, of the second ones, and so on, up to the shortest."""
    found = [_items(items) for items in tuples]
    if as_flag(strict, "strict") and len({len(items) for items in found}) > 1:
        raise CompileError(f"zip of tuples of {' and '.join(str(len(items)) for items in found)}")
    return tuple(zip(*found, strict=False))


@builtin("builtins.enumerate", name="enumerate", public=False)
def enumerate_(context: Context, items: object, start: object = 0) -> tuple[object, ...]:
    """Pairs of a counter and an item."""
    return tuple(enumerate(_items(items), as_integer(start, "start")))


@builtin("builtins.isinstance", name="isinstance", public=False)
def isinstance_(context: Context, x: object, kinds: object) -> bool:
    """Whether something is of a kind, or of one of several: `int float bool str tuple`.

    A computed scalar is an `int`, `float` or `bool` by the kind of its dtype; tiles are none of
    these.
    """
    return any(_is_instance(x, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))


_CLASSES: Final[dict[str, type]] = {"int": int, "float": float, "bool": bool, "tuple": tuple}


def _bound(x: object) -> object:
    operand = as_operand(x)
    if isinstance(operand, ir.Value):
        if operand.tile.is_scalar and operand.tile.dtype.is_integer:
            return operand
    elif type(operand) is not float:
        return operand if type(operand) is IndexNumber else int(operand)
    note = "compute the number from a counter: `start + i * step`"
    if isinstance(operand, ir.Value) and operand.tile.shape:
        note = "loop to `tw.max(v)`, or with `while` under a tile condition, lane by lane"
    raise CompileError(f"a range takes integer scalars, found {describe(x)}", note)


def _extreme(context: Context, kind: str, reduction: Builtin, values: tuple[object, ...]) -> Any:
    if len(values) == 1 and isinstance(values[0], ir.Value):
        value = as_operand(values[0])
        if isinstance(value, ir.Value) and value.tile.rank == 1:
            return context.inline(reduction, (value,))  # refused where it may not mix lanes
        raise CompileError(
            f"{kind} of {describe(values[0])}, expected several values or a tile of one axis",
            f"`tw.{kind}(v, axis)` reduces",
        )
    items = _items(values[0]) if len(values) == 1 else values
    if not items:
        raise CompileError(f"{kind} of nothing")
    result = items[0]
    for item in items[1:]:
        result = binary(context.builder, kind, result, item)
    return result


def _construct(kind: type[int] | type[float], x: object) -> int | float:
    number = as_number(x)
    try:
        return kind(x if isinstance(x, str) else number)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise CompileError(f"{kind.__name__} of {describe(x)}") from None


def _items(x: object) -> tuple[object, ...]:
    """The items of something whose length is known when compiling."""
    match x:
        case tuple() | list():
            return tuple(x)
        case str():
            return tuple(x)
        case LoopRange() if (numbers := x.constant) is not None:
            return tuple(numbers)
    raise CompileError(
        f"cannot go through {describe(x)}, expected a tuple",
        "a tile is worked on as a whole, or along an axis: `tw.sum(v, 0)`",
    )


def _is_instance(x: object, kind: object) -> bool:
    wanted = _CLASSES.get(kind.name) if isinstance(kind, Builtin) else kind
    if not isinstance(wanted, type):
        raise CompileError(f"isinstance with {describe(kind)}, expected a type")
    if not isinstance(x, ir.Value):
        return isinstance(x, wanted)
    if not isinstance(x.type, Tile) or not x.type.is_scalar:
        return False
    return issubclass(_python_type(x.type.dtype), wanted)


def _python_type(dtype: Dtype) -> type:
    match dtype.kind:
        case Kind.BOOL:
            return bool
        case Kind.FLOAT:
            return float
        case Kind.POINTER:
            return object
        case _:
            return int
