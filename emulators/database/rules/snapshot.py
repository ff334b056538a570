"""A place in the database as rules see it: reads what is there and climbs or descends from it."""

from __future__ import annotations

from emulators.database.keys import MAX_DEPTH, Path
from emulators.database.rules.errors import RuleFailure
from emulators.database.rules.types import NODE, Node
from emulators.database.tree import Scalar, View

_MOST_SLASHES = 2 * MAX_DEPTH  # a longer child path leads below anything that can exist, or is mostly slashes


class Snapshot:
    """The data at `path` of one tree; nothing is looked up before it is asked for."""

    __slots__ = ("_path", "_root")

    def __init__(self, root: View, path: Path) -> None:
        self._root = root
        self._path = path

    def child(self, path: str) -> Snapshot:
        """The snapshot at a relative path, there or not; empty segments do not count."""
        if "/" not in path and path:
            return Snapshot(self._root, (*self._path, path))
        if path.count("/") > _MOST_SLASHES:
            raise RuleFailure("the path of a child is deeper than the database")
        return Snapshot(self._root, (*self._path, *filter(None, path.split("/"))))

    def parent(self) -> Snapshot:
        """The snapshot one level up; the root has none, which is a runtime error."""
        if not self._path:
            raise RuleFailure("the root has no parent")
        return Snapshot(self._root, self._path[:-1])

    def val(self) -> Scalar | Node | None:
        """The scalar here, null for nothing, and an opaque value for data with children."""
        view = self._view
        value = view.value
        return NODE if value is None and not view.is_empty else value

    def exists(self) -> bool:
        """Whether there is any data here."""
        return not self._view.is_empty

    def has_child(self, path: str) -> bool:
        """Whether there is data at a relative path."""
        return self.child(path).exists()

    def has_children(self, paths: list[str] | None = None) -> bool:
        """Whether there is data at every one of the paths; without paths, whether there is any child."""
        if paths is None:
            return len(self._view) > 0
        return all(self.has_child(path) for path in paths)

    def priority(self) -> int | float | str | None:
        """The priority of the data here."""
        return self._view.priority

    def is_number(self) -> bool:
        """Whether the value here is a number."""
        return self._view.value.__class__ in (int, float)

    def is_string(self) -> bool:
        """Whether the value here is a string."""
        return self._view.value.__class__ is str

    def is_boolean(self) -> bool:
        """Whether the value here is true or false."""
        return self._view.value.__class__ is bool

    @property
    def _view(self) -> View:
        return self._root.at(self._path)
