"""DeprecationWarnings where TensorRT's Python API gives them.

The table holds, per class, the member, the release that deprecated it and what its users are told. A member warns when the release
shown by `rondo.face` is that one or a later one, once per place in the program, and never from inside of this package: Python's own
filters decide (`python -W error::DeprecationWarning`, `warnings.filterwarnings`). Members are wrapped here instead of in the binding,
so that `rondo._rondo` stays free of policy.
"""

import functools
import os
import sys
import warnings

from . import _rondo
from ._face import release

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_Q = "explicit quantization (IQuantizeLayer and IDequantizeLayer)"
_TYPED = "strongly typed networks"
_TABLE = {
    "Builder": {
        "build_engine": ((8, 0), "build_serialized_network"),
        "max_batch_size": ((8, 4), "networks with an explicit batch"),
    },
    "IBuilderConfig": {
        "max_workspace_size": ((8, 3), "set_memory_pool_limit"),
        "min_timing_iterations": ((8, 4), "avg_timing_iterations"),
        "int8_calibrator": ((10, 1), _Q),
        "set_calibration_profile": ((10, 1), _Q),
        "get_calibration_profile": ((10, 1), _Q),
        "set_quantization_flag": ((10, 1), _Q),
        "clear_quantization_flag": ((10, 1), _Q),
        "get_quantization_flag": ((10, 1), _Q),
        "quantization_flags": ((10, 1), _Q),
        "algorithm_selector": ((10, 8), "an editable timing cache"),
    },
    "INetworkDefinition": {
        "add_convolution": ((8, 0), "add_convolution_nd"),
        "add_deconvolution": ((8, 0), "add_deconvolution_nd"),
        "add_pooling": ((8, 0), "add_pooling_nd"),
        "add_padding": ((8, 0), "add_padding_nd"),
        "add_fully_connected": ((8, 4), "add_matrix_multiply"),
        "add_rnn_v2": ((7, 2), "addLoop"),
        "has_explicit_precision": ((8, 0), "add_quantize and add_dequantize"),
        "has_implicit_batch_dimension": ((8, 4), "networks with an explicit batch"),
        "add_normalization": ((11, 0), "add_normalization_v2"),
    },
    "ICudaEngine": {
        "num_bindings": ((8, 5), "num_io_tensors"),
        "get_binding_name": ((8, 5), "get_tensor_name"),
        "get_binding_index": ((8, 5), "get_tensor_name"),
        "get_binding_shape": ((8, 5), "get_tensor_shape"),
        "get_binding_dtype": ((8, 5), "get_tensor_dtype"),
        "binding_is_input": ((8, 5), "get_tensor_mode"),
        "get_location": ((8, 5), "get_tensor_location"),
        "get_binding_bytes_per_component": ((8, 5), "get_tensor_bytes_per_component"),
        "get_binding_components_per_element": ((8, 5), "get_tensor_components_per_element"),
        "get_binding_format": ((8, 5), "get_tensor_format"),
        "get_binding_format_desc": ((8, 5), "get_tensor_format_desc"),
        "get_binding_vectorized_dim": ((8, 5), "get_tensor_vectorized_dim"),
        "get_profile_shape": ((8, 5), "get_tensor_profile_shape"),
        "get_profile_shape_input": ((8, 5), "get_tensor_profile_values"),
        "is_shape_binding": ((8, 5), "is_shape_inference_io"),
        "is_execution_binding": ((8, 5), "get_tensor_location"),
        "max_batch_size": ((8, 4), "networks with an explicit batch"),
        "has_implicit_batch_dimension": ((8, 4), "networks with an explicit batch"),
        "create_execution_context_without_device_memory": ((10, 0), "create_execution_context"),
        "device_memory_size": ((10, 1), "device_memory_size_v2"),
        "get_device_memory_size_for_profile": ((10, 1), "get_device_memory_size_for_profile_v2"),
        "weight_streaming_budget": ((10, 1), "weight_streaming_budget_v2"),
        "minimum_weight_streaming_budget": ((10, 1), "get_weight_streaming_automatic_budget"),
    },
    "IExecutionContext": {
        "execute": ((8, 4), "execute_v2"),
        "execute_async": ((8, 4), "execute_async_v2"),
        "execute_async_v2": ((8, 5), "execute_async_v3"),
        "set_binding_shape": ((8, 5), "set_input_shape"),
        "get_binding_shape": ((8, 5), "get_tensor_shape"),
        "get_strides": ((8, 5), "get_tensor_strides"),
        "set_shape_input": ((8, 5), "set_tensor_address"),
        "get_shape": ((8, 5), "get_tensor_address"),
        "all_binding_shapes_specified": ((8, 5), "infer_shapes"),
        "all_shape_inputs_specified": ((8, 5), "infer_shapes"),
    },
    "IConvolutionLayer": {
        "kernel_size": ((8, 0), "kernel_size_nd"),
        "stride": ((8, 0), "stride_nd"),
        "padding": ((8, 0), "padding_nd"),
        "dilation": ((8, 0), "dilation_nd"),
    },
    "IDeconvolutionLayer": {
        "kernel_size": ((8, 0), "kernel_size_nd"),
        "stride": ((8, 0), "stride_nd"),
        "padding": ((8, 0), "padding_nd"),
    },
    "IPoolingLayer": {
        "window_size": ((8, 0), "window_size_nd"),
        "stride": ((8, 0), "stride_nd"),
        "padding": ((8, 0), "padding_nd"),
    },
    "IPaddingLayer": {
        "pre_padding": ((8, 0), "pre_padding_nd"),
        "post_padding": ((8, 0), "post_padding_nd"),
    },
    "ITensor": {
        "dynamic_range": ((10, 1), _Q),
        "set_dynamic_range": ((10, 1), _Q),
        "reset_dynamic_range": ((10, 1), _Q),
    },
    "ILayer": {
        "precision": ((10, 12), _TYPED),
        "reset_precision": ((10, 12), _TYPED),
        "set_output_type": ((10, 12), _TYPED),
        "reset_output_type": ((10, 12), _TYPED),
    },
}
_MANAGERS = (
    "Builder", "INetworkDefinition", "IBuilderConfig", "Runtime", "ICudaEngine", "IExecutionContext", "IHostMemory",
)  # fmt: skip
_WITH = (
    "Context managers for TensorRT types are deprecated. Memory will be freed automatically when the reference count reaches 0."
)


def _stack_level():
    """As warnings.warn counts it for its caller: the first frame outside of this package; 0 if there is none."""
    frame, level = sys._getframe(1), 1
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame, level = frame.f_back, level + 1
    return 0 if frame is None else level


def _caller_for(since, message):
    def warn():
        if release() >= since and (level := _stack_level()):
            warnings.warn(message, DeprecationWarning, stacklevel=level)

    return warn


def _wrapped(member, warn):
    if isinstance(member, property):
        def getter(self):
            warn()
            return member.fget(self)

        def setter(self, value):
            warn()
            member.fset(self, value)

        return property(getter, setter if member.fset else None, None, member.__doc__)

    @functools.wraps(member, updated=())
    def call(self, *args, **kwargs):
        warn()
        return member(self, *args, **kwargs)

    return call


def install():
    """Wraps the members of the table. The package calls it once."""
    for class_name, members in _TABLE.items():
        owner = getattr(_rondo, class_name)
        for name, (since, successor) in members.items():
            setattr(owner, name, _wrapped(getattr(owner, name), _caller_for(since, f"Use {successor} instead.")))
    for class_name in _MANAGERS:
        owner = getattr(_rondo, class_name)
        owner.__enter__ = _wrapped(owner.__enter__, _caller_for((8, 0), _WITH))
