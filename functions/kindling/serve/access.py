"""Which collections a caller may read. A private one is to everybody else what an unknown one is, to the byte."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ApiError
from ..naming import RULE, is_name
from ..query import Snapshots
from ..store import Collection, store
from ..times import iso_if
from .answer import Answer, Call
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


def current(call: Call, name: str, answer: Callable[[Collection], Answer]) -> Answer:
    """What `answer` makes of the collection `name` as it is now; ApiError 404 where the caller may not read it.

    While the database is asked whether the collection still is as this process knew it, the answer is made of that, and
    made again where it is not: the wait costs no time, and nobody is told what was so only before the question came.
    """
    if not is_name(name):
        raise unknown(name)
    kept = store()
    before = kept.known(name)
    now = _latest.begin(name, lambda: kept.look(name))
    made = _attempt(call, before, answer)
    found = now()
    if found is None or not call.caller.reads(name, public=found.public):
        raise unknown(name)
    if found is not before or made is None:
        return answer(found)
    if isinstance(made, Answer):
        return made
    raise made


def _attempt(
    call: Call, before: Collection | None, answer: Callable[[Collection], Answer]
) -> Answer | Exception | None:
    if before is None or not call.caller.reads(before.name, public=before.public):
        return None
    try:
        return answer(before)
    except Exception as error:  # noqa: BLE001 - it is raised where the collection turns out to be so still
        return error


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
