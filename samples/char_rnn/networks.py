"""The networks of the sample, written with Rondo's Python API: the step, generation inside the engine, reading."""

import json
from dataclasses import dataclass

import numpy as np
import rondo as trt
from rondo import nn

MAX, SUM, PROD, SUB, DIV = (getattr(trt.ElementWiseOperation, n) for n in ("MAX", "SUM", "PROD", "SUB", "DIV"))
LESS, GREATER = trt.ElementWiseOperation.LESS, trt.ElementWiseOperation.GREATER
SIGMOID, TANH = trt.ActivationType.SIGMOID, trt.ActivationType.TANH
COLUMNS = 1 << 1  # axis 1 as a bit mask


@dataclass
class Model:
    """Embedding [V, E] (the identity for one-hot models), per layer W [4H, I], R [4H, H], bias [4H] (gates i, f, g, o), dense layer."""

    embedding: np.ndarray
    layers: list
    softmax_w: np.ndarray
    softmax_b: np.ndarray

    @property
    def vocab(self):
        return len(self.softmax_b)

    @property
    def hidden(self):
        return self.softmax_w.shape[0]


def load_model(path, forget_bias=0.0):
    """From a TensorFlow checkpoint, .wts, npz or safetensors under the names of tensorflow-char-rnn."""
    tensors = nn.load_weights(path)

    def ending(tail):
        return next((array for name, array in tensors.items() if name.endswith(tail)), None)

    layers = []
    for cell in nn.LSTM.from_tf_checkpoint(path, forget_bias=forget_bias).cells:
        parts = nn.write_cell("pytorch", cell)
        layers.append((parts["weight_ih_l0"], parts["weight_hh_l0"], parts["bias_ih_l0"] + parts["bias_hh_l0"]))
    embedding = ending("embedding")
    if embedding is None:
        embedding = np.eye(len(ending("softmax_b")), dtype=np.float32)
    return Model(embedding, layers, ending("softmax_w"), ending("softmax_b"))


class Vocabulary:
    """Characters and their ids; a character that is not there becomes 0."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.ids = json.load(file)
        self.characters = {number: character for character, number in self.ids.items()}

    def encode(self, text):
        return np.array([self.ids.get(c, 0) for c in text], np.int32)

    def decode(self, ids):
        return "".join(self.characters[int(i)] for i in ids)


class Writer:
    """Short words for layers."""

    def __init__(self, network):
        self.network = network

    def constant(self, array, dtype=np.float32):
        array = np.array(array, dtype, order="C")
        return self.network.add_constant(array.shape, array).get_output(0)

    def elementwise(self, a, b, op):
        return self.network.add_elementwise(a, b, op).get_output(0)

    def activation(self, x, kind):
        return self.network.add_activation(x, kind).get_output(0)

    def gather(self, table, indices):
        return self.network.add_gather(table, indices, 0).get_output(0)

    def pick(self, x, index):
        return self.gather(x, self.constant(index, np.int32))

    def reshape(self, x, dims):
        layer = self.network.add_shuffle(x)
        layer.reshape_dims = dims
        return layer.get_output(0)

    def concat(self, parts, axis=0):
        layer = self.network.add_concatenation(parts)
        layer.axis = axis
        return layer.get_output(0)

    def reduce(self, x, op, axes):
        return self.network.add_reduce(x, op, axes, True).get_output(0)

    def unary(self, x, op):
        return self.network.add_unary(x, op).get_output(0)

    def dense(self, x, weights):
        """x W^T."""
        none, transpose, vector = trt.MatrixOperation.NONE, trt.MatrixOperation.TRANSPOSE, trt.MatrixOperation.VECTOR
        form = vector if len(x.shape) == 1 else none
        return self.network.add_matrix_multiply(x, form, self.constant(weights), transpose).get_output(0)

    def columns(self, x, start, count):
        rows = tuple(x.shape[:-1])
        return self.network.add_slice(x, (0,) * len(rows) + (start,), (*rows, count), (1,) * (len(rows) + 1)).get_output(0)

    def mark(self, tensor, name):
        tensor.name = name
        self.network.mark_output(tensor)

    def lstm_step(self, x, h, c, weights):
        """One step of a cell on vectors, or on rows."""
        w, r, bias = weights
        hidden = r.shape[1]
        bias = self.constant(bias if len(x.shape) == 1 else bias[None])
        gates = self.elementwise(self.elementwise(self.dense(x, w), self.dense(h, r), SUM), bias, SUM)
        i, f, g, o = (
            self.activation(self.columns(gates, k * hidden, hidden), kind)
            for k, kind in enumerate((SIGMOID, SIGMOID, TANH, SIGMOID))
        )
        cell = self.elementwise(self.elementwise(f, c, PROD), self.elementwise(i, g, PROD), SUM)
        return self.elementwise(o, self.activation(cell, TANH), PROD), cell

    def scores(self, model, hidden):
        ones = (1,) * (len(hidden.shape) - 2)
        none = trt.MatrixOperation.NONE
        weights = self.constant(model.softmax_w.reshape(ones + model.softmax_w.shape))
        product = self.network.add_matrix_multiply(hidden, none, weights, none).get_output(0)
        return self.elementwise(product, self.constant(model.softmax_b.reshape((*ones, 1, -1))), SUM)


def _rnn_v2(w, model, x, hidden, cell, length):
    rnn = w.network.add_rnn_v2(x, len(model.layers), model.hidden, 1, trt.RNNOperation.LSTM)
    rnn.hidden_state, rnn.cell_state, rnn.seq_lengths = hidden, cell, length
    gates = [getattr(trt.RNNGateType, name) for name in ("INPUT", "FORGET", "CELL", "OUTPUT")]
    for layer, (weights, recurrent, bias) in enumerate(model.layers):
        for k, gate in enumerate(gates):
            rows = slice(k * model.hidden, (k + 1) * model.hidden)
            rnn.set_weights_for_gate(layer, gate, True, np.ascontiguousarray(weights[rows]))
            rnn.set_weights_for_gate(layer, gate, False, np.ascontiguousarray(recurrent[rows]))
            rnn.set_bias_for_gate(layer, gate, True, np.ascontiguousarray(bias[rows]))
            rnn.set_bias_for_gate(layer, gate, False, np.zeros(model.hidden, np.float32))
    return [rnn.get_output(i) for i in range(3)]


def _loops(w, model, x, hidden, cell, length, axis_length):
    """One loop for each layer; x [T, ..], states [L, ..]."""
    rows = ([], [])
    for layer, weights in enumerate(model.layers):
        loop = w.network.add_loop()
        loop.add_trip_limit(length, trt.TripLimit.COUNT)
        states = [loop.add_recurrence(w.pick(s, layer)) for s in (hidden, cell)]
        after = w.lstm_step(loop.add_iterator(x).get_output(0), *(s.get_output(0) for s in states), weights)
        for state, value in zip(states, after):
            state.set_input(1, value)
        sequence = loop.add_loop_output(after[0], trt.LoopOutput.CONCATENATE, 0)
        sequence.set_input(1, axis_length)
        x = sequence.get_output(0)
        for kept, state in zip(rows, states):
            last = loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE).get_output(0)
            kept.append(w.reshape(last, (1, *hidden.shape[1:])))
    return x, w.concat(rows[0]), w.concat(rows[1])


def describe_step(network, model, use_loop):
    """The bindings of TensorRT's sampleCharRNN: data [1], hiddenIn, cellIn [L, H], seqLen -> hiddenOut, cellOut, pred [1, 1]."""
    w = Writer(network)
    layers, hidden_size = len(model.layers), model.hidden
    data = network.add_input("data", trt.int32, (1,))
    hidden = network.add_input("hiddenIn", trt.float32, (layers, hidden_size))
    cell = network.add_input("cellIn", trt.float32, (layers, hidden_size))
    length = network.add_input("seqLen", trt.int32, ())
    x = w.gather(w.constant(model.embedding), data)
    if use_loop:
        sequence, last_hidden, last_cell = _loops(w, model, x, hidden, cell, length, w.constant(1, np.int32))
    else:
        sequence, last_hidden, last_cell = _rnn_v2(w, model, x, hidden, cell, length)
    none, transpose = trt.MatrixOperation.NONE, trt.MatrixOperation.TRANSPOSE
    product = network.add_matrix_multiply(w.constant(model.softmax_w.T), none, sequence, transpose).get_output(0)
    scores = w.elementwise(product, w.constant(model.softmax_b[:, None]), SUM)
    w.mark(last_hidden, "hiddenOut")
    w.mark(last_cell, "cellOut")
    w.mark(network.add_topk(scores, trt.TopKOperation.MAX, 1, 1 << 0).get_output(1), "pred")


class _Sampler:
    """Draws a character from the most probable ones (generation_network.cpp says how)."""

    def __init__(self, w, batch, vocab):
        self.w, self.batch, self.vocab = w, batch, vocab
        add = w.network.add_input
        self.temperature = w.reshape(add("temperature", trt.float32, ()), (1, 1))
        self.top_k = w.reshape(add("topK", trt.int32, ()), (1, 1))
        self.top_p = w.reshape(add("topP", trt.float32, ()), (1, 1))
        self.random = add("random", trt.int64, ())
        self.zero = w.constant([[0.0]])
        self.axis = w.constant(1, np.int32)

    def enter(self, loop):
        self.stream = loop.add_recurrence(self.random)

    def leave(self, loop):
        now = self.stream.get_output(0)
        self.stream.set_input(1, self.w.elementwise(now, self.w.constant(1, np.int64), SUM))
        self.w.mark(loop.add_loop_output(now, trt.LoopOutput.LAST_VALUE).get_output(0), "randomOut")

    def _keep(self, x, key, bound):
        return self.w.network.add_select(self.w.elementwise(key, bound, LESS), x, self.zero).get_output(0)

    def _running_total(self, x, exclusive):
        return self.w.network.add_cumulative(x, self.axis, trt.CumulativeOperation.SUM, exclusive, False).get_output(0)

    def draw(self, scores):
        w = self.w
        top = w.network.add_topk(scores, trt.TopKOperation.MAX, self.vocab, COLUMNS)
        ordered = top.get_output(0)
        scaled = w.elementwise(w.elementwise(ordered, w.columns(ordered, 0, 1), SUB), self.temperature, DIV)
        places = w.constant(np.arange(self.vocab)[None], np.int32)
        best = self._keep(w.unary(scaled, trt.UnaryOperation.EXP), places, self.top_k)
        bound = w.elementwise(w.reduce(best, trt.ReduceOperation.SUM, COLUMNS), self.top_p, PROD)
        totals = self._running_total(self._keep(best, self._running_total(best, True), bound), False)
        fill = w.network.add_fill((self.batch, 1), trt.FillOperation.RANDOM_UNIFORM)
        fill.name = "choice"
        fill.set_input(3, self.stream.get_output(0))
        target = w.elementwise(fill.get_output(0), w.columns(totals, self.vocab - 1, 1), PROD)
        passed = w.network.add_cast(w.elementwise(totals, target, GREATER), trt.int32).get_output(0)
        place = w.elementwise(w.constant([[self.vocab]], np.int32), w.reduce(passed, trt.ReduceOperation.SUM, COLUMNS), SUB)
        chosen = w.network.add_gather_v2(top.get_output(1), place, trt.GatherMode.ELEMENT)
        chosen.axis = 1
        return w.reshape(chosen.get_output(0), (self.batch,))


def describe_generation(network, model, sample, batch):
    """token [B], hiddenIn, cellIn [L, B, H], count; to sample also temperature, topK, topP, random -> text [count, B], and what goes on."""
    w = Writer(network)
    states_dims = (len(model.layers), batch, model.hidden)
    first = network.add_input("token", trt.int32, (batch,))
    hidden = network.add_input("hiddenIn", trt.float32, states_dims)
    cell = network.add_input("cellIn", trt.float32, states_dims)
    count = network.add_input("count", trt.int32, ())
    sampler = _Sampler(w, batch, model.vocab) if sample else None
    loop = network.add_loop()
    loop.add_trip_limit(count, trt.TripLimit.COUNT)
    if sampler:
        sampler.enter(loop)
    token = loop.add_recurrence(first)
    x = w.gather(w.constant(model.embedding), token.get_output(0))
    rows = ([], [])
    for layer, weights in enumerate(model.layers):
        states = [loop.add_recurrence(w.pick(s, layer)) for s in (hidden, cell)]
        after = w.lstm_step(x, *(s.get_output(0) for s in states), weights)
        for kept, state, value in zip(rows, states, after):
            state.set_input(1, value)
            last = loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE).get_output(0)
            kept.append(w.reshape(last, (1, batch, model.hidden)))
        x = after[0]
    scores = w.scores(model, x)
    if sampler:
        chosen = sampler.draw(scores)
        sampler.leave(loop)
    else:
        best = network.add_topk(scores, trt.TopKOperation.MAX, 1, COLUMNS).get_output(1)
        chosen = w.reshape(best, (batch,))
    token.set_input(1, chosen)
    text = loop.add_loop_output(chosen, trt.LoopOutput.CONCATENATE, 0)
    text.set_input(1, count)
    w.mark(text.get_output(0), "text")
    w.mark(loop.add_loop_output(token.get_output(0), trt.LoopOutput.LAST_VALUE).get_output(0), "tokenOut")
    w.mark(w.concat(rows[0]), "hiddenOut")
    w.mark(w.concat(rows[1]), "cellOut")


def describe_reading(network, model, batch):
    """ids, next [T, B], hiddenIn, cellIn [L, B, H] -> nats [T, B] (cross entropy of next), hiddenOut, cellOut."""
    w = Writer(network)
    states_dims = (len(model.layers), batch, model.hidden)
    ids = network.add_input("ids", trt.int32, (-1, batch))
    following = network.add_input("next", trt.int32, (-1, batch))
    hidden = network.add_input("hiddenIn", trt.float32, states_dims)
    cell = network.add_input("cellIn", trt.float32, states_dims)
    steps = w.pick(network.add_shape(ids).get_output(0), 0)
    x = w.gather(w.constant(model.embedding), ids)
    sequence, last_hidden, last_cell = _loops(w, model, x, hidden, cell, steps, steps)
    w.mark(last_hidden, "hiddenOut")
    w.mark(last_cell, "cellOut")
    scores = w.scores(model, sequence)
    behind = w.elementwise(scores, w.reduce(scores, trt.ReduceOperation.MAX, 1 << 2), SUB)
    total = w.reduce(w.unary(behind, trt.UnaryOperation.EXP), trt.ReduceOperation.SUM, 1 << 2)
    picked = network.add_gather_v2(behind, w.reshape(following, (-1, batch, 1)), trt.GatherMode.ELEMENT)
    picked.axis = 2
    nats = w.elementwise(w.unary(total, trt.UnaryOperation.LOG), picked.get_output(0), SUB)
    w.mark(w.reshape(nats, (-1, batch)), "nats")


def build(describe, model, *arguments, most_steps=4096, threads=0, logger=None):
    """The plan of a network that one of the functions above describes."""
    logger = logger or trt.Logger(trt.ILogger.Severity.WARNING)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    describe(network, model, *arguments)
    config = builder.create_builder_config()
    if threads:
        config.max_threads = threads
    profile = builder.create_optimization_profile()
    for i in range(network.num_inputs):
        tensor = network.get_input(i)
        if tensor.name == "count":
            profile.set_shape_input("count", [1], [min(1000, most_steps)], [most_steps])
        elif tensor.shape[:1] == (-1,) or (len(tensor.shape) and tensor.shape[0] == -1):
            profile.set_shape(tensor.name, *((steps, *tensor.shape[1:]) for steps in (1, min(1000, most_steps), most_steps)))
    config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise RuntimeError("the network cannot be built")
    return plan
