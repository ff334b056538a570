"""One page of records, cut to what a function may send, in the shapes that formats are written from.

An item that shows its record whole is written once as long as its record is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..flow import Document
from ..values import json_bytes
from . import csv_format, feeds
from .items import item, whole

if TYPE_CHECKING:
    from ..query import Found, Plan
    from ..store import Collection, Record

PAGE_MAX_BYTES = 8 * 2**20  # a function may send 32 MB; a page is held some times over while it is made


class Page(Struct, frozen=True):
    """One page: the records on it, each also as its item's JSON, and the cursor of the next page."""

    collection: Collection
    plan: Plan
    records: Sequence[Record]
    parts: Sequence[bytes]
    next: str | None
    total: int | None

    @property
    def items(self) -> list[Document]:
        """The records as items."""
        return [item(record, self.plan) for record in self.records]

    def json(self) -> bytes:
        """Items and cursor, or a bare list."""
        items = b"[" + b",".join(self.parts) + b"]"
        if self.plan.array:
            return items
        total = b"" if self.total is None else b',"total":%d' % self.total
        return b'{"items":' + items + b',"next":' + json_bytes(self.next) + total + b"}"

    def lines(self) -> Iterable[bytes]:
        """Each item as JSON."""
        return self.parts

    def table(self) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The columns of the collection, and a row for each record."""
        return csv_format.table_of(self)

    def feed(self) -> feeds.Feed:
        """The records as entries."""
        return feeds.feed_of(self)


def page(collection: Collection, plan: Plan, found: Found) -> Page:
    """The page of what was found; shorter than its limit where more would pass PAGE_MAX_BYTES."""
    made: Callable[[Record], Document]
    if plan.select is None and not (plan.omit or plan.meta):
        made, written = whole, {} if found.written is None else found.written
    else:
        made, written = partial(item, plan=plan), {}
    parts: list[bytes] = []
    size = 0
    for record in found.records:
        part = written.get(record.id)
        if part is None:
            part = written[record.id] = json_bytes(made(record))
        size += len(part)
        if parts and size > PAGE_MAX_BYTES:
            break
        parts.append(part)
    records = found.records[: len(parts)]
    return Page(collection, plan, records, parts, _next(plan, found, records), found.total)


def _next(plan: Plan, found: Found, records: Sequence[Record]) -> str | None:
    if len(records) < len(found.records):
        return plan.cursor(records[-1])
    if found.resume:
        return plan.cursor(found.resume)
    return plan.cursor(records[-1]) if found.more else None
