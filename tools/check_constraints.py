#!/usr/bin/env python3
"""Checks that every numbered constraint of an op is documented, enforced and tested, under one number.

  docs/ops/**/<op>.md     lists the constraints: `- **C2** The axis is inside the rank.`, numbered 1, 2, 3 without gaps;
  src/ops                 the file that holds `define_<op>()`, or one of its room's files that it includes or names, refuses with
                          the number: refuse(in, 2, ..), require_axis(in, 2, ..), unify(in, 2, ..);
  tests                   at least one test expects the text `(<op> C2)` in a message.
"""
import argparse
import re
import sys
from pathlib import Path

from project_files import ROOT, report

CONSTRAINT = re.compile(r"^- \*\*C(\d+)\*\*", re.MULTILINE)
DEFINES = re.compile(r"^OpDef define_(\w+)\(\)", re.MULTILINE)
INCLUDES = re.compile(r'^#include "(ops/[\w/]+)\.h"', re.MULTILINE)
# The vocabulary of ops/infer.h: the numbers that follow the first argument, the op's InferInput.
REFUSES = re.compile(r"\b\w+\(\s*\*?(?:in|in_|input)\s*,\s*(?:\w+ \? )?((?:\d+\s*[,:]\s*)*\d+)\b")
REFUSES_BARE = re.compile(r"\brefuse\(\s*(\d+)\s*,")  # a parser's callback that is bound to the op
CITED = re.compile(r"\((\w+) C(\d+)\)")
OPS = re.compile(r"^RONDO_OP\((\w+),", re.MULTILINE)
SHARED = {"ops/infer", "ops/op_def", "ops/op_list", "ops/contents", "ops/reference", "ops/tensor", "ops/interpreter"}


def documented(root):
    """{op: (page, [numbers])}"""
    pages = {}
    for path in sorted((root / "docs/ops").glob("*/*.md")):
        pages[path.stem] = (path.relative_to(root), [int(n) for n in CONSTRAINT.findall(path.read_text())])
    return pages


def numbers_in(text):
    """Constraint numbers that a source file refuses with."""
    found = {int(n) for _, n in CITED.findall(text)}
    found.update(int(n) for n in REFUSES_BARE.findall(text))
    for numbers in REFUSES.findall(text):
        found.update(int(n) for n in re.findall(r"\d+", numbers))
    return found


def family(root, path):
    """A file of src/ops with the files that it includes from its room, the shared vocabulary aside."""
    files, waiting = {}, [path]
    while waiting:
        at = waiting.pop()
        if at in files:
            continue
        files[at] = at.read_text(errors="replace")
        for included in INCLUDES.findall(files[at]):
            if included not in SHARED:
                waiting += [f for f in (root / f"src/{included}.h", root / f"src/{included}.cpp") if f.is_file()]
    return files


def enforced(root):
    """{op: {numbers}}"""
    numbers = {}
    for path in sorted((root / "src/ops").rglob("*.cpp")):
        ops = DEFINES.findall(path.read_text(errors="replace"))
        if not ops:
            continue
        found = set()
        for text in family(root, path).values():
            found |= numbers_in(text)
        for op in ops:
            numbers[op] = found
    # Ops that infer_op types itself.
    for op in ("loop", "conditional"):
        for path in (root / "src/ops").rglob(f"{op}.cpp"):
            numbers[op] = numbers.get(op, set()) | numbers_in(path.read_text(errors="replace"))
    return numbers


def tested(root):
    """{(op, number)}"""
    found = set()
    for path in sorted((root / "tests").rglob("*")):
        if path.suffix in {".cpp", ".h", ".ir"}:
            found.update((op, int(n)) for op, n in CITED.findall(path.read_text(errors="replace")))
    return found


def problems_of(root):
    """(problems, number of constraints)"""
    problems, count = [], 0
    sources, tests = enforced(root), tested(root)
    pages = documented(root)
    for op in OPS.findall((root / "src/ir/op_kind.def").read_text()):
        if op not in pages:
            problems.append(f"docs/ops: {op} has no page")
    for op, (page, numbers) in pages.items():
        count += len(numbers)
        if numbers != list(range(1, len(numbers) + 1)):
            problems.append(f"{page}: constraints are numbered {numbers}; number them 1, 2, 3 ..")
        for n in sorted(set(numbers)):
            if n not in sources.get(op, set()):
                problems.append(f"{page}: nothing in src/ops refuses with ({op} C{n})")
            if (op, n) not in tests:
                problems.append(f"{page}: no test expects ({op} C{n})")
    for op, n in sorted(tests):
        if op in pages and n not in pages[op][1]:
            problems.append(f"{pages[op][0]}: a test expects ({op} C{n}), which the page lacks")
    return problems, count


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder to check")
    options = parser.parse_args(arguments)
    problems, count = problems_of(options.root)
    print(f"check_constraints: {count} constraints")
    return report("check_constraints", problems, len(documented(options.root)))


if __name__ == "__main__":
    sys.exit(main())
