"""Networks from Python: layers, properties, class assignment, lifetimes."""

import gc
import weakref

import numpy as np
import pytest
import rondo as trt


@pytest.fixture
def network(logger):
    builder = trt.Builder(logger)
    return builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))


def test_layers_are_bare_until_their_class_is_assigned(network):
    x = network.add_input("x", trt.float32, (2, 3))
    added = network.add_activation(x, trt.ActivationType.ELU)
    assert isinstance(added, trt.IActivationLayer) and added.type == trt.ActivationType.ELU
    layer = network.get_layer(0)
    assert type(layer) is trt.ILayer and layer.type == trt.LayerType.ACTIVATION
    with pytest.raises(TypeError, match="not a"):
        layer.__class__ = trt.IShapeLayer
    layer.__class__ = trt.IActivationLayer
    layer.alpha = 0.5
    assert layer.type == trt.ActivationType.ELU and added.alpha == 0.5
    layer.__class__ = trt.ILayer
    assert layer.type == trt.LayerType.ACTIVATION
    assert [one.name for one in network] == [layer.name] and len(network) == 1
    with pytest.raises(IndexError):
        network[1]


def test_properties_take_sequences_and_numbers(network):
    x = network.add_input("x", trt.float32, [2, 3, 4])
    shuffle = network.add_shuffle(x)
    shuffle.first_transpose = (2, 0, 1)
    shuffle.reshape_dims = [np.int64(8), 3]
    assert shuffle.reshape_dims == (8, 3) and shuffle.get_output(0).shape == (8, 3)
    reduce = network.add_reduce(x, trt.ReduceOperation.SUM, axes=1 << 2, keep_dims=True)
    assert reduce.axes == 4 and reduce.keep_dims and reduce.get_output(0).shape == (2, 3, 1)
    product = network.add_matrix_multiply(x, trt.MatrixOperation.NONE, x, trt.MatrixOperation.TRANSPOSE)
    product.op0 = trt.MatrixOperation.NONE
    assert product.op1 == trt.MatrixOperation.TRANSPOSE and product.get_output(0).shape == (2, 3, 3)


def test_arrays_live_as_long_as_the_network(network):
    array = np.arange(4, dtype=np.float32)
    alive = weakref.ref(array)
    layer = network.add_constant((4,), array)
    del array
    gc.collect()
    assert alive() is not None and np.array_equal(layer.weights, [0, 1, 2, 3])
    del layer, network
    gc.collect()


def test_wrong_dtype_is_refused(network):
    with pytest.raises(ValueError, match="astype"):
        network.add_constant((2,), np.zeros(2, np.float64))


def test_children_keep_their_parents(logger):
    network = trt.Builder(logger).create_network()
    tensor = network.add_input("x", trt.float32, (1,))
    del network
    gc.collect()
    assert tensor.name == "x" and tensor.is_network_input


def test_context_managers(logger):
    with trt.Builder(logger) as builder, builder.create_network() as network, builder.create_builder_config() as config:
        network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
        assert builder.build_serialized_network(network, config) is not None
    assert network.num_layers == 1


def test_failed_build_gives_none_and_says_why(logger):
    builder = trt.Builder(logger)
    network = builder.create_network()
    assert builder.build_serialized_network(network, builder.create_builder_config()) is None
    assert logger.errors()


def test_profile_errors_raise(logger):
    profile = trt.Builder(logger).create_optimization_profile()
    with pytest.raises(RuntimeError, match="min <= opt <= max"):
        profile.set_shape("x", (1, 2), (1,), (3, 3))
    assert not profile
    profile.set_shape("x", (1,), (2,), (3,))
    assert profile.get_shape("x") == [(1,), (2,), (3,)]


def test_loggers_go_with_their_builders():
    class Silent(trt.ILogger):
        def __init__(self):
            trt.ILogger.__init__(self)

        def log(self, severity, msg):
            pass

    logger = Silent()
    gone = weakref.ref(logger)
    builder, runtime = trt.Builder(logger), trt.Runtime(logger)
    del logger
    gc.collect()
    assert gone() is not None
    del builder, runtime
    gc.collect()
    assert gone() is None
