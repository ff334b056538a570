"""The dashboard's first page: health in words, live without a reload, a run by a click, small."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.axe import violations
from tests.browser.sources import change, made, run
from tests.browser.watched import Opened
from tests.clients.served import Site

pytestmark = [pytest.mark.browser, pytest.mark.suite]

FIRST_VIEW_MAX_BYTES = 100_000


def row(page: Page, name: str) -> Locator:
    """The row of one source."""
    return page.locator(".rows > li").filter(has=page.get_by_role("link", name=name, exact=True))


def told(answer: Response) -> bool:
    """Whether that is an answer about the sources."""
    return answer.url.endswith("/get_sources")


def test_spec_every_look_is_accessible_and_no_wider_than_the_screen(any_look: Opened, site: Site) -> None:
    page = any_look.go("")
    expect(row(page, "movies").locator(".health")).to_have_text("ok")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    any_look.sign_in(site.key)
    expect(row(page, "movies").get_by_role("button")).to_have_text("Run now")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_spec_a_source_says_its_health_its_records_its_times_and_its_last_runs(page: Opened) -> None:
    shown = row(page.go(""), "movies")
    expect(shown.locator(".health")).to_have_text("ok")
    expect(shown.locator(".health svg")).to_be_visible()
    expect(shown.get_by_role("link", name="14 records")).to_have_attribute("href", "#/collections/movies")
    expect(shown.locator("dt")).to_have_text(["Last success", "Next run"])
    expect(shown.locator("dd time").first).to_have_attribute("datetime", re.compile(r"^20\d\d-"))
    expect(shown.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"^Last 1 run: 1 ok; 14 records"))


def test_spec_strangers_see_health_and_neither_reasons_nor_what_changes_things(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    change(site, name, url="/demo/nothing.html")
    run(site, name)
    never = made(site, url="/demo/nothing.html")
    run(site, never)
    shown = page.go("")
    expect(row(shown, never)).to_contain_text("It has brought nothing yet.")
    expect(row(shown, name).locator(".health")).to_have_text("failing")
    expect(row(shown, name)).to_contain_text("readers see the last good data")
    expect(row(shown, name)).not_to_contain_text("nothing.html")
    assert shown.get_by_role("button", name=re.compile("^Run")).count() == 0
    page.sign_in(site.key)
    expect(row(shown, name).locator(".why")).to_contain_text("404")
    mend = row(shown, name).get_by_role("link", name="See its runs and its definition.")
    expect(mend).to_have_attribute("href", f"#/sources/{name}")


def test_spec_what_happens_elsewhere_is_seen_without_a_reload_and_the_focus_stays(page: Opened, site: Site) -> None:
    name = made(site)
    shown = page.go("")
    expect(row(shown, name).locator(".health")).to_have_text("never run")
    link = row(shown, name).get_by_role("link", name=name)
    link.focus()
    run(site, name)
    expect(row(shown, name).locator(".health")).to_have_text("ok")
    expect(row(shown, name)).to_contain_text("10 records")
    expect(link).to_be_focused()


def test_spec_an_answer_that_has_not_changed_changes_nothing(page: Opened) -> None:
    shown = page.go("")
    expect(row(shown, "users").locator(".health")).to_have_text("ok")
    shown.evaluate("""
        window.written = 0;
        const counts = (one) => !one.target.closest("time");  // "just now" becomes "1 minute ago" by itself
        new MutationObserver((all) => { window.written += all.filter(counts).length; })
            .observe(document.querySelector(".rows"), {subtree: true, childList: true, attributes: true});
    """)
    statuses = set()
    for _ in range(2):
        with shown.expect_response(told) as answer:
            shown.evaluate("dispatchEvent(new Event('online'))")  # it looks at once
        statuses.add(answer.value.status)
    assert statuses == {304}
    shown.evaluate("() => new Promise((done) => setTimeout(done))")
    assert shown.evaluate("window.written") == 0


def test_spec_a_run_is_started_by_a_click_and_its_end_is_told(page: Opened, site: Site) -> None:
    name = made(site)
    shown = page.go("")
    page.sign_in(site.key)
    row(shown, name).get_by_role("button", name=f"Run now: {name}").press("Enter")
    expect(row(shown, name).locator(".ended")).to_contain_text("10 records on 1 page: 10 added.")
    expect(row(shown, name).locator(".health")).to_have_text("ok")
    expect(shown.locator("#told")).to_have_text(f"{name}: ok. 10 records on 1 page: 10 added.")
    expect(row(shown, name).get_by_role("button")).to_be_focused()


def test_spec_a_run_that_goes_on_shows_its_progress_every_second(page: Opened, site: Site) -> None:
    name = made(site)
    going = {"run": "r", "source": name, "status": "running", "pages": 3, "records": 40, "seconds": 2.5}
    shown = page.go("")
    page.sign_in(site.key)
    queued = site.ask("GET", "/get_sources", 200).json()
    for source in queued["sources"]:
        source["queued"] = "r" if source["name"] == name else None
    # a run of the demo site is over too soon to be looked at
    shown.route("**/get_sources", lambda route: route.fulfill(json=queued))
    shown.route(f"**/get_runs/{name}/r", lambda route: route.fulfill(json=going))
    expect(row(shown, name).locator(".going")).to_contain_text("Reading: 3 pages, 40 records in 2.5 s")
    expect(row(shown, name).get_by_role("progressbar")).to_be_visible()
    going |= {"pages": 4, "records": 55}
    expect(row(shown, name).locator(".going")).to_contain_text("4 pages, 55 records")
    shown.unroute_all(behavior="wait")


def test_spec_a_doubtful_source_leads_to_where_it_is_accepted(page: Opened, site: Site) -> None:
    name = made(site)
    run(site, name)
    change(site, name, records="li.nobody")
    run(site, name)
    shown = page.go("")
    page.sign_in(site.key)
    expect(row(shown, name).locator(".health")).to_have_text("suspect")
    expect(row(shown, name).locator(".why")).to_contain_text("no record was found, usually 10")
    row(shown, name).get_by_role("link", name=re.compile("accept it or mend")).click()
    expect(shown.get_by_role("button", name="Accept what the page has now")).to_be_visible()


def test_spec_without_any_source_it_leads_to_the_first(page: Opened, site: Site) -> None:
    page.page.route("**/get_sources", lambda route: route.fulfill(json={"sources": []}))
    page.page.route("**/get_data", lambda route: route.fulfill(json={"collections": []}))
    shown = page.go("")
    expect(shown.get_by_text("No source to see")).to_be_visible()
    expect(shown.get_by_text("No collection yet")).to_be_visible()
    page.sign_in(site.key)
    shown.get_by_role("link", name="Make the first source").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("New source")
    shown.unroute_all(behavior="wait")


def test_spec_trouble_with_the_network_is_said_and_what_was_shown_stays(page: Opened) -> None:
    page.watch.expect("ERR_INTERNET_DISCONNECTED")
    shown = page.go("")
    expect(row(shown, "movies")).to_be_visible()
    shown.context.set_offline(True)
    expect(shown.get_by_role("alert")).to_contain_text("You are offline")
    expect(row(shown, "movies")).to_be_visible()
    shown.context.set_offline(False)
    expect(shown.get_by_role("alert")).to_be_hidden()


def test_spec_the_collections_are_listed_with_what_is_in_them(page: Opened, site: Site) -> None:
    site.ask("PUT", "/save_data/secrets/one", 201, {"a": 1})
    shown = page.go("")
    card = shown.locator(".card").filter(has=shown.get_by_role("link", name="movies", exact=True))
    expect(card).to_contain_text("14 records")
    expect(shown.get_by_role("link", name="secrets")).to_have_count(0)
    page.sign_in(site.key)
    secret = shown.locator(".card").filter(has=shown.get_by_role("link", name="secrets", exact=True))
    expect(secret).to_contain_text("private")


def test_spec_the_first_view_is_small(page: Opened) -> None:
    answers: list[Response] = []
    page.page.on("response", lambda answer: answers.append(answer))
    shown = page.go("")
    expect(row(shown, "movies")).to_be_visible()
    sizes = {answer.url: answer.request.sizes() for answer in answers if answer.url.startswith("http")}
    total = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes.values())
    took = shown.evaluate("performance.now()")
    print(f"first view: {total} bytes in {len(sizes)} answers, {took:.0f} ms after the start of the page")
    assert total < FIRST_VIEW_MAX_BYTES


def test_spec_the_pages_are_reached_from_the_keyboard_past_the_navigation(page: Opened, site: Site) -> None:
    # a few sources only, whatever other tests made: among many a search field comes first
    few = [source for source in site.ask("GET", "/get_sources", 200).json()["sources"] if source["name"] == "movies"]
    page.page.route("**/get_sources", lambda route: route.fulfill(json={"sources": few}))
    shown = page.go("")
    expect(row(shown, "movies")).to_be_visible()
    shown.keyboard.press("Tab")
    expect(shown.get_by_text("To the content")).to_be_focused()
    shown.keyboard.press("Enter")
    expect(shown.locator("main")).to_be_focused()
    shown.keyboard.press("Tab")
    expect(shown.locator(".rows a").first).to_be_focused()
    shown.keyboard.press("Enter")
    expect(shown.locator("h1")).to_be_focused()
    shown.unroute_all(behavior="wait")


def test_spec_among_many_sources_one_is_found_by_its_name(page: Opened, site: Site) -> None:
    (one,) = (source for source in site.ask("GET", "/get_sources", 200).json()["sources"] if source["name"] == "movies")
    many = [one | {"name": f"{word}-{n}"} for word in ("news", "prices") for n in range(100)]
    page.page.route("**/get_sources", lambda route: route.fulfill(json={"sources": many}))
    shown = page.go("")
    expect(shown.locator(".rows > li")).to_have_count(200)
    expect(shown.get_by_text("200 sources: 200 ok")).to_be_visible()
    shown.get_by_label("Find a source").fill("PRICES-7")
    expect(shown.locator(".rows > li:visible h3")).to_have_text(["prices-7", *(f"prices-7{n}" for n in range(10))])
    expect(shown.locator("#told")).to_have_text("11 sources found")
    shown.unroute_all(behavior="wait")
