"""How a run's result is committed: records, prints, pages, log entries, state and run record, in few whole commits.

Judges nothing: that the result is to be kept was decided before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from msgspec import Struct, structs

from ..errors import Denied
from ..flow import Lease, PageState, Print, RunRecord, SourceState
from ..values import Kept
from . import paths
from .commit import Draft, Put, commit
from .nodes import page_node, print_node, run_node
from .records import Collection, Record, declared_nodes
from .runs import Runs, ending, freshness
from .store import slots_update

BATCH_RECORDS = 1_000  # records one commit writes: a few MB of ordinary ones, the database takes 16
BATCH_BYTES = 4_000_000  # the same in bytes of documents: each is written as record and once more in the log
GONE_BYTES = 10_000  # what a record that is gone weighs in a batch: its document is not known before it is read


class Found(Struct, frozen=True, gc=False):
    """One record a run found new or changed: how its document is kept and what to remember of it."""

    id: str
    kept: Kept
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


def write_result(
    runs: Runs, lease: Lease, record: RunRecord, state: SourceState, result: Result, *, now_ms: int
) -> RunRecord:
    """Commits a run's result with its record and state; returns the record with what was added, changed, removed.

    A result without any change leaves the collection's version, and so every cache of it, alone. Over BATCH_RECORDS or
    BATCH_BYTES it takes several commits, each whole by itself: records with their prints and log entries. Pages and
    state come with the last, so that an interrupted run is repaired by the next. Raises LostLease.
    """
    name = result.settings.collection
    summary = runs.store.collection(name)
    batches = list(_batches(result))
    if summary and not (batches or result.moved or _settings_changes(summary, lease.source, result.settings)):
        runs.guarded(lease, _page_changes(lease.source, result.pages) | ending(lease, record, state, name))
        return record
    writer = _Writer(runs, lease, state, result, now_ms)
    for found, gone in batches[:-1]:
        record = writer.commit(record, found, gone, last=False)
    found, gone = batches[-1] if batches else ([], {})
    return writer.commit(record, found, gone, last=True)


@dataclass(slots=True)
class _Writer:
    runs: Runs
    lease: Lease
    state: SourceState
    result: Result
    now_ms: int
    began_empty: bool | None = None
    """Whether the first commit found no record: then later ones need not look for theirs. Since that commit the
    collection is the source's, and nobody else adds to it."""

    def commit(self, record: RunRecord, found: Sequence[Found], gone: Mapping[str, Print], *, last: bool) -> RunRecord:
        """Commits one batch; returns `record` with what it added, changed and removed counted in."""
        source = self.lease.source
        told: list[RunRecord] = []

        first = self.began_empty is None

        def prepare(summary: Collection | None) -> Draft:
            if first:
                self.began_empty = summary is None or not summary.kept
            puts = self._puts(found, gone)
            done = _counted(record, puts)
            told[:] = [done]
            draft = Draft(puts, run=record.run, extra=_print_changes(source, self.result, found, gone))
            draft.summary = _settings_changes(summary, source, self.result.settings)
            if last:
                draft.extra |= _moved(source, self.result) | _page_changes(source, self.result.pages)
                draft.extra |= ending(self.lease, done, self.state, None)
                draft.summary |= freshness(self.state)
            else:
                draft.extra |= _unfinished(source, self.result, found)
                draft.extra[paths.run(source, record.run)] = run_node(done, self.lease.fence)
            return draft

        try:
            name = self.result.settings.collection
            commit(self.runs.database, name, prepare, by=f"source:{source}", now_ms=self.now_ms)
        except Denied as error:
            self.runs.explain(self.lease, error)
        return told[0]

    def _puts(self, found: Sequence[Found], gone: Mapping[str, Print]) -> list[Put]:
        wanted = [item.id for item in found] + list(gone)
        before = {} if self.began_empty else self.runs.store.read(self.result.settings.collection, wanted)
        puts = [self._put(item, before.get(item.id)) for item in found]
        for key in gone:
            old = before.get(key)
            if old and (self.result.deleted or old.gone_ms is None):
                marked = structs.replace(old, gone_ms=self.now_ms, last_ms=self.result.last_ms)
                puts.append(Put(key, old, None if self.result.deleted else marked))
        return puts

    def _put(self, item: Found, old: Record | None) -> Put:
        now_ms = self.now_ms
        new = Record(item.id, item.kept.document, old.first_ms if old else now_ms, now_ms, page=item.print.page)
        return Put(item.id, old, new, item.kept.node)


def _counted(record: RunRecord, puts: Iterable[Put]) -> RunRecord:
    """The run record with what `puts` do to what a reader sees."""
    added = changed = removed = 0
    for put in puts:
        old = put.old.document if put.old and put.old.gone_ms is None else None
        new = put.new.document if put.new and put.new.gone_ms is None else None
        added += old is None and new is not None
        removed += old is not None and new is None
        changed += old is not None and new is not None and old != new
    return replace(
        record, added=record.added + added, changed=record.changed + changed, removed=record.removed + removed
    )


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


def _unfinished(source: str, result: Result, found: Sequence[Found]) -> dict[str, Any]:
    """The pages of a batch that is not the last, as pages to be read again: if it stays the last, the next run does."""
    read = {item.print.page: result.pages.get(item.print.page) for item in found}
    return _page_changes(source, {key: PageState(page.url) for key, page in read.items() if page})


def _settings_changes(summary: Collection | None, source: str, settings: Settings) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if summary is None or summary.source != source:
        wanted["source"] = source
    if summary is None or summary.public != settings.public:
        wanted["public"] = settings.public
    if dict(summary.declared if summary else {}) != dict(settings.declared):
        wanted["declared"] = declared_nodes(settings.declared)
    return wanted | slots_update(summary, settings.index)


def _batches(result: Result) -> Iterator[tuple[list[Found], dict[str, Print]]]:
    """The result in as few batches as it takes: an ordinary run is one, so that it is seen whole or not at all."""
    found: list[Found] = []
    gone: dict[str, Print] = {}
    size = 0
    weighed: Iterable[tuple[Found | str, int]] = chain(
        ((item, item.kept.bytes) for item in result.found), ((key, GONE_BYTES) for key in result.gone)
    )
    for item, weight in weighed:
        if (found or gone) and (len(found) + len(gone) >= BATCH_RECORDS or size + weight > BATCH_BYTES):
            yield found, gone
            found, gone, size = [], {}, 0
        if isinstance(item, Found):
            found.append(item)
        else:
            gone[item] = result.gone[item]
        size += weight
    if found or gone:
        yield found, gone
