"""Recurrent layers with the weights of other frameworks: rondo.nn.LSTM, GRU and RNN.

    layer = rondo.nn.LSTM.from_torch(model.lstm.state_dict(), batch_first=True)
    y, (h, c) = layer(x)                          # numpy arrays in, numpy arrays out
    y, h, c = layer.add_to(network, x_tensor)     # or as layers of a network, between others

A layer is a stack of cells, each direction a loop of ordinary layers that the builder optimizes. Shapes are PyTorch's: x [T, B, I], or
[B, T, I] with batch_first, or [T, I] of one sequence; states [layers * directions, B, width], which batch_first does not touch.
"""

import re

import numpy as np

from . import _nn, _rondo
from ._engine import build as _build

CellWeights = _nn.CellWeights
NnError = _nn.NnError
read_cell = _nn.read_cell
write_cell = _nn.write_cell

__all__ = ["GRU", "LSTM", "RNN", "CellWeights", "NnError", "load_weights", "lstm_forward", "read_cell", "write_cell"]


def load_weights(path, *, legacy_type0=False, everything=False):
    """The tensors of a TensorFlow checkpoint, .wts, npz, npy or safetensors file by name, in the file's order; all checksums are verified.

    legacy_type0   the file is a .wts whose records all say type 0
    everything     optimizer state too
    """
    if not hasattr(_nn, "load_weights"):
        raise NotImplementedError("this rondo was built without zlib, snappy or nlohmann-json, which files of weights need")
    return _nn.load_weights(path, legacy_type0, everything)


def _array(value):
    """float32, C order, of an array, a sequence or a tensor of another framework."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "numpy"):
        value = value.numpy()
    return np.ascontiguousarray(value, np.float32)


def _capacity(extent):
    """The power of two that an extent fits, so that an engine serves similar shapes."""
    return 1 << max(0, int(extent) - 1).bit_length()


class _Recurrent:
    """What LSTM, GRU and RNN share. cells[layer * directions + direction] are CellWeights.

    reverse          one direction, from the end of each sequence to its start
    activations      formulas by ONNX's names; none for the usual ones
    clip             bound of what enters each formula
    threads          the most threads to use; 0: all cores
    """

    _kind = None
    _has_cell_state = False

    def __init__(self, cells, *, bidirectional=False, batch_first=False, reverse=False, activations=(), threads=0, **settings):
        self.cells = list(cells)
        self.directions = 2 if bidirectional else 1
        if not self.cells or len(self.cells) % self.directions:
            raise ValueError(f"{len(self.cells)} cells are no layers of {self.directions} direction(s)")
        if any(cell.kind != self._kind for cell in self.cells):
            raise ValueError(f"the cells are {', '.join(cell.kind for cell in self.cells)}; {type(self).__name__} takes {self._kind}")
        if bidirectional and reverse:
            raise ValueError("bidirectional layers have no reverse")
        self.batch_first = batch_first
        self._direction = "bidirectional" if bidirectional else "reverse" if reverse else "forward"
        self._settings = dict(settings, activations=list(activations))
        self._threads = threads
        self._engines = {}

    @property
    def num_layers(self):
        return len(self.cells) // self.directions

    @property
    def input_size(self):
        return self.cells[0].input

    @property
    def hidden_size(self):
        return self.cells[0].hidden

    @property
    def proj_size(self):
        return self.cells[0].projection

    def __repr__(self):
        size = f"{self.input_size}, {self.hidden_size}" + (f", proj_size={self.proj_size}" if self.proj_size else "")
        return f"rondo.nn.{type(self).__name__}({size}, num_layers={self.num_layers}, direction={self._direction!r})"

    # -- weights

    @classmethod
    def from_torch(cls, state_dict, prefix="", **options):
        """Of a state dict of torch.nn.LSTM, GRU or RNN: tensors or arrays by name. `prefix` stands in front of the names ("encoder.lstm.").

        The formula of an RNN is not in a state dict: activations=["Relu"] for nonlinearity="relu".
        """
        tensors = {name[len(prefix) :]: _array(value) for name, value in state_dict.items() if name.startswith(prefix)}
        layers = sum(bool(re.fullmatch(r"weight_ih_l\d+", name)) for name in tensors)
        if layers == 0:
            raise ValueError(f"no '{prefix}weight_ih_l0' among {', '.join(state_dict) or 'no tensors'}")
        bidirectional = "weight_ih_l0_reverse" in tensors
        cells = [
            read_cell("pytorch", cls._kind, tensors, layer=layer, direction=direction)
            for layer in range(layers)
            for direction in range(1 + bidirectional)
        ]
        return cls(cells, bidirectional=bidirectional, **options)

    @classmethod
    def from_keras(cls, weights, *, bidirectional=False, batch_first=True, **options):
        """Of what layer.get_weights() returns: kernel, recurrent_kernel and, unless use_bias=False, bias, for each direction.

        weights   the list of one layer, or a list of such lists for stacked layers
        A GRU's place of the reset follows from the shape of its bias; without one it is reset_after=True, the default of Keras 2 and 3.
        """
        layers = weights if isinstance(weights[0], (list, tuple)) else [weights]
        cells = []
        for arrays in layers:
            count = len(arrays) // (1 + bidirectional)
            if count not in (2, 3) or count * (1 + bidirectional) != len(arrays):
                raise ValueError(f"{len(arrays)} arrays are not kernel, recurrent_kernel and bias of {1 + bidirectional} direction(s)")
            for start in range(0, len(arrays), count):
                names = ["kernel", "recurrent_kernel", "bias"][:count]
                tensors = dict(zip(names, (_array(a) for a in arrays[start : start + count])))
                cells.append(read_cell("keras", cls._kind, tensors))
        return cls(cells, bidirectional=bidirectional, batch_first=batch_first, **options)

    @classmethod
    def from_tf_checkpoint(cls, path, *, prefix="", forget_bias=1.0, **options):
        """Of a TensorFlow 1 checkpoint (or a .wts, npz or safetensors file with its names).

        prefix       only cells whose names start so
        forget_bias  what the cell adds to the forget gate as it runs, which no checkpoint holds: 1 is TensorFlow's default
        Each `.../kernel` (before 1.2 `.../weights`) beside a bias is a cell; those of one multi_rnn_cell are a stack, in order of their numbers.
        """
        tensors = load_weights(path)
        leaf = {"rnn": "basic_rnn_cell", "lstm": "lstm_cell", "gru": "gru_cell"}[cls._kind]
        found = {}
        for name in tensors:
            match = re.match(rf"(.*{leaf}[/_])(?:gates[/_])?(?:kernel|weights)$", name)
            if match and name.startswith(prefix):
                number = re.search(r"cell_(\d+)[/_]", match[1])
                found[int(number[1]) if number else 0] = match[1]
        if not found:
            raise ValueError(f"{path} has no {leaf} under '{prefix}'; its tensors are {', '.join(tensors)}")
        arrays = {name: _array(value) for name, value in tensors.items() if value.dtype.kind == "f"}
        bias = forget_bias if cls._kind == "lstm" else 0.0
        cells = [read_cell("tensorflow", cls._kind, arrays, prefix=found[number], forget_bias=bias) for number in sorted(found)]
        return cls(cells, **options)

    # -- as layers of a network

    def add_to(self, network, x, *states, lengths=None, name=""):
        """Writes the layers into a network. x [T, B, I] and the initial states are its tensors; lengths int32 [B].

        Returns output, h (GRU, RNN) or output, h, c (LSTM). The network keeps the weights alive.
        """
        hidden = states[0] if states else None
        cell = states[1] if len(states) > 1 else None
        output, last_hidden, last_cell = _nn.add_recurrent(
            network,
            x,
            self.cells,
            lengths=lengths,
            hidden=hidden,
            cell=cell,
            direction=self._direction,
            batch_first=self.batch_first,
            name=name,
            **self._settings,
        )
        return (output, last_hidden, last_cell) if self._has_cell_state else (output, last_hidden)

    # -- on arrays

    def _state_widths(self):
        recurrent = self.proj_size or self.hidden_size
        return [recurrent, self.hidden_size] if self._has_cell_state else [recurrent]

    def _engine(self, steps, batch, with_states, with_lengths):
        key = (_capacity(steps), _capacity(batch), with_states, with_lengths)
        if key not in self._engines:
            self._engines[key] = self._build_engine(*key)
        return self._engines[key]

    def _build_engine(self, steps, batch, with_states, with_lengths):
        network = _rondo.Builder(_rondo.Logger(_rondo.ILogger.Severity.ERROR)).create_network()
        shapes = {"x": [(b, t, self.input_size) if self.batch_first else (t, b, self.input_size) for t, b in ((0, 1), (steps, batch))]}
        x = network.add_input("x", _rondo.DataType.FLOAT, (-1, -1, self.input_size))
        states = []
        for name, width in zip(("h0", "c0"), self._state_widths() if with_states else []):
            states.append(network.add_input(name, _rondo.DataType.FLOAT, (len(self.cells), -1, width)))
            shapes[name] = [(len(self.cells), b, width) for b in (1, batch)]
        lengths = None
        if with_lengths:
            lengths = network.add_input("lengths", _rondo.DataType.INT32, (-1,))
            shapes["lengths"] = [(1,), (batch,)]
        for name, tensor in zip(("y", "h", "c"), self.add_to(network, x, *states, lengths=lengths)):
            tensor.name = name
            network.mark_output(tensor)
        profile = {name: (least, most, most) for name, (least, most) in shapes.items()}
        return _build(network, shapes=profile, threads=self._threads)

    def __call__(self, x, states=None, lengths=None):
        """Runs the layers. x [T, B, I] ([B, T, I] with batch_first), or [T, I]; states h0, for an LSTM (h0, c0); lengths of the rows, 0 .. T.

        Returns output and the last states in the form of `states`, as new arrays. Past its length a row of the output is zero, and its states are
        those after its own last step, as with PyTorch's packed sequences.
        """
        x = _array(x)
        alone = x.ndim == 2
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ValueError(f"x has shape {x.shape}; {self!r} takes [T, B, {self.input_size}] or [T, {self.input_size}]")
        batch_axis = 0 if self.batch_first else 1
        if alone:
            x = np.expand_dims(x, batch_axis)
        batch, steps = x.shape[batch_axis], x.shape[1 - batch_axis]
        inputs = {"x": x}
        if states is not None:
            inputs.update(self._checked_states(states, batch, alone))
        if lengths is not None:
            inputs["lengths"] = self._checked_lengths(lengths, batch, steps)
        result = self._engine(steps, batch, states is not None, lengths is not None)(**inputs)
        output = result["y"]
        last = [result[name] for name in ("h", "c") if name in result]
        if alone:
            output, last = output.squeeze(batch_axis), [state.squeeze(1) for state in last]
        return output, tuple(last) if self._has_cell_state else last[0]

    def _checked_states(self, states, batch, alone):
        given = list(states) if self._has_cell_state else [states]
        widths = self._state_widths()
        if len(given) != len(widths):
            raise ValueError("the states of an LSTM are (h0, c0)")
        arrays = {}
        for name, state, width in zip(("h0", "c0"), given, widths):
            array = _array(state)
            if alone and array.ndim == 2:
                array = array[:, None]
            if array.shape != (len(self.cells), batch, width):
                raise ValueError(f"{name} has shape {array.shape}; {(len(self.cells), batch, width)} is needed")
            arrays[name] = array
        return arrays

    @staticmethod
    def _checked_lengths(lengths, batch, steps):
        array = np.ascontiguousarray(lengths, np.int32)
        if array.shape != (batch,) or (batch and (array.min() < 0 or array.max() > steps)):
            raise ValueError(f"lengths {array.tolist()} are not {batch} numbers from 0 to {steps}")
        return array


class LSTM(_Recurrent):
    """Long short-term memory, with a projection of the state where the weights have one. Calling it returns y, (h, c)."""

    _kind = "lstm"
    _has_cell_state = True


class GRU(_Recurrent):
    """Gated recurrent unit, its reset before or after the recurrent product, as the weights say. Calling it returns y, h."""

    _kind = "gru"


class RNN(_Recurrent):
    """Plain recurrent layers of tanh, or of activations=["Relu"]. Calling it returns y, h."""

    _kind = "rnn"


def lstm_forward(inp, initial_states, w_ih, w_hh, b_ih=None, b_hh=None, w_hr=None):
    """One LSTM layer with PyTorch's weights as arguments: inp [B, T, I], states h0 [B, H] (or [B, P]) and c0 [B, H] -> y [B, T, H], (h, c)."""
    given = {"weight_ih_l0": w_ih, "weight_hh_l0": w_hh, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh, "weight_hr_l0": w_hr}
    layer = LSTM.from_torch({name: value for name, value in given.items() if value is not None}, batch_first=True)
    h0, c0 = initial_states
    output, (h, c) = layer(inp, (_array(h0)[None], _array(c0)[None]))
    return output, (h[0], c[0])
