"""P05: RNNv2 ReLU over ones: 7, 42, 217, 1092."""

import numpy as np
import tensorrt as trt
from running import build, run

H, E = 5, 7


def fill(network):
    x = network.add_input("x", trt.float32, (1, 3, 4, E))
    rnn = network.add_rnn_v2(x, 1, H, 4, trt.RNNOperation.RELU)
    rnn.set_weights_for_gate(0, trt.RNNGateType.INPUT, True, np.ones((H, E), np.float32))
    rnn.set_weights_for_gate(0, trt.RNNGateType.INPUT, False, np.ones((H, H), np.float32))
    rnn.set_bias_for_gate(0, trt.RNNGateType.INPUT, True, np.zeros(H, np.float32))
    rnn.set_bias_for_gate(0, trt.RNNGateType.INPUT, False, np.zeros(H, np.float32))
    for i in range(2):
        network.mark_output(rnn.get_output(i))


states, final = run(build(fill), np.ones((1, 3, 4, E), np.float32))
assert states.shape == (1, 3, 4, H) and final.shape == (1, 3, 1, H), (states.shape, final.shape)
assert np.array_equal(states[0, 0, :, 0], [7, 42, 217, 1092]), states[0, 0, :, 0]
assert np.all(final == 1092)
print("P05 passed")
