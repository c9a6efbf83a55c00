"""What one tuning found out, as data: every configuration with its times, and the choice.

Its file form is JSON behind a checksum, and is never trusted: `read_records` raises `ValueError`
for whatever is not exactly what was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

from ..benchmark import show_seconds, show_spread

VERSION: Final = 1
STATUSES: Final = ("chosen", "slower", "failed", "pruned", "untried")


@dataclass(frozen=True, slots=True)
class Result:
    """How one configuration fared; times are in seconds, None where it was never timed.

    `status` is `chosen`, `slower`, `failed` with a `reason`, `pruned` by the kernel's `prune`, or
    `untried`: another with the same constexprs stands for it. `low` and `high` are the quartiles
    of `samples` launches.
    """

    config: str
    status: str
    median: float | None = None
    low: float | None = None
    high: float | None = None
    samples: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Tuned:
    """The outcome of one tuning: for which calls, on what machine, with which results.

    `key` maps what the choice depends on to its values; `signature` is what the arguments were;
    `artifact` is the cache key of the chosen code; `seconds` is how long it took; `origin` says
    whether it was `tuned` in this process, or comes from `disk` or from a `file`.
    """

    kernel: str
    signature: str
    key: Mapping[str, object]
    machine: Mapping[str, object]
    results: tuple[Result, ...]
    artifact: str
    seconds: float
    origin: str = field(default="tuned", compare=False)

    @property
    def chosen(self) -> Result:
        """The configuration that was chosen."""
        return next(one for one in self.results if one.status == "chosen")

    @property
    def label(self) -> str:
        """The values of the key: `x.shape=[4096, 1024]`."""
        return ", ".join(f"{name}={value}" for name, value in self.key.items())

    def __str__(self) -> str:
        """A table of the results."""
        where = f" for {self.label}" if self.label else ""
        lines = [f"{self.kernel}({self.signature}){where}: {self.chosen.config}"]
        width = max(len(one.config) for one in self.results)
        lines += [f"  {one.config:{width}}  {_show(one)}" for one in self.results]
        return "\n".join(lines)


def write_records(records: Iterable[Tuned]) -> bytes:
    """The file form of records."""
    items = [{k: v for k, v in asdict(one).items() if k != "origin"} for one in records]
    text = json.dumps({"version": VERSION, "tunings": items}, indent=1).encode()
    return sha256(text).hexdigest().encode() + b"\n" + text + b"\n"


def read_records(data: bytes, origin: str) -> tuple[Tuned, ...]:
    """Read the file form; raises `ValueError` that says what is wrong with it."""
    digest, _, text = data.partition(b"\n")
    text = text.removesuffix(b"\n")
    if sha256(text).hexdigest().encode() != digest:
        raise ValueError("it is damaged or no file of tunings: its checksum does not match")
    try:
        content = json.loads(text)
        version = content["version"]
        if version == VERSION:
            return tuple(_read(item, origin) for item in content["tunings"])
    except (TypeError, KeyError, ValueError, RecursionError) as error:
        raise ValueError(f"it is malformed: {error}") from None
    raise ValueError(f"it has version {version!r}, expected {VERSION}")


def show_records(records: Sequence[Tuned]) -> str:
    """Tables of records, one below the other."""
    return "\n".join(map(str, records)) if records else "nothing is tuned"


def _read(item: dict[str, Any], origin: str) -> Tuned:
    results = tuple(Result(**one) for one in item.pop("results"))
    found = Tuned(results=results, origin=origin, **item)
    texts = [found.kernel, found.signature, found.artifact, *(one.config for one in results)]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a text is missing")
    if [one.status for one in results].count("chosen") != 1:
        raise ValueError("there is not one choice")
    if not (isinstance(found.key, dict) and isinstance(found.machine, dict)):
        raise ValueError("key or machine is missing")
    return found


def _show(one: Result) -> str:
    if one.median is None:
        return f"{one.status}: {one.reason.splitlines()[0]}" if one.reason else one.status
    if one.samples < 2:
        return f"{show_seconds(one.median):>8}  {one.status}"
    spread = ((one.high or 0) - (one.low or 0)) / 2 / one.median if one.median else 0.0
    return f"{show_seconds(one.median):>8} ± {show_spread(spread)}  {one.status}"
