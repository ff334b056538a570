"""The types between the boundary and the endpoints: what was asked, by whom, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from .callers import Caller
from .sent import Sent

if TYPE_CHECKING:
    from .made import Made

JSON = "application/json"


class Call(Struct, frozen=True):
    """One request, read and judged: its route matched, its caller known, its parameters as sent.

    `names` are the parts of the path that the route names, `body` reads the body, capped.
    """

    method: str
    names: Mapping[str, str]
    parameters: Sequence[tuple[str, str]]
    caller: Caller
    headers: Sent
    body: Callable[[], bytes]
    now_ms: int

    def parameter(self, name: str, default: str = "") -> str:
        """The value of a parameter; the boundary has refused repeated ones where a route takes no filters."""
        return dict(self.parameters).get(name, default)


class Answer(Struct, frozen=True):
    """What goes back. `seconds` is how long shared caches may keep it: 0 is no-store.

    `modified_ms` becomes Last-Modified. `made` is of the body, where that is kept for the next who asks.
    """

    body: bytes = b""
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 0
    modified_ms: int | None = None
    made: Made | None = None
