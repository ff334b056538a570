"""The data of one namespace as a tree, and `View`, the read-only way every other module looks at it.

Inside, a leaf is a bare Python scalar (so a million leaves cost no objects of ours), a `Leaf` when it has a priority,
and a node with children is a `Branch`, a dict. Nothing empty is ever stored: a branch without children does not exist.
The tree changes in place, so that a write costs the depth of its path and never the number of siblings; a `View` shows
the present, not a snapshot. Knows no JSON, no rules, no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast

from sortedcontainers import SortedKeyList

from emulators.database.keys import PRIORITY, Path, key_order

Scalar = bool | int | float | str
Priority = int | float | str | None
Raw: TypeAlias = "Scalar | Leaf | Branch | None"

SORT_ON_DEMAND = 64  # up to so many children, sorting again after a new key is cheaper than keeping a sorted list


class Leaf:
    """A scalar that has a priority."""

    __slots__ = ("priority", "value")

    def __init__(self, value: Scalar, priority: Priority) -> None:
        self.value = value
        self.priority = priority


class Branch(dict[str, "Scalar | Leaf | Branch"]):
    """Children by key, with the node's priority and, once asked for, the order of its keys."""

    __slots__ = ("_in_order", "_sorted", "priority")

    def __init__(self) -> None:
        super().__init__()
        self.priority: Priority = None
        self._in_order = False
        self._sorted: SortedKeyList | None = None

    def put(self, key: str, child: Scalar | Leaf | Branch) -> None:
        """Add or replace one child."""
        if key not in self:
            self._in_order = False
            if self._sorted is not None:
                self._sorted.add(key)
        self[key] = child

    def drop(self, key: str) -> None:
        """Remove one child if it is there."""
        if self.pop(key, None) is not None and self._sorted is not None:
            self._sorted.remove(key)

    def ordered(self) -> Iterator[str]:
        """The keys in database order."""
        if self._sorted is None and not self._in_order:
            if len(self) > SORT_ON_DEMAND:
                return iter(self.sorted_keys())
            self._rearrange()
        return iter(self if self._sorted is None else self._sorted)

    def arranged(self) -> dict[str, Scalar | Leaf | Branch]:
        """The children in database order, in a dict of the caller's own."""
        return dict(self) if self._in_order else {key: self[key] for key in self.ordered()}

    def sorted_keys(self) -> SortedKeyList:
        """The keys as a sorted list that later writes keep up to date, for ranges."""
        if self._sorted is None:
            self._sorted = SortedKeyList(self, key=key_order)
        return self._sorted

    def _rearrange(self) -> None:
        children = [(key, self[key]) for key in sorted(self, key=key_order)]
        self.clear()
        self.update(children)
        self._in_order = True


class View:
    """One place of the tree, there or not, to be read and never changed."""

    __slots__ = ("raw",)

    def __init__(self, raw: Raw = None) -> None:
        self.raw = raw

    @property
    def value(self) -> Scalar | None:
        """The scalar here; None for a node with children and for nothing."""
        raw = self.raw
        if isinstance(raw, Branch):
            return None
        return raw.value if isinstance(raw, Leaf) else raw

    @property
    def priority(self) -> Priority:
        """The priority here, or None."""
        return self.raw.priority if isinstance(self.raw, (Leaf, Branch)) else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stored here."""
        return self.raw is None

    def child(self, key: str) -> View:
        """The child of that key, an empty view if there is none; `.priority` is the priority as a value."""
        if key == PRIORITY:
            return View(self.priority)
        return View(self.raw.get(key)) if isinstance(self.raw, Branch) else EMPTY

    def at(self, path: Path) -> View:
        """The descendant at that path, an empty view if there is none."""
        here: View = self
        for key in path:
            here = here.child(key)
        return here

    def has(self, key: str) -> bool:
        """Whether there is a child of that key."""
        return isinstance(self.raw, Branch) and key in self.raw

    def keys(self) -> Iterator[str]:
        """The keys of the children in database order."""
        return self.raw.ordered() if isinstance(self.raw, Branch) else iter(())

    def __len__(self) -> int:
        """The number of children."""
        return len(self.raw) if isinstance(self.raw, Branch) else 0

    def __bool__(self) -> bool:
        """Whether something is stored here: a scalar has no children, and is something."""
        return not self.is_empty


EMPTY = View()


class Tree:
    """The whole tree of a namespace, with the two ways it changes."""

    __slots__ = ("root",)

    def __init__(self, root: Raw = None) -> None:
        self.root = root

    def view(self, path: Path = ()) -> View:
        """What is stored at that path now."""
        return View(self.root).at(path)

    def put(self, path: Path, raw: Raw) -> None:
        """Replace what is at `path`; None removes it and every ancestor left without children.

        A path that ends in `.priority` sets the priority of the node before it, if that node is there.
        Below a scalar, something replaces the scalar (its priority stays) and nothing changes nothing.
        """
        if path[-1:] == (PRIORITY,):
            self._put_priority(path[:-1], cast(Priority, raw))
        elif not path:
            self.root = raw
        elif raw is None:
            self._remove(path)
        else:
            self._branch_at(path[:-1]).put(path[-1], raw)

    def _put_priority(self, path: Path, priority: Priority) -> None:
        raw = self.view(path).raw
        if isinstance(raw, Branch):
            raw.priority = priority
        elif raw is not None:
            value = raw.value if isinstance(raw, Leaf) else raw
            self.put(path, value if priority is None else Leaf(value, priority))

    def _branch_at(self, path: Path) -> Branch:
        branch = self.root = _as_branch(self.root)
        for key in path:
            below = branch.get(key)
            if not isinstance(below, Branch):
                below = _as_branch(below)
                branch.put(key, below)
            branch = below
        return branch

    def _remove(self, path: Path) -> None:
        chain: list[Branch] = []
        raw = self.root
        for key in path:
            if not isinstance(raw, Branch) or key not in raw:
                return
            chain.append(raw)
            raw = raw[key]
        for branch, key in zip(reversed(chain), reversed(path), strict=True):
            branch.drop(key)
            if branch:
                return
        self.root = None


def _as_branch(raw: Raw) -> Branch:
    if isinstance(raw, Branch):
        return raw
    branch = Branch()
    branch.priority = raw.priority if isinstance(raw, Leaf) else None
    return branch
