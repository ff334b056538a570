"""The tables of the package in a functions folder: its routes, settings, index slots, sources.

Starts tables.py in a process of its own, so that the project that is looked at answers.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("tables.py")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table of settings, without its value."""

    name: str
    secret: bool
    local_only: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """What the package says of itself."""

    routes: Mapping[str, tuple[str, ...]]  # the paths of each function that has some
    mistakable: tuple[str, ...]  # the functions for whose name a part of their own paths could be taken
    verbs: tuple[str, ...]  # what the names of functions begin with, and no others
    queue: str  # the function of the task queue
    slots: frozenset[str]
    settings: tuple[Setting, ...]
    sources: tuple[str, ...]  # the valid ones
    inside: tuple[tuple[str, str, str], ...]  # source, address and why the web does not reach it
    folder: Path  # where their files are
    schema: str  # of a definition, as a file of JSON
    problems: tuple[str, ...]  # of the others: `FILE:LINE: what; the mend`


def ask(functions: Path, sources: Path | None) -> Tables | str | None:
    """The tables; None where the folder has no such package, the last line of the failure where it does not load."""
    if not (functions / "kindling").is_dir():
        return None
    env = {**os.environ, "PYTHONPATH": str(functions), "FUNCTIONS_EMULATOR": "true"}  # settings of the laptop count
    if sources is not None:
        env["KINDLING_SOURCES"] = str(sources)
    done = subprocess.run(  # noqa: S603  # fixed words
        [sys.executable, "-P", str(PROGRAM)], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    told: dict[str, Any] = json.loads(done.stdout)
    return Tables(
        {name: tuple(paths) for name, paths in told["routes"].items()},
        tuple(told["mistakable"]),
        tuple(told["verbs"]),
        told["queue"],
        frozenset(told["slots"]),
        tuple(Setting(**each) for each in told["settings"]),
        tuple(told["sources"]),
        tuple((name, url, why) for name, url, why in told["inside"]),
        Path(told["folder"]),
        told["schema"],
        tuple(told["problems"]),
    )
