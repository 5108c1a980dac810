#!/usr/bin/env python3
"""Checks that every C++ file is laid out as .clang-format says; --fix rewrites those that are not."""
import argparse
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from project_files import ROOT, project_files, report

FORMATTED = {".h", ".hpp", ".cpp"}


def misformatted(root, paths, clang_format="clang-format"):
    """The files of one batch that clang-format would change."""
    command = [clang_format, "--dry-run", "-Werror", "--style=file", *[str(root / p) for p in paths]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    bad = {line.split(":")[0] for line in done.stderr.splitlines() if "code should be clang-formatted" in line}
    return sorted(bad) or [done.stderr.strip()]


def batches(paths, count):
    return [b for b in (paths[i::count] for i in range(count)) if b]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder to check")
    parser.add_argument("--fix", action="store_true", help="rewrite the files in place")
    options = parser.parse_args(arguments)
    if not shutil.which("clang-format"):
        print("check_format: clang-format is missing; `make setup` installs it")
        return 1
    paths = project_files(options.root, FORMATTED)
    if options.fix:
        for batch in batches(paths, 8):
            subprocess.run(["clang-format", "-i", "--style=file", *[str(options.root / p) for p in batch]], check=True)
        print(f"check_format: {len(paths)} files formatted")
        return 0
    work = batches(paths, 4 * (os.cpu_count() or 1))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = sum(pool.map(lambda batch: misformatted(options.root, batch), work), [])
    problems = [f"{os.path.relpath(p, options.root)}: not formatted; `make format` rewrites it" for p in sorted(bad)]
    return report("check_format", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
