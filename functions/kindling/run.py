"""The pipeline of one source: lease, walk, judge, diff, store, tell. A page long, and the only place where all meet.

A site's failure is a value in the run record; whatever else goes wrong is raised, after the lease was given back.
Killed anywhere, a run leaves the old state or the new one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from msgspec import structs

from . import judge, plan
from .diff import NO_PAGE, Difference, diff, outdated
from .errors import HostBusy, LostLease
from .fetch import Budget, Clock, Fetcher, Gate, Secrets, user_agent
from .flow import Lease, PageState, Print, RunRecord, SourceState
from .heart import beating
from .hosts import StoreHosts
from .sources import Source
from .store import Collection, Store
from .store.results import Found, Result, Settings, write_result
from .store.runs import Runs
from .values import NotStorable, fingerprint
from .walk import Memory, Walk, walk

NOTE_EVERY_MS = 2_000  # progress is for a person who watches: every two seconds, one small write
REQUESTS_PER_PAGE = 4  # redirects and retries: a page that needs more is a failing one
RECENT_MAX = 20  # runs told with a source's state, so that an overview of all sources is one read
REJECTS_MAX = 20  # reasons told in a run record; the rest are rare
BAD = {"suspect", "failing"}


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs from outside, from the store to whoever is told.

    `site` is the project's own origin, `contact` part of the User-Agent, `pace_s` the time between two requests to a
    host; `alert` says whether its message was delivered; `progress`, if anybody watches, is called with the record as
    it grows.
    """

    store: Store
    clock: Clock
    gate: Gate
    site: str
    contact: str
    secrets: Secrets
    chance: random.Random
    pace_s: float = 1.0
    alert: Callable[[Source | None, RunRecord, SourceState], bool] = lambda *_: True
    progress: Callable[[RunRecord], None] | None = None


def run_source(source: Source, run: str, tools: Tools, *, accept: bool = False) -> RunRecord | None:
    """Runs one source and keeps its result; None while another run holds its lease, or if this run is over already.

    `accept` takes a result that would be suspect. Raises HostBusy, the run queued again, while another run fetches from
    the source's host; StoreError when the database fails; LostLease when another run took over meanwhile.
    """
    runs = Runs(tools.store)
    started_ms = tools.clock.now_ms()
    earlier = runs.run(source.name, run)
    if earlier and earlier.status not in ("queued", "running"):
        return None
    broken = runs.holder(source.name)
    lease = runs.acquire(source.name, run, started_ms)
    if lease is None:
        return None
    try:
        if broken and broken.run != run:
            _bury(runs, broken, started_ms)
        with beating(runs, lease, tools.clock):
            return _Run(source, tools, runs, lease, started_ms, accept).go()
    finally:
        with suppress(LostLease):
            runs.release(lease)


def _bury(runs: Runs, lease: Lease, now_ms: int) -> None:
    """Ends the record of a run that was killed: its lease lapsed while it still said running."""
    record = runs.run(lease.source, lease.run)
    if record and record.status == "running":
        killed = ("killed", "the run was interrupted; the next one repairs what it left")
        runs.note(replace(record, status="failed", ended_ms=now_ms, error=killed))


@dataclass(slots=True)
class _Run:
    source: Source
    tools: Tools
    runs: Runs
    lease: Lease
    started_ms: int
    accept: bool
    noted_ms: int = 0

    def go(self) -> RunRecord:
        source, tools = self.source, self.tools
        record = RunRecord(self.lease.run, source.name, "running", self.started_ms, accepted=self.accept)
        self.runs.note(record, self.lease)
        self.noted_ms = self.started_ms
        state, _ = self.runs.state(source.name)
        summary = tools.store.collection(source.collection)
        if summary and summary.source not in (None, source.name):
            message = f"the collection {source.collection} belongs to the source {summary.source}; name another"
            return self._bad(record, state, summary, Walk(stop=("collection-taken", message)), "failed")
        memory = self._memory(state, summary)
        budget = Budget(
            requests=source.limits.pages * REQUESTS_PER_PAGE,
            megabytes=source.limits.megabytes,
            seconds=source.limits.seconds,
        )
        hosts = StoreHosts(tools.store.database, self.lease.run, tools.clock, own=urlsplit(tools.site).netloc.lower())
        with Fetcher(
            gate=tools.gate,
            agent=user_agent(tools.contact),
            budget=budget,
            hosts=hosts,
            clock=tools.clock,
            secrets=tools.secrets,
            pace_s=tools.pace_s,
            chance=tools.chance.random,
        ) as fetcher:

            def progress(found: Walk) -> None:
                self._progress(record, found, fetcher)

            try:
                found = walk(source, fetcher, memory, site=tools.site, now_ms=self.started_ms, progress=progress)
            finally:
                record = replace(record, bytes=fetcher.spent.wire_bytes)
        return self._keep(record, state, summary, memory, found)

    def _memory(self, state: SourceState, summary: Collection | None) -> Memory:
        name = self.source.name
        if summary is None or summary.source != name:
            return Memory()
        same = state.digest == self.source.digest()
        return Memory(
            pages=self.runs.pages(name),
            prints=lambda pages: self.runs.prints(name, pages),
            forgotten=self.runs.forgotten(self.source.collection),
            resume=state.resume if same else None,
            same_definition=same,
        )

    def _progress(self, record: RunRecord, found: Walk, fetcher: Fetcher) -> None:
        now_ms = self.tools.clock.now_ms()
        due = now_ms - self.noted_ms >= NOTE_EVERY_MS
        if not due and self.tools.progress is None:
            return
        current = replace(record, pages=found.read, records=len(found.prints), bytes=fetcher.spent.wire_bytes)
        if self.tools.progress is not None:
            self.tools.progress(current)
        if due:
            self.noted_ms = now_ms
            self.runs.note(current, self.lease)

    def _keep(
        self, record: RunRecord, state: SourceState, summary: Collection | None, memory: Memory, found: Walk
    ) -> RunRecord:
        if found.stop and found.stop[0] == "host-busy" and not (found.prints or found.unchanged):
            self.runs.note(replace(record, status="queued"), self.lease)
            raise HostBusy(found.stop[1], url=self.source.urls[0], retry_at_ms=found.retry_at_ms or self.started_ms)
        if found.stop and not (found.prints or (found.limit and (found.unchanged or found.whole))):
            return self._bad(record, state, summary, found, "failed")
        complete = found.stop is None
        prints = self._prints(memory, found)
        still = {key for key, old in prints.items() if old.page in found.before and key not in found.prints}
        elsewhere = sum(memory.pages[key].count for key in found.unchanged) - self._share(found, memory, prints)
        total = len(found.prints) + len(still) + elsewhere
        tally = judge.Tally(total, found.fill, found.looked)
        doubt = judge.suspicion(tally, state, same_definition=memory.same_definition, complete=complete)
        record = self._told(record, found, total)
        if doubt and not self.accept:
            return self._bad(record, state, summary, replace(found, stop=("suspect", doubt)), "suspect")
        difference = diff(found.prints, prints, still, complete=complete, read=found.whole)
        if not (complete or memory.same_definition):
            difference = outdated(difference, prints, found.prints.keys())
        try:
            return self._write(record, state, memory, found, difference, prints, tally)
        except NotStorable as error:
            stop = ("not-storable", str(error))
            return self._bad(record, state, summary, replace(found, stop=stop), "failed")

    def _prints(self, memory: Memory, found: Walk) -> dict[str, Print]:
        """What is remembered of the records of all pages but those that did not change: nothing, if none changed."""
        changed = memory.pages.keys() - found.unchanged
        if not (changed or found.pages):
            return {}
        return dict(memory.prints(changed | {NO_PAGE}))

    def _share(self, found: Walk, memory: Memory, prints: dict[str, Print]) -> int:
        """Marks unchanged pages that hold a record also seen elsewhere; returns how many such records there are.

        From now on these pages are always read, so that a record which leaves one of its two pages is not called gone.
        """
        unknown = [key for key in found.prints if key not in prints] if found.unchanged else []
        kept = self.tools.store.read(self.source.collection, unknown)
        doubles = {key: old for key, old in kept.items() if old and old.page in found.unchanged}
        for key, old in doubles.items():
            page = old.page or NO_PAGE
            prints[key] = Print(page, fingerprint(old.document))
            found.pages[page] = structs.replace(memory.pages[page], shared=True)
        return len(doubles)

    def _told(self, record: RunRecord, found: Walk, total: int) -> RunRecord:
        rejects = tuple((reason, n, found.examples[reason]) for reason, n in found.rejects.most_common(REJECTS_MAX))
        fill = {name: round(share, 4) for name, share in found.fill.items()}
        return replace(
            record, pages=found.read, records=total, rejects=rejects, fill=fill, warnings=tuple(found.warnings)
        )

    def _write(
        self,
        record: RunRecord,
        state: SourceState,
        memory: Memory,
        found: Walk,
        difference: Difference,
        prints: Mapping[str, Print],
        tally: judge.Tally,
    ) -> RunRecord:
        source = self.source
        now_ms = self.tools.clock.now_ms()
        failed = found.stop is not None and not found.limit
        nothing = not (difference.written or difference.gone)
        status = "partial" if found.stop else "unchanged" if nothing and not found.pages else "ok"
        record = replace(record, status=status, ended_ms=now_ms, error=found.stop)
        after = replace(
            state,
            status="failing" if failed else "ok",
            reason=found.stop[1] if failed and found.stop else None,
            failures=state.failures + 1 if failed else 0,
            digest=source.digest(),
            resume=found.resume,
            last_success_ms=state.last_success_ms if failed else self.started_ms,
            usual=tally.records if found.stop is None else state.usual,
            fill=judge.usual_fill(tally, state, same_definition=memory.same_definition),
        )
        keep_gone = source.missing == "keep"
        result = Result(
            settings=Settings(source.collection, source.public, tuple(source.index), source.types()),
            found=[Found(key, found.documents[key], found.prints[key]) for key in difference.written],
            old_prints={key: prints[key] for key in difference.written if key in prints},
            moved=difference.moved,
            gone={} if keep_gone else difference.gone,
            deleted=source.missing == "delete",
            last_ms=state.last_success_ms or self.started_ms,
            pages={**self._unread(memory, found), **found.pages},
        )
        after = self._next(after, found.retry_at_ms, now_ms, record)
        record = write_result(self.runs, self.lease, record, after, result, now_ms=now_ms)
        if source.index:
            self.tools.store.build_indexes(source.collection, by="index", now_ms=now_ms)
        self._tell(record, after)
        return record

    @staticmethod
    def _unread(memory: Memory, found: Walk) -> dict[str, PageState | None]:
        """What becomes of pages that were not read: all were, and these are no more; or the definition they were read
        with is no more."""
        unread = memory.pages.keys() - found.unchanged - set(found.before)
        if found.stop is None:
            return dict.fromkeys(unread)
        return {} if memory.same_definition else {key: PageState(memory.pages[key].url) for key in unread}

    def _bad(
        self, record: RunRecord, state: SourceState, summary: Collection | None, found: Walk, status: str
    ) -> RunRecord:
        """Ends a run whose result is not kept: readers keep the last good snapshot."""
        now_ms = self.tools.clock.now_ms()
        record = replace(record, status=status, ended_ms=now_ms, error=found.stop, pages=found.read)
        after = replace(
            state,
            status="suspect" if status == "suspect" else "failing",
            reason=found.stop[1] if found.stop else None,
            failures=state.failures + 1,
            resume=None if state.failures else state.resume,  # a place that fails twice may be no page any more
        )
        after = self._next(after, found.retry_at_ms, now_ms, record)
        ours = summary is not None and summary.source == self.source.name
        self.runs.finish(self.lease, record, after, self.source.collection if ours else None)
        self._tell(record, after)
        return record

    def _next(self, state: SourceState, retry_at_ms: int | None, now_ms: int, record: RunRecord) -> SourceState:
        return replace(
            state,
            last_run=record.run,
            first_run_ms=state.first_run_ms or self.started_ms,
            last_run_ms=self.started_ms,
            next_run_ms=plan.next_run_ms(self.source, state, now_ms, retry_at_ms, self.tools.chance),
            queued=None,
            queued_ms=0,
            recent=(*state.recent, (record.status, record.records))[-RECENT_MAX:],
        )

    def _tell(self, record: RunRecord, state: SourceState) -> None:
        """One alert on the change to bad, one on recovery; noted once it was delivered."""
        bad = state.status in BAD
        if bad != state.alerted and self.tools.alert(self.source, record, state):
            self.runs.set_state(self.source.name, alerted=bad or None)
