"""public/docs, the reference that people read and try, in Chromium on the served suite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api import USERS
from tests.browser.watched import Look, opened
from tests.chromium import chromium
from tests.clients.served import Asked, served

pytestmark = [pytest.mark.browser, pytest.mark.suite]

HOSTILE = "<img src=x onerror=\"console.error('run')\">"
BIG = 2**63 + 1
LOOKS = {"a desk": Look(1280, 900, "dark"), "a phone": Look(360, 740, "dark")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The suite, with a document that tries to be markup, and a number that no double holds."""
    with served(tmp_path_factory.mktemp("reference")) as running:
        running.save("hostile", [{"id": "one", "text": HOSTILE, HOSTILE: 1, "big": BIG}])
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module (tests/chromium.py)."""
    with chromium() as started:
        yield started


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def page(browser: Browser, site: Asked, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The reference, read, and watched as the pages of the dashboard are."""
    with opened(browser, site.hosting, request.param) as one:
        one.page.goto(f"{site.hosting}/docs/")
        expect(one.page.locator("#state")).to_have_text(re.compile(r"^\d+ routes$"))
        yield one.page


def unfolded(page: Page, identity: str) -> Locator:
    """One route, unfolded by its heading as a person with a keyboard does."""
    part = page.locator(f"[id='{identity}']")
    part.locator("summary").first.press("Enter")
    return part


def fill(part: Locator, **values: str) -> None:
    """Types values into the inputs with these names."""
    for name, value in values.items():
        part.locator(f"input[name='{name}']").fill(value)


def test_spec_every_route_of_the_specification_is_there(page: Page, site: Asked) -> None:
    paths = site.get("/openapi.json").json()["paths"]
    wanted = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    parts = page.locator(".route > summary")
    shown = {(part.locator(".method").inner_text(), part.locator("code").inner_text()) for part in parts.all()}
    assert shown == wanted


def test_spec_the_courses_question_is_asked_and_answered(page: Page, site: Asked) -> None:
    part = unfolded(page, "query_users")
    fill(part, name="Shawn", _select="email")
    part.locator("input[name='name']").press("Enter")
    expect(part.locator(".status")).to_have_text("200 OK")
    body = json.loads(part.locator("pre.body").inner_text())
    emails = sorted(user["email"] for user in USERS if user["name"] == "Shawn")
    assert sorted(item["email"] for item in body["items"]) == emails
    part.get_by_text("Headers", exact=True).click()
    expect(part.get_by_role("cell", name="etag", exact=True)).to_be_visible()
    expect(part.locator(".snippets code")).to_have_text(
        f"curl \\\n  '{site.hosting}/get_data/users?_select=email&name=Shawn'"
    )
    part.get_by_role("button", name="Python").click()
    expect(part.locator(".snippets code")).to_contain_text("requests.get(")


def test_spec_what_was_scraped_is_text_and_never_markup(page: Page) -> None:
    part = unfolded(page, "query_hostile")
    part.get_by_role("button", name="Try GET").click()
    expect(part.locator("pre.body")).to_contain_text("<img src=x")
    expect(part.locator("pre.body")).to_contain_text(f'"big": {BIG}')
    assert page.locator("img").count() == 0


def test_spec_an_admin_route_takes_the_key_that_is_typed(page: Page, site: Asked) -> None:
    page.get_by_label("Admin key").fill(site.key)
    part = unfolded(page, "get_get_runs")
    part.get_by_role("button", name="Try GET").click()
    expect(part.locator(".status")).to_have_text("200 OK")
    assert site.key not in part.locator(".snippets code").inner_text()


def test_spec_routes_are_found_by_words(page: Page) -> None:
    page.get_by_label("Find").fill("series")
    expect(page.locator(".route:visible")).to_have_count(1)


def test_spec_nothing_is_wider_than_the_screen(page: Page) -> None:
    unfolded(page, "query_movies")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
