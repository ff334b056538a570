"""Checks of functions/requirements.txt: Cloud Build can install it, tomorrow too, and it has all that is imported."""

import sys
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from devtools.preflight import imports, listed
from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject

SDK = "firebase-functions"  # without it Firebase finds no function


def lines(subject: Subject) -> Iterator[Finding]:
    """Every line is one pinned package of PyPI that agrees with the constraints and with what is installed here."""
    file = subject.functions / listed.NAME
    name = subject.relative(file)
    asked = listed.lines(file)
    if SDK not in {line.name for line in asked}:
        yield Finding(name, f"{SDK} is not in the list", f"add {SDK}==VERSION: Firebase finds the functions with it")
    limits: dict[str, str | None] = {}
    for number, limiting in listed.constraints(file):
        if not limiting.is_file():
            yield Finding(
                f"{name}:{number}", f"{limiting.name} is not there", "put it beside the list: it is uploaded with it"
            )
        limits |= {line.name: line.pin for line in listed.lines(limiting)}
    for line in asked:
        where = f"{name}:{line.number}"
        if line.requirement is None:
            yield Finding(
                where, f"{line.text!r} is nothing that Cloud Build can fetch from PyPI", "write NAME==VERSION"
            )
        elif line.pin is None:
            what = f"{line.text!r} names no one version: the next deploy may be another program"
            yield Finding(where, what, f"write {line.name}=={listed.version(line.name) or 'VERSION'}")
        elif limits.get(line.name, line.pin) != line.pin:
            what = f"{line.text!r} and the constraints ({limits[line.name]}) exclude each other: pip refuses both"
            yield Finding(where, what, "give both the same version")
        elif (here := listed.version(line.name)) != line.pin:
            what = f"{line.text!r} is asked for, {here or 'nothing'} is installed: what is tested is not deployed"
            yield Finding(where, what, "run any command of dev.py: it installs what the list says")


def imported(subject: Subject) -> Iterator[Finding]:
    """Every package that main.py can reach, also later than at its start, is brought by the list."""
    file = subject.functions / listed.NAME
    kept = listed.brought(listed.lines(file))
    packages = listed.packages()
    for each in imports.reach(subject.functions).imports:
        if each.package in sys.stdlib_module_names or packages.get(each.package, frozenset()) & kept:
            continue
        candidates = sorted(packages.get(each.package, [])) or [canonicalize_name(each.package)]
        version = listed.version(candidates[0])
        where = f"{subject.relative(each.file)}:{each.line}"
        what = f"{each.package} is imported, which {subject.relative(file)} does not bring"
        yield Finding(where, what, f"add {candidates[0]}=={version or 'VERSION'} to it, or do without")
