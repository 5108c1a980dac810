"""Which files belong to the project: what the checks look at. Skips build folders, environments and caches."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CXX = {".h", ".hpp", ".cpp", ".inc", ".def", ".cu", ".cuh"}
TEXT = CXX | {".py", ".cmake", ".md", ".txt", ".json", ".sh", ".ir", ".fbs", ".in", ".yml", ".toml", ""}


def _is_skipped(name):
    return name in {".git", "build", ".venv", ".venv-bench", "__pycache__", ".cache", ".pytest_cache"} or name.startswith("build-")


def project_files(root=ROOT, suffixes=None):
    """Paths relative to `root`, sorted; only those with one of `suffixes` if given."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(d for d in folders if not _is_skipped(d))
        for name in sorted(n for n in names if not n.endswith(".so")):  # built in place
            path = Path(folder, name).relative_to(root)
            if suffixes is None or path.suffix in suffixes:
                found.append(path)
    return found


def report(check, problems, looked_at):
    """Prints the problems and a closing line; gives the exit status."""
    for problem in problems:
        print(problem)
    print(f"{check}: {looked_at} files, " + (f"{len(problems)} problems" if problems else "clean"))
    return 1 if problems else 0
