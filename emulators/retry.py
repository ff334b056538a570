"""When to try again: the policy that Cloud Scheduler and Cloud Tasks share; pure.

Facts relied on (documentation of `RetryConfig` of both): the wait starts at the least back-off, doubles `max_doublings`
times, then grows by the last doubling each time, and never exceeds the most. Attempts and seconds limit together:
trying ends when both are reached, or the one that is set.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how fast to try."""

    max_attempts: int | None  # in all, the first included; None: no limit
    max_retry_s: float | None  # since the first attempt; None: no limit
    min_backoff_s: float
    max_backoff_s: float
    max_doublings: int

    def backoff_s(self, failures: int) -> float:
        """The wait after so many failed attempts (1 or more)."""
        doublings = min(failures - 1, self.max_doublings)
        linear = failures - 1 - doublings
        step = self.min_backoff_s * 2.0 ** min(doublings, 64)  # 64 doublings pass any limit
        return min(step * (1 + linear), self.max_backoff_s)

    def is_over(self, failures: int, since_first_s: float) -> bool:
        """Whether it is enough after so many failed attempts."""
        reached = [
            limit <= now
            for limit, now in ((self.max_attempts, failures), (self.max_retry_s, since_first_s))
            if limit is not None
        ]
        return bool(reached) and all(reached)


# What Cloud Tasks has for a queue that Firebase makes without a word on retries (read in the Firebase CLI).
TASK_DEFAULTS = RetryPolicy(max_attempts=3, max_retry_s=None, min_backoff_s=0.1, max_backoff_s=3600.0, max_doublings=16)
# What Cloud Scheduler has: no retry at all unless a count or a time is set.
SCHEDULE_DEFAULTS = RetryPolicy(
    max_attempts=1, max_retry_s=None, min_backoff_s=5.0, max_backoff_s=3600.0, max_doublings=5
)


def of_queue(config: Mapping[str, Any] | None) -> RetryPolicy:
    """The policy of a manifest's `taskQueueTrigger.retryConfig`."""
    given = config or {}
    return _filled(given, TASK_DEFAULTS, given.get("maxAttempts"))


def of_schedule(config: Mapping[str, Any] | None) -> RetryPolicy:
    """The policy of a manifest's `scheduleTrigger.retryConfig`; its `retryCount` does not count the first attempt."""
    given = config or {}
    retries = given.get("retryCount")
    if retries is None and given.get("maxRetrySeconds"):
        return _filled(given, replace(SCHEDULE_DEFAULTS, max_attempts=None), None)
    return _filled(given, SCHEDULE_DEFAULTS, None if retries is None else retries + 1)


def _filled(given: Mapping[str, Any], defaults: RetryPolicy, attempts: int | None) -> RetryPolicy:
    def chosen(name: str, default: Any) -> Any:
        value = given.get(name)
        return default if value is None else value

    return RetryPolicy(
        max_attempts=defaults.max_attempts if attempts is None else attempts,
        max_retry_s=chosen("maxRetrySeconds", defaults.max_retry_s) or None,  # 0 is no limit
        min_backoff_s=float(chosen("minBackoffSeconds", defaults.min_backoff_s)),
        max_backoff_s=float(chosen("maxBackoffSeconds", defaults.max_backoff_s)),
        max_doublings=int(chosen("maxDoublings", defaults.max_doublings)),
    )
