"""Suite "bert": BERT-base for masked words at full size, random weights, one sentence, beside ONNX Runtime on the same model as an ONNX
graph (samples/bert/onnx_model.py, unsimplified). Logits of both are compared with each other and with numpy in double precision. Rows named
bf16 are built with kBF16; the rival stays fp32, and the bound of their logits is a share of the largest one.

Building is timed, and its memory watched, in a process of its own: peak = the largest resident size while the network is described and
built, less what was resident before it (the caller's weights among it).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "bert"
LENGTHS = (128, 384)
MAX_LOGIT_ERROR = 1e-3
MAX_BF16_SHARE = 2.0**-4


def import_sample(build_dir):
    """Makes the sample's modules and the freshly built rondo package importable."""
    sys.path[:0] = [str(SAMPLE), str(Path(build_dir).resolve() / "python" / "package")]
    import bert_model
    import rondo

    return bert_model, rondo


FLAGS = {"fp32": lambda rondo: None, "bf16": lambda rondo: lambda config: config.set_flag(rondo.BuilderFlag.BF16)}


def memory_kb(field):
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise KeyError(field)


def load_time(bert_model, source, logger, threads, repeats=5):
    """Milliseconds from a plan to a context, the least of some; the file is in the system's cache."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        bert_model.BertSession(source, logger, threads)
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def build(build_dir, path, threads, precision):
    """Writes the plan and a line of JSON: build_ms, load_ms (from the file), blob_load_ms, peak_mb, weights_mb, plan_mb."""
    bert_model, rondo = import_sample(build_dir)
    config, logger = bert_model.BertConfig(), rondo.Logger()
    weights = bert_model.random_weights(config)
    before = memory_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # VmHWM starts again
    start = time.perf_counter()
    plan = bert_model.build_plan(config, weights, logger, (1, 128, 512), configure=FLAGS[precision](rondo))
    build_ms = (time.perf_counter() - start) * 1e3
    peak = memory_kb("VmHWM") - before
    bytes_of_plan = memoryview(plan)
    Path(path).write_bytes(bytes_of_plan)
    load_ms, blob_load_ms = (load_time(bert_model, source, logger, threads) for source in (path, plan))
    size = sum(array.nbytes for array in weights.values())
    print(json.dumps({"build_ms": build_ms, "load_ms": load_ms, "blob_load_ms": blob_load_ms, "peak_mb": peak / 1024, "weights_mb": size / 2**20,
                      "plan_mb": bytes_of_plan.nbytes / 2**20}))  # fmt: skip


class Rondo:
    """Runs one length of the built engine."""

    name, version = "rondo", ""

    def __init__(self, session):
        self._session = session

    def prepare(self, ids):
        self._session.bind(ids)

    def run(self):
        start = time.perf_counter()
        self._session.run()
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._session.output[0]


class OnnxRuntime:
    """The rival; inputs are given as arrays, which for three short rows costs nothing that shows."""

    name = "onnxruntime"

    def __init__(self, model, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._feed, self._output = {}, None

    def prepare(self, ids):
        rows = (ids, np.zeros_like(ids), np.arange(len(ids)))
        names = ("input_ids", "token_type_ids", "position_ids")
        self._feed = {name: row.reshape(1, -1).astype(np.int64) for name, row in zip(names, rows)}

    def run(self):
        start = time.perf_counter()
        self._output = self._session.run(None, self._feed)[0]
        return (time.perf_counter() - start) * 1e6

    def output(self):
        return self._output[0]


def built(arguments, rondo, bert_model, threads, precision):
    """An engine from a plan that another process built and timed, and what that process measured."""
    path = Path(arguments.build_dir) / "bench-bert.plan"
    command = [sys.executable, __file__, arguments.build_dir, str(path), str(threads), precision]
    row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    print(("{precision}: build {build_ms:.0f} ms, load {load_ms:.0f} ms (blob {blob_load_ms:.0f} ms), peak {peak_mb:.0f} MB, weights {weights_mb:.0f} MB, plan "
           "{plan_mb:.0f} MB").format(precision=precision, **row))  # fmt: skip
    session = bert_model.BertSession(path, rondo.Logger(), threads)
    os.remove(path)
    return Rondo(session), row


def run_suite(arguments, library, threads, interleave, record):  # noqa: ARG001
    """Records of all lengths; interleave and record are those of run.py."""
    bert_model, rondo = import_sample(arguments.build_dir)
    import reference
    from onnx_model import make_onnx

    config = bert_model.BertConfig()
    weights = bert_model.random_weights(config)
    rival = OnnxRuntime(make_onnx(config, weights).SerializeToString(), threads)
    records = []
    for precision in FLAGS:
        cases = {length: f"bert-base {precision} S={length} B=1" for length in LENGTHS}
        if not any(arguments.only in case for case in cases.values()):
            continue
        ours, build_row = built(arguments, rondo, bert_model, threads, precision)
        for length, case in cases.items():
            if arguments.only not in case:
                continue
            ids = np.random.default_rng(length).integers(0, config.vocab, length)
            ours.prepare(ids)
            rival.prepare(ids)
            ours_us, rival_us = interleave(ours, rival, arguments.seconds * 5)
            exact = reference.bert(config, weights, ids)
            error = max(float(np.abs(ours.output() - right).max()) for right in (exact, rival.output()))
            allowed = MAX_LOGIT_ERROR if precision == "fp32" else MAX_BF16_SHARE * float(np.abs(exact).max())
            if not error <= allowed:
                raise SystemExit(f"{case}: logits differ by {error:.2e} (allowed {allowed:.0e})")
            row = record("bert", case, threads, ours_us, rival.name, rival_us, error)
            row.update({name: round(value, 1) for name, value in build_row.items()})
            records.append(row)
    return records


if __name__ == "__main__":
    build(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
