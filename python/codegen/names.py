"""Where Python's names are not the snake_case of the C++ names. Source: TensorRT's Python API, 8.x to 11.x."""

import re

# Setter stem -> property; (interface, stem) goes before stem.
PROPERTIES = {
    ("IActivationLayer", "ActivationType"): "type",
    ("IPoolingLayer", "PoolingType"): "type",
    ("IConstantLayer", "Dimensions"): "shape",
    ("IFillLayer", "Dimensions"): "shape",
    ("IFillLayer", "Operation"): "operation",
    ("ISliceLayer", "Size"): "shape",
    ("IResizeLayer", "OutputDimensions"): "shape",
    ("IResizeLayer", "CubicCoeff"): "cubic_coeff",
    ("ILoopOutputLayer", "LoopOutput"): "kind",
    ("ITripLimitLayer", "TripLimit"): "kind",
    ("IRNNv2Layer", "LayerCount"): "num_layers",
    ("IRNNv2Layer", "MaxSeqLength"): "max_seq_length",
    ("IRNNv2Layer", "SequenceLengths"): "seq_lengths",
    ("INMSLayer", "TopKBoxLimit"): "topk_box_limit",
    ("IAttention", "NormalizationOperation"): "norm_op",
    ("IDistCollectiveLayer", "NbRanks"): "num_ranks",
    "Operation": "op",
    "ReduceAxes": "axes",
    "KeepDimensions": "keep_dims",
    "ReshapeDimensions": "reshape_dims",
    "GatherAxis": "axis",
    "NbElementWiseDims": "num_elementwise_dims",
    "NbOutputMaps": "num_output_maps",
    "NbOutputChannels": "num_output_channels",
    "NbGroups": "num_groups",
    "NbRanks": "num_ranks",
    "NbInputs": "num_inputs",
    "NbOutputs": "num_outputs",
    "KernelWeights": "kernel",
    "BiasWeights": "bias",
}

# C++ add method -> Python parameters; None keeps the snake_case of the C++ names. A name may carry a default.
PARAMETERS = {
    "addElementWise": ["input1", "input2", "op"],
    "addUnary": ["input", "op"],
    "addSelect": ["condition", "then_input", "else_input"],
    "addConvolution": ["input", "num_output_maps", "kernel_shape", "kernel", "bias=None"],
    "addConvolutionNd": ["input", "num_output_maps", "kernel_shape", "kernel", "bias=None"],
    "addDeconvolution": ["input", "num_output_maps", "kernel_shape", "kernel", "bias=None"],
    "addDeconvolutionNd": ["input", "num_output_maps", "kernel_shape", "kernel", "bias=None"],
    "addFullyConnected": ["input", "num_outputs", "kernel", "bias=None"],
    "addPooling": ["input", "type", "window_size"],
    "addPoolingNd": ["input", "type", "window_size"],
    "addPadding": ["input", "pre_padding", "post_padding"],
    "addPaddingNd": ["input", "pre_padding", "post_padding"],
    "addLRN": ["input", "window", "alpha", "beta", "k"],
    "addScale": ["input", "mode", "shift=None", "scale=None", "power=None"],
    "addScaleNd": ["input", "mode", "shift=None", "scale=None", "power=None", "channel_axis=0"],
    "addReduce": ["input", "op", "axes", "keep_dims"],
    "addTopK": ["input", "op", "k", "axes", "indices_type=DataType::kINT32"],
    "addConstant": ["shape", "weights"],
    "addSlice": ["input", "start", "shape", "stride"],
    "addGather": ["input", "indices", "axis"],
    "addGatherV2": ["input", "indices", "mode"],
    "addScatter": ["data", "indices", "updates", "mode"],
    "addParametricReLU": ["input", "slopes"],
    "addEinsum": ["inputs", "equation"],
    "addConcatenation": ["inputs"],
    "addFill": ["shape", "op", "output_type=DataType::kFLOAT"],
    "addQuantize": ["input", "scale", "output_type=DataType::kINT8"],
    "addDequantize": ["input", "scale", "output_type=DataType::kFLOAT"],
    "addNormalization": ["input", "scale", "bias", "axesMask"],
    "addNormalizationV2": ["input", "scale", "bias", "axesMask"],
    "addNMS": ["boxes", "scores", "max_output_boxes_per_class", "indices_type=DataType::kINT32"],
    "addNonZero": ["input", "indices_type=DataType::kINT32"],
    "addGridSample": ["input", "grid"],
    "addRNNv2": ["input", "layer_count", "hidden_size", "max_seq_length", "op"],
    "addRecurrence": ["initial_value"],
    "addTripLimit": ["tensor", "kind"],
    "addLoopOutput": ["tensor", "kind", "axis=0"],
    "addOutput": ["true_subgraph_output", "false_subgraph_output"],
}

# C++ method -> Python method.
METHODS = {
    "addLRN": "add_lrn",
    "addSoftMax": "add_softmax",
    "addRaggedSoftMax": "add_ragged_softmax",
    "addElementWise": "add_elementwise",
    "addTopK": "add_topk",
    "addRNNv2": "add_rnn_v2",
    "addParametricReLU": "add_parametric_relu",
    "addNMS": "add_nms",
    "addKVCacheUpdate": "add_kv_cache_update",
    "addMoE": "add_moe",
    "addPluginV2": "add_plugin_v2",
    "addPluginV3": "add_plugin_v3",
    "addGatherV2": "add_gather_v2",
    "addAttentionV2": "add_attention_v2",
    "addNormalizationV2": "add_normalization_v2",
    "addDynamicQuantizeV2": "add_dynamic_quantize_v2",
}


def snake(name):
    """getTensorShape -> get_tensor_shape, InputV2 -> input_v2, DLACore -> dla_core."""
    name = re.sub(r"([a-z])(V\d)", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).replace("__", "_").lower()


def property_name(interface, stem):
    return PROPERTIES.get((interface, stem)) or PROPERTIES.get(stem) or snake(stem)


def method_name(name):
    return METHODS.get(name) or snake(name)
