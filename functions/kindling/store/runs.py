"""The store as a run sees it: leases, states, pages, prints, and the commits that carry a run's whole result.

A lease is one node, taken and given back by a conditional write; its fence only rises. Whatever a run writes carries
its fence, and the rules refuse an old one: a run that lost its lease cannot write anything more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import Denied, LostLease
from ..flow import Document, Lease, PageState, Print, RunRecord, SourceState
from ..values import dumps
from . import paths
from .client import Database
from .commit import Draft, Put, commit
from .nodes import (
    lease_from,
    page_from,
    page_node,
    print_from,
    print_node,
    run_from,
    run_node,
    state_from,
    state_node,
)
from .records import Collection, Record, declared_nodes
from .store import Store, slots_update

LEASE_S = 120  # a killed run blocks its source no longer; a living one renews long before
BATCH_RECORDS = 1_000  # records one commit writes: a few MB of ordinary ones, the database takes 16
BATCH_BYTES = 8_000_000  # the same in bytes, for records that are not ordinary


@dataclass(frozen=True, slots=True)
class Found:
    """One record a run found new or changed: its document and what to remember of it."""

    id: str
    document: Document
    print: Print


@dataclass(frozen=True, slots=True)
class Settings:
    """What a source says of its collection."""

    collection: str
    public: bool
    index: tuple[str, ...] = ()
    declared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run writes: found records, prints that only moved, ids that are gone, pages read, and its end state.

    `deleted` says that gone records are deleted rather than marked; `last_ms` is when they were last seen.
    """

    settings: Settings
    found: Sequence[Found] = ()
    moved: Mapping[str, tuple[Print, Print]] = field(default_factory=dict)  # id: (old, new)
    gone: Mapping[str, Print] = field(default_factory=dict)
    deleted: bool = False
    last_ms: int = 0
    old_prints: Mapping[str, Print] = field(default_factory=dict)  # of found records that are known
    pages: Mapping[str, PageState | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records a commit added, changed and removed as a reader sees it."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class Runs:
    """Everything a run reads and writes, on the database of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.database: Database = store.database

    # leases

    def acquire(self, source: str, run: str, now_ms: int, *, hold_s: int = LEASE_S) -> Lease | None:
        """Takes the lease of `source` for `run`; None while another run holds it."""

        def decide(node: Any) -> Any:
            if node and node["until"] > now_ms:
                return None
            return {"run": run, "fence": (node["fence"] if node else 0) + 1, "until": now_ms + hold_s * 1000}

        node = self.database.swap(paths.lease(source), decide)
        return lease_from(source, node) if node else None

    def holder(self, source: str) -> Lease | None:
        """The lease of `source` as it stands, also a lapsed or returned one; None if there never was one."""
        node = self.database.get(paths.lease(source))
        return lease_from(source, node) if node else None

    def release(self, lease: Lease) -> None:
        """Gives the lease back, if it still is ours."""
        self.database.swap(paths.lease(lease.source), lambda node: _with_until(node, lease, 0))

    # what a run reads

    def states(self) -> dict[str, tuple[SourceState, str | None]]:
        """Every source that ever ran or was saved: its state, and its definition if it came through the API."""
        nodes = self.database.get(paths.SOURCES) or {}
        return {name: (state_from(node.get("state")), node.get("definition")) for name, node in nodes.items()}

    def state(self, source: str) -> tuple[SourceState, str | None]:
        """The state of one source and its saved definition."""
        node = self.database.get(paths.source(source)) or {}
        return state_from(node.get("state")), node.get("definition")

    def pages(self, source: str) -> dict[str, PageState]:
        """The list pages of `source`, by key."""
        nodes = self.database.get(f"{paths.PAGES}/{source}") or {}
        return {key: page_from(node) for key, node in nodes.items()}

    def prints(self, source: str) -> dict[str, Print]:
        """What is remembered of every record of `source`, by id."""
        nodes = self.database.get(f"{paths.ROWS}/{source}") or {}
        return {key: print_from(page, node) for page, rows in nodes.items() for key, node in rows.items()}

    def forgotten(self, collection: str) -> frozenset[str]:
        """The ids that no run shall take."""
        return frozenset(self.database.names(f"{paths.FORGOTTEN}/{collection}"))

    def runs(self, source: str, *, limit: int) -> list[RunRecord]:
        """The last `limit` runs of `source`, the latest first."""
        found = self.database.query(f"{paths.RUNS}/{source}", limit=limit, descending=True)
        return [run_from(node) for _, node in found]

    def run(self, source: str, run: str) -> RunRecord | None:
        """One run, None if there is none."""
        node = self.database.get(paths.run(source, run))
        return run_from(node) if node else None

    # what a run writes

    def note(self, record: RunRecord, lease: Lease | None = None, *, now_ms: int = 0) -> None:
        """Writes a run record; with its lease also renews that. Raises LostLease."""
        update: dict[str, Any] = {
            paths.run(record.source, record.run): run_node(record, lease.fence if lease else None)
        }
        if lease:
            update[f"{paths.lease(lease.source)}/until"] = now_ms + LEASE_S * 1000
        self._guarded(lease, update)

    def queue(self, record: RunRecord) -> None:
        """Notes a run that waits for its turn, and that its source need not be queued again."""
        state = f"{paths.source(record.source)}/state"
        self.database.update(
            {
                paths.run(record.source, record.run): run_node(record, None),
                f"{state}/queued": record.run,
                f"{state}/queued_ms": record.started_ms,
            }
        )

    def set_state(self, source: str, **changes: Any) -> None:
        """Changes single values of a source's state, such as `paused`."""
        at = f"{paths.source(source)}/state"
        self.database.update({f"{at}/{name}": value for name, value in changes.items()})

    def define(self, source: str, definition: str | None) -> None:
        """Keeps, or with None removes, a definition that came through the API."""
        self.database.update({f"{paths.source(source)}/definition": definition})

    def remove(self, source: str) -> None:
        """Forgets a source: its definition, state, pages and prints. What it gathered stays, and may then be edited."""
        collections = [c.name for c in self.store.collections() if c.source == source]
        for name in collections:
            commit(self.database, name, lambda _: Draft(summary={"source": None, "fresh": None}), by=source, now_ms=0)
        gone = (paths.source(source), f"{paths.ROWS}/{source}", f"{paths.PAGES}/{source}", f"{paths.RUNS}/{source}")
        self.database.update(dict.fromkeys(gone))

    def finish(self, lease: Lease, record: RunRecord, state: SourceState, collection: str | None = None) -> None:
        """Ends a run that changes no record: its record, the state, the collection's freshness. Raises LostLease."""
        self._guarded(lease, _ending(lease, record, state, collection))

    def write(self, lease: Lease, record: RunRecord, state: SourceState, result: Result, *, now_ms: int) -> RunRecord:
        """Commits a run's result with its record and state; returns the record with what was added, changed, removed.

        A result without any change leaves the collection's version, and so every cache of it, alone. Over
        BATCH_RECORDS or BATCH_BYTES it takes several commits, each whole by itself: records with their prints and log
        entries. Pages and state come with the last, so that an interrupted run is repaired by the next.
        """
        summary = self.store.collection(result.settings.collection)
        batches = list(_batches(result))
        if (
            not batches
            and not result.moved
            and summary
            and not _settings_changes(summary, lease.source, result.settings)
        ):
            update = _page_changes(lease.source, result.pages) | _ending(lease, record, state, summary.name)
            self._guarded(lease, update)
            return record
        batches = batches or [([], {})]
        counts = Counts(record.added, record.changed, record.removed)
        for number, (found, gone) in enumerate(batches, 1):
            last = number == len(batches)
            counts, done = self._batch(lease, record, state, result, found, gone, counts, last=last, now_ms=now_ms)
        return done

    def _batch(
        self,
        lease: Lease,
        record: RunRecord,
        state: SourceState,
        result: Result,
        found: Sequence[Found],
        gone: Mapping[str, Print],
        before: Counts,
        *,
        last: bool,
        now_ms: int,
    ) -> tuple[Counts, RunRecord]:
        name = result.settings.collection
        outcome: list[tuple[Counts, RunRecord]] = []

        def prepare(summary: Collection | None) -> Draft:
            puts = self._puts(name, summary, result, found, gone, now_ms)
            counts = _count(puts, before)
            done = replace(record, added=counts.added, changed=counts.changed, removed=counts.removed)
            outcome[:] = [(counts, done)]
            draft = Draft(puts=puts, run=record.run, extra=_print_changes(lease.source, result, found, gone))
            draft.summary = _settings_changes(summary, lease.source, result.settings)
            if last:
                draft.extra |= _moved(lease.source, result) | _page_changes(lease.source, result.pages)
                draft.extra |= _ending(lease, done, state, None)
                draft.summary |= _freshness(done, state)
            else:
                draft.extra[paths.run(record.source, record.run)] = run_node(done, lease.fence)
            return draft

        try:
            commit(self.database, name, prepare, by=f"source:{lease.source}", now_ms=now_ms)
        except Denied as error:
            self._explain(lease, error)
        return outcome[0]

    def _puts(
        self,
        name: str,
        summary: Collection | None,
        result: Result,
        found: Sequence[Found],
        gone: Mapping[str, Print],
        now_ms: int,
    ) -> list[Put]:
        wanted = [item.id for item in found] + list(gone)
        before = self.store.read(name, wanted) if summary and summary.kept else {}
        puts = [Put(item.id, before.get(item.id), _record(item, before.get(item.id), now_ms)) for item in found]
        for key in gone:
            old = before.get(key)
            if old and (result.deleted or old.gone_ms is None):
                marked = None if result.deleted else replace(old, gone_ms=now_ms, last_ms=result.last_ms)
                puts.append(Put(key, old, marked))
        return puts

    def _guarded(self, lease: Lease | None, update: Mapping[str, Any]) -> None:
        try:
            self.database.update(update)
        except Denied as error:
            self._explain(lease, error)

    def _explain(self, lease: Lease | None, error: Denied) -> None:
        holder = self.holder(lease.source) if lease else None
        if lease and holder and holder.fence != lease.fence:
            raise LostLease(f"run {lease.run} of {lease.source} lost its lease to {holder.run}") from error
        raise error

    # retention

    def prune_runs(self, source: str, keep: int) -> int:
        """Deletes all but the last `keep` runs of a source; returns how many."""
        names = self.database.names(f"{paths.RUNS}/{source}")[:-keep]
        self.database.update({paths.run(source, name): None for name in names})
        return len(names)

    def prune_changes(self, collection: str, before_ms: int, *, batch: int = BATCH_RECORDS) -> int:
        """Deletes log entries from before `before_ms`, oldest first; returns how many. The floor moves first."""
        gone = 0
        while True:
            old = [c for c in self.store.changes(collection, limit=batch) if c.at_ms < before_ms]
            if not old:
                return gone
            self.database.update({f"{paths.collection(collection)}/floor": old[-1].at_ms + 1})
            self.database.update({paths.change(collection, change.key): None for change in old})
            gone += len(old)


def _with_until(node: Any, lease: Lease, until_ms: int) -> Any:
    if not node or node["fence"] != lease.fence:
        return None
    return {**node, "until": until_ms}


def _record(item: Found, old: Record | None, now_ms: int) -> Record:
    return Record(item.id, item.document, old.first_ms if old else now_ms, now_ms, page=item.print.page)


def _count(puts: Iterable[Put], before: Counts) -> Counts:
    added, changed, removed = before.added, before.changed, before.removed
    for put in puts:
        was = put.old is not None and put.old.gone_ms is None
        now = put.new is not None and put.new.gone_ms is None
        added += now and not was
        removed += was and not now
        changed += was and now and put.old is not None and put.new is not None and put.old.document != put.new.document
    return Counts(added, changed, removed)


def _print_changes(source: str, result: Result, found: Sequence[Found], gone: Mapping[str, Print]) -> dict[str, Any]:
    update: dict[str, Any] = {}
    for item in found:
        old = result.old_prints.get(item.id)
        if old and old.page != item.print.page:
            update[f"{paths.rows(source, old.page)}/{item.id}"] = None
        update[f"{paths.rows(source, item.print.page)}/{item.id}"] = print_node(item.print)
    return update | {f"{paths.rows(source, was.page)}/{key}": None for key, was in gone.items()}


def _moved(source: str, result: Result) -> dict[str, Any]:
    """Prints of records that did not change but stand on another page now, or whose own page was read again."""
    update: dict[str, Any] = {}
    for key, (old, new) in result.moved.items():
        if old.page != new.page:
            update[f"{paths.rows(source, old.page)}/{key}"] = None
            update[f"{paths.record(result.settings.collection, key)}/{paths.STAMPS}/page"] = new.page
        update[f"{paths.rows(source, new.page)}/{key}"] = print_node(new)
    return update


def _page_changes(source: str, pages: Mapping[str, PageState | None]) -> dict[str, Any]:
    return {paths.page(source, key): page_node(page) if page else None for key, page in pages.items()}


def _ending(lease: Lease, record: RunRecord, state: SourceState, collection: str | None) -> dict[str, Any]:
    update: dict[str, Any] = {
        paths.run(record.source, record.run): run_node(record, lease.fence),
        f"{paths.source(lease.source)}/state": state_node(state),
    }
    if collection:
        update |= {f"{paths.collection(collection)}/{key}": value for key, value in _freshness(record, state).items()}
    return update


def _freshness(record: RunRecord, state: SourceState) -> dict[str, Any]:
    fresh = {"fetched": state.last_success_ms, "status": state.status, "next": state.next_run_ms}
    return {"fresh": {name: value for name, value in fresh.items() if value is not None}}


def _settings_changes(summary: Collection | None, source: str, settings: Settings) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if summary is None or summary.source != source:
        wanted["source"] = source
    if summary is None or summary.public != settings.public:
        wanted["public"] = settings.public
    if dict(summary.declared if summary else {}) != dict(settings.declared):
        wanted["declared"] = declared_nodes(settings.declared)
    return wanted | slots_update(summary, settings.index)


def _batches(result: Result) -> Iterable[tuple[list[Found], dict[str, Print]]]:
    found: list[Found] = []
    size = 0
    for item in result.found:
        weight = len(dumps(item.document))
        if found and (len(found) >= BATCH_RECORDS or size + weight > BATCH_BYTES):
            yield found, {}
            found, size = [], 0
        found.append(item)
        size += weight
    if found:
        yield found, {}
    gone = list(result.gone.items())
    for start in range(0, len(gone), BATCH_RECORDS):
        yield [], dict(gone[start : start + BATCH_RECORDS])
