"""rondo.plugin, the `tensorrt.plugin` of TensorRT 10: plugins of functions."""

import re
import subprocess
import sys
from pathlib import Path
from typing import List, Tuple, Union

import numpy as np
import numpy.typing as npt
import pytest
import rondo as trt
import rondo.plugin as trtp


@trtp.register("tests::scale")
def scale_desc(x: trtp.TensorDesc, factor: float, shift: int, label: str, on: bool, tag: bytes = b"\x00\x01") -> trtp.TensorDesc:
    assert isinstance(shift, int) and isinstance(label, str) and tag == b"\x00\x01"
    return x.like()


@trtp.impl("tests::scale")
def scale_impl(x: trtp.Tensor, factor: float, on: bool, outputs: Tuple[trtp.Tensor], stream: int) -> None:
    assert isinstance(factor, float) and on is True and isinstance(stream, int)
    np.multiply(x, np.float32(factor), out=np.asarray(outputs[0]))


@trtp.register("tests::pad", lazy_register=True)
def pad_desc(x: trtp.TensorDesc, pads: npt.NDArray[np.int32]) -> trtp.TensorDesc:
    out = x.like()
    for i in range(pads.size // 2):
        out.shape_expr[x.ndim - i - 1] += int(pads[i * 2] + pads[i * 2 + 1])
    return out


@trtp.autotune("tests::pad")
def pad_autotune(x: trtp.TensorDesc, outputs: Tuple[trtp.TensorDesc]) -> List[trtp.AutoTuneCombination]:
    assert x.has_shape and x.shape.max[0] == 4
    combination = trtp.AutoTuneCombination()
    combination.pos([0, 1], "FP16|FP32")
    combination.tactics([3, 5])
    return [combination]


@trtp.impl("tests::pad")
def pad_impl(x, pads, outputs, stream, tactic) -> None:
    assert tactic == 3 and pads.dtype == np.int32
    np.asarray(outputs[0])[...] = np.pad(np.asarray(x), [(pads[2], pads[3]), (pads[0], pads[1])], "wrap")


@trtp.register("tests::nonzero")
def nonzero_desc(x: trtp.TensorDesc) -> Tuple[trtp.TensorDesc, trtp.TensorDesc]:
    upper = x.shape_expr.numel()
    size = trtp.size_tensor(upper // 2, upper)
    return trtp.from_shape_expr((size.expr(), 2), dtype=trt.int32), size


@trtp.impl("tests::nonzero")
def nonzero_impl(x, outputs, stream):
    found = np.argwhere(np.asarray(x))
    assert outputs[0].is_data_dependent
    np.asarray(outputs[0].aliased(found.shape))[...] = found
    np.asarray(outputs[1])[...] = len(found)


@trtp.register("tests::add_")
def add_desc(x: trtp.TensorDesc, delta: int) -> trtp.TensorDesc:
    return x.aliased()


@trtp.impl("tests::add_")
def add_impl(x, delta, outputs, stream):
    assert outputs[0].is_aliased
    view = np.asarray(x)
    view += delta


@trtp.register("tests::on_gpu")
def on_gpu_desc(x: trtp.TensorDesc) -> trtp.TensorDesc:
    return x.like()


@trtp.aot_impl("tests::on_gpu")
def on_gpu_impl(x: trtp.TensorDesc, outputs, tactic) -> Tuple[Union[str, bytes], Union[str, bytes], trtp.KernelLaunchParams, trtp.SymExprs]:
    raise AssertionError("never called")


def network_of(shape, plugin, dtype=trt.float32, ranges=None):
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network()
    config = builder.create_builder_config()
    if ranges:
        profile = builder.create_optimization_profile()
        profile.set_shape("x", *ranges)
        config.add_optimization_profile(profile)
    layer = network.add_plugin(plugin(network.add_input("x", dtype, shape)))
    for i in range(layer.num_outputs):
        layer.get_output(i).name = f"y{i}"
        network.mark_output(layer.get_output(i))
    plan = builder.build_serialized_network(network, config)
    assert plan is not None
    return logger, plan


def run(made, x, outputs):
    logger, plan = made
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    context.set_input_shape("x", x.shape)
    context.set_tensor_address("x", x.ctypes.data)
    for i, output in enumerate(outputs):
        context.set_tensor_address(f"y{i}", output.ctypes.data)
    assert context.execute_async_v3(0)
    return context


def test_attributes_of_all_kinds():
    made = network_of((-1, 3), lambda x: trtp.op.tests.scale(x, factor=2, shift=1, label="a", on=True), ranges=((1, 3), (2, 3), (4, 3)))
    x, y = np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((2, 3), np.float32)
    run(made, x, [y])
    np.testing.assert_array_equal(y, 2 * x)


@pytest.mark.parametrize("dtype,element", [(trt.float32, np.float32), (trt.float16, np.float16)])
def test_shapes_are_computed_and_types_tuned(dtype, element):
    pads = np.array([1, 1, 2, 0], np.int32)
    made = network_of((-1, 3), lambda x: trtp.op.tests.pad(x, pads=pads), dtype, ((1, 3), (2, 3), (4, 3)))
    x = np.arange(12, dtype=element).reshape(4, 3)
    y = np.zeros((6, 5), element)
    context = run(made, x, [y])
    assert tuple(context.get_tensor_shape("y0")) == (6, 5)
    np.testing.assert_array_equal(y, np.pad(x, [(2, 0), (1, 1)], "wrap"))


def test_extents_of_the_plugin():
    made = network_of((2, 3), lambda x: trtp.op.tests.nonzero(x))
    x = np.array([[0, 1, 0], [2, 0, 3]], np.float32)
    y, n = np.zeros((6, 2), np.int32), np.zeros((), np.int32)
    context = run(made, x, [y, n])
    assert n == 3 and tuple(context.get_tensor_shape("y0")) == (3, 2)
    np.testing.assert_array_equal(y[:3], np.argwhere(x))


def test_in_place():
    made = network_of((2, 2), lambda x: trtp.op.tests.add_(x, delta=4))
    x, y = np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)
    run(made, x, [y])
    np.testing.assert_array_equal(y, np.full((2, 2), 5))
    np.testing.assert_array_equal(x, np.ones((2, 2)))


def test_nodes_of_onnx_models(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    node = helper.make_node("pad", ["x"], ["y"], domain="any", plugin_namespace="tests", pads=[1, 1, 2, 0], aot=0)
    value = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in (("x", [4, 3]), ("y", None))]
    model = helper.make_model(helper.make_graph([node], "g", value[:1], value[1:]), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    pads = np.array([1, 1, 2, 0], np.int32)
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    # A lazy plugin is registered when it is first called.
    network_of((4, 3), lambda tensor: trtp.op.tests.pad(tensor, pads=pads))
    path = tmp_path / "pad.onnx"
    onnx.save(model, path)
    engine = trt.build(path)
    np.testing.assert_array_equal(engine(x=x)["y"], np.pad(x, [(2, 0), (1, 1)], "wrap"))


def test_plugin_in_a_loop():
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network()
    x, n = network.add_input("x", trt.float32, (2,)), network.add_input("n", trt.int32, ())
    loop = network.add_loop()
    loop.add_trip_limit(n, trt.TripLimit.COUNT)
    state = loop.add_recurrence(x)
    state.set_input(1, network.add_plugin(trtp.op.tests.scale(state.get_output(0), factor=2, shift=0, label="", on=True)).get_output(0))
    last = loop.add_loop_output(state.get_output(0), trt.LoopOutput.LAST_VALUE)
    last.get_output(0).name = "y"
    network.mark_output(last.get_output(0))
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    values, y = np.array([1, -1], np.float32), np.zeros(2, np.float32)
    context.set_tensor_address("x", values.ctypes.data)
    context.set_tensor_address("y", y.ctypes.data)
    for trips in (1, 4, 2):
        count = np.array(trips, np.int32)
        context.set_tensor_address("n", count.ctypes.data)
        assert context.execute_async_v3(0)
        np.testing.assert_array_equal(y, values * 2**trips)


def test_kernels_of_the_gpu_are_refused():
    network = trt.Builder(trt.Logger(trt.Logger.ERROR)).create_network()
    x = network.add_input("x", trt.float32, (2,))
    with pytest.raises(ValueError, match="tests::on_gpu: its aot_impl is a CUDA kernel, which no CPU runs"):
        trtp.op.tests.on_gpu(x)
    with pytest.raises(ValueError, match="aot=True asks for a CUDA kernel"):
        network.add_plugin(trtp.op.tests.add_(x, delta=1), aot=True)
    with pytest.raises(NotImplementedError, match="launch of a CUDA kernel"):
        trtp.KernelLaunchParams()


def refused(text, function, plugin_id="tests::bad"):
    with pytest.raises(ValueError, match=text):
        trtp.register(plugin_id)(function)


def test_definitions_are_checked():
    def plain(x: trtp.TensorDesc) -> trtp.TensorDesc:
        return x.like()

    refused('"namespace::name"', plain, "scale")
    refused("tests::scale is registered already", plain, "tests::scale")
    refused("x has no type annotation", lambda x: x)

    def lists(x: trtp.TensorDesc, sizes: list) -> trtp.TensorDesc:
        return x

    def late(x: trtp.TensorDesc, n: int, y: trtp.TensorDesc) -> trtp.TensorDesc:
        return x

    def many(x: trtp.TensorDesc) -> List[trtp.TensorDesc]:
        return [x]

    refused("attribute 'sizes'.*is no type of attributes", lists)
    refused("tensor 'y' stands behind attributes", late)
    refused("one TensorDesc per output", many)
    with pytest.raises(ValueError, match="tests::none is not registered"):
        trtp.impl("tests::none")(plain)


def test_calls_are_checked():
    network = trt.Builder(trt.Logger(trt.Logger.ERROR)).create_network()
    x = network.add_input("x", trt.float32, (2,))
    good = dict(factor=1.0, shift=1, label="", on=True)
    for text, args, changes in (
        ("takes the tensors x by position", [], {}),
        ("takes the tensors x by position", [np.ones(2)], {}),
        ("has no attribute 'other'", [x], {"other": 1}),
        ("attribute 'shift' is of type int, not float", [x], {"shift": 1.5}),
        ("attribute 'on' is of type bool, not int", [x], {"on": 1}),
        ("attribute 'label' is of type str, not bytes", [x], {"label": b""}),
    ):
        with pytest.raises(ValueError, match=text):
            trtp.op.tests.scale(*args, **{**good, **changes})
    with pytest.raises(ValueError, match="attribute 'factor' is missing"):
        trtp.op.tests.scale(x, shift=1, label="", on=True)
    with pytest.raises(ValueError, match="1-D array of int32, not 1-D of int64"):
        trtp.op.tests.pad(x, pads=np.array([1, 1]))
    with pytest.raises(AttributeError, match="no plugin 'other' is registered in tests"):
        trtp.op.tests.other
    with pytest.raises(AttributeError, match="no plugin of namespace 'nobody'"):
        trtp.op.nobody


def test_combinations_of_types():
    f32, f16, i32 = trt.float32, trt.float16, trt.int32
    alike = trtp.AutoTuneCombination("FP32|FP16, FP32|FP16")
    assert alike._allows([f16, f16], 2) and alike._allows([f32], 2) and not alike._allows([f32, f16], 2)
    free = trtp.AutoTuneCombination("FP32*FP16, FP32|FP16, FP32|FP16, INT32")
    assert free._allows([f16, f32, f32, i32], 4) and not free._allows([f16, f32, f16], 4)
    assert not trtp.AutoTuneCombination("FP32, FP32", "HWC")._allows([f32], 2)
    assert trtp.AutoTuneCombination("FP32, FP32", "LINEAR*HWC")._allows([f32, f32], 2)
    with pytest.raises(ValueError, match="'FP99' is no type"):
        trtp.AutoTuneCombination("FP99")._allows([f32], 1)
    with pytest.raises(ValueError, match="mix"):
        trtp.AutoTuneCombination("FP32|FP16*INT8")._allows([f32], 1)


def test_functions_that_do_not_fit():
    @trtp.register("tests::other")
    def describe(x: trtp.TensorDesc, factor: float) -> trtp.TensorDesc:
        return x.like().aliased()

    with pytest.raises(ValueError, match=r"impl takes \(x, scale, outputs, stream\); it can take the inputs x, then factor, outputs, stream"):
        trtp.impl("tests::other")(lambda x, scale, outputs, stream: None)
    with pytest.raises(ValueError, match="must take outputs and stream"):
        trtp.impl("tests::other")(lambda x, outputs: None)
    network = trt.Builder(trt.Logger(trt.Logger.INTERNAL_ERROR)).create_network()
    x = network.add_input("x", trt.float32, (2,))
    with pytest.raises(ValueError, match="nothing computes it; write a function under @tensorrt.plugin.impl"):
        trtp.op.tests.other(x, factor=1.0)


def test_empty_memory():
    desc = trt.PluginTensorDesc()
    desc.dims, desc.type = (0, 3), trt.float32
    assert np.asarray(trtp.Tensor(0, desc, True)).shape == (0, 3)
    desc.type = trt.bfloat16
    with pytest.raises(ValueError, match="numpy has no BF16"):
        np.asarray(trtp.Tensor(0, desc, True))
    assert trt.Dims.MAX_DIMS == 8


def test_expressions_without_shapes():
    fake = trtp.ShapeExpr()
    assert fake.is_fake and (fake + 3).is_fake and trtp.cdiv(fake, 2).is_fake and trtp.max(7, fake).is_fake
    with pytest.raises(RuntimeError, match="no shapes are known"):
        fake.is_constant
    with pytest.raises(ValueError, match="one of the two"):
        trtp.min(1, 2)
    size = trtp.size_tensor(fake, fake)
    with pytest.raises(ValueError, match="nothing can be computed from it"):
        size.expr() + 1
    assert trtp.Shape((2, -1)).is_dynamic and trtp.Shape((2, 3)).numel() == 6


DOCS = Path(__file__).parents[3] / "docs" / "plugins.md"


@pytest.mark.skipif(not DOCS.exists(), reason="the documents are not beside the tests")
def test_the_example_of_the_documents():
    example = next(block for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.S) if "rondo.plugin" in block)

    def plugin(network, x):
        names = {"numpy": np, "Tuple": Tuple, "network": network, "x": x}
        exec(example, names)
        return names["layer"]

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network()
    layer = plugin(network, network.add_input("x", trt.float32, (3,)))
    layer.get_output(0).name = "y0"
    network.mark_output(layer.get_output(0))
    x, y = np.array([1, 2, 3], np.float32), np.zeros(3, np.float32)
    run((logger, builder.build_serialized_network(network, builder.create_builder_config())), x, [y])
    np.testing.assert_array_equal(y, 2 * x)


PROGRAM = """
import rondo.compat; rondo.compat.install(cuda="host")
import tensorrt as trt, tensorrt.plugin as trtp
from tensorrt.plugin import TensorDesc
@trtp.register("p::same")
def desc(x: TensorDesc) -> TensorDesc: return x.like()
@trtp.impl("p::same")
def impl(x, outputs, stream): pass
network = trt.Builder(trt.Logger()).create_network()
layer = network.add_plugin(trtp.op.p.same(network.add_input("x", trt.float32, (2,))))
assert isinstance(layer, trt.IPluginV3Layer) and trt.plugin is trtp
"""


def test_programs_import_it_from_tensorrt():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
