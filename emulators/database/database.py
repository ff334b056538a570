"""One namespace in process: reads, writes, subscriptions, rules, all in one thread.

Every method runs to its end without waiting, so each is atomic under one event loop. A write is judged by the rules on
an overlay, put into the journal, applied, and told to listeners and triggers, in that order: what cannot be saved never
becomes visible. Transports (REST, streams, WebSocket) add only their own words.

    view = database.read(path, access, query)              View, to be rendered at once
    stored = database.set(path, json_value, access)         View of what is there now
    stored = database.update(path, json_object, access)     views by key
    listener = database.subscribe(path, query, access, callback)   see `listeners`; end it with database.unsubscribe
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from emulators.database.errors import BadRequest, IndexNotDefined, PermissionDenied
from emulators.database.indexes import Indexes
from emulators.database.journal import encode_record
from emulators.database.json_form import from_json, priority_value, to_json
from emulators.database.keys import PRIORITY, Path, parse_path, shown
from emulators.database.listeners import Event, Listener, Put, Revoked, Update, everything, filtered, news
from emulators.database.overlay import Write, in_turn, overlay
from emulators.database.push_ids import PushIds
from emulators.database.query import Query
from emulators.database.rules import Ruleset
from emulators.database.server_values import resolver
from emulators.database.tokens import Access
from emulators.database.tree import Raw, Tree, View
from emulators.database.triggers import Triggers


class Journal(Protocol):
    """Where records of writes are kept."""

    def append(self, record: bytes) -> None:
        """Keep the record, or raise and keep nothing."""


@dataclass(slots=True)
class Stats:
    """What was done since the start. Transports count the bytes of bodies and messages."""

    reads: int = 0
    writes: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class Database:
    """The data of one namespace with everything that watches over it."""

    def __init__(
        self,
        name: str,
        *,
        tree: Tree,
        journal: Journal | None,
        rules: Ruleset,
        clock_ms: Callable[[], int],
        push_ids: PushIds,
        triggers: Triggers,
    ) -> None:
        self.name = name
        self.stats = Stats()
        self._tree = tree
        self._journal = journal
        self._rules = rules
        self._clock_ms = clock_ms
        self._push_ids = push_ids
        self._triggers = triggers
        self._indexes = Indexes()
        self._listeners: dict[Listener, Access] = {}

    @property
    def rules(self) -> Ruleset:
        """The rules in force. Setting them ends the subscriptions that they no longer allow."""
        return self._rules

    @rules.setter
    def rules(self, rules: Ruleset) -> None:
        self._rules = rules
        self._revoke()

    def view(self, path: Path = ()) -> View:
        """What is at the path, asked by the server itself: no rules."""
        return self._tree.view(path)

    def read(self, path: Path, access: Access, query: Query | None = None) -> View:
        """What is at the path, with only the children that answer the query.

        Raises PermissionDenied or IndexNotDefined.
        """
        self.check_read(path, access, query)
        here = self._tree.view(path)
        if query is None:
            return here
        self.check_index(path, query)
        return filtered(here, self._indexes.select(here, path, query))

    def check_read(self, path: Path, access: Access, query: Query | None) -> None:
        """Raise PermissionDenied unless the rules allow this read, and count it."""
        self.stats.reads += 1
        if not access.admin and not self._allows_read(path, access, query):
            raise PermissionDenied("Permission denied")

    def check_index(self, path: Path, query: Query) -> None:
        """Raise IndexNotDefined unless the rules declare the index this query needs."""
        index = query.index
        if index is not None and index not in self._rules.indexes(path):
            place = "/" + "/".join(path)
            raise IndexNotDefined(f'Index not defined, add ".indexOn": "{index}", for path "{place}", to the rules')

    def set(self, path: Path, value: object, access: Access, *, triggers: bool = True) -> View:
        """Replace what is at the path by a JSON value and return what is there then.

        Raises BadValue, BadKey, PermissionDenied, or StorageError, and then nothing has changed.
        """
        write = (path, self._stored(path, value))
        self._apply(Update(path, (path,), merge=False), [write], access, triggers=triggers)
        return self._tree.view(path)

    def update(
        self, path: Path, children: Mapping[str, object], access: Access, *, triggers: bool = True
    ) -> dict[str, View]:
        """Set all the places below the path that the keys name (`a`, `a/b/c`), or none of them; what is there then.

        Raises as `set` does, and BadRequest where one place is above another.
        """
        places, writes = self._writes_of(path, children)
        if writes:
            changed = tuple(place for place, _ in writes)
            self._apply(Update(path, changed, merge=True), writes, access, triggers=triggers)
        return {key: self._tree.view(place) for key, place in places.items()}

    def check_set(self, path: Path, value: object, access: Access) -> None:
        """Raise as `set` would now, and change nothing."""
        write = (path, self._stored(path, value))
        if not access.admin:
            self._check_writes([write], access)

    def check_update(self, path: Path, children: Mapping[str, object], access: Access) -> None:
        """Raise as `update` would now, and change nothing."""
        _, writes = self._writes_of(path, children)
        if not access.admin:
            self._check_writes(writes, access)

    def push_id(self) -> str:
        """A new key that sorts after all made before."""
        return self._push_ids.make(self._clock_ms())

    def subscribe(
        self,
        path: Path,
        query: Query | None,
        access: Access,
        callback: Callable[[Event], None],
        *,
        whole: bool = False,
    ) -> Listener:
        """Tell the callback everything there now, and from then on every change. Raises as `read` does.

        With `whole` the rules judge the query, and the callback is told of all children: that needs no index.
        """
        self.check_read(path, access, query)
        if query is not None and not whole:
            self.check_index(path, query)
        listener = Listener(path, None if whole else query, callback, asked=query)
        callback(everything(listener, self._tree.view(), self._indexes))
        self._listeners[listener] = access
        return listener

    def change_access(self, listener: Listener, access: Access) -> None:
        """From now on the subscriber is somebody else; it is revoked if that one may not read there."""
        if listener in self._listeners:
            self._listeners[listener] = access
            self._revoke([listener])

    def snapshot(self, listener: Listener) -> Put:
        """Everything a subscriber listens to, for one that could not keep up; later events build on it."""
        return everything(listener, self._tree.view(), self._indexes)

    def unsubscribe(self, listener: Listener) -> None:
        """Tell this subscriber nothing more. Harmless if it has ended."""
        self._listeners.pop(listener, None)

    def _writes_of(self, path: Path, children: Mapping[str, object]) -> tuple[dict[str, Path], list[Write]]:
        """The places of an update by key, and what is to be stored there, in turn."""
        places = {key: (*path, *parse_path(key)) for key in children}
        _check_apart(path, places)
        return places, in_turn((place, self._stored(place, children[key])) for key, place in places.items())

    def _stored(self, path: Path, value: object) -> Raw:
        if PRIORITY in path[:-1]:
            raise BadRequest("a priority has no children; write it as one string, number or null")
        if path[-1:] == (PRIORITY,):
            return self._stored_priority(path, value)
        resolve = resolver(self._tree.view(path), self._clock_ms())
        return from_json(value, server_value=resolve, depth=len(path))

    def _stored_priority(self, path: Path, value: object) -> Raw:
        wrapped = from_json(value, server_value=resolver(self._tree.view(path), self._clock_ms()))
        return priority_value(to_json(View(wrapped)), path)

    def _apply(self, update: Update, writes: list[Write], access: Access, *, triggers: bool) -> None:
        self.stats.writes += 1
        root = self._tree.view()
        if not access.admin:
            self._check_writes(writes, access)
        if self._journal:
            self._journal.append(encode_record(writes))
        changing = self._indexes.before(root, update.paths)
        noticed = self._triggers.before(root, update.paths) if triggers else None
        for path, raw in writes:
            self._tree.put(path, raw)
        root = self._tree.view()
        self._indexes.after(root, changing)
        self._tell(update, root)
        if noticed:
            self._triggers.after(root, noticed, access, self._clock_ms())
        self._revoke()

    def _check_writes(self, writes: list[Write], access: Access) -> None:
        root = self._tree.view()
        after = overlay(root, writes)
        now_ms = self._clock_ms()
        for path, _ in writes:
            if not self._rules.can_write(path, auth=access.auth, now_ms=now_ms, root=root, new_root=after):
                raise PermissionDenied("Permission denied")

    def _tell(self, update: Update, root: View) -> None:
        for listener in list(self._listeners):
            for event in news(listener, update, root, self._indexes):
                listener.callback(event)

    def _allows_read(self, path: Path, access: Access, query: Query | None) -> bool:
        now_ms = self._clock_ms()
        return self._rules.can_read(path, auth=access.auth, now_ms=now_ms, root=self._tree.view(), query=query)

    def _revoke(self, listeners: Iterable[Listener] | None = None) -> None:
        """End the subscriptions, of these or of all, that the rules no longer allow."""
        for listener in list(self._listeners if listeners is None else listeners):
            access = self._listeners.get(listener)
            if access and not access.admin and not self._allows_read(listener.path, access, listener.asked):
                self.unsubscribe(listener)
                listener.callback(Revoked())


def _check_apart(base: Path, places: Mapping[str, Path]) -> None:
    """Refuse an update in which one place is another, or above it: which should win?"""
    if base in places.values():
        raise BadRequest("an update names the place itself; its keys must name places below")
    paths = sorted(places.values())
    for upper, lower in pairwise(paths):
        if lower[: len(upper)] == upper:
            one, other = shown("/".join(upper)), shown("/".join(lower))
            raise BadRequest(f"path {one} is an ancestor of {other} in the same update; name one of them")
