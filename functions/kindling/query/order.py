"""The order law: null < false < true < number < text < other, missing last in either direction, ties by id upwards.

A value's rank is the ordered part of its index slot, so that what is sorted here and what the database sorts by a slot
is the same order: numbers with the precision of a double, texts by their first 256 bytes of UTF-8. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ..slots import slot_prefix

if TYPE_CHECKING:
    from ..store.records import Record

MISSING = slot_prefix(None, missing=True)

STAMPS: dict[str, Callable[[Record], str]] = {
    "_id": lambda record: slot_prefix(record.id),
    "_first_seen": lambda record: slot_prefix(record.first_ms),
    "_changed_at": lambda record: slot_prefix(record.changed_ms),
}


class SortKey(Struct, frozen=True):
    """One key of a sort: a field by its path and names, or a stamp by its name alone."""

    path: str
    names: tuple[str, ...] = ()
    descending: bool = False

    def rank(self, record: Record) -> str:
        """What `record` orders by under this key; ranks compare as texts."""
        if not self.names:
            return STAMPS[self.path](record)
        value: object = record.document
        for name in self.names:
            if not isinstance(value, dict) or name not in value:
                return MISSING
            value = value[name]
        return slot_prefix(value)


class Position(Struct, frozen=True):
    """A place in an order: the ranks and the id of the record it stands right behind."""

    ranks: tuple[str, ...]
    id: str


def position(record: Record, sort: Sequence[SortKey]) -> Position:
    """The place right behind `record`."""
    return Position(tuple(key.rank(record) for key in sort), record.id)


def arrange(records: Sequence[Record], sort: Sequence[SortKey]) -> list[Record]:
    """`records` in the order of `sort`. They must come in the order of their ids."""
    arranged = list(records)
    for key in reversed(sort):
        if key.descending:
            # a descending sort is stable too, and what is missing has the least of these keys
            arranged.sort(key=lambda record, key=key: _down(key.rank(record)), reverse=True)  # type: ignore[misc]  # mypy cannot infer a lambda with a bound default
        else:
            arranged.sort(key=key.rank)
    return arranged


def _down(rank: str) -> str:
    return "" if rank == MISSING else rank


def behind(records: Sequence[Record], place: Position, sort: Sequence[SortKey]) -> int:
    """How many of the arranged `records` lie at `place` or before it."""
    low, high = 0, len(records)
    while low < high:
        middle = (low + high) // 2
        if _is_behind(position(records[middle], sort), place, sort):
            high = middle
        else:
            low = middle + 1
    return low


def _is_behind(one: Position, other: Position, sort: Sequence[SortKey]) -> bool:
    for key, rank, limit in zip(sort, one.ranks, other.ranks, strict=True):
        if rank != limit:
            return _down(rank) < _down(limit) if key.descending else rank > limit
    return one.id > other.id
