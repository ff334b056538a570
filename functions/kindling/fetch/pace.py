"""When a host may be asked again: what an answer and a failure do to its state. Pure."""

from __future__ import annotations

from dataclasses import replace

from kindling.fetch.hosts import HostState

PACE_S = 1.0
"""Between the end of one answer and the next request to the same host, unless its Crawl-delay is longer."""

BACKOFF_FIRST_S = 2.0
"""The upper end of the pause after a first failure; it doubles with each failure in a row."""

BACKOFF_LONGEST_S = 3600.0
"""A host that is down for days is still tried about once an hour."""


def after_answer(state: HostState, now_ms: int, gap_s: float) -> HostState:
    """The host answered as it should: only its pace holds, old failures are forgotten."""
    return HostState(next_at_ms=now_ms + _ms(gap_s), robots=state.robots)


def after_failure(state: HostState, now_ms: int, gap_s: float, retry_after_s: float | None, chance: float) -> HostState:
    """The host failed: it is left alone as long as it asked for, or else by exponential back-off with full jitter.

    `chance` is a random number from 0 to 1. Full jitter (any time up to the doubled pause) spreads clients best:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    failures = state.failures + 1
    doubled_s = BACKOFF_FIRST_S * 2 ** min(failures - 1, 20)  # 20 doublings are over any bound; more overflow floats
    pause_s = min(doubled_s, BACKOFF_LONGEST_S) * chance if retry_after_s is None else retry_after_s
    return replace(state, next_at_ms=now_ms + _ms(gap_s), failures=failures, backoff_until_ms=now_ms + _ms(pause_s))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
