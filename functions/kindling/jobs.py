"""What the scheduled, queued and administrators' functions do, with no word of HTTP in it.

Delivery is at least once everywhere: a run that is over is not run again, one that is going on is left alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial
from urllib.parse import urlsplit

from . import logs, plan, settings
from .alerts import alert
from .catalogue import Catalogue
from .errors import ApiError, HostBusy, QueueUnavailable
from .fetch import Gate, Secrets, SystemClock
from .flow import Day, RunRecord, SourceState
from .hosts import prune_hosts
from .known import known, named
from .run import Tools, run_source
from .sources import Source
from .store import store
from .store.days import Days
from .store.keys import Keys
from .store.runs import LEASE_S, Runs
from .store.writes import new_id
from .times import iso, iso_if

DUE_MAX = 500  # sources one tick hands over: the rest are due at the next, five minutes later
GOOD = {"ok", "unchanged", "partial"}  # statuses of runs whose result was taken
INVALID_TOLD_MAX = 1_000  # definitions with their mistakes, remembered as told: as many as there may be sources
RUNS_KEPT = 200  # runs kept of a source: a month of four-hourly ones and more than a page can show


@cache
def tools() -> Tools:
    """The tools of this process, from its settings."""
    site = settings.get("SITE_URL")
    clock = SystemClock()
    gate = Gate(allow=settings.listed("KINDLING_ALLOW"), site=site or None)
    return Tools(
        store=store(),
        clock=clock,
        gate=gate,
        site=site,
        contact=settings.get("CONTACT"),
        secrets=Secrets.parse(settings.get("SOURCE_SECRETS")),
        chance=random.SystemRandom(),
        alert=partial(alert, gate=gate, clock=clock),
    )


def queue_due(tools_: Tools) -> Iterator[RunRecord]:
    """Notes a queued run for every source that is due, hosts taking turns, and yields those runs.

    The next is noted when the last was taken: what could not be handed over is still due.
    """
    now_ms = tools_.clock.now_ms()
    found, states = known(tools_.store)
    for name, error in found.invalid.items():
        _tell_invalid(name, str(error))
    names = _within_caps(tools_, plan.due(found.sources, states, now_ms), found, states)[:DUE_MAX]
    for name in names:
        lost = states.get(name, SourceState()).queued
        if lost:
            why = ("lost", "it did not start within an hour; the source was queued again")
            _drop(tools_, Runs(tools_.store).run(name, lost), why)
    hosts = {name: urlsplit(found.sources[name].urls[0]).netloc for name in names}
    for name in plan.hosts_apart(names, hosts):
        yield queue(tools_, name)


@lru_cache(INVALID_TOLD_MAX)
def _tell_invalid(source: str, mistakes: str) -> None:
    """Tells that a definition is wrong, once in this process for the same mistakes."""
    logs.tell("source-invalid", mistakes, source=source)


def caps() -> plan.Caps:
    """How many runs a day may have, from the settings."""
    return plan.Caps(source=settings.number("RUNS_PER_SOURCE"), project=settings.number("RUNS_PER_DAY"))


def admit(tools_: Tools, source: str) -> None:
    """Raises ApiError 429 where no run of `source` may be queued any more today."""
    now_ms = tools_.clock.now_ms()
    day = Days(tools_.store.database).read(now_ms)
    _, refused = plan.within([source], day, caps())
    if refused:
        retry = {"Retry-After": str((day.ends_ms - now_ms) // 1000 + 1)}
        raise ApiError(429, _used_up(refused[source], day), kind="runs-used-up", headers=retry)


def _within_caps(tools_: Tools, names: list[str], found: Catalogue, states: Mapping[str, SourceState]) -> list[str]:
    """The sources that may run today; of those that have used up their runs it is shown, and told once a day."""
    if not names:
        return []
    now_ms = tools_.clock.now_ms()
    days = Days(tools_.store.database)
    day = days.read(now_ms)
    allowed, refused = plan.within(names, day, caps())
    fresh = [name for name in refused if states.get(name, SourceState()).capped_ms != day.ends_ms]
    Runs(tools_.store).rest(fresh, day.ends_ms)
    for cap in sorted(set(refused.values()) - day.told):
        state = replace(states.get(cap, SourceState()), status="capped", reason=_used_up(cap, day))
        record = RunRecord(state.last_run or "", cap, "failed", now_ms, now_ms)
        if tools_.alert(found.sources.get(cap), record, state):
            days.mark_told(day, cap)
    if fresh:
        logs.tell("sources-capped", f"{len(fresh)} sources rest for today", count=len(fresh), sources=" ".join(fresh))
    return allowed


def _used_up(cap: str, day: Day) -> str:
    limits = caps()
    who, count, name = (
        ("the project", limits.project, "RUNS_PER_DAY") if cap == plan.ALL else (cap, limits.source, "RUNS_PER_SOURCE")
    )
    return f"{who} has used up the {count} runs of a day ({name}); it goes on at {iso(day.ends_ms)}"


def build(tools_: Tools) -> list[str]:
    """Goes on with indexes that are not ready yet; the names of the collections that have some."""
    pending = [c.name for c in tools_.store.collections() if not all(index.ready for index in c.indexes.values())]
    for name in pending:
        tools_.store.build_indexes(name, by="index", now_ms=tools_.clock.now_ms())
    return pending


def watch(tools_: Tools) -> list[str]:
    """The watchdog: tells once of every source whose last success is too long ago, whatever the reason; their names.

    A run that succeeds tells of the recovery.
    """
    now_ms = tools_.clock.now_ms()
    found, states = known(tools_.store)
    runs = Runs(tools_.store)
    told = []
    for name, source in found.sources.items():
        state = states.get(name, SourceState())
        if state.alerted or not plan.is_late(source, state, now_ms):
            continue
        since = iso_if(state.last_success_ms or state.first_run_ms)
        late = replace(state, status="late", reason=f"no run has succeeded since {since}")
        record = RunRecord(state.last_run or "", name, "failed", now_ms, now_ms)
        if tools_.alert(source, record, late):
            runs.set_state(name, alerted=True)
            told.append(name)
    return told


def queue(tools_: Tools, source: str, *, accept: bool = False) -> RunRecord:
    """Notes a run of `source` that waits for its turn."""
    now_ms = tools_.clock.now_ms()
    record = RunRecord(new_id(now_ms), source, "queued", now_ms, accepted=accept)
    Runs(tools_.store).queue(record)
    return record


def pass_on(tools_: Tools, record: RunRecord, enqueue: Callable[[RunRecord], None]) -> None:
    """Hands a noted run over with `enqueue`; where that raises QueueUnavailable, the run is over, its source due."""
    try:
        enqueue(record)
    except QueueUnavailable:
        runs = Runs(tools_.store)
        noted = runs.run(record.source, record.run)
        if noted and noted.status == "queued":  # else it was taken all the same, and only the answer was lost
            _drop(tools_, noted, ("queue", "the queue did not take it"))
            runs.set_state(record.source, queued=None, queued_ms=None)
        raise


def running(tools_: Tools, source: str) -> str | None:
    """The run that holds the lease of `source` now, if any."""
    lease = Runs(tools_.store).holder(source)
    return lease.run if lease and lease.until_ms > tools_.clock.now_ms() else None


def perform(tools_: Tools, source: str, run: str) -> RunRecord | None:
    """Runs a queued run; None if it is over, another one of the source is going on, or the source is gone.

    Raises HostBusy, the task to be delivered again, also while an earlier delivery of this run goes on: that one may
    have been killed, and its lease has not lapsed yet.
    """
    runs = Runs(tools_.store)
    record = runs.run(source, run)
    try:
        declared = named(tools_.store, source)
    except ApiError as error:
        _drop(tools_, record, ("no-source", error.detail))
        return None
    done = run_source(declared, run, tools_, accept=bool(record and record.accepted))
    if done:
        _tell(declared, done)
    busy = running(tools_, source) if done is None else None
    if busy == run:
        again_ms = tools_.clock.now_ms() + 1000 * LEASE_S
        raise HostBusy(f"the run {run} is going on or was killed", url=declared.urls[0], retry_at_ms=again_ms)
    if busy:
        _drop(tools_, record, ("busy", f"the run {busy} was going on"))
    return done


def _tell(source: Source, record: RunRecord) -> None:
    """The log line of a run that is over: its error by its code, since a message may quote the page."""
    logs.tell(
        "run-ended" if record.status in GOOD else "run-bad",
        f"{source.name}: {record.status}",
        source=source.name,
        run=record.run,
        collection=source.collection,
        status=record.status,
        pages=record.pages,
        records=record.records,
        added=record.added,
        changed=record.changed,
        removed=record.removed,
        rejects=sum(count for _, count, _ in record.rejects),
        bytes=record.bytes,
        seconds=((record.ended_ms or record.started_ms) - record.started_ms) / 1000,
        error=record.error[0] if record.error else None,
    )


def _drop(tools_: Tools, record: RunRecord | None, why: tuple[str, str]) -> None:
    """Ends a queued run that will not be carried out."""
    if record and record.status == "queued":
        ended_ms = tools_.clock.now_ms()
        Runs(tools_.store).note(replace(record, status="failed", ended_ms=ended_ms, error=why))


def prune(tools_: Tools) -> Mapping[str, int]:
    """Enforces retention: runs beyond RUNS_KEPT, log entries older than a source's `history`, what is known of hosts
    that nobody fetches any more, counts of old days, keys that ended long ago. Returns how many of each went."""
    runs = Runs(tools_.store)
    found, _ = known(tools_.store)
    now_ms = tools_.clock.now_ms()
    database = tools_.store.database
    gone = {
        "runs": 0,
        "changes": 0,
        "hosts": prune_hosts(database, now_ms),
        "days": Days(database).prune(now_ms),
        "keys": Keys(database).prune(now_ms),
    }
    for name, source in found.sources.items():
        gone["runs"] += runs.prune_runs(name, RUNS_KEPT)
        if source.history_s is not None:
            gone["changes"] += runs.prune_changes(source.collection, now_ms - source.history_s * 1000)
    return gone
