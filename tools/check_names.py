#!/usr/bin/env python3
"""Checks names and leftovers.

  files and folders  snake_case; none called util, helper, manager, misc or common
  types              PascalCase (outside of the compat headers, which carry CUDA's names)
  constants          kName at namespace scope
  text               no path of a person's machine, no note of unfinished work
"""
import argparse
import re
import sys
from pathlib import Path

from project_files import CXX, ROOT, TEXT, project_files, report

FORBIDDEN = {"util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "misc", "common"}
SNAKE = re.compile(r"^(\.|_(?=\w+\.py))?[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9_]+)*$")
# Names that tools or other projects prescribe.
PRESCRIBED = re.compile(
    r"^(CMakeLists\.txt|CMakePresets\.json|Makefile|LICENSE|(README|CONTRIBUTING|CHANGELOG)\.md|Rondo\w+\.cmake"
    r"|rondo-config\.cmake\.in|Nv\w+\.h|char-rnn\.wts|\.clang-format|__(init|main)__\.py|[\w.-]+\.md)$"
)
FOREIGN = ("include/compat", "src/cuda_shim")  # folders whose identifiers are another project's
FOREIGN_TYPE = re.compile(r"^(hash|formatter|CU\w+_st|cuda\w+|cu[A-Z]\w+_t|cudnnContext|cublasContext)$")  # std's customization points, CUDA's handles
TYPE = re.compile(
    r"^[ \t]*(?P<template>template\s*<[^;{]*>\s*)?(?:enum\s+class|enum\s+struct|enum|class|struct|union)\s+"
    r"(?:RONDO_API\s+|\[\[[^\]]*\]\]\s+|alignas\([^)]*\)\s+)*(?P<name>[A-Za-z_]\w*)\s*(?:final\s*)?(?=[:{;\n])",
    re.MULTILINE,
)
CONSTANT = re.compile(
    r"^(?:inline\s+|static\s+)*constexpr\s+(?:inline\s+|static\s+)*[\w:<>,\s*&]+?[\s*&]([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*[={]",
    re.MULTILINE,
)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
# Spelled in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "|".join(["wo" + "rk", "ho" + "me/\\w+", "ro" + "ot", "Us" + "ers/\\w+"]) + r")/\w")


def check_path(path):
    """What is wrong with the name of a file or of a folder on the way to it."""
    problems = []
    for part in path.parts:
        words = set(re.split(r"[_.\-]", part.lower()))
        if words & FORBIDDEN:
            problems.append(f"{path}: '{part}' says nothing; name it after its one noun or verb")
        if not SNAKE.match(part) and not PRESCRIBED.match(part):
            problems.append(f"{path}: '{part}' is not snake_case")
    return problems


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_identifiers(path, text):
    """Types that are not PascalCase and constants that are not kName."""
    if path.as_posix().startswith(FOREIGN):
        return []
    code = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    problems = []
    for found in TYPE.finditer(code):
        name = found["name"]
        if not re.match(r"^[A-Z][A-Za-z0-9]*$", name) and not FOREIGN_TYPE.match(name):
            problems.append(f"{path}:{line_of(code, found.start('name'))}: type '{name}' is not PascalCase")
        if set(re.findall(r"[A-Z][a-z]+", name)) & {word.capitalize() for word in FORBIDDEN}:
            problems.append(f"{path}:{line_of(code, found.start('name'))}: type '{name}' says nothing of what it is")
    for found in CONSTANT.finditer(code):
        if not re.match(r"^k[A-Z0-9]|.*_v$", found[1]):
            problems.append(f"{path}:{line_of(code, found.start(1))}: constant '{found[1]}' is not kName")
    return problems


def check_text(path, text):
    """Paths of a machine and notes of unfinished work."""
    problems = []
    for pattern, what in ((UNFINISHED, "a note of unfinished work"), (MACHINE_PATH, "a path of one machine")):
        for found in pattern.finditer(text):
            problems.append(f"{path}:{line_of(text, found.start())}: {what}: '{found[0]}'")
    return problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder to check")
    options = parser.parse_args(arguments)
    paths, problems = project_files(options.root), []
    for path in paths:
        problems += check_path(path)
        if path.suffix in TEXT and path.parts[0] != "LICENSE":
            text = (options.root / path).read_text(errors="replace")
            problems += check_text(path, text)
            if path.suffix in CXX:
                problems += check_identifiers(path, text)
    return report("check_names", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
