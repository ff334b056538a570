"""The formats of listings, of records or of changes: one table of names, media types and writers, and the choice.

A suffix of the path or `_format` decides; else the Accept header does, and JSON is what a client without wishes gets.

Knows a listing only by the shapes that it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from ..errors import ApiError
from ..query.fields import listing, meant
from . import csv_format, feeds
from .feeds import Feed
from .sent import Sent

USUAL = "json"  # what a client gets that has no wish, wherever it stands in the table


class Listing(Protocol):
    """A page of anything, in the shapes that formats are written from."""

    def json(self) -> bytes:
        """The whole answer as JSON, with its cursor."""

    def lines(self) -> Iterable[bytes]:
        """Each item as JSON."""

    def table(self) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The names of the columns, and the rows below them."""

    def feed(self) -> Feed:
        """The items as entries."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a listing. `download` says that a browser should save it rather than show it.

    `feed` is what one for feed readers is called, "" for the others.
    """

    name: str
    media_type: str
    write: Callable[[Listing], bytes]
    also: tuple[str, ...] = ()
    download: bool = False
    feed: str = ""


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("json", "application/json", lambda page: page.json()),
        Format(
            "ndjson",
            "application/x-ndjson",
            lambda page: b"".join(line + b"\n" for line in page.lines()),
            also=("application/ndjson", "application/jsonl"),
            download=True,
        ),
        Format("csv", "text/csv; charset=utf-8", lambda page: csv_format.written(*page.table()), download=True),
        Format("rss", "application/rss+xml", lambda page: feeds.rss(page.feed()), feed="RSS"),
        Format("atom", "application/atom+xml", lambda page: feeds.atom(page.feed()), feed="Atom"),
        Format("jsonfeed", "application/feed+json", lambda page: feeds.json_feed(page.feed()), feed="JSON Feed"),
    )
}


def split_suffix(segment: str) -> tuple[str, str | None]:
    """The name and the format that a part of a path means: `movies.csv` is movies as csv; ApiError 404 for none."""
    name, dot, suffix = segment.rpartition(".")
    if not dot:
        return segment, None
    if suffix not in FORMATS:
        what = f"There is no format '{suffix[:40]}' here{meant(suffix, FORMATS)} There are: {listing(FORMATS)}"
        raise ApiError(404, what, kind="no-format")
    return name, suffix


def choose(suffix: str | None, asked: str | None, headers: Sent, names: Sequence[str] = tuple(FORMATS)) -> str:
    """The name of the format to answer in, one of `names`, among them USUAL.

    ApiError 400 for a bad wish, 406 for none we can meet.
    """
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
        return USUAL
    by_type = {
        media_type: name
        for name in sorted(names, key=lambda name: name != USUAL)  # the first wins where several are as welcome
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
