"""AutoTuneCombination: the types that a plugin's inputs and outputs may have together."""

from __future__ import annotations

from itertools import product
from typing import Any, Iterable

import rondo as trt

__all__ = ["AutoTuneCombination"]

_NICKNAMES = {"FP32": "FLOAT", "FP16": "HALF"}


def _alternatives(texts: list[str], what: str, parse: Any) -> list[tuple]:
    """All choices that texts like "A|B, A|B, C*D" allow: positions with | choose alike, those with * on their own."""
    together = {text.count("|") + 1 for text in texts if "|" in text}
    if len(together) > 1 or any("|" in text and "*" in text for text in texts):
        raise ValueError(f"{what} {', '.join(texts)}: positions with '|' must list equally many, and none may mix '|' and '*'")
    choices = []
    for rank in range(together.pop() if together else 1):
        options = [[text.split("|")[rank]] if "|" in text else text.split("*") for text in texts]
        choices += list(product(*([parse(name.strip()) for name in names] for names in options)))
    return choices


def _type(name: str) -> Any:
    try:
        return getattr(trt.DataType, _NICKNAMES.get(name, name))
    except AttributeError:
        raise ValueError(f"'{name}' is no type; known are FP32, FP16 and the names of DataType") from None


def _format(name: str) -> Any:
    try:
        return getattr(trt.TensorFormat, name)
    except AttributeError:
        raise ValueError(f"'{name}' is no name of TensorFormat") from None


class AutoTuneCombination:
    """Types, layouts and tactics that go together: AutoTuneCombination("FP32|FP16, FP32|FP16", "LINEAR", [1, 2]), or pos by pos.

    `|` between names stands for one choice made in all positions alike, `*` for a choice of the position's own.
    """

    def __init__(self, io_types: str | None = None, layouts: str | None = None, tactics: Iterable[int] | None = None) -> None:
        types = [] if io_types is None else io_types.split(",")
        formats = (layouts or "LINEAR").split(",")
        if len(formats) == 1:
            formats *= len(types)
        if len(formats) != len(types):
            raise ValueError(f"'{layouts}' names {len(formats)} layouts for the {len(types)} positions of '{io_types}'")
        self._positions = {i: (t.strip(), f.strip()) for i, (t, f) in enumerate(zip(types, formats))}
        self._tactics = list(tactics or [])

    def pos(self, pos: int | Iterable[int], io_types: str, layouts: str = "LINEAR") -> None:
        """Sets types and layouts of positions; inputs are counted first, then outputs."""
        for position in [pos] if isinstance(pos, int) else pos:
            if position in self._positions:
                raise ValueError(f"position {position} has its types already")
            self._positions[position] = (io_types, layouts)

    def tactics(self, tactics: Iterable[int]) -> None:
        self._tactics = list(tactics)

    def _allows(self, types: list, count: int) -> bool:
        """Whether the first positions may have these types, in row-major memory, among `count` positions."""
        if sorted(self._positions) != list(range(count)):
            raise ValueError(f"a combination names positions {sorted(self._positions)}; the plugin has {count}")
        texts = [self._positions[i] for i in range(count)]
        linear = any(all(f == trt.TensorFormat.LINEAR for f in formats) for formats in _alternatives([t[1] for t in texts], "layouts", _format))
        return linear and any(list(choice[: len(types)]) == types for choice in _alternatives([t[0] for t in texts], "types", _type))
