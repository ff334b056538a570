"""The tests of the endpoints once more, as commands inside `firebase emulators:exec`: through the real CLI, its
Hosting, its functions and the database with its rules.

Which, and why these: all that ask endpoints from outside, by every mounting (the API of the course, the boundary,
changes, formats, descriptions, keys), the clients that people have (pandas, feedparser, plain HTTP) and newman, which
calls every route of the API. Not those that reach into the answering process (marked `inside`), nor those that need a
suite of their own.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cases import SHARED, needs_shared
from tests.official.suites import OfficialSuite, copy
from tests.running_suite import ROOT

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("firebase")]

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not inside")
DEADLINE_S = 1_500  # alone it takes one minute; on a machine that does much else, ten
CLOSING = re.compile(r"(\d+) passed(?:, \d+ deselected)? in ")


@dataclass(frozen=True)
class Part:
    """Files that one pytest runs, and how many tests they have at the least, so that no marker leaves them all out."""

    files: tuple[str, ...]
    at_least: int

    def paths(self) -> list[str]:
        """The files, but for those whose public cases are not there."""
        paths = [ROOT / "tests" / file for file in self.files]
        return [str(path) for path in paths if SHARED.is_dir() or not needs_shared(path)]


ENDPOINTS = """
    test_api test_api_history
    test_serve test_serve_caching test_serve_changes test_serve_description test_serve_formats
    test_serve_formats_vectors test_serve_keys
"""
PARTS = (
    Part(tuple(f"{name}.py" for name in ENDPOINTS.split()), 240),
    Part(("clients/test_readers.py", "clients/test_readers_vectors.py"), 15),
    Part(("clients/test_newman.py",), 1),
)


def test_spec_the_tests_of_the_endpoints_pass_inside_the_firebase_cli(folder: Path) -> None:
    """One after the other: each part empties the database before it begins."""
    commands = [shlex.join([*PYTEST, *part.paths()]) for part in PARTS]
    suite = OfficialSuite(
        copy(ROOT, folder / "project"),
        *("emulators:exec", "--only", "functions,hosting,auth,database", " && ".join(commands)),
        data=folder / "data",
        ready="",
        deadline_s=DEADLINE_S,
    )
    assert suite.wait() == 0, "\n".join(suite.lines)
    passed = [int(found[1]) for line in suite.lines if (found := CLOSING.match(line.removeprefix(">").lstrip()))]
    assert len(passed) == len(PARTS), suite.lines[-40:]
    assert [part for part, count in zip(PARTS, passed, strict=True) if count < part.at_least] == []
