"""Suite `precision`: what kBF16 and kFP16 buy, against fp32 of Rondo and of its rivals, with the error they cost."""

import ctypes
from dataclasses import dataclass

import cases
import layer_runners
import layers
import numpy as np
import rivals
import runners

KINDS = {"bfloat16": 1 << 19, "float16": 1 << 0}  # BuilderFlag::kBF16, kFP16
MAX_RELATIVE_ERROR = 2e-2


@dataclass(frozen=True)
class Product:
    """y [M, N] = x [M, K] W [K, N] + b."""

    m: int
    k: int
    n: int

    @property
    def name(self):
        return f"product M={self.m} K={self.k} N={self.n}"

    def data(self):
        rng = np.random.default_rng(7)
        scale = np.float32(1 / np.sqrt(self.k))
        return [
            rng.standard_normal(shape).astype(np.float32) * s
            for shape, s in (((self.m, self.k), np.float32(1)), ((self.k, self.n), scale), ((self.n,), scale))
        ]


PRODUCTS = [Product(m, k, n) for m in (128, 384) for k, n in ((768, 768), (768, 2304), (768, 3072), (3072, 768))]
CONVOLUTIONS = [case for case in layers.LAYERS if isinstance(case, layers.Convolution) and case.groups == 1]
RECURRENT = [
    cases.Case("lstm H=I=512 B=1 T=100", 100, 1, 512, 512),
    cases.Case("lstm H=I=1024 B=1 T=100", 100, 1, 1024, 1024),
    cases.Case("gru H=I=1024 B=1 T=100", 100, 1, 1024, 1024, gates=3),
]


class RondoProduct(runners.Rondo):
    def prepare(self, case, data, threads):
        self.close()
        self._lib.rondo_bench_create_product.restype = ctypes.c_void_p
        self._x, w, b = data
        pointers = (ctypes.c_void_p(w.ctypes.data), ctypes.c_void_p(b.ctypes.data))
        self._session = self._lib.rondo_bench_create_product((ctypes.c_int64 * 3)(case.m, case.k, case.n), *pointers, threads)
        if not self._session:
            raise RuntimeError(f"rondo could not build '{case.name}'")
        self._y = np.empty((case.m, case.n), np.float32)
        self._bindings = (ctypes.c_void_p * 2)(self._x.ctypes.data, self._y.ctypes.data)
        self._batch_major = False


class RondoConvolution(layer_runners.Rondo):
    def prepare(self, case, data, threads):
        super().prepare(case, *data, threads)


def product_model(case, data):
    """The product as an ONNX model; x; the shape of y."""
    from onnx import helper, numpy_helper

    x, w, b = data
    nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    initializers = [numpy_helper.from_array(w, "w"), numpy_helper.from_array(b, "b")]
    return rivals.model_of("product", nodes, initializers, x.shape, (case.m, case.n)), x, (case.m, case.n)


def compare(case, data, expected, kind, ours, others, threads, tools):
    """Rondo in `kind`, against itself and the rivals in fp32."""
    arguments, interleave, record = tools
    ours.allow(KINDS[kind])
    ours.prepare(case, data, threads)
    plain = type(ours)(ours.library)
    plain.allow(0)
    plain.name = "rondo fp32"
    records = []
    for rival in [plain, *others]:
        rival.prepare(case, data, threads)
        ours_us, rival_us = interleave(ours, rival, arguments.seconds)
        got = np.asarray(ours.output(), np.float64)[:, : expected.shape[1]]
        error = float(np.max(np.abs(got - expected)))
        if not error <= MAX_RELATIVE_ERROR * np.max(np.abs(expected)):
            raise SystemExit(f"{case.name} in {kind}: output differs from the reference by {error:.2e}")
        row = record("precision", f"{case.name} {kind}", threads, ours_us, rival.name, rival_us, error)
        row["dtype"] = kind
        records.append(row)
        rival.close()
    ours.close()
    return records


def make(kind, library):
    """A runner that can allow precisions."""

    class Runner(kind):
        def __init__(self, path):
            super().__init__(path)
            self.library = path

        def allow(self, flags):
            self._flags = flags

        def prepare(self, case, data, threads):
            self._lib.rondo_bench_allow(ctypes.c_uint32(self._flags))
            super().prepare(case, data, threads)
            self._lib.rondo_bench_allow(ctypes.c_uint32(0))

    return Runner(library)


def run_suite(arguments, library, threads, interleave, record):
    tools, records = (arguments, interleave, record), []
    for case in PRODUCTS:
        if arguments.only not in case.name:
            continue
        data = case.data()
        x, w, b = (a.astype(np.float64) for a in data)
        others = rivals.available(lambda: rivals.OnnxRuntime(product_model))
        records += compare(case, data, x @ w + b, "bfloat16", make(RondoProduct, library), others, threads, tools)
    for case in CONVOLUTIONS:
        if arguments.only not in case.name:
            continue
        rng = np.random.default_rng(7)
        data = case.x(rng), case.weights(rng)
        others = rivals.available(lambda: rivals.OnnxRuntime(lambda case, data: layer_runners.onnx_model(case, *data)))
        ours = make(RondoConvolution, library)
        records += compare(case, data, case.reference(*data), "bfloat16", ours, others, threads, tools)
    for case in RECURRENT:
        if arguments.only not in case.name:
            continue
        data = cases.make_data(case)
        expected = cases.reference(case, data)
        for kind in KINDS:
            others = runners.available_rivals()
            records += compare(case, data, expected, kind, make(runners.Rondo, library), others, threads, tools)
    return records
