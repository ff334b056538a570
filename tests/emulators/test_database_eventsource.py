"""A browser's own EventSource against the emulator: from a page of another origin, as a web app reads it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.chromium import chromium
from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.live import http_server

pytestmark = pytest.mark.browser

RULES = {"rules": {"public": {".read": "root.child('open').val() === true"}}}
LISTEN = """address => new Promise((resolve, reject) => {
    const seen = [];
    const source = new EventSource(address);
    const note = event => {
        seen.push([event.type, JSON.parse(event.data)]);
        document.title = String(seen.length);
        if (event.type === "cancel") { source.close(); resolve(seen); }
    };
    for (const name of ["put", "patch", "cancel"]) source.addEventListener(name, note);
    source.onerror = () => reject(new Error("the stream failed"));
})"""


@pytest.fixture
def server() -> Iterator[DatabaseServer]:
    with DatabaseServer(rules=RULES) as server:
        yield server


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a page on another port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>0</title>")

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with http_server(Page) as host:
        yield f"http://{host}/"


def test_spec_an_event_source_sees_puts_patches_and_the_cancel(server: DatabaseServer, site: str) -> None:
    server.put("/.json", {"open": True, "public": {"a": "ü"}})
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(TIMEOUT_S * 1000)
        page.goto(site)
        page.evaluate(f"address => {{ window.seen = ({LISTEN})(address) }}", f"{server.url}/public.json")
        page.wait_for_function("document.title === '1'")
        server.put("/public/b/c.json", 1)
        server.call("PATCH", "/public.json", {"d": 2, "a": None})
        server.put("/open.json", False)
        seen = page.evaluate("window.seen")
    assert seen == [
        ["put", {"path": "/", "data": {"a": "ü"}}],
        ["put", {"path": "/b/c", "data": 1}],
        ["patch", {"path": "/", "data": {"d": 2, "a": None}}],
        ["cancel", None],
    ]
