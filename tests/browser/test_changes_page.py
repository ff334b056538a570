"""The page of changes: several logs as one, the latest first, narrowed down by clicking, read as far as needed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

LOGS = ("news_a", "news_b")
ROUNDS = 40


@pytest.fixture(scope="module", autouse=True)
def logs(site: Site) -> Iterator[None]:
    """Two collections that changed in turn, and a price that changed once."""
    for number in range(ROUNDS):
        for name in LOGS:
            site.save(name, [{"id": "one", "title": f"{name} one", "n": number}])
    site.ask("PATCH", "/save_data/news_a/one", 200, {"price": 3})
    yield
    for name in LOGS:
        site.ask("DELETE", f"/delete_data/{name}?_confirm={name}", 204)


def entries(page: Page) -> Locator:
    """The entries that are shown."""
    return page.locator(".feed > li")


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened) -> None:
    page = any_look.go("#/changes")
    expect(entries(page)).not_to_have_count(0)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_logs_are_one_feed_the_latest_first(page: Opened, site: Site) -> None:
    shown = page.go("#/changes")
    expect(entries(shown)).to_have_count(30)
    expect(entries(shown).nth(0)).to_contain_text("one in news_a")
    expect(entries(shown).nth(0).locator(".became li")).to_have_text(["price 3"])
    expect(entries(shown).nth(1)).to_contain_text("one in news_b")
    expect(entries(shown).nth(1).locator(".became li")).to_have_text([re.compile(r"n\s+38\s+→became\s+39")])
    expect(entries(shown).nth(2)).to_contain_text("in news_a")
    shown.get_by_role("button", name="Older changes").click()
    expect(entries(shown)).to_have_count(60)
    every = [item["at"] for name in LOGS for item in site.get(f"/get_changes/{name}?_limit=1000").json()["items"]]
    seen = [one.get_attribute("datetime") for one in entries(shown).locator("time").all()]
    assert seen == sorted(every, reverse=True)[:60]


def test_spec_no_more_is_read_than_is_shown(open_page: OpenPage) -> None:
    one = open_page()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/get_changes/" in request.url:
            asked.append(request.url.partition("/get_changes/")[2].partition("?")[0])

    one.page.on("request", note)
    expect(entries(one.go("#/changes"))).to_have_count(30)
    assert sorted(asked) == sorted(LOGS), "collections that changed earlier are not asked"


FILTERS = {
    "one collection": ("Collection", "news_b", "collection=news_b", "in news_b"),
    "what was added": ("What happened", "added", "op=added", "added"),
}


@pytest.mark.parametrize(("label", "choice", "query", "wanted"), FILTERS.values(), ids=FILTERS)
def test_spec_a_choice_narrows_the_feed_and_is_in_the_url(
    page: Opened, label: str, choice: str, query: str, wanted: str
) -> None:
    shown = page.go("#/changes")
    shown.get_by_label(label).select_option(choice)
    expect(shown).to_have_url(re.compile(f"{query}$"))
    expect(entries(shown).filter(has_not_text=wanted)).to_have_count(0)
    expect(entries(shown)).not_to_have_count(0)
    shown.go_back()
    expect(entries(shown)).to_have_count(30)


def test_spec_the_changes_of_a_field_are_found(page: Opened) -> None:
    shown = page.go("#/changes?collection=news_a")
    shown.get_by_label("Field").fill("price")
    shown.keyboard.press("Enter")
    expect(entries(shown).locator(".became li")).to_have_text(["price 3"])
    expect(shown.get_by_text("That is all.")).to_be_visible()


def test_spec_a_time_ends_the_feed(page: Opened, site: Site) -> None:
    at = site.get("/get_changes/news_b?_sort=-at&_limit=2").json()["items"][-1]["at"]
    shown = page.go(f"#/changes?collection=news_b&since={at}")
    expect(entries(shown)).to_have_count(2)
    expect(shown.get_by_text("That is all.")).to_be_visible()


def test_spec_what_fits_nothing_is_said(page: Opened) -> None:
    shown = page.go("#/changes?collection=notes&op=removed")
    expect(shown.get_by_text("No change is as the filters say.")).to_be_visible()
    shown.get_by_role("button", name="Show everything").click()
    expect(entries(shown)).to_have_count(30)


def test_spec_a_collection_has_its_atom_feed(page: Opened, site: Site) -> None:
    shown = page.go("#/changes?collection=notes")
    link = shown.get_by_role("link", name="Atom feed of these changes")
    answer = site.get(link.get_attribute("href") or "")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
