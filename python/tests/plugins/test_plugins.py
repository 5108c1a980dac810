"""Plugins written in Python, the bundled ones, and the registry."""

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rondo as trt

SAMPLE = Path(__file__).parents[3] / "samples" / "layernorm_plugin" / "test_layernorm_plugin.py"


def tensor_at(address, desc):
    dtype = np.dtype(trt.nptype(desc.type))
    size = int(np.prod(tuple(desc.dims), dtype=np.int64)) * dtype.itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(address), dtype).reshape(tuple(desc.dims))


class Affine(trt.IPluginV2DynamicExt):
    """y = factor x, f32."""

    def __init__(self, factor=1.0):
        trt.IPluginV2DynamicExt.__init__(self)
        self.plugin_type, self.plugin_version, self.plugin_namespace = "PyAffine", "1", "py"
        self.num_outputs = 1
        self.factor = factor
        self.fails = False

    def get_output_datatype(self, index, input_types):
        return input_types[0]

    def get_output_dimensions(self, output_index, inputs, expr_builder):
        out = trt.DimsExprs(inputs[0])
        out[0] = expr_builder.operation(trt.DimensionOperation.PROD, inputs[0][0], expr_builder.constant(2))
        return out

    def supports_format_combination(self, pos, in_out, num_inputs):
        return in_out[pos].type == trt.float32 and in_out[pos].format == trt.TensorFormat.LINEAR

    def configure_plugin(self, inputs, outputs):
        assert len(inputs) == len(outputs) == 1
        assert tuple(outputs[0].max)[0] == 2 * tuple(inputs[0].max)[0]

    def get_workspace_size(self, input_desc, output_desc):
        return 64

    def enqueue(self, input_desc, output_desc, inputs, outputs, workspace, stream):
        if Affine.raises:
            raise RuntimeError("no luck today")
        assert workspace != 0 and isinstance(stream, int)
        x, y = tensor_at(inputs[0], input_desc[0]), tensor_at(outputs[0], output_desc[0])
        y[...] = np.concatenate([x, x]) * self.factor

    def serialize(self):
        return np.float32(self.factor).tobytes()

    def clone(self):
        return Affine(self.factor)

    raises = False


class AffineCreator(trt.IPluginCreator):
    def __init__(self):
        trt.IPluginCreator.__init__(self)
        self.name, self.plugin_version, self.plugin_namespace = "PyAffine", "1", "py"
        self.field_names = trt.PluginFieldCollection([trt.PluginField("factor", np.array([]), trt.PluginFieldType.FLOAT32)])

    def create_plugin(self, name, fields):
        return Affine(float(fields[0].data[0]))

    def deserialize_plugin(self, name, data):
        return Affine(float(np.frombuffer(data, np.float32)[0]))


class Above(trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuild, trt.IPluginV3OneRuntime):
    """The elements of x above a threshold, and how many there are."""

    def __init__(self, threshold, phase=None):
        for base in (trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuild, trt.IPluginV3OneRuntime):
            base.__init__(self)
        self.plugin_name, self.plugin_version, self.plugin_namespace = "PyAbove", "1", ""
        self.num_outputs = 2
        self.threshold = threshold
        self.tactic = None
        self.phase = phase

    def get_capability_interface(self, type):
        return self

    def get_output_data_types(self, input_types):
        return [input_types[0], trt.int32]

    def get_output_shapes(self, inputs, shape_inputs, builder):
        upper = inputs[0][0]
        opt = builder.operation(trt.DimensionOperation.FLOOR_DIV, upper, builder.constant(2))
        found = trt.DimsExprs(1)
        found[0] = builder.declare_size_tensor(1, opt, upper)
        assert found[0].is_size_tensor()
        return [found, trt.DimsExprs(0)]

    def supports_format_combination(self, pos, in_out, num_inputs):
        return in_out[pos].desc.type == (trt.int32 if pos == 2 else trt.float32)

    def get_valid_tactics(self):
        return [5]

    def set_tactic(self, tactic):
        assert tactic == 5

    def get_fields_to_serialize(self):
        return trt.PluginFieldCollection([trt.PluginField("threshold", np.array([self.threshold], np.float32))])

    def enqueue(self, input_desc, output_desc, inputs, outputs, workspace, stream):
        assert tuple(output_desc[0].dims) == (-1,)
        x = tensor_at(inputs[0], input_desc[0])
        kept = x[x > self.threshold]
        np.frombuffer((ctypes.c_float * x.size).from_address(outputs[0]), np.float32)[: kept.size] = kept
        ctypes.c_int32.from_address(outputs[1]).value = kept.size

    def clone(self):
        return Above(self.threshold, self.phase)


class AboveCreator(trt.IPluginCreatorV3One):
    def __init__(self):
        trt.IPluginCreatorV3One.__init__(self)
        self.name = "PyAbove"

    def create_plugin(self, name, fields, phase):
        return Above(float(fields[0].data[0]), phase)


@pytest.fixture
def registered():
    registry, creators = trt.get_plugin_registry(), (AffineCreator(), AboveCreator())
    assert registry.register_creator(creators[0], "py")
    assert registry.register_creator(creators[1])
    yield registry
    for creator in creators:
        assert registry.deregister_creator(creator)


def network_of(logger, shape, add, ranges=None):
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    config = builder.create_builder_config()
    if ranges is not None:
        profile = builder.create_optimization_profile()
        profile.set_shape("x", *ranges)
        config.add_optimization_profile(profile)
    layer = add(network, network.add_input("x", trt.float32, shape))
    assert layer is not None
    for i in range(layer.num_outputs):
        layer.get_output(i).name = f"y{i}"
        network.mark_output(layer.get_output(i))
    return builder.build_serialized_network(network, config)


def fields(factor):
    return trt.PluginFieldCollection([trt.PluginField("factor", np.array([factor], np.float32), trt.PluginFieldType.FLOAT32)])


def test_v2_runs(registered):
    logger = trt.Logger(trt.Logger.ERROR)
    creator = registered.get_plugin_creator("PyAffine", "1", "py")
    assert isinstance(creator, AffineCreator)
    plugin = creator.create_plugin("it", fields(3))

    def add(network, x):
        layer = network.add_plugin_v2([x], plugin)
        assert layer.plugin.factor == 3
        assert tuple(layer.get_output(0).shape) == (-1, 3)
        return layer

    plan = network_of(logger, (-1, 3), add, ((1, 3), (2, 3), (4, 3)))
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = np.zeros((4, 3), np.float32)
    context.set_input_shape("x", x.shape)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y0", y.ctypes.data)
    assert context.execute_async_v3(0)
    np.testing.assert_array_equal(y, np.concatenate([x, x]) * 3)


def test_what_enqueue_raises_fails_the_run(registered, monkeypatch):
    messages = []

    class Logger(trt.ILogger):
        def __init__(self):
            trt.ILogger.__init__(self)

        def log(self, severity, text):
            messages.append(text)

    logger = Logger()

    def add(network, x):
        layer = network.add_plugin_v2([x], Affine(2))
        layer.name = "enc.affine"
        return layer

    context = trt.Runtime(logger).deserialize_cuda_engine(network_of(logger, (1, 3), add)).create_execution_context()
    x, y = np.ones((1, 3), np.float32), np.zeros((2, 3), np.float32)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y0", y.ctypes.data)
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: reported.append(unraisable.exc_value))
    monkeypatch.setattr(Affine, "raises", True)
    assert not context.execute_async_v3(0)
    assert any("enc.affine" in m and "no luck today" in m for m in messages)
    assert "no luck today" in str(reported[0])
    monkeypatch.setattr(Affine, "raises", False)
    assert context.execute_async_v3(0)


def test_v3_decides_its_extents(registered):
    logger = trt.Logger(trt.Logger.ERROR)
    plan = network_of(logger, (-1,), lambda network, x: network.add_plugin_v3([x], [], Above(0.5)), ((1,), (4,), (8,)))
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    x, y, n = np.array([1, 0, 2, -1, 3], np.float32), np.zeros(8, np.float32), np.zeros(1, np.int32)
    context.set_input_shape("x", x.shape)
    for name, array in (("x", x), ("y0", y), ("y1", n)):
        context.set_tensor_address(name, array.ctypes.data)
    assert context.execute_async_v3(0)
    assert n[0] == 3 and tuple(context.get_tensor_shape("y0")) == (3,)
    np.testing.assert_array_equal(y[:3], [1, 2, 3])


def test_missing_plugin_is_named(capfd):
    logger = trt.Logger(trt.Logger.ERROR)
    plan = network_of(logger, (1, 3), lambda network, x: network.add_plugin_v2([x], Affine(2)))
    assert trt.Runtime(logger).deserialize_cuda_engine(plan) is None
    assert "'PyAffine' version '1' of namespace 'py'" in "".join(capfd.readouterr())


def test_base_init_must_be_called():
    class Forgets(Affine):
        def __init__(self):
            pass

    logger = trt.Logger(trt.Logger.ERROR)
    with pytest.raises(TypeError, match="Forgets.__init__.. must call IPluginV2DynamicExt.__init__"):
        network_of(logger, (1, 3), lambda network, x: network.add_plugin_v2([x], Forgets()))
    with pytest.raises(TypeError):
        network_of(logger, (1, 3), lambda network, x: network.add_plugin_v2([x], object()))


def test_bundled_layer_norm():
    logger = trt.Logger(trt.Logger.ERROR)
    assert trt.init_libnvinfer_plugins(logger, "")
    registry = trt.get_plugin_registry()
    creator = next(c for c in registry.plugin_creator_list if c.name == "LayerNorm")
    assert creator.plugin_version == "1" and [f.name for f in creator.field_names] == ["gamma", "beta", "eps"]
    plugin = creator.create_plugin(creator.name, trt.PluginFieldCollection([]))
    assert plugin.plugin_type == "LayerNorm" and plugin.num_outputs == 1 and len(plugin.serialize()) > 0
    assert creator.deserialize_plugin("LayerNorm", plugin.serialize()).plugin_type == "LayerNorm"
    plan = network_of(logger, (4, 768), lambda network, x: network.add_plugin_v2([x], plugin))
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    x = np.random.default_rng(1).random((4, 768), np.float32)
    y = np.zeros_like(x)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y0", y.ctypes.data)
    assert context.execute_async_v3(0)
    want = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 6e-6)
    assert np.abs(y - want).max() < 6e-6


def test_bundled_plugin_of_the_third_generation():
    logger = trt.Logger(trt.Logger.ERROR)
    assert trt.init_libnvinfer_plugins(logger, "")
    registry = trt.get_plugin_registry()
    assert registry.get_plugin_creator("InstanceNormalization_TRT", "3") is None
    assert ("InstanceNormalization_TRT", "3") not in [(c.name, c.plugin_version) for c in registry.plugin_creator_list]
    creator = registry.get_creator("InstanceNormalization_TRT", "3")
    assert [f.name for f in creator.field_names] == ["epsilon", "scales", "bias", "relu", "alpha"]
    scales, bias = np.array([1, 2, 3], np.float32), np.array([0, -1, 1], np.float32)
    given = [trt.PluginField("scales", scales), trt.PluginField("bias", bias)]
    plugin = creator.create_plugin("norm", trt.PluginFieldCollection(given), trt.TensorRTPhase.BUILD)
    assert creator.create_plugin("norm", trt.PluginFieldCollection(given[:1]), trt.TensorRTPhase.BUILD) is None

    ranges = ((1, 3, 4), (2, 3, 5), (4, 3, 9))
    plan = network_of(logger, (-1, 3, -1), lambda network, x: network.add_plugin_v3([x], [], plugin), ranges)
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    for shape in ranges:
        x = np.random.default_rng(1).random(shape, np.float32)
        y = np.zeros_like(x)
        context.set_input_shape("x", shape)
        context.set_tensor_address("x", x.ctypes.data)
        context.set_tensor_address("y0", y.ctypes.data)
        assert context.execute_async_v3(0)
        want = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        np.testing.assert_allclose(y, want * scales[:, None] + bias[:, None], atol=1e-5)


def test_registries():
    logger = trt.Logger(trt.Logger.ERROR)
    creator = AffineCreator()
    registry = trt.Runtime(logger).get_plugin_registry()
    assert registry.register_creator(creator, "py")
    assert registry.get_creator("PyAffine", "1", "py") is creator
    assert trt.get_plugin_registry().get_creator("PyAffine", "1", "py") is None
    assert creator in registry.all_creators and creator in registry.all_creators_recursive
    assert registry.deregister_creator(creator)
    assert registry.parent_search_enabled
    assert registry.load_library("/no/such/library.so") is None


def test_resources_are_shared():
    class Shared(trt.IPluginResource):
        released = 0

        def __init__(self):
            trt.IPluginResource.__init__(self)

        def clone(self):
            return Shared()

        def release(self):
            Shared.released += 1

    registry = trt.get_plugin_registry()
    first = registry.acquire_plugin_resource("key", Shared())
    assert registry.acquire_plugin_resource("key", Shared()) is first
    assert registry.release_plugin_resource("key") == 0 and Shared.released == 0
    assert registry.release_plugin_resource("key") == 0 and Shared.released == 1
    assert registry.release_plugin_resource("key") == -1


def test_fields_keep_their_type():
    assert trt.PluginField("x", np.array([1, 2], np.int32)).type == trt.PluginFieldType.INT32
    assert trt.PluginField("x", np.array([1, 2], np.int32)).size == 2
    field = trt.PluginField("x", b"abc", trt.PluginFieldType.CHAR)
    assert field.size == 3 and bytes(field.data) == b"abc"


def test_plugins_to_serialize():
    config = trt.Builder(trt.Logger(trt.Logger.ERROR)).create_builder_config()
    config.plugins_to_serialize = ["a.so", "b.so"]
    assert config.plugins_to_serialize == ["a.so", "b.so"]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the samples are not beside the tests")
def test_sample():
    done = subprocess.run([sys.executable, str(SAMPLE)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("check result: True") == 4
