"""Streams, events and graphs. Work runs at the call, so a stream keeps nothing but the work it records while it is captured."""

import itertools
import time

LEGACY_STREAM = 0
_handles = itertools.count(0x5000, 16)
_capturing = {}  # stream handle -> list of recorded calls


class Handle(int):
    """An opaque handle that is an integer, as programs expect."""

    def getPtr(self):  # noqa: N802 - the name that CUDA's Python bindings use
        return int(self)


class Event(Handle):
    pass


class Graph:
    """Recorded work."""

    def __init__(self, calls):
        self.calls = list(calls)


class GraphExec(Graph):
    def launch(self):
        for call in self.calls:
            call()


_event_times = {}


def new_stream():
    return Handle(next(_handles))


def new_event():
    return Event(next(_handles))


def record(event):
    _event_times[int(event)] = time.perf_counter()


def elapsed_ms(start, end):
    """None if one of the events was never recorded."""
    if int(start) not in _event_times or int(end) not in _event_times:
        return None
    return (_event_times[int(end)] - _event_times[int(start)]) * 1e3


def begin_capture(stream):
    _capturing[int(stream or 0)] = []


def is_capturing(stream):
    return int(stream or 0) in _capturing


def end_capture(stream):
    """The graph, or None if the stream is not being captured."""
    calls = _capturing.pop(int(stream or 0), None)
    return None if calls is None else Graph(calls)


def submit(stream, call):
    """Runs the call now, or records it while the stream is captured. Returns what the call returns; True when recorded."""
    if _capturing:
        recorded = _capturing.get(int(stream or 0))
        if recorded is not None:
            recorded.append(call)
            return True
    return call()
