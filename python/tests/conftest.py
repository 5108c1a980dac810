"""Fixtures that the tests share: a logger that collects messages, and a network with one input and a ReLU."""

import sys

import numpy as np
import pytest
import rondo


class CollectingLogger(rondo.ILogger):
    def __init__(self):
        rondo.ILogger.__init__(self)
        self.messages = []

    def log(self, severity, msg):
        self.messages.append((severity, msg))

    def errors(self):
        return [m for s, m in self.messages if s <= rondo.ILogger.Severity.ERROR]


@pytest.fixture
def logger():
    return CollectingLogger()


def build_relu(logger, shape=(2, 3), profile=None):
    """Engine of y = relu(x)."""
    builder = rondo.Builder(logger)
    network = builder.create_network()
    config = builder.create_builder_config()
    x = network.add_input("x", rondo.float32, shape)
    y = network.add_activation(x, rondo.ActivationType.RELU).get_output(0)
    y.name = "y"
    network.mark_output(y)
    if profile:
        p = builder.create_optimization_profile()
        p.set_shape("x", *profile)
        config.add_optimization_profile(p)
    plan = builder.build_serialized_network(network, config)
    assert plan is not None, logger.errors()
    return rondo.Runtime(logger).deserialize_cuda_engine(plan)


@pytest.fixture
def relu(logger):
    return build_relu(logger)


@pytest.fixture
def bound(relu):
    """(context, x, y) with addresses set."""
    context = relu.create_execution_context()
    x, y = np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y", y.ctypes.data)
    return context, x, y


@pytest.fixture
def unraisable(monkeypatch):
    """What callbacks have raised."""
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_value))
    return seen
