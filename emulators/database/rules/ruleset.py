"""Rules applied to places: which rules stand above, at and below a path, and in what order they decide.

Facts: a `.read` or `.write` that is true grants everything below it and cannot be taken back further down. A write
needs one `.write` at or above its path; then, unless it removes, every `.validate` on the path and inside the written
data must be true, each only where there is new data. Named children win over the wildcard of their level.
A priority is judged as its node is.

Knows no expression: a rule is a function of a scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.database.keys import Path, node_of
from emulators.database.query import OrderBy, Query
from emulators.database.rules.compiler import Scope
from emulators.database.rules.errors import RuleFailure
from emulators.database.tree import EMPTY, View

Rule = Callable[[Scope], bool]
"""A compiled rule; may raise RuleFailure."""


@dataclass(frozen=True, slots=True)
class Place:
    """The rules of one node of the rules file. `validates` tells whether a `.validate` stands at or below it."""

    read: Rule | None = None
    write: Rule | None = None
    validate: Rule | None = None
    indexes: frozenset[str] = frozenset()
    children: Mapping[str, Place] = field(default_factory=dict)
    wildcard: Place | None = None
    validates: bool = False

    def child(self, key: str) -> Place | None:
        """The rules one level down for that key, if there are any."""
        return self.children.get(key, self.wildcard)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules that were accepted. Safe to share: holds no state of any request."""

    top: Place

    def can_read(
        self, path: Path, *, auth: Mapping[str, Any] | None, now_ms: int, root: View, query: Query | None
    ) -> bool:
        """Whether `auth` may read everything at `path` by that query."""
        scope = Scope(auth=_plain(auth), now_ms=now_ms, root=root, new_root=EMPTY, query=query_facts(query))
        return any(_holds(place.read, scope, above) for place, above in self._along(node_of(path)) if place.read)

    def can_write(self, path: Path, *, auth: Mapping[str, Any] | None, now_ms: int, root: View, new_root: View) -> bool:
        """Whether `auth` may make the write at `path`, one of those that turn `root` into `new_root`."""
        path = node_of(path)
        scope = Scope(auth=_plain(auth), now_ms=now_ms, root=root, new_root=new_root, query=_NO_QUERY)
        places = self._along(path)
        if not any(_holds(place.write, scope, above) for place, above in places if place.write):
            return False
        written = new_root.at(path)
        if written.is_empty:
            return True
        if not all(_holds(place.validate, scope, above) for place, above in places if place.validate):
            return False
        last, above = places[-1]
        return above != path or _validates_below(last, scope, path, written)

    def indexes(self, path: Path) -> frozenset[str]:
        """What ".indexOn" lists at the node of that path."""
        place, above = self._along(path)[-1]
        return place.indexes if above == path else frozenset()

    def _along(self, path: Path) -> list[tuple[Place, Path]]:
        """The places with rules from the root down to `path`, as far as there are any."""
        place = self.top
        found = [(place, path[:0])]
        for depth, key in enumerate(path, 1):
            below = place.child(key)
            if below is None:
                break
            place = below
            found.append((place, path[:depth]))
        return found


def _holds(rule: Rule | None, scope: Scope, path: Path) -> bool:
    """Whether the rule is true at that place; a runtime error makes it false."""
    if rule is None:
        return True
    scope.path = path
    try:
        return rule(scope)
    except RuleFailure:
        return False


def _validates_below(place: Place, scope: Scope, path: Path, data: View) -> bool:
    """Whether every `.validate` strictly below `path` holds where there is new data."""
    if not place.validates:
        return True
    wanted = data.keys() if place.wildcard else (key for key in place.children if data.has(key))
    for key in wanted:
        below = place.child(key)
        if below is None or not below.validates:
            continue
        here = (*path, key)
        if not _holds(below.validate, scope, here) or not _validates_below(below, scope, here, data.child(key)):
            return False
    return True


def _plain(auth: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if auth is None else dict(auth)


def query_facts(query: Query | None) -> dict[str, Any]:
    """What the variable `query` holds; without a query, what an unordered read asks for."""
    if query is None:
        return _NO_QUERY
    start, end = query.start, query.end
    exact = start is not None and start == end and start.inclusive
    return {
        "orderByKey": query.order_by is OrderBy.KEY,
        "orderByPriority": query.order_by is OrderBy.PRIORITY,
        "orderByValue": query.order_by is OrderBy.VALUE,
        "orderByChild": "/".join(query.child) if query.order_by is OrderBy.CHILD else None,
        "startAt": start.value if start else None,
        "endAt": end.value if end else None,
        "equalTo": start.value if start and exact else None,
        "limitToFirst": None if query.from_end else query.limit,
        "limitToLast": query.limit if query.from_end else None,
    }


_NO_QUERY = query_facts(Query(order_by=OrderBy.KEY))
