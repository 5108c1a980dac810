"""P10: the shape layer on a dynamic input."""

import numpy as np
import tensorrt as trt
from running import build, run


def fill(network):
    x = network.add_input("x", trt.float32, (-1, -1, -1, -1))
    network.mark_output_for_shapes(network.add_shape(x).get_output(0))


engine = build(fill, [{"x": ((1, 1, 1, 1), (1, 3, 4, 5), (2, 6, 8, 10))}])
(y,) = run(engine, np.zeros((1, 3, 4, 5), np.float32))
assert list(y) == [1, 3, 4, 5], y
print("P10 passed")
