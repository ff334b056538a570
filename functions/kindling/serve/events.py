"""What the clock and the queue set off: the boundary of functions that nobody asks by URL.

Facts relied on: the emulator and the platform probe `/__/health` of every function, which reaches user code; a task
that raises is delivered again; the SDK prints the words of an error that comes out of a function, so that only words of
ours may. The scraper is imported when the first event comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request

from .. import logs
from ..errors import HostBusy, KindlingError, LostLease, QueueUnavailable, StoreError
from .boundary import PROBE
from .problems import new_mark


class JobFailed(KindlingError):
    """A scheduled or queued function met a mistake of ours; the log line it names says where."""


def is_probe() -> bool:
    """Whether this call is the platform's health probe and not an event."""
    return request.path == PROBE


@contextmanager
def _told(where: str, **about: str) -> Iterator[None]:
    """Logs what goes wrong in the function `where`, and has the platform see that it failed."""
    try:
        yield
    except (HostBusy, QueueUnavailable):  # told where they were met
        raise
    except StoreError as error:
        kind = type(error).__name__
        logs.tell("database-failed", f"the database failed {where}", where=where, error=kind, **about)
        raise
    except Exception as error:  # noqa: BLE001 - the boundary of events: a bug is logged here, where it shows no page
        mark = new_mark()
        logs.tell_bug(mark, error, where=where)
        raise JobFailed(f"{where} met a mistake of this project; the logs tell of it as {mark}") from None


def hand_over() -> None:
    """Queues a run for every source that is due."""
    from ..jobs import build, pass_on, queue_due, tools, watch
    from ..queue import enqueue

    with _told("scrape_due"):
        names = []
        for record in queue_due(tools()):
            pass_on(tools(), record, enqueue)
            names.append(record.source)
        logs.tell("sources-due", f"{len(names)} sources are due", count=len(names), sources=" ".join(names))
        building = build(tools())
        if building:
            text = f"indexes were built in {len(building)} collections"
            logs.tell("indexes-built", text, count=len(building), collections=" ".join(building))
        late = watch(tools())
        if late:
            logs.tell("sources-late", f"{len(late)} sources are late", count=len(late), sources=" ".join(late))


def run_task(data: Any) -> None:
    """Runs the source that a task names; raises to have the task delivered again."""
    from ..jobs import perform, tools

    match data:
        case {"source": str(source), "run": str(run)}:
            pass
        case _:
            logs.tell("task-dropped", "a task of the queue names no source and run; it is dropped")
            return
    with _told("scrapesource", source=source, run=run):
        try:
            perform(tools(), source, run)
        except HostBusy as error:
            logs.tell("run-waits", f"{source} waits: {error.code}", source=source, run=run)
            raise
        except LostLease:
            logs.tell("run-superseded", f"a later run took {source} over", source=source, run=run)


def retain() -> None:
    """Enforces retention."""
    from ..jobs import prune, tools

    with _told("prune"):
        gone = prune(tools())
        told = ", ".join(f"{count} {name}" for name, count in gone.items())
        logs.tell("pruned", f"pruned {told}", **gone)
