"""What a reader may ask of a node's children: an ordering, a range, a limit. Pure, and knows no URL and no tree.

Facts: values sort null < false < true < numbers < strings < objects, ties by key; objects are all equal.
A bound is a value with, optionally, a key that decides among equal values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from emulators.database.keys import Path, code_units, key_order
from emulators.database.tree import Scalar, View

SortKey = tuple[int, "int | float | str", str]
"""How an entry sorts: rank of the value's type, the value, the key's order."""

_NULL, _FALSE, _TRUE, _NUMBER, _STRING, _OBJECT = range(6)
LAST_KEY = "\U0010ffff" * 2  # sorts after every key; first is ""


class OrderBy(Enum):
    """The kinds of ordering; the value is how a query names the kind."""

    KEY = "$key"
    VALUE = "$value"
    PRIORITY = "$priority"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: `value`, then perhaps `key`; a key order's bound has its key as value."""

    value: Scalar | None
    key: str | None = None
    inclusive: bool = True


@dataclass(frozen=True)
class Query:
    """Which children of a node are wanted. `child` is the path of a CHILD ordering, else empty."""

    order_by: OrderBy = OrderBy.PRIORITY
    child: Path = ()
    start: Bound | None = None
    end: Bound | None = None
    limit: int | None = None
    from_end: bool = False

    @property
    def loads_all(self) -> bool:
        """Whether every child belongs to the answer."""
        return self.start is None and self.end is None and self.limit is None

    @property
    def index(self) -> str | None:
        """What ".indexOn" must list to serve this; None where the database needs nothing."""
        return {OrderBy.VALUE: ".value", OrderBy.CHILD: "/".join(self.child)}.get(self.order_by)

    @cached_property
    def lowest(self) -> SortKey:
        """The smallest sort key in the range, itself included."""
        return (_NULL, 0, "") if self.start is None else self._edge(self.start, low=True)

    @cached_property
    def highest(self) -> SortKey:
        """The first sort key beyond the range, itself excluded."""
        return (_OBJECT + 1, 0, "") if self.end is None else self._edge(self.end, low=False)

    def sort_key(self, key: str, child: View) -> SortKey:
        """Where this child stands in the ordering."""
        if self.order_by is OrderBy.KEY:
            return (_NULL, 0, key_order(key))
        if self.order_by is OrderBy.PRIORITY:
            return (*value_order(child.priority), key_order(key))
        return (*indexed_value(child, self.child), key_order(key))

    def contains(self, sort_key: SortKey) -> bool:
        """Whether the range holds it; says nothing about the limit."""
        return self.lowest <= sort_key < self.highest

    def _edge(self, bound: Bound, *, low: bool) -> SortKey:
        if self.order_by is OrderBy.KEY:
            value: tuple[int, int | float | str] = (_NULL, 0)
            key: str | None = str(bound.value)
        else:
            value, key = value_order(bound.value), bound.key
        after = bound.inclusive is not low  # the edge lies behind the bound rather than before it
        if key is None:
            return (*value, LAST_KEY if after else "")
        return (*value, key_order(key) + ("\x00" if after else ""))


def value_order(value: Scalar | None) -> tuple[int, int | float | str]:
    """How a scalar sorts among all scalars."""
    if value is None:
        return (_NULL, 0)
    if isinstance(value, bool):
        return (_TRUE if value else _FALSE, 0)
    return (_STRING, code_units(value)) if isinstance(value, str) else (_NUMBER, value)


def indexed_value(child: View, path: Path) -> tuple[int, int | float | str]:
    """How a child sorts by what it has at `path`; `()` is its own value."""
    place = child.at(path)
    return (_OBJECT, 0) if len(place) else value_order(place.value)
