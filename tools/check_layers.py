#!/usr/bin/env python3
"""Checks that includes follow the directions of docs/architecture.md, which this file holds as data.

  - a room of src/ includes itself and the rooms listed for it, nothing above it;
  - sibling targets (a room's cpu/ and cuda/) never include each other;
  - include/ includes nothing of src/; onnx/ importers/ cli/ samples/ python/ use public headers only;
  - includes between rooms are written from src/: #include "ir/graph.h".
"""
import argparse
import re
import sys
from pathlib import Path

from project_files import CXX, ROOT, project_files, report

RUNNING = {"base", "tile", "kernels", "codegen", "plan", "runtime"}
COMPILING = {"ir", "ops", "passes", "schedule"}

# room -> rooms it may include besides itself.
MAY_INCLUDE = {
    "base": set(),
    "tile": {"base"},
    "kernels": {"base", "tile"},
    "codegen": {"base", "tile", "kernels"},
    "plan": {"base", "tile", "kernels", "codegen"},
    "runtime": {"base", "tile", "kernels", "codegen", "plan"},
    "ir": {"base", "tile"},
    "ops": {"base", "tile", "ir"},
    "passes": {"base", "tile", "ir", "ops"},
    "schedule": {"base", "tile", "ir", "ops", "passes", "plan"},
    "quant": {"base"},
    "plugin": {"base"},
    "api/running": RUNNING | {"plugin"},
    "api": RUNNING | COMPILING | {"quant", "plugin", "api/running"},
    "cuda_shim": {"base"},
}
TARGETS = {"cpu", "cuda"}  # siblings inside a room
PUBLIC_USERS = {"plugins", "onnx", "importers", "nn", "cli", "samples", "python"}
GENERATED = re.compile(r"^\w+_generated\.h$")  # written by flatc from src/plan; known to whoever knows plan
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def room_of(path):
    """The room of a path below src/, or None: 'api/running/x.h' -> 'api/running', 'ir/graph.h' -> 'ir'."""
    parts = Path(path).parts
    for length in (2, 1):
        name = "/".join(parts[:length])
        if len(parts) > length and name in MAY_INCLUDE:
            return name
    return None


def target_of(path):
    """The sibling target a path below src/ belongs to: 'runtime/cpu/x.h' -> 'cpu'."""
    parts = Path(path).parts
    return parts[1] if len(parts) > 2 and parts[1] in TARGETS else None


def check_room_include(root, path, included):
    """What is wrong with one include of one file of src/, or None."""
    inside = path.relative_to("src")
    room = room_of(inside)
    if GENERATED.match(included):
        ok = room == "plan" or "plan" in MAY_INCLUDE[room]
        return None if ok else f"room '{room}' may not include '{included}', which belongs to 'plan'"
    other = room_of(included)
    if other is None:
        beside = not (root / "src" / included).exists() and (root / path.parent / included).exists()
        return f"'{included}' is relative; write \"{inside.parent}/{included}\"" if beside else None
    if other != room and other not in MAY_INCLUDE[room]:
        return f"room '{room}' may not include '{included}' of room '{other}'"
    ours, theirs = target_of(inside), target_of(included)
    if ours and theirs and ours != theirs:
        return f"target '{ours}' may not include '{included}' of its sibling '{theirs}'"
    return None


def check_public_include(root, path, included):
    """What is wrong with one include of a file that may see public headers only, or None."""
    private = included.startswith("src/") or "/src/" in included or (room_of(included) and (root / "src" / included).exists())
    return f"'{path.parts[0]}/' may not include '{included}' of src/" if private else None


def check_file(root, path, text):
    """Problems of one file, each naming the line."""
    top = path.parts[0]
    if top == "src":
        if room_of(path.relative_to("src")) is None:
            return [f"{path}: not in a room; the rooms are {', '.join(MAY_INCLUDE)}"]
        check = check_room_include
    elif top == "include" or top in PUBLIC_USERS:
        check = check_public_include
    else:
        return []
    problems = []
    for found in INCLUDE.finditer(text):
        wrong = check(root, path, found[1])
        if wrong:
            line = text.count("\n", 0, found.start(1)) + 1
            problems.append(f"{path}:{line}: {wrong}")
    return problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder to check")
    options = parser.parse_args(arguments)
    paths = project_files(options.root, CXX)
    problems = []
    for path in paths:
        problems += check_file(options.root, path, (options.root / path).read_text(errors="replace"))
    return report("check_layers", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
