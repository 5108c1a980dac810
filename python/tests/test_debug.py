"""Debug tensors, shown to a listener written in Python."""

import ctypes

import numpy as np
import pytest
import rondo as trt


class Listener(trt.IDebugListener):
    def __init__(self, answer=None):
        trt.IDebugListener.__init__(self)
        self.seen, self.answer = {}, answer

    def process_debug_tensor(self, addr, location, type, shape, name, stream):
        values = (ctypes.c_float * int(np.prod(tuple(shape)))).from_address(addr)
        self.seen[name] = np.array(values, np.float32).reshape(tuple(shape))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def debugged(logger):
    """(context, x, y) of y = relu(x) + 1 with the tensor between marked."""
    builder = trt.Builder(logger)
    network = builder.create_network()
    x = network.add_input("x", trt.float32, (2, 3))
    h = network.add_activation(x, trt.ActivationType.RELU).get_output(0)
    one = network.add_constant((1, 1), np.ones(1, np.float32)).get_output(0)
    y = network.add_elementwise(h, one, trt.ElementWiseOperation.SUM).get_output(0)
    h.name, y.name = "h", "y"
    network.mark_output(y)
    assert network.mark_debug(h) and network.is_debug_tensor(h)
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    engine = trt.Runtime(logger).deserialize_cuda_engine(plan)
    assert engine.is_debug_tensor("h") and engine.num_io_tensors == 2
    context = engine.create_execution_context()
    arrays = np.array([[-1, 2, -3], [4, -5, 6]], np.float32), np.zeros((2, 3), np.float32)
    for name, array in zip("xy", arrays):
        context.set_tensor_address(name, array.ctypes.data)
    return context, *arrays


def test_debug_listener(debugged):
    context, x, y = debugged
    listener = Listener()
    assert context.set_debug_listener(listener) and context.get_debug_listener() is listener
    assert context.execute_async_v3(0) and not listener.seen
    assert context.set_tensor_debug_state("h", True) and context.get_debug_state("h")
    assert context.execute_async_v3(0)
    assert np.array_equal(listener.seen["h"], np.maximum(x, 0)) and np.array_equal(y, np.maximum(x, 0) + 1)
    assert not context.set_tensor_debug_state("nothing", True)


@pytest.mark.parametrize("answer", [False, ValueError("no paper")])
def test_debug_listener_that_fails(debugged, logger, unraisable, answer):
    context = debugged[0]
    listener = Listener(answer)
    context.set_debug_listener(listener)
    context.set_all_tensors_debug_state(True)
    assert not context.execute_async_v3(0) and "debug listener refused 'h'" in logger.errors()[-1]
    assert bool(unraisable) == isinstance(answer, Exception)
