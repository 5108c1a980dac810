#!/usr/bin/env python3
"""Checks that files, functions and folders stay small enough to be read in one go, and public headers explain themselves.

  header    150 lines; up to 300 if its first line is a comment with `reason:`
  source    400 lines; up to 800 if its first line is a comment with `reason:`
  function   40 lines is the aim (those above are counted), 80 the limit
  folder     25 files at one level
  include/rondo  at least 35 % of the lines that are not blank carry a comment
"""
import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from project_files import ROOT, project_files, report

HEADER_LINES, HEADER_LINES_WITH_REASON = 150, 300
SOURCE_LINES, SOURCE_LINES_WITH_REASON = 400, 800
FUNCTION_AIM, FUNCTION_LINES = 40, 80
FOLDER_FILES = 25
PUBLIC_COMMENT_SHARE = 0.35
PUBLIC_COMMENT_FROM = 20  # a header of fewer lines says it all in its names
# Folders that are a list by nature -> their own limit.
LISTS = {
    "tests/errors": 100,  # one mistake per file
    "tests/errors/constraints": 100,  # one op per file
    "docs/ops/primitive": 60,  # one op per page
    "docs/ops/structured": 60,
}

HEADERS, CXX, SOURCES = {".h", ".hpp"}, {".h", ".hpp", ".cpp", ".cu"}, {".cpp", ".cu", ".def", ".inc", ".py"}
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
SCOPE_HEAD = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)


def without_comments(text):
    """The text with comments and literals blanked out, lines kept. A digit separator is not a literal."""
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text)
    text = NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.MULTILINE)


def functions(text):
    """(line of the head, number of lines) of each outermost function body; lambdas count with what holds them."""
    code = without_comments(text)
    found, head_start, stack, parens = [], 0, [], 0
    for at, char in enumerate(code):
        if char in "()":
            parens += 1 if char == "(" else -1
        elif char == "{":
            head = code[head_start:at]
            inside = any(kind == "function" for kind, _ in stack)
            if inside or parens > 0 or head.rstrip().endswith(("=", ",", "return")):
                kind = "block"
            elif SCOPE_HEAD.match(head) and not (head.rstrip().endswith(")") and "=" not in head):
                kind = "scope"
            else:
                kind = "function" if "(" in head else "block"
            stack.append((kind, head_start + len(head) - len(head.lstrip())))
            if kind == "scope":
                head_start = at + 1
        elif char == "}" and stack:
            kind, start = stack.pop()
            if kind == "function":
                found.append((code.count("\n", 0, start) + 1, code.count("\n", start, at) + 1))
            if kind != "block":
                head_start = at + 1
        elif char == ";" and parens == 0 and not any(kind != "scope" for kind, _ in stack):
            head_start = at + 1
    return found


def comment_share(text):
    """Share of lines with a comment, alone or behind code, among those that are not blank, and how many those are."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    comments, block = 0, False
    for line in lines:
        block = block or line.startswith("/*")
        comments += block or "//" in re.sub(r'"(?:\\.|[^"\\])*"', "", line)
        block = block and "*/" not in line
    return (comments / len(lines) if lines else 1.0), len(lines)


def check_lines(path, text):
    """What is wrong with the length of one file, or None."""
    is_header = path.suffix in HEADERS
    limit, stretched = (HEADER_LINES, HEADER_LINES_WITH_REASON) if is_header else (SOURCE_LINES, SOURCE_LINES_WITH_REASON)
    lines = text.splitlines()
    first = lines[1 if lines and lines[0].startswith("#!") else 0] if lines else ""
    reason = bool(re.match(r"\s*(//|/\*|#|\"\"\").*reason:\s*\S", first))
    if len(lines) > stretched:
        return f"{path}: {len(lines)} lines, limit {stretched}; split it"
    if len(lines) > limit and not reason:
        return f"{path}: {len(lines)} lines, limit {limit}; split it, or state a `reason:` on its first line (then {stretched})"
    return None


def check_file(path, text):
    """(problems, number of functions above the aim) of one file."""
    problems, long = [check_lines(path, text)], 0
    if path.suffix in CXX:
        for line, size in functions(text):
            long += size > FUNCTION_AIM
            if size > FUNCTION_LINES:
                problems.append(f"{path}:{line}: function of {size} lines, limit {FUNCTION_LINES}")
    if path.parts[:2] == ("include", "rondo"):
        share, lines = comment_share(text)
        if lines >= PUBLIC_COMMENT_FROM and share < PUBLIC_COMMENT_SHARE:
            problems.append(f"{path}: {share:.0%} comment, a public header needs {PUBLIC_COMMENT_SHARE:.0%}")
    return [p for p in problems if p], long


def check_folders(paths):
    """Problems of folders with too many files at one level."""
    counts = Counter(str(path.parent) for path in paths)
    return [
        f"{folder}: {count} files at one level, limit {LISTS.get(folder, FOLDER_FILES)}; group them in folders"
        for folder, count in sorted(counts.items())
        if count > LISTS.get(folder, FOLDER_FILES)
    ]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder to check")
    parser.add_argument("--long", action="store_true", help="also list the functions above the aim")
    options = parser.parse_args(arguments)
    paths = project_files(options.root, HEADERS | SOURCES)
    problems, long = check_folders(project_files(options.root)), 0
    for path in paths:
        text = (options.root / path).read_text(errors="replace")
        found, above = check_file(path, text)
        problems, long = problems + found, long + above
        if options.long and path.suffix in CXX:
            for line, size in functions(text):
                if size > FUNCTION_AIM:
                    print(f"{path}:{line}: note: function of {size} lines, aim {FUNCTION_AIM}")
    print(f"check_sizes: {long} functions above {FUNCTION_AIM} lines (limit {FUNCTION_LINES}); --long lists them")
    return report("check_sizes", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
