"""The runtime list, functions/requirements.txt, and what it brings in this environment; reads files and metadata only.

Facts relied on: Cloud Build installs exactly this file (and a constraints file that it names) with pip, from PyPI.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

NAME = "requirements.txt"
TOOLS = frozenset({"pip", "setuptools", "wheel"})  # every environment has them


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a requirements file that asks for a package, or tries to."""

    number: int
    text: str
    requirement: Requirement | None  # None: nothing that pip can fetch from PyPI by name

    @property
    def name(self) -> str:
        """The package's canonical name."""
        return canonicalize_name(self.requirement.name) if self.requirement else ""

    @property
    def pin(self) -> str | None:
        """The one version it takes; None where it takes several."""
        specifiers = list(self.requirement.specifier) if self.requirement else []
        exact = len(specifiers) == 1 and specifiers[0].operator in ("==", "===")
        return specifiers[0].version if exact and not specifiers[0].version.endswith("*") else None


def lines(file: Path) -> list[Line]:
    """The lines that ask for packages; comments and the options -c, -r are left out. Empty where there is no file."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    stripped = ((number, re.sub(r"(^|\s)#.*", "", line).strip()) for number, line in enumerate(text.splitlines(), 1))
    return [Line(number, line, _requirement(line)) for number, line in stripped if line and not _is_option(line)]


def constraints(file: Path) -> list[tuple[int, Path]]:
    """The constraints files that a requirements file names, with the line."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = re.finditer(r"^(?:-c|--constraint)[ =]\s*(\S+)", text, re.MULTILINE)
    return [(text.count("\n", 0, each.start()) + 1, file.parent / each[1]) for each in found]


def brought(asked: list[Line]) -> frozenset[str]:
    """The canonical names of what is installed when these are, with all they require, as this environment has it."""
    found: set[str] = set()
    waiting = [each for line in asked if (each := line.requirement) and _applies(each, {""})]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found and not requirement.extras:
            continue
        found.add(name)
        waiting += _requires(name, requirement.extras)
    return frozenset(found)


def packages() -> Mapping[str, frozenset[str]]:
    """The importable packages of this environment: first part of the name to the distributions that have it."""
    return {
        name: frozenset(canonicalize_name(each) for each in distributions)
        for name, distributions in metadata.packages_distributions().items()
    }


def version(name: str) -> str | None:
    """The version that is installed here, None where none is."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _is_option(line: str) -> bool:
    return re.match(r"(-c|-r|--constraint|--requirement)\b", line) is not None


def _requirement(line: str) -> Requirement | None:
    try:
        found = Requirement(line)
    except InvalidRequirement:
        return None
    return None if found.url else found


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def _requires(name: str, extras: set[str]) -> list[Requirement]:
    """What a distribution that is installed here requires, for those extras of it."""
    try:
        told = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    return [each for each in map(Requirement, told) if _applies(each, {*extras, ""})]
