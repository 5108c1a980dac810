"""Building blocks of transformers on the network API, in the words of PyTorch: addLinear, addLayerNorm, addGELU, addSoftmax ...

Every function checks shapes and types when it is called and raises a ValueError that names the layer; TensorRT's own calls would
answer with None and a line in the log. Layers are named `<number>_<name>`, so that messages, profiles and the inspector speak of them.
"""

import math

import numpy as np
import rondo as trt


class LayerBuilder:
    """Adds layers to a network; every function takes and returns trt.ITensor.

    plugin_registry may be None. With a registry, addLayerNorm takes the plugin `LayerNorm` (inputs x, gamma, beta) from it where
    there is one; otherwise, and by default, it is the normalization layer of the network.
    """

    def __init__(self, network, plugin_registry, logger):
        self.network = network
        self.plugin_registry = plugin_registry
        self.logger = logger
        self.arrays = []  # the network refers to them until it is built

    def addInput(self, name, dtype, shape):
        tensor = self.network.add_input(name=name, dtype=dtype, shape=shape)
        if tensor is None:
            raise ValueError(f"addInput '{name}': refused by the network, see the log")
        return tensor

    def markOutput(self, x, name=None):
        if name is not None:
            x.name = name
        self.network.mark_output(x)

    def layer_post_process(self, layer, name, precision=None):
        """Names the layer, sets its precision, logs the shapes of its outputs, returns its first output."""
        if layer is None:
            raise ValueError(f"{name}: refused by the network, see the log")
        layer.name = f"{self.network.num_layers}_{name}"
        if precision is not None:
            layer.precision = precision
        for i in range(layer.num_outputs):
            shape = layer.get_output(i).shape
            self.logger.log(trt.Logger.VERBOSE, f"[Network] {layer.name}, output[{i}] shape= {tuple(shape)}")
        return layer.get_output(0)

    def addConstant(self, weight, layer_name=None):
        weight = np.ascontiguousarray(weight)
        if weight.dtype == np.float64:
            weight = weight.astype(np.float32)
        self.arrays.append(weight)
        layer = self.network.add_constant(weight.shape, trt.Weights(weight))
        return self.layer_post_process(layer, layer_name or "trt.Constant")

    def addEmbedding(self, indices, weight, layer_name=None, precision=None):
        """Rows of weight [entries, width] at indices [..] int32 or int64 -> [.., width]."""
        name = named("nn.Embedding", layer_name)
        expect(indices.dtype in (trt.int32, trt.int64), name, f"indices are {indices.dtype}, they must be int32 or int64")
        if not isinstance(weight, trt.ITensor):
            expect(np.ndim(weight) == 2, name, f"the table has shape {np.shape(weight)}, it must be [entries, width]")
            weight = self.addConstant(weight)
        return self.layer_post_process(self.network.add_gather(weight, indices, 0), name, precision)

    def addLinear(self, x, weight, bias=None, layer_name=None, precision=None, transposed=False):
        """x [.., in] @ weight [in, out] + bias [out]. `transposed`: the weight lies as [out, in], PyTorch's order."""
        name = named("nn.Linear", layer_name)
        if not isinstance(weight, trt.ITensor):
            expect(np.ndim(weight) == 2, name, f"the weight has shape {np.shape(weight)}, it must have two dimensions")
            weight = self.addConstant(np.asarray(weight).reshape((1,) * (len(x.shape) - 2) + np.shape(weight)))
        inner, outer = (weight.shape[-1], weight.shape[-2]) if transposed else (weight.shape[-2], weight.shape[-1])
        expect(x.shape[-1] in (inner, -1), name, f"x has shape {tuple(x.shape)}, its last extent must be the weight's {inner}")
        while len(weight.shape) < len(x.shape):
            weight = self.addShuffle(weight, None, (1,) + tuple(weight.shape), None)
        b_op = trt.MatrixOperation.TRANSPOSE if transposed else trt.MatrixOperation.NONE
        product = self.network.add_matrix_multiply(x, trt.MatrixOperation.NONE, weight, b_op)
        y = self.layer_post_process(product, name, precision)
        if bias is None:
            return y
        expect(np.shape(bias) == (outer,), name, f"the bias has shape {np.shape(bias)}, it must be [{outer}]")
        constant = self.addConstant(np.reshape(bias, (1,) * (len(x.shape) - 1) + (outer,)))
        layer = self.network.add_elementwise(y, constant, trt.ElementWiseOperation.SUM)
        return self.layer_post_process(layer, name + ".bias", precision)

    def addGELU(self, x, layer_name=None, precision=None):
        """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), from elementwise layers."""
        name = named("nn.GELU", layer_name)
        cube = self._scalar_op(x, 3.0, trt.ElementWiseOperation.POW, name, precision)
        inner = self._sum(x, self._scalar_op(cube, 0.044715, trt.ElementWiseOperation.PROD, name, precision), name, precision)
        inner = self._scalar_op(inner, math.sqrt(2.0 / math.pi), trt.ElementWiseOperation.PROD, name, precision)
        tanh = self.layer_post_process(self.network.add_activation(inner, trt.ActivationType.TANH), name + ".tanh", precision)
        return self._half_of_one_plus(x, tanh, name, precision)

    def addGELUErf(self, x, layer_name=None, precision=None):
        """0.5 x (1 + erf(x / sqrt(2))), the form that BERT was trained with, from elementwise layers."""
        name = named("nn.GELU[erf]", layer_name)
        inner = self._scalar_op(x, math.sqrt(0.5), trt.ElementWiseOperation.PROD, name, precision)
        erf = self.layer_post_process(self.network.add_unary(inner, trt.UnaryOperation.ERF), name + ".erf", precision)
        return self._half_of_one_plus(x, erf, name, precision)

    def addLayerNorm(self, x, gamma, beta, eps=1e-12, layer_name=None, precision=None):
        """Normalizes the last dimension of x, then times gamma plus beta, both [width]."""
        name = named("nn.LayerNorm", layer_name)
        width = x.shape[-1]
        for what, value in (("gamma", gamma), ("beta", beta)):
            expect(np.shape(value) == (width,), name, f"{what} has shape {np.shape(value)}, it must be [{width}]")
        shape = (1,) * (len(x.shape) - 1) + (width,)
        gamma, beta = (self.addConstant(np.reshape(value, shape)) for value in (gamma, beta))
        plugin = self._layer_norm_plugin(eps)
        if plugin is not None:
            return self.layer_post_process(self.network.add_plugin_v2([x, gamma, beta], plugin), name, precision)
        layer = self.network.add_normalization(x, gamma, beta, 1 << (len(x.shape) - 1))
        layer.epsilon = eps
        return self.layer_post_process(layer, name, precision)

    def addSoftmax(self, x, dim=-1, layer_name=None, precision=None):
        rank = len(x.shape)
        name = named(f"nn.Softmax[dim={dim}]", layer_name)
        expect(-rank <= dim < rank, name, f"x has {rank} dimensions")
        layer = self.network.add_softmax(x)
        layer.axes = 1 << (dim % rank)
        return self.layer_post_process(layer, name, precision)

    def addReLU(self, x, layer_name=None, precision=None):
        layer = self.network.add_activation(x, trt.ActivationType.RELU)
        return self.layer_post_process(layer, named("nn.ReLU", layer_name), precision)

    def addTanh(self, x, layer_name=None, precision=None):
        layer = self.network.add_activation(x, trt.ActivationType.TANH)
        return self.layer_post_process(layer, named("nn.Tanh", layer_name), precision)

    def addLog(self, x, layer_name=None, precision=None):
        layer = self.network.add_unary(x, trt.UnaryOperation.LOG)
        return self.layer_post_process(layer, named("torch.log", layer_name), precision)

    def addAdd(self, a, b, layer_name=None, precision=None):
        name = named("torch.add", layer_name)
        expect(a.dtype == b.dtype, name, f"the operands are {a.dtype} and {b.dtype}, they must have one type")
        expect(fit(a.shape, b.shape), name, f"shapes {tuple(a.shape)} and {tuple(b.shape)} do not fit")
        return self.layer_post_process(self.network.add_elementwise(a, b, trt.ElementWiseOperation.SUM), name, precision)

    def addScale(self, x, scale, layer_name=None, precision=None):
        """x times one number. The scale layer wants four dimensions: x of three passes through a fourth."""
        name = named("torch.scale", layer_name)
        rank = len(x.shape)
        expect(rank >= 3, name, f"x has shape {tuple(x.shape)}, it must have three dimensions or more")
        if rank == 3:
            x = self.addShuffle(x, None, (0, 0, 0, 1), None, name + ".3d_to_4d", precision)
        factor = np.array([scale], np.float32)
        self.arrays.append(factor)
        none = trt.Weights()
        layer = self.network.add_scale(x, trt.ScaleMode.UNIFORM, none, trt.Weights(factor), none)
        x = self.layer_post_process(layer, name, precision)
        return self.addShuffle(x, None, (0, 0, 0), None, name + ".4d_to_3d", precision) if rank == 3 else x

    def addMatMul(self, a, b, layer_name=None, precision=None):
        name = named("torch.matmul", layer_name)
        expect(len(a.shape) == len(b.shape), name, f"shapes {tuple(a.shape)} and {tuple(b.shape)} differ in rank")
        inner = (a.shape[-1], b.shape[-2])
        expect(inner[0] == inner[1] or -1 in inner, name, f"inner extents {inner[0]} and {inner[1]} must be equal")
        none = trt.MatrixOperation.NONE
        return self.layer_post_process(self.network.add_matrix_multiply(a, none, b, none), name, precision)

    def addShuffle(self, x, first_transpose, reshape_dims, second_transpose, layer_name=None, precision=None):
        """Transpose, reshape, transpose; None leaves one out. In reshape_dims 0 copies an extent of x, -1 is worked out."""
        name = named("torch.shuffle", layer_name)
        for order in (first_transpose, second_transpose):
            expect(order is None or sorted(order) == list(range(len(order))), name, f"{order} is no order of dimensions")
        layer = self.network.add_shuffle(x)
        if first_transpose is not None:
            layer.first_transpose = first_transpose
        if reshape_dims is not None:
            layer.reshape_dims = reshape_dims
        if second_transpose is not None:
            layer.second_transpose = second_transpose
        return self.layer_post_process(layer, name, precision)

    def _scalar_op(self, x, value, operation, name, precision):
        constant = self.addConstant(np.full((1,) * len(x.shape), value, np.float32), name + ".constant")
        return self.layer_post_process(self.network.add_elementwise(x, constant, operation), name, precision)

    def _sum(self, a, b, name, precision):
        return self.layer_post_process(self.network.add_elementwise(a, b, trt.ElementWiseOperation.SUM), name, precision)

    def _half_of_one_plus(self, x, y, name, precision):
        factor = self._scalar_op(y, 1.0, trt.ElementWiseOperation.SUM, name, precision)
        product = self.network.add_elementwise(x, factor, trt.ElementWiseOperation.PROD)
        y = self.layer_post_process(product, name, precision)
        return self._scalar_op(y, 0.5, trt.ElementWiseOperation.PROD, name, precision)

    def _layer_norm_plugin(self, eps):
        if self.plugin_registry is None:
            return None
        for creator in self.plugin_registry.plugin_creator_list:
            if creator.name == "LayerNorm":
                field = trt.PluginField("epsilon", np.array([eps], np.float32), trt.PluginFieldType.FLOAT32)
                return creator.create_plugin("LayerNorm", trt.PluginFieldCollection([field]))
        raise ValueError("addLayerNorm: the plugin registry has no 'LayerNorm'; load the library that registers it")


def named(kind, name):
    return kind if name is None else f"{kind}.{name}"


def expect(holds, name, message):
    if not holds:
        raise ValueError(f"{name}: {message}")


def fit(a, b):
    """True if the shapes have one rank and extents that are equal, 1 or unknown."""
    return len(a) == len(b) and all(p == q or 1 in (p, q) or -1 in (p, q) for p, q in zip(a, b))
