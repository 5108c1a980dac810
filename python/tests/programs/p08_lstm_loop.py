"""P08: an LSTM from loop primitives with constants h0 = 1, c0 = 0 and weights of ones."""

import numpy as np
import tensorrt as trt
from running import build, run

B, T, E, H = 3, 4, 7, 5


def gate(network, x, h, activation):
    w = network.add_constant((H, E), np.ones(H * E, np.float32)).get_output(0)
    r = network.add_constant((H, H), np.ones(H * H, np.float32)).get_output(0)
    bias = network.add_constant((1, H), np.zeros(H, np.float32)).get_output(0)
    op = trt.MatrixOperation
    xw = network.add_matrix_multiply(x, op.NONE, w, op.TRANSPOSE).get_output(0)
    hr = network.add_matrix_multiply(h, op.NONE, r, op.TRANSPOSE).get_output(0)
    total = network.add_elementwise(xw, hr, trt.ElementWiseOperation.SUM).get_output(0)
    total = network.add_elementwise(total, bias, trt.ElementWiseOperation.SUM).get_output(0)
    return network.add_activation(total, activation).get_output(0)


def fill(network):
    x = network.add_input("x", trt.float32, (B, T, E))
    loop = network.add_loop()
    steps = network.add_constant((), np.array([T], np.int32)).get_output(0)
    loop.add_trip_limit(steps, trt.TripLimit.COUNT)
    xt = loop.add_iterator(x, 1, False).get_output(0)
    h = loop.add_recurrence(network.add_constant((B, H), np.ones(B * H, np.float32)).get_output(0))
    c = loop.add_recurrence(network.add_constant((B, H), np.zeros(B * H, np.float32)).get_output(0))
    sigmoid, tanh = trt.ActivationType.SIGMOID, trt.ActivationType.TANH
    i, f, g, o = (gate(network, xt, h.get_output(0), a) for a in (sigmoid, sigmoid, tanh, sigmoid))
    prod, total = trt.ElementWiseOperation.PROD, trt.ElementWiseOperation.SUM
    fc = network.add_elementwise(f, c.get_output(0), prod).get_output(0)
    ig = network.add_elementwise(i, g, prod).get_output(0)
    new_c = network.add_elementwise(fc, ig, total).get_output(0)
    new_h = network.add_elementwise(o, network.add_activation(new_c, tanh).get_output(0), prod).get_output(0)
    h.set_input(1, new_h)
    c.set_input(1, new_c)
    states = loop.add_loop_output(new_h, trt.LoopOutput.CONCATENATE, 1)
    states.set_input(1, steps)
    network.mark_output(states.get_output(0))
    for state in (h, c):
        network.mark_output(loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE, 0).get_output(0))


states, h, c = run(build(fill), np.ones((B, T, E), np.float32))
assert abs(states[0, 0, 0] - 0.76158684) < 1e-6 and abs(states[0, 3, 0] - 0.99932283) < 1e-5, states[0, :, 0]
assert np.allclose(c, 3.999906, atol=2e-5), c
assert np.array_equal(h, states[:, -1])
print("P08 passed")
