"""What the ONNX parser does not import is an error that names the operator and the reason; never a silent default."""

import numpy as np
import pytest
import rondo

onnx = pytest.importorskip("onnx")
if not rondo.get_nv_onnx_parser_version():
    pytest.skip("built without protobuf", allow_module_level=True)

helper, numpy_helper = onnx.helper, onnx.numpy_helper
F32, U8, I64 = np.float32, np.uint8, np.int64
IMAGE = {"x": (F32, [1, 4, 6, 6])}
DYNAMIC_IMAGE = {"x": (F32, [1, 4, -1, -1])}
KERNEL = {"w": np.zeros((2, 4, 3, 3), F32)}


def refusal(op, inputs, constants=None, outputs=1, opset=23, **attributes):
    """The first error of a model of one node whose inputs are, in order, graph inputs and constants."""
    constants = constants or {}
    names = [*inputs, *constants]
    node = helper.make_node(op, names, [f"y{i}" for i in range(outputs)], name="the_node", **attributes)
    value = lambda n, t, s: helper.make_tensor_value_info(  # noqa: E731
        n, helper.np_dtype_to_tensor_dtype(np.dtype(t)), [f"{n}{i}" if d < 0 else d for i, d in enumerate(s)]
    )
    graph = helper.make_graph(
        [node],
        "g",
        [value(n, t, s) for n, (t, s) in inputs.items()],
        [helper.make_empty_tensor_value_info(n) for n in node.output],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    network = rondo.Builder(rondo.Logger(rondo.Logger.INTERNAL_ERROR)).create_network()
    parser = rondo.OnnxParser(network, rondo.Logger(rondo.Logger.INTERNAL_ERROR))
    assert not parser.parse(model.SerializeToString())
    error = parser.get_error(0)
    assert error.node_name() == "the_node" and error.node_operator() == op
    return error


REFUSALS = [
    # windows
    (("Conv", IMAGE, KERNEL), {"auto_pad": "SAME"}, "auto_pad"),
    (("Conv", IMAGE, KERNEL), {"strides": [1]}, "'strides' has 1 entries"),
    (("Conv", IMAGE, KERNEL), {"strides": [0, 1]}, "below 1"),
    (("Conv", IMAGE, KERNEL), {"kernel_shape": [5, 5]}, "not that of the weights"),
    (("Conv", IMAGE, KERNEL), {"pads": [0, 0, -1, 0]}, "negative"),
    (("Conv", IMAGE, KERNEL), {"auto_pad": "SAME_UPPER", "pads": [1, 1, 1, 1]}, "cannot both"),
    (("Conv", {"x": (F32, [1, 4, 2, 2, 2, 2])}, KERNEL), {}, "rank 3 to 5"),
    (("MaxPool", IMAGE), {}, "kernel_shape"),
    (("MaxPool", DYNAMIC_IMAGE), {"kernel_shape": [2, 2], "dilations": [2, 2]}, "known extents"),
    (("MaxPool", IMAGE), {"kernel_shape": [40, 40], "pads": [39] * 4, "outputs": 2}, "more than 1024"),
    (("LpPool", IMAGE), {"kernel_shape": [2, 2], "p": 0}, "'p'"),
    (("ConvTranspose", IMAGE, {"w": np.zeros((4, 2, 3, 3), F32)}), {"output_padding": [1]}, "output_padding"),
    # elementwise
    (("Mod", {"x": (F32, [2])}, {"y": np.ones(2, F32)}), {}, "'fmod' is 0; before version 28"),
    # normalizations
    (("BatchNormalization", {"x": (F32, [2, 4])}, {n: np.ones(4, F32) for n in "abcd"}), {"outputs": 2}, "training"),
    (("RMSNormalization", {"x": (F32, [2, 4])}, {"s": np.ones(4, F32)}), {"stash_type": 10}, "stash_type"),
    (("LpNormalization", {"x": (F32, [2, 4])}), {"p": 3}, "'p' is 3"),
    (("LRN", IMAGE), {"size": 0}, "'size'"),
    # by index
    (("GatherND", {"x": (F32, [2, 3])}, {"i": np.zeros((1, 3), I64)}), {}, "last extent of the indices is 3"),
    (("ScatterND", {"x": (F32, [-1, 3]), "i": (I64, [1, 1]), "u": (F32, [1, 3])}), {"reduction": "add"}, "known extents"),
    (("ScatterElements", {"x": (F32, [2, 3]), "i": (I64, [1, 1]), "u": (F32, [1, 1])}), {"reduction": "mean"}, "reduction"),
    (("Pad", {"x": (F32, [2, 3])}, {"p": np.zeros(3, I64)}), {}, "pads need 4 entries"),
    (("Pad", {"x": (F32, [2, 3])}, {"p": np.zeros(4, I64)}), {"mode": "mirror"}, "mode"),
    (("CumSum", {"x": (F32, [2, 3]), "axis": (I64, [])}), {}, "axis"),
    (("DepthToSpace", {"x": (F32, [1, 6, 2, 2])}), {"blocksize": 4}, "cannot be cut"),
    # resizing
    (("Resize", IMAGE, {"r": np.zeros(0, F32), "s": np.ones(3, F32)}), {}, "need 4 numbers"),
    (("Resize", IMAGE, {"r": np.zeros(0, F32), "s": np.array([1, 1, 0, 1], F32)}), {}, "not above 0"),
    (("Resize", IMAGE, {"r": np.zeros(0, F32), "s": np.ones(4, F32)}), {"nearest_mode": "up"}, "nearest_mode"),
    (("Resize", DYNAMIC_IMAGE, {"r": np.zeros(0, F32), "s": np.array([1, 1, 1.5, 1.5], F32)}), {}, "known extents"),
    (("GridSample", {"x": (F32, [1, 1, 4, 4]), "g": (F32, [1, 2, 2, 2])}), {"padding_mode": "wrap"}, "padding_mode"),
    # quantization
    (("QuantizeLinear", {"x": (F32, [2])}, {"s": np.array(1, F32)}), {"output_dtype": onnx.TensorProto.INT32}, "int32"),
    (("QuantizeLinear", {"x": (F32, [2, 2])}, {"s": np.ones(2, F32)}), {"axis": 2}, "axis 2"),
    # bits
    (("BitwiseAnd", {"x": (F32, [2]), "z": (F32, [2])}), {}, "bits of float"),
    (("BitShift", {"x": (U8, [2]), "z": (U8, [2])}), {"direction": "UP"}, "direction"),
    # attention, losses, signals
    (("Attention", {n: (F32, [1, 2, 8]) for n in "qkv"}), {}, "q_num_heads"),
    (("NegativeLogLikelihoodLoss", {"x": (F32, [2, 3]), "t": (I64, [2])}), {"reduction": "max"}, "reduction"),
    (("DFT", {"x": (F32, [1, -1, 1])}), {}, "known extents"),
    (("HannWindow", {"n": (I64, [])}), {}, "size"),
    # what no version has
    (("Relu", {"x": (F32, [2])}), {"slope": 2.0}, "slope"),
    (("Det", {"x": (F32, [2, 2])}), {}, "Det"),
]


@pytest.mark.parametrize("node,attributes,reason", REFUSALS, ids=lambda v: v[0] if isinstance(v, tuple) else None)
def test_refusal_names_node_and_reason(node, attributes, reason):
    assert reason in str(refusal(*node, **attributes))
