"""Pace, back-off and robots.txt of hosts, kept in the database: an instance forgets, and there are several.

A host is held by one run at a time, by a lease of its own that lapses when the run is killed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .errors import HostBusy
from .fetch import Clock, HostState, RobotsState
from .store import paths
from .store.client import Database
from .store.days import DAY_MS, day_name
from .values import dumps, encode_id

KEPT_MS = 32 * DAY_MS  # a source may rest for 30 days: its host's failures and back-off are remembered until then
PRUNE_BATCH = 100  # hosts one read brings: each with up to 500 KB of robots.txt
HOLD_S = 120  # a killed run blocks a host no longer; one exchange and the time to the next renewal take up to 95 s


class StoreHosts:
    """The host book of one run on the project's database."""

    def __init__(self, database: Database, run: str, clock: Clock, *, own: str = "") -> None:
        """`own` is the project's own site, HOST:PORT: many runs may read it at once, and nothing is kept of it."""
        self._database = database
        self._own = own
        self._run = run
        self._clock = clock

    def enter(self, host: str) -> HostState:
        """Takes the host for this run and tells what is known of it; raises HostBusy while another run has it."""
        if host == self._own:
            return HostState()
        now_ms = self._clock.now_ms()
        held: list[int] = []

        def decide(node: Any) -> Any:
            held[:] = []
            if node and node.get("until", 0) > now_ms and node.get("owner") != self._run:
                held[:] = [node["until"]]
                return None
            used = day_name(now_ms)
            return {**(node or {}), "host": host, "owner": self._run, "until": now_ms + HOLD_S * 1000, "used": used}

        node = self._database.swap(_path(host), decide)
        if node is None:
            raise HostBusy(f"another run is fetching from {host}", url=host, retry_at_ms=held[0])
        return _state(node)

    def keep(self, host: str, state: HostState) -> None:
        """Saves what is known of the host and renews the hold. Raises HostBusy if another run took the host over."""
        self._save(host, state, self._clock.now_ms() + HOLD_S * 1000)

    def leave(self, host: str, state: HostState) -> None:
        """Saves what is known of the host and gives it back."""
        self._save(host, state, 0)

    def _save(self, host: str, state: HostState, until_ms: int) -> None:
        if host == self._own:
            return

        def decide(node: Any) -> Any:
            if node and node.get("owner") != self._run:
                return None
            used = day_name(self._clock.now_ms())
            return {**_node(state), "host": host, "owner": self._run, "until": until_ms, "used": used}

        if self._database.swap(_path(host), decide) is None and until_ms:
            raise HostBusy(f"another run took {host} over", url=host, retry_at_ms=self._clock.now_ms() + HOLD_S * 1000)


def prune_hosts(database: Database, now_ms: int) -> int:
    """Forgets the hosts that no run fetched from for KEPT_MS; returns how many.

    A run that comes back to one in the same moment knows nothing of its past, as with a new host.
    """
    last = day_name(now_ms - KEPT_MS)
    gone = 0
    while old := [key for key, _ in database.query(paths.HOSTS, order="used", end=last, limit=PRUNE_BATCH)]:
        database.update({paths.host(key): None for key in old})
        gone += len(old)
    return gone


def _path(host: str) -> str:
    return paths.host(encode_id(host))


def _node(state: HostState) -> dict[str, Any]:
    return {
        "next_at": state.next_at_ms,
        "failures": state.failures,
        "backoff_until": state.backoff_until_ms,
        "robots": dumps([asdict(robots) for robots in state.robots]),
    }


def _state(node: dict[str, Any]) -> HostState:
    return HostState(
        next_at_ms=node.get("next_at", 0),
        failures=node.get("failures", 0),
        backoff_until_ms=node.get("backoff_until", 0),
        robots=tuple(RobotsState(**robots) for robots in json.loads(node.get("robots", "[]"))),
    )
