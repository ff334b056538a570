"""Whatever was scraped or saved is text: shown as it is, nothing of it runs, loads, styles or leads anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hostile import ADDRESSES, GOOD, INDEX, OPEN_ALL, TAGS, nothing_alive, served
from tests.browser.watched import Opened, opened
from tests.cases import NAUGHTY
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

PAGE = 250
DIGEST = re.compile("--[0-9a-f]{32}$")  # the end of an id whose text would be too long for one
SHOWN_MAX = 160  # characters in a cell before the rest is a click away
TEXTS = "(some) => some.map((one) => one.textContent)"
LEAD = """(some) => some.map((one) => one.getAttribute("href"))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The suite full of hostile data; it hides the one of the other tests."""
    with served(tmp_path_factory.mktemp("hostile")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Opened]:
    """A watched page, which at the end has shown no dialog, run nothing and told nothing."""
    with opened(browser, site.hosting) as one:
        yield one
        nothing_alive(one.page)


def items(site: Site, query: str) -> list[dict[str, Any]]:
    """The items of a GET."""
    return cast("list[dict[str, Any]]", site.get(f"/get_data/{query}").json()["items"])


def written(text: str) -> str:
    """What a cell says for a text."""
    return text or "empty text"


def visible(text: str) -> bool:
    """Whether there is anything to see of a text, so that it can be a name."""
    return any(char.isprintable() and not char.isspace() for char in text)


@pytest.mark.parametrize("start", range(0, len(NAUGHTY), PAGE))
def test_spec_values_are_shown_as_they_are(page: Opened, site: Site, start: int) -> None:
    query = f"_limit={PAGE}&_sort=id"
    if start:
        before = site.get(f"/get_data/values?_limit={start}&_sort=id").json()
        query += f"&_after={before['next']}"
    wanted = [item["text"] for item in items(site, f"values?{query}")]
    shown = page.go(f"#/collections/values?{query}")
    expect(shown.locator("tbody tr")).to_have_count(len(wanted))
    shown.evaluate(OPEN_ALL)
    heads = shown.locator("thead th bdi").all_inner_texts()
    cells = shown.locator(f"tbody td:nth-child({heads.index('text') + 1})")
    found = cells.evaluate_all("(some) => some.map((one) => (one.querySelector('.text') ?? one).textContent)")
    assert found == [written(text) for text in wanted]
    names = shown.locator("tbody th").evaluate_all(TEXTS)
    assert [(name, text) for name, text in zip(names, wanted, strict=True) if visible(text) and name != text] == []


def test_spec_ids_are_shown_and_lead_to_their_documents(page: Opened, site: Site) -> None:
    wanted = items(site, f"ids?_limit={PAGE}&_meta=1")
    shown = page.go(f"#/collections/ids?_limit={PAGE}")
    expect(shown.locator("tbody tr")).to_have_count(len(wanted))
    keys = [unquote(item["_id"].replace("%", "%25").replace("~", "%")) for item in wanted]
    assert shown.locator("tbody th").evaluate_all(TEXTS) == keys
    short = [(key, item["text"]) for key, item in zip(keys, wanted, strict=True) if not DIGEST.search(item["_id"])]
    assert len(short) > len(wanted) * 0.9
    assert [pair for pair in short if pair[0] != pair[1]] == []
    nasty = [
        n for n, item in enumerate(wanted) if any(part in item["text"] for part in ("<script", "../", "javascript:"))
    ]
    for n in nasty[:: max(len(nasty) // 6, 1)]:
        shown.locator("tbody th a").nth(n).click()
        expect(shown.locator(".document tr", has_text="text").locator("td")).to_be_visible()
        assert shown.locator("h1").evaluate("one => one.textContent") == keys[n]
        assert shown.locator(".document td .text").first.evaluate("one => one.textContent") == wanted[n]["text"]
        nothing_alive(shown)
        shown.go_back()
        expect(shown.locator("tbody tr")).to_have_count(len(wanted))


def test_spec_names_and_everything_inside_are_text_on_a_documents_page(page: Opened, site: Site) -> None:
    [whole] = items(site, "names")
    shown = page.go("#/collections/names/whole")
    expect(shown.locator(".document tr")).to_have_count(4)
    row = shown.locator(".document tr", has=shown.locator("th bdi", has_text="keys"))
    names, values = (row.locator(f"td > dl > {part}").evaluate_all(TEXTS) for part in ("dt", "dd"))
    assert dict(zip(names, values, strict=True)) == {name: written(value) for name, value in whole["keys"].items()}
    every = shown.locator(".document tr", has=shown.locator("th bdi", has_text="every")).locator("td > ul > li")
    found = every.evaluate_all("(some) => some.map((one) => one.querySelector('.text, .quiet').textContent)")
    assert found == [written(text) for text in NAUGHTY]
    shown.evaluate(OPEN_ALL)
    nothing_alive(shown)
    text = shown.get_by_role("region", name="The document as JSON").evaluate("one => one.textContent")
    assert json.loads(text) == {name: value for name, value in whole.items() if name != "_id"}


def test_spec_fields_with_hostile_names_are_columns_filters_and_facets(page: Opened, site: Site) -> None:
    shown = page.go("#/collections/names")
    expect(shown.locator("tbody tr")).to_have_count(1)
    shown.evaluate(OPEN_ALL)
    nothing_alive(shown)
    fields = {one["name"]: one["fields"] for one in site.get("/get_data").json()["collections"]}["names"]
    heads = shown.locator("thead th bdi").evaluate_all(TEXTS)
    assert set(heads) - {"_id"} == {
        name for name in fields if name.startswith("keys.") or name in ("id", "every", "nested")
    }
    assert set(shown.get_by_label("Field").locator("option").evaluate_all(TEXTS)) == set(fields)
    tried = [name for name in heads if re.search(r"<script>|\\\\|,|'", name)][::8]
    assert len(tried) > 5
    for name in tried:
        header = shown.locator("thead th").nth(heads.index(name))
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", "ascending")
        expect(shown.locator("th[aria-sort=ascending]")).to_have_count(1)
        expect(shown.locator("tbody tr")).to_have_count(1)


def test_spec_settings_with_hostile_names_are_text(page: Opened, site: Site) -> None:
    shown = page.go("#/collections/names")
    page.sign_in(site.key)
    shown.get_by_text("Settings", exact=True).click()
    assert shown.get_by_role("list", name="Indexes").locator("bdi").evaluate_all(TEXTS) == [INDEX]
    nothing_alive(shown)


@pytest.mark.parametrize("text", [text for text in NAUGHTY if "<" in text and len(text) < SHOWN_MAX][::12])
def test_spec_a_filter_by_it_is_text_and_finds_it(page: Opened, text: str) -> None:
    shown = page.go(f"#/collections/values?text={quote(text, safe='')}")
    expect(shown.locator("tbody tr")).not_to_have_count(0)
    assert shown.locator(".chip b").evaluate("one => one.textContent") == text
    assert set(shown.locator("tbody th").evaluate_all(TEXTS)) == {text}


def test_spec_no_link_leads_where_none_may(page: Opened, site: Site) -> None:
    shown = page.go("#/collections/links")
    expect(shown.locator("tbody tr")).to_have_count(len(ADDRESSES) + 1)
    assert shown.locator("tbody td a").evaluate_all(LEAD) == [GOOD]
    column = shown.locator("thead th bdi").all_inner_texts().index("url") + 1
    assert shown.locator(f"tbody td:nth-child({column}) .text").evaluate_all(TEXTS) == [*ADDRESSES, GOOD]
    for n, address in enumerate([*ADDRESSES, GOOD]):
        page.go(f"#/collections/links/a{n:02}")
        expect(shown.locator("h1")).to_have_text(f"Link {n}")
        leads = [GOOD] if address == GOOD else []
        assert shown.locator(".document a").evaluate_all(LEAD) == leads
        assert shown.get_by_role("link", name="Its own page").evaluate_all(LEAD) == leads
        nothing_alive(shown)


def test_spec_the_feed_of_changes_tells_it_as_text(page: Opened) -> None:
    shown = page.go("#/changes?collection=values")
    expect(shown.locator(".feed > li")).to_have_count(30)
    for pages in range(2, 5):
        shown.get_by_role("button", name="Older changes").click()
        expect(shown.locator(".feed > li")).to_have_count(30 * pages)
    shown.evaluate(OPEN_ALL)
    heads = set(shown.locator(".feed h2 a:first-of-type").evaluate_all(TEXTS))
    assert heads & {text for text in NAUGHTY if "<" in text}


SCRAPED = {
    "#/": "%3Cscript%3Ealert(1)%3C/script%3E: the site answered 418.",
    "#/sources/scraped": TAGS[0],  # an example of what was rejected
    "#/sources/failing": "<script>alert(1)</script>",
    "#/collections/scraped": TAGS[0],
}


@pytest.mark.parametrize(("path", "told"), SCRAPED.items(), ids=SCRAPED)
def test_spec_sources_and_their_runs_tell_it_as_text(page: Opened, site: Site, path: str, told: str) -> None:
    shown = page.go(path)
    page.sign_in(site.key)
    expect(shown.get_by_text("Reading …")).to_have_count(0)
    expect(shown.locator("main")).to_contain_text(told)
    shown.evaluate(OPEN_ALL)
    nothing_alive(shown)
