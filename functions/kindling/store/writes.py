"""What a client wants written, and what that makes of the records there are. Pure but for the ids it makes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..flow import Document
from ..values import dumps, normal
from .commit import Put
from .records import Record, merge_patch

Check = Callable[[Record | None], None]
"""Sees a record as it is before a write, None where there is none, and may raise to refuse."""


@dataclass(frozen=True, slots=True)
class Write:
    """One thing to do to one record.

    `put` replaces, `merge` is a JSON merge patch (RFC 7396). Without an `id` one is made that sorts by time.
    """

    op: Literal["put", "merge"]
    id: str | None = None
    document: Document | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: ids and records in the order of the writes."""

    ids: list[str]
    created: int = 0
    replaced: int = 0
    records: list[Record] = field(default_factory=list)


def apply(writes: Sequence[Write], before: dict[str, Record | None], now_ms: int) -> tuple[list[Put], Saved]:
    """The puts of `writes` done in order, each seeing the ones before it, and what a client is told."""
    state: dict[str, Record | None] = dict(before)
    saved = Saved([])
    created = replaced = 0
    for write in writes:
        key = write.id or ""
        old = state.get(key)
        if write.check:
            write.check(old)
        new = _written(write, old, key, now_ms)
        state[key] = new
        saved.ids.append(key)
        saved.records.append(new)
        created += old is None or old.gone_ms is not None
        replaced += old is not None and old.gone_ms is None
    puts = [Put(key, before.get(key), new) for key, new in state.items() if new != before.get(key)]
    return puts, replace(saved, created=created, replaced=replaced)


def _written(write: Write, old: Record | None, key: str, now_ms: int) -> Record:
    document = write.document or {}
    if write.op == "merge":
        document = merge_patch(old.document if old else {}, document)
    document = normal(document)
    if old and old.gone_ms is None and dumps(old.document) == dumps(document):
        return old
    return Record(key, document, first_ms=old.first_ms if old else now_ms, changed_ms=now_ms)


_ID_CHARS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_id_lock = threading.Lock()
_last_id = [0, 0]  # milliseconds, random tail


def new_id(now_ms: int) -> str:
    """An id as the client SDKs' push makes it: 8 characters of time, 12 of chance, rising within this process."""
    with _id_lock:
        _last_id[:] = [now_ms, _last_id[1] + 1 if _last_id[0] == now_ms else secrets.randbits(72)]
        number = now_ms << 72 | _last_id[1] % 2**72
    return "".join(_ID_CHARS[number >> 6 * place & 63] for place in range(19, -1, -1))
