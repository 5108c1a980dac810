"""Rondo and its rivals behind one small interface: name, prepare(case, data, threads) -> None, run() -> microseconds, output()."""

import ctypes
import os
import time

import numpy as np
import rivals


class Rondo:
    name = "rondo"

    def __init__(self, library):
        self._lib = ctypes.CDLL(library)
        self._lib.rondo_bench_create.restype = ctypes.c_void_p
        self._lib.rondo_bench_time_us.restype = ctypes.c_double
        self._lib.rondo_bench_time_us.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._lib.rondo_bench_destroy.argtypes = [ctypes.c_void_p]
        self._lib.rondo_bench_build_times.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        self._session = None

    def prepare(self, case, data, threads):
        def pointers(arrays):
            return (ctypes.POINTER(ctypes.c_float) * max(1, len(arrays)))(
                *[a.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for a in arrays]
            )

        sizes = (ctypes.c_int64 * 7)(*case.sizes())
        self.close()
        self._session = self._lib.rondo_bench_create(
            case.form.encode(), sizes, pointers(data.w), pointers(data.r), pointers(data.b), threads
        )
        if not self._session:
            raise RuntimeError(f"rondo could not build '{case.name}'")
        self._batch_major = case.form == "rnnv2"
        x = data.x.transpose(1, 0, 2) if self._batch_major else data.x
        self._x = np.ascontiguousarray(x)
        shape = (*self._x.shape[:2], case.hidden * case.directions)
        self._y = np.empty(shape, np.float32)
        self._bindings = (ctypes.c_void_p * 2)(self._x.ctypes.data, self._y.ctypes.data)

    def prepare_counter(self, trips, threads):
        self.close()
        none = (ctypes.c_void_p * 1)()
        self._session = self._lib.rondo_bench_create(b"counter", (ctypes.c_int64 * 7)(), none, none, none, threads)
        if not self._session:
            raise RuntimeError("rondo could not build the counter loop")
        self._batch_major = False
        self._x = np.full((1, 16), 5, np.float32)
        self._trips = np.array(trips, np.int32)
        self._y = np.empty((1, 16), np.float32)
        self._bindings = (ctypes.c_void_p * 3)(self._x.ctypes.data, self._trips.ctypes.data, self._y.ctypes.data)

    def run(self):
        elapsed_us = self._lib.rondo_bench_time_us(self._session, self._bindings)
        if elapsed_us < 0:
            raise RuntimeError("rondo refused to run")
        return elapsed_us

    def output(self):
        return self._y.transpose(1, 0, 2) if self._batch_major else self._y

    def build_times_ms(self):
        build, load = ctypes.c_double(), ctypes.c_double()
        self._lib.rondo_bench_build_times(self._session, ctypes.byref(build), ctypes.byref(load))
        return build.value / 1000, load.value / 1000

    def close(self):
        if self._session:
            self._lib.rondo_bench_destroy(self._session)
            self._session = None


def onnx_model(case, data):
    """The case as an ONNX model of LSTM/GRU nodes on x [T, B, I], y [T, B, H*directions]; x; the shape of y."""
    from onnx import helper, numpy_helper

    nodes, weights, current = [], [], "x"
    for layer in range(case.layers):
        span = slice(layer * case.directions, (layer + 1) * case.directions)
        for key, arrays in (("W", data.w), ("R", data.r), ("B", data.b)):
            weights.append(numpy_helper.from_array(np.stack(arrays[span]), f"{key}{layer}"))
        attributes = {"hidden_size": case.hidden, "direction": "bidirectional" if case.directions == 2 else "forward"}
        if case.gates == 3:
            attributes["linear_before_reset"] = 1
        kind = "LSTM" if case.gates == 4 else "GRU"
        nodes.append(helper.make_node(kind, [current, f"W{layer}", f"R{layer}", f"B{layer}"], [f"raw{layer}"], **attributes))
        nodes.append(helper.make_node("Transpose", [f"raw{layer}"], [f"tr{layer}"], perm=[0, 2, 1, 3]))
        weights.append(numpy_helper.from_array(np.array([case.steps, case.batch, -1], np.int64), f"shape{layer}"))
        current = f"y{layer}" if layer + 1 < case.layers else "y"
        nodes.append(helper.make_node("Reshape", [f"tr{layer}", f"shape{layer}"], [current]))
    y_shape = (case.steps, case.batch, case.hidden * case.directions)
    return rivals.model_of(case.name, nodes, weights, data.x.shape, y_shape), data.x, y_shape


class Torch:
    name = "torch"

    def __init__(self):
        import torch

        self._torch = torch
        self.version = torch.__version__

    def prepare(self, case, data, threads):
        torch = self._torch
        torch.set_num_threads(threads)
        kind = torch.nn.LSTM if case.gates == 4 else torch.nn.GRU
        model = kind(case.input, case.hidden, case.layers, bidirectional=case.directions == 2)
        order = [0, 2, 3, 1] if case.gates == 4 else [1, 0, 2]  # torch: i f g o / r z n; ours: i o f c / z r h
        for pseudo in range(case.layers * case.directions):
            layer, direction = divmod(pseudo, case.directions)
            suffix = f"l{layer}" + ("_reverse" if direction else "")

            def gates(array):
                parts = np.split(array, case.gates, axis=0)
                return torch.from_numpy(np.concatenate([parts[g] for g in order]))

            bias = np.split(data.b[pseudo], 2)
            with torch.no_grad():
                getattr(model, f"weight_ih_{suffix}").copy_(gates(data.w[pseudo]))
                getattr(model, f"weight_hh_{suffix}").copy_(gates(data.r[pseudo]))
                getattr(model, f"bias_ih_{suffix}").copy_(gates(bias[0]))
                getattr(model, f"bias_hh_{suffix}").copy_(gates(bias[1]))
        self._model = model.eval()
        self._x = torch.from_numpy(data.x)

    def run(self):
        with self._torch.inference_mode():
            start = time.perf_counter()
            self._y = self._model(self._x)[0]
            return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._y.numpy()

    def close(self):
        self._model = None


def available_rivals():
    """Every rival whose package imports."""
    return [*rivals.onnx_rivals(onnx_model), *rivals.available(Torch)]


def find_driver(build_dir):
    for folder, _, files in os.walk(build_dir):
        if "librondo_bench_driver.so" in files:
            return os.path.join(folder, "librondo_bench_driver.so")
    raise SystemExit(f"librondo_bench_driver.so is not under '{build_dir}': run `make build` first")
