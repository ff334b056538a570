"""A document's page: its fields, its past, its numbers as a chart, its JSON; and what an administrator may do to it."""

from __future__ import annotations

import json
import re
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

PRICES = (12, 9.5, 11)
BIG = 2**60 + 1  # a double would round it
NAMES = (f"goods{n}" for n in count())


@pytest.fixture
def goods(site: Site) -> str:
    """A public collection with a kettle whose price changed twice."""
    name = next(NAMES)
    for price in PRICES:
        kettle = {"title": "Kettle", "price": {"amount": price, "currency": "EUR"}, "tags": ["a", "b"], "serial": BIG}
        site.save(name, [{"id": "kettle", **kettle}])
    return name


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened, goods: str) -> None:
    page = any_look.go(f"#/collections/{goods}/kettle")
    expect(page.locator("img.chart")).to_be_visible()
    page.get_by_text("As JSON").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_the_fields_are_shown_with_their_types(page: Opened, goods: str) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    expect(shown.get_by_role("heading", level=1)).to_have_text("Kettle")
    rows = {
        one.locator("th bdi").inner_text(): one.locator("td").inner_text()
        for one in shown.locator(".document tr").all()
    }
    assert rows == {"id": "kettle", "price": "€11.00", "serial": str(BIG), "tags": "a, b", "title": "Kettle"}
    types = [one.inner_text() for one in shown.locator(".document th small").all()]
    assert types == ["text", "object", "number", "list", "text"]


def test_spec_the_history_tells_old_and_new(page: Opened, goods: str) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    entries = shown.locator(".feed > li")
    expect(entries).to_have_count(3)
    expect(entries.locator(".op")).to_have_text(["changed", "changed", "added"])
    expect(entries.nth(0).locator(".became li")).to_have_text([re.compile(r"price\.amount\s+9\.5\s+→became\s+11")])
    expect(entries.nth(0)).to_contain_text("by the administrator")


def test_spec_a_number_over_time_is_a_picture_with_words(page: Opened, goods: str) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    chart = shown.locator("img.chart")
    expect(chart).to_have_attribute("alt", "price.amount over time: from 12 to 11, lowest 9.5, highest 12.")
    assert chart.evaluate("one => one.decode().then(() => one.naturalWidth > 0)")
    shown.get_by_text("The values").click()
    expect(shown.locator("figure tbody td:nth-child(2)")).to_have_text(["12", "9.5", "11"])
    shown.get_by_label("Number").select_option("serial")
    expect(shown.get_by_text(re.compile("^It has been"))).to_contain_text(str(BIG))


def test_spec_it_is_shown_as_it_was(page: Opened, goods: str, site: Site) -> None:
    first = site.get(f"/get_changes/{goods}").json()["items"][0]["at"]
    shown = page.go(f"#/collections/{goods}/kettle?_as_of={first}")
    expect(shown.locator(".document tr", has_text="price").locator("td")).to_have_text("€12.00")
    shown.get_by_role("button", name="Back to now").click()
    expect(shown.locator(".document tr", has_text="price").locator("td")).to_have_text("€11.00")


def test_spec_its_json_is_exact(page: Opened, goods: str, site: Site) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    shown.get_by_text("As JSON").click()
    text = shown.get_by_role("region", name="The document as JSON").inner_text()
    assert json.loads(text) == site.get(f"/get_data/{goods}/kettle").json()
    link = shown.get_by_role("link", name="its address in the API")
    assert link.get_attribute("href") == f"/get_data/{goods}/kettle"


def test_spec_what_is_deleted_leaves_its_history(page: Opened, goods: str, site: Site) -> None:
    site.ask("DELETE", f"/delete_data/{goods}/kettle", 204)
    page.watch.expect("status of 404")
    shown = page.go(f"#/collections/{goods}/kettle")
    expect(shown.get_by_text("It is not there any more")).to_be_visible()
    expect(shown.locator(".op").first).to_have_text("removed")
    assert violations(shown) == []


def test_spec_what_never_was_is_not_there_and_only_strangers_are_offered_to_sign_in(
    page: Opened, goods: str, site: Site
) -> None:
    page.watch.expect("status of 404")
    shown = page.go(f"#/collections/{goods}/teapot")
    expect(shown.get_by_role("heading", level=1)).to_have_text("It is not there")
    expect(shown.locator("main").get_by_role("button")).to_have_text(["Sign in", "Try again"])
    page.sign_in(site.key)
    expect(shown.locator("main").get_by_role("button")).to_have_text(["Try again"])


def test_spec_an_edit_is_saved_without_loss(page: Opened, goods: str, site: Site) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    page.sign_in(site.key)
    shown.get_by_text("Edit", exact=True).press("Enter")
    editor = shown.get_by_label("The document as JSON", exact=True).and_(shown.locator("textarea"))
    expect(editor).to_have_value(re.compile('"title": "Kettle"'))
    assert violations(shown) == []
    editor.fill(editor.input_value().replace('"Kettle"', '"Whistling kettle"'))
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Whistling kettle")
    saved = site.get(f"/get_data/{goods}/kettle").json()
    assert (saved["title"], saved["serial"]) == ("Whistling kettle", BIG)


def test_spec_nobodys_change_is_overwritten_unseen(page: Opened, goods: str, site: Site) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    page.sign_in(site.key)
    shown.get_by_text("Edit", exact=True).click()
    editor = shown.locator("textarea")
    expect(editor).to_have_value(re.compile('"title": "Kettle"'))
    site.ask("PATCH", f"/save_data/{goods}/kettle", 200, {"title": "Somebody else's"})
    page.watch.expect("status of 412")
    editor.fill('{"title": "Mine"}')
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("alert").filter(has_text="changed")).to_be_visible()
    expect(editor).to_have_value('{"title": "Mine"}')
    shown.get_by_role("button", name="Show what it is now").click()
    expect(editor).to_have_value(re.compile("Somebody else's"))


def test_spec_a_slip_in_the_json_is_told_and_nothing_sent(page: Opened, goods: str, site: Site) -> None:
    sent: list[str] = []
    page.page.on("request", lambda one: sent.append(one.method))
    shown = page.go(f"#/collections/{goods}/kettle")
    page.sign_in(site.key)
    shown.get_by_text("Edit", exact=True).click()
    editor = shown.locator("textarea")
    expect(editor).to_have_value(re.compile("Kettle"))
    editor.fill('{"title": ')
    shown.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("alert").filter(has_text="JSON")).to_be_visible()
    assert set(sent) == {"GET"}


def test_spec_a_document_is_deleted_after_a_question(page: Opened, goods: str, site: Site) -> None:
    shown = page.go(f"#/collections/{goods}/kettle")
    page.sign_in(site.key)
    shown.get_by_role("button", name="Delete …", exact=True).click()
    shown.keyboard.press("Escape")
    assert site.get(f"/get_data/{goods}/kettle").status_code == 200
    shown.get_by_role("button", name="Delete …", exact=True).click()
    shown.get_by_role("dialog").get_by_role("button", name="Delete the document").click()
    expect(shown).to_have_url(re.compile(f"#/collections/{goods}$"))
    assert site.get(f"/get_data/{goods}/kettle").status_code == 404
