"""The ONNX parser's binding: names, errors, lifetimes; rondo.build on a file; the package without the parser."""

import gc
import subprocess
import sys
import threading

import numpy as np
import pytest
import rondo

onnx = pytest.importorskip("onnx")
if not rondo.get_nv_onnx_parser_version():
    pytest.skip("built without protobuf", allow_module_level=True)

FLOAT = onnx.TensorProto.FLOAT


def model_of(nodes, inputs, outputs, initializers=(), opset=17):
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        [tensor(n, FLOAT, s) for n, s in inputs.items()],
        [tensor(n, FLOAT, s) for n, s in outputs.items()],
        [onnx.numpy_helper.from_array(v, n) for n, v in dict(initializers).items()],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)


def scaled(weights):
    """y = x w."""
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"], name="product")
    return model_of([node], {"x": ["batch", len(weights)]}, {"y": ["batch", weights.shape[1]]}, {"w": weights})


def unknown_operator():
    nodes = [
        onnx.helper.make_node("Identity", ["x"], ["t"], name="first"),
        onnx.helper.make_node("NoSuchThing", ["t"], ["y"], name="second"),
    ]
    return model_of(nodes, {"x": [2]}, {"y": [2]})


def new_parser(logger):
    network = rondo.Builder(logger).create_network()
    return network, rondo.OnnxParser(network, logger)


W = np.arange(12, dtype=np.float32).reshape(3, 4)


def test_weights_live_as_long_as_the_network(logger):
    network, parser = new_parser(logger)
    assert parser.parse(scaled(W).SerializeToString()), [str(parser.get_error(i)) for i in range(parser.num_errors)]
    assert parser.num_errors == 0 and network.num_inputs == 1
    del parser
    gc.collect()
    shapes = {"x": ((1, 3), (2, 3), (8, 3))}
    x = np.random.default_rng(0).random((2, 3), np.float32)
    assert np.allclose(rondo.build(network, shapes=shapes)(x)["y"], x @ W, rtol=1e-6)


def test_network_lives_as_long_as_the_parser(logger):
    _, parser = new_parser(logger)
    gc.collect()
    assert parser.parse(bytearray(scaled(W).SerializeToString()))
    tensor = parser.get_layer_output_tensor("product", 0)
    assert tensor.name == "y" and parser.get_layer_output_tensor("nowhere", 0) is None


def test_errors_name_the_node(logger):
    network, parser = new_parser(logger)
    assert not parser.parse(unknown_operator().SerializeToString())
    assert parser.num_errors >= 1
    error = parser.get_error(0)
    parser.clear_errors()
    del parser, network
    gc.collect()
    assert error.code() == rondo.ErrorCode.UNSUPPORTED_NODE and error.node() == 1
    assert error.node_name() == "second" and error.node_operator() == "NoSuchThing"
    assert "NoSuchThing" in str(error) and "UNSUPPORTED_NODE" in str(error)
    assert error.local_function_stack() == [] and error.line() > 0 and error.file() and error.func()


def test_no_model_is_an_error(logger, tmp_path):
    _, parser = new_parser(logger)
    assert not parser.parse(b"no model at all")
    assert parser.get_error(0).code() == rondo.ErrorCode.MODEL_DESERIALIZE_FAILED
    assert not parser.parse_from_file(str(tmp_path / "nowhere.onnx"))
    with pytest.raises(TypeError):
        parser.parse("a path is no model")


def test_support_queries(logger):
    _, parser = new_parser(logger)
    assert parser.supports_operator("MatMul") and not parser.supports_operator("NoSuchThing")
    supported, parts = parser.supports_model(scaled(W).SerializeToString())
    assert supported and parts == [([0], True)]
    supported, parts = parser.supports_model(unknown_operator().SerializeToString())
    assert not supported and ([0], True) in parts
    assert parser.num_subgraphs == len(parts)
    assert [parser.get_subgraph_nodes(i) for i in range(len(parts))] == [nodes for nodes, _ in parts]


def test_flags(logger):
    network, parser = new_parser(logger)
    native = rondo.OnnxParserFlag.NATIVE_INSTANCENORM
    parser.clear_flag(native)
    assert not parser.get_flag(native) and parser.flags == 0
    parser.flags = 1 << int(rondo.OnnxParserFlag.ENABLE_PLUGIN_OVERRIDE)
    assert parser.get_flag(rondo.OnnxParserFlag.ENABLE_PLUGIN_OVERRIDE)
    assert parser.set_builder_config(network.builder.create_builder_config())
    assert parser.get_used_vc_plugin_libraries() == []


def test_parsing_lets_other_threads_run(logger):
    """Two networks are parsed side by side; the logger's callbacks find their way back into Python."""
    data, done = scaled(np.zeros((512, 512), np.float32)).SerializeToString(), []

    def parse():
        _, parser = new_parser(logger)
        done.append(parser.parse(data))

    threads = [threading.Thread(target=parse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 4


def test_build_takes_a_file(tmp_path):
    path = tmp_path / "m.onnx"
    onnx.save(scaled(W), path)
    engine = rondo.build(path, shapes={"x": ((1, 3), (2, 3), (8, 3))})
    x = np.ones((2, 3), np.float32)
    assert np.allclose(engine(x)["y"], x @ W)
    onnx.save(unknown_operator(), path)
    with pytest.raises(rondo.RondoError, match="NoSuchThing"):
        rondo.build(path)
    with pytest.raises(FileNotFoundError):
        rondo.build(tmp_path / "nowhere.onnx")


def test_external_data_is_found(tmp_path):
    path = tmp_path / "m.onnx"
    onnx.save(scaled(np.tile(W, (100, 1))), path, save_as_external_data=True, location="m.data", size_threshold=0)
    engine = rondo.build(path, shapes={"x": ((1, 300), (2, 300), (8, 300))})
    x = np.ones((2, 300), np.float32)
    assert np.allclose(engine(x)["y"], x @ np.tile(W, (100, 1)))


def test_backend_interface():
    import rondo.onnx_backend as backend

    x = np.random.default_rng(0).random((2, 3), np.float32)
    rep = backend.prepare(scaled(W))
    for batch in (1, 2, 5):
        feed = np.resize(x, (batch, 3)).astype(np.float32)
        assert np.allclose(rep.run([feed])["y"], feed @ W)
    assert np.allclose(backend.run_model(scaled(W), {"x": x})[0], x @ W)
    assert np.allclose(backend.run_node(onnx.helper.make_node("Sqrt", ["x"], ["y"]), [x])[0], np.sqrt(x))
    assert backend.supports_device("CPU") and not backend.supports_device("CUDA:1")
    assert backend.is_compatible(scaled(W)) and not backend.is_compatible(unknown_operator())


def test_backend_freezes_what_the_importer_must_know():
    import rondo.onnx_backend as backend

    nodes = [onnx.helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)]
    model = model_of(nodes, {"x": [2, 3]}, {"y": ["n"]}, opset=18)
    model.graph.input.append(onnx.helper.make_tensor_value_info("axes", onnx.TensorProto.INT64, [1]))
    rep = backend.prepare(model)
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for axis in (0, 1):
        assert np.array_equal(rep.run([x, np.array([axis])])[0], x.sum(axis))
    assert set(rep.frozen) == {"axes"}


def test_without_the_parser_everything_else_works():
    program = """
import sys
sys.modules["rondo._onnx"] = None
import rondo
network = rondo.Builder(rondo.Logger()).create_network()
assert int(rondo.ErrorCode.UNSUPPORTED_NODE) == 8 and rondo.get_nv_onnx_parser_version() == 0
try:
    rondo.OnnxParser(network, rondo.Logger())
except RuntimeError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "protobuf" in result.stdout and "OnnxParser" in result.stdout
