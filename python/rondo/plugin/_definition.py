"""Definitions of plugins by functions, and the plugins made of them.

A definition is what the decorators collect under one "namespace::name". Calling `op.namespace.name(tensors, attributes)` makes a plugin of
it for INetworkDefinition.add_plugin; a creator in the registry makes one for the nodes of ONNX models and for plans.
"""

from __future__ import annotations

import inspect
import numbers
import typing
from typing import Any, Callable

import numpy as np

import rondo as trt

from ._expressions import Shape, ShapeExpr, ShapeExprs
from ._tensors import Tensor, TensorDesc

_F = trt.PluginFieldType
_BUILT_IN = {
    int: (_F.INT64, np.int64),
    float: (_F.FLOAT64, np.float64),
    bool: (_F.INT8, np.int8),
    str: (_F.CHAR, None),
    bytes: (_F.UNKNOWN, None),
}
_NUMBERS = {int: numbers.Integral, float: numbers.Real}
_ARRAYS = {
    "int8": _F.INT8, "int16": _F.INT16, "int32": _F.INT32, "int64": _F.INT64,
    "float16": _F.FLOAT16, "float32": _F.FLOAT32, "float64": _F.FLOAT64, "bool": _F.INT8,
}  # fmt: skip

definitions: dict[str, Definition] = {}


class Attribute:
    """A parameter of `register` that is no tensor: how its value is checked and kept in a field."""

    def __init__(self, plugin_id: str, name: str, annotation: Any, default: Any) -> None:
        self.name, self.default = name, default
        self._who = f"plugin {plugin_id}, attribute '{name}'"
        self._kind, self._dtype = annotation, None
        if annotation in _BUILT_IN:
            self.type, stored = _BUILT_IN[annotation]
            self._stored = None if stored is None else np.dtype(stored)
        elif typing.get_origin(annotation) is np.ndarray:
            self._dtype = np.dtype(typing.get_args(typing.get_args(annotation)[1])[0])
            if self._dtype.name not in _ARRAYS:
                raise ValueError(f"{self._who}: arrays of {self._dtype} are not possible; known are {', '.join(_ARRAYS)}")
            self.type = _ARRAYS[self._dtype.name]
            self._stored = np.dtype(np.int8) if self._dtype == bool else self._dtype
        else:
            raise ValueError(f"{self._who}: {annotation} is no type of attributes; known are int, float, bool, str, bytes and numpy.typing.NDArray[dtype]")

    def checked(self, value: Any) -> Any:
        """The value as the annotation says. Raises ValueError for another type."""
        if self._dtype is not None:
            array = np.asarray(value)
            if array.dtype != self._dtype or array.ndim != 1:
                raise ValueError(f"{self._who} is a 1-D array of {self._dtype}, not {array.ndim}-D of {array.dtype}")
            return array
        kind: Any = self._kind
        is_bool = isinstance(value, (bool, np.bool_))
        if is_bool != (kind is bool) or not is_bool and not isinstance(value, _NUMBERS.get(kind, kind)):
            raise ValueError(f"{self._who} is of type {kind.__name__}, not {type(value).__name__}")
        return kind(value)

    def field(self, value: Any) -> Any:
        if self._stored is None:
            return trt.PluginField(self.name, value.encode() if self._kind is str else value, self.type)
        return trt.PluginField(self.name, np.atleast_1d(np.asarray(value)).astype(self._stored), self.type)

    def empty_field(self) -> Any:
        return trt.PluginField(self.name, None, self.type)

    def from_field(self, field: Any) -> Any:
        raw = field.data.tobytes()
        if self._stored is None:
            return raw.decode() if self._kind is str else raw
        array = np.frombuffer(raw, self._stored)
        if self._dtype is not None:
            return array.astype(self._dtype)
        if array.size != 1:
            raise ValueError(f"{self._who} is one {self._kind.__name__}, not {array.size}")
        return self._kind(array[0])


class Definition:
    """One plugin: its register, impl and autotune functions."""

    def __init__(self, plugin_id: str, function: Callable) -> None:
        parts = plugin_id.split("::")
        if len(parts) != 2 or not all(part.isidentifier() for part in parts):
            raise ValueError(f"'{plugin_id}' is no id of a plugin; write it as \"namespace::name\"")
        self.plugin_id, (self.namespace, self.name) = plugin_id, parts
        self.register = function
        self.impl: Callable | None = None
        self.autotune: Callable | None = None
        self.has_aot = False
        self.impl_attributes: list[str] = []
        self.impl_takes_tactic = False
        self.autotune_attributes: list[str] = []
        self.inputs, self.attributes = self._parameters()
        self.num_outputs = self._outputs()
        self.creator: Any = None

    def _hints(self) -> dict:
        missing = [name for name in inspect.signature(self.register).parameters if name not in self.register.__annotations__]
        if missing or "return" not in self.register.__annotations__:
            raise ValueError(f"plugin {self.plugin_id}: {', '.join(missing) or 'the result'} has no type annotation; the function of register needs all")
        return typing.get_type_hints(self.register)

    def _parameters(self) -> tuple[list[str], dict[str, Attribute]]:
        hints, inputs, attributes = self._hints(), [], {}
        for parameter in inspect.signature(self.register).parameters.values():
            if hints[parameter.name] is not TensorDesc:
                attributes[parameter.name] = Attribute(self.plugin_id, parameter.name, hints[parameter.name], parameter.default)
            elif attributes:
                raise ValueError(f"plugin {self.plugin_id}: tensor '{parameter.name}' stands behind attributes; tensors come first")
            else:
                inputs.append(parameter.name)
        return inputs, attributes

    def _outputs(self) -> int:
        result = self._hints()["return"]
        kinds = typing.get_args(result) if typing.get_origin(result) is tuple else (result,)
        if not kinds or any(not (isinstance(kind, type) and issubclass(kind, TensorDesc)) for kind in kinds):
            raise ValueError(f"plugin {self.plugin_id}: the result is annotated {result}; write TensorDesc, or Tuple with one TensorDesc per output")
        return len(kinds)

    def described(self, inputs: list[TensorDesc], attributes: dict) -> list[TensorDesc]:
        """The outputs, as the function of register describes them."""
        result = self.register(*inputs, **attributes)
        outputs = list(result) if isinstance(result, (tuple, list)) else [result]
        if len(outputs) != self.num_outputs or not all(isinstance(output, TensorDesc) for output in outputs):
            raise ValueError(f"plugin {self.plugin_id}: the function of register must return {self.num_outputs} TensorDesc, not {result!r}")
        for index, output in enumerate(outputs):
            if output.is_size_tensor:
                output.index = index  # type: ignore[attr-defined]
        return outputs

    def given(self, values: dict) -> dict:
        """All attributes, checked and with defaults."""
        unknown = [name for name in values if name not in self.attributes]
        if unknown:
            raise ValueError(f"plugin {self.plugin_id} has no attribute '{unknown[0]}'; known are {', '.join(self.attributes) or 'none'}")
        all_of_them = {}
        for name, attribute in self.attributes.items():
            value = values.get(name, attribute.default)
            if value is inspect.Parameter.empty:
                raise ValueError(f"plugin {self.plugin_id}: attribute '{name}' is missing")
            all_of_them[name] = attribute.checked(value)
        return all_of_them

    def known_part(self, function: Callable, decorator: str, others: list[str]) -> tuple[list[str], list[str]]:
        """Attributes and others (outputs, stream ..) that a function of impl or autotune takes behind the inputs."""
        names = list(inspect.signature(function).parameters)
        behind = names[len(self.inputs) :]
        unknown = [name for name in behind if name not in self.attributes and name not in others]
        if len(names) < len(self.inputs) or unknown:
            allowed = f"the inputs {', '.join(self.inputs)}, then {', '.join([*self.attributes, *others])}"
            raise ValueError(f"plugin {self.plugin_id}: the function of {decorator} takes ({', '.join(names)}); it can take {allowed}")
        return [name for name in behind if name in self.attributes], [name for name in behind if name in others]

    def __call__(self, *inputs: Any, **attributes: Any) -> tuple:
        """Inputs and a plugin, for INetworkDefinition.add_plugin."""
        if len(inputs) != len(self.inputs) or not all(isinstance(tensor, trt.ITensor) for tensor in inputs):
            raise ValueError(f"plugin {self.plugin_id} takes the tensors {', '.join(self.inputs)} by position, then attributes by name")
        values = self.given(attributes)
        self.require_impl()
        self.register_creator()
        return list(inputs), [], QuickPlugin(self, values)

    def require_impl(self) -> None:
        if self.impl is not None:
            return
        why = "its aot_impl is a CUDA kernel, which no CPU runs" if self.has_aot else "nothing computes it"
        raise ValueError(f"plugin {self.plugin_id}: {why}; write a function under @tensorrt.plugin.impl(\"{self.plugin_id}\")")

    def register_creator(self) -> None:
        if self.creator is not None:
            return
        creator = QuickCreator(self)
        if not trt.get_plugin_registry().register_creator(creator, self.namespace):
            raise ValueError(f"plugin {self.plugin_id}: another creator of this name and namespace is registered")
        self.creator = creator


class QuickCreator(trt.IPluginCreatorV3One):
    """The creator of a definition."""

    def __init__(self, definition: Definition) -> None:
        trt.IPluginCreatorV3One.__init__(self)
        self.name, self.plugin_namespace, self.plugin_version = definition.name, definition.namespace, "1"
        self.field_names = trt.PluginFieldCollection([a.empty_field() for a in definition.attributes.values()])
        self._definition = definition

    def create_plugin(self, name: str, field_collection: Any, phase: Any) -> Any:
        definition = self._definition
        definition.require_impl()
        fields = {field.name: field for field in field_collection}
        aot = fields.pop("aot", None) if "aot" not in definition.attributes else None
        if aot is not None and aot.data.any():
            raise ValueError(f"plugin {definition.plugin_id}: aot asks for a CUDA kernel, which no CPU runs; leave it out")
        values = {key: definition.attributes[key].from_field(field) for key, field in fields.items() if key in definition.attributes}
        if phase == trt.TensorRTPhase.BUILD:
            values = definition.given(fields | values)  # fields that are no attributes are refused there
        return QuickPlugin(definition, values)


class QuickPlugin(trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuildV2, trt.IPluginV3OneRuntime):
    """A plugin of a definition and attributes; in a plan, those attributes alone that the function of impl takes."""

    def __init__(self, definition: Definition, attributes: dict) -> None:
        for base in (trt.IPluginV3, trt.IPluginV3OneCore, trt.IPluginV3OneBuildV2, trt.IPluginV3OneRuntime):
            base.__init__(self)
        self._definition, self._attributes = definition, attributes
        self.plugin_name, self.plugin_namespace, self.plugin_version = definition.name, definition.namespace, "1"
        self.num_outputs = definition.num_outputs
        self._ranks: list[int] = []
        self._aliases = [-1] * self.num_outputs
        self._types: list = []
        self._tactic = 0
        self._tuned: tuple | None = None

    def clone(self) -> QuickPlugin:
        made = QuickPlugin(self._definition, self._attributes)
        made._ranks, made._aliases, made._types = self._ranks, self._aliases, self._types
        made._tactic, made._tuned = self._tactic, self._tuned
        return made

    def get_capability_interface(self, type: Any) -> Any:
        return self

    # The build.

    def _described(self, shapes: list[ShapeExprs], types: list) -> tuple[list[TensorDesc], list[TensorDesc]]:
        inputs = [TensorDesc(shape, dtype) for shape, dtype in zip(shapes, types)]
        return inputs, self._definition.described(inputs, self._attributes)

    def get_output_shapes(self, inputs: list, shape_inputs: list, expr_builder: Any) -> list:
        self._ranks = [len(shape) for shape in inputs]
        shapes = [ShapeExprs.from_tuple(ShapeExpr(builder=expr_builder, expr=shape[i]) for i in range(len(shape))) for shape in inputs]
        # Types are not told here; no shape can depend on them.
        given, outputs = self._described(shapes, [trt.float32] * len(shapes))
        self._aliases = [self._alias_of(output, given) for output in outputs]
        made = []
        for output in outputs:
            dims = trt.DimsExprs(output.ndim)
            for i, expr in enumerate(output.shape_expr):
                dims[i] = expr._built(expr_builder)
            made.append(dims)
        return made

    def _alias_of(self, output: TensorDesc, inputs: list[TensorDesc]) -> int:
        if not output.is_aliased:
            return -1
        for index, tensor in enumerate(inputs):
            if output.get_aliased() is tensor:
                return index
        raise ValueError(f"plugin {self._definition.plugin_id}: an output is aliased to what is no input")

    def get_output_data_types(self, input_types: list) -> list:
        ranks = self._ranks or [trt.Dims.MAX_DIMS] * len(input_types)
        _, outputs = self._described([ShapeExprs(rank) for rank in ranks], input_types)
        return [output.dtype for output in outputs]

    def get_aliased_input(self, output_index: int) -> int:
        return self._aliases[output_index]

    def _combinations(self, in_out: list, num_inputs: int) -> list | None:
        function = self._definition.autotune
        if function is None:
            return None
        shapes = tuple(tuple(map(tuple, (d.desc.dims, d.min, d.max))) for d in in_out)
        if self._tuned is None or self._tuned[0] != shapes:
            descs = []
            for described in in_out:
                desc = TensorDesc(ShapeExprs(len(described.desc.dims)), described.desc.type, described.desc.format, described.desc.scale)
                desc._shape = Shape(described)
                descs.append(desc)
            named = {name: self._attributes[name] for name in self._definition.autotune_attributes}
            self._tuned = (shapes, function(*descs[:num_inputs], **named, outputs=tuple(descs[num_inputs:])))
        return self._tuned[1]

    def supports_format_combination(self, pos: int, in_out: list, num_inputs: int) -> bool:
        if in_out[pos].desc.format != trt.TensorFormat.LINEAR:
            return False
        types = [described.desc.type for described in in_out[: pos + 1]]
        combinations = self._combinations(in_out, num_inputs)
        if combinations is not None:
            return any(combination._allows(types, len(in_out)) for combination in combinations)
        return pos < num_inputs or types[pos] == self.get_output_data_types(types[:num_inputs])[pos - num_inputs]

    def configure_plugin(self, inputs: list, outputs: list) -> None:
        self._types = [described.desc.type for described in [*inputs, *outputs]]
        self._combinations([*inputs, *outputs], len(inputs))

    def get_valid_tactics(self) -> list[int]:
        combinations = self._tuned[1] if self._tuned else []
        return next((list(map(int, c._tactics)) for c in combinations if c._allows(self._types, len(self._types))), [])

    # The run.

    def set_tactic(self, tactic: int) -> None:
        self._tactic = tactic

    def get_fields_to_serialize(self) -> Any:
        definition = self._definition
        fields = [definition.attributes[name].field(self._attributes[name]) for name in definition.impl_attributes]
        return trt.PluginFieldCollection(fields)

    def attach_to_context(self, resource_context: Any) -> QuickPlugin:
        return self.clone()

    def enqueue(self, input_desc: list, output_desc: list, inputs: list, outputs: list, workspace: int, stream: int) -> None:
        written = set(outputs)  # an output that is an input's memory
        ins = [Tensor(address, desc, address in written, stream=stream) for address, desc in zip(inputs, input_desc)]
        owners = {tensor.data_ptr: tensor for tensor in ins}
        outs = tuple(Tensor(a, desc, True, owners.get(a) if a else None, stream) for a, desc in zip(outputs, output_desc))
        definition = self._definition
        named = {name: self._attributes[name] for name in definition.impl_attributes}
        if definition.impl_takes_tactic:
            named["tactic"] = self._tactic
        definition.impl(*ins, **named, outputs=outs, stream=stream)  # type: ignore[misc]
