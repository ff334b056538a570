"""A collection's page: everything the API can be asked, asked by clicking, and the URL says the same as the table."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.sources import change, made, run
from tests.browser.table import titles
from tests.browser.watched import Opened
from tests.clients.served import Site
from tests.running_suite import DEADLINE_S

pytestmark = [pytest.mark.browser, pytest.mark.suite]

MOVIES = "#/collections/movies"


def asked(page: Page) -> str:
    """The query in the page's own URL."""
    return page.url.partition("?")[2]


def told(site: Site, query: str, field: str = "title") -> list[Any]:
    """What the API itself answers."""
    return [item[field] for item in site.get(f"/get_data/movies?{query}").json()["items"]]


def printed(*command: str) -> str:
    """What a program prints that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=DEADLINE_S).stdout


def add_filter(page: Page, field: str, word: str, value: str) -> None:
    """Adds a filter with the form, by its labels."""
    page.get_by_label("Field").select_option(field)
    page.get_by_label("Operator").select_option(label=word)
    control = page.get_by_label("Value", exact=True)
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)
    page.get_by_role("button", name="Add filter").click()


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened) -> None:
    page = any_look.go(f"{MOVIES}?year__gte=2015&_sort=-year")
    expect(titles(page)).not_to_have_count(0)
    for fold in ("Values that occur", "Columns, rows and time", "Use this data"):
        page.get_by_text(fold, exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Comedy"))).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_the_table_has_the_types_in_its_head_and_the_values_in_its_rows(page: Opened, site: Site) -> None:
    shown = page.go(MOVIES)
    expect(titles(shown)).to_have_text(told(site, ""))
    heads = {
        one.locator("bdi").inner_text(): one.locator("small").inner_text() for one in shown.locator("thead th").all()
    }
    assert heads == {
        "title": "text",
        "year": "integer",
        "info.actors": "text",
        "info.directors": "text",
        "info.genres": "text",
        "info.image_url": "text",
        "info.plot": "text",
        "info.rating": "number",
        "info.release_date": "text",
        "info.running_time_min": "integer",
    }


FILTERS = {
    "a number from a value on": (("year", "is at least", "2018"), "year__gte=2018"),
    "a text that begins so": (("title", "begins with", "The "), "title__startswith=The+"),
    "an element of a list": (("info.genres", "is", "Comedy"), "info.genres=Comedy"),
    "one of several": (("year", "is one of", "2013,2015"), "year__in=2013%2C2015"),
    "a field that is not there": (("info.rating", "is there", "0"), "info.rating__exists=0"),
}


@pytest.mark.parametrize(("filled", "query"), FILTERS.values(), ids=FILTERS)
def test_spec_a_filter_is_built_by_clicking_and_taken_away_again(
    page: Opened, site: Site, filled: tuple[str, str, str], query: str
) -> None:
    shown = page.go(MOVIES)
    add_filter(shown, *filled)
    expect(shown.locator(".chip")).to_have_count(1)
    assert asked(shown) == query
    expect(titles(shown)).to_have_text(told(site, query))
    shown.get_by_role("button", name=re.compile("^Remove the filter")).press("Enter")
    expect(shown.locator(".chip")).to_have_count(0)
    expect(titles(shown)).to_have_count(14)
    assert asked(shown) == ""


def test_spec_headers_sort_turn_round_and_end_and_shift_sorts_by_several(page: Opened, site: Site) -> None:
    shown = page.go(MOVIES)
    rating, year = (shown.get_by_role("button", name=name) for name in ("info.rating", "year"))
    steps = [
        (rating, "Enter", "_sort=info.rating"),
        (rating, "Enter", "_sort=-info.rating"),
        (rating, "Enter", ""),
        (rating, "Shift+Enter", "_sort=info.rating"),
        (rating, "Shift+Enter", "_sort=-info.rating"),
        (year, "Shift+Enter", "_sort=-info.rating%2Cyear"),
    ]
    for header, key, query in steps:
        header.press(key)
        expect(shown).to_have_url(re.compile(re.escape(f"{MOVIES}?{query}".removesuffix("?")) + "$"))
        expect(titles(shown)).to_have_text(told(site, query))
    expect(shown.locator("th[aria-sort=descending]")).to_contain_text("info.rating")
    expect(shown.locator("th[aria-sort=ascending]")).to_contain_text("year")
    assert shown.evaluate("document.activeElement.textContent").startswith("year"), "the focus stays on the header"


def test_spec_words_are_searched_anywhere(page: Opened, site: Site) -> None:
    shown = page.go(MOVIES)
    shown.get_by_label("Search").fill("BAND plays")
    shown.keyboard.press("Enter")
    expect(titles(shown)).to_have_text(told(site, "_q=band plays"))
    assert asked(shown) == "_q=BAND+plays"


def test_spec_facets_count_the_values_and_filter_by_one(page: Opened, site: Site) -> None:
    shown = page.go(MOVIES)
    shown.get_by_text("Values that occur").press("Enter")
    values = {one["value"]: one["count"] for one in site.get("/get_data/movies?_distinct=info.genres").json()["values"]}
    facet = shown.locator(".facets section", has_text="info.genres")
    expect(facet.get_by_role("button")).to_have_count(len(values))
    found = [text.strip().rpartition(" ") for text in facet.get_by_role("button").all_inner_texts()]
    assert {name: int(count) for name, _, count in found} == values
    facet.get_by_role("button", name="Comedy").press("Enter")
    expect(titles(shown)).to_have_text(told(site, "info.genres=Comedy"))
    expect(facet.get_by_role("button", name="Comedy")).to_have_attribute("aria-pressed", "true")
    assert shown.evaluate("document.activeElement.textContent").startswith("Comedy"), "the focus stays on the value"
    facet.get_by_role("button", name="Comedy").click()
    expect(titles(shown)).to_have_count(14)


def test_spec_columns_are_chosen(page: Opened) -> None:
    shown = page.go(MOVIES)
    shown.get_by_text("Columns, rows and time").click()
    for name in ("info.actors", "info.plot", "info.directors", "info.genres", "info.image_url", "info.release_date"):
        shown.get_by_role("checkbox", name=name).uncheck()
    expect(shown.locator("thead th bdi")).to_have_text(["title", "year", "info.rating", "info.running_time_min"])
    assert asked(shown) == "_select=title%2Cyear%2Cinfo.rating%2Cinfo.running_time_min"
    shown.get_by_role("button", name="All columns").click()
    expect(shown.locator("thead th")).to_have_count(10)


def test_spec_rows_a_page_and_records_that_are_gone_are_chosen(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    change(site, name, records="li.person:not(:first-child)")
    assert run(site, name)["removed"] == 1
    shown = page.go(f"#/collections/{name}")
    expect(titles(shown)).to_have_count(9)
    shown.get_by_text("Columns, rows and time").click()
    shown.get_by_label("Also records that are gone from their page").check()
    expect(titles(shown)).to_have_count(10)
    shown.get_by_label("Rows a page").select_option("25")
    expect(shown).to_have_url(re.compile(r"\?_gone=1&_limit=25$"))
    shown.get_by_label("Also records that are gone from their page").uncheck()
    expect(titles(shown)).to_have_count(9)
    assert asked(shown) == "_limit=25"


def test_spec_pages_lead_forward_and_back_and_the_back_button_works(page: Opened, site: Site) -> None:
    shown = page.go(f"{MOVIES}?_limit=5")
    every = told(site, "_limit=100")
    where = shown.locator(".pager span")
    expect(titles(shown)).to_have_text(every[:5])
    expect(where).to_have_text("1–5 of 14")
    following = shown.get_by_role("button", name="Next")
    following.press("Enter")
    expect(where).to_have_text("6–10 of 14")
    following.press("Enter")
    expect(titles(shown)).to_have_text(every[10:])
    expect(where).to_have_text("11–14 of 14")
    expect(following).to_have_attribute("aria-disabled", "true")
    assert shown.evaluate("document.activeElement.textContent") == "Next", "the focus stays on the button"
    shown.get_by_role("button", name="Previous").click()
    expect(titles(shown)).to_have_text(every[5:10])
    shown.go_back()
    expect(titles(shown)).to_have_text(every[10:])
    shown.reload()
    expect(titles(shown)).to_have_text(every[10:])
    shown.get_by_role("button", name="First page").click()
    expect(where).to_have_text("1–5 of 14")


def test_spec_the_query_is_taken_along_as_it_is_shown(page: Opened, site: Site, tmp_path: Path) -> None:
    shown = page.go(f"{MOVIES}?title__contains=Or%20Else!&info.genres=Comedy&_sort=-year")
    shown.get_by_text("Use this data").click()
    code = shown.get_by_role("region", name="The query as code")

    def as_(name: str) -> str:
        shown.get_by_role("button", name=name, exact=True).click()
        shown.get_by_role("button", name="Copy", exact=True).click()
        assert shown.evaluate("navigator.clipboard.readText()") == code.inner_text()
        return code.inner_text()

    wanted = told(site, "title__contains=Or%20Else!&info.genres=Comedy&_sort=-year")
    answer = requests.get(as_("URL"), timeout=DEADLINE_S).json()
    assert [item["title"] for item in answer["items"]] == wanted
    assert json.loads(printed("bash", "-c", as_("curl") + " -s")) == answer
    script = tmp_path / "asks.py"
    script.write_text(as_("Python"))
    assert json.loads(printed(sys.executable, str(script))) == answer
    script.write_text(as_("pandas") + '\nprint(*table["title"], sep="\\n")')
    assert printed(sys.executable, str(script)).splitlines()[-len(wanted) :] == wanted
    status, _, body = printed("node", "--input-type=module", "--eval", as_("JavaScript")).partition(" ")
    assert (status, json.loads(body)) == ("200", answer)
    formula = re.fullmatch(r'=IMPORTDATA\("(.*)"\)', as_("Spreadsheet"))
    assert formula
    rows = list(csv.DictReader(requests.get(formula[1], timeout=DEADLINE_S).text.splitlines()))
    assert [row["title"] for row in rows] == wanted


def test_spec_the_question_is_followed_in_a_feed_reader(page: Opened, site: Site) -> None:
    shown = page.go(f"{MOVIES}?info.genres=Comedy&_sort=-year")
    shown.get_by_text("Use this data").click()
    links = {one.inner_text(): one.get_attribute("href") or "" for one in shown.locator(".share a").all()}
    assert links == {
        "Atom": "/get_data/movies.atom?info.genres=Comedy",
        "RSS": "/get_data/movies.rss?info.genres=Comedy",
        "JSON Feed": "/get_data/movies.jsonfeed?info.genres=Comedy",
        "Atom of the changes": "/get_changes/movies.atom",
    }
    assert {name: site.get(path).status_code for name, path in links.items()} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("name", ["CSV", "JSON", "NDJSON"])
def test_spec_everything_that_fits_is_downloaded(page: Opened, site: Site, name: str) -> None:
    shown = page.go(f"{MOVIES}?year__gte=2015&_limit=5")
    shown.get_by_text("Use this data").click()
    with shown.expect_download() as started:
        shown.get_by_role("button", name=name, exact=True).click()
    expect(shown.locator(".share [role=status]")).to_have_text(re.compile(r"^\d+ documents saved\.$"))
    assert started.value.suggested_filename == f"movies.{name.lower()}"
    saved = Path(started.value.path()).read_bytes()
    answer = site.get(f"/get_data/movies.{name.lower()}?year__gte=2015" + ("&_shape=array" if name == "JSON" else ""))
    assert saved.strip() == answer.content.strip()


def test_spec_mistakes_stand_beside_the_filter_they_are_about(page: Opened) -> None:
    page.watch.expect("status of 400")
    shown = page.go(f"{MOVIES}?year__gte=soon&_sort=nothing")
    chip = shown.locator(".chips li", has_text="year")
    expect(chip.get_by_role("alert")).to_have_text(re.compile("year is number and 'soon' is not"))
    expect(shown.locator(".narrow > div > .mistake")).to_have_text(re.compile("^_sort: movies has no field 'nothing'"))
    assert violations(shown) == []
    chip.get_by_role("button").click()
    expect(shown).to_have_url(re.compile(r"_sort=nothing$"))


def test_spec_the_data_is_shown_as_it_was(page: Opened, site: Site) -> None:
    site.save("past", [{"id": "one", "title": "Then"}])
    at = site.get("/get_changes/past").json()["items"][-1]["at"]
    site.ask("PUT", "/save_data/past/one", 200, {"title": "Now"})
    shown = page.go(f"#/collections/past?_as_of={at}")
    expect(titles(shown)).to_have_text(["Then"])
    expect(shown.get_by_text("This is the past")).to_be_visible()
    titles(shown).get_by_role("link").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Then")
    shown.go_back()
    shown.get_by_text("Columns, rows and time").click()
    shown.get_by_role("button", name="Back to now").click()
    expect(titles(shown)).to_have_text(["Now"])


def test_spec_an_unknown_collection_is_not_there(page: Opened) -> None:
    page.watch.expect("status of 404")
    shown = page.go("#/collections/nowhere")
    expect(shown.get_by_role("heading", level=1)).to_have_text("It is not there")
    expect(shown.get_by_text("There is no collection 'nowhere'")).to_be_visible()


def test_spec_nothing_that_fits_is_said_and_everything_one_click_away(page: Opened) -> None:
    shown = page.go(f"{MOVIES}?year=1900")
    expect(shown.get_by_role("heading", name="Nothing fits")).to_be_visible()
    assert violations(shown) == []
    shown.get_by_role("button", name="Show everything").click()
    expect(titles(shown)).to_have_count(14)


def test_spec_without_a_network_it_says_so_and_goes_on_later(page: Opened) -> None:
    shown = page.go(MOVIES)
    expect(titles(shown)).to_have_count(14)
    page.watch.expect("ERR_INTERNET_DISCONNECTED")
    shown.context.set_offline(True)
    shown.get_by_role("button", name="year").click()
    expect(shown.get_by_role("heading", name="You are offline")).to_be_visible()
    shown.context.set_offline(False)
    shown.get_by_role("button", name="Try again").click()
    expect(shown.locator("th[aria-sort=ascending]")).to_contain_text("year")
