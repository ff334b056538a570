"""What a whole run may take from sites, and what it has taken so far."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from kindling.errors import BudgetSpent
from kindling.fetch.clock import Clock


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one run: requests of any kind (robots.txt and redirects count), decompressed megabytes, seconds."""

    requests: int = 1000
    megabytes: float = 50.0
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has taken: requests sent, bytes off the wire (headers included), bytes decompressed, seconds."""

    requests: int
    wire_bytes: int
    bytes: int
    seconds: float


class Meter:
    """Counts against a budget; the time starts now. Safe between threads."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self._budget = budget
        self._clock = clock
        self._started_ms = clock.now_ms()
        self._lock = Lock()
        self._requests = self._wire_bytes = self._bytes = 0

    def spent(self) -> Spent:
        """What was taken so far."""
        with self._lock:
            return Spent(self._requests, self._wire_bytes, self._bytes, self._seconds())

    def left_s(self) -> float:
        """Seconds that are left, 0 if none."""
        return max(self._budget.seconds - self._seconds(), 0.0)

    def request(self, url: str) -> None:
        """Count a request about to be sent; BudgetSpent if there may be no more."""
        if not self.left_s():
            raise self.out_of("seconds", url)
        if self._bytes >= self._most_bytes:
            raise self.out_of("megabytes", url)
        with self._lock:
            if self._requests >= self._budget.requests:
                raise self.out_of("requests", url)
            self._requests += 1

    def body(self, count: int, url: str) -> None:
        """Count decompressed bytes just read; BudgetSpent once there are more than may be."""
        with self._lock:
            self._bytes += count
            if self._bytes > self._most_bytes:
                raise self.out_of("megabytes", url)

    def wire(self, count: int) -> None:
        """Count bytes that came off the wire."""
        with self._lock:
            self._wire_bytes += count

    def out_of(self, what: str, url: str, retry_at_ms: int | None = None) -> BudgetSpent:
        """The error that says which bound (`requests`, `megabytes`, `seconds`) is reached."""
        bound = getattr(self._budget, what)
        return BudgetSpent(
            f"budget-{what}",
            f"{url}: the run's budget of {bound:g} {what} is spent; the next run goes on, or raise it under `limits:`.",
            url=url,
            retry_at_ms=retry_at_ms,
        )

    @property
    def _most_bytes(self) -> float:
        return self._budget.megabytes * 1_000_000

    def _seconds(self) -> float:
        return (self._clock.now_ms() - self._started_ms) / 1000
