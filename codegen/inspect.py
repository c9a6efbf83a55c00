"""Every stage of one compile, with source lines.

A compiled product names places by number; the table from number to line comes from the function
that was lowered here and now, so that code found in a cache still points at the right line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from time import perf_counter
from types import MappingProxyType
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError, Location
from tilewright.dsl.ir import Function, show
from tilewright.dsl.records import replace
from tilewright.dsl.types import Tile, f64

from .analysis.work import NOTHING_KNOWN, Known, Work, open_rounds, work
from .artifact import Artifact
from .backends import find_backend
from .compile import compile as compile_function
from .options import Options
from .report import Stage, report_html, report_text, timings_text
from .target import Target
from .toolkit import disassembler_missing

Locations = tuple[Location | None, ...]
Metadata = Mapping[str, object]
Anything = object  # inside the class `object` is a stage
# Known of the listing, of the plan and of the optimised IR, by whoever asks; all but the last need
# no more than another run of the compiler.
COUNTED: Final = (
    "registers", "spills", "loops", "bytes_read", "bytes_written", "flops", "rounds", "intensity",
    "bound",
)  # fmt: skip

_EVERYWHERE: Final = ("source", "ir", "ir_optimized", "plan")
# By kind of device, what can be looked at.
STAGES: Final = {
    "cpu": (*_EVERYWHERE, "llvm", "asm", "object"),
    "cuda": (*_EVERYWHERE, "cuda", "ptx", "cubin", "sass"),
}
# No launch asks for these: their times are none of a compile's.
_LISTINGS: Final = ("asm", "ptx", "sass")

# How emitters name a place: `#line 17` in a comment of their language, in C++ without a comment.
_MARK: Final = r"#line (\d+)\b"
_DIRECTIVE: Final = r'#line (\d+) "place"'
# How an assembler listing does: `.loc 1 18 0`, where lines count from 1.
_LISTED: Final = r"^\s*\.loc\s+\d+\s+(\d+)\s.*$"


class Inspection:
    """What one compile made of a kernel, stage by stage; compiled when the first one is asked for.

    `function` is the kernel as the frontend gave it, in `lowering` seconds, `source` its Python
    text. `obtain` gives the artifact that a launch would use; `load` does with it what a launch
    does before it runs, where this machine can; `known` are shapes and numbers among the arguments,
    and `balance` tells how many operations this machine does (in `f64`, if that is true) in the
    time of a byte.
    """

    def __init__(
        self,
        function: Function,
        target: Target,
        options: Options,
        source: str,
        obtain: Callable[[], Artifact],
        lowering: float = 0.0,
        load: Callable[[Artifact], object] | None = None,
        known: Known = NOTHING_KNOWN,
        balance: Callable[[bool], float] | None = None,
    ) -> None:
        self.function = function
        self.target = str(target)
        self.source = source
        self._target = target
        self._options = options
        self._obtain = obtain
        self._load = load
        self._known = known
        self._balance = balance
        self._products: dict[str, object] = {}
        self._artifact: Artifact | None = None
        self._watched: tuple[dict[str, Stage], Artifact] | None = None
        self._timings: dict[str, float] = {"frontend": lowering}

    @property
    def name(self) -> str:
        """The kernel's name."""
        return self.function.name

    @property
    def ir(self) -> str:
        """The IR as the frontend gave it; a comment behind each op says where it comes from."""
        return show(self.function, locations=True)

    @property
    def ir_optimized(self) -> str:
        """The IR after all passes."""
        return self._text("ir_optimized")

    @property
    def plan(self) -> str:
        """How the function uses the target: loop nests, buffers, vector widths."""
        return self._text("plan")

    @property
    def llvm(self) -> str:
        """The LLVM IR; only for a CPU."""
        if "llvm" not in self._stages:
            raise self._absent("llvm")
        return self._text("llvm")

    @property
    def asm(self) -> str:
        """The assembly text; only for a CPU."""
        if "asm" not in self._stages:
            raise self._absent("asm")
        return self._text("asm")

    @property
    def object(self) -> bytes:
        """The relocatable object that a launch loads; only for a CPU."""
        if "object" not in self._stages:
            raise self._absent("object")
        return self.artifact.code

    @property
    def cuda(self) -> str:
        """The CUDA C++ text; only for a GPU."""
        if "cuda" not in self._stages:
            raise self._absent("cuda")
        return self._text("cuda")

    @property
    def ptx(self) -> str:
        """The PTX text; only for a GPU."""
        if "ptx" not in self._stages:
            raise self._absent("ptx")
        return self._text("ptx")

    @property
    def cubin(self) -> bytes:
        """The cubin that a launch loads; only for a GPU."""
        if "cubin" not in self._stages:
            raise self._absent("cubin")
        return self.artifact.code

    @property
    def sass(self) -> str:
        """The disassembled cubin; only for a GPU, and where there is a disassembler."""
        if "sass" not in self._stages:
            raise self._absent("sass")
        if "sass" not in self.stages:
            raise disassembler_missing()
        return self._text("sass")

    @property
    def artifact(self) -> Artifact:
        """The artifact that a launch would use."""
        if self._artifact is None:
            self._artifact = self._obtain()
        return self._artifact

    @property
    def metadata(self) -> Metadata:
        """What is known about the artifact: vector width, scratch, its cache key, its origin.

        Who asks for what is counted makes the compiler run: registers and spills, what each loop
        does, and the work of a program: bytes, operations, operations for each byte, and of loops
        whose rounds are not known what one round does, all as `analysis/work.py` defines them. For
        the bound, bytes or operations, the machine is measured.
        """
        artifact = self.artifact
        known = {
            "target": artifact.target,
            "entry": artifact.entry,
            "code_bytes": len(artifact.code),
            "scratch_bytes": artifact.scratch_bytes,
            "cost": artifact.cost,
        }
        return _Metadata(known | artifact.metadata, self._count)

    @cached_property
    def work(self) -> Work:
        """What one program reads, writes and computes."""
        optimized = self._made("ir_optimized")
        assert isinstance(optimized, Function)
        return work(self.function, optimized, self._known)

    @cached_property
    def bound(self) -> str | None:
        """Whether `bytes` or `flops` bounds the kernel on this machine.

        None for another machine, and without work.
        """
        intensity = self.work.intensity
        if self._balance is None or intensity is None:
            return None
        return "flops" if intensity > self._balance(self.is_wide) else "bytes"

    @property
    def is_wide(self) -> bool:
        """Whether it computes in `f64`."""
        return any(
            isinstance(value.type, Tile) and value.type.dtype == f64
            for op in ir.walk(self.function.body)
            for value in op.results
        )

    @cached_property
    def _counts(self) -> Metadata:
        """What another run of the compiler tells, without the bound."""
        _, artifact = self._watch()
        places = self.function.locations
        return self.work.totals | {
            "registers": artifact.metadata["registers"],
            "spills": artifact.metadata["spills"],
            "loops": find_backend(self._target.kind).describe_loops(self._made("plan")),
            "rounds": [
                {"line": _line(_location(places, one.place))} | one.work.totals
                for one in open_rounds(self.work)
            ],
        }

    def _count(self, name: str) -> Anything:
        return self.bound if name == "bound" else self._counts[name]

    def _made(self, name: str) -> Anything:
        """A product as it was made, before it was shown."""
        self._watch()
        return self._products[name]

    @property
    def stages(self) -> Mapping[str, Stage]:
        """All products in the order they were made, passes included, by name.

        A pass that runs a second time is called `simplify.2` there.
        """
        return MappingProxyType(self._watch()[0])

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds of each step from Python text to loaded code, in their order, by name.

        A pass that runs twice is one step. Asking makes the compiler run, whatever the cache has;
        in a process that has compiled nothing yet, what is loaded first takes most of it.
        """
        _, artifact = self._watch()
        if self._load is not None and "load code" not in self._timings:
            begun = perf_counter()
            self._load(artifact)
            self._timings["load code"] = perf_counter() - begun
        return MappingProxyType(self._timings)

    @property
    def timings_table(self) -> str:
        """The timings as text: milliseconds and shares, and their sum."""
        return timings_text(self._title, self.timings)

    def __str__(self) -> str:
        return report_text(self._title, self.stages.values(), self.metadata)

    def __repr__(self) -> str:
        return f"<inspection of {self._title}>"

    def _repr_html_(self) -> str:
        return report_html(self._title, self.stages.values(), self.metadata)

    @property
    def _title(self) -> str:
        return f"{self.name} for {self.target}"

    @property
    def _stages(self) -> tuple[str, ...]:
        return STAGES[self._target.kind]

    def _text(self, name: str) -> str:
        return str(self.stages[name])

    def _absent(self, name: str) -> CompileError:
        return CompileError(
            f"there is no stage {name!r} for {self.target}",
            f"its stages are {', '.join(self._stages)}",
        )

    def _watch(self) -> tuple[dict[str, Stage], Artifact]:
        """Run the compiler once more, watching: all products, and what it made in the end."""
        if self._watched is not None:
            return self._watched
        stages = {"source": Stage("source", self.source, 0.0)}
        counts: Counter[str] = Counter()
        places = self.function.locations

        def observe(name: str, product: object, seconds: float) -> None:
            if seconds and name not in _LISTINGS:
                self._timings[name] = self._timings.get(name, 0.0) + seconds
            if product is None:
                return
            self._products[name] = product
            counts[name] += 1
            unique = name if counts[name] == 1 else f"{name}.{counts[name]}"
            stages[unique] = Stage(unique, _show(name, product, places), seconds)

        options = replace(self._options, keep_assembly=True)
        made = compile_function(self.function, self._target, options, observe)
        self._watched = stages, made
        return self._watched


def locate(text: str, places: Locations) -> str:
    """Say file and line where a text names a place as `#line 17`."""

    def name_place(found: re.Match[str]) -> str:
        place = _location(places, int(found[1]))
        return found[0] if place is None else f"{place.file}:{place.line}"

    return re.sub(_MARK, name_place, text)


def locate_source(text: str, places: Locations) -> str:
    """Name file and line in the directives of C++ that name a place, `#line 17 "place"`."""

    def name_place(found: re.Match[str]) -> str:
        place = _location(places, int(found[1]))
        if place is None:
            return found[0]
        file = place.file.replace("\\", "\\\\").replace('"', '\\"')
        return f'#line {place.line} "{file}"'

    return re.sub(_DIRECTIVE, name_place, text)


def locate_listing(text: str, places: Locations) -> str:
    """Put the user's line, as a comment, where an assembler listing has a `.loc` directive."""
    return "\n".join(_located_lines(text.splitlines(), places)) + "\n"


def _show(stage: str, product: object, places: Locations) -> str | bytes:
    match product:
        case Function():
            return show(product, locations=True)
        case bytes():
            return product
    text = str(product)
    match stage:
        case "asm":
            return locate_listing(text, places)
        case "cuda":
            return locate_source(text, places)
    return locate(text, places)


def _located_lines(lines: list[str], places: Locations) -> Iterator[str]:
    shown: Location | None = None
    for line in lines:
        found = re.match(_LISTED, line)
        if found is None:
            yield line
            continue
        place = _location(places, int(found[1]) - 1)
        if place is not None and place != shown:
            shown = place
            yield f"    # {place.file}:{place.line}"


def _location(places: Locations, number: int) -> Location | None:
    return places[number] if 0 <= number < len(places) else None


class _Metadata(Mapping[str, object]):
    """What is known of an artifact, and what is counted once it is asked for."""

    def __init__(self, known: Metadata, count: Callable[[str], object]) -> None:
        self._known = known
        self._names = (*(name for name in known if name not in COUNTED), *COUNTED)
        self._count = count

    def __getitem__(self, name: str) -> object:
        known = self._known.get(name)
        return self._count(name) if name in COUNTED and known is None else self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))


def _line(place: Location | None) -> str | None:
    return None if place is None else f"{place.file}:{place.line}"
