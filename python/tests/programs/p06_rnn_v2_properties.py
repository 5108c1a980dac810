"""P06: RNNv2 made as LSTM and switched to RELU; its properties read back."""

import numpy as np
import tensorrt as trt
from running import build, run

H, E = 5, 7


def fill(network):
    x = network.add_input("x", trt.float32, (1, 3, 4, E))
    rnn = network.add_rnn_v2(x, 1, H, 4, trt.RNNOperation.LSTM)
    rnn.op = trt.RNNOperation.RELU
    rnn.direction = trt.RNNDirection.UNIDIRECTION
    rnn.input_mode = trt.RNNInputMode.LINEAR
    assert (rnn.num_layers, rnn.hidden_size, rnn.max_seq_length, rnn.data_length) == (1, H, 4, E)
    gate = trt.RNNGateType.INPUT
    rnn.set_weights_for_gate(0, gate, True, np.ones((H, E), np.float32))
    rnn.set_weights_for_gate(0, gate, False, np.ones((H, H), np.float32))
    rnn.set_bias_for_gate(0, gate, True, np.zeros(H, np.float32))
    rnn.set_bias_for_gate(0, gate, False, np.zeros(H, np.float32))
    rnn.hidden_state = network.add_constant((1, 3, 1, H), np.zeros(3 * H, np.float32)).get_output(0)
    rnn.seq_lengths = network.add_constant((1, 3), np.array([4, 3, 2], np.int32)).get_output(0)
    network.mark_output(rnn.get_output(0))


(states,) = run(build(fill), np.ones((1, 3, 4, E), np.float32))
assert np.array_equal(states[0, :, :, 0], [[7, 42, 217, 1092], [7, 42, 217, 0], [7, 42, 0, 0]]), states[0, :, :, 0]
print("P06 passed")
