"""The JavaScript client from npm, unchanged, in Chromium. "spec": what its users see of the service, from the emulator.

The page comes from a server of its own on this machine: to one from anywhere else Chromium refuses local sockets.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import chromium
from tests.emulators import javascript
from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.emulators.javascript import EXPECTED, SCRIPTS, TESTS, node
from tests.live import http_server

pytestmark = pytest.mark.browser

RULES = javascript.RULES

PREVIOUS_FAILURE = "localStorage.setItem('firebase:previous_websocket_failure', 'true')"
RUN = """async ([host, namespace, scenario, limitMs]) => {
    const { forceWebSockets } = await import("firebase/database");
    forceWebSockets();
    const { clientsOf } = await import("./client.mjs");
    const { scenarios } = await import("./scenarios.mjs");
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("the scenario hangs")), limitMs));
    return Promise.race([scenarios[scenario](clientsOf(host, namespace)), late]);
}"""
START = """async ([host, namespace]) => {
    const { clientsOf } = await import("./client.mjs");
    const { onValue } = await import("firebase/database");
    onValue(clientsOf(host, namespace)().at("free"), () => {});
}"""
LEAVE = """async ([host, namespace]) => {
    const { forceWebSockets, onDisconnect, set } = await import("firebase/database");
    forceWebSockets();
    const { clientsOf } = await import("./client.mjs");
    const place = clientsOf(host, namespace)().at("free/here");
    await onDisconnect(place).set("gone");
    await set(place, "here");
}"""
NOTICE = """async ([host, namespace, limitMs]) => {
    const { forceWebSockets } = await import("firebase/database");
    forceWebSockets();
    const { clientsOf, until } = await import("./client.mjs");
    const late = new Promise((resolve) => setTimeout(() => resolve("still here"), limitMs));
    return Promise.race([until(clientsOf(host, namespace)().at("free/here"), (value) => value === "gone"), late]);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    node()  # skips the tests where the packages are missing
    with chromium() as started:
        yield started


class _Files(SimpleHTTPRequestHandler):
    """Serves the tests' folder: the scenarios, and the packages from npm."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=str(TESTS))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the page, on a server of its own."""
    with http_server(_Files) as host:
        yield f"http://{host}/{SCRIPTS.relative_to(TESTS)}/page.html"


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page with nothing remembered."""
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT_S * 1000)
    page = context.new_page()
    page.goto(site)
    yield page
    context.close()


def run(page: Page, server: DatabaseServer, scenario: str, namespace: str) -> Any:
    """What the scenario sees in the page."""
    return page.evaluate(RUN, [server.host, namespace, scenario, TIMEOUT_S * 1000])


@pytest.mark.parametrize("scenario", EXPECTED)
def test_spec_scenario(page: Page, server: DatabaseServer, scenario: str) -> None:
    assert run(page, server, scenario, f"web-{scenario.lower()}") == EXPECTED[scenario]


def test_spec_a_socket_that_failed_before_is_opened_again_with_force_web_sockets(
    page: Page, server: DatabaseServer
) -> None:
    page.evaluate(PREVIOUS_FAILURE)
    assert run(page, server, "serverValues", "web-again") == EXPECTED["serverValues"]


def test_ours_a_client_that_starts_with_long_polling_is_told_so_in_the_console(
    page: Page, server: DatabaseServer
) -> None:
    page.evaluate(PREVIOUS_FAILURE)
    with page.expect_console_message(lambda message: "long polling" in message.text) as caught:
        page.evaluate(START, [server.host, "web-polling"])
    assert caught.value.type == "warning"
    assert "Call forceWebSockets() of firebase/database before the database is used" in caught.value.text


def test_spec_a_closed_page_is_written_off(page: Page, server: DatabaseServer, site: str) -> None:
    leaving = page.context.new_page()
    leaving.goto(site)
    leaving.evaluate(LEAVE, [server.host, "web-closed"])
    assert server.get("/free/here.json", ns="web-closed") == "here"
    leaving.close()
    assert page.evaluate(NOTICE, [server.host, "web-closed", TIMEOUT_S * 1000]) == "gone"
