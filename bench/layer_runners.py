"""Rondo and its rivals on the cases of layers.py, behind the interface of runners.py."""

import ctypes

import numpy as np
import rivals


class Rondo:
    name = "rondo"

    def __init__(self, library):
        self._lib = ctypes.CDLL(library)
        self._lib.rondo_bench_create_layer.restype = ctypes.c_void_p
        self._lib.rondo_bench_time_us.restype = ctypes.c_double
        self._lib.rondo_bench_time_us.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._lib.rondo_bench_destroy.argtypes = [ctypes.c_void_p]
        self._session = None

    def prepare(self, case, x, weights, threads):
        self.close()
        sizes = case.sizes()
        pointers = (ctypes.c_void_p * max(1, len(weights)))(*[w.ctypes.data for w in weights])
        self._session = self._lib.rondo_bench_create_layer(
            case.form.encode(), (ctypes.c_int64 * len(sizes))(*sizes), pointers, threads
        )
        if not self._session:
            raise RuntimeError(f"rondo could not build '{case.name}'")
        self._x = np.ascontiguousarray(x)
        self._y = np.empty(case.y_shape(), np.float32)
        self._bindings = (ctypes.c_void_p * 2)(self._x.ctypes.data, self._y.ctypes.data)

    def run(self):
        elapsed_us = self._lib.rondo_bench_time_us(self._session, self._bindings)
        if elapsed_us < 0:
            raise RuntimeError("rondo refused to run")
        return elapsed_us

    def output(self):
        return self._y

    def close(self):
        if self._session:
            self._lib.rondo_bench_destroy(self._session)
            self._session = None


class Copy:
    """A copy of as many bytes as the case reads and writes: memcpy by a team of threads, on memory that was touched before.

    With `bytes` the copy is so large instead, and its time is scaled: the speed of the machine's memory rather than of its caches.
    """

    def __init__(self, library, size=None):
        self.name = "copy" if size is None else f"copy {size >> 20} MiB"
        self._size = size
        self._lib = ctypes.CDLL(library)
        self._lib.rondo_bench_copy_us.restype = ctypes.c_double
        self._lib.rondo_bench_copy_us.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32]

    def prepare(self, case, x, weights, threads):
        size = x.nbytes if self._size is None else self._size
        self._threads, self._scale = threads, x.nbytes / size
        self._from, self._to = np.ones(size, np.uint8), np.zeros(size, np.uint8)

    def run(self):
        args = (self._to.ctypes.data, self._from.ctypes.data, self._from.nbytes, self._threads)
        return self._lib.rondo_bench_copy_us(*args) * self._scale

    def close(self):
        self._from = self._to = None


def onnx_model(case, x, weights):
    """The case as an ONNX model; x; the shape of y."""
    return rivals.model_of("layer", *case.onnx(weights), x.shape, case.y_shape()), x, case.y_shape()


def available_rivals():
    """Every rival whose package imports."""
    return rivals.onnx_rivals(onnx_model)
