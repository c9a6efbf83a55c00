"""Streams and events on the host: order, errors, lifetimes."""

from __future__ import annotations

import gc
import sys
import threading

import numpy as np
import pytest

from tilewright._native import Event, Launchable, Stream, synchronize

from . import native_kernels as kernels
from .native_kernels import Table, ignore, row, scale_table, spin_table

BUSY = 3_000_000  # rounds of a spinning program: some milliseconds


class ToldError(Exception):
    """What the reports here raise."""


def failing() -> Table:
    """A kernel whose report raises."""

    def report(failure: object, prints: object) -> None:
        raise ToldError(failure)

    return kernels.reporting_table(kernels.FAIL, report)


def test_a_launch_on_a_stream_returns_at_once():
    table = spin_table()
    out = np.zeros(1, np.uint8)
    table[1](1, out)
    out[:] = 0
    stream = Stream()
    table[1](10 * BUSY, out, stream=stream)
    assert not stream.query()
    assert out[0] == 0
    stream.synchronize()
    assert stream.query()
    assert out[0] == 1


def test_launches_of_a_stream_run_in_order():
    table = scale_table()
    x = np.ones(16, np.float32)
    stream = Stream("cpu")
    with stream:
        for _ in range(20):
            table[1](x, x, 2.0)
    synchronize()
    assert (x == 2.0**20).all()


def test_the_current_stream_is_the_innermost_of_this_thread():
    table = spin_table()
    out = np.zeros(1, np.uint8)
    table[1](1, out)
    outer, inner = Stream(), Stream()
    with outer:
        with inner:
            table[1](10 * BUSY, out)
            assert outer.query()
            assert not inner.query()
            inner.synchronize()
        table[1](10 * BUSY, out)
        assert not outer.query()
        outer.synchronize()
        states = []
        other = threading.Thread(target=lambda: (table[1](1, out), states.append(outer.query())))
        other.start()
        other.join()
        assert states == [True]
    out[:] = 0
    table[1](1, out)
    assert out[0] == 1


def test_errors_surface_once():
    stream = Stream()
    table = failing()
    table[100](stream=stream)
    with pytest.raises(ToldError):
        stream.synchronize()
    stream.synchronize()
    table[100](stream=stream)
    with pytest.raises(ToldError):
        synchronize()
    synchronize()


def test_errors_surface_at_an_event_after_them():
    stream = Stream()
    table = failing()
    early = Event()
    early.record(stream)
    table[100](stream=stream)
    late = Event()
    late.record(stream)
    early.synchronize()
    with pytest.raises(ToldError):
        late.synchronize()
    late.synchronize()
    stream.synchronize()


def test_errors_that_nobody_waited_for_are_unraisable():
    seen = []
    before = sys.unraisablehook
    sys.unraisablehook = seen.append
    try:
        stream = Stream()
        failing()[100](stream=stream)
        del stream
        gc.collect()
    finally:
        sys.unraisablehook = before
    assert [type(one.exc_value) for one in seen] == [ToldError]


def test_arguments_live_until_the_launch_ran():
    table = spin_table()
    stream = Stream()
    table[1](1, np.zeros(4, np.uint8))
    out = np.zeros(1 << 20, np.uint8)
    before = sys.getrefcount(out)
    table[4](BUSY, out, stream=stream)
    table[4](BUSY, out[: 1 << 19], stream=stream)
    assert sys.getrefcount(out) > before
    stream.synchronize()
    assert sys.getrefcount(out) == before
    assert out[:4].tolist() == [1, 1, 1, 1]


def test_events_order_streams():
    table = scale_table()
    spin = spin_table()
    x = np.ones(16, np.float32)
    first, second = Stream(), Stream()
    busy = np.zeros(1, np.uint8)
    spin[1](10 * BUSY, busy, stream=first)
    table[1](x, x, 3.0, stream=first)
    event = Event()
    event.record(first)
    assert not event.query()
    event.wait(second)
    table[1](x, x, 2.0, stream=second)
    second.synchronize()
    assert event.query()
    assert (x == 6).all()


def test_events_keep_time():
    spin = spin_table()
    out = np.zeros(1, np.uint8)
    start, end = Event(timing=True), Event(timing=True)
    with Stream() as stream:
        start.record()
        spin[1](BUSY, out)
        end.record(stream)
    end.synchronize()
    assert 0 < start.elapsed(end) < 60_000
    with pytest.raises(Exception, match="timing=True"):
        Event().elapsed(end)
    with pytest.raises(Exception, match="not recorded"):
        start.elapsed(Event(timing=True))


def test_events_without_a_stream_are_now():
    event = Event(timing=True)
    assert event.query()
    event.synchronize()
    event.wait()
    event.record()
    assert event.query()
    assert event.elapsed(event) == 0


def test_python_functions_keep_the_order_of_a_stream():
    spin = spin_table()
    out = np.zeros(1, np.uint8)
    seen = []
    code = Launchable(lambda grid, arguments: seen.append(int(out[0])), [], 24, ignore)
    table = Table([row("n")], make=lambda *_: code)
    with Stream():
        spin[1](BUSY, out)
        table[1](3)
    assert seen == [1]


def test_devices_we_lack_are_refused():
    with pytest.raises(Exception, match="no device 'cuda:x'"):
        Stream("cuda:x")
    with pytest.raises(Exception, match="no device 'tpu'"):
        Stream("tpu")


def test_many_streams_at_once():
    table = scale_table(1000.0)
    arrays = [np.ones(16 * 40, np.float32) for _ in range(6)]
    streams = [Stream() for _ in arrays]
    for _ in range(10):
        for x, stream in zip(arrays, streams, strict=True):
            table[40](x, x, 2.0, stream=stream)
    synchronize()
    assert all((x == 1024).all() for x in arrays)
