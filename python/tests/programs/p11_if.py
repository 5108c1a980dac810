"""P11: doubled if the first element is not zero, else unchanged; one engine, two runs."""

import numpy as np
import tensorrt as trt
from running import build, run

data = np.arange(60, dtype=np.float32).reshape(1, 3, 4, 5)


def fill(network):
    x = network.add_input("x", trt.float32, data.shape)
    first = network.add_slice(x, (0, 0, 0, 0), (1, 1, 1, 1), (1, 1, 1, 1)).get_output(0)
    scalar = network.add_shuffle(first)
    scalar.reshape_dims = ()
    condition = network.add_cast(scalar.get_output(0), trt.bool).get_output(0)
    conditional = network.add_if_conditional()
    inside = conditional.add_input(x).get_output(0)
    conditional.set_condition(condition)
    doubled = network.add_elementwise(inside, inside, trt.ElementWiseOperation.SUM).get_output(0)
    same = network.add_identity(inside).get_output(0)
    network.mark_output(conditional.add_output(doubled, same).get_output(0))


engine = build(fill)
(y,) = run(engine, data + 1)
assert np.array_equal(y, (data + 1) * 2)
(y,) = run(engine, data)
assert np.array_equal(y, data)
print("P11 passed")
