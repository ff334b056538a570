"""One host as one run sees it: its lease and state, its connections, and the turn-taking that keeps its pace.

Requests to a host go one at a time, whoever asks; waiting for the turn and waiting for the pace are the same thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from kindling.errors import FetchFailed
from kindling.fetch import pace
from kindling.fetch.budget import Meter
from kindling.fetch.clock import Clock
from kindling.fetch.gate import Gate, Target
from kindling.fetch.hosts import HostBook, HostState, RobotsState
from kindling.fetch.limits import Limits
from kindling.fetch.place import Place
from kindling.fetch.transport import Transport

KEEP_EVERY_S = 20
"""How often a lease is renewed while a run goes on. A book's leases must last for this and one exchange together (95 s
by the default limits), or another run could take the host in the middle of it."""

RESOLVE_EVERY_S = 60
"""How long checked addresses are used for new connections before the name is looked up again."""


class Lane:
    """One host in one run. Everything but `robots_lock` may be used only between `turn`."""

    def __init__(self, site: str, hosts: HostBook, clock: Clock, transport: Transport, limits: Limits) -> None:
        self.site = site
        self.transport = transport
        self.robots_lock = Lock()
        """Held while robots.txt is fetched, so that it is asked for once; never asked for inside a turn."""
        self._hosts = hosts
        self._clock = clock
        self._limits = limits
        self._lock = Lock()
        self._state: HostState | None = None
        self._kept_ms = 0
        self._addresses: dict[str, tuple[tuple[str, ...], int]] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The host is the caller's for one request; HostBusy if another run has it."""
        with self._lock:
            if self._state is None:
                self._state = self._hosts.enter(self.site)
                self._kept_ms = self._clock.now_ms()
            else:
                self._keep_lease()
            yield

    @property
    def state(self) -> HostState:
        """What is known of the host."""
        assert self._state is not None, "the state of a host is looked at in its turn"
        return self._state

    def target(self, place: Place, gate: Gate) -> Target:
        """The place's checked addresses, looked up at most every RESOLVE_EVERY_S."""
        now_ms = self._clock.now_ms()
        addresses, until_ms = self._addresses.get(place.origin, ((), 0))
        if now_ms >= until_ms:
            addresses = gate.look_up(place).addresses
            self._addresses[place.origin] = (addresses, now_ms + RESOLVE_EVERY_S * 1000)
        return Target(place, addresses)

    def wait(self, place: Place, meter: Meter) -> None:
        """Return when the host may be asked; BudgetSpent or FetchFailed (`backing-off`) if that is too late."""
        free_ms = max(self.state.next_at_ms, self.state.backoff_until_ms)
        wait_s = (free_ms - self._clock.now_ms()) / 1000
        if wait_s <= 0:
            return
        if self.pause_s() > self._limits.patience_s:
            raise FetchFailed(
                "backing-off",
                f"{self.site}: it failed or asked for a pause, and is left alone for {self.pause_s():.0f} s more.",
                url=place.url,
                retry_at_ms=self.state.backoff_until_ms,
            )
        if wait_s >= meter.left_s():
            raise meter.out_of("seconds", place.url, retry_at_ms=free_ms)
        while (left_s := (free_ms - self._clock.now_ms()) / 1000) > 0:
            self._clock.sleep(min(left_s, KEEP_EVERY_S))
            self._keep_lease()

    def pause_s(self) -> float:
        """How long the host is still left alone after a failure; 0 or less if it is not."""
        return (self.state.backoff_until_ms - self._clock.now_ms()) / 1000

    def answered(self, gap_s: float) -> None:
        """The host answered; its old failures are forgotten."""
        had_failed = self.state.failures > 0
        self._state = pace.after_answer(self.state, self._clock.now_ms(), gap_s)
        if had_failed:
            self._keep()
        else:
            self._keep_lease()

    def failed(self, gap_s: float, retry_after_s: float | None, chance: float) -> None:
        """The host failed; it is left alone for a while, also by later runs."""
        self._state = pace.after_failure(self.state, self._clock.now_ms(), gap_s, retry_after_s, chance)
        self._keep()

    def learn(self, robots: RobotsState) -> None:
        """Remember what robots.txt says."""
        self._state = self.state.with_robots(robots)
        self._keep()

    def leave(self) -> None:
        """Close the connections, save the state, give the lease back."""
        with self._lock:
            self.transport.close()
            if self._state is not None:
                self._hosts.leave(self.site, self._state)
                self._state = None

    def _keep_lease(self) -> None:
        if self._clock.now_ms() - self._kept_ms >= KEEP_EVERY_S * 1000:
            self._keep()

    def _keep(self) -> None:
        self._hosts.keep(self.site, self.state)
        self._kept_ms = self._clock.now_ms()
