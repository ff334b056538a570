"""A tree as it would be after some writes, without making them: what security rules judge as `newData`.

The overlay costs the size of the writes, never the size of the tree under it, and is valid until the tree changes.
Pure; knows no rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from emulators.database.keys import PRIORITY, Path, key_order
from emulators.database.tree import Priority, Raw, Scalar, View

Write = tuple[Path, Raw]


class _Changes:
    """Below this place: either it is replaced as a whole, or some descendants and perhaps the priority change."""

    __slots__ = ("children", "priority", "replaced", "sets_priority", "value")

    def __init__(self) -> None:
        self.children: dict[str, _Changes] = {}
        self.replaced = False
        self.value: Raw = None
        self.sets_priority = False
        self.priority: Priority = None

    def add(self, path: Path, raw: Raw) -> None:
        place = self
        tail = path[-1:] == (PRIORITY,)
        for key in path[:-1] if tail else path:
            place = place.children.setdefault(key, _Changes())
        if tail:
            place.sets_priority, place.priority = True, cast(Priority, raw)
        else:
            place.replaced, place.value = True, raw


class _Overlay(View):
    """A place where something changes at or below it."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: View, changes: _Changes) -> None:
        self._base = View(changes.value) if changes.replaced else base
        self._changes = changes

    @property
    def raw(self) -> Raw:  # type: ignore[override]  # nobody may set it
        raise TypeError("an overlay is stored nowhere; read it by its children")

    @property
    def value(self) -> Scalar | None:
        return None if any(True for _ in self._added()) else self._base.value

    @property
    def priority(self) -> Priority:
        if self.is_empty:
            return None
        return self._changes.priority if self._changes.sets_priority else self._base.priority

    @property
    def is_empty(self) -> bool:
        if any(True for _ in self._added()) or self._base.value is not None:
            return False
        return self._untouched() == 0

    def child(self, key: str) -> View:
        if key == PRIORITY:
            return View(self.priority)
        changes = self._changes.children.get(key)
        below = self._base.child(key)
        return _Overlay(below, changes) if changes else below

    def has(self, key: str) -> bool:
        return not self.child(key).is_empty

    def keys(self) -> Iterator[str]:
        changed = self._changes.children
        kept = [key for key in self._base.keys() if key not in changed]  # noqa: SIM118 (a View is not a dict)
        return iter(sorted([*kept, *self._added()], key=key_order))

    def __len__(self) -> int:
        return self._untouched() + sum(1 for _ in self._added())

    def _untouched(self) -> int:
        """How many children stay as they are."""
        return len(self._base) - sum(1 for key in self._changes.children if self._base.has(key))

    def _added(self) -> Iterator[str]:
        """Changed children that hold something afterwards."""
        return (key for key in self._changes.children if self.has(key))


def in_turn(writes: Iterable[Write]) -> list[Write]:
    """The writes of one request in the order in which they are to be made: values, priorities, removals.

    So a node all of whose children are replaced is never empty in between, which would cost it its priority.
    """

    def turn(write: Write) -> int:
        path, raw = write
        return 1 if path[-1:] == (PRIORITY,) else 2 if raw is None else 0

    return sorted(writes, key=turn)


def overlay(root: View, writes: Iterable[Write]) -> View:
    """The tree as it would be after the writes, made in turn; no path may be above another one."""
    changes = _Changes()
    for path, raw in writes:
        changes.add(path, raw)
    return _Overlay(root, changes)
