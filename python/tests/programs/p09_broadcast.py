"""P09: ones (1,3,1,5) and twos (1,1,4,1) broadcast to threes."""

import numpy as np
import tensorrt as trt
from running import build, run


def fill(network):
    a = network.add_input("a", trt.float32, (1, 3, 1, 5))
    b = network.add_input("b", trt.float32, (1, 1, 4, 1))
    network.mark_output(network.add_elementwise(a, b, trt.ElementWiseOperation.SUM).get_output(0))


(y,) = run(build(fill), np.ones((1, 3, 1, 5), np.float32), np.full((1, 1, 4, 1), 2, np.float32))
assert y.shape == (1, 3, 4, 5) and np.all(y == 3)
print("P09 passed")
