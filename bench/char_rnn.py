"""Generation of text: one call of Rondo's engine for all characters, ONNX Runtime stepping the same model from Python.

The model is the one that samples/char_rnn ships: embedding, two LSTM layers, a dense layer, the most probable character. ONNX Runtime's
graph holds all of that up to the ArgMax; its states and its choice are fed back through two bindings that write into each
other's inputs, so that Python only alternates between them. Both texts must be equal.
"""

import ctypes
import os
import time
from dataclasses import dataclass

import numpy as np

WEIGHTS = os.path.join(os.path.dirname(__file__), "..", "samples", "char_rnn", "model", "char-rnn.wts")
CELL = "rnn_multi_rnn_cell_cell_{}_basic_lstm_cell_"


@dataclass(frozen=True)
class Case:
    steps: int
    batch: int

    @property
    def name(self):
        return f"char_rnn 2x512 N={self.steps} B={self.batch}"


CASES = [Case(1000, 1), Case(200, 16)]


def read_wts(path):
    """`.wts` version 2: a count, then `name type (d0, d1) bytes` for each tensor."""
    tensors = {}
    with open(path, "rb") as file:
        for _ in range(int(file.readline())):
            head = b""
            while not head.endswith(b")"):
                head += file.read(1)
            name, _, dims = head.decode().split(" ", 2)
            shape = tuple(int(d) for d in dims.strip("()").split(",") if d.strip())
            file.read(1)
            tensors[name] = np.frombuffer(file.read(4 * int(np.prod(shape))), np.float32).reshape(shape)
            file.read(1)
    return tensors


class Rondo:
    name = "rondo"

    def __init__(self, library, case, threads):
        self._lib = ctypes.CDLL(library)
        self._lib.rondo_char_rnn_create.restype = ctypes.c_void_p
        self._lib.rondo_char_rnn_generate.restype = ctypes.c_double
        self._lib.rondo_char_rnn_generate.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p]
        self._lib.rondo_char_rnn_destroy.argtypes = [ctypes.c_void_p]
        self._handle = self._lib.rondo_char_rnn_create(WEIGHTS.encode(), case.batch, case.steps, threads)
        if not self._handle:
            raise RuntimeError("rondo could not build the generator")
        self._case = case
        self._first = np.arange(case.batch, dtype=np.int32) + 13
        self.text = np.empty((case.steps, case.batch), np.int32)

    def run(self):
        return self._lib.rondo_char_rnn_generate(
            self._handle, self._first.ctypes.data, self._case.batch, self.text.ctypes.data
        )

    def close(self):
        self._lib.rondo_char_rnn_destroy(self._handle)


def onnx_step(tensors, layers, batch):
    """One step as an ONNX model: token [1, B], states -> the next token and states."""
    from onnx import TensorProto, helper, numpy_helper

    hidden = tensors["softmax_softmax_w"].shape[0]
    weights = [numpy_helper.from_array(tensors["embedding"], "embedding")]
    nodes = [helper.make_node("Gather", ["embedding", "token"], ["x0"])]
    state = [layers, batch, hidden]
    inputs = [helper.make_tensor_value_info("token", TensorProto.INT64, [1, batch])]
    outputs = [helper.make_tensor_value_info("next", TensorProto.INT64, [1, batch])]
    weights.append(numpy_helper.from_array(np.array([1], np.int64), "axis1"))
    for layer in range(layers):
        kernel, bias = (tensors[CELL.format(layer) + leaf] for leaf in ("kernel", "bias"))
        i, c, f, o = np.split(kernel, 4, axis=1)
        rows = np.concatenate([i, o, f, c], axis=1).T
        bi, bc, bf, bo = np.split(bias, 4)
        width = kernel.shape[0] - hidden
        zeros = np.zeros(4 * hidden, np.float32)
        for key, array in (("W", rows[:, :width]), ("R", rows[:, width:]), ("B", np.concatenate([bi, bo, bf, bc, zeros]))):
            weights.append(numpy_helper.from_array(np.ascontiguousarray(array[None]), f"{key}{layer}"))
        names = [f"x{layer}", f"W{layer}", f"R{layer}", f"B{layer}", "", f"h{layer}", f"c{layer}"]
        nodes.append(
            helper.make_node("LSTM", names, [f"y{layer}", f"h{layer}_next", f"c{layer}_next"], hidden_size=hidden)
        )
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", "axis1"], [f"x{layer + 1}"]))
        for part in "hc":
            inputs.append(helper.make_tensor_value_info(f"{part}{layer}", TensorProto.FLOAT, [1, *state[1:]]))
            outputs.append(helper.make_tensor_value_info(f"{part}{layer}_next", TensorProto.FLOAT, [1, *state[1:]]))
    weights.append(numpy_helper.from_array(tensors["softmax_softmax_w"], "dense"))
    weights.append(numpy_helper.from_array(tensors["softmax_softmax_b"], "bias"))
    nodes.append(helper.make_node("MatMul", [f"x{layers}", "dense"], ["product"]))
    nodes.append(helper.make_node("Add", ["product", "bias"], ["scores"]))
    nodes.append(helper.make_node("ArgMax", ["scores"], ["next"], axis=2, keepdims=0))
    graph = helper.make_graph(nodes, "step", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, case, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        tensors = read_wts(WEIGHTS)
        layers = sum(name.endswith("kernel") for name in tensors)
        self._session = onnxruntime.InferenceSession(
            onnx_step(tensors, layers, case.batch), options, providers=["CPUExecutionProvider"]
        )
        hidden = tensors["softmax_softmax_w"].shape[0]
        self._case = case
        self._first = (np.arange(case.batch, dtype=np.int64) + 13)[None]
        self._arrays = [
            {
                "token": np.zeros((1, case.batch), np.int64),
                **{f"{p}{k}": np.zeros((1, case.batch, hidden), np.float32) for k in range(layers) for p in "hc"},
            }
            for _ in range(2)
        ]
        self._bindings = [self._bind(*self._arrays), self._bind(*reversed(self._arrays))]
        self.text = np.empty((case.steps, case.batch), np.int32)

    def _bind(self, source, target):
        binding = self._session.io_binding()
        for name, array in source.items():
            binding.bind_input(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        for name, array in target.items():
            output = "next" if name == "token" else f"{name}_next"
            binding.bind_output(output, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        return binding

    def run(self):
        start = time.perf_counter()
        for name, array in self._arrays[0].items():
            array[:] = self._first if name == "token" else 0
        run, text = self._session.run_with_iobinding, self.text
        tokens = [self._arrays[1]["token"], self._arrays[0]["token"]]
        for step in range(self._case.steps):
            side = step & 1
            run(self._bindings[side])
            text[step] = tokens[side][0]
        return (time.perf_counter() - start) * 1e6

    def close(self):
        self._session = self._bindings = None


def run_suite(arguments, library, threads, interleave, record):
    """Records of all cases. interleave and record are those of run.py."""
    records = []
    for case in CASES:
        if arguments.only not in case.name:
            continue
        ours = Rondo(library, case, threads)
        try:
            rival = OnnxRuntime(case, threads)
        except ImportError as error:
            print(f"rival onnxruntime left out: {error}")
            continue
        ours_us, rival_us = interleave(ours, rival, arguments.seconds * 4)
        different = int(np.count_nonzero(ours.text != rival.text))
        if different:
            raise SystemExit(f"{case.name}: {different} characters differ from those of {rival.name}")
        records.append(
            record("char_rnn", case.name + ", us/char", threads, ours_us / case.steps, rival.name, rival_us / case.steps, 0.0)
        )
        ours.close()
        rival.close()
    return records
