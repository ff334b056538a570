"""`get_changes`: what was added, changed and removed, in the order it happened, or the latest first.

A cursor names the last entry that was read, so a client that keeps it misses nothing and sees nothing twice. In the
order it happened `next` is null only where there was nothing to read: the cursor that was sent stays good. Latest first
it is null at the log's beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import ApiError
from ...query import cursors, read_limit
from ...query.history import HISTORY_MAX
from ...query.plan import LIMIT_DEFAULT, LIMIT_MAX, refuse
from ...store import Change, Collection, store
from ...times import iso
from ...values import canonical_id, json_bytes
from .. import csv_format, feeds
from ..access import current, freshness, seconds
from ..answer import Answer, Call
from ..callers import Scope
from ..feeds import Entry, Feed
from ..formats import FORMATS, choose, split_suffix
from ..parameters import next_link
from ..routing import Parameter, Route
from ..schemas import LIMIT, OBJECT, listed
from .data import FORMAT

COLUMNS = ("id", "op", "at", "field", "old", "new", "by", "run")
ORDERS = {"at": "_since", "-at": "_after"}  # to the parameter that takes the cursor


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a change log: at most `limit` entries in an order of ORDERS, `id`'s or all, behind `place`."""

    order: str
    id: str | None
    place: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of the change log of a collection and the cursor behind it."""

    collection: Collection
    entries: Sequence[Change]
    next: str | None

    def json(self) -> bytes:
        """Entries and cursor."""
        return json_bytes({"items": [told(change) for change in self.entries], "next": self.next})

    def lines(self) -> Iterable[bytes]:
        """Each entry as JSON."""
        return (json_bytes(told(change)) for change in self.entries)

    def table(self) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """A row for each field that changed."""
        return COLUMNS, _rows(self)

    def feed(self) -> Feed:
        """Each entry with its fields as text."""
        return _feed(self)


def changes(call: Call) -> Answer:
    """A page of the change log, in the format that was asked for."""
    name, suffix = split_suffix(call.names["collection"])
    return current(call, name, lambda collection: _changes(call, collection, suffix))


def _changes(call: Call, collection: Collection, suffix: str | None) -> Answer:
    form = FORMATS[choose(suffix, dict(call.parameters).get("_format"), call.headers)]
    asked = _asked(call, collection, "-at" if form.feed else "at")
    page = _page(collection, asked)
    headers = dict(freshness(collection))
    if page.next:
        headers["Link"] = next_link(call, ORDERS[asked.order], page.next)
    if form.download:
        headers["Content-Disposition"] = f'attachment; filename="{collection.name}-changes.{form.name}"'
    return Answer(
        form.write(page),
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


def _asked(call: Call, collection: Collection, usual: str) -> Asked:
    """What the parameters ask; feed readers read from the top, so a feed's `usual` order is the latest first."""
    order = call.parameter("_sort", usual)
    if order not in ORDERS:
        refuse([("_sort", f"'{order[:20]}' is no order; at is as it happened, -at the latest first")])
    refuse(
        [(name, f"it goes with _sort={one}") for one, name in ORDERS.items() if one != order and call.parameter(name)]
    )
    named = call.parameter("_id")
    one = canonical_id(named) if named else None
    place, token = None, call.parameter(ORDERS[order])
    if token:
        try:
            (place,) = cursors.read(token, _digest(collection, order, one), 1)
        except cursors.BadCursor as error:
            refuse([(ORDERS[order], str(error))])
    return Asked(order, one, place, _limit(call))


def _digest(collection: Collection, order: str, one: str | None) -> str:
    return cursors.digest(["changes", collection.name, order, one])


def _page(collection: Collection, asked: Asked) -> ChangePage:
    found = (_of_one if asked.id else _of_all)(collection.name, asked)
    over = not found or (asked.order == "-at" and len(found) < asked.limit)
    token = None if over else cursors.write(_digest(collection, asked.order, asked.id), (found[-1].key,))
    return ChangePage(collection, found, token)


def _of_all(name: str, asked: Asked) -> list[Change]:
    if asked.order == "-at":
        return store().latest_changes(name, before=asked.place, limit=asked.limit)
    return store().changes(name, after=asked.place, limit=asked.limit)


def _of_one(name: str, asked: Asked) -> list[Change]:
    """Pages of one document's entries, of which the database can only give the latest."""
    found = store().history(name, asked.id or "", limit=HISTORY_MAX)
    if asked.order == "-at":
        found = [one for one in reversed(found) if asked.place is None or one.key < asked.place]
    else:
        found = [one for one in found if asked.place is None or one.key > asked.place]
    return found[: asked.limit]


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


def _rows(page: ChangePage) -> Iterator[Sequence[Any]]:
    return (
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
            Parameter("_sort", "at: as it happened; -at: the latest first", "-at", values=tuple(ORDERS)),
            Parameter("_after", "with _sort=-at the `next` of the page before"),
            Parameter("_id", "only the changes of this document", "big"),
            Parameter("_limit", f"entries a page, 1 to {LIMIT_MAX}", str(LIMIT_DEFAULT), LIMIT),
            FORMAT,
        ),
        needs=Scope.READ,
        media_types=tuple(form.media_type.partition(";")[0] for form in FORMATS.values()),
        schema=listed(OBJECT),
    ),
)
