"""Prints one fused loop: nested loops, vectors along one axis, and the sinks that pull in their ops.

Each sink asks for values at coordinates; an elementwise op is printed where its deepest operand is, so
what does not follow a loop stands before it. The vector axis runs in up to three parts: an interior
whose accesses are known to lie inside, an edge with masks, and a last vector of fewer lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile

from ..analysis.contiguity import Coordinates, step_along, through_broadcast, through_unit_reshape
from .emit_elementwise import emit_elementwise
from .folds import accumulate, combine_lanes, identity_of, prefix
from .layout import align_shape, aligned, identity
from .spelling import constant, element, splat, vector
from .steps import ArgFold, Effect, Fold, Keep, Loop, Running, Sink, View
from .writer import Level, Val


@dataclass(eq=False)
class Part:
    """One stretch of the vector axis: its lanes, and whether guarded accesses are known to lie inside."""

    lanes: int
    interior: bool


class LoopEmitter:
    """Prints loops one after another; the state of one loop lives in `LoopText`."""

    def __init__(self, emitter: Any) -> None:
        self.emitter = emitter

    def emit(self, loop: Loop) -> None:
        """Print a loop."""
        LoopText(self.emitter, loop).run()


class LoopText:
    """One loop being printed."""

    def __init__(self, emitter: Any, loop: Loop) -> None:
        self.emitter = emitter
        self.writer = emitter.writer
        self.accesses = emitter.accesses
        self.views = loop.reads
        self.loop = loop
        self.rank = len(loop.space)
        self.index: dict[int, Val] = {}
        self.part = Part(0, False)
        self.guarded: set[tuple[ir.Op, Coordinates]] = set()
        self.state: dict[Sink, list[Val]] = {}
        self.home: dict[ir.Op, Level] = {}
        # Kept here for the first time: computed, not read back.
        self.kept = {
            sink.value
            for sink in loop.sinks
            if isinstance(sink, Keep) and self.views.get(sink.value) == sink.view
        }
        self.base: Level

    def run(self) -> None:
        """Print the loop nest into a level of its own: what is read from memory is not known after it."""
        writer = self.writer
        outer = writer.level
        self.base = writer.inside(outer.label)
        self._nest(0)
        writer.splice(self.base)
        for sink in self.loop.sinks:
            if isinstance(sink, (Fold, ArgFold)) and sink in self.state:
                for result, value in zip(sink.op.results, self.state[sink], strict=True):
                    writer.level.known[(result, ())] = value

    # --- the nest

    def _nest(self, position: int) -> None:
        """Print the loops from a position of the order inwards."""
        starting = [sink for sink in self.loop.sinks if self._starts(sink) == position]
        for sink in starting:
            self.state[sink] = self._initial(sink)
        if position == self.rank:
            self._body()
        elif self.loop.order[position] == self.loop.vector:
            self._vector_axis(position)
        else:
            axis = self.loop.order[position]
            self._carry_through("0", str(self.loop.space[axis]), "1", axis, position, True)
        for sink in starting:
            self._finish(sink)

    def _starts(self, sink: Sink) -> int:
        """The position of the order at which a sink's combining begins."""
        match sink:
            case Fold(op):
                return self.rank - len(op.axes)
            case ArgFold() | Running():
                return self.rank - 1
            case _:
                return -1

    def _carry_through(
        self, start: str, stop: str, step: str, axis: int, position: int, once: bool
    ) -> None:
        """Print one loop that carries the state of all sinks that combine inside it."""
        active = list(self.state)
        carried = [value for sink in active for value in self.state[sink]]

        def body(counter: Val, values: list[Val]) -> list[Val]:
            self._set_state(active, values)
            self.index[axis] = counter
            self._nest(position + 1)
            return [value for sink in active for value in self.state[sink]]

        self._set_state(
            active, self.writer.loop(start, stop, step, carried, body, at_least_once=once)
        )

    def _set_state(self, sinks: list[Sink], values: list[Val]) -> None:
        remaining = iter(values)
        for sink in sinks:
            self.state[sink] = [next(remaining) for _ in self.state[sink]]

    def _vector_axis(self, position: int) -> None:
        loop, writer = self.loop, self.writer
        extent = loop.space[loop.vector]
        whole = extent // loop.lanes * loop.lanes
        fitting = extent // loop.edge_lanes * loop.edge_lanes
        limit = self._interior_limit(position)
        interior = limit is None
        if limit is None:
            self._stretch("0", str(whole), loop.lanes, True, position)
            middle = str(whole)
        else:
            count = writer.put(f"udiv i64 {limit.text}, {loop.lanes}", "i64", 0)
            middle = writer.put(f"mul i64 {count.text}, {loop.lanes}", "i64", 0).text
            if whole:
                self._stretch("0", middle, loop.lanes, True, position)
            else:
                middle = "0"
        self._stretch(middle, str(fitting), loop.edge_lanes, interior, position)
        if extent > fitting:
            self._single(fitting, extent - fitting, interior, position)

    def _stretch(self, start: str, stop: str, lanes: int, interior: bool, position: int) -> None:
        """Whole vectors from `start` to `stop`."""
        if start == stop:
            return
        constant_bounds = start.isdigit() and stop.isdigit()
        if constant_bounds and int(stop) - int(start) == lanes:
            self._single(int(start), lanes, interior, position)
            return
        self.part = Part(lanes, interior)
        self._carry_through(start, stop, str(lanes), self.loop.vector, position, constant_bounds)

    def _single(self, start: int, lanes: int, interior: bool, position: int) -> None:
        """One vector of its own: no loop around it."""
        writer = self.writer
        self.part = Part(lanes, interior)
        level = writer.inside(writer.level.label)
        self.index[self.loop.vector] = Val(str(start), "i64", 0, level)
        self._nest(position + 1)
        writer.splice(level)

    # --- guards

    def _interior_limit(self, position: int) -> Val | None:
        """How many elements from 0 on lie inside for all guarded accesses; None if nothing guards."""
        limit: Val | None = None
        writer = self.writer
        extent = self.loop.space[self.loop.vector]
        self.guarded.clear()
        for op, where in self.loop.guards:
            conditions = self._conditions(op, where, position)
            if conditions is None:
                continue
            self.guarded.add((op, where))
            for flag, most in conditions:
                value = most
                if flag is not None:
                    amount = f"i64 {most.text}" if most is not None else f"i64 {extent}"
                    value = writer.put(f"select i1 {flag.text}, {amount}, i64 0", "i64", 0)
                assert value is not None
                limit = value if limit is None else writer.call("smin", "i64", 0, [limit, value])
        if limit is None:
            return None
        limit = writer.call("smin", "i64", 0, [limit, f"i64 {extent}"])
        return writer.call("smax", "i64", 0, [limit, "i64 0"])

    def _conditions(
        self, op: ir.Op, where: Coordinates, position: int
    ) -> list[tuple[Val | None, Val | None]] | None:
        """What limits the interior for an access: (condition, number of elements) pairs.

        An access that stands before the vector loop keeps its mask: it happens even if no vector does.
        """
        if not any(axis in where for axis in (self.loop.vector, *self._inner_axes(position))):
            return None
        shape = op.tile.shape if isinstance(op, ir.Load) else op.value.tile.shape  # type: ignore[attr-defined]
        array = self.accesses.array(op.source)  # type: ignore[attr-defined]
        found: list[tuple[Val | None, Val | None]] = []
        for x, extent in zip(op.position, array.extents, strict=True):  # type: ignore[attr-defined]
            pair = self._range(x, aligned(x, where, shape), extent, position)
            if pair is None:
                return None
            found.append(pair)
        if array.valid is not None:
            found.append((array.valid, None))
        mask = op.mask  # type: ignore[attr-defined]
        if mask is not None:
            masked = self._mask_ranges(mask, aligned(mask, where, shape), position)
            if masked is None:
                return None
            found += masked
        return found

    def _inner_axes(self, position: int) -> list[int]:
        """The axes whose loops lie inside the vector loop: their extremes must lie inside."""
        return [axis for axis in self.loop.order[position + 1 :]]

    def _range(
        self, x: ir.Value, where: Coordinates, extent: Val, position: int
    ) -> tuple[Val | None, Val | None] | None:
        """When a position lies in [0, extent): a condition, and for how many elements from 0 on."""
        writer, narrow = self.writer, self.accesses.narrow
        step = step_along(x, where, self.loop.vector, narrow)
        if step not in (0, 1) or self._follows_region(x):
            return None
        low = self._origin(x, where, position)
        if low is None:
            return None
        first, span = low
        last = first
        if span:
            last = writer.put(f"add i64 {first.text}, {span}", "i64", 0)
        if step == 0:
            inside = writer.put(f"icmp ult i64 {first.text}, {extent.text}", "i1", 0)
            if span:
                also = writer.put(f"icmp slt i64 {last.text}, {extent.text}", "i1", 0)
                inside = writer.put(f"and i1 {inside.text}, {also.text}", "i1", 0)
            return inside, None
        count = writer.put(f"sub i64 {extent.text}, {last.text}", "i64", 0)
        not_below = writer.put(f"icmp sge i64 {first.text}, 0", "i1", 0)
        return not_below, count

    def _origin(self, x: ir.Value, where: Coordinates, position: int) -> tuple[Val, int] | None:
        """A position at element 0 of the vector axis and of the axes inside, and how far it rises there."""
        span = 0
        coordinates = list(where)
        for axis in (self.loop.vector, *self._inner_axes(position)):
            step = step_along(x, where, axis, self.accesses.narrow)
            if step is None or step < 0:
                return None
            if axis != self.loop.vector:
                span += step * (self.loop.space[axis] - 1)
            coordinates = [None if c == axis else c for c in coordinates]
        value = self.value(x, tuple(coordinates))
        return self.accesses.widened(value, x.tile.dtype), span

    def _mask_ranges(
        self, mask: ir.Value, where: Coordinates, position: int
    ) -> list[tuple[Val | None, Val | None]] | None:
        """A mask as ranges, where it is made of comparisons of positions with limits."""
        writer = self.writer
        if self._follows_region(mask):
            return None
        match mask:
            case ir.Binary("and", a, b):
                left = self._mask_ranges(a, where, position)
                right = self._mask_ranges(b, where, position)
                return None if left is None or right is None else left + right
            case ir.Broadcast(x) if x.tile.shape:
                return self._mask_ranges(x, through_broadcast(x, where, mask.tile.shape), position)
            case ir.Compare("lt", x, limit) if x.tile.dtype.is_signed:
                inner = [axis for axis in self._inner_axes(position) if axis in where]
                if inner or step_along(limit, where, self.loop.vector, self.accesses.narrow) != 0:
                    return None
                if step_along(x, where, self.loop.vector, self.accesses.narrow) != 1:
                    return None
                origin = tuple(None if c == self.loop.vector else c for c in where)
                first = self.accesses.widened(self.value(x, origin), x.tile.dtype)
                end = self.accesses.widened(self.value(limit, origin), limit.tile.dtype)
                return [(None, writer.put(f"sub i64 {end.text}, {first.text}", "i64", 0))]
            case _ if not any(
                axis in where for axis in (self.loop.vector, *self._inner_axes(position))
            ):
                return [(self.value(mask, where), None)]
            case _:
                return None

    def _follows_region(self, x: ir.Value) -> bool:
        """Whether a value needs something that a region inside this loop computes."""
        if isinstance(x, (ir.Result, ir.Parameter)):
            return self.writer.known((x, ())) is None and not self._is_read(x)
        if not isinstance(x, ir.Op) or self._is_read(x) or not isinstance(x.type, Tile):
            return False
        if not x.tile.shape:
            return self.writer.known((x, ())) is None and bool(x.operands)
        return any(
            self._follows_region(operand)
            for operand in x.operands
            if isinstance(operand.type, Tile)
        )

    def _is_read(self, x: ir.Value) -> bool:
        """Whether a value is read back from memory."""
        return x in self.views and x not in self.kept

    # --- values

    def value(self, value: ir.Value, where: Coordinates) -> Val:
        """The text of a value at coordinates."""
        key = (value, where)
        found = self.writer.known(key)
        if found is not None:
            return found
        if not value.tile.shape and not where:
            return self._scalar(value)
        if self._is_read(value):
            made = self._read(self.views[value], value.tile.dtype, where)
        else:
            assert isinstance(value, ir.Op), f"{value!r} is not known here"
            made = self._make(value, where)
        made.level.known[key] = made
        return made

    def _scalar(self, value: ir.Value) -> Val:
        assert isinstance(value, ir.Op), f"{value!r} is not known here"
        made: Val = self.emitter.compute(value)
        return made

    def _make(self, op: ir.Op, where: Coordinates) -> Val:
        match op:
            case ir.Const(number, Tile(dtype)):
                return Val(constant(number, dtype), element(dtype), 0, self.base)
            case ir.Iota():
                return self._iota(op, where)
            case ir.Broadcast(x):
                return self.value(x, through_broadcast(x, where, op.tile.shape))
            case ir.Reshape(x):
                inner = through_unit_reshape(x.tile.shape, op.tile.shape, where)
                assert inner is not None
                return self.value(x, inner)
            case ir.Load():
                return self._load(op, where)
            case ir.LoadPointer():
                return self._load_pointer(op, where)
            case _:
                operands = [self.value(x, aligned(x, where, op.tile.shape)) for x in op.operands]
                return self._elementwise(op, operands)

    def _elementwise(self, op: ir.Op, operands: list[Val]) -> Val:
        level = self._level(op, *(x.level for x in operands))
        lanes = max((x.lanes for x in operands), default=0)
        if lanes:
            operands = [self._spread(x, lanes) for x in operands]
        made = emit_elementwise(self.writer, op, operands, level, self.emitter.flags)
        return made if made.level is level else Val(made.text, made.element, made.lanes, level)

    def _level(self, op: ir.Op | None, *levels: Level) -> Level:
        """Where an op is printed: as far out as its operands, its loops and its region allow."""
        found = [self.base, *(level for level in levels)]
        if op is not None and op in self.home:
            found.append(self.home[op])
        return self.writer.deepest(*found)

    def _axis_levels(self, where: Coordinates) -> list[Level]:
        return [self.index[axis].level for axis in where if axis is not None]

    def _spread(self, value: Val, lanes: int) -> Val:
        """A value in all lanes; once per value."""
        if value.lanes:
            return value
        key = ("splat", value.text, value.element, lanes)
        found = self.writer.known(key)
        if found is None:
            level = self._level(None, value.level)
            found = self.accesses.splat(value, lanes, level)
            level.known[key] = found
        return found

    def _iota(self, op: ir.Iota, where: Coordinates) -> Val:
        axis = where[op.axis]
        kind = element(op.tile.dtype)
        if axis is None:
            return Val(str(op.start), kind, 0, self.base)
        counter = self.index[axis]
        level = self._level(op, counter.level)
        base = counter
        if kind != "i64":
            base = self.writer.put(f"trunc i64 {counter.text} to {kind}", kind, 0, level)
        if op.start:
            base = self.writer.put(f"add {base}, {op.start}", kind, 0, level)
        if axis != self.loop.vector:
            return Val(base.text, kind, 0, level)
        lanes = self.part.lanes
        numbers = ", ".join(f"{kind} {n}" for n in range(lanes))
        spread = self.accesses.splat(base, lanes, level)
        return self.writer.put(f"add {spread}, <{numbers}>", kind, lanes, level)

    # --- kept tiles

    def _read(self, view: View, dtype: Dtype, where: Coordinates) -> Val:
        address, stride, level = self._place(view, dtype, where)
        if stride == 0:
            return self.accesses.load_at(address, dtype, None, None, level)
        lanes = self.part.lanes
        if stride == 1:
            return self.accesses.load_vector(address, dtype, lanes, None, None, level)
        return self.accesses.gather(
            self._strided(address, stride, dtype, lanes, level), dtype, None, None, level
        )

    def _write(self, view: View, dtype: Dtype, where: Coordinates, value: Val) -> None:
        address, stride, level = self._place(view, dtype, where)
        level = self.writer.level
        if stride == 0:
            self.accesses.store_at(address, value, dtype, None, level)
            return
        value = self._spread(value, self.part.lanes)
        if stride == 1:
            self.accesses.store_vector(address, value, dtype, None, level)
            return
        addresses = self._strided(address, stride, dtype, self.part.lanes, level)
        self.accesses.scatter(addresses, value, dtype, None, level)

    def _place(self, view: View, dtype: Dtype, where: Coordinates) -> tuple[Val, int, Level]:
        """The address of a kept element, the stride along the vector axis, and where it is known."""
        level = self._level(None, *self._axis_levels(where))
        itemsize = 8 if dtype.is_pointer else dtype.itemsize
        stride = 0
        positions, strides = [], []
        for axis, step in zip(where, view.strides, strict=True):
            if axis is None:
                continue
            if axis == self.loop.vector:
                stride += step
            positions.append(self.index[axis])
            strides.append(Val(str(step), "i64", 0, level))
        if view.panel and where[-1] is not None:
            column = positions.pop()
            strides.pop()
            panel = self.writer.put(f"udiv i64 {column.text}, {view.panel}", "i64", 0, level)
            inner = self.writer.put(f"urem i64 {column.text}, {view.panel}", "i64", 0, level)
            positions += [panel, inner]
            strides += [Val(str(n), "i64", 0, level) for n in (view.panel_stride, 1)]
        base = self.accesses.scratch_address(view.buffer.offset + view.offset * itemsize, level)
        offset = self.accesses.offset(positions, strides, level)
        return self.accesses.address(base, offset, dtype, level), stride, level

    def _strided(
        self, address: Val, stride: int | Val, dtype: Dtype, lanes: int, level: Level
    ) -> Val:
        """The addresses of lanes that lie a stride apart."""
        memory = "i8" if dtype.is_bool else element(dtype)
        if isinstance(stride, int):
            offsets = "<" + ", ".join(f"i64 {n * stride}" for n in range(lanes)) + ">"
        else:
            numbers = "<" + ", ".join(f"i64 {n}" for n in range(lanes)) + ">"
            spread = self.accesses.splat(stride, lanes, level)
            offsets = self.writer.put(f"mul {spread}, {numbers}", "i64", lanes, level).text
        return self.writer.put(
            f"getelementptr {memory}, {address}, <{lanes} x i64> {offsets}", "ptr", lanes, level
        )

    # --- arrays

    def _load(self, op: ir.Load, where: Coordinates) -> Val:
        shape = op.tile.shape
        fill = None if op.fill is None else self.value(op.fill, aligned(op.fill, where, shape))
        access = self._access(op, where)
        level = self._level(op, access.level, *([] if fill is None else [fill.level]))
        dtype = op.tile.dtype
        if access.addresses is not None:
            fill = None if fill is None else self._spread(fill, self.part.lanes)
            return self.accesses.gather(access.addresses, dtype, access.mask, fill, level)
        assert access.address is not None
        varies = bool(access.stride) or (access.mask is not None and access.mask.lanes > 0)
        if not varies and (fill is None or not fill.lanes):
            return self.accesses.load_at(access.address, dtype, access.mask, fill, level)
        lanes = self.part.lanes
        mask = None if access.mask is None else self._spread(access.mask, lanes)
        fill = None if fill is None else self._spread(fill, lanes)
        if access.stride == 1:
            return self.accesses.load_vector(access.address, dtype, lanes, mask, fill, level)
        addresses = self._strided(access.address, 0, dtype, lanes, level)
        return self.accesses.gather(addresses, dtype, mask, fill, level)

    def store(self, op: ir.Store, where: Coordinates, value: Val) -> None:
        """Write a vector or scalar to an array."""
        access = self._access(op, where)
        level = self.writer.level
        dtype = op.value.tile.dtype
        if access.addresses is not None:
            value = self._spread(value, self.part.lanes)
            mask = None if access.mask is None else self._spread(access.mask, self.part.lanes)
            self.accesses.scatter(access.addresses, value, dtype, mask, level)
            return
        assert access.address is not None
        if access.stride == 1:
            lanes = self.part.lanes
            mask = None if access.mask is None else self._spread(access.mask, lanes)
            self.accesses.store_vector(
                access.address, self._spread(value, lanes), dtype, mask, level
            )
            return
        if value.lanes or (access.mask is not None and access.mask.lanes):
            lanes = self.part.lanes
            addresses = self._strided(access.address, 0, dtype, lanes, level)
            mask = None if access.mask is None else self._spread(access.mask, lanes)
            self.accesses.scatter(addresses, self._spread(value, lanes), dtype, mask, level)
            return
        self.accesses.store_at(access.address, value, dtype, access.mask, level)

    def _access(self, op: ir.Load | ir.Store, where: Coordinates) -> Access:
        """Where an access goes, and under which mask."""
        shape = op.tile.shape if isinstance(op, ir.Load) else op.value.tile.shape
        array = self.accesses.array(op.source)
        guarded = self.part.interior and (op, where) in self.guarded
        narrow, vector_axis = self.accesses.narrow, self.loop.vector
        mask: Val | None = None
        if op.mask is not None and not guarded:
            mask = self.value(op.mask, aligned(op.mask, where, shape))
        if array.valid is not None and not guarded:
            mask = self._both(mask, array.valid)
        origins: list[Val] = []
        steps: list[int] = []
        general: list[tuple[Val, Val]] = []
        base_strides: list[Val] = []
        moving: list[tuple[int, Val]] = []
        for x, extent, stride in zip(op.position, array.extents, array.strides, strict=True):
            at = aligned(x, where, shape)
            step = step_along(x, at, vector_axis, narrow)
            if step is None:
                position = self.value(x, at)
                general.append((position, stride))
                mask = self._both(mask, self._vector_inside(position, x.tile.dtype, extent))
                continue
            origin = self.value(x, tuple(None if c == vector_axis else c for c in at))
            level = self._level(None, origin.level)
            wide = self._widened(origin, x.tile.dtype, level)
            if not guarded:
                mask = self._both(mask, self._range_mask(wide, step, extent))
            origins.append(wide)
            base_strides.append(stride)
            steps.append(step)
            if step:
                moving.append((step, stride))
        level = self._level(None, *(o.level for o in origins))
        dtype = op.source.array.dtype
        base = self.accesses.address(
            array.pointer, self.accesses.offset(origins, base_strides, level), dtype, level
        )
        return self._along(base, moving, general, mask, dtype)

    def _along(
        self,
        base: Val,
        moving: list[tuple[int, Val]],
        general: list[tuple[Val, Val]],
        mask: Val | None,
        dtype: Dtype,
    ) -> Access:
        """Move from the origin to this vector: one address, or one for each lane."""
        lanes = self.part.lanes
        counter = self.index.get(self.loop.vector)
        if not moving and not general:
            level = self._level(None, base.level, *([] if mask is None else [mask.level]))
            return Access(base, None, 0, mask, level)
        assert counter is not None
        level = self._level(
            None, base.level, counter.level, *([] if mask is None else [mask.level])
        )
        total: Val | None = None
        unit = 0
        for step, stride in moving:
            if stride.text == "1":
                unit += step
                continue
            part = stride
            if step != 1:
                outer = self._level(None, stride.level)
                part = self.writer.put(f"mul i64 {stride.text}, {step}", "i64", 0, outer)
            total = (
                part
                if total is None
                else self.writer.put(f"add i64 {total.text}, {part.text}", "i64", 0, level)
            )
        if total is not None and unit:
            total = self.writer.put(f"add i64 {total.text}, {unit}", "i64", 0, level)
        along = total if total is not None else Val(str(unit), "i64", 0, level)
        address = base
        if along.text != "0":
            offset = self.accesses.offset([counter], [along], level)
            address = self.accesses.address(base, offset, dtype, level)
        if not general and along.text == "1":
            return Access(address, None, 1, mask, level)
        if not general and along.text == "0":
            return Access(address, None, 0, mask, level)
        if general:
            level = self._level(None, level, *(position.level for position, _ in general))
        if general and all(not position.lanes for position, _ in general) and along.text == "0":
            for position, stride in general:
                offset = self.accesses.offset([position], [stride], level)
                address = self.accesses.address(address, offset, dtype, level)
            return Access(address, None, 0, mask, level)
        stride_text: int | Val = int(along.text) if along.text.lstrip("-").isdigit() else along
        addresses = self._strided(address, stride_text, dtype, lanes, level)
        for position, stride in general:
            offset = self._scaled(self._spread(position, lanes), stride, level)
            memory = "i8" if dtype.is_bool else element(dtype)
            addresses = self.writer.put(
                f"getelementptr {memory}, {addresses}, {offset}", "ptr", lanes, level
            )
        return Access(
            None, addresses, 0, None if mask is None else self._spread(mask, lanes), level
        )

    def _scaled(self, position: Val, stride: Val, level: Level) -> Val:
        """Positions times a stride, in 32 bits where offsets fit."""
        if stride.text == "1":
            return position
        kind = position.element
        factor = stride
        if kind == "i32" and self.accesses.narrow:
            factor = self.writer.put(f"trunc i64 {stride.text} to i32", "i32", 0, level)
        elif kind != "i64":
            position = self.writer.put(
                f"sext {position} to {vector('i64', position.lanes)}", "i64", position.lanes, level
            )
        spread = self.accesses.splat(factor, position.lanes, level)
        return self.writer.put(
            f"mul {position}, {spread.text}", position.element, position.lanes, level
        )

    def _widened(self, value: Val, dtype: Dtype, level: Level) -> Val:
        key = ("wide", value.text, value.element)
        found = self.writer.known(key)
        if found is None:
            found = self.accesses.widened(value, dtype, level)
            level.known[key] = found
        return found

    def _vector_inside(self, position: Val, dtype: Dtype, extent: Val) -> Val:
        """Which lanes of any positions lie inside an extent."""
        level = self._level(None, position.level)
        lanes = position.lanes
        if not lanes:
            wide = self._widened(position, dtype, level)
            return self.writer.put(f"icmp ult i64 {wide.text}, {extent.text}", "i1", 0, level)
        if position.element == "i32" and dtype.is_signed and self.accesses.narrow:
            limit = self.writer.put(f"trunc i64 {extent.text} to i32", "i32", 0, level)
            spread = self.accesses.splat(limit, lanes, level)
            return self.writer.put(f"icmp ult {position}, {spread.text}", "i1", lanes, level)
        wide = self.accesses.widened(position, dtype, level)
        spread = self.accesses.splat(extent, lanes, level)
        return self.writer.put(f"icmp ult {wide}, {spread.text}", "i1", lanes, level)

    def _range_mask(self, origin: Val, step: int, extent: Val) -> Val:
        """Which lanes of an affine position lie inside an extent; a scalar where the position is one."""
        level = self._level(None, origin.level)
        put = self.writer.put
        if step == 0:
            return put(f"icmp ult i64 {origin.text}, {extent.text}", "i1", 0, level)
        counter = self.index[self.loop.vector]
        level = self._level(None, level, counter.level)
        lanes = self.part.lanes
        if step != 1:
            moved = put(f"mul i64 {counter.text}, {step}", "i64", 0, level)
            first = put(f"add i64 {origin.text}, {moved.text}", "i64", 0, level)
            numbers = "<" + ", ".join(f"i64 {n * step}" for n in range(lanes)) + ">"
            spread = self.accesses.splat(first, lanes, level)
            positions = put(f"add {spread}, {numbers}", "i64", lanes, level)
            limit = self.accesses.splat(extent, lanes, level)
            return put(f"icmp ult {positions}, {limit.text}", "i1", lanes, level)
        first = put(f"add i64 {origin.text}, {counter.text}", "i64", 0, level)
        above = put(f"sub i64 {extent.text}, {first.text}", "i64", 0, level)
        numbers = "<" + ", ".join(f"i32 {n}" for n in range(lanes)) + ">"
        masks = []
        tests = [(above, "ult")]
        if not origin.text.isdigit():
            tests.append((put(f"sub i64 0, {first.text}", "i64", 0, level), "uge"))
        for bound, test in tests:
            clipped = self.writer.call("smin", "i64", 0, [bound, f"i64 {lanes}"], level)
            clipped = self.writer.call("smax", "i64", 0, [clipped, "i64 0"], level)
            short = put(f"trunc i64 {clipped.text} to i32", "i32", 0, level)
            spread = self.accesses.splat(short, lanes, level)
            masks.append(
                put(f"icmp {test} <{lanes} x i32> {numbers}, {spread.text}", "i1", lanes, level)
            )
        if len(masks) == 1:
            return masks[0]
        return put(f"and {masks[0]}, {masks[1].text}", "i1", lanes, level)

    def _both(self, a: Val | None, b: Val) -> Val:
        if a is None:
            return b
        if a.lanes != b.lanes:
            lanes = max(a.lanes, b.lanes)
            a, b = self._spread(a, lanes), self._spread(b, lanes)
        level = self._level(None, a.level, b.level)
        return self.writer.put(f"and {a}, {b.text}", "i1", a.lanes, level)

    # --- pointers

    def _load_pointer(self, op: ir.LoadPointer, where: Coordinates) -> Val:
        shape = op.tile.shape
        dtype = op.tile.dtype
        fill = None if op.fill is None else self.value(op.fill, aligned(op.fill, where, shape))
        mask = None if op.mask is None else self.value(op.mask, aligned(op.mask, where, shape))
        address, step, level = self._pointer(op.pointer, aligned(op.pointer, where, shape))
        extra = [x.level for x in (fill, mask) if x is not None]
        level = self._level(op, level, *extra)
        lanes = self.part.lanes
        if step == 0 and not any(x is not None and x.lanes for x in (fill, mask)):
            return self.accesses.load_at(address, dtype, mask, fill, level)
        mask = None if mask is None else self._spread(mask, lanes)
        fill = None if fill is None else self._spread(fill, lanes)
        if step == 1:
            return self.accesses.load_vector(address, dtype, lanes, mask, fill, level)
        return self.accesses.gather(self._spread(address, lanes), dtype, mask, fill, level)

    def store_pointer(self, op: ir.StorePointer, where: Coordinates, value: Val) -> None:
        """Write to where pointers point."""
        shape = op.value.tile.shape
        mask = None if op.mask is None else self.value(op.mask, aligned(op.mask, where, shape))
        address, step, _ = self._pointer(op.pointer, aligned(op.pointer, where, shape))
        lanes = self.part.lanes
        dtype = op.value.tile.dtype
        level = self.writer.level
        mask = None if mask is None else self._spread(mask, lanes)
        value = self._spread(value, lanes)
        if step == 1:
            self.accesses.store_vector(address, value, dtype, mask, level)
            return
        self.accesses.scatter(self._spread(address, lanes), value, dtype, mask, level)

    def _pointer(self, pointer: ir.Value, where: Coordinates) -> tuple[Val, int | None, Level]:
        """A pointer tile as (address, 1) where it runs along memory, else as addresses; its level."""
        match pointer:
            case ir.Offset(base, count) if self._pointer_is_uniform(base, where):
                step = step_along(count, where, self.loop.vector, self.accesses.narrow)
                if step in (0, 1):
                    start = self.value(
                        base, tuple(None if c == self.loop.vector else c for c in where)
                    )
                    origin = tuple(None if c == self.loop.vector else c for c in where)
                    first = self.value(count, origin)
                    level = self._level(None, start.level, first.level)
                    pointee = pointer.tile.dtype.element
                    assert pointee is not None
                    wide = self._widened(first, count.tile.dtype, level)
                    address = self.accesses.address(start, wide, pointee, level)
                    if step == 1:
                        counter = self.index[self.loop.vector]
                        level = self._level(None, level, counter.level)
                        address = self.accesses.address(address, counter, pointee, level)
                    return address, step, level
        made = self.value(pointer, where)
        return made, None if made.lanes else 0, made.level

    def _pointer_is_uniform(self, base: ir.Value, where: Coordinates) -> bool:
        match base:
            case ir.Broadcast(x):
                return not x.tile.shape or self._pointer_is_uniform(
                    x, through_broadcast(x, where, base.tile.shape)
                )
            case _:
                return self.loop.vector not in where

    # --- sinks

    def _body(self) -> None:
        """Compute what the sinks want, then write it: a kept tile may be read and replaced."""
        whole = identity(self.loop.space)
        writes: list[tuple[Sink, Val]] = []
        for sink in self.loop.sinks:
            match sink:
                case Keep(value, _, local):
                    if not local:
                        writes.append((sink, self.value(value, whole)))
                case Fold(op):
                    self.state[sink] = [self._fold(sink, self.value(op.x, whole))]
                case ArgFold(op):
                    self.state[sink] = self._arg_fold(sink, self.value(op.x, whole))
                case Running(op):
                    self._running(sink)
                case Effect(ir.Store(_, _, value) as op) | Effect(ir.StorePointer(_, value) as op):
                    writes.append(
                        (sink, self.value(value, aligned(value, whole, value.tile.shape)))
                    )
                case Effect(ir.Check() as op):
                    self.check(op)
                case Effect(op):
                    self._flush(writes)
                    self.region(op)
                    for later in self.loop.sinks:
                        if isinstance(later, Keep) and later.local and later.value in op.results:
                            where = align_shape(later.value.tile.shape, whole)
                            self._write(
                                later.view,
                                later.value.tile.dtype,
                                where,
                                self.value(later.value, where),
                            )
        self._flush(writes)

    def _flush(self, writes: list[tuple[Sink, Val]]) -> None:
        whole = identity(self.loop.space)
        for sink, value in writes:
            match sink:
                case Keep(kept, view):
                    self._write(view, kept.tile.dtype, align_shape(kept.tile.shape, whole), value)
                case Effect(ir.Store() as op):
                    self.store(op, whole, value)
                case Effect(ir.StorePointer() as op):
                    self.store_pointer(op, whole, value)
        writes.clear()

    def _is_across(self, sink: Sink) -> bool:
        """Whether a sink combines the lanes of a vector, not only whole vectors."""
        match sink:
            case Fold(op):
                return self.loop.vector in op.axes
            case ArgFold(op) | Running(op):
                return self.loop.vector == op.axis
            case _:
                return False

    def _state_lanes(self, sink: Sink) -> int:
        return (
            min(self.loop.lanes, self.loop.space[self.loop.vector])
            if self._is_across(sink)
            else self.part.lanes
        )

    def _initial(self, sink: Sink) -> list[Val]:
        level = self.writer.level
        match sink:
            case Fold(op):
                dtype = op.x.tile.dtype
                lanes = self._state_lanes(sink)
                text = splat(identity_of(op.kind, dtype), element(dtype), lanes)
                return [Val(text, element(dtype), lanes, level)]
            case ArgFold(op):
                dtype = op.x.tile.dtype
                lanes = self._state_lanes(sink)
                start = splat(identity_of(op.kind[3:], dtype), element(dtype), lanes)
                return [
                    Val(start, element(dtype), lanes, level),
                    Val(splat("-1", "i32", lanes), "i32", lanes, level),
                ]
            case Running(op):
                dtype = op.x.tile.dtype
                lanes = 0 if self._is_across(sink) else self.part.lanes
                text = splat(identity_of(op.kind, dtype), element(dtype), lanes)
                return [Val(text, element(dtype), lanes, level)]
            case _:
                raise AssertionError(sink)

    def _fold(self, sink: Fold, x: Val) -> Val:
        """Combine a vector with the accumulators; a shorter one counts as padded with the identity."""
        (state,) = self.state[sink]
        lanes = self.part.lanes
        x = self._spread(x, lanes)
        writer, dtype = self.writer, sink.op.x.tile.dtype
        if state.lanes > lanes:
            neutral = splat(identity_of(sink.op.kind, dtype), x.element, lanes)
            numbers = ", ".join(f"i32 {n if n < lanes else lanes}" for n in range(state.lanes))
            x = writer.put(
                f"shufflevector {x}, {x.type} {neutral}, <{state.lanes} x i32> <{numbers}>",
                x.element,
                state.lanes,
            )
        return accumulate(writer, sink.op.kind, state, x, dtype, writer.level, self.emitter.flags)

    def _arg_fold(self, sink: ArgFold, x: Val) -> list[Val]:
        best, where = self.state[sink]
        lanes, writer = self.part.lanes, self.writer
        x = self._spread(x, lanes)
        axis = sink.op.axis
        counter = writer.put(f"trunc i64 {self.index[axis].text} to i32", "i32", 0)
        position = self.accesses.splat(counter, lanes, writer.level)
        if axis == self.loop.vector:
            numbers = ", ".join(f"i32 {n}" for n in range(lanes))
            position = writer.put(f"add {position}, <{numbers}>", "i32", lanes)
        wide = best.lanes
        if wide > lanes:  # lanes beyond the end repeat the first one: the same element twice
            numbers = ", ".join(f"i32 {n if n < lanes else 0}" for n in range(wide))
            x, position = (
                writer.put(
                    f"shufflevector {v}, {v.type} poison, <{wide} x i32> <{numbers}>",
                    v.element,
                    wide,
                )
                for v in (x, position)
            )
        better = self._is_better(sink.op.kind, x, position, best, where, sink.op.x.tile.dtype)
        return [
            writer.put(f"select {better}, {new}, {old}", new.element, wide)
            for new, old in ((x, best), (position, where))
        ]

    def _is_better(
        self, kind: str, x: Val, position: Val, best: Val, where: Val, dtype: Dtype
    ) -> Val:
        """Whether (x, position) beats (best, where): NaN first, then the extreme, then the first."""
        writer = self.writer
        lanes = x.lanes
        unset = writer.put(
            f"icmp slt {where}, {splat('0', 'i32', lanes) if lanes else '0'}", "i1", lanes
        )
        if dtype.is_float:
            test = "ogt" if kind == "argmax" else "olt"
            strictly = writer.put(f"fcmp {test} {x}, {best.text}", "i1", lanes)
            equal = writer.put(f"fcmp oeq {x}, {best.text}", "i1", lanes)
            x_nan = writer.put(f"fcmp uno {x}, {x.text}", "i1", lanes)
            best_nan = writer.put(f"fcmp uno {best}, {best.text}", "i1", lanes)
            both_nan = writer.put(f"and {x_nan}, {best_nan.text}", "i1", lanes)
            fresh = writer.put(f"xor {best_nan}, {splat('true', 'i1', lanes)}", "i1", lanes)
            first_nan = writer.put(f"and {x_nan}, {fresh.text}", "i1", lanes)
            strictly = writer.put(f"or {strictly}, {first_nan.text}", "i1", lanes)
            equal = writer.put(f"or {equal}, {both_nan.text}", "i1", lanes)
        else:
            sign = "s" if dtype.is_signed else "u"
            test = f"{sign}{'gt' if kind == 'argmax' else 'lt'}"
            strictly = writer.put(f"icmp {test} {x}, {best.text}", "i1", lanes)
            equal = writer.put(f"icmp eq {x}, {best.text}", "i1", lanes)
        earlier = writer.put(f"icmp slt {position}, {where.text}", "i1", lanes)
        tie = writer.put(f"and {equal}, {earlier.text}", "i1", lanes)
        better = writer.put(f"or {strictly}, {tie.text}", "i1", lanes)
        return writer.put(f"or {better}, {unset.text}", "i1", lanes)

    def _running(self, sink: Running) -> None:
        op = sink.op
        writer, dtype = self.writer, op.x.tile.dtype
        whole = identity(self.loop.space)
        lanes = self.part.lanes
        view = sink.view
        if op.reverse:
            x = self._read(_flipped(self.views[op.x], op.axis, op.x.tile.shape), dtype, whole)
            view = _flipped(view, op.axis, op.x.tile.shape)
        else:
            x = self.value(op.x, whole)
        x = self._spread(x, lanes)
        (carry,) = self.state[sink]
        if self._is_across(sink):
            x = prefix(writer, op.kind, x, dtype, writer.level, self.emitter.flags)
            carried = self.accesses.splat(carry, lanes, writer.level)
            x = accumulate(writer, op.kind, carried, x, dtype, writer.level, self.emitter.flags)
            carry = writer.put(f"extractelement {x}, i64 {lanes - 1}", x.element, 0)
        else:
            x = carry = accumulate(
                writer, op.kind, carry, x, dtype, writer.level, self.emitter.flags
            )
        self._write(view, dtype, whole, x)
        self.state[sink] = [carry]

    def _finish(self, sink: Sink) -> None:
        """What a sink has when its loops are done: combined over the lanes and written, or a scalar."""
        writer = self.writer
        state = self.state[sink]
        match sink:
            case Fold(op, view):
                if self._is_across(sink):
                    state = [
                        combine_lanes(
                            writer, op.kind, state[0], op.x.tile.dtype, self.emitter.flags
                        )
                    ]
                views = (view,)
            case ArgFold(op, found):
                if self._is_across(sink):
                    state = self._best_lane(sink, *state)
                views = found
            case _:
                del self.state[sink]
                return
        self.state[sink] = state
        kept = False
        axes = op.axes if isinstance(op, ir.Reduce) else (op.axis,)
        whole = identity(self.loop.space)
        where = tuple(whole[axis] for axis in range(self.rank) if axis not in axes)
        for result, target, value in zip(op.results, views, state, strict=True):
            if target is not None:
                kept = True
                self._write(target, result.tile.dtype, where, value)
        if kept:
            del self.state[sink]
        elif self._starts(sink) > 0:
            self.state[sink] = state

    def _best_lane(self, sink: ArgFold, best: Val, where: Val) -> list[Val]:
        writer = self.writer
        dtype = sink.op.x.tile.dtype
        lanes = best.lanes
        while lanes > 1:
            half = (lanes + 1) // 2
            low = ", ".join(f"i32 {n}" for n in range(half))
            high = ", ".join(f"i32 {min(n + half, lanes - 1)}" for n in range(half))
            parts = []
            for value in (best, where):
                for numbers in (low, high):
                    parts.append(
                        writer.put(
                            f"shufflevector {value}, {value.type} poison, <{half} x i32> <{numbers}>",
                            value.element,
                            half,
                        )
                    )
            a, b, c, d = parts
            better = self._is_better(sink.op.kind, b, d, a, c, dtype)
            best = writer.put(f"select {better}, {b}, {a}", a.element, half)
            where = writer.put(f"select {better}, {d}, {c}", c.element, half)
            lanes = half
        return [
            writer.put(f"extractelement {value}, i64 0", value.element, 0)
            for value in (best, where)
        ]

    # --- regions run by each vector for its lanes

    def region(self, op: ir.Op) -> list[Val]:
        """Print a region inside the loop; its results are known afterwards."""
        match op:
            case ir.If():
                results = self._region_if(op)
            case ir.While():
                results = self._region_while(op)
            case ir.For():
                results = self._region_for(op)
            case _:
                raise AssertionError(op)
        for result, value in zip(op.results, results, strict=True):
            value = self._from_mask(value, result.tile.dtype)
            self.writer.level.known[(result, self._where(result))] = value
        return results

    def _where(self, value: ir.Value) -> Coordinates:
        return align_shape(value.tile.shape, identity(self.loop.space))

    def _at(self, value: ir.Value) -> Val:
        return self.value(value, self._where(value))

    def _held(self, value: ir.Value) -> Val:
        """A value as it crosses basic blocks: tiles in full vectors, masks as integers.

        One-bit vectors that live across blocks are packed and unpacked again; a sign bit in a lane is not.
        """
        found = self._at(value)
        if value.tile.shape and self.loop.vector in self._where(value):
            found = self._spread(found, self.part.lanes)
        if value.tile.dtype.is_bool and found.lanes:
            return self.writer.put(
                f"sext {found} to {vector('i32', found.lanes)}", "i32", found.lanes
            )
        return found

    def _from_mask(self, value: Val, dtype: Dtype) -> Val:
        if dtype.is_bool and value.lanes and value.element == "i32":
            return self.writer.put(f"icmp slt {value}, zeroinitializer", "i1", value.lanes)
        return value

    def _bind(self, parameters: tuple[ir.Value, ...], values: list[Val]) -> None:
        for parameter, value in zip(parameters, values, strict=True):
            found = self._from_mask(value, parameter.tile.dtype)
            self.writer.level.known[(parameter, self._where(parameter))] = found

    def block(self, block: ir.Block) -> list[Val] | None:
        """Print a block of a region in order; what it yields, or None if it left."""
        level = self.writer.level
        for op in block.ops:
            self.home[op] = level
        for op in block.ops:
            match op:
                case ir.Yield(values):
                    return [self._held(value) for value in values]
                case ir.Break(values):
                    frame = self.writer.frames[-1]
                    held = [self._held(value) for value in values]
                    self.writer.add(f"br label %{frame.after}")
                    frame.breaks.append((self.writer.level.label, held))
                    return None
                case ir.Continue(values):
                    frame = self.writer.frames[-1]
                    held = [self._held(value) for value in values]
                    self.writer.add(f"br label %{frame.next}")
                    frame.continues.append((self.writer.level.label, held))
                    return None
                case ir.Store(_, _, value) if value.tile.shape:
                    whole = self._where(value)
                    self.store(op, whole, self.value(value, whole))
                case ir.StorePointer(_, value) if value.tile.shape:
                    whole = self._where(value)
                    self.store_pointer(op, whole, self.value(value, whole))
                case ir.Check(condition) if condition.tile.shape:
                    self.check(op)
                case ir.Breakpoint():
                    pass
                case ir.If() | ir.While() | ir.For():
                    self.region(op)
                    if self.writer.level.left:
                        return None
                case ir.Load() | ir.LoadPointer() if op.tile.shape:
                    self._at(op)  # in program order
                case _ if op.results and all(
                    isinstance(r.type, Tile) and r.tile.shape for r in op.results
                ):
                    pass
                case _:
                    self.emitter.compute(op)
        raise AssertionError("a block does not end")

    def check(self, op: ir.Check) -> None:
        """Fail the launch for the first lane where the condition is off."""
        writer = self.writer
        condition = self._at(op.condition)
        values = [self._at(value) for value in op.values]
        lanes = max((x.lanes for x in (condition, *values)), default=0)
        if not lanes:
            self.emitter.fail_unless(condition.text, op, values)
            return
        condition = self._spread(condition, lanes)
        off = writer.put(f"xor {condition}, splat (i1 true)", "i1", lanes)
        bits = writer.put(f"bitcast {off} to i{lanes}", f"i{lanes}", 0)
        first = writer.call("cttz", f"i{lanes}", 0, [bits, "i1 false"])
        fine = writer.put(f"icmp eq {bits}, 0", "i1", 0)
        picked = []
        for value in values:
            if value.lanes:
                value = writer.put(f"extractelement {value}, {first}", value.element, 0)
            picked.append(value)
        self.emitter.fail_unless(fine.text, op, picked)

    def _any(self, condition: Val) -> str:
        if not condition.lanes:
            return condition.text
        bits = self.writer.put(
            f"bitcast {condition} to i{condition.lanes}", f"i{condition.lanes}", 0
        )
        return self.writer.put(f"icmp ne {bits}, 0", "i1", 0).text

    def _region_if(self, op: ir.If) -> list[Val]:
        writer = self.writer
        if not op.lanes:
            condition = self._at(op.condition)
            results = writer.branch(
                condition.text, lambda: self.block(op.then), lambda: self.block(op.orelse)
            )
            return results if results is not None else []
        condition = self._at(op.condition)
        if self.loop.vector in self._where(op.condition):
            condition = self._spread(condition, self.part.lanes)
        otherwise = self.block(op.orelse)
        assert otherwise is not None

        def taken() -> list[Val]:
            # The choice stands inside, so that who skips it pays nothing.
            values = self.block(op.then)
            assert values is not None
            pairs = zip(values, otherwise, strict=True)
            return [self._choose(condition, yes, no) for yes, no in pairs]

        found = writer.branch(self._any(condition), taken, lambda: otherwise)
        assert found is not None
        return found

    def _choose(self, condition: Val, yes: Val, no: Val) -> Val:
        if yes.text == no.text or (condition.lanes and not yes.lanes and not no.lanes):
            return yes  # a scalar is what it is for the lanes that are on
        lanes = max(condition.lanes, yes.lanes, no.lanes)
        if condition.lanes:
            condition, yes, no = (self._spread(x, lanes) for x in (condition, yes, no))
        return self.writer.put(f"select {condition}, {yes}, {no}", yes.element, yes.lanes)

    def _region_while(self, op: ir.While) -> list[Val]:
        inits = [self._held(value) for value in op.inits]
        tests: list[Val] = []

        def condition(values: list[Val]) -> str:
            self._bind(op.condition.parameters, values)
            result = self.block(op.condition)
            assert result is not None
            test = self._from_mask(result[0], op.condition.terminator.operands[0].tile.dtype)
            if op.lanes and self.loop.vector in self._where(op.condition.terminator.operands[0]):
                test = self._spread(test, self.part.lanes)
            tests.append(test)
            return self._any(test)

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters, values)
            new = self.block(op.body)
            if new is None or not op.lanes:
                return new
            carried = list(zip(new, values, strict=True))
            if op.condition.terminator.operands[0] is op.condition.parameters[-1]:
                # The last value is the mask itself, and what is off stays off.
                return [*(self._choose(tests[-1], a, b) for a, b in carried[:-1]), new[-1]]
            return [self._choose(tests[-1], a, b) for a, b in carried]

        results: list[Val] = self.writer.loop_while(inits, condition, body)
        return results

    def _region_for(self, op: ir.For) -> list[Val]:
        emitter = self.emitter
        start, stop, by = (emitter._as_index(value) for value in (op.start, op.stop, op.step))
        counter, *carried = op.body.parameters
        inits = [self._held(value) for value in op.inits]

        def body(i: Val, values: list[Val]) -> list[Val] | None:
            self.writer.level.known[(counter, ())] = emitter._from_index(i, counter.tile)
            self._bind(tuple(carried), values)
            return self.block(op.body)

        results: list[Val] = self.writer.loop(
            start.text, stop.text, by.text, inits, body, downwards=emitter._downwards(by)
        )
        return results


@dataclass(frozen=True, slots=True)
class Access:
    """Where an access goes: one address and a stride of 0 or 1, or an address for each lane."""

    address: Val | None
    addresses: Val | None
    stride: int
    mask: Val | None
    level: Level


def _flipped(view: View, axis: int, shape: tuple[int, ...]) -> View:
    """A view from the other end of an axis."""
    offset = view.offset + (shape[axis] - 1) * view.strides[axis]
    strides = tuple(-s if k == axis else s for k, s in enumerate(view.strides))
    return View(view.buffer, offset, strides)
