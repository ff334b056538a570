"""Which index slots a plan can use, and which stretches of a slot hold every record that a condition may let through.

A stretch may hold more than the condition does: the condition is tested on what was read. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ..slots import SLOT_GONE, SLOT_TEXT_BYTES, slot_prefix
from .operators import Condition
from .order import MISSING, SortKey

if TYPE_CHECKING:
    from ..store.records import Collection
    from .plan import Plan

AFTER_IDS = "."  # sorts behind the `-` that parts rank and id, and before every digit: the end of a rank's records
LEAST, MOST = "0", "8"  # before the first rank and behind the last one that a served record can have
TEXT_END = "g"  # behind every hexadecimal digit


class Stretch(Struct, frozen=True, order=True):
    """A part of a slot's order, both ends inclusive."""

    start: str = LEAST
    end: str = MOST

    def cut(self, other: Stretch) -> Stretch:
        """What both have in common; `start` is behind `end` where that is nothing."""
        return Stretch(max(self.start, other.start), min(self.end, other.end))


class Narrowing(Struct, frozen=True):
    """A slot and the stretches of it, in order and apart, that hold every match of some conditions on one field."""

    path: str
    slot: str
    stretches: tuple[Stretch, ...]
    exact: bool  # every stretch is one rank, so that its records come in the order of their ids
    key: SortKey


def rank_only(rank: str) -> Stretch:
    """The stretch of the records that have this rank."""
    return Stretch(rank, rank + AFTER_IDS)


def _beginning(text: str) -> Stretch:
    rank = slot_prefix(text)
    return Stretch(rank, rank + TEXT_END)


def _equal(condition: Condition) -> tuple[Stretch, ...]:
    build = _beginning if condition.field.dated else lambda value: rank_only(slot_prefix(value))
    return tuple(build(value) for value in condition.wanted)


def _type_start(rank: str) -> str:
    return "2" if rank[0] == "3" else rank[0]


def _type_end(rank: str) -> str:
    return "3" + AFTER_IDS if rank[0] in "23" else rank[0] + TEXT_END


def _below(condition: Condition) -> tuple[Stretch, ...]:
    ends = [(slot_prefix(value), TEXT_END if condition.field.dated else AFTER_IDS) for value in condition.wanted]
    return tuple(Stretch(_type_start(rank), rank + end) for rank, end in ends)


def _above(condition: Condition) -> tuple[Stretch, ...]:
    return tuple(Stretch(rank, _type_end(rank)) for rank in map(slot_prefix, condition.wanted))


def _starting(condition: Condition) -> tuple[Stretch, ...]:
    return (_beginning(condition.wanted[0].encode("utf-8", "surrogatepass")[:SLOT_TEXT_BYTES].decode(errors="ignore")),)


def _present(condition: Condition) -> tuple[Stretch, ...]:
    return (Stretch(end=MISSING),) if condition.wanted[0] else (rank_only(MISSING),)


STRETCHES: dict[str, Callable[[Condition], tuple[Stretch, ...]]] = {
    "eq": _equal,
    "in": _equal,
    "lt": _below,
    "lte": _below,
    "gt": _above,
    "gte": _above,
    "startswith": _starting,
    "exists": _present,
}


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """`stretches` in order, overlapping ones joined, empty ones dropped."""
    found: list[Stretch] = []
    for one in sorted(stretch for stretch in stretches if stretch.start <= stretch.end):
        if found and one.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return tuple(found)


def _with_gone(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    return (*stretches, *(Stretch(SLOT_GONE + one.start, SLOT_GONE + one.end) for one in stretches))


def narrowings(collection: Collection, plan: Plan) -> list[Narrowing]:
    """Every way that an index serves some of the conditions, the one that promises the fewest records first."""
    by_path: dict[str, list[Condition]] = {}
    for condition in plan.conditions:
        usable = condition.field.path in collection.slots and not condition.field.listed
        if usable and condition.op in STRETCHES:
            by_path.setdefault(condition.field.path, []).append(condition)
    found = [_narrowing(collection.slots[path], path, conditions, plan.gone) for path, conditions in by_path.items()]
    return sorted(found, key=lambda one: (not one.exact, one.path))


def _narrowing(slot: str, path: str, conditions: Sequence[Condition], gone: bool) -> Narrowing:
    stretches: tuple[Stretch, ...] = (Stretch(),)
    for condition in conditions:
        other = STRETCHES[condition.op](condition)
        stretches = tuple(one.cut(two) for one in stretches for two in other)
    united = merged(stretches)
    exact = any(condition.op in ("eq", "in") and not condition.field.dated for condition in conditions)
    key = SortKey(path, conditions[0].field.names)
    return Narrowing(path, slot, _with_gone(united) if gone else united, exact, key)
