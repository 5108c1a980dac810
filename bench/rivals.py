"""The rivals that run ONNX models, behind the interface of runners.py: a suite brings its cases as models from "x" to "y"."""

import time

import numpy as np


def model_of(name, nodes, initializers, x_shape, y_shape):
    """A serialized model of `nodes` from x [x_shape] to y [y_shape], both f32, in a version that every rival reads."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x_shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(y_shape))],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


class OnnxRuntime:
    """`to_model(case, *data)` gives the serialized model, the array x and the shape of y. Both tensors are bound, so nothing is copied."""

    name = "onnxruntime"

    def __init__(self, to_model):
        import onnxruntime

        self._ort, self._to_model = onnxruntime, to_model
        self.version = onnxruntime.__version__

    def prepare(self, case, *data_and_threads):
        *data, threads = data_and_threads
        model, x, y_shape = self._to_model(case, *data)
        options = self._ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = self._ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._y = np.empty(y_shape, np.float32)
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_input("x", self._ort.OrtValue.ortvalue_from_numpy(x))
        self._binding.bind_output("y", "cpu", 0, np.float32, list(y_shape), self._y.ctypes.data)

    def run(self):
        start = time.perf_counter()
        self._session.run_with_iobinding(self._binding)
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._y

    def close(self):
        self._session = self._binding = None


class OpenVino:
    """As OnnxRuntime; y is read from the request's own memory."""

    name = "openvino"

    def __init__(self, to_model):
        import openvino

        self._openvino, self._to_model = openvino, to_model
        self.version = openvino.__version__

    def prepare(self, case, *data_and_threads):
        *data, threads = data_and_threads
        model, x, _ = self._to_model(case, *data)
        core = self._openvino.Core()
        config = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        compiled = core.compile_model(core.read_model(model, b""), "CPU", config)
        self._request = compiled.create_infer_request()
        self._x = x  # the request refers to its memory
        self._request.set_input_tensor(self._openvino.Tensor(x))

    def run(self):
        start = time.perf_counter()
        self._request.infer()
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._request.get_output_tensor().data

    def close(self):
        self._request = None


def available(*makers):
    """The rivals that `makers` make; prints why another, whose package does not import, is left out."""
    rivals = []
    for make in makers:
        try:
            rivals.append(make())
        except ImportError as error:
            print(f"rival left out: {error}")
    return rivals


def onnx_rivals(to_model):
    """Every rival of this file that is installed."""
    return available(lambda: OnnxRuntime(to_model), lambda: OpenVino(to_model))
