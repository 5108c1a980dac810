"""P07: a loop with an iterator over the channels 1, 2, 3, starting at ones."""

import numpy as np
import tensorrt as trt
from running import build, run

data = np.stack([np.full((4, 5), c, np.float32) for c in (1, 2, 3)])[None]


def fill(network):
    x = network.add_input("x", trt.float32, data.shape)
    loop = network.add_loop()
    count = network.add_constant((), np.array([3], np.int32)).get_output(0)
    loop.add_trip_limit(count, trt.TripLimit.COUNT)
    slices = loop.add_iterator(x, 1, False)
    slices.axis = 1
    ones = network.add_constant((1, 4, 5), np.ones(20, np.float32)).get_output(0)
    state = loop.add_recurrence(ones)
    total = network.add_elementwise(state.get_output(0), slices.get_output(0), trt.ElementWiseOperation.SUM)
    state.set_input(1, total.get_output(0))
    last = loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE, 0)
    all_ = loop.add_loop_output(total.get_output(0), trt.LoopOutput.CONCATENATE, 0)
    all_.set_input(1, count)
    network.mark_output(last.get_output(0))
    network.mark_output(all_.get_output(0))


last, states = run(build(fill), data)
assert np.all(last == 7)
assert np.array_equal(states[:, 0, 0, 0], [2, 4, 7]), states[:, 0, 0, 0]
print("P07 passed")
