"""`delete_data`: one document, or a whole collection when its name is said twice."""

from __future__ import annotations

from ...errors import ApiError
from ...store import Record, store
from ...values import canonical_id
from ..access import demand_name, unknown
from ..answer import Answer, Call
from ..callers import Scope
from ..http_cache import demand_match
from ..parameters import read_flag
from ..routing import Parameter, Route
from .data import missing
from .saving import tag


def delete_one(call: Call) -> Answer:
    """Deletes a document; with `_forget=1` no run takes it again."""
    name, key = demand_name(call.names["collection"]), canonical_id(call.names["id"])
    forget = read_flag(call, "_forget")
    if store().collection(name) is None:
        raise unknown(name)

    def check(record: Record | None) -> None:
        demand_match(call.headers, tag(record))
        if record is None and not forget:
            raise missing(name, call.names["id"])

    store().remove(name, key, forget=forget, check=check, by=call.caller.by, now_ms=call.now_ms)
    return Answer(status=204)


def delete_all(call: Call) -> Answer:
    """Deletes a collection with its history, if `_confirm` repeats its name."""
    name = demand_name(call.names["collection"])
    if call.parameter("_confirm") != name:
        raise ApiError(
            400,
            f"This deletes all of {name} and its history; add ?_confirm={name} if that is meant.",
            kind="unconfirmed",
            errors=(("_confirm", f"must be {name}"),),
        )
    if store().collection(name) is None:
        raise unknown(name)
    store().drop(name, by=call.caller.by, now_ms=call.now_ms)
    return Answer(status=204)


_NONE = {204: "Deleted.", 404: "Nothing there."}

ROUTES = (
    Route(
        "delete_data",
        "DELETE",
        "/delete_data/{collection}/{id}",
        delete_one,
        "Delete a document",
        {**_NONE, 412: "If-Match or If-None-Match does not hold."},
        (Parameter("_forget", "1: never take it again from a page", "1", values=("0", "1")),),
        needs=Scope.WRITE,
    ),
    Route(
        "delete_data",
        "DELETE",
        "/delete_data/{collection}",
        delete_all,
        "Delete a collection and its history",
        {**_NONE, 400: "Not confirmed."},
        (Parameter("_confirm", "the name of the collection again", "movies"),),
        needs=Scope.ADMIN,
    ),
)
