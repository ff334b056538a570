"""Routes: one row a path and method, from which dispatch, 405, the specification, the docs check and the tests come.

Facts relied on: behind Hosting a function sees the whole path (`/get_data/movies`), at its own URL only the rest
(`/movies`). A function with a variable part in a path begins with one of `naming.VERBS`, and no name of a collection or
a source does, so the first part tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ApiError
from .answer import Answer, Call
from .callers import Scope
from .schemas import OBJECT, STRING, Schema

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter that a route takes: what it does, an example, its schema, and its values if few."""

    name: str
    help: str
    example: str = ""
    schema: Schema = field(default_factory=STRING.copy)
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What a route takes: in words, its schema, one to try, and the content types that it may have."""

    help: str
    schema: Schema
    sample: Any
    media_types: tuple[str, ...] = ("application/json",)


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path.

    `path` is as it is behind Hosting, its variable parts in braces. `filters` says that it takes any field of the
    collection as a parameter beside `parameters`. `answers` are the statuses of its own with what they mean; `needs`
    is the scope it takes, for the collection in its path; `body` is what it is sent, None for nothing; `media_types`
    is what comes back, and `schema` what that is as JSON.
    """

    function: str
    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, str]
    parameters: tuple[Parameter, ...] = ()
    needs: Scope = Scope.PUBLIC
    filters: bool = False
    body: Body | None = None
    media_types: tuple[str, ...] = ("application/json",)
    schema: Schema = field(default_factory=OBJECT.copy)
    parts: Sequence[str] = field(init=False)
    """The parts of the path behind the function's name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _behind(self.function, self.path))

    @property
    def names(self) -> list[str]:
        """The names of its path's variable parts."""
        return [part[1:-1] for part in self.parts if part.startswith("{")]


def _behind(function: str, path: str) -> list[str]:
    parts = path.split("/")[1:]
    if parts[-1] == "":
        parts.pop()
    return parts[1:] if parts[:1] == [function] else parts


def _matched(pattern: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    names = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            names[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return names if all(names.values()) else None


def find(routes: Iterable[Route], function: str, path: str) -> tuple[dict[str, Route], dict[str, str]]:
    """The routes of `function` on `path` by method, and the named parts of the path; else ApiError 404."""
    parts = _behind(function, path)
    found: dict[str, Route] = {}
    names: dict[str, str] = {}
    for route in routes:
        matched = _matched(route.parts, parts) if route.function == function else None
        if matched is not None:
            found[route.method] = route
            names = matched
    if not found:
        raise ApiError(404, "There is nothing at this path; GET /openapi.json lists every path.")
    return found, names


def methods(routes: Mapping[str, Route]) -> list[str]:
    """What an Allow header lists."""
    return sorted({*routes, *(["HEAD"] if "GET" in routes else []), "OPTIONS"})


def choose(routes: Mapping[str, Route], method: str) -> Route:
    """The route of `method`; ApiError 405 with Allow where there is none."""
    route = routes.get("GET" if method == "HEAD" else method)
    if route is None:
        allowed = ", ".join(methods(routes))
        raise ApiError(405, f"{method} means nothing here; this path takes {allowed}.", headers={"Allow": allowed})
    return route
