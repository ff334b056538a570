"""What a subscriber is told when data changes: the smallest put or merge that brings its copy up to date. Pure.

A subscriber names a place, perhaps a query, and a callback. The callback is called in the writer's turn, after the
tree has changed and before the write is acknowledged; it must render the views it is given at once, since they show
the tree as it is, and must not block or write. It gets, in order:

    Put(path, view)         what is at `path`, relative to the place, is now `view`; the first is Put((), everything)
    Merge(path, children)   below `path` these children (keys are relative paths, `a/b`) are now these views
    Revoked()               the rules no longer allow this read; nothing follows

With a query, "everything" is the children that answer it, and a child that left the range is merged as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from emulators.database.indexes import Indexes
from emulators.database.keys import PRIORITY, Path
from emulators.database.query import Query
from emulators.database.tree import Branch, View


@dataclass(frozen=True, slots=True)
class Put:
    """What is at `path` is now `view`."""

    path: Path
    view: View


@dataclass(frozen=True, slots=True)
class Merge:
    """Below `path`, what is at each of these relative paths is now its view."""

    path: Path
    children: Mapping[str, View]


@dataclass(frozen=True, slots=True)
class Revoked:
    """The subscriber may no longer read here."""


Event = Put | Merge | Revoked


@dataclass(frozen=True, slots=True)
class Update:
    """Which places one request changed: one by a set, or several below `base` by a merge."""

    base: Path
    paths: tuple[Path, ...]
    merge: bool


@dataclass(eq=False, slots=True)
class Listener:
    """One subscription: where, which children, and the keys of those that its subscriber was told of.

    `asked` is the query that the rules judge; it may be narrower than what is told.
    """

    path: Path
    query: Query | None
    callback: Callable[[Event], None]
    asked: Query | None = None
    known: set[str] = field(default_factory=set)


def below(path: Path, ancestor: Path) -> Path | None:
    """The path relative to `ancestor`, or None if it is not at or below it."""
    return path[len(ancestor) :] if path[: len(ancestor)] == ancestor else None


def filtered(here: View, keys: Iterable[str]) -> View:
    """The node with only these of its children."""
    branch = Branch()
    for key in keys:
        raw = here.child(key).raw
        if raw is not None:
            branch.put(key, raw)
    branch.priority = here.priority
    return View(branch or None)


def everything(listener: Listener, root: View, indexes: Indexes) -> Put:
    """The whole of what the subscriber listens to, which is then what it knows."""
    here = root.at(listener.path)
    if listener.query is None:
        return Put((), here)
    keys = indexes.select(here, listener.path, listener.query)
    listener.known = set(keys)
    return Put((), filtered(here, keys))


def news(listener: Listener, update: Update, root: View, indexes: Indexes) -> list[Event]:
    """What the subscriber must be told of an update that has been applied."""
    touching = [path for path in update.paths if below(path, listener.path) or below(listener.path, path) is not None]
    if not touching:
        return []
    if any(below(listener.path, path) is not None for path in touching):
        return [everything(listener, root, indexes)]
    if listener.query is None:
        return [_plain(listener, update, touching, root)]
    if (*listener.path, PRIORITY) in touching:
        return [everything(listener, root, indexes)]
    return _of_query(listener, listener.query, touching, root, indexes)


def _plain(listener: Listener, update: Update, touching: list[Path], root: View) -> Event:
    depth = len(listener.path)
    if not update.merge:
        return Put(touching[0][depth:], root.at(touching[0]))
    base = below(update.base, listener.path) or ()
    start = depth + len(base)
    return Merge(base, {"/".join(path[start:]): root.at(path) for path in touching})


def _of_query(listener: Listener, query: Query, touching: list[Path], root: View, indexes: Indexes) -> list[Event]:
    here = root.at(listener.path)
    depth = len(listener.path)
    touched = {path[depth] for path in touching}
    known = listener.known
    now = (
        _in_range(known, touched, query, here)
        if query.limit is None
        else set(indexes.select(here, listener.path, query))
    )
    listener.known = now
    if now and now.isdisjoint(known) and here.priority is not None:  # who had no child left has no priority either
        return [Put((), filtered(here, now))]
    if now == known and len(touching) == 1 and touched <= now:
        return [Put(touching[0][depth:], root.at(touching[0]))]
    changed = (now ^ known) | (touched & now)
    children = {key: here.child(key) if key in now else View() for key in sorted(changed)}
    return [Merge((), children)] if children else []


def _in_range(known: set[str], touched: set[str], query: Query, here: View) -> set[str]:
    """Without a limit a child's place in the range does not depend on the others, so only touched ones are judged."""
    found = {key for key in touched if here.has(key) and query.contains(query.sort_key(key, here.child(key)))}
    return (known - touched) | found
