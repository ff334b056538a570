"""The store as readers and writers of collections see it: read, save, delete, log. Runs stand beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ..errors import ApiError, SchemaNewer
from ..values import surely_plain
from . import paths
from .client import Database, Rows
from .commit import Draft, Put, commit
from .recent import Seen
from .records import Change, Collection, Record, Records, change_from, collection_from, record_from, slot_nodes
from .writes import Check, Saved, Write, apply, new_id

READS_AT_ONCE = 8  # a thread each, with a connection of its own
SUMMARIES_MAX = 64  # kept in this process; one of 2,000 fields takes half a megabyte
BUILD_S = 20.0  # of one call: a client waits for it, and Hosting gives up after 60; the clock goes on with the rest
INDEX_BATCH = 500  # records whose slots one commit writes: about 100 KB
DROP_BATCH = 500  # records one commit deletes, with their documents in the change log


class Store:
    """Everything that is kept. One per process; safe to share between threads.

    Every method raises Unavailable when the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._summaries: dict[str, tuple[Seen, Collection | None]] = {}

    def ping(self) -> None:
        """Returns when the database answers and its layout is ours; raises SchemaNewer if it is of a later version."""
        found = self.database.get(paths.META_SCHEMA)
        if found is None:
            self.database.update({paths.META_SCHEMA: paths.SCHEMA})
        elif found > paths.SCHEMA:
            raise SchemaNewer(f"the data is of layout {found}, this code knows {paths.SCHEMA}; update the code")

    def collections(self) -> list[Collection]:
        """Every collection, by name, private ones too."""
        nodes = self.database.get(paths.COLLECTIONS) or {}
        found = (collection_from(name, nodes[name]) for name in sorted(nodes))
        return [collection for collection in found if collection]

    def known(self, name: str) -> Collection | None:
        """The summary of one collection as this process last saw it; None if it never did. Asks nobody."""
        return self._summaries.get(name, (None, None))[1]

    def collection(self, name: str) -> Collection | None:
        """The summary of one collection as it is now, None if it does not exist."""
        return self.look(name)()

    def look(self, name: str) -> Callable[[], Collection | None]:
        """Asks for the summary of one collection; what is given is to be called once for it.

        The database is asked each time; where nothing changed it sends none, and the same summary comes back.
        """
        seen, summary = self._summaries.get(name, (None, None))
        answered = self.database.look(paths.collection(name), seen)

        def now() -> Collection | None:
            found = answered()
            if found is seen:
                return summary
            fresh = collection_from(name, found.value)
            if len(self._summaries) >= SUMMARIES_MAX:
                self._summaries.clear()
            self._summaries[name] = (found, fresh)
            return fresh

        return now

    def record(self, name: str, key: str) -> Record | None:
        """One record, gone or not; None if it was never kept or is deleted."""
        return record_from(key, self.database.get(paths.record(name, key)))

    def records(self, name: str, *, after: str | None = None, limit: int, descending: bool = False) -> Records:
        """At most `limit` records in the order of their ids, behind the id `after`, gone ones included."""
        start, end = (None, after) if descending else (after, None)
        found = self.database.query(
            f"{paths.DATA}/{name}", start=start, end=end, limit=limit + (after is not None), descending=descending
        )
        return _records(found, limit, without=after)

    def by_slot(
        self,
        name: str,
        slot: str,
        *,
        start: str | None = None,
        end: str | None = None,
        limit: int,
        descending: bool = False,
    ) -> Records:
        """At most `limit` records in the order of an index slot, between `start` and `end`, both inclusive."""
        found = self.database.query(
            f"{paths.DATA}/{name}", order=slot, start=start, end=end, limit=limit, descending=descending
        )
        return _records(found, limit)

    def changes(self, name: str, *, after: str | None = None, limit: int) -> list[Change]:
        """At most `limit` entries of the change log behind the cursor `after`, oldest first."""
        found = self.database.query(f"{paths.CHANGES}/{name}", start=after, limit=limit + (after is not None))
        return [change_from(key, node) for key, node in found if key != after][:limit]

    def latest_changes(self, name: str, *, before: str | None = None, limit: int) -> list[Change]:
        """The last `limit` entries of the change log before the cursor `before`, newest first."""
        found = self.database.query(
            f"{paths.CHANGES}/{name}", end=before, limit=limit + (before is not None), descending=True
        )
        return [change_from(key, node) for key, node in found if key != before][:limit]

    def history(self, name: str, key: str, *, limit: int) -> list[Change]:
        """The last `limit` changes of one record, oldest first."""
        found = self.database.query(
            f"{paths.CHANGES}/{name}", order="id", start=key, end=key, limit=limit, descending=True
        )
        return sorted((change_from(entry, node) for entry, node in found), key=lambda change: change.key)

    def save(self, name: str, writes: Sequence[Write], *, by: str, now_ms: int) -> Saved:
        """Carries out all `writes` or none; the collection is made with its first record.

        Raises ApiError 409 where a source feeds the collection, NotStorable, Contended, and whatever a `check` raises.
        """
        named = [replace(write, id=write.id or new_id(now_ms)) for write in writes]
        given = {write.id for write, asked in zip(named, writes, strict=True) if asked.id}
        saved: list[Saved] = []

        def prepare(summary: Collection | None) -> Draft:
            if summary and summary.source:
                raise ApiError(409, f"{name} is fed by the source {summary.source}; save into another collection")
            before = self.read(name, given) if summary else {}
            puts, done = apply(named, before, now_ms)
            saved[:] = [done]
            return Draft(puts=puts)

        commit(self.database, name, prepare, by=by, now_ms=now_ms)
        return saved[0]

    def remove(self, name: str, key: str, *, forget: bool, check: Check | None = None, by: str, now_ms: int) -> None:
        """Deletes one record where there is one, also of a collection that a source feeds.

        With `forget` no run takes it again from a page. Raises Contended, and whatever `check` raises.
        """

        def prepare(summary: Collection | None) -> Draft:
            old = self.read(name, {key})[key] if summary else None
            if check:
                check(old)
            extra = _unlearn(summary.source, old) if summary and summary.source and old else {}
            if forget and summary:
                extra[paths.forgotten(name, key)] = now_ms
            return Draft(puts=[Put(key, old, None)] if old else [], extra=extra)

        commit(self.database, name, prepare, by=by, now_ms=now_ms)

    def settings(
        self, name: str, *, public: bool | None = None, index: Sequence[str] | None = None, by: str, now_ms: int
    ) -> Collection:
        """Changes the settings of a collection, made if it is new; a new index is begun to be built.

        Raises ApiError 400 for more indexes than there are slots, 409 where a source feeds the collection.
        """

        def prepare(summary: Collection | None) -> Draft:
            if summary and summary.source:
                raise ApiError(409, f"{name} is fed by the source {summary.source}; say public and index there")
            wanted: dict[str, Any] = {} if public is None else {"public": public}
            return Draft(summary=wanted | slots_update(summary, index) or ({} if summary else {"public": False}))

        commit(self.database, name, prepare, by=by, now_ms=now_ms)
        self.build_indexes(name, by=by, now_ms=now_ms)
        found = self.collection(name)
        if found is None:
            raise ApiError(409, f"{name} was deleted meanwhile; send the request again")
        return found

    def build_indexes(self, name: str, *, by: str, now_ms: int, within_s: float | None = None) -> bool:
        """Gives every record the slots of indexes that are not ready; True when all are.

        Goes on where an interrupted build stopped, and itself stops after `within_s`, BUILD_S if unsaid.
        """
        unfinished = True
        end = time.monotonic() + (BUILD_S if within_s is None else within_s)
        while unfinished and time.monotonic() < end:

            def prepare(summary: Collection | None) -> Draft:
                nonlocal unfinished
                pending = {k: v for k, v in summary.indexes.items() if not v.ready} if summary else {}
                unfinished = bool(pending)
                if not pending:
                    return Draft()
                after = min((index.upto or "" for index in pending.values()), default="") or None
                batch = self.records(name, after=after, limit=INDEX_BATCH)
                extra = {
                    f"{paths.record(name, record.id)}/{slot}": value
                    for record in batch
                    for slot, value in slot_nodes(record, pending).items()
                }
                last = batch[-1].id if len(batch) == INDEX_BATCH else None
                marks = {f"slots/{k}/{'upto' if last else 'ready'}": last or True for k in pending}
                return Draft(summary=marks, extra=extra)

            commit(self.database, name, prepare, by=by, now_ms=now_ms)
        return not unfinished

    def drop(self, name: str, *, by: str, now_ms: int) -> None:
        """Deletes a collection with its history. Interrupted it leaves fewer records, each deletion logged."""
        while True:
            batch = self.records(name, limit=DROP_BATCH)
            keys = {record.id for record in batch}

            def prepare(summary: Collection | None, keys: set[str] = keys) -> Draft:
                before = self.read(name, keys) if summary else {}
                return Draft(puts=[Put(key, old, None) for key, old in before.items() if old])

            if not batch:
                break
            commit(self.database, name, prepare, by=by, now_ms=now_ms)
        commit(self.database, name, lambda summary: _tombstone(summary, now_ms), by=by, now_ms=now_ms)

    def read(self, name: str, keys: Iterable[str | None]) -> dict[str, Record | None]:
        """The records with those ids, gone or not; None for the ones that are not there."""
        wanted = [key for key in keys if key]
        if len(wanted) == 1:
            return {wanted[0]: self.record(name, wanted[0])}
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            return dict(zip(wanted, pool.map(lambda key: self.record(name, key), wanted), strict=True))


def _records(found: Rows, limit: int, without: str | None = None) -> Records:
    plain = surely_plain(found.json)
    built = [record_from(key, node, plain=plain) for key, node in found if key != without]
    return Records([record for record in built if record][:limit], len(found.json))


def _unlearn(source: str, record: Record) -> dict[str, Any]:
    """What makes the next run look at the record's page and at the record as if they were new."""
    if record.page is None:
        return {}
    return {
        f"{paths.rows(source, record.page)}/{record.id}": None,
        f"{paths.page(source, record.page)}/digest": None,
    }


def slots_update(summary: Collection | None, index: Sequence[str] | None) -> dict[str, Any]:
    """The summary entries that make `index` the indexed fields; kept ones keep their slot, new ones wait to be built.

    Raises ApiError 400 for more than there are slots.
    """
    if index is None:
        return {}
    wanted = list(dict.fromkeys(index))
    if len(wanted) > len(paths.SLOTS):
        raise ApiError(400, f"{len(wanted)} indexes; a collection has {len(paths.SLOTS)}")
    current = {slot.field: name for name, slot in (summary.indexes if summary else {}).items()}
    update: dict[str, Any] = {f"slots/{name}": None for field, name in current.items() if field not in wanted}
    free = [name for name in paths.SLOTS if name not in current.values() or f"slots/{name}" in update]
    empty = summary is None or summary.kept == 0
    for name, path in zip(free, [path for path in wanted if path not in current], strict=False):
        update[f"slots/{name}"] = {"field": path, "ready": empty}
    return update


def _tombstone(summary: Collection | None, now_ms: int) -> Draft:
    """What stays of a dropped collection: its version, so that cursors and caches of its first life end."""
    if summary is None:
        return Draft()
    nothing = ("count", "kept", "updated", "public", "source", "fields", "declared", "slots", "fresh", "floor")
    history = {f"{paths.CHANGES}/{summary.name}": None, f"{paths.FORGOTTEN}/{summary.name}": None}
    return Draft(summary={"dropped": now_ms, **dict.fromkeys(nothing)}, extra=history)


_shared: list[Store] = []
_shared_lock = threading.Lock()


def store() -> Store:
    """The one store of this process, made at the first call."""
    with _shared_lock:
        if not _shared:
            _shared.append(Store(Database()))
        return _shared[0]
