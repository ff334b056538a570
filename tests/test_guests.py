"""The sources of other sites that come with the project, each on the saved page of its site."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kindling import extract
from kindling.flow import Extraction, Page
from kindling.sources import load

from tests.cases import PAGES
from tests.live import ROOT

GUESTS = {
    "books": ("books_toscrape", ("title", "url", "rating")),
    "quotes": ("quotes_toscrape", ("text", "author", "tags")),
    "trending": ("github_trending", ("name", "url", "description", "language", "stars", "forks", "stars_today")),
    "volcanoes": ("wikipedia_volcanoes", ("name", "metres", "feet", "notes", "url")),
    "hackernews": ("hackernews_2020", ("id", "rank", "title", "url", "site")),
}
"""Source to saved page, and the fields that both name alike."""


def saved(name: str) -> tuple[Extraction, dict[str, Any]]:
    """What a shipped source finds on the saved page of its site, and what is known to be there."""
    source = load(ROOT / "functions" / "sources" / f"{name}.yaml")
    file, _ = GUESTS[name]
    facts = json.loads((PAGES / f"{file}.json").read_text(encoding="utf-8"))
    page = Page(facts["base"], 200, "text/html", "utf-8", (PAGES / f"{file}.html").read_bytes(), 0)
    return extract.extract(page, source), facts


@pytest.mark.parametrize("name", sorted(GUESTS))
def test_a_shipped_source_takes_every_record_of_its_saved_page(name: str) -> None:
    found, facts = saved(name)
    shared = GUESTS[name][1]
    expected = [{field: record[field] for field in shared if record[field] is not None} for record in facts["expected"]]
    assert [{field: row.document[field] for field in shared if field in row.document} for row in found.rows] == expected


def test_books_have_prices_in_pounds() -> None:
    found, facts = saved("books")
    assert [row.document["price"] for row in found.rows] == [
        {"amount": record["price"], "currency": "GBP"} for record in facts["expected"]
    ]


def test_stories_have_the_points_and_author_of_the_row_below() -> None:
    found, facts = saved("hackernews")
    assert [(row.document.get("points"), row.document.get("author")) for row in found.rows] == [
        (record["_points"], record["_author"]) for record in facts["expected"]
    ]
