#!/usr/bin/env python3
"""Runs RNN, GRU, LSTM, Loop, Scan, If and sequences over Rondo and over ONNX Runtime, and compares.

    onnx_recurrent_run.py                  all cases; exit status 1 if one differs
    onnx_recurrent_run.py --filter lstm    cases whose name matches
    onnx_recurrent_run.py --verbose        a line for each case

ONNX's own node tests never pass unequal lengths, clip, formulas or coupled gates; these cases do. ONNX Runtime knows layout 0 only, so
layout 1 is compared with its transpose. Needs the packages onnx and onnxruntime; ends with 77 without them.
"""

import argparse
import itertools
import re
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

T, B, I, H = 5, 3, 4, 6
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FORMULAS = {"RNN": 1, "GRU": 2, "LSTM": 3}
OUTPUTS = {"RNN": ["Y", "Y_h"], "GRU": ["Y", "Y_h"], "LSTM": ["Y", "Y_h", "Y_c"]}
# Formulas with the numbers they take. Some have defaults that the runtimes agree on; ThresholdedRelu's is 1 in ONNX's text and 0 in ONNX Runtime.
NUMBERS = {"Affine": (0.8, 0.1), "Relu": (), "LeakyRelu": (0.2,), "ThresholdedRelu": (0.3,), "Tanh": (), "ScaledTanh": (0.9, 0.7), "Sigmoid": (),
           "HardSigmoid": (0.3, 0.4), "Elu": (0.7,), "Softsign": (), "Softplus": ()}
DEFAULTED = ("LeakyRelu", "HardSigmoid", "Elu")


class Case:
    """A model, what to feed it, and what it must give; expected None: what ONNX Runtime gives."""

    def __init__(self, name, model, feeds, oracle=None):
        self.name, self.model, self.feeds = name, model, feeds
        self.oracle = oracle  # (model, feeds, transform of the outputs) where ONNX Runtime cannot run the model itself


def value(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)


def open_value(name, dtype, rank):
    return helper.make_tensor_value_info(name, dtype, [None] * rank)


def model_of(nodes, feeds, outputs, initializers=None, opset=17, dynamic=()):
    """outputs: (name, element type, rank). dynamic: inputs whose extents are left open."""
    inputs = [open_value(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.ndim) if n in dynamic else value(n, a) for n, a in feeds.items()]
    constants = [numpy_helper.from_array(a, n) for n, a in (initializers or {}).items()]
    graph = helper.make_graph(nodes, "main", inputs, [open_value(*o) for o in outputs], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


# Recurrent operators.


def recurrent_tensors(op, directions, rng, options):
    gates = GATES[op]
    tensors = {"X": rng.standard_normal((T, B, I)), "W": rng.standard_normal((directions, gates * H, I)) * 0.5,
               "R": rng.standard_normal((directions, gates * H, H)) * 0.4}
    if options.get("bias"):
        tensors["Bias"] = rng.standard_normal((directions, 2 * gates * H))
    if options.get("lengths") is not None:
        tensors["lengths"] = np.array(options["lengths"], np.int32)
    if options.get("initial"):
        tensors["h0"] = rng.standard_normal((directions, B, H))
        if op == "LSTM":
            tensors["c0"] = rng.standard_normal((directions, B, H))
    if options.get("peepholes"):
        tensors["P"] = rng.standard_normal((directions, 3 * H))
    scale = options.get("scale", 1)  # formulas without bounds need small numbers
    return {n: a if a.dtype == np.int32 else (a * scale).astype(np.float32) for n, a in tensors.items()}


def recurrent_case(op, direction, seed, **options):
    rng = np.random.default_rng(seed)
    directions = 2 if direction == "bidirectional" else 1
    tensors = recurrent_tensors(op, directions, rng, options)
    names = ["X", "W", "R", "Bias", "lengths", "h0"] + (["c0", "P"] if op == "LSTM" else [])
    inputs = [n if n in tensors else "" for n in names]
    attributes = {"hidden_size": H, "direction": direction, **options.get("attributes", {})}
    node = lambda layout: helper.make_node(op, inputs, OUTPUTS[op], name="cell", **attributes, **({"layout": 1} if layout else {}))  # noqa: E731
    outputs = [(n, TensorProto.FLOAT, 4 if n == "Y" else 3) for n in OUTPUTS[op]]

    def split(arrays):
        constant = set() if options.get("weights_as_inputs") else {"W", "R", "Bias", "P"}
        return {n: a for n, a in arrays.items() if n not in constant}, {n: a for n, a in arrays.items() if n in constant}

    open_inputs = {"X", "lengths", "h0", "c0"} if options.get("dynamic") else ()
    feeds, constants = split(tensors)
    plain = model_of([node(0)], feeds, outputs, constants, dynamic=open_inputs)
    name = f"{op.lower()}_{direction}_" + "_".join(k if v is True else f"{k}={v}" for k, v in options.items() if v not in (False, None))
    if not options.get("layout"):
        return Case(name, plain, feeds)
    swapped = dict(tensors, **{n: tensors[n].swapaxes(0, 1).copy() for n in ("X", "h0", "c0") if n in tensors})
    turned, constants = split(swapped)
    back = lambda ys: [ys[0].transpose(2, 0, 1, 3)] + [y.swapaxes(0, 1) for y in ys[1:]]  # noqa: E731
    return Case(name, model_of([node(1)], turned, outputs, constants, dynamic=open_inputs), turned, (plain, feeds, back))


def recurrent_cases():
    seed = 0
    for op, direction in itertools.product(GATES, ("forward", "reverse", "bidirectional")):
        for bits in range(32):
            seed += 1
            yield recurrent_case(op, direction, seed, bias=bool(bits & 1), lengths=[5, 1, 3] if bits & 2 else None, initial=bool(bits & 4),
                                 layout=bool(bits & 8), dynamic=bool(bits & 16), weights_as_inputs=bits % 5 == 0)
        each = 2 if direction == "bidirectional" else 1
        extras = [{"clip": 0.5}]
        if op == "LSTM":
            extras += [{"input_forget": 1}, {"input_forget": 1, "clip": 0.4}]
        if op == "GRU":
            extras += [{"linear_before_reset": 1}, {"linear_before_reset": 1, "clip": 0.3}]
        for attributes in extras:
            for lengths, peepholes in itertools.product((None, [2, 5, 4]), (False, True) if op == "LSTM" else (False,)):
                seed += 1
                yield recurrent_case(op, direction, seed, bias=True, initial=True, lengths=lengths, peepholes=peepholes, attributes=attributes)
        for first in NUMBERS:
            seed += 1
            yield recurrent_case(op, direction, seed, bias=True, scale=0.3, attributes=formulas(op, each, first))
        for first in DEFAULTED:
            seed += 1
            others = ["Tanh"] * (FORMULAS[op] * each - 1)
            yield recurrent_case(op, direction, seed, bias=True, attributes={"activations": [first, *others]})


def formulas(op, directions, first):
    """Different formulas in every place, numbers in order; values stay of moderate size."""
    known = list(NUMBERS)
    at = known.index(first)
    names = [known[(at + 3 * i) % len(known)] for i in range(FORMULAS[op] * directions)]
    alphas = [NUMBERS[n][0] for n in names if NUMBERS[n]]
    betas = [NUMBERS[n][1] for n in names if len(NUMBERS[n]) > 1]
    lists = {"activations": names, "activation_alpha": alphas, "activation_beta": betas}
    return {name: numbers for name, numbers in lists.items() if numbers}


# Control flow.

F, N64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def scalar(array_value, dtype=np.int64):
    return np.array(array_value, dtype)


def typed(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def loop_body(extra_nodes, condition, states, scans, shape=(2,)):
    """A body with states s0, s1, .. and scan outputs as named; condition: the name that becomes the loop's condition."""
    inputs = [typed("i", N64, []), typed("go", BOOL, [])] + [typed(f"s{k}", F, shape) for k in range(len(states))]
    nodes = [helper.make_node("Cast", ["i"], ["fi"], to=F), *extra_nodes, helper.make_node("Identity", [condition], ["go_on"])]
    outputs = [typed("go_on", BOOL, [])] + [typed(n, F, shape) for n in states] + [typed(n, F, None) for n in scans]
    return helper.make_graph(nodes, "body", inputs, outputs)


def accumulate():
    return [helper.make_node("Add", ["s0", "x"], ["t"]), helper.make_node("Add", ["t", "fi"], ["next"]),
            helper.make_node("Mul", ["next", "next"], ["square"])]


def stop_above(limit):
    return [helper.make_node("Constant", [], ["limit"], value=numpy_helper.from_array(scalar(limit, np.float32))),
            helper.make_node("ReduceSum", ["next"], ["total"], keepdims=0), helper.make_node("Less", ["total", "limit"], ["low"])]


def loop_case(name, trips, go, nodes, condition, states, scans, constant_trips=False, constant_go=False):
    feeds = {"x": np.array([1, 2], np.float32), "start": np.array([0.5, -0.5], np.float32)}
    constants = {}
    for key, given, fixed in (("trips", trips, constant_trips), ("cond", go, constant_go)):
        if given is not None:
            (constants if fixed else feeds)[key] = given
    body = loop_body(nodes, condition, states, scans)
    inputs = ["trips" if trips is not None else "", "cond" if go is not None else ""] + ["start"] * len(states)
    outputs = [f"last{k}" for k in range(len(states))] + [f"all{k}" for k in range(len(scans))]
    node = helper.make_node("Loop", inputs, outputs, name="loop", body=body)
    declared = [(o, F, 1 if o.startswith("last") else 2) for o in outputs]
    return Case(f"loop_{name}", model_of([node], feeds, declared, constants), feeds)


def loop_cases():
    for fixed in (False, True):
        tag = "constant" if fixed else "given"
        for trips in (0, 1, 5):
            yield loop_case(f"for_{trips}_{tag}", scalar(trips), None, accumulate(), "go", ["next"], ["square"], fixed)
            for go in (False, True):
                g = scalar(go, np.bool_)
                yield loop_case(f"both_{trips}_{go}_{tag}", scalar(trips), g, accumulate() + stop_above(12), "low", ["next"], ["square"], fixed, fixed)
                yield loop_case(f"trips_flag_{trips}_{go}_{tag}", scalar(trips), g, accumulate(), "go", ["next"], ["square"], fixed, fixed)
        for limit in (-5, 12, 40):
            for scans in ([], ["square"]):
                args = accumulate() + stop_above(limit), "low", ["next"], scans
                yield loop_case(f"while_{limit}_{len(scans)}_{tag}", None, scalar(True, np.bool_), *args, False, fixed)
                yield loop_case(f"while_huge_{limit}_{len(scans)}_{tag}", scalar(2**63 - 1), scalar(True, np.bool_), *args, True, fixed)
    yield loop_case("no_states", scalar(3), None, [helper.make_node("Add", ["x", "fi"], ["y"])], "go", [], ["y"])
    yield loop_case("outer_scan", scalar(3), None, [helper.make_node("Add", ["s0", "x"], ["next"]), helper.make_node("Identity", ["x"], ["y"])],
                    "go", ["next"], ["y"])
    swap = [helper.make_node("Identity", ["s1"], ["n0"]), helper.make_node("Add", ["s0", "x"], ["n1"])]
    yield loop_case("swap", scalar(4), None, swap, "go", ["n0", "n1"], [])
    keep = [helper.make_node("Identity", ["s0"], ["n0"]), helper.make_node("Identity", ["x"], ["n1"])]
    yield loop_case("kept_state", scalar(4), None, keep, "go", ["n0", "n1"], ["n1"])
    yield nested_loop()
    yield growing_state()


def nested_loop():
    inner = helper.make_graph(
        [helper.make_node("Mul", ["u", "x"], ["v0"]), helper.make_node("Add", ["v0", "s0"], ["v"]), helper.make_node("Identity", ["g"], ["g2"])],
        "inner", [typed("j", N64, []), typed("g", BOOL, []), typed("u", F, (2,))],
        [typed("g2", BOOL, []), typed("v", F, (2,)), typed("v", F, (2,))])
    inner.output[2].name = "w"
    inner.node.append(helper.make_node("Identity", ["v"], ["w"]))
    nodes = [helper.make_node("Loop", ["i", "", "s0"], ["next", "rows"], name="inner", body=inner),
             helper.make_node("ReduceSum", ["rows"], ["sum"], keepdims=0)]
    return loop_case("nested", scalar(4), None, nodes, "go", ["next"], ["sum"])


def growing_state():
    """A state that becomes longer: written out, since its trip count is known."""
    body = helper.make_graph([helper.make_node("Concat", ["s", "x"], ["t"], axis=0), helper.make_node("Identity", ["go"], ["go_on"])], "body",
                             [typed("i", N64, []), typed("go", BOOL, []), typed("s", F, [None])], [typed("go_on", BOOL, []), typed("t", F, [None])])
    feeds = {"x": np.array([1, 2], np.float32), "start": np.array([0.5], np.float32)}
    node = helper.make_node("Loop", ["trips", "", "start"], ["y"], body=body)
    return Case("loop_growing", model_of([node], feeds, [("y", F, 1)], {"trips": scalar(3)}), feeds)


def scan_case(name, rank_axis, directions, out_axis, out_direction, dynamic):
    axis_a, axis_b = rank_axis
    a = np.moveaxis(np.arange(24, dtype=np.float32).reshape(4, 2, 3) / 7, 0, axis_a).copy()
    b = np.moveaxis(np.arange(8, dtype=np.float32).reshape(4, 2), 0, axis_b).copy()
    nodes = [helper.make_node("ReduceSum", ["row_a", "one"], ["sum_a"], keepdims=0), helper.make_node("Add", ["state", "sum_a"], ["u"]),
             helper.make_node("Mul", ["u", "row_b"], ["v"]), helper.make_node("Sub", ["v", "row_b"], ["next"]),
             helper.make_node("Add", ["row_a", "outer"], ["out"]), helper.make_node("Identity", ["next"], ["seen"])]
    body = helper.make_graph(nodes, "body", [typed("state", F, (2,)), typed("row_a", F, (2, 3)), typed("row_b", F, (2,))],
                             [typed("next", F, (2,)), typed("out", F, (2, 3)), typed("seen", F, (2,))],
                             [numpy_helper.from_array(np.array([1], np.int64), "one")])
    feeds = {"start": np.array([1, -1], np.float32), "a": a, "b": b, "outer": np.array([0.25, 0.5, 1], np.float32)}
    node = helper.make_node("Scan", ["start", "a", "b"], ["last", "rows", "states"], body=body, num_scan_inputs=2,
                            scan_input_axes=[axis_a, axis_b], scan_input_directions=directions, scan_output_axes=[out_axis, 0],
                            scan_output_directions=out_direction)
    outputs = [("last", F, 1), ("rows", F, 3), ("states", F, 2)]
    return Case(f"scan_{name}", model_of([node], feeds, outputs, dynamic={"a", "b"} if dynamic else ()), feeds)


def scan_cases():
    for number, (axes, directions, out_axis, out_direction, dynamic) in enumerate(itertools.product(
            [(0, 0), (1, 1), (-1, -1)], [[0, 0], [1, 0], [1, 1]], (0, 1, -1), [[0, 0], [1, 0], [0, 1]], (False, True))):
        if number % 3 == 0:
            yield scan_case(str(number), axes, directions, out_axis, out_direction, dynamic)
    for lengths in (None, [3, 1], [2, 3]):
        yield batched_scan(lengths)


def batched_scan(lengths):
    body = helper.make_graph([helper.make_node("Add", ["s", "r"], ["n"]), helper.make_node("Mul", ["n", "r"], ["o"])], "body",
                             [typed("s", F, (2,)), typed("r", F, (2,))], [typed("n", F, (2,)), typed("o", F, (2,))])
    feeds = {"start": np.ones((2, 2), np.float32), "x": np.arange(12, dtype=np.float32).reshape(2, 3, 2) + 1}
    if lengths is not None:
        feeds = {"lengths": np.array(lengths, np.int64), **feeds}
    node = helper.make_node("Scan", ["lengths" if lengths is not None else "", "start", "x"], ["last", "all"], body=body, num_scan_inputs=1)
    return Case(f"scan8_{lengths}", model_of([node], feeds, [("last", F, 2), ("all", F, 3)], opset=8), feeds)


def branch(name, nodes, output, rank=1):
    return helper.make_graph(nodes, name, [], [typed(output, F, [None] * rank)])


def if_cases():
    x = np.array([1, 2, 3], np.float32)
    add = branch("yes", [helper.make_node("Add", ["x", "x"], ["p"])], "p")
    neg = branch("no", [helper.make_node("Neg", ["x"], ["q"])], "q")
    two = branch("two", [helper.make_node("Concat", ["x", "x"], ["w"], axis=0)], "w")
    constant = branch("fixed", [helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(x * 5))], "k")
    same = branch("same", [helper.make_node("Identity", ["x"], ["same_x"])], "same_x")
    inner = branch("inner", [helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0), helper.make_node("Greater", ["total", "zero"], ["c2"]),
                             helper.make_node("If", ["c2"], ["z"], then_branch=two, else_branch=neg)], "z")
    pairs = {"plain": (add, neg), "shapes": (two, neg), "constant": (constant, neg), "outer": (same, neg), "nested": (inner, add)}
    for (name, (then, otherwise)), flag, one in itertools.product(pairs.items(), (True, False), (False, True)):
        condition = np.array([flag] if one else flag)
        feeds = {"c": condition, "x": x}
        node = helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=otherwise)
        yield Case(f"if_{name}_{flag}_{'one' if one else 'scalar'}", model_of([node], feeds, [("y", F, 1)], {"zero": scalar(0, np.float32)}), feeds)
    for flag in (True, False):
        yield if_in_loop(flag)


def if_in_loop(flag):
    then = branch("yes", [helper.make_node("Add", ["s0", "x"], ["p"])], "p")
    otherwise = branch("no", [helper.make_node("Mul", ["s0", "x"], ["q"])], "q")
    nodes = [helper.make_node("Mod", ["i", "two"], ["odd"]), helper.make_node("Equal", ["odd", "zero"], ["even"]),
             helper.make_node("Xor", ["even", "flip"], ["c"]), helper.make_node("If", ["c"], ["next"], then_branch=then, else_branch=otherwise)]
    case = loop_case(f"with_if_{flag}", scalar(5), None, nodes, "go", ["next"], ["next2"])
    body = case.model.graph.node[0].attribute[0].g
    body.node.append(helper.make_node("Identity", ["next"], ["next2"]))
    for name, array in (("two", scalar(2)), ("zero", scalar(0)), ("flip", scalar(flag, np.bool_))):
        case.model.graph.initializer.append(numpy_helper.from_array(array, name))
    return case


# Sequences that grow in loops.


def sequence_case(consumer, trips, given, appends, begins, stops):
    """A loop appends to a sequence `appends` times an iteration; `consumer` makes a tensor of what has come together behind it."""
    sequence = helper.make_tensor_sequence_value_info
    nodes = [helper.make_node("Cast", ["i"], ["fi"], to=F), *accumulate(), helper.make_node("SequenceInsert", ["q", "next"], ["q0"])]
    nodes += [helper.make_node("SequenceInsert", [f"q{k}", "x"], [f"q{k + 1}"]) for k in range(appends - 1)]
    nodes += stop_above(12) if stops else []
    nodes.append(helper.make_node("Identity", ["low" if stops else "go"], ["go_on"]))
    inputs = [typed("i", N64, []), typed("go", BOOL, []), typed("s0", F, (2,)), sequence("q", F, None)]
    body = helper.make_graph(nodes, "body", inputs, [typed("go_on", BOOL, []), typed("next", F, (2,)), sequence(f"q{appends - 1}", F, None)])
    feeds = {"x": np.array([1, 2], np.float32), "start": np.array([0.5, -0.5], np.float32)}
    constants = {"pos": scalar(-1 if stops else 1)}
    (feeds if given else constants)["trips"] = scalar(trips)
    first = helper.make_node("SequenceConstruct", ["x"] * begins, ["e"]) if begins else helper.make_node("SequenceEmpty", [], ["e"])
    consumers = {"stack": (2, [helper.make_node("ConcatFromSequence", ["s"], ["y"], axis=-1, new_axis=1)]),
                 "concat": (1, [helper.make_node("ConcatFromSequence", ["s"], ["y"], axis=0)]),
                 "at": (1, [helper.make_node("SequenceAt", ["s", "pos"], ["y"])]),
                 "length": (0, [helper.make_node("SequenceLength", ["s"], ["n"]), helper.make_node("Cast", ["n"], ["y"], to=F)])}
    rank, behind = consumers[consumer]
    nodes = [first, helper.make_node("Loop", ["trips", "", "start", "e"], ["last", "s"], body=body), *behind]
    name = f"sequence_{consumer}_{trips}_{'given' if given else 'constant'}_{appends}_{begins}_{'stops' if stops else 'runs'}"
    return Case(name, model_of(nodes, feeds, [("last", F, 1), ("y", F, rank)], constants), feeds)


def sequence_cases():
    for consumer, given, trips in itertools.product(("stack", "concat", "at", "length"), (True, False), (4, 40)):
        for appends, begins, stops in ((1, 0, False), (2, 0, False), (1, 2, False), (3, 1, True), (1, 0, True)):
            yield sequence_case(consumer, trips, given, appends, begins, stops)


def all_cases():
    return itertools.chain(recurrent_cases(), loop_cases(), scan_cases(), if_cases(), sequence_cases())


# Running.


def run_onnxruntime(model, feeds):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def run_rondo(model, feeds):
    from rondo import onnx_backend

    return list(onnx_backend.prepare(model, threads=1).run(feeds))


def difference(case, run=run_rondo):
    """What is wrong with a case; empty if nothing is."""
    if case.oracle:
        model, feeds, transform = case.oracle
        expected = transform(run_onnxruntime(model, feeds))
    else:
        expected = run_onnxruntime(case.model, case.feeds)
    actual = run(case.model, case.feeds)
    for output, e, a in zip(case.model.graph.output, expected, actual):
        if e.shape != np.shape(a):
            return f"{output.name} is {np.shape(a)}, not {e.shape}"
        if not np.allclose(a, e, rtol=1e-4, atol=2e-5, equal_nan=True):
            return f"{output.name} differs by {np.max(np.abs(a - e)):.3g}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="", help="regular expression over the names of cases")
    parser.add_argument("--verbose", action="store_true", help="a line for each case")
    arguments = parser.parse_args()
    counts = {"equal": 0, "different": 0}
    for case in all_cases():
        if not re.search(arguments.filter, case.name):
            continue
        try:
            wrong = difference(case)
        except Exception as error:  # noqa: BLE001  a refusal counts as a difference
            wrong = f"{type(error).__name__}: {error}"
        counts["different" if wrong else "equal"] += 1
        if wrong or arguments.verbose:
            print(f"{case.name}: {wrong or 'equal'}")
    print(f"{counts['equal']} equal to ONNX Runtime {onnxruntime.__version__}, {counts['different']} different")
    return 1 if counts["different"] or not counts["equal"] else 0


if __name__ == "__main__":
    sys.exit(main())
