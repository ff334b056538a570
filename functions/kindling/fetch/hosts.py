"""What is remembered about a host between runs, and who may fetch from it now.

A function's instance forgets, so pace, back-off and robots.txt outlive it in a book. The store keeps the real one in
the database; the one here is for a preview and for tests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal, Protocol

from kindling.errors import HostBusy
from kindling.fetch.clock import Clock

RobotsStatus = Literal["ok", "absent", "unreachable"]


@dataclass(frozen=True, slots=True)
class RobotsState:
    """What one origin said about crawlers, good until `until_ms`.

    `ok`: `text` holds the rules for us as a robots.txt; `absent`: there are none, all is allowed; `unreachable`:
    nothing may be fetched.
    """

    origin: str
    status: RobotsStatus
    until_ms: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class HostState:
    """What outlives a run: the earliest next request, failures in a row, the end of a pause, robots.txt by origin.

    `robots` has at most one entry each for http and https.
    """

    next_at_ms: int = 0
    failures: int = 0
    backoff_until_ms: int = 0
    robots: tuple[RobotsState, ...] = ()

    def robots_of(self, origin: str, now_ms: int) -> RobotsState | None:
        """What is known of the origin's robots.txt and still good."""
        return next((r for r in self.robots if r.origin == origin and now_ms < r.until_ms), None)

    def with_robots(self, robots: RobotsState) -> HostState:
        """The state with what was just learned in the place of what it replaces."""
        others = tuple(r for r in self.robots if r.origin != robots.origin)
        return replace(self, robots=(*others, robots))


class HostBook(Protocol):
    """Where host states are kept for one run; entering a host takes its lease for that run."""

    def enter(self, host: str) -> HostState:
        """The state of the host, whose lease is now this run's; HostBusy if another run holds it."""

    def keep(self, host: str, state: HostState) -> None:
        """Save the state and hold the lease for longer."""

    def leave(self, host: str, state: HostState) -> None:
        """Save the state and give the lease back."""


class MemoryHosts:
    """Host states of one process, leases included; safe between threads.

    A lease ends by itself `LEASE_MS` after it was last kept, as one in the database would.
    """

    LEASE_MS = 120_000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._states: dict[str, HostState] = {}
        self._leased_until_ms: dict[str, int] = {}

    def enter(self, host: str) -> HostState:
        """The state of the host, whose lease is now the caller's; HostBusy if it is taken."""
        with self._lock:
            until_ms = self._leased_until_ms.get(host, 0)
            if self._clock.now_ms() < until_ms:
                message = f"{host}: another run is fetching from it; this one goes on later."
                raise HostBusy(message, url=host, retry_at_ms=until_ms)
            self._leased_until_ms[host] = self._clock.now_ms() + self.LEASE_MS
            return self._states.get(host, HostState())

    def keep(self, host: str, state: HostState) -> None:
        """Save the state and hold the lease for longer."""
        with self._lock:
            self._states[host] = state
            self._leased_until_ms[host] = self._clock.now_ms() + self.LEASE_MS

    def leave(self, host: str, state: HostState) -> None:
        """Save the state and give the lease back."""
        with self._lock:
            self._states[host] = state
            self._leased_until_ms.pop(host, None)
