"""Where the time comes from, for the clock and the queues: what time it is, and how to wait for another.

It is given to them, so that a test's hours take no time. Knows nothing of what is waited for.
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol


class Time(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The moment, aware."""

    def until(self, moment: datetime) -> Coroutine[Any, Any, None]:
        """Returns at that moment, or at once when it is past."""


class RealTime:
    """The machine's own time."""

    # A sleep is measured by a clock that stands still while a laptop sleeps; short ones find the time again.
    LONGEST_S = 30.0

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)

    async def until(self, moment: datetime) -> None:
        """Sleeps until the moment."""
        while (left_s := (moment - self.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left_s, self.LONGEST_S))
