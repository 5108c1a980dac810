"""Which TensorRT release Rondo shows where releases contradict each other. All names of all releases exist whatever is chosen."""

import os

from ._rondo import NetworkDefinitionCreationFlag

# Release -> the version string that programs parse.
_VERSIONS = {"7.2": "7.2.3.4", "8.6": "8.6.1", "9.3": "9.3.0", "10.16": "10.16.0", "11.1": "11.1.0"}
_ORDERED = {key: tuple(int(part) for part in key.split(".")) for key in _VERSIONS}
_state = {"face": "10.16"}


def face(release=None):
    """Shows the behaviour of one release, '7.2', '8.6', '9.3', '10.16' or '11.1'; returns the one shown. Also chosen by the environment
    variable RONDO_FACE. What differs: the version that `tensorrt.__version__` reports, and bit 1 of the flags of
    Builder.create_network, which is EXPLICIT_PRECISION before 10 and STRONGLY_TYPED from then on."""
    if release is not None:
        major = str(release).split(".")[0]
        known = {key.split(".")[0]: key for key in _VERSIONS}
        if major not in known:
            raise ValueError(f"rondo.face('{release}'): known are {', '.join(_VERSIONS)}")
        _state["face"] = known[major]
    return _state["face"]


def release():
    """The release shown as a pair of integers."""
    return _ORDERED[_state["face"]]


def version():
    """The version string of the release shown."""
    return _VERSIONS[_state["face"]]


def network_flags(flags):
    """The flags of create_network as the release shown means them, in Rondo's own bits."""
    major = int(_state["face"].split(".")[0])
    strongly_typed = 1 << int(NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    if major == 10 and flags & 2:
        flags = flags & ~2 | strongly_typed
    if major >= 11 and flags & 1:
        flags = flags & ~1 | strongly_typed
    return flags


if os.environ.get("RONDO_FACE"):
    face(os.environ["RONDO_FACE"])
