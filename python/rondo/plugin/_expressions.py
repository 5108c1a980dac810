"""Extents as expressions: what a function of `register` computes shapes with.

An expression belongs to the builder of the call that made it. Where shapes are not known yet, as when only types are asked for, all
expressions are fake: arithmetic goes on with them, asking for their value does not.
"""

from __future__ import annotations

import operator
from typing import Any, Iterable, Iterator

import rondo as trt

__all__ = ["ShapeExpr", "SizeTensorShapeExpr", "ShapeExprs", "Shape", "cdiv", "max", "min"]

_Operation = trt.DimensionOperation


class ShapeExpr:
    """One extent. Supports + - * // == < with integers and other expressions; `cdiv`, `max` and `min` are functions of the module."""

    def __init__(self, value: int | ShapeExpr | None = None, builder: Any = None, expr: Any = None) -> None:
        self._value: int | None = None
        self._builder, self._expr = builder, expr
        if isinstance(value, ShapeExpr):
            self._value, self._builder, self._expr = value._value, value._builder, value._expr
        elif value is not None:
            self._value = operator.index(value)

    def _built(self, builder: Any) -> Any:
        """The expression of the engine; an integer becomes a constant of `builder`."""
        return self._expr if self._value is None else builder.constant(self._value)

    def _with(self, operation: Any, other: int | ShapeExpr, swapped: bool = False) -> ShapeExpr:
        right = other if isinstance(other, ShapeExpr) else ShapeExpr(other)
        if self.is_size_tensor or right.is_size_tensor:
            raise ValueError("a size tensor's extent is known when the plugin has run; nothing can be computed from it")
        builder = self._builder or right._builder
        if builder is None:
            return ShapeExpr()
        pair = (self._built(builder), right._built(builder))
        made = builder.operation(operation, *(pair[::-1] if swapped else pair))
        if made is None:
            raise ValueError(f"{operation.name} of these extents has no value: a division by 0, or a number out of range")
        return ShapeExpr(builder=builder, expr=made)

    def __add__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.SUM, other)

    __radd__ = __add__

    def __mul__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.PROD, other)

    __rmul__ = __mul__

    def __sub__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.SUB, other)

    def __rsub__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.SUB, other, swapped=True)

    def __floordiv__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.FLOOR_DIV, other)

    def __rfloordiv__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.FLOOR_DIV, other, swapped=True)

    def __eq__(self, other: Any) -> ShapeExpr:  # type: ignore[override]
        return self._with(_Operation.EQUAL, other)

    def __lt__(self, other: int | ShapeExpr) -> ShapeExpr:
        return self._with(_Operation.LESS, other)

    __hash__ = object.__hash__

    @property
    def is_fake(self) -> bool:
        """True where no shapes are known; is_constant and constant_value cannot be asked then."""
        return self._expr is None and self._value is None

    @property
    def is_size_tensor(self) -> bool:
        return False

    @property
    def is_constant(self) -> bool:
        if self.is_fake:
            raise RuntimeError("no shapes are known in this call; ask is_fake first")
        return self._value is not None or self._expr.is_constant()

    def constant_value(self) -> int:
        if not self.is_constant:
            raise RuntimeError("the extent comes at run time; ask is_constant first")
        return self._value if self._value is not None else self._expr.get_constant_value()

    def __repr__(self) -> str:
        return f"ShapeExpr({'fake' if self.is_fake else self.constant_value() if self.is_constant else 'dynamic'})"


class SizeTensorShapeExpr(ShapeExpr):
    """The extent that a size tensor tells when the plugin has run: SizeTensorDesc.expr()."""

    def __init__(self, size_tensor: Any) -> None:
        super().__init__()
        self._size_tensor = size_tensor

    def _built(self, builder: Any) -> Any:
        if self._expr is None:
            size = self._size_tensor
            if size.index is None:
                raise ValueError("the size tensor of an extent is not among the outputs; return it too")
            self._expr = builder.declare_size_tensor(size.index, size.opt._built(builder), size.upper_bound._built(builder))
        return self._expr

    @property
    def is_fake(self) -> bool:
        return self._size_tensor.upper_bound.is_fake

    @property
    def is_size_tensor(self) -> bool:
        return True

    @property
    def is_constant(self) -> bool:
        return False


class ShapeExprs:
    """A shape of expressions; indexing gives and takes ShapeExpr and integers."""

    def __init__(self, length: int, _exprs: Iterable[ShapeExpr | int] | None = None) -> None:
        self._exprs = [ShapeExpr() for _ in range(length)] if _exprs is None else [_lifted(e) for e in _exprs]

    @classmethod
    def from_tuple(cls, shape_exprs: Iterable[ShapeExpr | int]) -> ShapeExprs:
        all_of_them = list(shape_exprs)
        return cls(len(all_of_them), all_of_them)

    def numel(self) -> ShapeExpr:
        product = ShapeExpr(1)
        for index, expr in enumerate(self._exprs):
            product = expr if index == 0 else product * expr
        return product

    def __len__(self) -> int:
        return len(self._exprs)

    def __iter__(self) -> Iterator[ShapeExpr]:
        return iter(self._exprs)

    def __getitem__(self, index: int) -> ShapeExpr:
        return self._exprs[index]

    def __setitem__(self, index: int, value: ShapeExpr | int) -> None:
        self._exprs[index] = _lifted(value)

    def __repr__(self) -> str:
        return f"ShapeExprs({self._exprs})"


class Shape(tuple):
    """A shape in numbers, -1 for what is not known. opt, min and max are there in a function of `autotune`."""

    _ranges: tuple | None = None

    def __new__(cls, shape: Any = ()) -> Shape:
        desc = getattr(shape, "desc", shape)
        self = super().__new__(cls, (int(extent) for extent in getattr(desc, "dims", desc)))
        if desc is not shape:
            self._ranges = tuple(tuple(extents) for extents in (shape.opt, shape.min, shape.max))
        return self

    @property
    def is_dynamic(self) -> bool:
        return -1 in self

    def numel(self) -> int:
        if self.is_dynamic:
            raise ValueError(f"{self} has an extent that is not known yet")
        product = 1
        for extent in self:
            product *= extent
        return product

    def _range(self, which: int) -> tuple:
        if self._ranges is None:
            raise AttributeError(f"no range is known of {self}")
        return self._ranges[which]

    opt = property(lambda self: self._range(0))
    min = property(lambda self: self._range(1))
    max = property(lambda self: self._range(2))

    def __repr__(self) -> str:
        return f"Shape{tuple(self)}"


def _lifted(value: ShapeExpr | int) -> ShapeExpr:
    return value if isinstance(value, ShapeExpr) else ShapeExpr(value)


def _combined(operation: Any, first: ShapeExpr | int, second: ShapeExpr | int) -> ShapeExpr:
    if not isinstance(first, ShapeExpr) and not isinstance(second, ShapeExpr):
        raise ValueError("one of the two must be an expression")
    return _lifted(first)._with(operation, second)


def cdiv(first: ShapeExpr | int, second: ShapeExpr | int) -> ShapeExpr:
    """first / second, rounded up."""
    return _combined(_Operation.CEIL_DIV, first, second)


def max(first: ShapeExpr | int, second: ShapeExpr | int) -> ShapeExpr:
    """The larger of the two."""
    return _combined(_Operation.MAX, first, second)


def min(first: ShapeExpr | int, second: ShapeExpr | int) -> ShapeExpr:
    """The smaller of the two."""
    return _combined(_Operation.MIN, first, second)
