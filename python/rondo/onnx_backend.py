"""ONNX's backend interface over Rondo, as `onnx.backend.base` describes it: prepare, run_model, run_node, supports_device.

    import onnx, rondo.onnx_backend as backend
    outputs = backend.prepare(onnx.load("model.onnx")).run([x, y])

A model with fixed shapes is built by prepare; one with open extents at the first run, for the shapes of that run, and again when they
change. Inputs whose *values* the importer must know (the axes of a reduction, say) are taken into the model with the value of the run;
another value builds again. `frozen` tells which. 64-bit and 16-bit numbers that the engine lacks are narrowed on the way in, with a
check that integers survive, and outputs are widened to the types that the model declares.
Needs the package onnx.
"""

import collections

import numpy as np
import onnx
import onnx.backend.base
from onnx import TensorProto, helper, numpy_helper

from . import _rondo
from . import _onnx_boundary as boundary
from ._engine import Engine, RondoError, _Messages, _output_type, _Recorder
from ._onnx_names import ErrorCode, OnnxParser

_DYNAMIC = {ErrorCode.UNSUPPORTED_NODE_DYNAMIC, ErrorCode.UNSUPPORTED_NODE_INPUT}
# Errors that may come from shapes which only values decide.
_SHAPES = {*_DYNAMIC, ErrorCode.INVALID_NODE, ErrorCode.UNSUPPORTED_NODE_SHAPE, ErrorCode.UNSUPPORTED_GRAPH}
_MOST_VALUES = 64  # of an input that shapes may depend on
_COUNTS = {TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL}


class BackendError(RondoError):
    """A model that Rondo does not import or build; `errors` holds what the parser said (rondo.ParserError), if it was the parser."""

    def __init__(self, text, errors=()):
        super().__init__(text)
        self.errors = list(errors)


def _feeds(model):
    """The inputs that a caller supplies: initializers with the name of an input are defaults of older models."""
    given = {i.name for i in model.graph.initializer} | {i.values.name for i in model.graph.sparse_initializer}
    return [i for i in model.graph.input if i.name not in given]


def _is_tensor(value_info):
    return value_info.type.WhichOneof("value") == "tensor_type"


def _is_static(value_info):
    tensor = value_info.type.tensor_type
    return tensor.HasField("shape") and all(d.WhichOneof("value") == "dim_value" for d in tensor.shape.dim)


def _narrow(name, array, wanted):
    """The array in the engine's type; ValueError for integers that do not fit."""
    array = np.asarray(array)
    if array.dtype == wanted:
        return array
    narrowed = array.astype(wanted)
    if array.dtype.kind in "iu" and not np.array_equal(narrowed.astype(array.dtype), array):
        raise ValueError(f"input '{name}' holds integers that {wanted} cannot")
    return narrowed


def _freeze(model, values):
    """The model with some inputs made initializers."""
    frozen = onnx.ModelProto()
    frozen.CopyFrom(model)
    for i in reversed(range(len(frozen.graph.input))):
        name = frozen.graph.input[i].name
        if name in values:
            del frozen.graph.input[i]
            frozen.graph.initializer.append(numpy_helper.from_array(values[name], name))
    return frozen


class _Network:
    """A model imported into a network: builder, parser and messages stay together."""

    def __init__(self, model):
        self.messages = _Messages(None)
        self.network = _rondo.Builder(self.messages).create_network()
        self.parser = OnnxParser(self.network, self.messages)
        if not self.parser.parse(model.SerializeToString()):
            errors = [self.parser.get_error(i) for i in range(self.parser.num_errors)]
            raise BackendError("; ".join(map(str, errors)) or "the model cannot be imported", errors)

    def inputs(self):
        return [self.network.get_input(i) for i in range(self.network.num_inputs)]

    def build(self, arrays, threads):
        """An engine for inputs of exactly these shapes, and of these values where a shape depends on them."""
        builder, network = self.network.builder, self.network
        config = builder.create_builder_config()
        if threads:
            config.max_threads = threads
        profile, used = builder.create_optimization_profile(), False
        for tensor in self.inputs():
            array = arrays.get(tensor.name)
            if tensor.is_shape_tensor:
                values = [int(v) for v in np.ravel(array)]
                profile.set_shape_input(tensor.name, values, values, values)
                used = True
            if -1 in tuple(tensor.shape):
                profile.set_shape(tensor.name, array.shape, array.shape, array.shape)
                used = True
        if used:
            config.add_optimization_profile(profile)
        network.error_recorder = _Recorder(self.messages)
        plan = builder.build_serialized_network(network, config)
        if plan is None:
            self.messages.fail("the build failed")
        return Engine(plan, None, threads)


class RondoRep(onnx.backend.base.BackendRep):
    """A prepared model. frozen: the inputs whose values are part of the engine, by name."""

    def __init__(self, model, threads=0):
        self._model, self._threads = model, threads
        self._feeds = _feeds(model)
        self._engine, self._built_for = None, None  # None: good for any run
        self.frozen, self._valued = {}, set()
        if not boundary.is_plain(model):
            return  # how many elements a sequence has comes with the first run
        try:
            network = _Network(model)
        except BackendError as error:
            if not self._needed(error.errors) and not (self._counts() and all(e.code() in _SHAPES for e in error.errors)):
                raise
            return  # some values are needed; they come with the first run
        if all(map(_is_static, self._feeds)) and not any(t.is_shape_tensor for t in network.inputs()):
            try:
                self._engine = network.build({}, threads)
            except RondoError:
                if not self._counts():
                    raise

    def _needed(self, errors):
        """Inputs of the nodes which the parser refuses because of values that it does not know."""
        feeds = {f.name for f in self._feeds} - set(self.frozen)
        needed = set()
        for error in errors:
            nodes = self._model.graph.node
            if error.code() in _DYNAMIC and 0 <= error.node() < len(nodes):
                names = nodes[error.node()].input
                needed |= self._sources(names[1:]) & feeds or self._sources(names[:1]) & feeds
        return needed

    def _sources(self, names):
        """The graph's inputs that these values are computed from."""
        makers = {output: node for node in self._model.graph.node for output in node.output}
        seen, queue = set(), collections.deque(names)
        while queue:
            name = queue.popleft()
            if name in seen:
                continue
            seen.add(name)
            if name in makers:
                queue.extend(makers[name].input)
        return seen

    def _signature(self, arrays):
        """What the engine depends on: shapes, and values where they count."""
        return tuple((name, a.shape, a.tobytes() if name in self._valued else None) for name, a in arrays.items())

    def _prepare(self, arrays):
        if self._engine is not None and self._built_for in (None, self._signature(arrays)):
            return
        self.frozen = {name: arrays[name] for name in self.frozen}
        try:
            self._build(arrays)
        except RondoError:
            counts = {n for n in self._counts() if arrays[n].size <= _MOST_VALUES} - set(self.frozen)
            if not counts:
                raise
            before, self.frozen = self.frozen, self.frozen | {name: arrays[name] for name in counts}
            try:
                self._build(arrays)
                return
            except RondoError:
                self.frozen = before
            raise

    def _build(self, arrays):
        network = self._import(arrays)
        self._valued = set(self.frozen) | {t.name for t in network.inputs() if t.is_shape_tensor}
        self._engine = network.build(arrays, self._threads)
        self._built_for = self._signature(arrays)

    def _counts(self):
        """Inputs of integers or flags: shapes and trip counts may follow from their values."""
        return {f.name for f in self._feeds if _is_tensor(f) and f.type.tensor_type.elem_type in _COUNTS}

    def _import(self, arrays):
        """The network, with ever more inputs frozen until the importer knows what it needs."""
        while True:
            try:
                return _Network(_freeze(self._model, self.frozen) if self.frozen else self._model)
            except BackendError as error:
                needed = self._needed(error.errors)
                if not needed:
                    raise
                self.frozen |= {name: arrays[name] for name in needed}

    def run(self, inputs, **kwargs):  # noqa: ARG002
        """Inputs in the order of the graph, or by name; outputs in the order of the graph, also by name."""
        names = [f.name for f in self._feeds]
        if not isinstance(inputs, dict):
            if isinstance(inputs, np.ndarray):
                inputs = [inputs]
            if len(inputs) > len(names):
                raise ValueError(f"{len(inputs)} inputs are given, the model takes {len(names)}: {', '.join(names)}")
            inputs = dict(zip(names, inputs))
        missing = [name for name in names if name not in inputs]
        if missing:
            raise ValueError(f"missing inputs: {', '.join(missing)}")
        if boundary.is_plain(self._model):
            results = self._run_tensors(inputs)
        else:
            results = boundary.run_through_tensors(self._model, inputs, self._run_lowered)
        outputs = [self._declared(value, results[value.name]) for value in self._model.graph.output]
        return onnx.backend.base.namedtupledict("Outputs", [o.name for o in self._model.graph.output])(*outputs)

    def _run_tensors(self, inputs):
        arrays = {f.name: np.ascontiguousarray(inputs[f.name]).reshape(np.shape(inputs[f.name])) for f in self._feeds}
        self._prepare(arrays)
        engine = self._engine
        return engine(**{n: _narrow(n, arrays[n], _output_type(i.dtype)) for n, i in engine.inputs.items()})

    def _run_lowered(self, model, feeds):
        rep = RondoRep(model, self._threads)
        results = rep._run_tensors(feeds)
        self.frozen |= rep.frozen
        return results

    @staticmethod
    def _declared(value_info, array):
        kind = boundary.tensor_type_of(value_info.type)
        wanted = helper.tensor_dtype_to_np_dtype(kind.elem_type)
        if isinstance(array, list):
            return [a.astype(wanted, copy=False) for a in array]
        if array.dtype == np.uint16 and wanted.name == "bfloat16":
            return array.view(wanted)
        return array.astype(wanted, copy=False)


class RondoBackend(onnx.backend.base.Backend):
    """The interface as a class; the module's functions are its methods."""

    @classmethod
    def is_compatible(cls, model, device="CPU", **kwargs):  # noqa: ARG003
        """Whether the model can be imported as it stands."""
        try:
            RondoRep(model)
        except RondoError:
            return False
        return cls.supports_device(device)

    @classmethod
    def prepare(cls, model, device="CPU", threads=0, **kwargs):  # noqa: ARG003
        """A model (onnx.ModelProto) ready to run. Raises BackendError, naming node, operator and attribute, if that cannot be."""
        if not cls.supports_device(device):
            raise BackendError(f"there is no device {device}; this engine runs on the CPU")
        onnx.checker.check_model(model)
        return RondoRep(model, threads)

    @classmethod
    def run_node(cls, node, inputs, device="CPU", outputs_info=None, opset_version=None, **kwargs):
        """Runs one node on arrays. Without outputs_info, ((dtype, shape) each), ONNX's shape inference says what comes out."""
        super().run_node(node, inputs, device, **({"opset_version": opset_version} if opset_version else {}))
        opset = opset_version or onnx.defs.onnx_opset_version()
        typed = lambda name, dtype, shape: helper.make_tensor_value_info(  # noqa: E731
            name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape
        )
        arrays = [np.asarray(a) for a in inputs]
        feeds = [typed(n, a.dtype, a.shape) for n, a in zip(filter(None, node.input), arrays)]
        graph = helper.make_graph([node], node.op_type, feeds, [])
        if outputs_info is not None:
            graph.output.extend(typed(n, d, s) for n, (d, s) in zip(node.output, outputs_info))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(node.domain, opset)])
        if outputs_info is None:
            graph.output.extend(helper.make_empty_tensor_value_info(n) for n in node.output)
            model.graph.CopyFrom(graph)
            inferred = {v.name: v for v in onnx.shape_inference.infer_shapes(model).graph.output}
            del model.graph.output[:]
            model.graph.output.extend(inferred[n] for n in node.output if n)
        return cls.prepare(model, device, **kwargs).run(arrays)

    @classmethod
    def supports_device(cls, device):
        """CPU."""
        return device.partition(":")[0] == "CPU"


is_compatible = RondoBackend.is_compatible
prepare = RondoBackend.prepare
run_model = RondoBackend.run_model
run_node = RondoBackend.run_node
supports_device = RondoBackend.supports_device
