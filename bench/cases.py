"""The benchmark's cases: sizes, random weights in ONNX order, and the reference in double precision."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Case:
    """A stack of recurrent layers. gates: 4 LSTM, 3 GRU (reset applied after the recurrent product)."""

    name: str
    steps: int
    batch: int
    input: int
    hidden: int
    layers: int = 1
    directions: int = 1
    gates: int = 4
    form: str = "rnnv2"

    def sizes(self):
        return [self.steps, self.batch, self.input, self.hidden, self.layers, self.directions, self.gates]


@dataclass
class Data:
    """x [T, B, I]; per pseudo-layer (layer * directions + direction) W [G*H, K], R [G*H, H], B [2*G*H]."""

    x: np.ndarray
    w: list = field(default_factory=list)
    r: list = field(default_factory=list)
    b: list = field(default_factory=list)


LOOPS = [
    Case("lstm H=I=512 B=1 T=100", 100, 1, 512, 512),
    Case("lstm H=I=1024 B=1 T=100", 100, 1, 1024, 1024),
    Case("lstm H=I=1024 B=32 T=100", 100, 32, 1024, 1024),
    Case("bilstm L=2 H=128 I=293 B=32 T=60", 60, 32, 293, 128, layers=2, directions=2),
    Case("gru H=I=1024 B=1 T=100", 100, 1, 1024, 1024, gates=3),
]
PRIMITIVE = [
    Case("lstm loop of 8 matmuls H=I=512 B=1 T=100", 100, 1, 512, 512, form="loop"),
    Case("lstm loop of 8 matmuls H=I=1024 B=1 T=100", 100, 1, 1024, 1024, form="loop"),
    Case("lstm loop of 8 matmuls H=I=1024 B=32 T=100", 100, 32, 1024, 1024, form="loop"),
]


def make_data(case, seed=7):
    rng = np.random.default_rng(seed)

    def uniform(*shape):
        return rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(case.hidden))

    data = Data(x=rng.standard_normal((case.steps, case.batch, case.input)).astype(np.float32))
    for pseudo in range(case.layers * case.directions):
        width = case.input if pseudo < case.directions else case.hidden * case.directions
        data.w.append(uniform(case.gates * case.hidden, width))
        data.r.append(uniform(case.gates * case.hidden, case.hidden))
        data.b.append(uniform(2 * case.gates * case.hidden))
    return data


def _sigmoid(v):
    return 1 / (1 + np.exp(-v))


def _direction(x, w, r, b, gates, reverse):
    steps, batch, _ = x.shape
    hidden = r.shape[1]
    wb, rb = b[: gates * hidden], b[gates * hidden :]
    from_x = x @ w.T + wb
    h = np.zeros((batch, hidden))
    c = np.zeros((batch, hidden))
    y = np.zeros((steps, batch, hidden))
    for t in reversed(range(steps)) if reverse else range(steps):
        a = np.split(from_x[t], gates, axis=1)
        u = np.split(h @ r.T + rb, gates, axis=1)
        if gates == 4:
            i, o, f = (_sigmoid(a[k] + u[k]) for k in range(3))
            c = f * c + i * np.tanh(a[3] + u[3])
            h = o * np.tanh(c)
        else:
            z, reset = _sigmoid(a[0] + u[0]), _sigmoid(a[1] + u[1])
            h = (1 - z) * np.tanh(a[2] + reset * u[2]) + z * h
        y[t] = h
    return y


def reference(case, data, rows=2):
    """y [T, rows, H*directions] in double for the first `rows` rows of the batch."""
    y = data.x[:, :rows].astype(np.float64)
    for layer in range(case.layers):
        parts = []
        for d in range(case.directions):
            p = layer * case.directions + d
            w, r, b = (np.asarray(a[p], np.float64) for a in (data.w, data.r, data.b))
            parts.append(_direction(y, w, r, b, case.gates, reverse=d == 1))
        y = np.concatenate(parts, axis=2)
    return y
