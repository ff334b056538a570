"""What the tests of extraction share: a page made of bytes, and a definition run on it."""

from __future__ import annotations

from kindling import extract, sources
from kindling.flow import Extraction, Page

URL = "https://example.org/shop/list"


def page(body: str | bytes, media_type: str = "text/html", *, url: str = URL, charset: str | None = None) -> Page:
    """A page as fetch hands it over."""
    raw = body.encode() if isinstance(body, str) else body
    return Page(url=url, status=200, media_type=media_type, charset=charset, body=raw, fetched_ms=0)


def read(definition: str, body: str | bytes, media_type: str = "text/html", **more: str) -> Extraction:
    """What a definition without its `url:` line takes from a page."""
    source = sources.parse(f"url: {URL}\n{definition}", "shop")
    return extract.extract(page(body, media_type, **more), source)


def documents(
    definition: str, body: str | bytes, media_type: str = "text/html", **more: str
) -> list[dict[str, object]]:
    """The documents of `read`."""
    return [row.document for row in read(definition, body, media_type, **more).rows]
