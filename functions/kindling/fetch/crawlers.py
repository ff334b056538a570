"""What each site wants of crawlers, asked once a day: the robots.txt of an origin, fetched, remembered and obeyed.

RFC 9309 section 2.3.1: an answer counts for a day, redirects are followed five times, 4xx means there are no rules,
5xx and silence mean that nothing may be fetched. Decides nothing about how to fetch: that comes in as a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kindling.errors import FetchFailed, Refused
from kindling.fetch import robots
from kindling.fetch.agent import TOKEN
from kindling.fetch.clock import Clock
from kindling.fetch.hosts import RobotsState
from kindling.fetch.lane import Lane
from kindling.fetch.place import Place
from kindling.fetch.robots import Rules

GOOD_FOR_S = 24 * 3600
"""How long an answer is believed: the RFC's longest."""

UNREACHABLE_FOR_S = 300
"""How soon a robots.txt that could not be had is asked for again: the next run or so."""

MOST_REDIRECTS = 5
"""What the RFC asks to be followed; a file that is farther away counts as absent."""

_ABOUT_THE_HOST = frozenset({"dns", "connect", "connect-timeout", "tls", "backing-off"})
"""Failures that the page would meet too, and that say more than `robots-unreachable`."""


class Crawlers:
    """The rules of each origin for one run. `lane` gives a place's lane; `hop` asks for one robots.txt.

    `hop` returns the file's bytes, the place it moved to, or None if there is none; FetchFailed if it cannot be had.
    """

    def __init__(
        self, lane: Callable[[Place], Lane], hop: Callable[[Place], bytes | Place | None], clock: Clock
    ) -> None:
        self._lane = lane
        self._hop = hop
        self._clock = clock
        self._rules: dict[str, tuple[Rules, int]] = {}

    def rules(self, place: Place) -> Rules:
        """What the place's origin wants; FetchFailed (`robots-unreachable`, or why) if it cannot be known."""
        lane = self._lane(place)
        with lane.robots_lock:
            rules, until_ms = self._rules.get(place.origin, (None, 0))
            if rules is None or self._clock.now_ms() >= until_ms:
                state = self._state(lane, place)
                rules = robots.parse(state.text, TOKEN)
                self._rules[place.origin] = (rules, state.until_ms)
            return rules

    def delay_s(self, place: Place) -> float:
        """The origin's Crawl-delay as far as it is known, else 0. Asks nobody."""
        known = self._rules.get(place.origin)
        return known[0].delay_s if known else 0.0

    def _state(self, lane: Lane, place: Place) -> RobotsState:
        with lane.turn():
            state = lane.state.robots_of(place.origin, self._clock.now_ms())
        if state is None:
            state = self._fetch(place)
            with lane.turn():
                lane.learn(state)
        if state.status == "unreachable":
            raise FetchFailed(
                "robots-unreachable",
                f"{place.origin}/robots.txt: it could not be read, and until it can, nothing may be fetched there.",
                url=place.url,
                retry_at_ms=state.until_ms,
            )
        return state

    def _fetch(self, place: Place) -> RobotsState:
        at = replace(place, target="/robots.txt")
        try:
            for _ in range(MOST_REDIRECTS + 1):
                found = self._hop(at)
                if not isinstance(found, Place):
                    return self._read(place.origin, found)
                at = found
        except Refused:
            raise
        except FetchFailed as failure:
            if failure.code in _ABOUT_THE_HOST or failure.code.startswith("budget-") or failure.code == "host-busy":
                raise
            until_ms = self._clock.now_ms() + UNREACHABLE_FOR_S * 1000
            return RobotsState(place.origin, "unreachable", max(until_ms, failure.retry_at_ms or 0))
        return self._read(place.origin, None)

    def _read(self, origin: str, found: bytes | None) -> RobotsState:
        until_ms = self._clock.now_ms() + GOOD_FOR_S * 1000
        if found is None:
            return RobotsState(origin, "absent", until_ms)
        return RobotsState(origin, "ok", until_ms, robots.parse(found.decode("utf-8", "replace"), TOKEN).text())
