"""Every fault of a site has one outcome, and `docs/reliability.md` says which."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

import pytest
from kindling.fetch import Limits
from kindling.fetch.faults import FAULTS

from tests.faultsite_cases import TABLES, Measured, measure
from tests.measured_docs import check, table

ALL = {f"{part}: {does}": case for part, cases in TABLES.items() for does, case in cases.items()}


@cache
def measured(name: str) -> Measured:
    """What the case of that name came to; measured once in a run."""
    return measure(ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_ours_site(name: str) -> None:
    assert measured(name) == ALL[name].expected


def test_ours_the_documented_outcomes_are_the_measured_ones() -> None:
    rows = []
    for part, cases in TABLES.items():
        for does in cases:
            found = measured(f"{part}: {does}")
            rows.append((part, does, found.outcome, str(found.requests), "yes" if found.left_alone else ""))
    check("reliability.md", "faults", table(("Part", "The site", "Outcome", "Asked", "Left alone"), rows))


def test_ours_the_documented_codes_are_those_there_are() -> None:
    rows = [
        (f"`{f.code}`", f.meaning, "yes" if f.again else "", "yes" if f.host else "")
        for f in sorted(FAULTS.values(), key=lambda fault: fault.code)
    ]
    check("reliability.md", "codes", table(("Code", "Meaning", "Tried again", "Counts against the host"), rows))


def test_ours_the_documented_limits_are_the_defaults() -> None:
    rows = [(f"`{field.name}`", f"{field.default:,}") for field in fields(Limits)]
    check("reliability.md", "limits", table(("Limit", "Default"), rows))
