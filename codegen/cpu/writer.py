"""Writes LLVM IR text: levels of nested code, loops with carried values, declarations.

A level is a stretch of code that something nested stands behind: what does not depend on a loop is
written to the level outside it, before the loop begins: nothing is computed more often than needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import field, record

from ..target import Machine
from .spelling import float_of, mangled, splat, vector

# To a branch: the first side, nearly always.
LIKELY: Final = ', !prof !{!"branch_weights", i32 2000, i32 1}'


@record(frozen=False, eq=False)
class Val:
    """A value in the text: its name, element type, lanes (0: a scalar) and level."""

    text: str
    element: str
    lanes: int
    level: Level

    @property
    def type(self) -> str:
        """Its LLVM type."""
        return vector(self.element, self.lanes)

    def __str__(self) -> str:
        return f"{self.type} {self.text}"


class Level:
    """A stretch of code: its lines, the label of its open basic block, the values known in it.

    `left` says that control never comes to its end.
    """

    __slots__ = ("depth", "known", "label", "left", "lines", "parent", "place")

    def __init__(self, parent: Level | None, label: str) -> None:
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.lines: list[str] = []
        self.label = label
        self.known: dict[object, Val] = {}
        self.left = False
        self.place = -1  # of its last line


@record(frozen=False)
class Frame:
    """A loop being written: where `continue` and `break` go, and who goes there."""

    next: str
    after: str
    continues: list[tuple[str, list[Val]]] = field(default_factory=list)
    breaks: list[tuple[str, list[Val]]] = field(default_factory=list)


@record(frozen=False)
class Landing:
    """The end of an inlined function: its label, and who goes there with which values."""

    label: str
    edges: list[tuple[str, list[Val]]] = field(default_factory=list)


class Writer:
    """Names, levels and declarations of one function under construction."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.level = Level(None, "entry")
        self.frames: list[Frame] = []
        self.landings: list[Landing] = []
        self.declarations: dict[str, None] = {}
        self.slots: dict[str, str] = {}
        self.place = -1  # of the op being written
        self.has_streams = False
        self.opposites: dict[str, str] = {}  # by the name of a comparison of floats
        self._names = 0

    def name(self) -> str:
        """A fresh value name."""
        self._names += 1
        return f"%v{self._names}"

    def label(self, hint: str) -> str:
        """A fresh label."""
        self._names += 1
        return f"{hint}{self._names}"

    def add(self, text: str, level: Level | None = None) -> None:
        """Append a line, behind a mark where the place in the user's function changes."""
        level = level or self.level
        if 0 <= self.place != level.place:
            level.place = self.place
            level.lines.append(f"  ; #line {self.place}")
        level.lines.append(f"  {text}")

    def constant(self, value: Val, lanes: int) -> str | None:
        """The address of a constant in every lane, where it had better be an operand in memory.

        With few registers LLVM would broadcast it to a fresh one for each use. It may not see that
        the memory is constant: it would fold the load.
        """
        machine = self.machine
        size = {"float": 4, "double": 8}.get(value.element, 0) * lanes
        number = float_of(value.text) if size == machine.vector_bytes else nan
        if machine.vector_registers > 16 or not isfinite(number):
            return None
        name = f'@"{mangled(value.element, lanes)} {number!r}"'
        content = splat(value.text, value.element, lanes)
        self.declarations.setdefault(
            f"{name} = internal externally_initialized constant {vector(value.element, lanes)} "
            f"{content}, align {size}"
        )
        return name

    def slot(self, role: str, kind: str) -> str:
        """The address of memory on the stack, aligned to 64 bytes; the same for the same role."""
        name = f'%"{role} {kind}"'
        self.slots.setdefault(name, f"  {name} = alloca {kind}, align 64")
        return name

    def mark(self, value: object) -> int:
        """Mark what is written from now on as an op's, if it has a place; whose it was before."""
        before = self.place
        match value:
            case ir.Op(place=place) if place >= 0:
                self.place = place
        return before

    def put(self, text: str, element: str, lanes: int, level: Level | None = None) -> Val:
        """Append an instruction that gives a value."""
        level = level or self.level
        name = self.name()
        self.add(f"{name} = {text}", level)
        return Val(name, element, lanes, level)

    def call(
        self,
        function: str,
        result: str,
        lanes: int,
        arguments: Sequence[Val | str],
        level: Level | None = None,
        overloads: str | None = None,
    ) -> Val:
        """Call `llvm.<function>`, overloaded on the result unless `overloads` says how."""
        suffix = mangled(result, lanes) if overloads is None else overloads
        full = f"@llvm.{function}" + (f".{suffix}" if suffix else "")
        types = ", ".join(a.split(" ")[0] if isinstance(a, str) else a.type for a in arguments)
        self.declarations.setdefault(f"declare {vector(result, lanes)} {full}({types})")
        text = ", ".join(map(str, arguments))
        return self.put(f"call {vector(result, lanes)} {full}({text})", result, lanes, level)

    def deepest(self, *levels: Level) -> Level:
        """The innermost of some nested levels."""
        return max(levels, key=_depth)

    def known(self, key: object) -> Val | None:
        """A value that this level or one around it has already."""
        level: Level | None = self.level
        while level is not None:
            found = level.known.get(key)
            if found is not None:
                return found
            level = level.parent
        return None

    # --- jumps

    def leave_loop(self, values: list[Val]) -> None:
        """End the basic block with a `break` of the nearest loop."""
        frame = self.frames[-1]
        self.add(f"br label %{frame.after}")
        frame.breaks.append((self.level.label, values))

    def next_round(self, values: list[Val], outermost: bool = False) -> None:
        """End the basic block with a `continue` of the nearest loop, or of the one around all."""
        frame = self.frames[0 if outermost else -1]
        self.add(f"br label %{frame.next}")
        frame.continues.append((self.level.label, values))

    def land(self, values: list[Val]) -> None:
        """End the basic block with a jump to the end of the nearest inlined function."""
        landing = self.landings[-1]
        self.add(f"br label %{landing.label}")
        landing.edges.append((self.level.label, values))

    def inlined(self, body: Callable[[], list[Val] | None]) -> list[Val]:
        """Write a body that may `land` anywhere in it; the values it lands with."""
        outer = self.level
        landing = Landing(self.label("returned"))
        frames, self.frames = self.frames, []
        self.landings.append(landing)
        level = self.inside(outer.label)
        last = body()
        if last is not None:
            self.land(last)
        self.landings.pop()
        self.frames = frames
        self.splice(level)
        outer.left = False
        outer.lines.append(f"{landing.label}:")
        outer.label = landing.label
        outer.place = -1
        return self.merge(landing.edges)

    # --- nested code

    def inside(self, label: str) -> Level:
        """Open a level; close it with `splice`."""
        self.level = Level(self.level, label)
        return self.level

    def splice(self, level: Level) -> None:
        """Close a level and append its lines to the one around it."""
        assert level.parent is not None
        self.level = level.parent
        self.level.lines += level.lines
        self.level.place = level.place
        self.level.label = level.label
        self.level.left = level.left

    def loop(
        self,
        start: str,
        stop: str,
        step: str,
        carried: Sequence[Val],
        body: Callable[[Val, list[Val]], list[Val] | None],
        at_least_once: bool = False,
        downwards: str | None = None,
        saturates: bool = False,
        unsigned: bool = False,
    ) -> list[Val]:
        """Write `for (i = start; i < stop; i += step)`; gives the last carried values.

        `downwards` names a flag that says the step is negative, so that the test is `i > stop`.
        With `saturates` the step past the last round may leave 64 bits: it stays at their end.
        """
        sign = "u" if unsigned else "s"

        def test(counter: Val) -> str:
            if downwards == "true":
                return self.put(f"icmp sgt i64 {counter.text}, {stop}", "i1", 0).text
            up = self.put(f"icmp {sign}lt i64 {counter.text}, {stop}", "i1", 0).text
            if downwards is None or downwards == "false":
                return up
            down = self.put(f"icmp sgt i64 {counter.text}, {stop}", "i1", 0).text
            return self.put(f"select i1 {downwards}, i1 {down}, i1 {up}", "i1", 0).text

        first = Val(start, "i64", 0, self.level)

        def advance(counter: Val) -> Val:
            if saturates:
                return self.call(f"{sign}add.sat", "i64", 0, [counter, f"i64 {step}"])
            return self.put(f"add n{sign}w i64 {counter.text}, {step}", "i64", 0)

        results = self._repeat(
            [first, *carried],
            lambda values: test(values[0]),
            lambda values: body(values[0], values[1:]),
            advance,
            at_least_once,
        )
        return results[1:]

    def loop_while(
        self,
        carried: Sequence[Val],
        condition: Callable[[list[Val]], str],
        body: Callable[[list[Val]], list[Val] | None],
    ) -> list[Val]:
        """Write `while (condition(carried))`; gives the last carried values."""
        return self._repeat(list(carried), condition, body, None, False)

    def loop_until(
        self,
        carried: Sequence[Val],
        body: Callable[[list[Val]], list[Val] | None],
        goes_on: Callable[[list[Val]], str],
    ) -> list[Val]:
        """Write `do body(carried) while (goes_on(carried))`; gives the last carried values."""
        return self._repeat(list(carried), goes_on, body, None, True)

    def _repeat(
        self,
        carried: list[Val],
        condition: Callable[[list[Val]], str],
        body: Callable[[list[Val]], list[Val] | None],
        advance: Callable[[Val], Val] | None,
        at_least_once: bool,
    ) -> list[Val]:
        outer = self.level
        head, inner = self.label("loop"), self.label("body")
        frame = Frame(self.label("next"), self.label("after"))
        head_level = self.inside(head)
        phis = [Val(self.name(), value.element, value.lanes, head_level) for value in carried]
        test = "" if at_least_once else condition(phis)
        level = self.inside(inner)
        self.frames.append(frame)
        # What the body makes of the carried values belongs to the body, not before the test.
        new = body([Val(phi.text, phi.element, phi.lanes, level) for phi in phis])
        self.frames.pop()
        if new is not None:
            level.lines.append(f"  br label %{frame.next}")
            frame.continues.append((level.label, new))
        self.level = head_level
        tail = self.inside(frame.next)
        latch: list[Val] = []
        if frame.continues:
            merged = self.merge([(label, values) for label, values in frame.continues])
            latch = [advance(phis[0]), *merged] if advance is not None else merged
            again = condition(latch) if at_least_once else ""
            edge = f"i1 {again}, label %{head}, label %{frame.after}" if again else f"label %{head}"
            tail.lines.append(f"  br {edge}")
        self.level = outer
        before = outer.label
        lines = outer.lines
        lines.append(f"  br label %{head}")
        lines.append(f"{head}:")
        for k, (phi, first) in enumerate(zip(phis, carried, strict=True)):
            edges = f"[ {first.text}, %{before} ]"
            if latch:
                edges += f", [ {latch[k].text}, %{tail.label} ]"
            lines.append(f"  {phi.text} = phi {phi.type} {edges}")
        lines += head_level.lines
        target = (
            f"label %{inner}"
            if at_least_once
            else f"i1 {test}, label %{inner}, label %{frame.after}"
        )
        lines.append(f"  br {target}")
        lines.append(f"{inner}:")
        lines += level.lines
        if frame.continues:
            lines.append(f"{frame.next}:")
            lines += tail.lines
        lines.append(f"{frame.after}:")
        outer.label = frame.after
        outer.place = -1
        exits = [
            (label, [phis[0], *values] if advance is not None else values)
            for label, values in frame.breaks
        ]
        if not at_least_once:
            exits.insert(0, (head_level.label, phis))
        elif latch:
            exits.insert(0, (tail.label, latch))
        return self.merge(exits)

    def merge(self, edges: list[tuple[str, list[Val]]]) -> list[Val]:
        """The values at a place that several blocks branch to."""
        if len(edges) == 1:
            return [Val(v.text, v.element, v.lanes, self.level) for v in edges[0][1]]
        results = []
        for choices in zip(*(values for _, values in edges), strict=True):
            incoming = ", ".join(
                f"[ {value.text}, %{label} ]"
                for value, (label, _) in zip(choices, edges, strict=True)
            )
            results.append(
                self.put(f"phi {choices[0].type} {incoming}", choices[0].element, choices[0].lanes)
            )
        return results

    def branch(
        self,
        condition: str,
        then: Callable[[], list[Val] | None],
        orelse: Callable[[], list[Val] | None],
        is_likely: bool = False,
    ) -> list[Val] | None:
        """Write an `if`; a side that left gives None; the results of the sides are merged.

        With `is_likely` the first side stands in the way of the code, the other one behind it.
        """
        outer = self.level
        after = self.label("join")
        sides: list[tuple[Level, list[Val] | None]] = []
        for write, hint in ((then, "then"), (orelse, "else")):
            level = self.inside(self.label(hint))
            first = level.label
            values = write()
            self.level = outer
            level.lines.insert(0, f"{first}:")
            if values is not None:
                level.lines.append(f"  br label %{after}")
            sides.append((level, values))
        first_labels = [level.lines[0][:-1] for level, _ in sides]
        outer.lines.append(
            f"  br i1 {condition}, label %{first_labels[0]}, label %{first_labels[1]}"
            f"{LIKELY if is_likely else ''}"
        )
        for level, _ in sides:
            outer.lines += level.lines
        open_sides = [(level, values) for level, values in sides if values is not None]
        if not open_sides:
            outer.left = True
            return None
        outer.lines.append(f"{after}:")
        outer.label = after
        outer.place = -1
        return self.merge([(level.label, values) for level, values in open_sides])


def _depth(level: Level) -> int:
    return level.depth
