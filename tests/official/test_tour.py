"""The README's tour, word by word, through the official suite: every command up to the first of `dev.py`."""

from __future__ import annotations

import re
from itertools import takewhile

import pytest
import requests

from tests.official.asking import ADMIN
from tests.official.suites import KEY, START_S, OfficialSuite
from tests.shown import ROOT, blocks, differs, steps

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("first")]

README = (ROOT / "README.md").read_text(encoding="utf-8")
AT_LEAST = 15  # commands; fewer and the tour is another one


def test_spec_the_readmes_tour_prints_what_it_shows(official: OfficialSuite) -> None:
    shown = [step for block in blocks(README, "console") for step in steps(block)]
    tour = list(takewhile(lambda step: not step.command.startswith("python3 dev.py"), shown))
    assert len(tour) >= AT_LEAST
    variables: list[str] = []
    different = []
    for step in tour:
        command = step.command.replace("http://127.0.0.1:5000", official.hosting).replace("KEY=…", f"KEY={KEY}")
        if re.match(r"\w+=", command):
            variables.append(command)
        elif problem := differs(command, step.output, variables):
            different.append(problem)
    gone = requests.delete(f"{official.hosting}/delete_data/notes?_confirm=notes", headers=ADMIN, timeout=START_S)
    assert (different, gone.status_code) == ([], 204)
