"""Ordered work and its completion: streams, events, graphs, and waiting for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tilewright import _native
from tilewright._native import Event, Stream

from .device import HOST, Device, device
from .errors import users_frames_only

__all__ = ["Event", "Graph", "Stream", "hand_over", "stream_number", "stream_of", "synchronize"]

_LEGACY = 1  # what the protocols of arrays call CUDA's default stream, as 0 is ambiguous


@users_frames_only
def synchronize(on: str | Device | None = None) -> None:
    """Wait for the streams of a device, by default of all.

    Raises what went wrong on one of them since it was last waited for.
    """
    _native.synchronize(None if on is None else device(on).label)


class Graph:
    """Launches on a GPU, recorded once and run again as one: `with g.capture(stream): ...` records
    what the block launches on the stream, and runs nothing; `g.launch(stream)` runs it all.

    Arguments are those of the recording, the arrays of which are kept. What is in them may change;
    capturing again gives other arguments and grids, which costs little where the block launches
    the same kernels in the same order. Runs that are under way keep theirs.
    """

    def __init__(self) -> None:
        self._graph = _native.Graph()

    @contextmanager
    def capture(self, stream: Stream) -> Iterator[Graph]:
        """Record the launches of a block on a stream, which is the current one there.

        It takes the place of what was recorded before; of a block that raises nothing is recorded,
        and what was recorded before stays.
        """
        self._graph.begin_capture(stream)
        try:
            with stream:
                yield self
        except BaseException:
            self._graph.abandon_capture(stream)
            raise
        self._graph.end_capture(stream)

    def launch(self, stream: Stream) -> None:
        """Run what was recorded, on a stream of the same device."""
        self._graph.launch(stream)


def stream_of(on: Device) -> Stream | None:
    """The current stream of a GPU; on the host None, which events take for that."""
    return None if on.kind == HOST else _native.current_stream(on.label)


def stream_number(on: Device) -> int:
    """The current stream of a GPU as the protocols of arrays number streams."""
    return _native.current_stream(on.label).handle or _LEGACY


def hand_over(on: Device, consumer: int | None) -> None:
    """Let work of another library's stream wait for that of the current stream of a GPU.

    `consumer` is a number of the protocols: None is the default stream, -1 asks for no waiting.
    """
    number = _LEGACY if consumer is None else consumer
    if number in (-1, stream_number(on)):
        return
    done = _native.Event()
    done.record(_native.current_stream(on.label))
    done.wait(_native.Stream.from_handle(on.label, 0 if number == _LEGACY else number))
