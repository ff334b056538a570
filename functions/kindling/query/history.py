"""Time travel: what was served at an earlier time, by taking back the entries of the change log since then.

The log tells what a reader was served: `added` and `removed` carry the whole document, `changed` both sides of each
top-level field. The state at a time is that before the first entry later than it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..errors import ApiError
from ..flow import Document
from ..store.records import Record
from ..times import iso
from .reading import READ_MAX, TooMuch

if TYPE_CHECKING:
    from ..store import Change, Collection, Store

HISTORY_MAX = 2_000  # entries of one document that one answer may read
UNDO_MAX = 5_000  # entries of a collection that one answer may take back: 5 MB of log


def undo(document: Document | None, change: Change) -> Document | None:
    """The document before `change`, given the one after it; None where there was or is none."""
    if change.op == "added":
        return None
    before = dict(document or {})
    for name, sides in change.fields.items():
        if "old" in sides:
            before[name] = sides["old"]
        else:
            before.pop(name, None)
    return before


def _not_before(collection: Collection, at_ms: int) -> None:
    if at_ms < collection.floor_ms:
        raise ApiError(
            400,
            f"The history of {collection.name} begins at {iso(collection.floor_ms)}; ask for a later time.",
            kind="too-early",
            errors=(("_as_of", "before the history begins"),),
        )


def document_at(store: Store, collection: Collection, record: Record | None, key: str, at_ms: int) -> Document | None:
    """What was served under the id `key` at the time `at_ms`, None for nothing."""
    _not_before(collection, at_ms)
    entries = store.history(collection.name, key, limit=HISTORY_MAX)
    later = _later(entries, at_ms)
    if len(entries) == HISTORY_MAX and len(later) == HISTORY_MAX:
        raise ApiError(422, f"More than {HISTORY_MAX} changes since then; ask for a later time.", kind="too-big")
    return _taken_back(record, later)


def _later(entries: list[Change], at_ms: int) -> list[Change]:
    first = next((n for n, change in enumerate(entries) if change.at_ms > at_ms), len(entries))
    return entries[first:]


def _taken_back(record: Record | None, later: Iterable[Change]) -> Document | None:
    document = record.document if record and record.gone_ms is None else None
    for change in reversed(list(later)):
        document = undo(document, change)
    return document


def records_at(store: Store, collection: Collection, records: Iterable[Record], at_ms: int) -> list[Record]:
    """The records served at `at_ms`, in the order of their ids, given all `records` of now.

    Raises TooMuch where more of the log would have to be read than one answer may cost.
    """
    _not_before(collection, at_ms)
    by_id: dict[str, list[Change]] = {}
    for change in _since(store, collection, at_ms):
        by_id.setdefault(change.id, []).append(change)
    now = {record.id: record for record in records}
    found = []
    for key in sorted(now.keys() | by_id.keys()):
        document = _taken_back(now.get(key), by_id.get(key, ()))
        if document is not None:
            found.append(_as_then(now.get(key), key, document, by_id.get(key, []), at_ms))
    return found


def _as_then(now: Record | None, key: str, document: Document, later: list[Change], at_ms: int) -> Record:
    """A record with the stamps that are still known; of one that is deleted only that it was there at `at_ms`."""
    if now is None:
        return Record(key, document, first_ms=at_ms, changed_ms=at_ms)
    if not later:
        return now
    return replace(now, document=document, changed_ms=min(now.changed_ms, at_ms), gone_ms=None, last_ms=None)


def _since(store: Store, collection: Collection, at_ms: int) -> list[Change]:
    """The entries of the log from the first one later than `at_ms` on."""
    name = collection.name
    after = _last_version_at(store, collection, at_ms)
    found: list[Change] = []
    while True:
        batch = store.changes(name, after=after, limit=READ_MAX)
        found += batch
        if len(found) > UNDO_MAX:
            raise TooMuch
        if len(batch) < READ_MAX:
            return _later(found, at_ms)
        after = batch[-1].key


def _last_version_at(store: Store, collection: Collection, at_ms: int) -> str | None:
    """A cursor of the log with no entry later than `at_ms` before it, found by halving the versions."""
    low, high = 0, collection.version
    while low < high:
        middle = (low + high) // 2
        entry = store.changes(collection.name, after=_before(middle), limit=1)
        if entry and entry[0].at_ms <= at_ms:
            low = int(entry[0].key[:10])
            if low <= middle:
                low = middle + 1
        else:
            high = middle
    return _before(low) if low else None


def _before(version: int) -> str:
    """The cursor in front of a version's entries; digits alone would be a number, which comes before every key."""
    return f"{version:010d}-"
