"""Which collections a caller may read. A private one is to everybody else what an unknown one is, to the byte."""

from __future__ import annotations

from ..errors import ApiError
from ..naming import RULE, is_name
from ..query import Snapshots
from ..store import Collection, store
from ..times import iso_if
from .answer import Call
from .http_cache import shared_seconds
from .latest import Latest

snapshots = Snapshots()
_latest: Latest[Collection | None] = Latest()


def demand_name(name: str) -> str:
    """`name` itself; ApiError 400 where no collection or source may be called so."""
    if not is_name(name):
        raise ApiError(400, f"'{name[:80]}' is no name for this: {RULE}.", kind="bad-name")
    return name


def unknown(name: str) -> ApiError:
    """The 404 of a collection that does not exist, or not for this caller."""
    return ApiError(404, f"There is no collection '{name[:80]}'; GET /get_data lists them.", kind="no-collection")


def readable(call: Call, name: str) -> Collection:
    """The collection `name`; ApiError 404 where it does not exist or the caller may not read it."""
    found = _latest.get(name, lambda: store().collection(name)) if is_name(name) else None
    if found is None or not call.caller.reads(name, public=found.public):
        raise unknown(name)
    return found


def freshness(collection: Collection) -> dict[str, str]:
    """The headers that say how fresh the data of a source is; none for a collection without one."""
    values = {
        "Kindling-Fetched-At": iso_if(collection.fetched_ms),
        "Kindling-Status": collection.status,
        "Kindling-Next-Run": iso_if(collection.next_run_ms),
    }
    return {name: value for name, value in values.items() if value is not None}


def seconds(call: Call, collection: Collection) -> int:
    """How long shared caches may keep an answer about `collection` to this caller."""
    if call.caller.credentials or not collection.public:
        return 0
    return shared_seconds(call.now_ms, collection.next_run_ms)
