"""Plugins named by nodes of ONNX models: those that come with Rondo, and classes written in Python."""

import numpy as np
import pytest
import rondo as trt

from test_plugins import Affine, AffineCreator  # noqa: F401  (one definition of the class for both files)

onnx = pytest.importorskip("onnx")
helper = onnx.helper


def model_of(nodes, shape):
    x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def built(nodes, shape, folder):
    path = folder / "model.onnx"
    path.write_bytes(model_of(nodes, shape))
    return trt.build(path)


def test_bundled_layer_norm(tmp_path):
    assert trt.init_libnvinfer_plugins(trt.Logger(trt.Logger.ERROR), "")
    rng = np.random.default_rng(3)
    gamma, beta, x = (rng.random(shape, np.float32) for shape in ((768,), (768,), (4, 768)))
    node = helper.make_node("LayerNorm", ["x"], ["y"], domain="trt.plugins", gamma=onnx.numpy_helper.from_array(gamma), beta=list(beta), eps=1e-5)
    y = built([node], [4, 768], tmp_path)(x=x)["y"]
    want = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gamma + beta
    assert np.abs(y - want).max() < 6e-6


def test_class_written_in_python(tmp_path):
    creator = AffineCreator()
    registry = trt.get_plugin_registry()
    assert registry.register_creator(creator, "py")
    try:
        nodes = [
            helper.make_node("PyAffine", ["x"], ["h"], domain="any", plugin_namespace="py", factor=3.0),
            helper.make_node("Relu", ["h"], ["y"]),
        ]
        x = np.array([[1, -2]], np.float32)
        y = built(nodes, [1, 2], tmp_path)(x=x)["y"]
        np.testing.assert_array_equal(y, np.maximum(np.concatenate([x, x]) * 3, 0))
    finally:
        assert registry.deregister_creator(creator)


def test_missing_plugin_is_named():
    logger = trt.Logger(trt.Logger.INTERNAL_ERROR)
    network = trt.Builder(logger).create_network()
    parser = trt.OnnxParser(network, logger)
    node = helper.make_node("PyAffin", ["x"], ["y"], domain="any", plugin_version="2", plugin_namespace="py")
    assert not parser.parse(model_of([node], [1, 2]))
    text = parser.get_error(0).desc()
    assert "any::PyAffin is not known" in text and "no plugin 'PyAffin' version '2' of namespace 'py' is registered" in text
