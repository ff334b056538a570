"""Every page from the keyboard alone: Tab reaches whatever can be used, and what has the focus is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

PRESSES_MAX = 250  # more than any of the pages has stops; a date alone has seven
PAGES = {
    "the overview": ("#/", "Overview", ".rows a"),
    "a new source": ("#/new", "New source", "#url"),
    "a source": ("#/sources/movies", "movies", ".run"),
    "a collection": ("#/collections/movies?year__gte=2010", "movies", "tbody tr"),
    "a document": ("#/collections/notes/tea", "Tea", "textarea"),
    "the changes": ("#/changes", "Changes", ".feed > li"),
    "what is not there": ("#/nothing", "That did not work", "main a"),
}
OPEN_ALL = "() => { for (const fold of document.querySelectorAll('main details')) fold.open = true; }"
WATCH = """() => {
    window.unseen = [];
    window.reached = new Set();
    const marked = (one) => {
        const {outlineStyle, boxShadow} = getComputedStyle(one);
        return outlineStyle !== "none" || boxShadow !== "none";
    };
    document.addEventListener("focusin", ({target}) => {
        reached.add(target);
        let near = target;  // an editor is outlined with its line numbers
        for (let step = 0; step < 2 && near && !marked(near); step += 1) near = near.parentElement;
        if (!near || !marked(near)) unseen.push(target.outerHTML.slice(0, 200));
    });
}"""
MISSED = """() => {
    const can = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const usable = (one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0;
    return [...document.querySelectorAll(can)]
        .filter((one) => usable(one) && !reached.has(one))
        .map((one) => one.outerHTML.slice(0, 200));
}"""


def walk(page: Page) -> list[str]:
    """What Tab has not reached after it went once through the page."""
    missed: list[str] = []
    for _ in range(PRESSES_MAX):
        page.keyboard.press("Tab")
        missed = page.evaluate(MISSED)
        if not missed:
            break
    return missed


@pytest.mark.parametrize(("path", "title", "there"), PAGES.values(), ids=PAGES)
def test_spec_tab_reaches_everything_and_one_sees_where_one_is(
    page: Opened, site: Site, path: str, title: str, there: str
) -> None:
    shown = page.go(path)
    page.sign_in(site.key)
    expect(shown.get_by_role("heading", level=1)).to_have_text(title)
    expect(shown.locator(there).first).to_be_attached()
    shown.evaluate(OPEN_ALL)
    shown.evaluate(WATCH)
    assert walk(shown) == []
    assert shown.evaluate("unseen") == []
