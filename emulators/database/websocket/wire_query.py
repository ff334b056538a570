"""The query object of the WebSocket protocol, read strictly: what is not known is refused, never ignored. Pure.

Facts: `sp sn sin` and `ep en ein` are value, key and inclusiveness of the bounds, `l` the limit, `vf` the side it is
taken from (`l` or `r`), `i` the index: `.key`, `.value`, a child path, or by default the priority. The clients write
the keys `[MIN_NAME]` and `[MAX_NAME]` for before and after every key of a value.
"""

from __future__ import annotations

from typing import Any

from emulators.database.errors import BadRequest
from emulators.database.keys import Path, parse_path
from emulators.database.query import LAST_KEY, Bound, OrderBy, Query

_FIELDS = frozenset({"sp", "sn", "sin", "ep", "en", "ein", "l", "vf", "i"})
_EXTREMES: dict[str, str] = {"[MIN_NAME]": "", "[MAX_NAME]": LAST_KEY}
_INDEXES = {".key": OrderBy.KEY, ".value": OrderBy.VALUE, ".priority": OrderBy.PRIORITY}


def read_query(value: object) -> Query | None:
    """The query of a request's `q`; None where it asks for everything. Raises BadRequest or BadKey."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() - _FIELDS:
        raise BadRequest(f"a query is an object with some of {', '.join(sorted(_FIELDS))}")
    order_by, child = _index(value.get("i", ".priority"))
    query = Query(
        order_by,
        child,
        start=_bound(value, "sp", "sn", "sin", order_by),
        end=_bound(value, "ep", "en", "ein", order_by),
        limit=_limit(value),
        from_end=_from_end(value),
    )
    return None if query.loads_all else query


def _index(name: object) -> tuple[OrderBy, Path]:
    if not isinstance(name, str):
        raise BadRequest("a query's index 'i' is a string")
    if name in _INDEXES:
        return _INDEXES[name], ()
    path = parse_path(name)
    if not path:
        raise BadRequest("a query's index 'i' is empty")
    return OrderBy.CHILD, path


def _bound(query: dict[str, Any], value: str, key: str, inclusive: str, order_by: OrderBy) -> Bound | None:
    if value not in query:
        return None
    at, name, included = query[value], query.get(key), query.get(inclusive, True)
    if isinstance(at, (dict, list)) or not isinstance(name, (str, type(None))) or not isinstance(included, bool):
        raise BadRequest(f"a query's {value}, {key} and {inclusive} are a value, a key and a boolean")
    if order_by is OrderBy.KEY:
        if not isinstance(at, str):
            raise BadRequest(f"a query's {value} is a key when it is ordered by key")
        return Bound(_EXTREMES.get(at, at), inclusive=included)
    if name in _EXTREMES and not included:
        return Bound(at, inclusive=False)
    return Bound(at, None if name is None else _EXTREMES.get(name, name), included)


def _limit(query: dict[str, Any]) -> int | None:
    limit = query.get("l")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise BadRequest("a query's limit 'l' is a whole number above 0")
    return limit


def _from_end(query: dict[str, Any]) -> bool:
    side = query.get("vf", "l")
    if side not in ("l", "r"):
        raise BadRequest("a query's side 'vf' is 'l' or 'r'")
    return bool(side == "r")
