"""The newest of a collection for a feed: by time of change where it is small, from the change log where it is big."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..errors import ApiError
from . import memory
from .memory import Found
from .order import SortKey, arrange
from .search import search

if TYPE_CHECKING:
    from ..store import Collection, Store
    from .plan import Plan
    from .snapshots import Snapshots

SORT = (SortKey("_changed_at", descending=True),)
LOG_MAX = 500  # entries of the log looked through for the newest records of a big collection


def newest(store: Store, collection: Collection, plan: Plan, snapshots: Snapshots) -> Found:
    """The first page of `plan`, the last changed first; ApiError 422 where a filter would need an index."""
    try:
        return search(store, collection, replace(plan, sort=SORT), snapshots)
    except ApiError as error:
        if error.kind != "needs-index" or plan.conditions or plan.words:
            raise
    served = [change.id for change in store.latest_changes(collection.name, limit=LOG_MAX) if change.op != "removed"]
    read = store.read(collection.name, list(dict.fromkeys(served))[: plan.limit])
    fits = memory.matcher(plan)
    records = sorted((one for one in read.values() if one and fits(one)), key=lambda record: record.id)
    return Found(arrange(records, SORT))
