#!/usr/bin/env python3
"""Runs ONNX's own backend tests over Rondo, each in a worker process that may die without taking the others along.

    onnx_backend_run.py                         a summary, and what did not pass
    onnx_backend_run.py --filter lstm           cases whose name matches
    onnx_backend_run.py --write docs/onnx-backend.md
    onnx_backend_run.py --check                 exit status 1 on a crash, a wrong answer, or less than 95 % of the applicable cases

A case *passes*, is *refused* with an error, is *wrong*, *crashes* or *hangs*. Every case runs; a refusal that follows from one of the
RULES below is counted as *skipped* with that reason, and the case as not applicable. Wrong answers (random numbers aside) and crashes
are never skipped.
Needs the package onnx.
"""

import argparse
import collections
import multiprocessing
import multiprocessing.connection
import os
import re
import sys
import time
import warnings
from dataclasses import dataclass

try:
    import onnx
    from onnx import AttributeProto, TensorProto
except ImportError:
    print("skipped: the package onnx is not installed")
    sys.exit(77)

# Cases whose reference is less exact than ONNX's default tolerances (1e-3 relative, 1e-7 absolute): it computes in float16 throughout, where
# Rondo rounds once; its inverse transform leaves 2e-7 where the result is 0.
TOLERANCES = {
    "test_attention_4d_causal_fp16": {"rtol": 2e-3},
    "test_attention_4d_causal_fp16_expanded": {"rtol": 2e-3},
    "test_dft_inverse": {"atol": 1e-6},
    "test_dft_inverse_opset19": {"atol": 1e-6},
}
RECURRENT = re.compile(r"^test_(rnn|simple_rnn|gru|lstm|loop|scan|if)_?")  # all of these must pass
MIN_PASS_RATE = 0.95

_TYPE_NAMES = {v: k for k, v in TensorProto.DataType.items()}
_STRINGS = {TensorProto.STRING}
_TINY_FLOATS = {v for k, v in TensorProto.DataType.items() if k.startswith(("FLOAT8", "FLOAT4", "FLOAT6"))}
_TINY_INTEGERS = {v for k, v in TensorProto.DataType.items() if k in ("INT4", "UINT4", "INT2", "UINT2")}
_COMPLEX = {TensorProto.COMPLEX64, TensorProto.COMPLEX128}
_WIDE_INTEGERS = {TensorProto.INT16, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64}
_NO_LAYER = {"BitCast", "DeformConv", "Det", "MaxRoiPool", "Multinomial", "RoiAlign", "TfIdfVectorizer", "Unique"}


def _graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _nodes(model):
    for graph in _graphs(model.graph):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def _element_types(model):
    """All element types that a model mentions: of inputs, outputs, initializers and casts."""
    types = set()
    for graph in _graphs(model.graph):
        for value in (*graph.input, *graph.output, *graph.value_info):
            types.add(_tensor_of(value.type).elem_type)
        types |= {t.data_type for t in graph.initializer}
    for node in _nodes(model):
        types |= {a.i for a in node.attribute if a.name in ("to", "dtype", "output_dtype")}
        types |= {a.t.data_type for a in node.attribute if a.type == AttributeProto.TENSOR}
    return types


def _tensor_of(kind):
    """The tensor type inside of a sequence, optional or tensor type."""
    while kind.WhichOneof("value") in ("sequence_type", "optional_type"):
        kind = getattr(kind, kind.WhichOneof("value")).elem_type
    return kind.tensor_type


def _boundary(model):
    return {v.type.WhichOneof("value") for v in (*model.graph.input, *model.graph.output)}


def _domains(model):
    return {n.domain for n in _nodes(model)}


def _operators(model):
    return {n.op_type for n in _nodes(model)}


def _trains(model):
    return any(n.op_type == "Dropout" and len(n.input) == 3 for n in _nodes(model))


# Reason -> whether it holds for a model. The first one that holds is named.
RULES = {
    "training is no inference": lambda m: "ai.onnx.preview.training" in _domains(m) or _trains(m),
    "string tensors: engines compute numbers": lambda m: bool(_element_types(m) & _STRINGS),
    "operators of classical machine learning (domain ai.onnx.ml)": lambda m: "ai.onnx.ml" in _domains(m),
    "8-, 6- and 4-bit floats: the engine has no such types": lambda m: bool(_element_types(m) & _TINY_FLOATS),
    "4- and 2-bit integers: the engine has no such types": lambda m: bool(_element_types(m) & _TINY_INTEGERS),
    "complex numbers: the engine has none": lambda m: bool(_element_types(m) & _COMPLEX),
    "sequences and optional values as inputs or outputs of the model: those of an engine are tensors": lambda m: bool(
        _boundary(m) - {"tensor_type"}
    ),
    "image files are decoded before inference": lambda m: "ImageDecoder" in _operators(m),
    "16-bit integers, and unsigned ones of 32 and 64 bits: the engine has no such types": lambda m: bool(_element_types(m) & _WIDE_INTEGERS),
    "no layer of the engine does it: " + ", ".join(sorted(_NO_LAYER)): lambda m: bool(_operators(m) & _NO_LAYER),
    "operators in preview (domain ai.onnx.preview)": lambda m: "ai.onnx.preview" in _domains(m),
    "operator sets below 7": lambda m: any(o.domain in ("", "ai.onnx") and o.version < 7 for o in m.opset_import),
}

# The one reason why an answer may differ.
RANDOM = "random numbers: the test compares them with those of one particular generator"
_DRAWS = {"Bernoulli", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


@dataclass
class Outcome:
    kind: str  # node, simple, ...
    name: str
    result: str  # pass refused skipped wrong crash hang
    text: str = ""
    frozen: tuple = ()


class Cases:
    """The backend tests as functions, by kind and name, and the model that each one prepared last."""

    def __init__(self, pattern):
        import onnx.backend.test

        import rondo.onnx_backend as backend

        self._refusal = backend.RondoError
        self.prepared = None
        recorder = self

        class Recording(backend.RondoBackend):
            @classmethod
            def is_compatible(cls, model, device="CPU", **kwargs):  # noqa: ARG003
                return True  # prepare says why not

            @classmethod
            def prepare(cls, model, device="CPU", **kwargs):
                recorder.prepared = (model, None)
                rep = super().prepare(model, device, threads=1, **kwargs)
                recorder.prepared = (model, rep)
                return rep

        class Runner(onnx.backend.test.BackendTest):
            @classmethod
            def assert_similar_outputs(cls, ref_outputs, outputs, *args, **kwargs):
                """ONNX's own takes the length of an element of a sequence, which a scalar does not have."""
                if getattr(outputs, "ndim", None) == 0 and getattr(ref_outputs, "ndim", None) == 0:
                    ref_outputs, outputs = [ref_outputs], [outputs]
                super().assert_similar_outputs(ref_outputs, outputs, *args, **kwargs)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            classes = Runner(Recording, __name__, TOLERANCES).test_cases
        self.list = []
        for title, cls in classes.items():
            kind = title.removeprefix("OnnxBackend").removesuffix("Test")
            for name in sorted(n for n in vars(cls) if n.startswith("test_") and n.endswith("_cpu")):
                short = name.removesuffix("_cpu")
                if re.search(pattern, short):
                    self.list.append((kind, short, cls(name), name))

    def run(self, index):
        kind, short, test, name = self.list[index]
        self.prepared = None
        try:
            getattr(test, name)()
        except AssertionError as error:
            if self.prepared and _operators(self.prepared[0]) & _DRAWS:
                return Outcome(kind, short, "skipped", RANDOM)
            return Outcome(kind, short, "wrong", _first_lines(error))
        except Exception as error:  # noqa: BLE001 - any of them is an answer
            text = f"{type(error).__name__}: {_first_lines(error)}"
            rules = RULES if isinstance(error, self._refusal) and self.prepared else {}
            reason = next((r for r, holds in rules.items() if holds(self.prepared[0])), None)
            return Outcome(kind, short, "skipped", reason) if reason else Outcome(kind, short, "refused", text)
        rep = self.prepared[1] if self.prepared else None
        return Outcome(kind, short, "pass", frozen=tuple(rep.frozen) if rep else ())


def _first_lines(error):
    return " ".join(str(error).split())[:300]


def _work(cases, connection):
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the life of the process
    while True:
        index = connection.recv()
        if index is None:
            return
        connection.send(cases.run(index))


class Worker:
    """A forked process that runs cases one at a time."""

    def __init__(self, cases):
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=_work, args=(cases, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.index, self.begin = None, 0.0

    def give(self, index):
        self.index, self.begin = index, time.monotonic()
        self.connection.send(index)

    def stop(self):
        self.process.kill()
        self.process.join()
        self.connection.close()


def run_all(cases, jobs, timeout):
    """Outcomes in the order of the cases."""
    todo = collections.deque(range(len(cases.list)))
    outcomes, busy, idle = {}, [], []
    while todo or busy:
        while todo and len(busy) < jobs:
            worker = idle.pop() if idle else Worker(cases)
            worker.give(todo.popleft())
            busy.append(worker)
        ready = multiprocessing.connection.wait([w.connection for w in busy], timeout=1)
        for worker in list(busy):
            kind, name, *_ = cases.list[worker.index]
            if worker.connection in ready:
                busy.remove(worker)
                try:
                    outcomes[worker.index] = worker.connection.recv()
                    idle.append(worker)
                except EOFError:
                    worker.process.join()
                    outcomes[worker.index] = Outcome(kind, name, "crash", f"exit status {worker.process.exitcode}")
            elif time.monotonic() - worker.begin > timeout:
                busy.remove(worker)
                worker.stop()
                outcomes[worker.index] = Outcome(kind, name, "hang", f"no answer within {timeout} s")
    for worker in idle:
        worker.stop()
    return [outcomes[i] for i in sorted(outcomes)]


RESULTS = ("pass", "refused", "wrong", "crash", "hang", "skipped")


def table(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "| " + " | ".join("---" for _ in header) + " |"
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"


def rate(outcomes):
    applicable = [o for o in outcomes if o.result != "skipped"]
    return sum(o.result == "pass" for o in applicable) / max(len(applicable), 1)


def summary_rows(outcomes):
    kinds = list(dict.fromkeys(o.kind for o in outcomes))
    for kind in (*kinds, "all"):
        chosen = [o for o in outcomes if kind in (o.kind, "all")]
        counts = collections.Counter(o.result for o in chosen)
        yield kind, len(chosen), *(counts[r] for r in RESULTS), f"{100 * rate(chosen):.1f} %"


def page(outcomes):
    """The text of docs/onnx-backend.md."""
    yield from (
        "# ONNX's backend tests",
        "",
        f"Written by `python/tests/onnx_backend_run.py --write docs/onnx-backend.md`, with onnx {onnx.__version__}. Every case of",
        "`onnx.backend.test` runs through `rondo.onnx_backend` in a process of its own kind. *Refused* means an error that names the node and",
        "what is not supported; *skipped* is a refusal that follows from one of the rules below, so that the case does not apply; the last",
        "column is the share of the applicable cases that pass.",
        "",
        *table(("kind", "cases", *RESULTS, "rate"), summary_rows(outcomes)),
        "",
    )
    recurrent = [o for o in outcomes if RECURRENT.match(o.name)]
    passed = sum(o.result == "pass" for o in recurrent)
    frozen = sum(bool(o.frozen) for o in outcomes)
    yield f"RNN, GRU, LSTM, Loop, Scan and If: {passed} of {len(recurrent)} pass."
    wider = ", ".join(f"`{name}` {k} {v:g}" for name, limits in TOLERANCES.items() for k, v in limits.items())
    yield f"Tolerances other than ONNX's, because the reference is the less exact one: {wider}."
    yield f"In {frozen} of the passing cases an input whose value the importer must know, such as axes, was taken into the model."
    skipped = collections.Counter(o.text for o in outcomes if o.result == "skipped")
    yield from ("", "## Skipped", "", *table(("reason", "cases"), sorted(skipped.items(), key=lambda i: -i[1])))
    rest = [o for o in outcomes if o.result not in ("pass", "skipped")]
    yield from ("", "## Applicable, but not passed", "")
    yield from table(("case", "result", "what was said"), ((f"`{o.name}`", o.result, o.text) for o in rest))
    yield from ("", "## Skipped, by name", "")
    for reason in skipped:
        names = ", ".join(f"`{o.name}`" for o in outcomes if o.result == "skipped" and o.text == reason)
        yield from (f"**{reason}**: {names}", "")


def complaints(outcomes):
    """Why --check fails."""
    for outcome in outcomes:
        if outcome.result in ("wrong", "crash", "hang"):
            yield f"{outcome.name}: {outcome.result}: {outcome.text}"
        elif RECURRENT.match(outcome.name) and outcome.result == "refused":
            yield f"{outcome.name}: {outcome.text}"
    if rate(outcomes) < MIN_PASS_RATE:
        yield f"{100 * rate(outcomes):.1f} % of the applicable cases pass, {100 * MIN_PASS_RATE:.0f} % are asked for"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="", help="regular expression of case names")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one case")
    parser.add_argument("--write", help="file to write the tables to")
    parser.add_argument("--check", action="store_true", help="fail where the results are not good enough")
    parser.add_argument("--quiet", action="store_true", help="counts only")
    options = parser.parse_args()
    outcomes = run_all(Cases(options.filter), options.jobs, options.timeout)
    if options.write:
        with open(options.write, "w") as f:
            f.write("\n".join(page(outcomes)).rstrip() + "\n")
    if not options.quiet:
        for o in outcomes:
            if o.result not in ("pass", "skipped"):
                print(f"{o.result:8} {o.name}: {o.text}")
    print(*table(("kind", "cases", *RESULTS, "rate"), summary_rows(outcomes)), sep="\n")
    wrong = list(complaints(outcomes)) if options.check else []
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
