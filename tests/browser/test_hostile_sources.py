"""What a page offers and what a definition says is text too: New source and a source's page full of hostile words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.hostile import OPEN_ALL, TAGS, nothing_alive, page_server
from tests.browser.watched import Opened, opened
from tests.clients.served import Site
from tests.running_suite import DEADLINE_S

pytestmark = [pytest.mark.browser, pytest.mark.suite]

SCRIPT = "<script>alert(1)</script>"
YAML = f"""\
# {SCRIPT}
url: http://127.0.0.1:1/?{SCRIPT}
every: 30d
records: 'li[title="{SCRIPT}"]'
fields:
  title: 'b[title="<img src=x onerror=alert(1)>"]'  # <style>body {{display: none}}</style>
headers:
  X-Note: "{SCRIPT}"
"""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """HOST:PORT of the hostile pages."""
    with page_server() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, host: str) -> Iterator[Site]:
    """An empty suite that may read them; it hides the one of the other tests."""
    folder = tmp_path_factory.mktemp("offers")
    (folder / "sources").mkdir()
    running = Site("--no-schedule", f"--sources={folder / 'sources'}", f"--allow={host}", folder=folder)
    yield running
    assert running.stop() == 0


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Opened]:
    """A watched page, on which at the end nothing is alive but what the dashboard made."""
    with opened(browser, site.hosting) as one:
        yield one
        one.page.evaluate(OPEN_ALL)
        nothing_alive(one.page)


def settled(page: Page) -> None:
    """Waits until the chosen offer was read, with or without mistakes."""
    expect(page.locator("main .actions > .quiet")).not_to_contain_text("One moment")


def test_spec_what_a_hostile_page_offers_is_text(page: Opened, site: Site, host: str) -> None:
    page.watch.expect("status of 422")  # of the feeds, which nobody serves
    shown = page.go("#/new")
    page.sign_in(site.key)
    shown.get_by_label("1. Which page?").fill(f"http://{host}/offers")
    shown.keyboard.press("Enter")
    offers = shown.get_by_role("radio")
    expect(offers.first).to_be_checked()
    kinds: list[str] = []
    for n in range(offers.count()):
        offers.nth(n).check()
        settled(shown)
        shown.evaluate(OPEN_ALL)
        nothing_alive(shown)
        kinds.append(shown.locator(".offer strong").nth(n).inner_text().split(" of ")[0].split(": ")[0])
        told = shown.locator("main").inner_text()
        assert all(text in told for text in TAGS[3:6]) or "feed" in kinds[n].lower()
    assert kinds[:2] == [f"Data for search engines ({TAGS[0]})", "A table"]
    assert set(kinds[2:]) == {"A feed"}


def test_spec_what_a_hostile_definition_says_is_text(page: Opened, site: Site) -> None:
    headers = {"X-API-Key": site.key, "Content-Type": "application/yaml"}
    saved = requests.put(f"{site.hosting}/save_source/hostile", YAML, headers=headers, timeout=DEADLINE_S)
    assert saved.status_code == 201, saved.text
    shown = page.go("#/")
    page.sign_in(site.key)  # to strangers it is not there
    page.go("#/sources/hostile")
    expect(shown.get_by_label("Definition of hostile")).to_have_value(YAML)
    expect(shown.locator("main dl").first).to_contain_text(SCRIPT)
