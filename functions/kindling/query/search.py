"""A plan carried out on a collection of any size, with as few reads of the database as its indexes allow.

small collection                     read whole once per version, the rest in memory
no filter, order by id               read the ids from the cursor on
order by one indexed field           read its slot from the cursor on, other filters in memory
filters an index narrows enough      read what it leaves, the rest in memory
anything else                        422 needs-index, with the index to declare
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..errors import ApiError
from ..values import dumps
from . import history, memory, ranges, walk
from .memory import Found
from .order import Position
from .ranges import Narrowing, Stretch
from .reading import READ_MAX, Reader, TooMuch, by_id
from .snapshots import Snapshots

if TYPE_CHECKING:
    from ..store import Collection, Record, Store
    from .plan import Plan

NARROWINGS_MAX = 2  # indexes tried one after the other: each may cost READ_MAX documents


def search(store: Store, collection: Collection, plan: Plan, snapshots: Snapshots) -> Found:
    """What `plan` finds in `collection`; raises ApiError 422 for what would read more than one query may."""
    snapshot = snapshots.get(store, collection)
    if plan.as_of_ms is not None:
        return _as_of(store, collection, plan, None if snapshot is None else snapshot.table.records)
    if snapshot is not None:
        return memory.evaluate(snapshot.table, plan)
    return _big(store, collection, plan)


def _as_of(store: Store, collection: Collection, plan: Plan, records: Iterable[Record] | None) -> Found:
    try:
        if records is None:
            raise TooMuch
        then = history.records_at(store, collection, records, plan.as_of_ms or 0)
    except TooMuch as error:
        raise ApiError(
            422,
            f"{collection.name} is too big, or changed too often since, to be shown as it was; ask for one document.",
            kind="too-big",
        ) from error
    return memory.once(then, replace(plan, as_of_ms=None))


def _big(store: Store, collection: Collection, plan: Plan) -> Found:
    usable = ranges.narrowings(collection, plan)
    for way in WAYS:
        found = way(store, collection, plan, usable)
        if found is not None:
            return found
    raise _needs_index(collection, plan, usable)


def _page(plan: Plan, records: Iterator[Record], total: int | None) -> Found | None:
    """The first page of what `records` gives; None where it would take more reading than one query may do."""
    fits = memory.matcher(plan)
    page: list[Record] = []
    last = None
    try:
        for record in records:
            last = record
            if fits(record):
                page.append(record)
                if len(page) > plan.limit:
                    return Found(page[:-1], True, total)
    except TooMuch:
        # without a condition the page may be short, since the next goes on where this one stopped reading
        return None if _filtered(plan) or last is None else Found(page, True, total, resume=last)
    return Found(page, False, total)


def _total(collection: Collection, plan: Plan) -> int | None:
    if not plan.count:
        return None
    return collection.kept if plan.gone else collection.count


def _filtered(plan: Plan) -> bool:
    return bool(plan.conditions or plan.words)


def _reader(store: Store, plan: Plan) -> Reader:
    """A reader whose first read is enough: one record more than the page tells that another follows, and one is the
    cursor's own, or the last downwards, which is read again with those that are equal to it."""
    spare = plan.after is not None or any(key.descending for key in plan.sort)
    return Reader(store, plan.collection, plan.limit + 1 + spare)


def _walk_ids(store: Store, collection: Collection, plan: Plan, _: Sequence[Narrowing]) -> Found | None:
    """Everything in the order of ids."""
    if _filtered(plan) or plan.distinct or [key.path for key in plan.sort] not in ([], ["_id"]):
        return None
    after = plan.after.id if plan.after else None
    descending = bool(plan.sort) and plan.sort[0].descending
    return _page(plan, by_id(_reader(store, plan), after, descending=descending), _total(collection, plan))


def _walk_slot(store: Store, collection: Collection, plan: Plan, usable: Sequence[Narrowing]) -> Found | None:
    """In the order of an indexed field, the conditions on it as stretches to walk, the others in memory."""
    if len(plan.sort) != 1 or plan.distinct or plan.gone or (plan.count and _filtered(plan)):
        return None
    key = plan.sort[0]
    slot = collection.slots.get(key.path)
    if slot is None:
        return None
    stretches = next((one.stretches for one in usable if one.path == key.path), (Stretch(),))
    steps = walk.down if key.descending else walk.up
    return _page(plan, steps(_reader(store, plan), slot, key, stretches, plan.after), _total(collection, plan))


def _walk_rank(store: Store, _: Collection, plan: Plan, usable: Sequence[Narrowing]) -> Found | None:
    """In the order of ids, where a condition leaves one value of an indexed field."""
    if plan.sort or plan.distinct or plan.gone or plan.count:
        return None
    one = next((one for one in usable if one.exact and len(one.stretches) == 1), None)
    if one is None:
        return None
    rank = one.stretches[0].start
    after = Position((rank,), plan.after.id) if plan.after else None
    return _page(plan, walk.up(_reader(store, plan), one.slot, one.key, one.stretches, after), None)


def _narrow(store: Store, _: Collection, plan: Plan, usable: Sequence[Narrowing]) -> Found | None:
    """Everything that an index leaves, read whole, the rest in memory."""
    for one in usable[:NARROWINGS_MAX]:
        try:
            left = list(walk.up(Reader(store, plan.collection), one.slot, one.key, one.stretches, None))
        except TooMuch:
            continue
        return memory.once(sorted(left, key=lambda record: record.id), plan)
    return None


WAYS = (_walk_ids, _walk_slot, _walk_rank, _narrow)  # the cheapest first


def _needs_index(collection: Collection, plan: Plan, usable: Sequence[Narrowing]) -> ApiError:
    """The 422 that names the index to declare, or what to change where no index would help."""
    sorted_by = [key.path for key in plan.sort if key.names] if len(plan.sort) == 1 else []
    filtered_by = [one.field.path for one in plan.conditions if one.op in ranges.STRETCHES and not one.field.listed]
    wanted = [path for path in dict.fromkeys([*sorted_by, *filtered_by]) if path not in collection.slots]
    size = f"{collection.name} has {collection.count} documents and a query may read {READ_MAX}"
    if wanted:
        mend = f"declare an index on {wanted[0]}: {_how(collection, wanted[0])}"
    elif usable:
        mend = f"the index on {usable[0].path} leaves too many; narrow that filter, or order by {usable[0].path} alone"
    else:
        mend = "no index can serve it; add a filter by value or range on a field that has or gets an index"
    return ApiError(422, f"{size}; {mend}.", kind="needs-index", more={"index": wanted[:1]})


def _how(collection: Collection, path: str) -> str:
    fields = sorted({*(index.field for index in collection.indexes.values()), path})
    if collection.source:
        return f"add it to `index:` of the source {collection.source}"
    return f'PATCH /save_data/{collection.name} with {{"index": {dumps(fields)}}}'
