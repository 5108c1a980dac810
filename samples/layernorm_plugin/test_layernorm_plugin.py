"""The same check in Python: the plugin comes from the library named on the command line, or is written here.

    python test_layernorm_plugin.py [liblayernorm_plugin.so]

Runs as a program for TensorRT: `python -m rondo.compat test_layernorm_plugin.py …`, or with `import rondo as trt`.
"""
import ctypes
import sys

import numpy as np

try:
    import tensorrt as trt
except ImportError:
    import rondo as trt

EPSILON = 6e-6


class RowNorm(trt.IPluginV2DynamicExt):
    """Layer normalization in numpy: what a plugin for the CPU can look like."""

    def __init__(self, fields=None):
        trt.IPluginV2DynamicExt.__init__(self)
        self.plugin_type, self.plugin_version, self.plugin_namespace = "PythonRowNorm", "1", ""
        self.num_outputs = 1

    def get_output_datatype(self, index, input_types):
        return input_types[0]

    def get_output_dimensions(self, output_index, inputs, expr_builder):
        return trt.DimsExprs(inputs[0])

    def supports_format_combination(self, pos, in_out, num_inputs):
        known = in_out[0].type in (trt.float32, trt.float16)
        return known and in_out[pos].type == in_out[0].type and in_out[pos].format == trt.TensorFormat.LINEAR

    def configure_plugin(self, inputs, outputs):
        pass

    def enqueue(self, input_desc, output_desc, inputs, outputs, workspace, stream):
        x, y = (tensor_at(address, desc) for address, desc in ((inputs[0], input_desc[0]), (outputs[0], output_desc[0])))
        wide = x.astype(np.float64)
        mean = wide.mean(-1, keepdims=True)
        y[...] = (wide - mean) / np.sqrt(wide.var(-1, keepdims=True) + EPSILON)

    def clone(self):
        other = RowNorm()
        other.__dict__.update(self.__dict__)
        return other


class RowNormCreator(trt.IPluginCreator):
    def __init__(self):
        trt.IPluginCreator.__init__(self)
        self.name, self.plugin_version, self.plugin_namespace = "PythonRowNorm", "1", ""
        self.field_names = trt.PluginFieldCollection([])

    def create_plugin(self, name, fields):
        return RowNorm()

    def deserialize_plugin(self, name, data):
        return RowNorm()


def tensor_at(address, desc):
    """The memory of a tensor as an array: addresses are host memory on the CPU."""
    dtype = np.dtype(trt.nptype(desc.type))
    size = int(np.prod(tuple(desc.dims), dtype=np.int64)) * dtype.itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(address), dtype).reshape(tuple(desc.dims))


def build(logger, creator, width, half):
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    config = builder.create_builder_config()
    profile = builder.create_optimization_profile()
    x = network.add_input("x", trt.float32, (-1, 64, width))
    profile.set_shape("x", (1, 64, width), (4, 64, width), (16, 64, width))
    config.add_optimization_profile(profile)
    layer = network.add_plugin_v2([x], creator.create_plugin("norm", trt.PluginFieldCollection([])))
    if half:
        config.set_flag(trt.BuilderFlag.FP16)
        layer.precision = trt.float16
    layer.get_output(0).name = "y"
    network.mark_output(layer.get_output(0))
    return builder.build_serialized_network(network, config)


def check(logger, creator, width, half):
    plan = build(logger, creator, width, half)
    engine = trt.Runtime(logger).deserialize_cuda_engine(plan)
    context = engine.create_execution_context()
    np.random.seed(97)
    x = (np.random.rand(4, 64, width).astype(np.float32) * 2 - 1)
    y = np.zeros_like(x)
    context.set_input_shape("x", x.shape)
    context.set_tensor_address("x", x.ctypes.data)
    context.set_tensor_address("y", y.ctypes.data)
    if not context.execute_async_v3(0):
        return float("inf")
    wide = x.astype(np.float64)
    want = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + EPSILON)
    return float(np.abs(y - want).max())


def main(arguments):
    logger = trt.Logger(trt.Logger.WARNING)
    registry = trt.get_plugin_registry()
    if arguments:
        registry.load_library(arguments[0])
        creator = registry.get_plugin_creator("RowNorm", "1", "")
    else:
        creator = RowNormCreator()
        registry.register_creator(creator, "")
    good = True
    for width in (256, 768):
        for half in (False, True):
            worst = check(logger, creator, width, half)
            good = good and worst < (2e-3 if half else 6e-6)
            print(f"width {width} {'fp16' if half else 'fp32'}: check result: {good} max diff={worst:.3g}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
