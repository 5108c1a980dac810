"""P03: 3x3 convolution whose weights are powers of ten, so that the result spells its inputs."""

import numpy as np
import tensorrt as trt
from running import build, run

weights = np.ascontiguousarray(np.power(10, range(4, -5, -1), dtype=np.float32))


def fill(network):
    x = network.add_input("x", trt.float32, (1, 1, 6, 9))
    layer = network.add_convolution_nd(x, 1, (3, 3), trt.Weights(weights), trt.Weights(np.zeros(1, np.float32)))
    assert tuple(layer.kernel_size_nd) == (3, 3) and layer.num_output_maps == 1
    network.mark_output(layer.get_output(0))


data = np.tile(np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3), (1, 1, 2, 3))
(y,) = run(build(fill), data)
assert y.shape == (1, 1, 4, 7)
assert abs(y[0, 0, 0, 0] - 12345.679) < 2e-3, y[0, 0, 0, 0]
print("P03 passed")
