"""Tensors of a plugin: descriptions for the build, memory for the run."""

from __future__ import annotations

from typing import Any

import numpy as np

import rondo as trt

from ._expressions import Shape, ShapeExpr, ShapeExprs, SizeTensorShapeExpr

__all__ = ["TensorDesc", "SizeTensorDesc", "Tensor", "from_shape_expr", "size_tensor"]


class TensorDesc:
    """What a tensor is: shape_expr and dtype always; shape, format and scale in a function of `autotune` (has_shape)."""

    is_size_tensor = False

    def __init__(self, shape_expr: Any = None, dtype: Any = None, format: Any = None, scale: float | None = None) -> None:
        exprs = shape_expr is None or isinstance(shape_expr, ShapeExprs)
        self.shape_expr = shape_expr if exprs else ShapeExprs.from_tuple(shape_expr)
        self.dtype = dtype
        self._format, self._scale = format, scale
        self._shape: Shape | None = None
        self._aliased_to: TensorDesc | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape_expr)

    def like(self) -> TensorDesc:
        """A description of the same shape and type, to be changed at will."""
        made = TensorDesc(ShapeExprs.from_tuple(self.shape_expr), self.dtype, self._format, self._scale)
        made._shape = self._shape
        return made

    def aliased(self) -> TensorDesc:
        """A description of an output that is this input's memory: the plugin changes it in place."""
        made = self.like()
        made._aliased_to = self
        return made

    def get_aliased(self) -> TensorDesc | None:
        return self._aliased_to

    @property
    def is_aliased(self) -> bool:
        return self._aliased_to is not None

    @property
    def has_shape(self) -> bool:
        return self._shape is not None

    @property
    def has_shape_expr(self) -> bool:
        return self.shape_expr is not None

    def _known(self) -> Shape:
        if self._shape is None:
            raise ValueError("shapes in numbers are not known in this call; use shape_expr, or ask has_shape first")
        return self._shape

    @property
    def shape(self) -> Shape:
        return self._known()

    @property
    def is_dynamic(self) -> bool:
        return self._known().is_dynamic

    def numel(self) -> int:
        return self._known().numel()

    @property
    def format(self) -> Any:
        self._known()
        return self._format

    @property
    def scale(self) -> float | None:
        self._known()
        return self._scale


class SizeTensorDesc(TensorDesc):
    """A 0-D int32 output that tells an extent of another one: the plugin decides it when it runs."""

    is_size_tensor = True

    def __init__(self, opt: ShapeExpr, upper_bound: ShapeExpr) -> None:
        super().__init__(ShapeExprs(0), trt.int32)
        self.opt, self.upper_bound = ShapeExpr(opt), ShapeExpr(upper_bound)
        self.index: int | None = None  # among the outputs, known when the function has returned
        self._expr = SizeTensorShapeExpr(self)

    def expr(self) -> SizeTensorShapeExpr:
        """The extent, for the shape of another output."""
        return self._expr


def from_shape_expr(shape_expr: Any, dtype: Any) -> TensorDesc:
    """A description of a tuple of expressions and integers."""
    return TensorDesc(shape_expr, dtype)


def size_tensor(opt: ShapeExpr, upper_bound: ShapeExpr) -> SizeTensorDesc:
    """An extent that the plugin decides: at most upper_bound, opt is what to expect."""
    return SizeTensorDesc(opt, upper_bound)


class Tensor:
    """Memory of the host during one run. `numpy.asarray(tensor)` is a view of it, not a copy; what is written there is the output.

    Valid in the call that gets it. An extent of -1 is one that the plugin decides: `numpy.asarray(tensor.aliased((n, 2)))`.
    """

    def __init__(self, address: int, desc: Any, writable: bool, aliased_to: Tensor | None = None, stream: int = 0) -> None:
        self.data_ptr, self.dtype, self.format, self.scale = address, desc.type, desc.format, desc.scale
        self.shape = Shape(desc)
        self._writable, self._aliased_to, self._stream = writable, aliased_to, stream

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def strides(self) -> tuple:
        """In elements; memory is row-major."""
        steps, step = [], 1
        for extent in reversed(self.shape):
            steps.append(step)
            step *= extent
        return tuple(reversed(steps))

    @property
    def is_data_dependent(self) -> bool:
        return self.shape.is_dynamic

    def numel(self) -> int:
        return self.shape.numel()

    @property
    def is_aliased(self) -> bool:
        return self._aliased_to is not None

    def get_aliased(self) -> Tensor | None:
        return self._aliased_to

    def aliased(self, shape: Any = None) -> Tensor:
        """The same memory under another shape, of no more elements."""
        made = Tensor.__new__(Tensor)
        made.__dict__.update(self.__dict__)
        made._aliased_to = self
        if shape is not None:
            made.shape = Shape(shape)
            if not self.is_data_dependent and not made.is_data_dependent and made.numel() > self.numel():
                raise ValueError(f"{made.shape} has more elements than {self.shape}")
        return made

    @property
    def __array_interface__(self) -> dict:
        if self.is_data_dependent:
            raise ValueError(f"{self.shape} has an extent that the plugin decides; view it as tensor.aliased(shape)")
        try:
            dtype = np.dtype(trt.nptype(self.dtype))
        except TypeError:
            raise ValueError(f"numpy has no {self.dtype.name}; take the memory at data_ptr") from None
        return {"version": 3, "shape": tuple(self.shape), "typestr": dtype.str, "data": (self.data_ptr, not self._writable)}

    def __repr__(self) -> str:
        return f"Tensor({self.dtype.name}, {tuple(self.shape)})"
