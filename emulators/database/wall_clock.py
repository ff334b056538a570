"""The wall clock: what time it is, and a timer for the moment when a token expires.

The one module of the database that asks the machine for the time of day. Knows nothing of who waits, or for what.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulators.database.tokens import Access

MAX_TIMER_S = 86_400.0  # longer than any token lives; an absurd number must not overflow a timer


def now_ms() -> int:
    """The time in milliseconds of the epoch."""
    return time.time_ns() // 1_000_000


def expiry_timer(
    access: Access, loop: asyncio.AbstractEventLoop, then: Callable[[], None]
) -> asyncio.TimerHandle | None:
    """A timer for the token's expiry, if it has one that is to come: test tokens are born expired and stay valid."""
    token: Mapping[str, Any] = (access.auth or {}).get("token") or {}
    expires_s = token.get("exp") if isinstance(token, Mapping) else None
    if isinstance(expires_s, bool) or not isinstance(expires_s, (int, float)):
        return None
    left_s = expires_s - now_ms() / 1000
    return loop.call_later(left_s, then) if 0 < left_s < MAX_TIMER_S else None
