"""A kernel against the limits of the machine: its roofline, as numbers and as text.

The bytes of a launch are those of its programs together, but no array counts for more than it is:
what programs share comes from a cache. Rates are those of the quickest launch, as the limits are
those of the quickest run: on a shared machine all others measure the neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, prod
from statistics import median, quantiles
from types import SimpleNamespace
from typing import Any

from tilewright.codegen.analysis.memory import memory_of, root_of
from tilewright.codegen.inspect import Inspection
from tilewright.dsl import ir
from tilewright.dsl.records import record

from .arguments import CONSTEXPR
from .benchmark import benchmark, show_seconds, show_spread
from .kernel import Kernel, kernel
from .limits import machine_limits

Grid = Callable[[Any], tuple[int, ...]]


@record
class Roofline:
    """One launch, measured: seconds of each sample, and its work; and what the machine can do.

    `read` and `written` are bytes, `flops` floating-point operations, None where they depend on
    data; `bandwidth` and `peak` are bytes and operations a second.
    """

    title: str
    programs: int
    samples: tuple[float, ...]
    read: int | None
    written: int | None
    flops: int | None
    bandwidth: float
    peak: float
    unknown: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.samples)

    @property
    def best(self) -> float:
        """The least."""
        return min(self.samples)

    @property
    def spread(self) -> float:
        """Half the distance of the quartiles, as a share of the median."""
        low, _, high = quantiles(self.samples, n=4)
        return (high - low) / 2 / self.seconds

    @property
    def bytes(self) -> int | None:
        """Bytes read and written."""
        return None if self.read is None or self.written is None else self.read + self.written

    @property
    def intensity(self) -> float | None:
        """Operations for each byte."""
        if self.flops is None or self.bytes is None:
            return None
        return self.flops / self.bytes if self.bytes else inf

    @property
    def bound(self) -> str | None:
        """`bytes` or `flops`, whichever alone takes this machine longer."""
        if self.flops is None or self.bytes is None or not (self.flops or self.bytes):
            return None
        return "flops" if self.flops / self.peak > self.bytes / self.bandwidth else "bytes"

    @property
    def share(self) -> float | None:
        """Of the least time, the share that the bound alone would take."""
        if self.flops is None or self.bytes is None:
            return None
        return max(self.flops / self.peak, self.bytes / self.bandwidth) / self.best

    def __str__(self) -> str:
        middle, best = show_seconds(self.seconds), show_seconds(self.best)
        rows = [("time", f"{middle} ± {show_spread(self.spread)}, at best {best}")]
        rows.append(("memory", self._rate(self.bytes, self.bandwidth, "B")))
        rows.append(("arithmetic", self._rate(self.flops, self.peak, "FLOP")))
        if self.bound is not None and self.share is not None:
            balance = f"{self.intensity:.3g} flops a byte, the machine {self.balance:.3g}"
            rows.append(
                ("bound", f"{self.bound}, {100 * self.share:.0f} % of the roof ({balance})")
            )
        rows += [("not known", line) for line in self.unknown]
        head = f"{self.title}: {self.programs} program{'s' * (self.programs != 1)}"
        return "\n".join([head, *(f"  {name:12}{text}" for name, text in rows)])

    @property
    def balance(self) -> float:
        """Operations that this machine does in the time of a byte."""
        return self.peak / self.bandwidth

    def _rate(self, amount: int | None, most: float, unit: str) -> str:
        if amount is None:
            return "not known"
        rate = amount / self.best
        return (
            f"{_scaled(amount)}{unit} at {_scaled(rate)}{unit}/s, "
            f"{100 * rate / most:.0f} % of {_scaled(most)}{unit}/s"
        )


def measure_roofline(
    one: Kernel,
    grid: Grid,
    arguments: Mapping[str, Any],
    constexprs: Mapping[str, Any],
    seconds: float = 1.0,
) -> Roofline:
    """Launch a kernel for some seconds, and measure the machine at the same footprint."""
    found = one.inspect(**arguments, **constexprs)
    programs = prod(grid(_constants(one, constexprs)))
    samples = benchmark(lambda: one[grid](**arguments, **constexprs), seconds=seconds).samples
    done = found.work
    read, written = (
        _most(found, effect, arguments, each * programs)
        for effect, each in (
            (ir.Effect.READ, done.bytes_read),
            (ir.Effect.WRITE, done.bytes_written),
        )
    )
    limits = machine_limits(kernel)
    footprint = max(read + written, 1)
    is_known = not done.rounds
    return Roofline(
        f"{found.name} for {found.target}",
        programs,
        samples,
        read if is_known else None,
        written if is_known else None,
        done.flops * programs if is_known else None,
        limits.bandwidth(written / footprint, footprint),
        limits.peak(found.is_wide),
        tuple(_unknown(found)),
    )


def _constants(one: Kernel, given: Mapping[str, Any]) -> SimpleNamespace:
    """The constexprs as the function of a grid sees them."""
    names = [parameter for parameter in one.parameters if parameter.kind == CONSTEXPR]
    return SimpleNamespace(**{p.name: given.get(p.name, p.default) for p in names})


def _most(found: Inspection, effect: ir.Effect, arguments: Mapping[str, Any], asked: int) -> int:
    """The bytes of a launch: as many as its programs ask for, but no more than its arrays have."""
    roots = {
        root_of(memory)
        for op in ir.walk(found.function.body)
        if (op.effect is effect or isinstance(op, ir.Atomic | ir.AtomicPointer))
        and (memory := memory_of(op)) is not None
    }
    arrays = [arguments.get(root.name or "") if root is not None else None for root in roots]
    sizes = [getattr(array, "nbytes", None) for array in arrays]
    return asked if None in sizes else min(asked, sum(size for size in sizes if size is not None))


def _unknown(found: Inspection) -> list[str]:
    rounds: Any = found.metadata["rounds"]
    return [
        f"how often the loop at {one['line']} runs; a round of a program has {one['flops']} "
        f"operations, reads {one['bytes_read']} and writes {one['bytes_written']} bytes"
        for one in rounds
    ]


def _scaled(number: float) -> str:
    """A number with three digits and the prefix of its unit."""
    for scale, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= scale:
            return f"{number / scale:.3g} {prefix}"
    return f"{number:.3g} "
