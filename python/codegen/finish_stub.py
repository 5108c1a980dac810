#!/usr/bin/env python3
"""Opens the parameters of a generated stub to what the binding converts: a shape may be any sequence of integers.

    finish_stub.py <in.pyi> <out.pyi>
"""

import re
import sys
from pathlib import Path

SEQUENCES = re.compile(r"(\w+: )(Dims2|Dims3|Dims4|DimsHW|Dims|Permutation)(?=[,)]| = )")


def finish(text):
    """Parameters only: a result keeps its class."""
    lines = []
    for line in text.splitlines():
        if line.lstrip().startswith("def "):
            line = SEQUENCES.sub(r"\1\2 | Sequence[int]", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(finish(Path(sys.argv[1]).read_text()))
