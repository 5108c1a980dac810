"""rondo.nn against PyTorch, which runs as its own process (Debian's python3-torch), and against formulas written out in NumPy."""

import itertools
import json
import os
import subprocess

import numpy as np
import pytest
import rondo
from rondo import nn

ORACLE = os.path.join(os.path.dirname(__file__), "torch_oracle.py")
PYTHON = "/usr/bin/python3"
LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def cells():
    return [("lstm", 0, "tanh"), ("lstm", 1, "tanh"), ("gru", 0, "tanh"), ("rnn", 0, "tanh"), ("rnn", 0, "relu")]


def matrix():
    """Every combination, each with sizes of its own; every tenth without a batch dimension as well."""
    rng = np.random.default_rng(11)
    cases = []
    flags = itertools.product(cells(), (1, 2, 3), *[(False, True)] * 5)
    for (kind, projected, nonlinearity), layers, bidirectional, bias, batch_first, ragged, stateful in flags:
        hidden = int(rng.integers(2, 20))
        batch, steps = int(rng.integers(1, 6)), int(rng.integers(1, 12))
        cases.append(
            {
                "kind": kind,
                "input": int(rng.integers(1, 18)),
                "hidden": hidden,
                "layers": layers,
                "bidirectional": bidirectional,
                "bias": bias,
                "batch_first": batch_first,
                "projection": int(rng.integers(1, hidden)) if projected else 0,
                "nonlinearity": nonlinearity,
                "double": False,
                "lengths": rng.integers(1, steps + 1, batch).tolist() if ragged else None,
                "stateful": stateful,
                "batch": batch,
                "steps": steps,
            }
        )
    alone = [dict(case, batch=None) for case in cases if case["lengths"] is None and not case["batch_first"]][::3]
    return cases + alone


def parameters(case, rng):
    """A state dict as PyTorch names it."""
    gates, hidden = GATES[case["kind"]], case["hidden"]
    recurrent = case["projection"] or hidden
    directions = 1 + case["bidirectional"]
    bound = 1 / np.sqrt(hidden)
    result = {}
    for layer in range(case["layers"]):
        width = case["input"] if layer == 0 else recurrent * directions
        for suffix in ("", "_reverse")[:directions]:
            shapes = {"weight_ih": (gates * hidden, width), "weight_hh": (gates * hidden, recurrent)}
            if case["bias"]:
                shapes.update(bias_ih=(gates * hidden,), bias_hh=(gates * hidden,))
            if case["projection"]:
                shapes["weight_hr"] = (case["projection"], hidden)
            for name, shape in shapes.items():
                result[f"{name}_l{layer}{suffix}"] = rng.uniform(-bound, bound, shape).astype(np.float32)
    return result


def inputs(case, rng):
    batch, steps = case["batch"], case["steps"]
    rows = case["layers"] * (1 + case["bidirectional"])
    middle = () if batch is None else (batch,)
    x = rng.standard_normal((steps, *middle, case["input"])).astype(np.float32)
    result = {"x": np.ascontiguousarray(x.swapaxes(0, 1)) if case["batch_first"] else x}
    if case["stateful"]:
        result["h0"] = rng.standard_normal((rows, *middle, case["projection"] or case["hidden"])).astype(np.float32)
        if case["kind"] == "lstm":
            result["c0"] = rng.standard_normal((rows, *middle, case["hidden"])).astype(np.float32)
    return result


def ours(case, arrays, state_dict):
    activations = ["Relu"] if case["nonlinearity"] == "relu" else []
    layer = LAYERS[case["kind"]].from_torch(state_dict, batch_first=case["batch_first"], activations=activations)
    states = [arrays[name] for name in ("h0", "c0") if name in arrays]
    states = None if not states else tuple(states) if case["kind"] == "lstm" else states[0]
    y, last = layer(arrays["x"], states, case["lengths"])
    return dict(zip(("y", "h", "c"), (y, *(last if case["kind"] == "lstm" else (last,)))))


def oracle(cases, arrays, folder):
    """PyTorch's results of all cases; skips where there is no PyTorch."""
    if not os.path.exists(PYTHON) or subprocess.run([PYTHON, "-c", "import torch"], capture_output=True, check=False).returncode:
        pytest.skip(f"{PYTHON} has no torch (Debian: python3-torch)")
    np.savez(folder / "in.npz", cases=json.dumps(cases), **arrays)
    subprocess.run([PYTHON, ORACLE, str(folder / "in.npz"), str(folder / "out.npz")], check=True, env={"OMP_NUM_THREADS": "1"})
    return np.load(folder / "out.npz")


def compare(cases, folder, seed, check):
    rng = np.random.default_rng(seed)
    made = [(inputs(case, rng), parameters(case, rng)) for case in cases]
    arrays = {}
    for k, (given, state_dict) in enumerate(made):
        arrays.update({f"{k}/{name}": value for name, value in given.items()})
        arrays.update({f"{k}/p/{name}": value for name, value in state_dict.items()})
    expected = oracle(cases, arrays, folder)
    for k, case in enumerate(cases):
        for name, value in ours(case, *made[k]).items():
            check(value, expected[f"{k}/{name}"], f"{name} of case {k}: {case}")


def test_matrix_against_torch(tmp_path):
    cases = matrix()
    assert len(cases) >= 500

    def check(value, expected, what):
        assert value.shape == expected.shape, what
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6, err_msg=what)

    compare(cases, tmp_path, 3, check)


def test_thousand_steps_against_torch(tmp_path):
    base = {"layers": 2, "bidirectional": False, "bias": True, "batch_first": False, "double": True, "lengths": None, "stateful": True}
    cases = [
        dict(base, kind=kind, projection=24 * projected, nonlinearity=nonlinearity, input=32, hidden=64, batch=2, steps=1000)
        for kind, projected, nonlinearity in cells()
    ]

    def check(value, expected, what):
        assert np.max(np.abs(value - expected)) <= 5e-6, what

    compare(cases, tmp_path, 5, check)


def numpy_lstm(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr=None):
    """x [B, T, I], in double."""

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    y = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + b_ih + b_hh, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        h = h if w_hr is None else h @ w_hr.T
        y.append(h)
    return np.stack(y, 1), (h, c)


@pytest.mark.parametrize("projected", [False, True])
def test_lstm_forward(projected):
    rng = np.random.default_rng(1)
    batch, steps, inputs_, hidden, projection = 2, 3, 4, 5, 3
    width = projection if projected else hidden
    shapes = [(batch, steps, inputs_), (batch, width), (batch, hidden), (4 * hidden, inputs_), (4 * hidden, width)]
    shapes += [(4 * hidden,), (4 * hidden,)] + [(projection, hidden)] * projected
    x, h0, c0, *weights = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    y, (h, c) = nn.lstm_forward(x, (h0, c0), *weights)
    expected, (last_h, last_c) = numpy_lstm(*(a.astype(np.float64) for a in (x, h0, c0, *weights)))
    for value, wanted in ((y, expected), (h, last_h), (c, last_c)):
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6)


def test_keras_weights_are_torchs_in_another_order():
    rng = np.random.default_rng(2)
    case = {"kind": "lstm", "input": 3, "hidden": 4, "layers": 1, "bidirectional": False, "bias": True, "projection": 0}
    torch_dict = parameters(case, rng)
    torch_layer = nn.LSTM.from_torch(torch_dict, batch_first=True)
    kernel, recurrent = torch_dict["weight_ih_l0"].T, torch_dict["weight_hh_l0"].T  # Keras: i f c o, as PyTorch
    layer = nn.LSTM.from_keras([kernel, recurrent, torch_dict["bias_ih_l0"] + torch_dict["bias_hh_l0"]])
    x = rng.standard_normal((2, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(layer(x)[0], torch_layer(x)[0], rtol=1e-5, atol=1e-6)


def test_tensorflow_weights_with_forget_bias(tmp_path):
    rng = np.random.default_rng(3)
    case = {"kind": "lstm", "input": 3, "hidden": 4, "layers": 2, "bidirectional": False, "bias": True, "projection": 0}
    layer = nn.LSTM.from_torch(parameters(case, rng))
    tensors = {}
    for number, cell in enumerate(layer.cells):
        prefix = f"rnn/multi_rnn_cell/cell_{number}/basic_lstm_cell/"
        tensors.update(nn.write_cell("tensorflow", cell, prefix=prefix, forget_bias=1.0))
    np.savez(tmp_path / "model.npz", **tensors)
    again = nn.LSTM.from_tf_checkpoint(str(tmp_path / "model.npz"))
    x = rng.standard_normal((6, 2, 3)).astype(np.float32)
    np.testing.assert_allclose(again(x)[0], layer(x)[0], rtol=1e-5, atol=1e-6)


def test_layers_stand_between_others_of_a_network():
    rng = np.random.default_rng(4)
    case = {"kind": "gru", "input": 3, "hidden": 4, "layers": 1, "bidirectional": True, "bias": True, "projection": 0}
    layer = nn.GRU.from_torch(parameters(case, rng))
    network = rondo.Builder(rondo.Logger(rondo.ILogger.Severity.ERROR)).create_network()
    x = network.add_input("x", rondo.float32, (5, 2, 3))
    y, _ = layer.add_to(network, network.add_unary(x, rondo.UnaryOperation.NEG).get_output(0), name="enc")
    network.mark_output(y)
    names = [network.get_layer(i).name for i in range(network.num_layers)]
    assert any(name.startswith("enc.l0.reverse") for name in names)
    value = rng.standard_normal((5, 2, 3)).astype(np.float32)
    (got,) = rondo.build(network)(value).values()
    np.testing.assert_allclose(got, layer(-value)[0], rtol=1e-6, atol=1e-7)


def test_no_steps_and_rows_of_no_length():
    rng = np.random.default_rng(6)
    case = {"kind": "lstm", "input": 3, "hidden": 4, "layers": 2, "bidirectional": True, "bias": True, "projection": 0}
    layer = nn.LSTM.from_torch(parameters(case, rng))
    h0, c0 = (rng.standard_normal((4, 2, 4)).astype(np.float32) for _ in range(2))
    y, (h, c) = layer(np.zeros((0, 2, 3), np.float32), (h0, c0))
    assert y.shape == (0, 2, 8) and np.array_equal(h, h0) and np.array_equal(c, c0)
    x = rng.standard_normal((5, 2, 3)).astype(np.float32)
    y, (h, c) = layer(x, (h0, c0), lengths=[0, 5])
    assert not y[:, 0].any() and np.array_equal(h[:, 0], h0[:, 0]) and np.array_equal(c[:, 0], c0[:, 0])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda layer: layer(np.zeros((5, 2, 4), np.float32)), "takes [T, B, 3]"),
        (lambda layer: layer(np.zeros((5, 2, 3), np.float32), np.zeros((1, 2, 5), np.float32)), "h0 has shape (1, 2, 5)"),
        (lambda layer: layer(np.zeros((5, 2, 3), np.float32), lengths=[1, 6]), "numbers from 0 to 5"),
        (lambda layer: nn.LSTM.from_torch({"linear.weight": np.zeros((2, 2))}), "no 'weight_ih_l0' among linear.weight"),
        (lambda layer: nn.LSTM(layer.cells), "LSTM takes lstm"),
        (lambda layer: nn.GRU.from_keras([np.zeros((2, 2))] * 4), "4 arrays are not"),
        (lambda layer: nn.read_cell("caffe", "lstm", {}), "not 'caffe'"),
    ],
)
def test_mistakes(call, text):
    case = {"kind": "gru", "input": 3, "hidden": 4, "layers": 1, "bidirectional": False, "bias": True, "projection": 0}
    layer = nn.GRU.from_torch(parameters(case, np.random.default_rng(7)))
    with pytest.raises(ValueError) as error:
        call(layer)
    assert text in str(error.value)
