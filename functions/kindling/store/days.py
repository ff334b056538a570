"""How many runs were queued on a day (UTC), of each source and in all: what the daily caps are held against.

A count rises in the same update that queues its run, by the database's own increment: it costs no call of its own, two
that queue at once are both counted, and a run that is delivered twice is counted once. An update that is sent again
because its answer was lost counts twice: a cap errs towards fewer runs.

Knows no cap: how many are too many is a setting, and `plan` compares.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..flow import Day
from . import paths
from .client import Database

DAY_MS = 86_400_000
DAYS_KEPT = 31  # for a person who asks what a month cost


def day_name(now_ms: int) -> str:
    """The date (UTC) of a moment, as its key."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()


def counted(source: str, now_ms: int) -> dict[str, Any]:
    """The part of an update that counts one run of `source`."""
    at = paths.day(day_name(now_ms))
    one = {".sv": {"increment": 1}}
    return {f"{at}/runs": one, f"{at}/sources/{source}": one}


class Days:
    """The days of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, now_ms: int) -> Day:
        """The day of this moment."""
        name = day_name(now_ms)
        node = self._database.get(paths.day(name)) or {}
        return Day(
            name,
            ends_ms=(now_ms // DAY_MS + 1) * DAY_MS,
            runs=node.get("runs", 0),
            sources=node.get("sources") or {},
            told=frozenset(node.get("told") or ()),
        )

    def mark_told(self, day: Day, cap: str) -> None:
        """Notes that it was told that this cap is reached."""
        self._database.update({f"{paths.day(day.name)}/told/{cap}": True})

    def prune(self, now_ms: int) -> int:
        """Deletes all but the last DAYS_KEPT days; returns how many."""
        first = day_name(now_ms - DAYS_KEPT * DAY_MS)
        old = [name for name in self._database.names(paths.DAYS) if name < first]
        self._database.update({paths.day(name): None for name in old})
        return len(old)
