"""What is due and when it is next. Pure: state, definition and the time in, decisions out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .flow import Day, SourceState
from .sources import Source

BACKOFF_FIRST_S = 300  # the clock ticks every five minutes: earlier makes no difference
BACKOFF_MAX_S = 86_400  # a dead site is still asked once a day
JITTER_SHARE = 0.1  # sources declared together drift apart, within a tenth of their interval
JITTER_MAX_S = 300
QUEUED_S = 3_600  # a queued run that did not start for so long was lost, and is queued again
LATE_RUNS = 2  # late: so many runs were due without success …
LATE_GRACE_S = 3_600  # … and an hour on top

ALL = "_all"  # the cap of the whole project among those of sources; no source has such a name


@dataclass(frozen=True, slots=True)
class Caps:
    """How many runs may be queued in a day (UTC): of one source, and of all together."""

    source: int
    project: int


def within(names: Iterable[str], day: Day, caps: Caps) -> tuple[list[str], dict[str, str]]:
    """The sources of `names` that may still run on this day, in order, and for each other the cap that it met: its own,
    told by its name, or ALL."""
    left = caps.project - day.runs
    allowed: list[str] = []
    refused: dict[str, str] = {}
    for name in names:
        if day.sources.get(name, 0) >= caps.source:
            refused[name] = name
        elif len(allowed) >= left:
            refused[name] = ALL
        else:
            allowed.append(name)
    return allowed, refused


def due(sources: Mapping[str, Source], states: Mapping[str, SourceState], now_ms: int) -> list[str]:
    """The sources to run now, the longest overdue first; never one that is disabled, paused or already queued."""

    def when(name: str) -> int:
        return states.get(name, SourceState()).next_run_ms or 0

    def ready(name: str) -> bool:
        state = states.get(name, SourceState())
        queued = state.queued is not None and now_ms - state.queued_ms < QUEUED_S * 1000
        return sources[name].enabled and not state.paused and not queued and when(name) <= now_ms

    return sorted(filter(ready, sources), key=lambda name: (when(name), name))


def next_run_ms(source: Source, state: SourceState, now_ms: int, retry_at_ms: int | None, chance: random.Random) -> int:
    """When `source` is run after one that ended at `now_ms` and left `state`.

    Failures in a row wait exponentially longer, with full jitter over the upper half; a site's own word (`retry_at_ms`)
    is never undercut.
    """
    planned = _scheduled_ms(source, now_ms, chance)
    if state.failures:
        wait_s = min(BACKOFF_FIRST_S * 2 ** min(state.failures - 1, 20), BACKOFF_MAX_S)
        planned = min(planned, now_ms + int(1000 * wait_s * chance.uniform(0.5, 1.0)))
    return max(planned, retry_at_ms or 0)


def is_late(source: Source, state: SourceState, now_ms: int) -> bool:
    """Whether two runs were due since the last success, or without one the first run, and an hour has passed on top."""
    began_ms = state.last_success_ms or state.first_run_ms
    if began_ms is None or not source.enabled or state.paused:
        return False
    due_ms = began_ms
    for _ in range(LATE_RUNS):
        due_ms = _cron_ms(source, due_ms) if source.every_s is None else due_ms + source.every_s * 1000
    return now_ms > due_ms + LATE_GRACE_S * 1000


def _scheduled_ms(source: Source, now_ms: int, chance: random.Random) -> int:
    if source.every_s is None:
        return _cron_ms(source, now_ms)
    jitter_s = min(source.every_s * JITTER_SHARE, JITTER_MAX_S)
    return now_ms + int(1000 * (source.every_s - chance.uniform(0, jitter_s)))


def _cron_ms(source: Source, after_ms: int) -> int:
    from croniter import croniter  # loaded only for sources that have a cron line

    zone = ZoneInfo(source.timezone or "UTC")
    moment: datetime = croniter(source.cron or "", datetime.fromtimestamp(after_ms / 1000, zone)).get_next(datetime)
    return int(moment.timestamp() * 1000)


def hosts_apart(names: Iterable[str], hosts: Mapping[str, str]) -> list[str]:
    """The same sources in turns by host, so that one host's many sources do not delay the others."""
    queues: dict[str, list[str]] = {}
    for name in names:
        queues.setdefault(hosts[name], []).append(name)
    turns: list[str] = []
    while queues:
        for host in list(queues):
            turns.append(queues[host].pop(0))
            if not queues[host]:
                del queues[host]
    return turns
