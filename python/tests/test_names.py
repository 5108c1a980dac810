"""Every name of TensorRT's Python API exists, or is listed in names_missing.txt with the reason; a listed name that exists is an
error too, so the list cannot grow stale."""

from pathlib import Path

import pytest
import rondo

HERE = Path(__file__).parent


def read_names():
    for line in (HERE / "names.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            owner, _, members = line.partition(":")
            for member in members.split():
                yield owner, member


def read_missing():
    missing = {}
    for line in (HERE / "names_missing.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            names, _, reason = line.partition(":")
            for name in names.split():
                missing[name] = reason.strip()
    return missing


MISSING = read_missing()


@pytest.mark.parametrize("owner,member", list(read_names()))
def test_name_exists(owner, member):
    full = member if owner == "module" else f"{owner}.{member}"
    if owner == "OnnxParser" and not rondo.get_nv_onnx_parser_version():
        pytest.skip("built without protobuf")
    reason = MISSING.get(full) or (MISSING.get(f"{owner}.*") if owner != "module" else None)
    scope = rondo if owner == "module" else getattr(rondo, owner, None)
    exists = scope is not None and hasattr(scope, member)
    if reason:
        assert not exists, f"{full} exists; take it out of names_missing.txt"
        pytest.skip(f"{full}: {reason}")
    assert exists, f"{full} is neither there nor listed in names_missing.txt"


def test_reasons_are_given():
    assert all(MISSING.values()), [name for name, reason in MISSING.items() if not reason]
