"""The time as the steps see it, so that a test can be an hour long and take no time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        time.sleep(seconds)
