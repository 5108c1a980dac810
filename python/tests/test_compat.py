"""Programs written for TensorRT run unchanged under `python -m rondo.compat`."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = sorted(p for p in (Path(__file__).parent / "programs").glob("*.py") if p.stem != "running")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_program_runs(program):
    result = subprocess.run(
        [sys.executable, "-m", "rondo.compat", "--cuda", "host", str(program)], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    if "skipped:" in result.stdout:
        pytest.skip(result.stdout.strip())
    assert "passed" in result.stdout


def test_unknown_program_is_named():
    result = subprocess.run([sys.executable, "-m", "rondo.compat", "nowhere.py"], capture_output=True, text=True, check=False)
    assert result.returncode == 2 and "nowhere.py" in result.stderr
