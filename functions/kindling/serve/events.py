"""What the clock and the queue set off: the boundary of functions that nobody asks by URL.

Facts relied on: the emulator and the platform probe `/__/health` of every function, which reaches user code; a task
that raises is delivered again. The scraper is imported when the first event comes.
"""

from __future__ import annotations

from typing import Any

from flask import request

from ..errors import HostBusy, LostLease, StoreError
from .boundary import PROBE
from .problems import log


def is_probe() -> bool:
    """Whether this call is the platform's health probe and not an event."""
    return request.path == PROBE


def hand_over() -> None:
    """Queues a run for every source that is due."""
    from ..jobs import build, due, tools, watch
    from ..queue import enqueue

    names = []
    for record in due(tools()):
        enqueue(record)
        names.append(record.source)
    log("INFO", f"{len(names)} sources are due", sources=" ".join(names))
    building = build(tools())
    if building:
        log("INFO", f"indexes were built in {len(building)} collections", collections=" ".join(building))
    late = watch(tools())
    if late:
        log("ERROR", f"{len(late)} sources are late", sources=" ".join(late))


def run_task(data: Any) -> None:
    """Runs the source that a task names; raises to have the task delivered again."""
    from ..jobs import perform, tools

    match data:
        case {"source": str(source), "run": str(run)}:
            pass
        case _:
            log("ERROR", "a task of the queue names no source and run; it is dropped")
            return
    try:
        record = perform(tools(), source, run)
    except HostBusy as error:
        log("INFO", str(error), source=source, run=run)
        raise
    except LostLease as error:
        log("WARNING", str(error), source=source, run=run)
        return
    except StoreError as error:
        log("ERROR", str(error), source=source, run=run)
        raise
    if record:
        why = record.error[1] if record.error else ""
        log(
            "INFO" if record.status in ("ok", "unchanged") else "WARNING",
            f"{source}: {record.status} {why}".rstrip(),
            run=run,
        )


def retain() -> None:
    """Enforces retention."""
    from ..jobs import prune, tools

    gone = prune(tools())
    log("INFO", f"pruned {gone['runs']} runs and {gone['changes']} changes")
