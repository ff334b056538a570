"""One page of an answer, cut to what a function may send, and what every format of it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..flow import Document
from .encode import json_bytes
from .items import item

if TYPE_CHECKING:
    from ..query import Found, Plan
    from ..store import Collection, Record

PAGE_MAX_BYTES = 8 * 2**20  # a function may send 32 MB; a page is held some times over while it is made


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the records on it, each as an item and as that item's JSON, and the cursor of the next page."""

    collection: Collection
    plan: Plan
    records: Sequence[Record]
    items: Sequence[Document]
    parts: Sequence[bytes]
    next: str | None
    total: int | None


def page(collection: Collection, plan: Plan, found: Found) -> Page:
    """The page of what was found; shorter than its limit where more would pass PAGE_MAX_BYTES."""
    items: list[Document] = []
    parts: list[bytes] = []
    size = 0
    for record in found.records:
        one = item(record, plan)
        part = json_bytes(one)
        size += len(part)
        if parts and size > PAGE_MAX_BYTES:
            break
        items.append(one)
        parts.append(part)
    records = found.records[: len(items)]
    return Page(collection, plan, records, items, parts, _next(plan, found, records), found.total)


def _next(plan: Plan, found: Found, records: Sequence[Record]) -> str | None:
    if len(records) < len(found.records):
        return plan.cursor(records[-1])
    if found.resume:
        return plan.cursor(found.resume)
    return plan.cursor(records[-1]) if found.more else None
