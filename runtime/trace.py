"""Spans of compiler and devices as one timeline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tilewright import _native
from tilewright.dsl.records import field, record


@record
class Span:
    """Something that took time on one thread; times are in nanoseconds of one clock.

    `argument` is the number of programs, for a launch or a range of one.
    """

    name: str
    thread: int
    start: int
    end: int
    argument: int


@record(frozen=False)
class Trace:
    """What was recorded inside a `with tw.trace() as found:` block; filled in at its end."""

    spans: list[Span] = field(default_factory=list)

    def save(self, path: str | Path) -> None:
        """Write a file that chrome://tracing and https://ui.perfetto.dev show as a timeline."""
        start = min((span.start for span in self.spans), default=0)
        events = [
            {
                "name": span.name,
                "ph": "X",
                "pid": 0,
                "tid": span.thread,
                "ts": (span.start - start) / 1e3,
                "dur": (span.end - span.start) / 1e3,
                "args": {"argument": span.argument},
            }
            for span in self.spans
        ]
        Path(path).write_text(json.dumps({"traceEvents": events}))

    def __str__(self) -> str:
        """A table: how often each name occurs and how long it took in all."""
        totals: dict[str, tuple[int, int]] = {}
        for span in self.spans:
            count, time = totals.get(span.name, (0, 0))
            totals[span.name] = count + 1, time + span.end - span.start
        longest = sorted(totals.items(), key=lambda item: -item[1][1])
        return "\n".join(
            f"{time / 1e6:10.3f} ms {count:7} x  {name}" for name, (count, time) in longest
        )


@contextmanager
def trace() -> Iterator[Trace]:
    """Record compiles and launches until the end of the block.

    Only so many spans are kept; of a longer block these are the last.
    """
    found = Trace()
    _native.drain_trace()
    try:
        yield found
    finally:
        found.spans += sorted(
            (Span(*span) for span in _native.drain_trace()), key=lambda span: span.start
        )
