"""robots.txt: what the RFC's own reference implementation says of it, in the public cases beside the project."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from kindling.fetch.robots import parse

from tests.cases import VECTORS


def cases(file: str, google_only: bool = False) -> list[dict[str, Any]]:
    return [case for case in json.loads((VECTORS / file).read_text()) if case["google_only"] is google_only]


def wrong(found: list[dict[str, Any]]) -> list[str]:
    """The cases that are decided otherwise than they say."""
    return [
        f"{case['test']}:{case['line']}"
        for case in found
        if parse(case["robotstxt"], case["ua"]).allows(target(case["url"])) is not case["allowed"]
    ]


def target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def test_spec_all_cases_that_follow_the_rfc() -> None:
    found = cases("robots_google.json") + cases("robots_rfc9309.json")
    assert (len(found), wrong(found)) == (91, [])


def test_ours_of_what_google_adds_to_the_rfc_two_things_are_left_out() -> None:
    found = wrong(cases("robots_google.json", google_only=True))
    index_html_is_its_folder = ["GoogleOnly_IndexHTMLisDirectory:505"]
    long_lines_are_cut = ["GoogleOnly_LineTooLong:539", "GoogleOnly_LineTooLong:565"]
    assert found == index_html_is_its_folder + long_lines_are_cut
