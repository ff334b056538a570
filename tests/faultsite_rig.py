"""A fetcher for tests: sites on loopback under any names, a clock that jumps, jitter of half its range."""

from __future__ import annotations

from typing import Any

from kindling.fetch import Budget, Fetcher, Gate, HostBook, MemoryHosts

from tests.faultsite import FaultSite, ManualClock

AGENT = "Kindling/0.1 (+tests)"


def gate_to(*sites: FaultSite, names: tuple[str, ...] = (), own: str | None = None) -> Gate:
    """A gate that is open for the sites, also under the names, which all lead to 127.0.0.1."""
    doors = [f"{name}:{site.port}" for name in names for site in sites] + [site.door for site in sites]
    return Gate(doors, site=own, resolve=lambda host, port: ["127.0.0.1"])


def fetcher(
    *sites: FaultSite,
    clock: ManualClock | None = None,
    hosts: HostBook | None = None,
    names: tuple[str, ...] = (),
    own: str | None = None,
    **more: Any,
) -> Fetcher:
    """A fetcher that may reach the sites; `more` are arguments of Fetcher in the place of the usual ones."""
    clock = clock or ManualClock()
    return Fetcher(
        **{
            "gate": gate_to(*sites, names=names, own=own),
            "agent": AGENT,
            "budget": Budget(),
            "hosts": hosts or MemoryHosts(clock),
            "clock": clock,
            "chance": lambda: 0.5,
            **more,
        }
    )
