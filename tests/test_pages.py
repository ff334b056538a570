"""Ten real pages: each source file under tests/pages takes exactly the records that two other parsers found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kindling import extract, sources
from kindling.flow import Page

from tests.cases import PAGES

ROOT = Path(__file__).parents[1]
DEFINITIONS = ROOT / "tests" / "pages"
NAMES = sorted(path.stem for path in DEFINITIONS.glob("*.yaml"))

MADE_OF_ANOTHER_ROW = {"_points": "points", "_author": "author", "_comments": "comments"}
"""Names in the expected records that mark a field as hard to reach; in our definitions they have none of that."""

NEXT = {
    "books_toscrape": "http://books.toscrape.com/catalogue/page-2.html",
    "hackernews_2020": "https://news.ycombinator.com/news?p=2",
    "quotes_toscrape": "http://quotes.toscrape.com/page/2/",
}

OFFERED = {"songkick_jsonld": 13}
"""Where an offer is one type of the page's records: the events, without the group that plays them."""


def told(name: str) -> dict[str, Any]:
    """What is known of a page."""
    known: dict[str, Any] = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    return known


def page(name: str) -> Page:
    """The page as it was served."""
    known = told(name)
    media_type, _, charset = known["content_type"].partition("; charset=")
    body = (PAGES / known["page"]).read_bytes()
    return Page(url=known["url"], status=200, media_type=media_type, charset=charset or None, body=body, fetched_ms=0)


def test_all_ten_pages_have_a_definition() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.html")) == NAMES
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_the_records_are_exactly_the_expected_ones(name: str) -> None:
    found = extract.extract(page(name), sources.load(DEFINITIONS / f"{name}.yaml"))
    expected = [{MADE_OF_ANOTHER_ROW.get(k, k): v for k, v in row.items()} for row in told(name)["expected"]]
    assert [row.document for row in found.rows] == expected
    assert (found.rejects, found.warnings, found.next, found.seen) == ((), (), NEXT.get(name), len(expected))


@pytest.mark.parametrize("name", NAMES)
def test_ours_one_of_the_first_three_offers_of_a_page_has_all_its_records(name: str) -> None:
    assert OFFERED.get(name, told(name)["count"]) in {offer.count for offer in extract.offers(page(name))[:3]}
