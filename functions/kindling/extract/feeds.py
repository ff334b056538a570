"""RSS, Atom and JSON Feed: each entry is a record, its fields under the same names whatever the feed is.

Facts relied on: feedparser never fetches when it is given a stream; its `*_parsed` times are UTC; it makes links
absolute and cleans HTML of scripts. JSON Feed 1.1 is read here.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..flow import Page
from ..pageformats import FEED_FIELDS
from ..sources import Field, Source
from . import dates
from .decoding import Decoded
from .faults import Bad, Unreadable
from .jsons import loads
from .reader import Reader

Entry = Mapping[str, Any]


def _contents(entry: Entry) -> list[Any]:
    return [part.get("value") for part in entry.get("content", ())]


def _when(name: str) -> Callable[[Entry], list[Any]]:
    def moments(entry: Entry) -> list[Any]:
        """As written, with its offset, where its standard's date; else as feedparser understood it, in UTC."""
        written, parsed = entry.get(name), entry.get(f"{name}_parsed")
        try:
            return [dates.read_datetime(written, None, None)] if written else []
        except Bad:
            return [time.strftime("%Y-%m-%dT%H:%M:%S+00:00", parsed) if parsed else written]

    return moments


def _links(kind: str) -> Callable[[Entry], list[Any]]:
    return lambda entry: [link.get("href") for link in entry.get("links", ()) if link.get("rel") == kind]


_XML: Mapping[str, Callable[[Entry], list[Any]]] = {
    "id": lambda entry: [entry.get("id") or entry.get("link")],
    "title": lambda entry: [entry.get("title")],
    "link": lambda entry: [entry.get("link")],
    "summary": lambda entry: [entry.get("summary")],
    "content": _contents,
    "author": lambda entry: [person.get("name") for person in entry.get("authors", ())] or [entry.get("author")],
    "published": _when("published"),
    "updated": _when("updated"),
    "tags": lambda entry: [tag.get("label") or tag.get("term") for tag in entry.get("tags", ())],
    "enclosure": _links("enclosure"),
}
_JSON: Mapping[str, Callable[[Entry], list[Any]]] = {
    "id": lambda item: [item.get("id") or item.get("url")],
    "title": lambda item: [item.get("title")],
    "link": lambda item: [item.get("url") or item.get("external_url")],
    "summary": lambda item: [item.get("summary")],
    "content": lambda item: [item.get("content_html") or item.get("content_text")],
    "author": lambda item: [
        person.get("name") for person in _objects(item.get("authors")) or _objects([item.get("author")])
    ],
    "published": lambda item: [item.get("date_published")],
    "updated": lambda item: [item.get("date_modified")],
    "tags": lambda item: _listed(item.get("tags")),
    "enclosure": lambda item: [attached.get("url") for attached in _objects(item.get("attachments"))],
}
FIELDS: Mapping[str, Field] = {
    name: Field(name, type_, required=name == "id", many=name == "tags") for name, type_ in FEED_FIELDS.items()
}
"""The fields of an entry, for a source that declares none."""


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """A feed, opened."""
    return FeedReader(content.text, page.url)


class FeedReader(Reader):
    """A feed."""

    typed = False
    single = False

    def __init__(self, text: str, url: str) -> None:
        """Raises Unreadable where the text is no feed."""
        self.base = url
        self.notes: tuple[str, ...] = ()
        if text.lstrip().startswith("{"):
            feed = loads(text, url)
            if not isinstance(feed.get("items"), list):
                raise Unreadable(f"{url} is JSON without items, so no JSON Feed; add format: json")
            self._entries: list[Entry] = _objects(feed["items"])
            self._table = _JSON
            return
        self._table = _XML
        self._entries = self._parsed(text, url)

    def _parsed(self, text: str, url: str) -> list[Entry]:
        import feedparser

        headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
        try:
            feed = feedparser.parse(io.BytesIO(text.encode("utf-8", "replace")), response_headers=headers)
        except Exception as error:
            raise Unreadable(f"{url} is no feed that can be read: {type(error).__name__}") from error
        if not feed.get("version") and not feed.entries:
            raise Unreadable(f"{url} is no RSS, Atom or JSON feed")
        if feed.bozo:
            self.notes = (f"{url} is not well-formed XML; it was read as far as it can be",)
        return [dict(entry) for entry in feed.entries]  # plain: its own dict answers `updated` with `published`

    def fields(self) -> Mapping[str, Field]:
        return FIELDS

    def prepare(self, field: Field, name: str) -> Callable[[Entry], list[Any]]:
        wanted = field.select or name
        return self._table.get(wanted) or (lambda entry: _listed(entry.get(wanted)))

    def records(self) -> Iterable[Entry]:
        return self._entries

    def values(self, record: Entry, expression: Callable[[Entry], list[Any]], many: bool) -> list[Any]:
        found = [value for value in expression(record) if isinstance(value, str | int | float) and value != ""]
        return found if many else found[:1]

    def parts(self, record: Entry, expression: Any, many: bool) -> list[Entry]:
        return [record]

    def identity(self, record: Entry) -> str | None:
        found = self._table["id"](record)[0]
        return str(found) if found else None

    def link(self, expression: str) -> str | None:
        return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _objects(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
