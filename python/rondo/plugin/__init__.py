"""Plugins of functions: `tensorrt.plugin` of TensorRT 10.7 and later, on the CPU.

    import rondo as trt, rondo.plugin as trtp

    @trtp.register("my::scale")
    def describe(x: trtp.TensorDesc, factor: float) -> trtp.TensorDesc:
        return x.like()

    @trtp.impl("my::scale")
    def compute(x: trtp.Tensor, factor: float, outputs: Tuple[trtp.Tensor], stream: int) -> None:
        numpy.multiply(x, factor, out=numpy.asarray(outputs[0]))

    layer = network.add_plugin(trtp.op.my.scale(x, factor=2.0))

Tensors are memory of the host: `numpy.asarray` views them. Ahead-of-time implementations are CUDA kernels and are not run.
"""

from __future__ import annotations

import types
from typing import Any, Callable

from ._definition import Definition, definitions
from ._expressions import Shape, ShapeExpr, ShapeExprs, SizeTensorShapeExpr, cdiv, max, min
from ._tensors import SizeTensorDesc, Tensor, TensorDesc, from_shape_expr, size_tensor
from ._tuning import AutoTuneCombination

__all__ = [
    "register", "impl", "autotune", "aot_impl", "op", "TensorDesc", "SizeTensorDesc", "Tensor", "Shape", "ShapeExpr", "SizeTensorShapeExpr",
    "ShapeExprs", "AutoTuneCombination", "cdiv", "max", "min", "size_tensor", "from_shape_expr", "KernelLaunchParams", "SymExpr", "SymExprs",
    "SymInt32", "SymIntExpr", "SymIntExprs",
]  # fmt: skip


class _Namespace(types.ModuleType):
    """The plugins of one namespace, as attributes."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no plugin '{name}' is registered in {self.__name__.rpartition('.')[2]}")


class _Op(types.ModuleType):
    """Namespaces as attributes."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no plugin of namespace '{name}' is registered; register one by @tensorrt.plugin.register(\"{name}::…\")")


op = _Op("tensorrt.plugin.op")


def register(plugin_id: str, lazy_register: bool = False) -> Callable:
    """Declares a plugin "namespace::name" by the function that describes its outputs.

    The function takes a TensorDesc per input, then attributes: int, float, bool, str, bytes or numpy.typing.NDArray[dtype]. It returns a
    TensorDesc per output. All must be annotated. lazy_register: the creator is registered when the plugin is first called, not now.
    """

    def decorate(function: Callable) -> Callable:
        if plugin_id in definitions:
            raise ValueError(f"plugin {plugin_id} is registered already")
        definition = Definition(plugin_id, function)
        if not lazy_register:
            definition.register_creator()
        definitions[plugin_id] = definition
        if definition.namespace not in vars(op):
            setattr(op, definition.namespace, _Namespace(f"tensorrt.plugin.op.{definition.namespace}"))
        setattr(getattr(op, definition.namespace), definition.name, definition)
        return function

    return decorate


def _registered(plugin_id: str) -> Definition:
    if plugin_id not in definitions:
        raise ValueError(f"plugin {plugin_id} is not registered; declare it by @tensorrt.plugin.register(\"{plugin_id}\") first")
    return definitions[plugin_id]


def impl(plugin_id: str) -> Callable:
    """Gives a registered plugin the function that computes it.

    It takes a Tensor per input, any of the attributes by their names (these alone are kept in plans), then `outputs`, `stream` and, if it
    has several ways to compute, `tactic`.
    """

    def decorate(function: Callable) -> Callable:
        definition = _registered(plugin_id)
        attributes, others = definition.known_part(function, "impl", ["outputs", "stream", "tactic"])
        if not {"outputs", "stream"} <= set(others):
            raise ValueError(f"plugin {plugin_id}: the function of impl must take outputs and stream")
        definition.impl, definition.impl_attributes, definition.impl_takes_tactic = function, attributes, "tactic" in others
        return function

    return decorate


def autotune(plugin_id: str) -> Callable:
    """Gives a registered plugin the function that lists its types and tactics: a list of AutoTuneCombination. Without one a plugin computes in
    the types that its inputs have and that the function of register describes. The first tactic is taken; nothing is timed."""

    def decorate(function: Callable) -> Callable:
        definition = _registered(plugin_id)
        definition.autotune_attributes, others = definition.known_part(function, "autotune", ["outputs"])
        if not others:
            raise ValueError(f"plugin {plugin_id}: the function of autotune must take outputs")
        definition.autotune = function
        return function

    return decorate


def aot_impl(plugin_id: str) -> Callable:
    """Notes that a registered plugin has a CUDA kernel. It is never run: without a function of `impl` the plugin is refused."""

    def decorate(function: Callable) -> Callable:
        _registered(plugin_id).has_aot = True
        return function

    return decorate


def _gpu_only(name: str) -> type:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{name} describes the launch of a CUDA kernel, which no CPU runs; use @tensorrt.plugin.impl")

    return type(name, (), {"__init__": refuse, "from_tuple": classmethod(refuse), "__doc__": "For aot_impl functions, which are not run here."})


KernelLaunchParams, SymExpr, SymExprs, SymInt32, SymIntExpr, SymIntExprs = (
    _gpu_only(name) for name in ("KernelLaunchParams", "SymExpr", "SymExprs", "SymInt32", "SymIntExpr", "SymIntExprs")
)
