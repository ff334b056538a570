"""Which functions a write sets off, and the CloudEvents that tell them; sending is `delivery`'s work.

Pure but for the events' random ids.

Facts: one event per node that matches a trigger's pattern, at the pattern's depth. An event carries the value before
and a delta: the changed children, removed ones as explicit nulls, so that merging it into the value before and dropping
nulls gives the value after. Arrays never appear: the Python SDK fails on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from uuid import uuid4

from emulators.database.errors import BadRequest
from emulators.database.json_form import to_json
from emulators.database.keys import Path, node_of
from emulators.database.tokens import Access
from emulators.database.tree import View

EVENT_PREFIX = "google.firebase.database.ref.v1."
MAX_EVENTS_PER_WRITE = 1_000  # the service's limit of functions that one write may set off
DATA_TYPE = "type.googleapis.com/google.events.firebase.database.v1.ReferenceEventData"
_NAME = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/triggers/(?P<key>[^/]+)")
_GENERATION = re.compile(r"-[0-9]+$")  # the functions emulator counts it up on each reload
_CAPTURE = re.compile(r"\{[^{}/=]+(=\*)?\}")
_UNCHANGED: Any = object()

_FIRES: dict[str, Callable[[Any, Any], bool]] = {
    "created": lambda before, after: before is None,
    "updated": lambda before, after: before is not None and after is not None,
    "deleted": lambda before, after: after is None,
    "written": lambda before, after: True,
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A function that wants to know of changes: of which kind, where, in which namespaces."""

    project: str
    location: str
    key: str
    kind: str
    pattern: Path
    namespaces: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same when the function is loaded again."""
        return self.project, self.location, _GENERATION.sub("", self.key)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a write may set off: the places by trigger with their values before, to be compared afterwards."""

    trigger: Trigger
    before: dict[Path, Any]
    written: tuple[Path, ...]


def parse_registration(body: object) -> Trigger:
    """The trigger of a registration as the Firebase CLI posts it. Raises BadRequest for what can't be served."""
    fields = body if isinstance(body, dict) else {}
    name = _NAME.fullmatch(str(fields.get("name", "")))
    if not name:
        raise BadRequest(
            "a trigger's name must be projects/P/locations/L/triggers/KEY; first generation ones are not served"
        )
    event = str(fields.get("event", ""))
    kind = event.removeprefix(EVENT_PREFIX)
    if not event.startswith(EVENT_PREFIX) or kind not in _FIRES:
        raise BadRequest(
            f"{name['key']}: a trigger's event must be {EVENT_PREFIX} and one of {', '.join(_FIRES)}, not {event!r}"
        )
    pattern = tuple(segment for segment in str(fields.get("path", "")).split("/") if segment)
    if any("**" in segment for segment in pattern):
        raise BadRequest(f"{name['key']}: a trigger's path may not contain '**'; here a wildcard matches one level")
    return Trigger(
        name["project"], name["location"], name["key"], kind, pattern, str(fields.get("namespacePattern", "*"))
    )


class Triggers:
    """The triggers of one namespace; events go to `send`."""

    def __init__(
        self, namespace: str, send: Callable[[Trigger, dict[str, Any]], None], warn: Callable[[str], None]
    ) -> None:
        self._namespace = namespace
        self._send = send
        self._warn = warn
        self._registered: dict[tuple[str, str, str], Trigger] = {}

    def register(self, trigger: Trigger) -> None:
        """Add a trigger, or replace it by its next generation, if it is meant for this namespace."""
        if fnmatchcase(self._namespace, trigger.namespaces):
            self._registered[trigger.identity] = trigger

    def clear(self) -> None:
        """Forget all triggers."""
        self._registered.clear()

    def before(self, root: View, paths: tuple[Path, ...]) -> list[Notice]:
        """To be called before a write: remembers what the places it may change hold."""
        written = tuple(map(node_of, paths))
        notices = []
        for trigger in self._registered.values():
            touched = tuple(path for path in written if _may_match(trigger.pattern, path))
            if touched:
                places = {place for path in touched for place in _places(trigger.pattern, path, root)}
                before = {place: to_json(root.at(place), arrays=False) for place in places}
                notices.append(Notice(trigger, before, touched))
        return notices

    def after(self, root: View, notices: list[Notice], access: Access, now_ms: int) -> None:
        """To be called after the write with what `before` gave: sends an event for each place that changed."""
        sent = 0
        for notice in notices:
            trigger = notice.trigger
            places = {place for path in notice.written for place in _places(trigger.pattern, path, root)}
            for place in sorted(places | notice.before.keys()):
                before = notice.before.get(place)
                after = to_json(root.at(place), arrays=False)
                delta = difference(before, after)
                if delta is _UNCHANGED or not _FIRES[trigger.kind](before, after):
                    continue
                sent += 1
                if sent <= MAX_EVENTS_PER_WRITE:
                    self._send(trigger, cloud_event(trigger, self._namespace, place, before, delta, access, now_ms))
        if sent > MAX_EVENTS_PER_WRITE:
            lost = sent - MAX_EVENTS_PER_WRITE
            self._warn(
                f"a write set off {sent} functions; the service's limit is {MAX_EVENTS_PER_WRITE}: {lost} not told"
            )


def _may_match(pattern: Path, path: Path) -> bool:
    return all(_segment_matches(segment, key) for segment, key in zip(pattern, path, strict=False))


def _segment_matches(segment: str, key: str) -> bool:
    return _CAPTURE.fullmatch(segment) is not None or fnmatchcase(key, segment)


def _places(pattern: Path, path: Path, root: View) -> Iterator[Path]:
    """The places at the pattern's depth, at or above or existing below the path, which matches so far."""
    if len(path) >= len(pattern):
        yield path[: len(pattern)]
        return
    for key in root.at(path).keys():  # noqa: SIM118 (a View is not a dict)
        if _segment_matches(pattern[len(path)], key):
            yield from _places(pattern, (*path, key), root)


def difference(before: Any, after: Any) -> Any:
    """What turns `before` into `after` when merged: changed children, None for removed ones."""
    if isinstance(before, dict) and isinstance(after, dict):
        changes = {key: difference(before.get(key), after.get(key)) for key in {**before, **after}}
        changes = {key: change for key, change in changes.items() if change is not _UNCHANGED}
        return changes or _UNCHANGED
    same = before == after and isinstance(before, bool) == isinstance(after, bool)
    return _UNCHANGED if same else after


def cloud_event(
    trigger: Trigger, namespace: str, place: Path, before: Any, delta: Any, access: Access, now_ms: int
) -> dict[str, Any]:
    """The event as the production service sends it in structured mode."""
    ref = "/".join(place)
    uid = (access.auth or {}).get("uid")
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"//firebasedatabase.googleapis.com/projects/_/locations/{trigger.location}/instances/{namespace}",
        "type": EVENT_PREFIX + trigger.kind,
        "subject": f"refs/{ref}",
        "time": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "instance": namespace,
        "ref": ref,
        "firebasedatabasehost": "firebaseio.com",
        "location": trigger.location,
        "authtype": "admin" if access.admin else "app_user" if access.auth is not None else "unauthenticated",
        **({"authid": str(uid)} if uid is not None else {}),
        "data": {"@type": DATA_TYPE, "data": before, "delta": delta},
    }
