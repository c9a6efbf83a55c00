"""Runs a function program by program: the reference for what the IR means.

Each op has one rule, a small method of its name, listed in `RULES`. Programs run one after another,
axis 0 fastest. Lane constructs run as they stand: all lanes in step, under a mask of those that are
on; a lane that breaks, continues or returns leaves the mask until its construct ends. The function
may come from the frontend or from any pass behind it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TextIO

import numpy as np

from .. import ir
from ..types import Array, Dtype
from .arithmetic import binary, compare, fma, unary
from .atomics import combine, in_turns
from .faults import (
    ASSERTION,
    ASSUMPTION,
    DIVISION_BY_ZERO,
    NEGATIVE_INDEX,
    OUT_OF_BOUNDS,
    POINTER,
    Fault,
    Program,
)
from .masks import ALL, OFF, Frame, blend, fit, restrict, union
from .memory import (
    Places,
    Region,
    Window,
    both,
    find_stray,
    gather,
    locate,
    move_pointers,
    open_array,
    scatter,
    select,
)
from .order import histogram, sort, take
from .printing import format_print
from .races import Races
from .reductions import arg_reduce, dot, reduce, scan
from .values import STORAGE, Data, bitcast, cast, constant, displayed, storage_of, zeros

Values = tuple[Data, ...]
Access = ir.Load | ir.Store | ir.Atomic


def interpret(
    function: ir.Function,
    grid: Program,
    arguments: Sequence[object],
    races: bool = False,
    output: TextIO | None = None,
) -> None:
    """Run every program of a grid on the caller's own memory.

    `arguments` follow `function.parameters`: NumPy arrays (of the parameter's dtype, or of another
    of its size, whose bits are then taken) for arrays and pointers, Python or NumPy numbers for
    scalars. `print` writes to `output`, by default the standard output. Raises `Fault` at the first
    failed assertion or assumption, pointer outside its allocation, with the option `debug` index
    out of bounds or integer division by zero, and with `races` conflict between two programs.
    """
    interpreter = Interpreter(function, grid, sys.stdout if output is None else output)
    with np.errstate(all="ignore"):
        interpreter.bind(arguments)
        if races:
            interpreter.watch_races()
        columns, rows, layers = grid
        for z in range(layers):
            for y in range(rows):
                for x in range(columns):
                    interpreter.run((x, y, z))


class Interpreter:
    """One launch of a function: its memory, and the program that is running."""

    def __init__(self, function: ir.Function, grid: Program, output: TextIO) -> None:
        self._function = function
        self._grid = grid
        self._output = output
        self._debug = bool(function.options & {"debug", "strict"})
        self._strict = "strict" in function.options
        self._regions: list[Region] = []
        self._races: Races | None = None
        self._steps: dict[ir.Block, list[tuple[Rule, ir.Op]]] = {}
        self._windows: dict[ir.Value, Window] = {}
        self._env: dict[ir.Value, Data] = {}
        self._program: Program = (0, 0, 0)
        self._on: Data = ALL  # the lanes that are on
        self._loops: list[Frame] = []
        self._calls: list[Frame] = []
        self._leaves = 0  # how often lanes have left a block other than by its end
        self._returns = 0
        self._per_element = False  # a body of scalars is being run over whole tiles

    def bind(self, arguments: Sequence[object]) -> None:
        """Give the parameters their values."""
        for parameter, argument in zip(self._function.parameters, arguments, strict=True):
            name = parameter.name or f"argument {len(self._env) + len(self._windows)}"
            match parameter.type:
                case Array(dtype):
                    self._windows[parameter] = self._open(name, argument, dtype)
                case kind if kind.dtype.element is not None:
                    window = self._open(name, argument, kind.dtype.element)
                    self._env[parameter] = window.pointer()
                case kind:
                    self._env[parameter] = constant(argument, kind.dtype)

    def watch_races(self) -> None:
        """Note from now on who touches what."""
        self._races = Races(self._grid, self._regions)

    def run(self, program: Program) -> None:
        """Run one program."""
        self._program = program
        self._on = ALL
        self._loops, self._calls = [], [Frame(ALL)]
        self.block(self._function.body)

    def block(self, block: ir.Block) -> Values | None:
        """Run a block; what it yields for the lanes still on, or None if no lane is left."""
        env = self._env
        steps = self._steps.get(block)
        if steps is None:
            steps = self._steps[block] = self._prepare(block)
        for rule, op in steps:
            value = rule(self, op)
            if value is not None:
                env[op] = value
            elif self._on is OFF:
                return None
        match block.terminator:
            case ir.Yield(values):
                return self._all(values)
            case ir.Break(values):
                frame = self._loops[-1]
                frame.done = union(frame.done, self._on)
            case ir.Continue(values):
                frame = self._loops[-1]
                frame.again = union(frame.again, self._on)
            case ir.Return(values):
                frame = self._calls[-1]
                self._returns += 1
            case other:
                raise AssertionError(f"a block ends in {other!r}")
        self._leaves += 1
        frame.take(self._on, self._all(values), self._per_element)
        self._on = OFF
        return None

    # --- constants and grid ---

    def const(self, op: ir.Const) -> Data:
        """Rule of `const`; run once, when its block is prepared."""
        return np.full(op.type.shape, constant(op.value, op.type.dtype))[()]

    def iota(self, op: ir.Iota) -> Data:
        """Rule of `iota`; run once, when its block is prepared."""
        extent = op.type.shape[op.axis]
        count = np.arange(op.start, op.start + extent).astype(storage_of(op.type.dtype))
        rest = op.type.rank - op.axis - 1
        return np.broadcast_to(count.reshape((extent,) + (1,) * rest), op.type.shape)

    def program_id(self, op: ir.ProgramId) -> Data:
        """Rule of `program_id`."""
        return _index(self._program[op.axis])

    def num_programs(self, op: ir.NumPrograms) -> Data:
        """Rule of `num_programs`."""
        return _index(self._grid[op.axis])

    # --- arithmetic ---

    def unary(self, op: ir.Unary) -> Data:
        """Rule of `unary`."""
        return unary(op.kind, self._env[op.x], op.x.tile.dtype)

    def binary(self, op: ir.Binary) -> Data:
        """Rule of `binary`; in debug mode an integer divided by zero is a fault."""
        left, right, dtype = self._env[op.left], self._env[op.right], op.left.tile.dtype
        divides = dtype.is_integer and op.kind in ("floordiv", "mod")
        if self._debug and divides and self._holds_somewhere(right == 0):
            raise self._fault(DIVISION_BY_ZERO, op, "integer division by zero")
        return binary(op.kind, left, right, dtype)

    def compare(self, op: ir.Compare) -> Data:
        """Rule of `compare`; pointers compare by address."""
        left, right, dtype = self._env[op.left], self._env[op.right], op.left.tile.dtype
        if dtype.is_pointer:
            left, right = self._addresses(left), self._addresses(right)
        return compare(op.kind, left, right, dtype)

    def select(self, op: ir.Select) -> Data:
        """Rule of `select`."""
        return np.where(self._env[op.condition], self._env[op.yes], self._env[op.no])

    def fma(self, op: ir.Fma) -> Data:
        """Rule of `fma`."""
        a, b, c = self._all((op.a, op.b, op.c))
        return fma(a, b, c, op.a.tile.dtype)

    def cast(self, op: ir.Cast) -> Data:
        """Rule of `cast`; a pointer becomes its address."""
        x, source = self._env[op.x], op.x.tile.dtype
        if source.is_pointer and not op.dtype.is_pointer:
            return self._addresses(x).astype(STORAGE[op.dtype])
        return x if source.is_pointer else cast(x, source, op.dtype)

    def bitcast(self, op: ir.Bitcast) -> Data:
        """Rule of `bitcast`."""
        return bitcast(self._env[op.x], op.x.tile.dtype, op.dtype)

    # --- shape ---

    def broadcast(self, op: ir.Broadcast) -> Data:
        """Rule of `broadcast`."""
        return np.broadcast_to(self._env[op.x], op.shape_to)

    def reshape(self, op: ir.Reshape) -> Data:
        """Rule of `reshape`."""
        return self._env[op.x].reshape(op.shape_to)

    def permute(self, op: ir.Permute) -> Data:
        """Rule of `permute`."""
        return self._env[op.x].transpose(op.axes)

    def slice(self, op: ir.Slice) -> Data:
        """Rule of `slice`."""
        pairs = zip(op.starts, op.shape_to, strict=True)
        return self._env[op.x][tuple([slice(start, start + extent) for start, extent in pairs])]

    def flip(self, op: ir.Flip) -> Data:
        """Rule of `flip`."""
        return np.flip(self._env[op.x], op.axis)

    def concat(self, op: ir.Concat) -> Data:
        """Rule of `concat`."""
        return np.concatenate(self._all(op.parts), op.axis)

    # --- reductions, scans, products ---

    def reduce(self, op: ir.Reduce) -> Data:
        """Rule of `reduce`."""
        return reduce(op.kind, self._env[op.x], op.axes, op.x.tile.dtype)

    def arg_reduce(self, op: ir.ArgReduce) -> None:
        """Rule of `arg_reduce`."""
        self._give(op, arg_reduce(op.kind, self._env[op.x], op.axis, op.x.tile.dtype))

    def reduce_with(self, op: ir.ReduceWith) -> None:
        """Rule of `reduce_with`: the first element, combined with each that follows."""
        elements = self._along(op.inputs, op.axis)
        total = next(elements)
        for following in elements:
            total = self._combine(op.body, total, following)
        self._give(op, total)

    def scan(self, op: ir.Scan) -> Data:
        """Rule of `scan`."""
        return scan(op.kind, self._env[op.x], op.axis, op.reverse, op.x.tile.dtype)

    def scan_with(self, op: ir.ScanWith) -> None:
        """Rule of `scan_with`; in reverse it is the scan of the flipped tile, flipped back."""
        elements = self._along(op.inputs, op.axis, op.reverse)
        totals = [next(elements)]
        for following in elements:
            totals.append(self._combine(op.body, totals[-1], following))
        if op.reverse:
            totals.reverse()
        self._give(op, tuple([np.stack(parts, op.axis) for parts in zip(*totals, strict=True)]))

    def dot(self, op: ir.Dot) -> Data:
        """Rule of `dot`."""
        acc = None if op.acc is None else self._env[op.acc]
        a, b = self._env[op.a], self._env[op.b]
        return dot(a, b, acc, op.a.tile.dtype, op.b.tile.dtype, op.result_dtype)

    # --- order ---

    def sort(self, op: ir.Sort) -> Data:
        """Rule of `sort`."""
        order = sort(self._env[op.x], op.axis, op.count, op.descending, op.x.tile.dtype)
        if op.kind == "positions":
            return order.astype(np.int32)
        return np.take_along_axis(self._env[op.x], order, op.axis)

    def gather(self, op: ir.Gather) -> Data:
        """Rule of `gather`."""
        return take(self._env[op.x], self._env[op.index], op.axis, op.x.tile.dtype)

    def histogram(self, op: ir.Histogram) -> Data:
        """Rule of `histogram`."""
        return histogram(self._env[op.x], op.bins)

    # --- memory ---

    def extent(self, op: ir.Extent) -> Data:
        """Rule of `extent`."""
        return _index(self._windows[op.source].shape[op.axis])

    def stride(self, op: ir.Stride) -> Data:
        """Rule of `stride`."""
        return _index(self._windows[op.source].strides[op.axis])

    def allocation(self, op: ir.Allocation) -> Data:
        """Rule of `allocation`."""
        if isinstance(op.source.type, Array):
            region = self._windows[op.source].region
        else:
            region = self._regions[int(self._env[op.source]["region"])]
        return _index(region.address if op.kind == "start" else len(region.elements))

    def address(self, op: ir.Address) -> Data:
        """Rule of `address`."""
        return self._windows[op.source].pointer()

    def offset(self, op: ir.Offset) -> Data:
        """Rule of `offset`."""
        return move_pointers(self._env[op.pointer], self._env[op.count])

    def sub_array(self, op: ir.SubArray) -> None:
        """Rule of `sub_array`."""
        position = tuple([int(p) for p in self._all(op.position)])
        self._windows[op] = self._windows[op.source].fix(position)

    def load(self, op: ir.Load) -> Data:
        """Rule of `load`."""
        shape = op.tile.shape
        wanted = self._wanted(op.mask, shape)
        places = self._locate(op, wanted, shape, reported=op.fill is None)
        region = self._windows[op.source].region
        self._note_read(op, region, places.numbers, both(places.inside, wanted))
        return gather(region, places, wanted, self._fill(op.fill, op.tile.dtype))

    def store(self, op: ir.Store) -> None:
        """Rule of `store`."""
        value = self._env[op.value]
        wanted = self._wanted(op.mask, op.value.shape)
        places = self._locate(op, wanted, op.value.shape, reported=True)
        region = self._windows[op.source].region
        self._note_write(op, region, places.numbers, value, both(places.inside, wanted))
        scatter(region, places, wanted, value)

    def load_pointer(self, op: ir.LoadPointer) -> Data:
        """Rule of `load_pointer`."""
        shape, dtype = op.tile.shape, op.tile.dtype
        data = np.full(shape, self._fill(op.fill, dtype))
        for region, numbers, active in self._follow(op, op.pointer, op.mask):
            self._note_read(op, region, numbers, active)
            data[active] = region.elements[numbers[active]]
        return data[()]

    def store_pointer(self, op: ir.StorePointer) -> None:
        """Rule of `store_pointer`."""
        value = self._env[op.value]
        for region, numbers, active in self._follow(op, op.pointer, op.mask):
            self._note_write(op, region, numbers, value, active)
            scatter(region, Places(numbers, None), active, value)

    def atomic(self, op: ir.Atomic) -> Data:
        """Rule of `atomic`."""
        shape = op.tile.shape
        wanted = self._wanted(op.mask, shape)
        places = self._locate(op, wanted, shape, reported=True)
        region = self._windows[op.source].region
        active = both(places.inside, wanted)
        if active is None:
            active = np.broadcast_to(np.True_, shape)
        return self._replace(op, [(region, places.numbers, np.asarray(active))])

    def atomic_pointer(self, op: ir.AtomicPointer) -> Data:
        """Rule of `atomic_pointer`."""
        return self._replace(op, list(self._follow(op, op.pointer, op.mask)))

    def _replace(
        self, op: ir.Atomic | ir.AtomicPointer, ways: list[tuple[Region, Data, Data]]
    ) -> Data:
        """Do an atomic on the active elements of regions, in row-major order; the old ones."""
        tile = op.tile
        values = [np.asarray(value).reshape(-1) for value in self._all(op.values)]
        old: Data = np.zeros(tile.size, STORAGE[tile.dtype])
        for turn, region, numbers in in_turns(ways):
            if self._races is not None:
                self._races.update(region, numbers, self._program, op.place, op.order)
            found = region.elements[numbers]
            given = [value[turn] for value in values]
            region.elements[numbers] = combine(op.kind, found, given, tile.dtype)
            old[turn] = found
        return old.reshape(tile.shape)[()]

    # --- control flow ---

    def if_(self, op: ir.If) -> None:
        """Rule of `if`: each lane takes its own side; a side that no lane takes is not run."""
        condition, entry, leaves = self._env[op.condition], self._on, self._leaves
        ways: list[Values | None] = []
        ends: list[Data] = []
        for block, side in ((op.then, condition), (op.orelse, ~condition)):
            self._on = restrict(entry, side)
            ways.append(None if self._on is OFF else self.block(block))
            ends.append(self._on)
        if leaves == self._leaves:
            self._on = entry
        else:  # where all are back, as after a loop inside that some broke, it is as if none left
            self._on = restrict(entry, union(*ends))
        if self._on is OFF:
            return
        yes, no = ways
        if yes is not None and no is not None:
            pairs = zip(yes, no, strict=True)
            yes = tuple([blend(condition, a, b, self._per_element) for a, b in pairs])
        values = no if yes is None else yes
        assert values is not None
        self._give(op, values)

    def for_(self, op: ir.For) -> None:
        """Rule of `for`."""
        start, stop, step = (int(value) for value in self._all((op.start, op.stop, op.step)))
        counter = storage_of(op.start.tile.dtype).type
        frame, returns = self._enter_loop(op.inits), self._returns
        for i in range(start, stop, step):
            self._round(frame, op.body, (counter(i),))
            if self._on is OFF:
                break
        self._leave_loop(frame, op, returns)

    def while_(self, op: ir.While) -> None:
        """Rule of `while`: a lane loops as long as its own condition holds."""
        frame, returns = self._enter_loop(op.inits), self._returns
        while self._on is not OFF:
            assert frame.values is not None
            self._set(op.condition.parameters, frame.values)
            found = self.block(op.condition)
            if found is None:
                break
            on = self._on
            frame.done = union(frame.done, restrict(on, ~found[0]))
            self._on = restrict(on, found[0])
            if self._on is not OFF:
                self._round(frame, op.body, ())
        self._leave_loop(frame, op, returns)

    def inlined(self, op: ir.Inlined) -> None:
        """Rule of `inlined`: lanes that return early wait at its end."""
        frame = Frame(self._on)
        self._calls.append(frame)
        values = self.block(op.body)
        if values is not None:
            frame.take(self._on, values, self._per_element)
        self._calls.pop()
        self._on = frame.entry
        assert frame.values is not None
        self._give(op, frame.values)

    # --- debug ---

    def print_(self, op: ir.Print) -> None:
        """Rule of `print`; lanes that are off show as `--`."""
        values = [displayed(self._env[value], value.tile.dtype) for value in op.values]
        if self._on is not ALL:
            values = [
                np.ma.array(value, mask=~np.broadcast_to(fit(self._on, value.shape), value.shape))
                if value.ndim else value
                for value in values
            ]  # fmt: skip
        self._output.write(format_print(op.labels, values) + "\n")

    def assert_(self, op: ir.Assert) -> None:
        """Rule of `assert`."""
        if self._holds_somewhere(~self._env[op.condition]):
            raise self._fault(ASSERTION, op, op.message or "assertion failed")

    def assume(self, op: ir.Assume) -> None:
        """Rule of `assume`: the promise is checked."""
        if not self._env[op.condition]:
            raise self._fault(ASSUMPTION, op, "an assumption does not hold")

    def check(self, op: ir.Check) -> None:
        """Rule of `check`, which a compiler's pass has made; the first element that fails tells."""
        failed = ~self._env[op.condition]
        if not self._holds_somewhere(failed):
            return
        if self._on is not ALL:
            failed = failed & fit(self._on, failed.shape)
        first = np.asarray(failed)
        tiles = [np.broadcast_to(value, first.shape) for value in self._all(op.values)]
        values = [int(tile[first][0]) for tile in tiles]
        raise self._fault(op.code, op, f"check {op.code} does not hold", *values)

    def breakpoint_(self, op: ir.Breakpoint) -> None:
        """Rule of `breakpoint`: Python's own; `variables` is what the kernel's names hold.

        `program` is the running program, `lanes` the mask of the lanes that are on.
        """
        program, lanes = self._program, self._on
        variables: dict[str, Data] = {
            value.name: displayed(data, value.tile.dtype)
            for value, data in self._env.items()
            if value.name is not None
        }
        for value, window in self._windows.items():
            if value.name is not None:
                variables[value.name] = window.view()
        breakpoint()
        del program, lanes, variables

    # --- values ---

    def _prepare(self, block: ir.Block) -> list[tuple[Rule, ir.Op]]:
        """The rules of a block in order; what is the same in every program is run here, once."""
        steps = []
        for op in block.ops[:-1]:
            rule = RULES[type(op)]
            if type(op) in _ONCE:
                value = rule(self, op)
                assert value is not None
                self._env[op] = value
            else:
                steps.append((rule, op))
        return steps

    def _all(self, values: tuple[ir.Value, ...]) -> Values:
        env = self._env
        return tuple([env[value] for value in values])

    def _set(self, parameters: tuple[ir.Parameter, ...], values: Values) -> None:
        self._env.update(zip(parameters, values, strict=True))

    def _give(self, op: ir.Op, values: Values) -> None:
        self._env.update(zip(op.results, values, strict=True))

    def _holds_somewhere(self, condition: Data) -> bool:
        """Whether a condition holds in any lane that is on."""
        if self._on is not ALL:
            condition = condition & fit(self._on, condition.shape)
        return bool(condition.any())

    def _fault(self, code: int, op: ir.Op, message: str, *values: int) -> Fault:
        return Fault(code, op.place, self._program, message, values)

    # --- bodies of reduce_with and scan_with ---

    def _along(
        self, inputs: tuple[ir.Value, ...], axis: int, reverse: bool = False
    ) -> Iterator[Values]:
        """What stands at each position of an axis, in all inputs."""
        tiles = [np.moveaxis(tile, axis, 0) for tile in self._all(inputs)]
        for k in range(len(tiles[0]))[:: -1 if reverse else 1]:
            yield tuple([tile[k] for tile in tiles])

    def _combine(self, body: ir.Block, left: Values, right: Values) -> Values:
        """Apply a body of scalars to whole tiles: at once where its ops allow, else one by one."""
        shape = left[0].shape
        if not shape:
            return self._apply(body, left + right)
        if all(isinstance(op, _SHAPELESS) for op in ir.walk(body)):
            self._per_element = True
            values = self._apply(body, left + right)
            self._per_element = False
            return tuple([np.broadcast_to(value, shape) for value in values])
        results = tuple([np.empty_like(tile) for tile in left])
        for position in np.ndindex(shape):
            values = self._apply(body, tuple([tile[position] for tile in left + right]))
            for result, value in zip(results, values, strict=True):
                result[position] = value
        return results

    def _apply(self, body: ir.Block, arguments: Values) -> Values:
        on, self._on = self._on, ALL
        self._set(body.parameters, arguments)
        values = self.block(body)
        assert values is not None
        self._on = on
        return values

    # --- loops ---

    def _enter_loop(self, inits: tuple[ir.Value, ...]) -> Frame:
        frame = Frame(self._on, self._all(inits))
        self._loops.append(frame)
        return frame

    def _round(self, frame: Frame, body: ir.Block, counter: Values) -> None:
        """Run a loop's body once; the lanes on afterwards take part in the next round."""
        assert frame.values is not None
        entry, frame.again = self._on, OFF
        self._set(body.parameters, counter + frame.values)
        values = self.block(body)
        if values is not None:
            frame.take(self._on, values, self._per_element)
        self._on = restrict(entry, union(self._on, frame.again))

    def _leave_loop(self, frame: Frame, op: ir.Op, returns: int) -> None:
        """Go on behind a loop with all lanes that entered, but for those that returned."""
        self._loops.pop()
        back = union(frame.done, self._on)
        self._on = frame.entry if returns == self._returns else restrict(frame.entry, back)
        if self._on is not OFF:
            assert frame.values is not None
            self._give(op, frame.values)

    # --- accesses ---

    def _open(self, name: str, argument: object, dtype: Dtype) -> Window:
        assert isinstance(argument, np.ndarray), f"{name} is {type(argument).__name__}, no array"
        window = open_array(len(self._regions), name, argument, STORAGE[dtype])
        self._regions.append(window.region)
        return window

    def _fill(self, fill: ir.Value | None, dtype: Dtype) -> Data:
        return zeros(dtype, ())[()] if fill is None else self._env[fill]

    def _wanted(self, mask: ir.Value | None, shape: tuple[int, ...]) -> Data | None:
        """The elements of an access that its mask and the lanes that are on leave; None for all."""
        given = None if mask is None else self._env[mask]
        if self._on is ALL:
            return given
        return both(given, np.broadcast_to(fit(self._on, shape), shape))

    def _locate(
        self, op: Access, wanted: Data | None, shape: tuple[int, ...], reported: bool
    ) -> Places:
        """The elements an access means; in debug mode a fault where it strays."""
        window, position = self._windows[op.source], self._all(op.position)
        places = locate(window, position, shape)
        if not (self._debug and reported) or places.inside is None:
            return places
        accessed = np.broadcast_to(np.True_, shape) if wanted is None else wanted
        stray = find_stray(window, position, shape, accessed, op.block_axes, self._strict)
        if stray is None:
            return places
        message = (
            f"index {stray.position} is out of bounds for axis {stray.axis} of "
            f"{window.region.name!r} with extent {stray.extent}"
        )
        code = OUT_OF_BOUNDS if stray.is_scalar or self._strict else NEGATIVE_INDEX
        raise self._fault(code, op, message, stray.axis, stray.position, *window.whole)

    def _follow(
        self, op: ir.Op, pointer: ir.Value, mask: ir.Value | None
    ) -> Iterator[tuple[Region, Data, Data]]:
        """For each region pointed into: element numbers, and which pointers go there.

        A pointer outside the allocation it came from is a fault.
        """
        pointers = self._env[pointer]
        wanted = self._wanted(mask, pointers.shape)
        active = np.broadcast_to(np.True_, pointers.shape) if wanted is None else np.asarray(wanted)
        regions, numbers = pointers["region"], pointers["offset"]
        for number in np.unique(regions[active]).tolist():
            here = active & (regions == number)
            if number < 0:
                raise self._fault(POINTER, op, "a pointer that points nowhere is followed")
            region = self._regions[number]
            extent = len(region.elements)
            stray = here & ((numbers < 0) | (numbers >= extent))
            if stray.any():
                first = int(numbers[stray][0])
                message = f"element {first} lies outside the memory of array `{region.name}`"
                raise self._fault(POINTER, op, message, first, extent)
            yield region, numbers, np.asarray(here)

    def _addresses(self, pointers: Data) -> Data:
        """Pointers as byte addresses; 0 for those that point nowhere."""
        bases = np.array([region.address for region in self._regions] + [0], np.int64)
        sizes = [region.elements.dtype.itemsize for region in self._regions]
        steps = np.array([*sizes, 0], np.int64)
        which = pointers["region"]
        return bases[which] + steps[which] * pointers["offset"]  # type: ignore[no-any-return]

    def _note_read(self, op: ir.Op, region: Region, numbers: Data, active: Data | None) -> None:
        if self._races is not None:
            self._races.read(region, select(numbers, active), self._program, op.place)

    def _note_write(
        self, op: ir.Op, region: Region, numbers: Data, value: Data, active: Data | None
    ) -> None:
        if self._races is not None:
            numbers, values = select(numbers, active), select(value, active)
            self._races.write(region, numbers, values, self._program, op.place)


def _index(value: int) -> Data:
    return np.int64(value)  # type: ignore[return-value]


def _ends_blocks(interpreter: Interpreter, op: ir.Op) -> None:
    """The rule of what ends a block: `Interpreter.block` itself sees to it."""
    raise AssertionError(f"{op!r} stands before the end of its block")


Rule = Callable[[Interpreter, Any], Data | None]

RULES: Final[dict[type[ir.Op], Rule]] = {
    ir.Const: Interpreter.const,
    ir.Iota: Interpreter.iota,
    ir.ProgramId: Interpreter.program_id,
    ir.NumPrograms: Interpreter.num_programs,
    ir.Unary: Interpreter.unary,
    ir.Binary: Interpreter.binary,
    ir.Compare: Interpreter.compare,
    ir.Select: Interpreter.select,
    ir.Fma: Interpreter.fma,
    ir.Cast: Interpreter.cast,
    ir.Bitcast: Interpreter.bitcast,
    ir.Broadcast: Interpreter.broadcast,
    ir.Reshape: Interpreter.reshape,
    ir.Permute: Interpreter.permute,
    ir.Slice: Interpreter.slice,
    ir.Flip: Interpreter.flip,
    ir.Concat: Interpreter.concat,
    ir.Reduce: Interpreter.reduce,
    ir.ArgReduce: Interpreter.arg_reduce,
    ir.ReduceWith: Interpreter.reduce_with,
    ir.Scan: Interpreter.scan,
    ir.ScanWith: Interpreter.scan_with,
    ir.Dot: Interpreter.dot,
    ir.Sort: Interpreter.sort,
    ir.Gather: Interpreter.gather,
    ir.Histogram: Interpreter.histogram,
    ir.Allocation: Interpreter.allocation,
    ir.Extent: Interpreter.extent,
    ir.Stride: Interpreter.stride,
    ir.Address: Interpreter.address,
    ir.Offset: Interpreter.offset,
    ir.SubArray: Interpreter.sub_array,
    ir.Load: Interpreter.load,
    ir.Store: Interpreter.store,
    ir.LoadPointer: Interpreter.load_pointer,
    ir.StorePointer: Interpreter.store_pointer,
    ir.Atomic: Interpreter.atomic,
    ir.AtomicPointer: Interpreter.atomic_pointer,
    ir.If: Interpreter.if_,
    ir.For: Interpreter.for_,
    ir.While: Interpreter.while_,
    ir.Inlined: Interpreter.inlined,
    ir.Yield: _ends_blocks,
    ir.Break: _ends_blocks,
    ir.Continue: _ends_blocks,
    ir.Return: _ends_blocks,
    ir.Print: Interpreter.print_,
    ir.Assert: Interpreter.assert_,
    ir.Assume: Interpreter.assume,
    ir.Breakpoint: Interpreter.breakpoint_,
    ir.Check: Interpreter.check,
}

_ONCE: Final = frozenset((ir.Const, ir.Iota))

# A body made of these means the same for scalars and for tiles of any shape.
_SHAPELESS: Final = (
    ir.Const, ir.ProgramId, ir.NumPrograms, ir.Unary, ir.Binary, ir.Compare, ir.Select, ir.Fma,
    ir.Cast, ir.Bitcast, ir.If, ir.Inlined, ir.Yield, ir.Return,
)  # fmt: skip
