"""A source's page: its runs, charts and rejects, a doubtful result accepted or kept, its definition edited."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.sources import REJECT, change, made, run
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

LOOK_NOW = "dispatchEvent(new Event('online'))"  # a page that is online again does not wait for its next look
CHARTS = 4


def opened(page: Opened, site: Site, name: str) -> Page:
    """The page of a source, signed in."""
    shown = page.go(f"#/sources/{name}")
    expect(shown.locator(".health")).to_be_visible()
    page.sign_in(site.key)
    expect(shown.get_by_role("heading", name="Definition")).to_be_visible()
    return shown


def text(page: Page, name: str) -> Locator:
    """The definition as text."""
    return page.get_by_role("textbox", name=f"Definition of {name}")


def source(site: Site, name: str) -> dict[str, Any]:
    """The source as the API tells it."""
    found: dict[str, Any] = site.ask("GET", f"/get_sources/{name}", 200).json()
    return found


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    run(site, name)
    page = opened(any_look, site, name)
    expect(page.locator(".charts img")).to_have_count(CHARTS)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_the_runs_are_told_with_charts_rejects_their_snippets_and_how_full_the_fields_are(
    page: Opened, site: Site
) -> None:
    name = made(site)
    first = run(site, name)
    shown = opened(page, site, name)
    expect(shown.locator(".runs tbody tr")).to_have_count(1)
    assert shown.locator(".charts img").count() == 0  # one point is no line
    assert run(site, name)["status"] == "unchanged"
    rows = shown.locator(".runs tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.locator(".badge")).to_have_text(["unchanged", "ok"])
    expect(shown.locator(".charts img")).to_have_count(CHARTS)
    sizes = "(all) => Promise.all(all.map((one) => one.decode().then(() => one.naturalWidth)))"
    assert all(shown.locator(".charts img").evaluate_all(sizes))
    shown.locator(".runs tbody tr").nth(1).get_by_role("link").click()
    assert shown.url.endswith(f"#/sources/{name}?run={first['run']}")
    detail = shown.locator(".run")
    expect(detail).to_contain_text("10 records on 1 page: 10 added.")
    expect(detail.locator("tbody tr").first).to_contain_text("since: ")
    expect(detail.locator("tbody .snippet").first).to_contain_text(REJECT)
    fills = dict(one.split("\n") for one in detail.locator(".fills li").all_inner_texts())
    assert fills == {"since": "0%", "city": "80%", "email": "100%", "name": "100%"}
    shown.go_back()
    expect(detail).to_contain_text("nothing changed")


def test_spec_a_doubtful_result_is_accepted(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    change(site, name, records="li.nobody")
    run(site, name)
    shown = opened(page, site, name)
    expect(shown.locator(".doubt")).to_contain_text("no record was found, usually 10")
    assert violations(shown) == []
    shown.get_by_role("button", name="Accept what the page has now").click()
    expect(shown.locator(".ended")).to_contain_text("10 gone")
    expect(shown.locator(".doubt")).to_have_count(0)
    assert site.ask("GET", f"/get_data/{name}", 200).json()["items"] == []


def test_spec_a_doubtful_result_is_kept_away_and_the_source_rests(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    change(site, name, records="li.nobody")
    run(site, name)
    shown = opened(page, site, name)
    expect(shown.locator(".summary")).to_contain_text("next run")
    shown.get_by_role("button", name="Keep the data, pause the source").click()
    expect(shown.locator(".health")).to_have_text("paused")
    expect(shown.locator(".summary")).not_to_contain_text("next run")
    assert len(site.ask("GET", f"/get_data/{name}", 200).json()["items"]) == 10
    shown.get_by_role("button", name="Let it go on").click()
    expect(shown.locator(".health")).to_have_text("suspect")
    expect(shown.locator(".summary")).to_contain_text("next run")
    expect(shown.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_spec_a_mistake_stands_beside_its_line_and_what_is_mended_is_saved(page: Opened, site: Site) -> None:
    name = made(site)
    shown = opened(page, site, name)
    area = text(shown, name)
    page.watch.expect("status of 400")
    good = area.input_value()
    assert good == source(site, name)["yaml"]
    wrong = good.replace("type: integer", "type: intger")
    area.fill(wrong)
    shown.get_by_role("button", name="Save").click()
    line = wrong.split("\n").index("    type: intger") + 1
    note = shown.locator(".notes li")
    expect(note).to_contain_text("fields.since.type")
    expect(note).to_contain_text("did you mean 'integer'?")
    expect(shown.locator(".numbers .wrong")).to_have_count(1)
    number = shown.locator(".numbers .wrong").bounding_box()
    beside = note.bounding_box()
    assert number is not None
    assert beside is not None
    assert abs(number["y"] - beside["y"]) < number["height"]
    assert violations(shown) == []
    note.get_by_role("button", name=f"Line {line}").click()
    selected = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert area.evaluate(selected) == "    type: intger"
    assert source(site, name)["yaml"] == good
    area.fill(good.replace("type: integer", "type: text"))
    shown.get_by_role("button", name="Save").click()
    expect(shown.locator("#told")).to_have_text("Saved.")
    expect(shown.get_by_text("Saved. The next run uses it.")).to_be_visible()
    expect(shown.get_by_role("button", name="Save")).to_be_focused()
    expect(note).to_have_count(0)
    assert source(site, name)["definition"]["fields"]["since"] == ".quiet"


def test_spec_a_changed_text_is_looked_at_before_it_is_saved(page: Opened, site: Site) -> None:
    name = made(site)
    shown = opened(page, site, name)
    good = text(shown, name).input_value()
    text(shown, name).fill(good.replace("  city: .city\n", ""))
    shown.get_by_role("button", name="Preview").click()
    heads = shown.get_by_role("region", name="Records found").locator("th")
    expect(heads).to_have_text(["name", "email", "since"])
    expect(shown.locator(".previewed")).to_contain_text("10 records on 1 page. Nothing is stored yet.")
    expect(shown.locator(".previewed")).to_contain_text("10 × since")
    shown.get_by_role("button", name="Undo my changes").click()
    expect(text(shown, name)).to_have_value(good)
    assert "city" in source(site, name)["definition"]["fields"]


def test_spec_what_is_being_edited_is_not_overwritten_by_what_others_save(page: Opened, site: Site) -> None:
    name = made(site)
    shown = opened(page, site, name)
    area = text(shown, name)
    change(site, name, every="20d")
    shown.evaluate(LOOK_NOW)
    expect(area).to_have_value(re.compile("every: 20d"))
    mine = area.input_value().replace("20d", "10d")
    area.fill(mine)
    change(site, name, every="25d")
    shown.evaluate(LOOK_NOW)
    expect(shown.get_by_text("Somebody else changed it meanwhile.")).to_be_visible()
    expect(area).to_have_value(mine)
    shown.get_by_role("button", name="Undo my changes").click()
    expect(area).to_have_value(re.compile("every: 25d"))


def test_spec_a_source_with_mistakes_tells_them_and_is_mended(page: Opened, site: Site) -> None:
    name = made(site)
    broken = source(site, name) | {"reason": f"{name}:1: url: missing", "status": "failing"}
    del broken["definition"], broken["collection"]
    page.page.route(f"**/get_sources/{name}", lambda route: route.fulfill(json=broken))
    shown = opened(page, site, name)
    expect(shown.locator(".trouble")).to_contain_text("Its definition has mistakes, so it does not run.")
    expect(shown.locator(".trouble")).to_contain_text("url: missing")
    assert shown.get_by_role("button", name="Run now").count() == 0
    expect(shown.get_by_role("button", name="Save")).to_be_visible()
    shown.unroute_all(behavior="wait")


def test_spec_a_source_is_deleted_after_its_name_was_typed(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    shown = opened(page, site, name)
    delete = shown.get_by_role("button", name=f"Delete the source {name}")
    delete.click()
    dialog = shown.get_by_role("dialog", name=f"Delete the source {name}?")
    expect(dialog).to_contain_text(f"What it gathered stays in {name}")
    assert violations(shown) == []
    shown.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(delete).to_be_focused()
    delete.click()
    expect(dialog.get_by_role("button", name="Delete the source")).to_be_disabled()
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Delete the source").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Overview")
    site.ask("GET", f"/get_sources/{name}", 404)
    assert len(site.ask("GET", f"/get_data/{name}", 200).json()["items"]) == 10


def test_spec_a_source_that_is_a_file_says_where_it_is_edited(page: Opened, site: Site) -> None:
    shown = opened(page, site, "users")
    expect(shown.get_by_text("functions/sources/users.yaml")).to_be_visible()
    expect(text(shown, "users")).to_have_attribute("readonly", "")
    expect(text(shown, "users")).to_have_value(re.compile("^# yaml-language-server"))
    assert shown.get_by_role("button", name="Save").count() == 0
    assert shown.get_by_role("button", name="Delete").count() == 0


def test_spec_strangers_see_the_health_and_what_is_for_administrators(page: Opened) -> None:
    shown = page.go("#/sources/users")
    expect(shown.locator(".health")).to_have_text("ok")
    expect(shown.get_by_text("Sign in to see them.")).to_be_visible()
    assert shown.get_by_role("button").all_inner_texts() == ["Sign in"]


def test_spec_a_source_that_is_not_there_is_said_kindly(page: Opened) -> None:
    page.watch.expect("status of 404")
    shown = page.go("#/sources/nobody")
    expect(shown.get_by_role("heading", level=1)).to_have_text("It is not there")
    expect(shown.locator("main").get_by_role("button", name="Sign in")).to_be_visible()
