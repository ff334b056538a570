"""The headers of a request, looked up where the server put them (PEP 3333).

Most that are asked for are not there, which Werkzeug's own view of them takes ten times as long to say.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")


class Sent:
    """The headers of the request that has this environ."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    def get(self, name: str, default: str | None = None, /) -> str | None:
        """The value of the header `name`, in any case; several of one name are joined by the server."""
        found: str | None = self._environ.get(_place(name), default)
        return found


@cache  # only our own code asks, for a dozen names
def _place(name: str) -> str:
    place = name.upper().replace("-", "_")
    return place if place in UNPREFIXED else f"HTTP_{place}"
