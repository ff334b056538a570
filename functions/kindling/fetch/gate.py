"""The one gate: which places of the network may be asked at all.

Every fetch passes it, whatever started it: a page, robots.txt, each hop of a redirect, the webhook. The address that
was checked is the address that is connected to (see `transport`), so a name that resolves differently a moment later
gains nothing. There are two exceptions: the project's own SITE_URL origin, and HOST:PORT that `--allow` named.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kindling.errors import FetchFailed, Refused
from kindling.fetch import place as places
from kindling.fetch.address import is_address, why_not_address, why_not_host
from kindling.fetch.place import DEFAULT_PORTS, Place, refusal

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to addresses, in the order in which to try them; OSError if there are none."""

FIRST_OPEN_PORT = 1024
"""Ports below belong to mail, shells and the like, which can be made to misread a request; 80 and 443 are the web."""

_ALLOWED = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/@]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Target:
    """A place whose addresses were checked; connect to these and to no other."""

    place: Place
    addresses: tuple[str, ...]


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses the machine's resolver gives, without repeats."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Gate:
    """Lets public places through, the own site, and what `allow` names; refuses everything else.

    `allow` holds HOST:PORT strings; `site` is the origin of the project's own site, or None. ValueError if one of
    them cannot be read.
    """

    def __init__(self, allow: Iterable[str] = (), site: str | None = None, resolve: Resolve = system_resolve) -> None:
        self._site = places.read(site) if site else None
        self._open = {_door(entry) for entry in allow}
        if self._site is not None:
            self._open.add(self._site.door)
        self._resolve = resolve

    def read(self, url: str) -> Place:
        """The place `url` leads to, if its form, host and port may be asked; Refused if not. No look-up."""
        place = places.read(url)
        self._admit(place, url)
        return place

    def join(self, base: Place, reference: str) -> Place:
        """As `read`, for a reference relative to `base`."""
        place = places.join(base, reference)
        self._admit(place, place.url)
        return place

    def check(self, url: str) -> Target:
        """The place `url` leads to with its checked addresses; Refused or FetchFailed (`dns`) if there is none."""
        return self.look_up(self.read(url))

    def look_up(self, place: Place) -> Target:
        """The checked addresses of a place; Refused if any single one of them is not public."""
        addresses = self._addresses(place)
        if not self.opened(place):
            for address in addresses:
                if why := why_not_address(address):
                    raise refusal("refused-address", place.url, f"leads to {address}: {why}")
        return Target(place, addresses)

    def opened(self, place: Place) -> bool:
        """Whether the place is one of the exceptions."""
        return place.door in self._open

    def is_own(self, place: Place) -> bool:
        """Whether the place is on the project's own site."""
        return self._site is not None and place.origin == self._site.origin

    def _admit(self, place: Place, url: str) -> None:
        if self.opened(place):
            return
        if place.port < FIRST_OPEN_PORT and place.port not in DEFAULT_PORTS.values():
            raise refusal("refused-port", url, f"has port {place.port}, which belongs to another service than the web")
        if why := why_not_host(place.host):
            code = "refused-address" if is_address(place.host) else "refused-host"
            opening = f"on a laptop `dev.py serve --allow {place.door}` opens it"
            raise refusal(code, url, f"leads inside a network ({why}); {opening}")

    def _addresses(self, place: Place) -> tuple[str, ...]:
        if is_address(place.host):
            return (place.host,)
        try:
            found = tuple(self._resolve(place.host, place.port))
        except (OSError, UnicodeError) as error:
            raise _unknown(place) from error
        if not found:
            raise _unknown(place)
        return found


def _unknown(place: Place) -> FetchFailed:
    return FetchFailed(
        "dns", f"{place.host}: the name has no address; check its spelling and the network.", url=place.url
    )


def _door(entry: str) -> str:
    if _ALLOWED.fullmatch(entry):
        with suppress(Refused):
            return places.read(f"http://{entry}/").door
    raise ValueError(f"{entry!r}: an exception to the address gate is HOST:PORT, such as 127.0.0.1:8000")
