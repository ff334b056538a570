"""The formats of a page: one table of names, media types and writers, and the choice between them.

A suffix of the path or `_format` decides; else the Accept header does, and JSON is what a client without wishes gets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import Headers, MIMEAccept
from werkzeug.http import parse_accept_header

from ..errors import ApiError
from ..query.fields import listing, meant
from . import csv_format, feeds
from .encode import json_bytes
from .pages import Page


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a page. `download` says that a browser should save it rather than show it."""

    name: str
    media_type: str
    write: Callable[[Page], bytes]
    also: tuple[str, ...] = ()
    download: bool = False
    feed: bool = False


def json_page(page: Page) -> bytes:
    """A page as JSON: items and cursor, or a bare list."""
    items = b"[" + b",".join(page.parts) + b"]"
    if page.plan.array:
        return items
    total = b"" if page.total is None else b',"total":%d' % page.total
    return b'{"items":' + items + b',"next":' + json_bytes(page.next) + total + b"}"


def ndjson_page(page: Page) -> bytes:
    """A page as one line of JSON an item."""
    return b"".join(part + b"\n" for part in page.parts)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("json", "application/json", json_page),
        Format(
            "ndjson", "application/x-ndjson", ndjson_page, ("application/ndjson", "application/jsonl"), download=True
        ),
        Format("csv", "text/csv; charset=utf-8", csv_format.csv_page, download=True),
        Format("rss", "application/rss+xml", feeds.rss, feed=True),
        Format("atom", "application/atom+xml", feeds.atom, feed=True),
        Format("jsonfeed", "application/feed+json", feeds.json_feed, feed=True),
    )
}


def split_suffix(segment: str) -> tuple[str, str | None]:
    """The name and the format that a part of a path means: `movies.csv` is movies as csv."""
    name, dot, suffix = segment.rpartition(".")
    return (name, suffix) if dot and suffix in FORMATS else (segment, None)


def choose(suffix: str | None, asked: str | None, headers: Headers, names: Sequence[str] = tuple(FORMATS)) -> str:
    """The name of the format to answer in, one of `names`; ApiError 400 for a bad wish, 406 for none we can meet."""
    if asked is not None and asked not in names:
        what = f"there is no format '{asked[:40]}' here{meant(asked, names)} There are: {listing(names)}"
        raise ApiError(400, f"_format: {what}", kind="bad-query", errors=(("_format", what),))
    if asked and suffix and asked != suffix:
        raise ApiError(400, f"The path says {suffix} and _format says {asked}; say one.", kind="bad-query")
    named = asked or suffix
    if named and named in names:
        return named
    return _accepted(headers.get("Accept", ""), names)


def _accepted(accept: str, names: Sequence[str]) -> str:
    if not accept:
        return names[0]
    by_type = {
        media_type: name
        for name in names
        for media_type in (MEDIA_TYPES[name], *(FORMATS[name].also if name in FORMATS else ()))
    }
    best = parse_accept_header(accept, MIMEAccept).best_match(list(by_type))
    if best is None:
        offered = listing(by_type)
        raise ApiError(406, f"This is not served as {accept[:100]}; it is served as {offered}.", kind="not-acceptable")
    return by_type[best]


MEDIA_TYPES: dict[str, str] = {name: one.media_type.partition(";")[0] for name, one in FORMATS.items()} | {
    "svg": "image/svg+xml"
}
