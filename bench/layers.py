"""The cases of suite "layers": one layer, or a short chain, per case.

A case is an object of a class with: name; form, the row of kForms in layer_driver.cpp that builds it; sizes(), the integers that row
takes; x(rng) and weights(rng), float arrays; y_shape(); onnx(weights), the nodes and initializers from "x" to "y"; reference(x,
weights), y in double. A new kind of layer is a class here, a row there, and its cases in LAYERS.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Convolution:
    """A convolution of x [n, channels, size..] with `axes` spatial axes that are all alike, or its transpose."""

    name: str
    n: int
    channels: int
    size: int
    outputs: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1
    transposed: bool = False
    axes: int = 2

    form = "convolution"

    def sizes(self):
        return [self.axes, int(self.transposed), self.n, self.channels, self.size, self.outputs, self.kernel, self.stride,
                self.padding, self.dilation, self.groups]  # fmt: skip

    def x(self, rng):
        return rng.standard_normal((self.n, self.channels) + (self.size,) * self.axes).astype(np.float32)

    def weights(self, rng):
        lead = (self.channels, self.outputs // self.groups) if self.transposed else (self.outputs, self.channels // self.groups)
        kernel = rng.uniform(-1, 1, lead + (self.kernel,) * self.axes)
        scale = np.sqrt(self.channels / self.groups * self.kernel**self.axes)
        return [(kernel / scale).astype(np.float32), rng.uniform(-1, 1, self.outputs).astype(np.float32)]

    def y_shape(self):
        span = 1 + self.dilation * (self.kernel - 1)
        if self.transposed:
            extent = (self.size - 1) * self.stride + span - 2 * self.padding
        else:
            extent = (self.size + 2 * self.padding - span) // self.stride + 1
        return (self.n, self.outputs) + (extent,) * self.axes

    def onnx(self, weights):
        from onnx import helper, numpy_helper

        node = helper.make_node(
            "ConvTranspose" if self.transposed else "Conv",
            ["x", "w", "b"],
            ["y"],
            kernel_shape=[self.kernel] * self.axes,
            strides=[self.stride] * self.axes,
            pads=[self.padding] * 2 * self.axes,
            dilations=[self.dilation] * self.axes,
            group=self.groups,
        )
        return [node], [numpy_helper.from_array(weights[0], "w"), numpy_helper.from_array(weights[1], "b")]

    def reference(self, x, weights):
        """Sums over taps: each tap is a product of matrices over channels."""
        x, w = x.astype(np.float64), weights[0].astype(np.float64)
        stride, padding = self.stride, self.padding
        if self.transposed:  # a convolution of x with zeros in between, its kernel flipped and turned
            spread = np.zeros(x.shape[:2] + ((self.size - 1) * stride + 1,) * self.axes)
            spread[(slice(None),) * 2 + (slice(None, None, stride),) * self.axes] = x
            x, stride, padding = spread, 1, self.dilation * (self.kernel - 1) - padding
            w = np.flip(w, tuple(range(2, w.ndim))).reshape((self.groups, self.channels // self.groups, -1) + w.shape[2:])
            w = w.swapaxes(1, 2).reshape((self.outputs, self.channels // self.groups) + w.shape[3:])
        x = np.pad(x, [(0, 0)] * 2 + [(padding, padding)] * self.axes)
        y = np.empty(self.y_shape())
        extent = y.shape[2]
        for group in np.ndindex(self.groups):
            rows = slice(group[0] * (self.outputs // self.groups), (group[0] + 1) * (self.outputs // self.groups))
            cols = slice(group[0] * (self.channels // self.groups), (group[0] + 1) * (self.channels // self.groups))
            total = np.zeros((self.n, rows.stop - rows.start) + y.shape[2:])
            for tap in np.ndindex((self.kernel,) * self.axes):
                window = tuple(slice(t * self.dilation, t * self.dilation + (extent - 1) * stride + 1, stride) for t in tap)
                part = x[(slice(None), cols) + window].reshape(self.n, cols.stop - cols.start, -1)
                total += np.matmul(w[(rows, slice(None)) + tap], part).reshape(total.shape)
            y[:, rows] = total
        return y + weights[1].reshape((1, -1) + (1,) * self.axes)


@dataclass(frozen=True)
class MemoryBound:
    """A layer on x [rows, cols] that should run at the speed of memory: reads x once, writes y once. Also compared with a copy."""

    name: str
    rows: int
    cols: int

    copied = True

    def sizes(self):
        return [self.rows, self.cols]

    def x(self, rng):
        return rng.standard_normal((self.rows, self.cols), np.float32)

    def weights(self, rng):
        return []

    def y_shape(self):
        return (self.rows, self.cols)


@dataclass(frozen=True)
class Chain(MemoryBound):
    """Eight elementwise layers one after the other, each with a constant."""

    form = "chain"
    steps = (("Mul", 1.1), ("Add", 0.2), ("Mul", 0.9), ("Add", -0.3), ("Max", -1.5), ("Min", 1.7), ("Mul", 1.3), ("Add", 0.1))

    def weights(self, rng):
        return [np.array([value for _, value in self.steps], np.float32)]

    def onnx(self, weights):
        from onnx import helper, numpy_helper

        nodes, values, source = [], [], "x"
        for i, (op, _) in enumerate(self.steps):
            target = "y" if i + 1 == len(self.steps) else f"t{i}"
            nodes.append(helper.make_node(op, [source, f"c{i}"], [target]))
            values.append(numpy_helper.from_array(weights[0][i], f"c{i}"))
            source = target
        return nodes, values

    def reference(self, x, weights):
        apply = {"Mul": np.multiply, "Add": np.add, "Max": np.maximum, "Min": np.minimum}
        y = x.astype(np.float64)
        for (op, _), value in zip(self.steps, weights[0]):
            y = apply[op](y, float(value))
        return y


@dataclass(frozen=True)
class Softmax(MemoryBound):
    """Softmax over the columns."""

    form = "softmax"

    def onnx(self, weights):
        from onnx import helper

        return [helper.make_node("Softmax", ["x"], ["y"], axis=-1)], []

    def reference(self, x, weights):
        powers = np.exp(x.astype(np.float64) - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class LayerNorm(MemoryBound):
    """Layer normalization over the columns, with scale and bias."""

    form = "layer norm"

    def weights(self, rng):
        return [rng.uniform(0.5, 1.5, self.cols).astype(np.float32), rng.uniform(-1, 1, self.cols).astype(np.float32)]

    def onnx(self, weights):
        from onnx import helper, numpy_helper

        node = helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["y"], axis=-1, epsilon=1e-5)
        return [node], [numpy_helper.from_array(weights[0], "scale"), numpy_helper.from_array(weights[1], "bias")]

    def reference(self, x, weights):
        x = x.astype(np.float64)
        centred = x - x.mean(axis=1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * weights[0] + weights[1]


LAYERS = [
    Convolution("conv 3x3 64-64 56x56", 1, 64, 56, 64, 3, padding=1),
    Convolution("conv 1x1 256-64 56x56", 1, 256, 56, 64, 1),
    Convolution("conv 7x7 s2 3-64 224x224", 1, 3, 224, 64, 7, stride=2, padding=3),
    Convolution("conv 3x3 512-512 7x7", 1, 512, 7, 512, 3, padding=1),
    Convolution("conv depthwise 3x3 128 56x56", 1, 128, 56, 128, 3, padding=1, groups=128),
    Convolution("conv depthwise 3x3 s2 128 56x56", 1, 128, 56, 128, 3, stride=2, padding=1, groups=128),
    Convolution("conv 3x3x3 32-32 28x28x28", 1, 32, 28, 32, 3, padding=1, axes=3),
    Convolution("deconv 4x4 s2 64-64 28x28", 1, 64, 28, 64, 4, stride=2, padding=1, transposed=True),
    Chain("chain of 8 16M", 4096, 4096),
    Softmax("softmax 4096x1024", 4096, 1024),
    LayerNorm("layer norm 4096x1024", 4096, 1024),
    LayerNorm("layer norm 16384x768", 16384, 768),
]
