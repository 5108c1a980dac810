"""P13: two optimization profiles and one context that switches between them."""

import numpy as np
import tensorrt as trt
from cuda import cudart
from running import build, run


def fill(network):
    x = network.add_input("x", trt.float32, (-1, -1, -1, -1))
    y = network.add_input("y", trt.float32, (-1, -1, -1, -1))
    network.mark_output(network.add_elementwise(x, y, trt.ElementWiseOperation.SUM).get_output(0))


small = ((1, 1, 1, 1), (2, 3, 4, 5), (4, 6, 8, 10))
large = ((5, 1, 1, 1), (8, 3, 4, 5), (16, 6, 8, 10))
engine = build(fill, [{"x": small, "y": small}, {"x": large, "y": large}])
assert engine.num_optimization_profiles == 2
context = engine.create_execution_context()
_, stream = cudart.cudaStreamCreate()
for profile, shape in ((0, (2, 3, 4, 5)), (1, (8, 3, 4, 5)), (0, (4, 6, 8, 10))):
    assert context.set_optimization_profile_async(profile, stream)
    cudart.cudaStreamSynchronize(stream)
    assert context.active_optimization_profile == profile
    x = np.random.default_rng(profile).standard_normal(shape).astype(np.float32)
    (z,) = run(engine, x, 2 * x, context=context)
    assert np.allclose(z, 3 * x)
cudart.cudaStreamDestroy(stream)
print("P13 passed")
