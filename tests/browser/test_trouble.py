"""Pages in trouble: a silent database, a suite that is gone, no network, no such page. Each says so, and what to do."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.served import served
from tests.browser.watched import Opened, opened
from tests.clients.served import Site
from tests.live import http_server
from tests.running_suite import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.suite]

PAGES = {
    "a collection": ("#/collections/notes", "notes"),
    "a document": ("#/collections/notes/tea", "Tea"),
    "the changes": ("#/changes", "Changes"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A suite of this module's own, whose parts are stopped and let go on."""
    with served(tmp_path_factory.mktemp("trouble")) as running:
        yield running


@contextmanager
def silent(site: Site, program: str) -> Iterator[None]:
    """The children of the suite whose command line has `program` do nothing meanwhile."""
    groups = [pid for pid, command in site.children().items() if program in command]
    assert groups
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


class CutShort(SimpleHTTPRequestHandler):
    """The static pages, and for an API one that hangs up in the middle of each answer."""

    def do_GET(self) -> None:
        """A file, or the beginning of an answer."""
        if not self.path.startswith("/get_"):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"sources":')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing."""


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Opened]:
    """A watched page of the overview, from which each test goes on."""
    with opened(browser, site.hosting) as one:
        expect(one.go("#/").get_by_role("heading", level=1)).to_have_text("Overview")
        yield one


def turn(page: Page, path: str) -> None:
    """Goes to another page of the dashboard without asking for its files anew."""
    page.evaluate("(path) => { location.hash = path; }", path)


def test_spec_a_silent_database_is_said_and_tried_again(page: Opened, site: Site) -> None:
    path, title = PAGES["a collection"]
    expect(page.go(path).get_by_role("heading", level=1)).to_have_text(title)  # its files are here now
    turn(page.page, "#/")
    expect(page.page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.watch.expect("status of 503|ERR_")
    with silent(site, "emulators.database"):
        turn(page.page, path)
        expect(page.page.get_by_role("heading", level=1)).to_have_text("The database does not answer")
        assert violations(page.page) == []
    page.page.get_by_role("button", name="Try again").click()
    expect(page.page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.parametrize(("path", "title"), PAGES.values(), ids=PAGES)
def test_spec_without_a_network_it_says_so_and_goes_on_later(page: Opened, path: str, title: str) -> None:
    expect(page.go(path).get_by_role("heading", level=1)).to_have_text(title)
    turn(page.page, "#/")
    expect(page.page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.watch.expect("ERR_INTERNET_DISCONNECTED")
    page.page.context.set_offline(True)
    turn(page.page, path)
    expect(page.page.get_by_role("heading", level=1)).to_have_text("You are offline")
    page.page.context.set_offline(False)
    page.page.get_by_role("button", name="Try again").click()
    expect(page.page.get_by_role("heading", level=1)).to_have_text(title)


def test_spec_an_answer_that_is_cut_short_is_said(browser: Browser) -> None:
    with (
        http_server(partial(CutShort, directory=str(ROOT / "public"))) as host,
        opened(browser, f"http://{host}") as page,
    ):
        page.watch.expect("ERR_")
        shown = page.go("#/")
        expect(shown.get_by_role("heading", level=1)).to_have_text("Nobody answers")
        expect(shown.locator("main")).to_contain_text(f"{host} does not answer.")


def test_spec_a_suite_that_is_gone_is_said(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as site, opened(browser, site.hosting) as page:
        shown = page.go("#/collections/notes")
        expect(shown.locator("tbody tr")).to_have_count(3)
        site.process.send_signal(signal.SIGINT)
        assert site.wait() == 0
        page.watch.expect("ERR_")
        shown.get_by_role("button", name="title").click()
        expect(shown.get_by_role("heading", name="Nobody answers")).to_be_visible()
        assert violations(shown) == []


def test_ours_an_unknown_page_leads_back(page: Opened) -> None:
    shown = page.go("#/nowhere/at/all/of/them")
    expect(shown.locator("main")).to_contain_text("There is no such page")
    shown.get_by_role("link", name="To the overview").click()
    expect(shown.get_by_role("heading", level=1)).to_have_text("Overview")
