"""Streams and events: order, completion, and errors that wait to be told."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest

import tilewright as tw


@tw.kernel
def increment(x, BLOCK: tw.constexpr = 256):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    x[i] = x[i] + 1


@tw.kernel(debug=True)
def check(x, limit):
    assert x[0] < limit, "x is too large"


def test_launches_of_a_stream_run_in_order() -> None:
    x = np.zeros(10_000, np.int32)
    stream = tw.Stream()
    for _ in range(100):
        increment[40](x, stream=stream)
    stream.synchronize()
    assert stream.query()
    assert (x == 100).all()


def test_a_stream_is_current_in_its_block() -> None:
    x = np.zeros(1000, np.int32)
    with tw.Stream() as stream:
        increment[4](x)
        with tw.Stream() as inner:
            increment[4](y := np.zeros(1000, np.int32))
        inner.synchronize()
        increment[4](x)
    stream.synchronize()
    assert (x == 2).all()
    assert (y == 1).all()


def test_a_launch_keeps_its_arguments_alive() -> None:
    stream = tw.Stream()
    x = np.zeros(1 << 20, np.int32)
    before = sys.getrefcount(x)
    for _ in range(3):
        increment[1 << 12](x[:], stream=stream)
        gc.collect()
    stream.synchronize()
    assert (x == 3).all()
    gc.collect()
    increment[1](x)  # what is done is let go of at the latest now
    assert sys.getrefcount(x) == before


def test_an_error_surfaces_once_when_one_waits() -> None:
    x = np.full(1, 5, np.int32)
    stream = tw.Stream()
    check[1](x, 3, stream=stream)
    with pytest.raises(tw.DeviceError, match="x is too large"):
        stream.synchronize()
    stream.synchronize()
    increment[1](x, stream=stream)
    stream.synchronize()
    assert x[0] == 6


def test_waiting_for_all_streams_tells_errors_too() -> None:
    x = np.full(1, 5, np.int32)
    stream = tw.Stream()
    check[1](x, 3, stream=stream)
    with pytest.raises(tw.DeviceError, match="x is too large"):
        tw.synchronize()
    tw.synchronize("cpu")
    with pytest.raises(tw.DeviceError, match="no device 'cuda:1'"):
        tw.synchronize("cuda:1")


def test_an_event_orders_two_streams() -> None:
    x = np.zeros(1 << 18, np.int32)
    first, second = tw.Stream(), tw.Stream()
    for _ in range(20):
        increment[1 << 10](x, stream=first)
        event = tw.Event()
        event.record(first)
        event.wait(second)
        increment[1 << 10](x, stream=second)
        other = tw.Event()
        other.record(second)
        other.wait(first)
    first.synchronize()
    second.synchronize()
    assert (x == 40).all()


def test_events_keep_time() -> None:
    x = np.zeros(1 << 20, np.int32)
    stream = tw.Stream()
    begin, end = tw.Event(timing=True), tw.Event(timing=True)
    begin.record(stream)
    increment[1 << 12](x, stream=stream)
    end.record(stream)
    end.synchronize()
    assert end.query()
    assert 0 < begin.elapsed(end) < 10_000


def test_the_timeline_shows_compiles_and_launches(tmp_path) -> None:
    @tw.kernel
    def traced(x):
        x[0] = 98765

    with tw.trace() as found:
        traced[1](np.zeros(1, np.int32))
    names = {span.name for span in found.spans}
    assert {"traced", "compile traced"} <= names
    assert any(name.startswith("compile traced: ") for name in names)
    assert all(span.end >= span.start for span in found.spans)
    assert "compile traced" in str(found)
    found.save(tmp_path / "trace.json")
    assert '"traceEvents"' in (tmp_path / "trace.json").read_text()
