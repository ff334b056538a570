"""Reading a big collection in the order of an index slot, only as far as one page needs.

The database gives a slot's order with ids rising among equals; walked downwards ids still rise among equals, so that a
page is the same whether an index or memory made it. Records that miss the field come last in either direction.

Knows no condition: those are tested on what it gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ..slots import SLOT_GONE
from .order import MISSING, Position, SortKey
from .ranges import Stretch, rank_only
from .reading import Reader

if TYPE_CHECKING:
    from ..store.records import Record


def up(
    reader: Reader, slot: str, key: SortKey, stretches: Sequence[Stretch], after: Position | None
) -> Iterator[Record]:
    """The records of `stretches` behind `after`, the least first."""
    start = f"{after.ranks[0]}-{after.id}" if after else ""
    for stretch in stretches:
        if start <= stretch.end:
            yield from _up(
                reader, slot, key, Stretch(max(start, stretch.start), stretch.end), after.id if after else None
            )


def _up(reader: Reader, slot: str, key: SortKey, stretch: Stretch, seen: str | None) -> Iterator[Record]:
    start = stretch.start
    while start <= stretch.end:
        batch = reader.slot(slot, Stretch(start, stretch.end))
        more = reader.more
        yield from (record for record in batch if record.id != seen)
        if not more:
            return
        seen = batch[-1].id
        gone = SLOT_GONE if batch[-1].gone_ms is not None else ""
        start = f"{gone}{key.rank(batch[-1])}-{seen}"


def down(
    reader: Reader, slot: str, key: SortKey, stretches: Sequence[Stretch], after: Position | None
) -> Iterator[Record]:
    """The records of `stretches` behind `after`, the greatest first, ids rising among equals, missing ones last."""
    missing = [stretch.cut(rank_only(MISSING)) for stretch in stretches]
    if after and after.ranks[0] == MISSING:
        yield from up(reader, slot, key, missing, after)
        return
    top = MISSING
    if after:
        top = after.ranks[0]
        yield from up(reader, slot, key, [stretch.cut(rank_only(top)) for stretch in stretches], after)
    for stretch in reversed(stretches):
        yield from _down(reader, slot, key, stretch.cut(Stretch(end=top)))
    yield from up(reader, slot, key, missing, None)


def _down(reader: Reader, slot: str, key: SortKey, stretch: Stretch) -> Iterator[Record]:
    end = stretch.end
    while stretch.start <= end:
        batch = reader.slot(slot, Stretch(stretch.start, end), descending=True)
        more = reader.more
        groups = [(rank, list(records)) for rank, records in groupby(batch, key.rank)]
        whole = groups[:-1] if more else groups
        for _, records in whole:
            yield from reversed(records)
        if not more:
            return
        if not whole:
            reader.take_back()
        # the last rank may have more records than were read; it is read again upwards, as its ids rise
        end = groups[-1][0]
        yield from up(reader, slot, key, [rank_only(end).cut(stretch)], None)
