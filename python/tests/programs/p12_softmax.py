"""P12: softmax along axis 1 of -4 … 4."""

import numpy as np
import tensorrt as trt
from running import build, run


def fill(network):
    x = network.add_input("x", trt.float32, (3, 3))
    layer = network.add_softmax(x)
    layer.axes = 1 << 1
    network.mark_output(layer.get_output(0))


(y,) = run(build(fill), np.arange(-4, 5, dtype=np.float32).reshape(3, 3))
assert np.allclose(y, [0.09003057, 0.24472845, 0.6652409], atol=1e-7), y
print("P12 passed")
