#!/usr/bin/env python3
"""Damages the models of ONNX's own tests and watches what the parser makes of them.

    onnx_mutation_run.py                        2,000 mutants; exit status 1 if one is complained about
    onnx_mutation_run.py --count 200 --seed 7   others
    onnx_mutation_run.py --only 1234            one of them, with its text

Half of the mutants have changed bytes, the other half a changed graph: an attribute, an input, a type, an extent, an operator, a node twice
or left out. Each goes through parser, build and run in a worker process. Complaints: a crash; an answer unlike ONNX Runtime's, where that
takes the mutant too; a parse that hangs, or that refuses after more than 100 ms or 64 MB.
Needs the packages onnx and onnxruntime; ends with 77 without them.
"""

import argparse
import collections
import math
import os
import random
import resource
import sys
import time
import warnings

os.environ.setdefault("ALLOW_RELEASED_ONNX_OPSET_ONLY", "0")  # ONNX Runtime refuses the newest sets without
try:
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import AttributeProto, TensorProto, numpy_helper
    from onnx.backend.test.loader import load_model_tests
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

import onnx_backend_run as backend_run

import rondo
import rondo.onnx_backend as backend

LARGEST_MODEL = 1 << 16  # bytes; most are far below
MOST_MS, MOST_BYTES = 100, 64 << 20  # of a refusal
ADDRESS_SPACE = 8 << 30
LARGEST_FEED = 1 << 20  # elements
LOWEST = -1e38  # below it, what masks add: infinity here, the least float there
# Operators whose results are not compared: random numbers; losses, whose labels in the tests are legal only because of the very
# attribute that a mutant may change.
UNCOMPARED = {"Bernoulli", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial"}
UNCOMPARED |= {"SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"}


def bases():
    """(name, model, feeds) of ONNX's tests that are small."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = sorted(load_model_tests(kind="node"), key=lambda case: case.name)
    for case in cases:
        if case.model.ByteSize() <= LARGEST_MODEL and case.data_sets:
            names = [i.name for i in case.model.graph.input]
            yield case.name, case.model, dict(zip(names, case.data_sets[0][0]))


def mutate_bytes(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(data))
        kind = rng.randrange(6)
        if kind <= 2:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 4:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice((1, 2, 8))))
        else:
            del data[at : at + rng.choice((1, 2, 8))]
        if not data:
            break
    return bytes(data)


def _number(value, rng):
    return rng.choice((value + 1, value - 1, -value, 0, 1, 2, -1, 7, 2**31 - 1, 2**31, -(2**63), 2**63 - 1, rng.randrange(-8, 9)))


def _mutate_attribute(attribute, rng):
    if attribute.type == AttributeProto.INT:
        attribute.i = max(-(2**63), min(2**63 - 1, _number(attribute.i, rng)))
    elif attribute.type == AttributeProto.INTS and attribute.ints:
        at = rng.randrange(len(attribute.ints))
        attribute.ints[at] = max(-(2**63), min(2**63 - 1, _number(attribute.ints[at], rng)))
        if rng.random() < 0.3:
            attribute.ints.append(rng.randrange(-2, 4))
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = rng.choice((attribute.f + 1, -attribute.f, 0.0, 1e30))
    elif attribute.type == AttributeProto.STRING:
        attribute.s = rng.choice((attribute.s + b"x", b"", b"linear", b"SAME_UPPER", b"reverse", b"\xff\xfe"))
    else:
        attribute.type = rng.choice((AttributeProto.INT, AttributeProto.FLOAT, AttributeProto.GRAPH, AttributeProto.TENSOR))


def mutate_model(model, rng):
    """A copy of the model with one thing changed."""
    mutant = onnx.ModelProto()
    mutant.CopyFrom(model)
    graph = rng.choice(list(backend_run._graphs(mutant.graph)))
    if not graph.node:
        graph = mutant.graph
    node = rng.choice(graph.node)
    names = [n for other in graph.node for n in (*other.input, *other.output)]
    kind = rng.randrange(10)
    if kind <= 2 and node.attribute:
        _mutate_attribute(rng.choice(node.attribute), rng)
    elif kind == 3 and node.attribute:
        rng.choice(node.attribute).name = rng.choice(("axis", "axes", "mode", "alpha", "to", "nothing"))
    elif kind == 4 and node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice((*names, "", "nobody"))
    elif kind == 5:
        del node.input[rng.randrange(max(len(node.input), 1)) :]
    elif kind == 6:
        node.op_type = rng.choice(("Relu", "Add", "MatMul", "Transpose", "Reshape", "Concat", "Loop", "Gather", "Softmax", "LSTM", "Slice"))
    elif kind == 7 and graph.input:
        shape = rng.choice(graph.input).type.tensor_type.shape
        if shape.dim:
            shape.dim[rng.randrange(len(shape.dim))].dim_value = rng.choice((0, 1, 2, -1, 2**31, 2**62))
    elif kind == 8:
        mutant.opset_import[0].version = rng.choice((1, 7, 9, 11, 13, 17, 21, 28, 29, 2**40))
    elif rng.random() < 0.5:
        graph.node.append(node)
    else:
        graph.node.remove(node)
    return mutant


def status_bytes(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(key))


class Mutants:
    """The mutants as numbered cases of onnx_backend_run.run_all."""

    def __init__(self, count, seed):
        self.bases, self.seed, self.until = list(bases()), seed, "compared"  # or: parsed, run
        self.list = [("bytes" if i % 2 else "graph", str(i)) for i in range(count)]

    def make(self, index):
        """(serialized mutant, feeds of the model it was)."""
        rng = random.Random(f"{self.seed} {self.list[index][1]}")
        name, model, feeds = rng.choice(self.bases)
        bytes_only = self.list[index][0] == "bytes"
        data = mutate_bytes(model.SerializeToString(), rng) if bytes_only else mutate_model(model, rng).SerializeToString()
        return name, data, feeds

    def run(self, index):
        kind = self.list[index][0]
        base, data, feeds = self.make(index)
        name = f"{self.list[index][1]} ({base})"
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        parsed, text = self._parse(data)
        if not parsed or text or self.until == "parsed":
            return backend_run.Outcome(kind, name, "costly" if text else "refused" if not parsed else "parsed", text)
        return backend_run.Outcome(kind, name, *self._compare(data, feeds, self.until))

    @staticmethod
    def _parse(data):
        logger = rondo.Logger(rondo.Logger.INTERNAL_ERROR)
        network = rondo.Builder(logger).create_network()
        parser = rondo.OnnxParser(network, logger)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the peak starts again from here
        before, start = status_bytes("VmRSS"), time.process_time()
        parsed = parser.parse(data)
        elapsed_ms, grown = (time.process_time() - start) * 1000, status_bytes("VmHWM") - before
        if parsed:
            return True, ""
        errors = [str(parser.get_error(i)) for i in range(parser.num_errors)]
        if not errors or any("INTERNAL_ERROR" in error or "bug of" in error for error in errors):
            return False, f"no error of the user's: {errors}"
        cheap = elapsed_ms <= MOST_MS and grown <= MOST_BYTES
        return False, "" if cheap else f"{elapsed_ms:.0f} ms, {grown >> 20} MB for: {errors[0]}"

    @staticmethod
    def _compare(data, feeds, until):
        try:
            model = onnx.load_from_string(data)
            rep = backend.RondoRep(model, threads=1)
            given = {f.name: _feed(f, feeds[f.name]) for f in backend._feeds(model)}
            found = list(rep.run(given))
        except Exception as error:  # noqa: BLE001 - any of them is an answer
            return "not run", f"{type(error).__name__}: {error}"
        if until == "run":
            return "run", ""
        try:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.log_severity_level = 1, 4
            session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            expected = session.run(None, given)
        except Exception as error:  # noqa: BLE001
            return "ours only", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        if backend_run._operators(model) & UNCOMPARED:
            return "same", "not compared"
        for output, a, b in zip(model.graph.output, found, expected):
            difference = _difference(a, b)
            if difference:
                return "wrong", f"output '{output.name}': {difference}"
        return "same", ""


def _feed(value, array):
    """The array, repeated or cut to the shape that the mutant declares where that is not too large."""
    if isinstance(array, TensorProto):
        array = numpy_helper.to_array(array)
    if not isinstance(array, np.ndarray | np.generic) or value.type.WhichOneof("value") != "tensor_type":
        return array
    array = np.asarray(array)
    dims = value.type.tensor_type.shape.dim
    shape = [d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else e for d, e in zip(dims, array.shape)]
    fits = len(dims) == array.ndim and shape != list(array.shape) and math.prod(shape) <= LARGEST_FEED
    return np.resize(array, shape).astype(array.dtype) if fits else array


def _difference(a, b):
    if isinstance(a, list) or isinstance(b, list):
        pairs = list(zip(a, b)) if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) else None
        return "sequences of unequal length" if pairs is None else next(filter(None, (_difference(x, y) for x, y in pairs)), "")
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return f"shape {a.shape}, ONNX Runtime's is {b.shape}"
    if b.dtype.kind not in "fiub":
        return ""
    x, y = (np.maximum(v.astype(np.float64), LOWEST) for v in (a, b))
    loose = 1e-2 if b.dtype == np.float16 else 1e-3
    finite = np.abs(y[np.isfinite(y) & (y > LOWEST)])
    if np.allclose(x, y, rtol=loose, atol=1e-5 * max(1.0, finite.max(initial=0.0)), equal_nan=True):
        return ""
    return f"{x.ravel()[:4]}, ONNX Runtime's {y.ravel()[:4]}"


COMPLAINTS = ("wrong", "crash", "hang", "costly")


def run(count, seed, jobs, timeout):
    mutants = Mutants(count, seed)
    outcomes = backend_run.run_all(mutants, jobs, timeout)
    # A parse that ends asks for a long run, or for one that ONNX Runtime does not survive.
    for result, until, harmless in (("hang", "parsed", "long run"), ("crash", "run", "ours only")):
        again = Mutants(count, seed)
        doubtful = [i for i, outcome in enumerate(outcomes) if outcome.result == result]
        again.list, again.until = [mutants.list[i] for i in doubtful], until
        for i, outcome in zip(doubtful, backend_run.run_all(again, jobs, timeout)):
            if outcome.result in ("parsed", "refused", "run", "not run"):
                outcomes[i] = backend_run.Outcome(outcome.kind, outcome.name, harmless)
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=float, default=20, help="seconds for one mutant")
    parser.add_argument("--only", type=int, help="number of one mutant")
    options = parser.parse_args()
    if options.only is not None:
        mutants = Mutants(options.only + 1, options.seed)
        try:
            print(onnx.printer.to_text(onnx.load_from_string(mutants.make(options.only)[1])))
        except Exception as error:  # noqa: BLE001
            print(error)
        print(mutants.run(options.only))
        return 0
    outcomes = run(options.count, options.seed, options.jobs, options.timeout)
    counts = collections.Counter((o.kind, o.result) for o in outcomes)
    for (kind, result), number in sorted(counts.items()):
        print(f"{kind:6} {result:10} {number:6}")
    bad = [o for o in outcomes if o.result in COMPLAINTS]
    for outcome in bad:
        print(f"{outcome.result}: {outcome.name}: {outcome.text[:400]}")
    print(f"{len(outcomes)} mutants, {len(bad)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
