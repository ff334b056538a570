"""Data that would be more than data, saved and scraped: naughty strings, addresses that no link may lead to.

Owns what may not be alive in a page that shows it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.cases import NAUGHTY
from tests.clients.served import Site
from tests.live import http_server

ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\u0001javascript:alert(1)",
    "javascript://https://example.com/%0Aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example\\",
    "https:evil.example",
    "http:\\\\evil.example",
    "https:///evil.example",
    "https://evil.example/\nnext",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "filesystem:https://evil.example/",
    "intent://evil.example#Intent;end",
]
GOOD = "https://good.example/"  # and one that a link may lead to
TAGS = [text for text in NAUGHTY if text.startswith("<")][:12]  # what would be markup
INDEX = "keys.<script>alert(0)</script>"  # a field of `names`
SOURCE = """\
url: http://{host}/{path}
every: 30d
records: li
key: n
fields:
  n: {{select: .n, type: integer}}
  title: .text
  text: .text
  count: {{select: .text, type: number}}
  link: {{select: "a::attr(href)"}}
public: true
"""
ALIVE = "main :is(script, iframe, object, embed, style, link, meta, base, video, audio, template)"
OPEN_ALL = """() => {
    for (const more of document.querySelectorAll("button[aria-expanded=false]")) more.click();
    for (const fold of document.querySelectorAll("details")) fold.open = true;
}"""
LINKS = """() => [...document.querySelectorAll("main a")].map((one) => one.getAttribute("href"))"""
IMAGES = """() => [...document.querySelectorAll("main img")].map((one) => one.getAttribute("src").slice(0, 11))"""


def listed() -> str:
    """A list whose every record is a naughty string, as text and as the address of a link; markup first."""
    texts = sorted(NAUGHTY, key=lambda text: text not in TAGS)
    items = "".join(
        f'<li><b class=n>{n}</b><p class=text>{html.escape(text)}</p><a href="{html.escape(text)}">x</a>'
        for n, text in enumerate(texts)
    )
    return f"<ul>{items}</ul>"


def offering() -> str:
    """All that a page can offer: a table, data for search engines, feeds; their names and addresses naughty too."""
    row = "".join(f"<td>{html.escape(text)}" for text in TAGS)
    heads = "".join(f"<th>{html.escape(text)}" for text in TAGS)
    things = [{"@type": TAGS[0], "name": text, text: text} for text in TAGS]
    data = json.dumps(things).replace("<", r"\u003c")
    feeds = "".join(
        f'<link rel=alternate type="application/rss+xml" title="{html.escape(TAGS[0])}" href="{html.escape(address)}">'
        for address in ADDRESSES
    )
    return (
        f"{feeds}<script type='application/ld+json'>{data}</script>"
        f"<table><thead><tr>{heads}<tbody><tr>{row}<tr>{row}<tr>{row}</table>"
    )


PAGES = {"/list": listed, "/offers": offering}


class Hostile(BaseHTTPRequestHandler):
    """The pages of PAGES."""

    def do_GET(self) -> None:  # the base class's name
        """The page, else an error with a naughty body."""
        page = PAGES.get(self.path)
        body = (f"<!doctype html><meta charset=utf-8>{page()}" if page else "".join(NAUGHTY)).encode()
        self.send_response(200 if page else 418, None if page else "<script>alert(1)</script>")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Nothing."""


def page_server() -> AbstractContextManager[str]:
    """A server of PAGES; its HOST:PORT."""
    return http_server(Hostile)


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """A suite full of it: `values`, `ids`, `names` and `links` saved, `scraped` read from a page, `failing` failed."""
    with page_server() as host:
        sources = folder / "sources"
        sources.mkdir()
        for name, path in {"scraped": "list", "failing": "<script>alert(1)</script>"}.items():
            (sources / f"{name}.yaml").write_text(SOURCE.format(host=host, path=path), encoding="utf-8")
        site = Site("--no-schedule", f"--sources={sources}", f"--allow={host}", folder=folder)
        try:
            fill(site)
            yield site
        finally:
            assert site.stop() == 0


def fill(site: Site) -> None:
    """Saves and scrapes all of it."""
    site.save(
        "values", [{"id": f"v{n:03}", "title": text, "text": text, "list": [text]} for n, text in enumerate(NAUGHTY)]
    )
    site.save("ids", [{"text": text} for text in dict.fromkeys(NAUGHTY) if text], key="text")
    fields = {text: text for text in NAUGHTY if text}
    whole = {
        "id": "whole",
        "keys": fields,
        "every": NAUGHTY,
        "nested": [{text: [text]} for text in NAUGHTY[-40:] if text],
    }
    site.save("names", [whole])
    site.ask("PATCH", "/save_data/names", 200, {"index": [INDEX]})
    addresses = enumerate([*ADDRESSES, GOOD])
    site.save("links", [{"id": f"a{n:02}", "url": text, "title": f"Link {n}"} for n, text in addresses])
    for name in ("scraped", "failing"):
        site.ask("POST", f"/scrape_now/{name}?_wait=50", 200)


def nothing_alive(page: Page) -> None:
    """Nothing on the page is alive but what the dashboard made."""
    assert page.locator(ALIVE).count() == 0
    for href in page.evaluate(LINKS):
        assert href is not None
        assert href.startswith(("#/", "/get_", "http://", "https://"))
        assert "\n" not in href
    assert set(page.evaluate(IMAGES)) <= {"data:image/"}
