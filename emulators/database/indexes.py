"""Answers queries: from sorted indexes that writes keep up to date, or by sorting where that is as quick. Pure.

An index belongs to one place and one ordering; it is built when first asked for and then follows every write below
its place, so that a page of a query costs its own size and not the collection's. Key order needs none: the tree keeps
the keys sorted.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from sortedcontainers import SortedList

from emulators.database.keys import PRIORITY, Path, key_of_order
from emulators.database.query import OrderBy, Query, SortKey
from emulators.database.tree import SORT_ON_DEMAND, Branch, View

MAX_INDEXES = 256  # built ones kept per namespace; the least recently asked is dropped, and built again if need be

Ordering = tuple[OrderBy, Path]
_Name = tuple[Path, Ordering]
_Change = tuple["_Index", str, "SortKey | None"]


class _Index:
    """The sort keys of all children of one place, in order."""

    def __init__(self, path: Path, query: Query, here: View) -> None:
        self.path = path
        self.query = query
        self.entries = SortedList(query.sort_key(key, here.child(key)) for key in here.keys())  # noqa: SIM118 (a View is not a dict)

    def select(self, query: Query) -> Iterator[str]:
        found = self.entries.irange(query.lowest, query.highest, (True, False), reverse=query.from_end)
        return (key_of_order(entry[2]) for entry in found)


class Indexes:
    """All indexes of one namespace."""

    def __init__(self) -> None:
        self._built: OrderedDict[_Name, _Index] = OrderedDict()
        self._place()

    def select(self, here: View, path: Path, query: Query) -> list[str]:
        """The keys of the children of `here`, which is at `path`, that answer the query, in its order."""
        found = islice(self._candidates(here, path, query), query.limit)
        keys = list(found)
        return keys[::-1] if query.from_end else keys

    def _candidates(self, here: View, path: Path, query: Query) -> Iterable[str]:
        if query.order_by is OrderBy.KEY and isinstance(here.raw, Branch):
            edges = (query.lowest[2] if query.start else None, query.highest[2] if query.end else None)
            keys: Iterable[str] = here.raw.sorted_keys().irange_key(*edges, (True, False), reverse=query.from_end)
            return keys
        if len(here) <= SORT_ON_DEMAND:
            return _sorted_keys(here, query)
        return self._index(here, path, query).select(query)

    def _index(self, here: View, path: Path, query: Query) -> _Index:
        name = (path, (query.order_by, query.child))
        index = self._built.get(name)
        if index is None:
            index = self._built[name] = _Index(path, query, here)
            if len(self._built) > MAX_INDEXES:
                self._built.popitem(last=False)
            self._place()
        self._built.move_to_end(name)
        return index

    def _place(self) -> None:
        """Note where indexes are, so that a write far from all of them costs next to nothing."""
        self._at: dict[Path, list[_Name]] = defaultdict(list)
        for name in self._built:
            self._at[name[0]].append(name)
        self._above = {path[:depth] for path in self._at for depth in range(len(path) + 1)}

    def before(self, root: View, paths: Iterable[Path]) -> list[_Change]:
        """To be called before writes at `paths`: which entries they may change. Drops indexes they replace."""
        changes = {}
        for path in paths:
            for depth, key in enumerate(path):
                if key == PRIORITY or path[:depth] not in self._above:
                    break
                for name in self._at.get(path[:depth], ()):
                    index = self._built[name]
                    changes[name, key] = (index, key, _entry(index, root, key))
            if path in self._above:
                self._drop(path)
        return list(changes.values())

    def _drop(self, path: Path) -> None:
        for name in [name for name in self._built if name[0][: len(path)] == path]:
            del self._built[name]
        self._place()

    def after(self, root: View, changes: list[_Change]) -> None:
        """To be called after the writes with what `before` gave."""
        for index, key, old in changes:
            new = _entry(index, root, key)
            if new == old:
                continue
            if old is not None:
                index.entries.remove(old)
            if new is not None:
                index.entries.add(new)


def _entry(index: _Index, root: View, key: str) -> SortKey | None:
    child = root.at(index.path).child(key)
    return index.query.sort_key(key, child) if child else None


def _sorted_keys(here: View, query: Query) -> Iterable[str]:
    entries = [query.sort_key(key, here.child(key)) for key in here.keys()]  # noqa: SIM118 (a View is not a dict)
    found = sorted(entry for entry in entries if query.contains(entry))
    return (key_of_order(entry[2]) for entry in (reversed(found) if query.from_end else found))
