"""RSS, Atom and JSON Feed: the newest of a collection for feed readers, with ids that never change.

An entry's id is made of the collection and the record's id alone, so that a reader shows a changed record again as the
same one. Everything that was scraped goes in as text: markup is escaped, characters XML cannot hold are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from .. import settings
from ..times import iso
from ..values import json_bytes

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

    from ..flow import Document
    from .pages import Page

TITLE_FIELDS = ("title", "name", "headline", "subject", "label")
LINK_FIELDS = ("url", "link", "href")
TITLE_MAX = 200  # characters: feed readers show one line
TEXT_MAX = 20_000  # characters of one entry: an excerpt, the document itself is behind the link

_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. `text` is plain; times are in milliseconds."""

    id: str
    title: str
    link: str
    text: str
    published_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its title, the path of the listing it tells of (its own is that and a suffix), and its entries."""

    title: str
    path: str
    updated_ms: int
    entries: Sequence[Entry]


def clean(text: str) -> str:
    """`text` without the characters that XML has no way to hold."""
    return _NOT_XML.sub("", text)


def stable_id(*parts: str) -> str:
    """A URN that is the same for the same parts for ever, wherever the project is served."""
    return uuid5(NAMESPACE_URL, "kindling:" + "/".join(parts)).urn


def absolute(path: str) -> str:
    """`path` on the project's own origin."""
    return settings.get("SITE_URL").rstrip("/") + path


def title_of(document: Document, fallback: str) -> str:
    """The text a person would call the document by."""
    named = [document.get(name) for name in TITLE_FIELDS]
    texts = [value for value in [*named, *document.values()] if isinstance(value, str) and value.strip()]
    return clean(" ".join((texts[0] if texts else fallback).split())[:TITLE_MAX]) or fallback


def _link(document: Document, path: str) -> str:
    for name in LINK_FIELDS:
        value = document.get(name)
        if isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and not set(value) & set(" <>\"'\n"):
            return clean(value)
    return absolute(path)


def value_text(value: Any) -> str:
    """A field's value as a person reads it."""
    return value if isinstance(value, str) else json_bytes(value).decode()


def text_of(document: Document) -> str:
    """A document as lines of name and value."""
    lines = (f"{name}: {value_text(value)}" for name, value in document.items() if not name.startswith("_"))
    return clean("\n".join(lines))[:TEXT_MAX]


def feed_of(page: Page) -> Feed:
    """The feed of a page of records."""
    name = page.collection.name
    entries = [
        Entry(
            id=stable_id(name, record.id),
            title=title_of(record.document, record.id),
            link=_link(record.document, f"/get_data/{name}/{record.id}"),
            text=text_of(item),
            published_ms=record.first_ms,
            updated_ms=record.changed_ms,
        )
        for record, item in zip(page.records, page.items, strict=True)
    ]
    return Feed(name, f"/get_data/{name}", page.collection.updated_ms, entries)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _generator(feed: Feed, suffix: str) -> FeedGenerator:
    # imported here: it costs a cold start, and few requests are for feeds
    from feedgen.feed import FeedGenerator

    made = FeedGenerator()
    made.id(stable_id(feed.path))
    made.title(feed.title)
    made.description(f"What is new in {feed.title}")
    made.author({"name": "Kindling"})
    made.link(href=absolute(f"{feed.path}.{suffix}"), rel="self")
    made.link(href=absolute(feed.path), rel="alternate")  # the last is the link of an RSS channel
    made.updated(_moment(feed.updated_ms))
    made.lastBuildDate(_moment(feed.updated_ms))
    made.generator("Kindling")
    for entry in feed.entries:
        one = made.add_entry(order="append")
        one.id(entry.id)
        one.guid(entry.id, permalink=False)
        one.title(entry.title)
        one.link(href=entry.link)
        one.content(_html(entry.text), type="html")
        one.published(_moment(entry.published_ms))
        one.updated(_moment(entry.updated_ms))
    return made


def _html(text: str) -> str:
    return "<br>".join(escape(text).split("\n"))


def rss(feed: Feed) -> bytes:
    """`feed` as RSS 2.0."""
    return bytes(_generator(feed, "rss").rss_str())


def atom(feed: Feed) -> bytes:
    """`feed` as Atom (RFC 4287)."""
    return bytes(_generator(feed, "atom").atom_str())


def json_feed(feed: Feed) -> bytes:
    """`feed` as JSON Feed 1.1."""
    return json_bytes(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": absolute(feed.path),
            "feed_url": absolute(f"{feed.path}.jsonfeed"),
            "items": [
                {
                    "id": entry.id,
                    "url": entry.link,
                    "title": entry.title,
                    "content_text": entry.text,
                    "date_published": iso(entry.published_ms),
                    "date_modified": iso(entry.updated_ms),
                }
                for entry in feed.entries
            ],
        }
    )
