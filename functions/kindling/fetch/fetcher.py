"""Pages of one run, politely: the gate, robots.txt, pace, retries, redirects and budget around one exchange.

Knows the order in which they are asked, and none of how they decide. One fetcher is one run; any number of threads may
use it, and each host is still asked one request at a time.
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Self, TypeVar

from kindling.errors import FetchFailed, Refused
from kindling.fetch import page as pages
from kindling.fetch.budget import Budget, Meter, Spent
from kindling.fetch.clock import Clock
from kindling.fetch.crawlers import Crawlers
from kindling.fetch.decompress import ACCEPT_ENCODING
from kindling.fetch.faults import of_code
from kindling.fetch.gate import Gate
from kindling.fetch.hosts import HostBook
from kindling.fetch.lane import Lane
from kindling.fetch.limits import Limits
from kindling.fetch.pace import PACE_S
from kindling.fetch.place import Place, refusal
from kindling.fetch.robots import LONGEST_BYTES
from kindling.fetch.secrets import Secrets
from kindling.fetch.transport import Answer, Transport
from kindling.flow import NotModified, Page, Validators

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers say: some sites send something else, or an error, to a client that takes anything."""

MOST_REDIRECTS = 10
"""Hops of one page; browsers follow 20, real chains have 3."""

Taken = TypeVar("Taken")
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Onward:
    """A redirect: where it leads."""

    place: Place


class Fetcher:
    """Fetches the pages of one run; a context manager that gives its hosts back at the end.

    `pace_s` is the least time between two requests to a host that is not the project's own. `chance` gives random
    numbers from 0 to 1 for jitter, `tls` verifies certificates (None: the public authorities').
    """

    def __init__(
        self,
        *,
        gate: Gate,
        agent: str,
        budget: Budget,
        hosts: HostBook,
        clock: Clock,
        secrets: Secrets | None = None,
        pace_s: float = PACE_S,
        limits: Limits | None = None,
        chance: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._gate = gate
        self._agent = agent
        self._hosts = hosts
        self._clock = clock
        self._secrets = secrets or Secrets()
        self._pace_s = pace_s
        self._limits = limits or Limits()
        self._chance = chance
        self._tls = tls
        self._meter = Meter(budget, clock)
        self._crawlers = Crawlers(self._lane, self._robots_hop, clock)
        self._lanes: dict[str, Lane] = {}
        self._lanes_lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:  # every host is given back, also if the book fails for one
            for lane in self._lanes.values():
                stack.callback(lane.leave)

    @property
    def spent(self) -> Spent:
        """What this run has taken so far."""
        return self._meter.spent()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NONE,
        home: Collection[str] = (),
        validators: Validators | None = None,
        accept: str = ACCEPT,
    ) -> Page | NotModified:
        """The page at `url` after redirects, or NotModified if `validators` still hold.

        `headers` may name secrets; they go to the origins of the URLs in `home` (empty: of `url`), and no longer once a
        redirect has changed the origin: a link on a page must not carry a source's key to another site.
        Raises Refused (gate, robots.txt), BudgetSpent, HostBusy, or FetchFailed with the code of what happened.
        """
        place = self._gate.read(url)
        common = {"User-Agent": self._agent, "Accept": accept, "Accept-Encoding": ACCEPT_ENCODING}
        common |= pages.conditional(validators)
        own = self._secrets.fill(headers, place) if headers and self._is_home(place, home) else {}
        seen = {place.url}
        for _ in range(MOST_REDIRECTS + 1):
            self._obey(place)
            taken = self._ask(place, _merged(common, own), lambda answer: self._take(answer, validators))
            if not isinstance(taken, _Onward):
                return taken
            own = own if taken.place.origin == place.origin else {}
            place = taken.place
            if place.url in seen:
                raise FetchFailed("redirect-loop", f"{url}: its redirects come back to {place.url}.", url=url)
            seen.add(place.url)
        raise FetchFailed("redirects", f"{url}: more than {MOST_REDIRECTS} redirects follow each other.", url=url)

    def _is_home(self, place: Place, home: Collection[str]) -> bool:
        return not home or any(self._gate.read(url).origin == place.origin for url in home)

    def _obey(self, place: Place) -> None:
        if not self._crawlers.rules(place).allows(place.target):
            raise Refused("robots", f"{place.url}: the site's robots.txt does not want it fetched.", url=place.url)

    def _ask(self, place: Place, headers: Mapping[str, str], take: Callable[[Answer], Taken]) -> Taken:
        """What `take` makes of the place's answer, asked for again while that is worth it and allowed."""
        lane = self._lane(place)
        for left in reversed(range(self._limits.attempts)):
            with lane.turn():
                lane.wait(place, self._meter)
                target = lane.target(place, self._gate)
                self._meter.request(place.url)
                time_s = self._meter.left_s()
                try:
                    taken = self._exchange(lane.transport.send(target, headers, total_s=time_s), take)
                except FetchFailed as failure:
                    if failure.code == "too-slow" and time_s < self._limits.total_s:
                        lane.answered(self._gap_s(place))  # it was the run that had no time left
                        raise self._meter.out_of("seconds", place.url) from failure
                    if not self._is_worth_another(lane, place, failure) or not left:
                        raise
                else:
                    lane.answered(self._gap_s(place))
                    return taken
        raise AssertionError("the last attempt returns or raises")

    def _exchange(self, answer: Answer, take: Callable[[Answer], Taken]) -> Taken:
        try:
            return take(answer)
        finally:
            answer.close()
            self._meter.wire(answer.wire_bytes)

    def _is_worth_another(self, lane: Lane, place: Place, failure: FetchFailed) -> bool:
        """Count the failure against the host if it is the host's, and say whether to ask again in this run."""
        fault = of_code(failure.code)
        if not fault.host:
            lane.answered(self._gap_s(place))
            return False
        pause_s = None
        if failure.retry_at_ms is not None:
            pause_s = max(failure.retry_at_ms - self._clock.now_ms(), 0) / 1000
        lane.failed(self._gap_s(place), pause_s, self._chance())
        failure.retry_at_ms = lane.state.backoff_until_ms
        patience_s = min(self._limits.patience_s, self._meter.left_s())
        return fault.again and lane.pause_s() <= patience_s

    def _take(self, answer: Answer, validators: Validators | None) -> Page | NotModified | _Onward:
        if answer.status in pages.PAGES:
            return pages.page(answer, self._body(answer), self._clock.now_ms())
        if answer.status == 304 and validators is not None:
            return NotModified(answer.place.url)
        return self._onward(answer)

    def _onward(self, answer: Answer) -> _Onward:
        reference = pages.location(answer)
        if answer.status not in pages.REDIRECTS or reference is None:
            raise pages.status_failure(answer, self._clock.now_ms())
        place = self._gate.join(answer.place, reference)
        if answer.place.scheme == "https" and place.scheme == "http":
            raise refusal(
                "refused-downgrade",
                place.url,
                "is where an https page redirects to: name it in the source if it is meant",
            )
        return _Onward(place)

    def _robots_hop(self, place: Place) -> bytes | Place | None:
        """One request for a robots.txt: its beginning, the place it moved to, or None if there is none (4xx)."""
        headers = {"User-Agent": self._agent, "Accept": "text/plain,*/*;q=0.8", "Accept-Encoding": ACCEPT_ENCODING}
        return self._ask(place, headers, self._take_robots)

    def _take_robots(self, answer: Answer) -> bytes | Place | None:
        if 200 <= answer.status < 300:
            return self._body(answer, most=LONGEST_BYTES)
        if answer.status in pages.REDIRECTS and answer.header("Location"):
            return self._onward(answer).place
        if 400 <= answer.status < 500 and answer.status != 429:  # 429 asks for a pause, and is no word about the rules
            return None
        raise pages.status_failure(answer, self._clock.now_ms())

    def _body(self, answer: Answer, most: int | None = None) -> bytes:
        """The body, counted while it comes; only its first `most` bytes if that is given."""
        pieces, size = [], 0
        with closing(answer.body()) as body:
            for piece in body:
                self._meter.body(len(piece), answer.place.url)
                pieces.append(piece)
                size += len(piece)
                if most is not None and size >= most:
                    return b"".join(pieces)[:most]
        return b"".join(pieces)

    def _gap_s(self, place: Place) -> float:
        least_s = 0.0 if self._gate.is_own(place) else self._pace_s
        return max(least_s, self._crawlers.delay_s(place))

    def _lane(self, place: Place) -> Lane:
        with self._lanes_lock:
            lane = self._lanes.get(place.site)
            if lane is None:
                transport = Transport(self._limits, self._tls)
                lane = self._lanes[place.site] = Lane(place.site, self._hosts, self._clock, transport, self._limits)
            return lane


def _merged(common: Mapping[str, str], own: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of both, whatever the case of their names; of one that both have, the source's own."""
    if not own:
        return common
    return dict({name.lower(): (name, value) for name, value in (*common.items(), *own.items())}.values())
