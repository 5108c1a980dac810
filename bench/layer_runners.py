"""Rondo and its rivals on the cases of layers.py, behind the interface of runners.py."""

import ctypes
import time

import numpy as np


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
    import onnx
    from onnx import TensorProto, helper

    nodes, initializers = case.onnx(weights)
    graph = helper.make_graph(
        nodes,
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(case.y_shape()))],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self):
        import onnxruntime

        self._ort = onnxruntime

    def prepare(self, case, x, weights, threads):
        self.bind(onnx_model(case, x, weights), x, case.y_shape(), threads)

    def bind(self, model, x, y_shape, threads):
        """A session of the serialized `model` from "x" to "y", both bound to arrays."""
        options = self._ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = self._ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._y = np.empty(y_shape, np.float32)
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_input("x", self._ort.OrtValue.ortvalue_from_numpy(x))
        self._binding.bind_output("y", "cpu", 0, np.float32, list(self._y.shape), self._y.ctypes.data)

    def run(self):
        start = time.perf_counter()
        self._session.run_with_iobinding(self._binding)
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._y

    def close(self):
        self._session = self._binding = None


class OpenVino:
    name = "openvino"

    def __init__(self):
        import openvino

        self._openvino = openvino

    def prepare(self, case, x, weights, threads):
        core = self._openvino.Core()
        model = core.read_model(onnx_model(case, x, weights), b"")
        config = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        self._request = core.compile_model(model, "CPU", config).create_infer_request()
        self._x = x
        self._request.set_input_tensor(self._openvino.Tensor(x))

    def run(self):
        start = time.perf_counter()
        self._request.infer()
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._request.get_output_tensor().data

    def close(self):
        self._request = None


def available_rivals():
    rivals = []
    for rival in (OnnxRuntime, OpenVino):
        try:
            rivals.append(rival())
        except ImportError as error:
            print(f"rival {rival.name} left out: {error}")
    return rivals
