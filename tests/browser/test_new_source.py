"""A new source by clicking: an address, an offer, columns named in a live preview, saved and run; never any code."""

from __future__ import annotations

import re
from itertools import count

import pytest
from kindling.fieldtypes import FIELD_TYPES
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.sources import made
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

NAMES = (f"clicked{n}" for n in count())
SUITE = "http://127.0.0.1:5000"
READ = re.compile(r"^\d+ records? on this page")


def looked(page: Opened, site: Site, address: str) -> Page:
    """The page of a new source that has read `address`."""
    shown = page.go("#/new")
    page.sign_in(site.key)
    shown.get_by_label("1. Which page?").fill(address)
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("radio").first).to_be_checked()
    settled(shown)
    return shown


def settled(page: Page) -> None:
    """Waits until the preview shows what was clicked."""
    expect(page.get_by_role("button", name="Save the source")).to_have_attribute("aria-disabled", "false")


def column(page: Page, name: str) -> Locator:
    """The head of a column."""
    return page.locator(".column").filter(has=page.get_by_text(name, exact=True))


def yaml(page: Page) -> str:
    """The definition that is shown."""
    return page.locator("details code").text_content() or ""


def values(page: Page, name: str) -> list[str]:
    """What a column shows, without what a record does not have."""
    heads = page.locator(".column-name").all_inner_texts()
    place = heads.index(name) + 1
    cells = page.locator(f".columns-table tbody td:nth-child({place})").all_inner_texts()
    return [cell for cell in cells if cell != "—"]


def test_spec_from_an_address_to_an_api_by_clicking(page: Opened, site: Site) -> None:
    name = next(NAMES)
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    expect(shown.locator(".offer").first).to_contain_text("A list of 8 records: title, url, year")
    expect(shown.locator(".column-name")).to_have_text(["title", "url", "year"])
    expect(column(shown, "year")).to_contain_text("text, or a whole number?")
    column(shown, "year").click()
    words = [row.words for row in FIELD_TYPES.values()]
    expect(shown.get_by_label("Is a").get_by_role("option")).to_have_text(words)
    shown.get_by_role("button", name="take it as a whole number").click()
    shown.get_by_label("every record has it").check()
    column(shown, "title").click()
    shown.get_by_role("group", name="Column title").get_by_label("Name").fill("film")
    shown.get_by_label("tells records apart").check()
    column(shown, "url").click()
    shown.get_by_role("button", name="Remove").click()
    expect(shown.locator(".column-name")).to_have_text(["film", "year"])
    settled(shown)
    expect(column(shown, "year")).to_contain_text("whole number, required")
    expect(column(shown, "year")).to_contain_text("in 8 of 8")
    assert values(shown, "film")[0] == "Turn It Down, Or Else!"
    shown.get_by_label("Read it").select_option("every 6 hours")
    shown.get_by_label("Everybody may read the data").check()
    settled(shown)
    assert yaml(shown) == (
        "url: /demo/movies.html\nevery: 6h\nrecords: li.movie\nkey: film\nfields:\n"
        "  film: h2.title\n  year:\n    select: span.year\n    type: integer\n    required: true\npublic: true\n"
    )
    shown.get_by_text("The definition as YAML").click()
    shown.get_by_role("button", name="Copy the YAML").click()
    expect(shown.get_by_role("button", name="Copied")).to_be_visible()
    assert shown.evaluate("navigator.clipboard.readText()") == yaml(shown)
    kept = yaml(shown)
    shown.locator("#name").fill(name)
    shown.get_by_role("button", name="Save the source").click()
    expect(shown.get_by_role("button", name="Run now")).to_be_focused()
    assert site.ask("GET", f"/get_sources/{name}", 200).json()["yaml"] == kept
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("heading", level=1)).to_have_text(name)
    expect(shown.locator(".ended, .runs .badge").first).to_contain_text("ok")
    items = site.ask("GET", f"/get_data/{name}?film=Paper Submarine&_omit=_id", 200).json()["items"]
    assert items == [{"film": "Paper Submarine", "year": 2019}]


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened, site: Site) -> None:
    page = looked(any_look, site, f"{site.hosting}/demo/users.html")
    column(page, "city").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_values_that_cannot_be_read_so_are_shown_with_the_reason(page: Opened, site: Site) -> None:
    shown = looked(page, site, f"{site.hosting}/demo/users.html")
    column(shown, "city").click()
    shown.get_by_label("Is a").select_option("number")
    expect(shown.locator(".mistake")).to_contain_text("city: not a number")
    expect(shown.locator(".mistake .snippet").first).to_have_text("Utrecht")
    expect(column(shown, "city")).to_contain_text("in 0 of 10")
    assert values(shown, "city") == []
    shown.get_by_label("Is a").select_option("text")
    expect(shown.locator(".mistake")).to_have_count(0)
    settled(shown)
    assert "Utrecht" in values(shown, "city")


def test_spec_another_offer_is_another_table_and_a_removed_column_comes_back(page: Opened, site: Site) -> None:
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    shown.get_by_role("radio").nth(1).check()
    expect(shown.locator(".column-name")).to_have_text(["url", "link"])
    column(shown, "link").click()
    shown.get_by_role("button", name="Remove").click()
    expect(shown.locator(".column-name")).to_have_text(["url"])
    column(shown, "url").click()
    expect(shown.get_by_text("No column tells records apart")).to_have_count(0)
    shown.get_by_label("tells records apart").uncheck()
    expect(shown.get_by_text("No column tells records apart")).to_be_visible()
    shown.get_by_role("button", name="Put link back").click()
    expect(shown.locator(".column-name")).to_have_text(["url", "link"])
    settled(shown)
    assert len(values(shown, "link")) == 8


FOR_MACHINES = {
    "a feed": ("movies.rss?_limit=3", "A feed of 3 records", {"title", "link", "id"}),
    "JSON": ("users?_limit=4&_select=name,email", "A list of the JSON of 4 records", {"id", "name", "email"}),
    "CSV": ("users.csv?_limit=5&_select=name", "The table of the CSV of 5 records", {"id", "name"}),
}


@pytest.mark.parametrize(("path", "offer", "names"), FOR_MACHINES.values(), ids=FOR_MACHINES)
def test_spec_what_is_made_for_machines_is_taken_as_well(
    page: Opened, site: Site, path: str, offer: str, names: set[str]
) -> None:
    shown = looked(page, site, f"{site.hosting}/get_data/{path}")
    expect(shown.locator(".offer").first).to_contain_text(offer)
    assert names <= set(shown.locator(".column-name").all_inner_texts())


def test_spec_a_column_of_a_feed_is_renamed(page: Opened, site: Site) -> None:
    shown = looked(page, site, f"{site.hosting}/get_data/movies.rss?_limit=3")
    titles = values(shown, "title")
    column(shown, "title").click()
    shown.get_by_role("group", name="Column title").get_by_label("Name").fill("headline")
    settled(shown)
    expect(column(shown, "headline")).to_contain_text("in 3 of 3")
    assert values(shown, "headline") == titles


def test_spec_two_columns_of_one_name_and_one_without_are_refused_at_once(page: Opened, site: Site) -> None:
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    column(shown, "year").click()
    name = shown.get_by_role("group", name="Column year").get_by_label("Name")
    name.fill("title")
    expect(shown.locator(".column-form .bad")).to_have_text("There is a column title already.")
    name.fill("")
    expect(shown.locator(".column-form .bad")).to_contain_text("A column needs a name")
    expect(shown.locator(".column-name")).to_have_text(["title", "url", "year"])


def test_spec_a_name_the_api_refuses_stands_at_its_column_and_nothing_is_saved(page: Opened, site: Site) -> None:
    page.watch.expect("status of 400")
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    column(shown, "year").click()
    shown.get_by_role("group", name="Column year").get_by_label("Name").fill("the/year")
    expect(shown.locator(".column.wrong")).to_be_visible()
    save = shown.get_by_role("button", name="Save the source")
    expect(save).to_have_attribute("aria-disabled", "true")
    expect(shown.get_by_text("Mend the columns first.")).to_be_visible()


ADDRESSES = {
    "a page that is not there": ("/demo/nothing.html", "404"),
    "an address inside": ("http://169.254.169.254/", "169.254.169.254"),
    "an address that is not of the web": ("ftp://example.com/", "ftp"),
}


@pytest.mark.parametrize(("address", "told"), ADDRESSES.values(), ids=ADDRESSES)
def test_spec_a_page_that_cannot_be_read_is_told_in_words(page: Opened, site: Site, address: str, told: str) -> None:
    page.watch.expect("status of 422")
    shown = page.go("#/new")
    page.sign_in(site.key)
    shown.get_by_label("1. Which page?").fill(address)
    shown.get_by_role("button", name="Look at it").click()
    expect(shown.locator(".mistake")).to_contain_text(told)


def test_ours_an_address_is_taken_as_it_was_meant(page: Opened) -> None:
    cases = {
        "shop.example/a": "https://shop.example/a",
        "shop.example:8080/a": "https://shop.example:8080/a",
        "127.0.0.1:8000/a": "http://127.0.0.1:8000/a",
        "localhost:8000": "http://localhost:8000",
        "[::1]:8000/": "http://[::1]:8000/",
        "localhost.example/a": "https://localhost.example/a",
        "https://127.0.0.1:8000/": "https://127.0.0.1:8000/",
        "ftp://shop.example/": "ftp://shop.example/",
        "/demo/": "/demo/",
        "http://127.0.0.1:5000/demo/a.html?b=1#c": "/demo/a.html?b=1",
        "127.0.0.1:5000": "/",
        "http://me:secret@127.0.0.1:5000/": "http://me:secret@127.0.0.1:5000/",
        "https://127.0.0.1:5000/": "https://127.0.0.1:5000/",
        "no address": "https://no address",
    }
    shown = page.go("#/")
    module = "import('/dashboard/newsource/draft.js')"
    meant = f"async (texts) => {{ const m = await {module}; return texts.map((t) => m.meant(t, '{SUITE}')); }}"
    assert dict(zip(cases, shown.evaluate(meant, list(cases)), strict=True)) == cases


def test_spec_the_two_fields_of_a_column_stand_beside_each_other(page: Opened, site: Site) -> None:
    shown = looked(page, site, "/demo/movies.html")
    column(shown, "year").click()
    form = shown.get_by_role("group", name="Column year")
    expect(form.get_by_role("button", name="take it as a whole number")).to_be_visible()
    boxes = [form.get_by_label(label).bounding_box() for label in ("Name", "Is a")]
    places = [(box["y"], box["height"]) for box in boxes if box]
    assert len(places) == 2
    assert places[0] == places[1]


def test_spec_what_was_wrong_with_a_name_is_gone_when_another_is_typed(page: Opened, site: Site) -> None:
    shown = looked(page, site, "/demo/movies.html")
    shown.locator("#name").fill(made(site))
    shown.get_by_role("button", name="Save the source").click()
    expect(shown.locator(".mistake")).to_contain_text("There is a source")
    shown.locator("#name").fill("No Name")
    expect(shown.locator(".mistake")).to_have_count(0)


def test_spec_a_name_that_is_taken_is_not_overwritten(page: Opened, site: Site) -> None:
    name = made(site)
    before = site.ask("GET", f"/get_sources/{name}", 200).json()["yaml"]
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    shown.locator("#name").fill(name)
    shown.get_by_role("button", name="Save the source").click()
    expect(shown.locator(".mistake")).to_have_text(f"There is a source {name} already; take another name.")
    assert site.ask("GET", f"/get_sources/{name}", 200).json()["yaml"] == before


def test_spec_the_name_that_is_proposed_is_free(page: Opened, site: Site) -> None:
    assert site.ask("GET", "/get_sources/movies", 200).json()["name"] == "movies"
    shown = looked(page, site, f"{site.hosting}/demo/movies.html")
    expect(shown.locator("#name")).to_have_value("movies-2")
    long = "a" * 63
    asked = [["b", [long]], [long, [long]], [long, [long, f"{long[:61]}-2"]]]
    module = "import('/dashboard/newsource/draft.js')"
    free = f"async (asked) => {{ const m = await {module}; return asked.map((a) => m.freeName(...a)); }}"
    assert shown.evaluate(free, asked) == ["b", f"{long[:61]}-2", f"{long[:61]}-3"]


def test_spec_strangers_are_asked_to_sign_in(page: Opened) -> None:
    shown = page.go("#/new")
    expect(shown.get_by_text("Only administrators make sources.")).to_be_visible()
    assert violations(shown) == []
