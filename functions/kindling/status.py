"""How sources, runs and their health are told to people and programs. Pure; the JSON edge of the write side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import plan
from .flow import RunRecord, SourceState
from .sources import Source
from .times import iso, iso_if


def health(source: Source, state: SourceState, now_ms: int) -> str:
    """One word for a source: ok, suspect, failing, capped, late, new or paused."""
    if state.paused or not source.enabled:
        return "paused"
    if state.status in ("ok", "new") and state.capped_ms is not None and state.capped_ms > now_ms:
        return "capped"
    if state.status in ("ok", "new") and plan.is_late(source, state, now_ms):
        return "late"
    return state.status


def source_json(source: Source, state: SourceState, count: int, now_ms: int, *, admin: bool) -> dict[str, Any]:
    """A source as `get_sources` tells it; why it fails only to an administrator."""
    told: dict[str, Any] = {
        "name": source.name,
        "status": health(source, state, now_ms),
        "last_run": iso_if(state.last_run_ms),
        "last_success": iso_if(state.last_success_ms),
        "next_run": iso_if(_next_run_ms(state)),
        "collection": source.collection,
        "count": count,
        "recent": [{"status": status, "records": records} for status, records in state.recent],
    }
    if admin:
        told |= {"reason": state.reason, "run": state.last_run, "queued": state.queued}
    return told


def _next_run_ms(state: SourceState) -> int | None:
    known = [ms for ms in (state.next_run_ms, state.capped_ms) if ms is not None]
    return max(known, default=None)


def run_json(record: RunRecord, now_ms: int) -> dict[str, Any]:
    """A run as `get_runs` tells it; `seconds` of a running one count up to now, of one that began after it are 0."""
    end_ms = record.ended_ms or now_ms
    return {
        "run": record.run,
        "source": record.source,
        "status": record.status,
        "started_at": iso(record.started_ms),
        "seconds": round(max(0, end_ms - record.started_ms) / 1000, 3),
        "pages": record.pages,
        "records": record.records,
        "added": record.added,
        "changed": record.changed,
        "removed": record.removed,
        "rejects": [{"reason": reason, "count": n, "example": example} for reason, n, example in record.rejects],
        "fill": dict(record.fill),
        "bytes": record.bytes,
        "warnings": list(record.warnings),
        "error": {"code": record.error[0], "message": record.error[1]} if record.error else None,
    }


def sources_json(
    sources: Mapping[str, Source],
    states: Mapping[str, SourceState],
    counts: Mapping[str, int],
    now_ms: int,
    *,
    admin: bool,
) -> list[dict[str, Any]]:
    """Every source, by name."""
    return [
        source_json(source, states.get(name, SourceState()), counts.get(source.collection, 0), now_ms, admin=admin)
        for name, source in sorted(sources.items())
    ]
