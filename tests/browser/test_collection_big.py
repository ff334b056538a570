"""A collection's page where no query reads the collection whole: small answers, and an index where one is needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Response, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.table import titles
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

MANY = 10_000
BATCH = 1_000


@pytest.fixture(scope="module")
def many(site: Site) -> Iterator[str]:
    """A collection that no query reads whole."""
    for start in range(0, MANY, BATCH):
        rows = [{"id": f"n{n:05}", "title": f"Row {n}", "n": n} for n in range(start, start + BATCH)]
        site.ask("POST", "/save_data/many?_key=id", 201, rows)
    site.ask("PATCH", "/save_data/many", 200, {"public": True})
    yield "many"
    site.ask("DELETE", "/delete_data/many?_confirm=many", 204)


def test_spec_ten_thousand_rows_page_and_are_never_loaded_whole(open_page: OpenPage, many: str) -> None:
    one = open_page()
    answers: list[tuple[str, int]] = []

    def note(response: Response) -> None:
        if "/get_data/" in response.url:
            answers.append((response.url, int(response.header_value("Content-Length") or 0)))

    one.page.on("response", note)
    shown = one.go(f"#/collections/{many}")
    where = shown.locator(".pager span")
    expect(where).to_have_text("1–50 of 10,000")
    shown.get_by_role("button", name="Next").click()
    expect(where).to_have_text("51–100 of 10,000")
    expect(titles(shown)).to_have_text([f"Row {n}" for n in range(50, 100)])
    assert len(answers) == 2
    assert all("_limit=50" in url and 0 < size < 10_000 for url, size in answers)


def test_spec_a_question_that_needs_an_index_says_so_and_the_index_is_a_click_away(
    open_page: OpenPage, many: str, site: Site
) -> None:
    one = open_page(f"#/collections/{many}?_sort=-n")
    one.watch.expect("status of 422")
    shown = one.page
    expect(shown.get_by_role("heading", name="This needs an index")).to_be_visible()
    expect(
        shown.get_by_text("many has 10000 documents and a query may read 3000; declare an index on n")
    ).to_be_visible()
    assert violations(shown) == []
    one.sign_in(site.key)
    shown.get_by_role("button", name="Index by n").click()
    expect(titles(shown).first).to_have_text("Row 9999")
