"""Reads the public headers into plain data: enumerations, interfaces, their methods. The headers are regular by habit of the house
(one declaration a statement, `virtual … noexcept = 0;`), so a small reader is enough; it stops at what it does not understand."""

import re
from dataclasses import dataclass, field
from pathlib import Path

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
ENUM = re.compile(r"enum class (\w+) : \w+ \{(.*?)\};", re.DOTALL)
INTERFACE = re.compile(r"class (I\w+) : public (I\w+) \{(?:\};|(.*?)\n\};)", re.DOTALL)
METHOD = re.compile(
    r"(RONDO_DEPRECATED\s+)?virtual\s+([\w:<>\s\*&]+?)\s*\b(\w+)\(([^;{}]*?)\)\s*(const)?\s*noexcept\s*= 0;", re.DOTALL
)
PARAMETER = re.compile(r"^(.*?)\b(\w+)$", re.DOTALL)


@dataclass
class Parameter:
    type: str
    name: str
    default: str | None = None


@dataclass
class Method:
    name: str
    returns: str
    parameters: list
    const: bool
    deprecated: bool


@dataclass
class Interface:
    name: str
    base: str
    methods: list = field(default_factory=list)


@dataclass
class Enum:
    name: str
    members: list  # (name without k, C++ name)


def squeeze(text):
    return " ".join(text.split())


def parse_parameters(text):
    result = []
    for part in filter(None, (squeeze(p) for p in text.split(","))):
        declaration, _, default = part.partition("=")
        match = PARAMETER.match(declaration.strip())
        if not match:
            raise SystemExit(f"cannot read the parameter '{part}'")
        result.append(Parameter(squeeze(match[1]), match[2], default.strip() or None))
    return result


def parse_enum(name, body):
    members = []
    for item in filter(None, (squeeze(i) for i in body.split(","))):
        member = re.match(r"(k\w+)", item)
        if not member:
            raise SystemExit(f"cannot read the member '{item}' of {name}")
        members.append((member[1][1:], member[1]))
    return Enum(name, members)


def read_headers(folder):
    """(enums, interfaces) of all headers below the folder, by name, in the order of definition."""
    enums, interfaces = {}, {}
    for path in sorted(Path(folder).rglob("*.h")):
        text = COMMENT.sub("", path.read_text())
        for match in INTERFACE.finditer(text):
            methods = [
                Method(m[3], squeeze(m[2]), parse_parameters(m[4]), bool(m[5]), bool(m[1])) for m in METHOD.finditer(match[3] or "")
            ]
            interfaces[match[1]] = Interface(match[1], match[2], methods)
        for match in ENUM.finditer(text):
            enums[match[1]] = parse_enum(match[1], match[2])
    return enums, interfaces
