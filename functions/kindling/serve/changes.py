"""`get_changes`: what was added, changed and removed, in the order it happened.

A cursor names the last entry that was read, so a client that keeps it misses nothing and sees nothing twice. `next` is
null only where there was nothing to read: the cursor that was sent stays good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..errors import ApiError
from ..query import cursors, read_limit
from ..query.plan import LIMIT_DEFAULT, refuse
from ..query.times import iso
from ..store import Change, Collection, store
from . import csv_format, feeds
from .access import freshness, readable, seconds
from .answer import Answer, Call
from .encode import json_bytes
from .feeds import Entry, Feed
from .formats import FORMATS, choose, split_suffix
from .callers import Scope
from .routing import Parameter, Route

COLUMNS = ("id", "op", "at", "field", "old", "new", "by", "run")


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of the change log of a collection, oldest first, and the cursor behind it."""

    collection: Collection
    entries: Sequence[Change]
    next: str | None


def changes(call: Call) -> Answer:
    """A page of the change log, in the format that was asked for."""
    name, suffix = split_suffix(call.names["collection"])
    collection = readable(call, name)
    form = FORMATS[choose(suffix, dict(call.parameters).get("_format"), call.headers)]
    page = _newest(call, collection) if form.feed else _page(call, collection)
    headers = dict(freshness(collection))
    if page.next:
        kept = [pair for pair in call.parameters if pair[0] != "_since"]
        headers["Link"] = f'<?{urlencode([*kept, ("_since", page.next)])}>; rel="next"'
    if form.download:
        headers["Content-Disposition"] = f'attachment; filename="{name}-changes.{form.name}"'
    return Answer(
        _WRITERS[form.name](page),
        form.media_type,
        headers=headers,
        seconds=seconds(call, collection),
        modified_ms=collection.updated_ms,
    )


def _limit(call: Call) -> int:
    try:
        return read_limit(call.parameter("_limit", str(LIMIT_DEFAULT)))
    except ValueError as error:
        raise ApiError(400, f"_limit: {error}", kind="bad-query", errors=(("_limit", str(error)),)) from error


def _digest(collection: Collection) -> str:
    return cursors.digest(["changes", collection.name])


def _page(call: Call, collection: Collection) -> ChangePage:
    after, since = None, call.parameter("_since")
    if since:
        try:
            (after,) = cursors.read(since, _digest(collection), 1)
        except cursors.BadCursor as error:
            refuse([("_since", str(error))])
    found = store().changes(collection.name, after=after, limit=_limit(call))
    token = cursors.write(_digest(collection), (found[-1].key,)) if found else None
    return ChangePage(collection, found, token)


def _newest(call: Call, collection: Collection) -> ChangePage:
    """The latest entries, for feed readers, which read from the top and take no cursor."""
    return ChangePage(collection, store().latest_changes(collection.name, limit=_limit(call)), None)


def told(change: Change) -> dict[str, Any]:
    """A change as the API tells it."""
    return {
        "id": change.id,
        "op": change.op,
        "at": iso(change.at_ms),
        "fields": change.fields,
        "by": change.by,
        "run": change.run,
    }


def _json(page: ChangePage) -> bytes:
    return json_bytes({"items": [told(change) for change in page.entries], "next": page.next})


def _ndjson(page: ChangePage) -> bytes:
    return b"".join(json_bytes(told(change)) + b"\n" for change in page.entries)


def _csv(page: ChangePage) -> bytes:
    rows = (
        (
            csv_format.Id(change.id),
            change.op,
            iso(change.at_ms),
            name,
            sides.get("old"),
            sides.get("new"),
            change.by,
            change.run,
        )
        for change in page.entries
        for name, sides in change.fields.items()
    )
    return csv_format.table(COLUMNS, rows)


def _feed(page: ChangePage) -> Feed:
    name = page.collection.name
    entries = [
        Entry(
            id=feeds.stable_id(name, change.id, change.key),
            title=f"{_title(change)} ({change.op})",
            link=feeds.absolute(f"/get_data/{name}/{change.id}"),
            text=feeds.clean("\n".join(map(_line, change.fields.items())))[: feeds.TEXT_MAX],
            published_ms=change.at_ms,
            updated_ms=change.at_ms,
        )
        for change in page.entries
    ]
    return Feed(f"Changes of {name}", f"/get_changes/{name}", page.collection.updated_ms, entries)


def _title(change: Change) -> str:
    shown = {name: sides.get("new", sides.get("old")) for name, sides in change.fields.items()}
    return feeds.title_of(shown, change.id) if change.op != "changed" else change.id


def _line(field: tuple[str, Any]) -> str:
    name, sides = field
    texts = [feeds.value_text(sides[side]) for side in ("old", "new") if side in sides]
    return f"{name}: {' → '.join(texts)}"


_WRITERS: dict[str, Callable[[ChangePage], bytes]] = {
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
    "rss": lambda page: feeds.write_rss(_feed(page)),
    "atom": lambda page: feeds.write_atom(_feed(page)),
    "jsonfeed": lambda page: feeds.write_json_feed(_feed(page)),
}

ROUTES = (
    Route(
        "get_changes",
        "GET",
        "/get_changes/{collection}",
        changes,
        "What changed",
        {200: "A page of the change log.", 404: "No such collection.", 406: "No such format."},
        (
            Parameter("_since", "the `next` of an earlier answer: only what came after it"),
            Parameter("_limit", "entries a page, 1 to 1000", str(LIMIT_DEFAULT), "integer"),
            Parameter("_format", f"one of {', '.join(FORMATS)}", "json", values=tuple(FORMATS)),
        ),
        media_types=tuple(form.media_type.partition(";")[0] for form in FORMATS.values()),
    ),
)
        needs=Scope.READ,
