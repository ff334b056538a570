"""The parameters of a REST request, read strictly: what is not known or does not fit is refused, never ignored. Pure.

Facts: orderBy and the bounds are JSON, a bound optionally `value,"key"`; all but a shallow read's limit need orderBy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from emulators.database.errors import BadRequest
from emulators.database.keys import BadKey, Path, parse_path
from emulators.database.query import Bound, OrderBy, Query

MAX_TIMEOUT_MS = 15 * 60 * 1000  # the service's longest query
_CREDENTIALS = frozenset({"auth", "access_token", "auth_variable_override", "ns"})
_RANGE = frozenset({"orderBy", "startAt", "startAfter", "endAt", "endBefore", "equalTo", "limitToFirst", "limitToLast"})
_READ = _CREDENTIALS | _RANGE | {"print", "shallow", "format", "download", "timeout"}
_WRITE = _CREDENTIALS | {"print", "writeSizeLimit", "disableTriggers", "x-http-method-override"}
ALLOWED = {"GET": _READ | {"x-http-method-override"}, "PUT": _WRITE, "PATCH": _WRITE, "POST": _WRITE, "DELETE": _WRITE}
_TIME_UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000}

WRITE_SIZE_LIMITS = {
    "tiny": 1_000_000,
    "small": 10_000_000,
    "medium": 30_000_000,
    "large": 60_000_000,
    "unlimited": None,
}
"""Bytes a write may add or replace: the service means 1, 10, 30 and 60 seconds, taken here as a megabyte each."""


@dataclass(frozen=True, slots=True)
class Params:
    """What a request asks for beside its path."""

    query: Query | None = None
    shallow: bool = False
    export: bool = False
    print: str | None = None
    download: str | None = None
    timeout_ms: int | None = None
    write_size_limit: int | None = None
    triggers: bool = True


def split(query_string: str) -> dict[str, str]:
    """The parameters by name. Raises BadRequest for one that stands twice."""
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise BadRequest("the query string is not valid percent-encoded UTF-8, or too long") from error
    params = dict(pairs)
    if len(params) < len(pairs):
        raise BadRequest("a query parameter stands twice; give each once")
    return params


def parse(method: str, params: Mapping[str, str]) -> Params:
    """Read the parameters of a request of that method. Raises BadRequest."""
    unknown = sorted(params.keys() - ALLOWED[method])
    if unknown:
        known = ", ".join(sorted(ALLOWED[method]))
        raise BadRequest(f"parameter {unknown[0]!r} is not supported for {method}; it takes {known}")
    shallow = _boolean(params, "shallow")
    if shallow and (params.keys() & (_RANGE - {"limitToFirst", "limitToLast"}) or "format" in params):
        raise BadRequest("Mixing 'shallow' and querying parameters is not supported")
    return Params(
        query=_query(params, implied_order=OrderBy.KEY if shallow else None),
        shallow=shallow,
        export=_choice(params, "format", ("export",)) == "export",
        print=_choice(params, "print", ("pretty", "silent")),
        download=params.get("download"),
        timeout_ms=_timeout(params),
        write_size_limit=WRITE_SIZE_LIMITS[_choice(params, "writeSizeLimit", WRITE_SIZE_LIMITS) or "unlimited"],
        triggers=not _boolean(params, "disableTriggers"),
    )


def _choice(params: Mapping[str, str], name: str, choices: Any) -> str | None:
    value = params.get(name)
    if value is not None and value not in choices:
        raise BadRequest(f"{name} must be one of {', '.join(choices)}; it is {value!r}")
    return value


def _boolean(params: Mapping[str, str], name: str) -> bool:
    return _choice(params, name, ("true", "false")) == "true"


def _timeout(params: Mapping[str, str]) -> int | None:
    if "timeout" not in params:
        return None
    found = re.fullmatch(r"([0-9]{1,9})(ms|s|min)", params["timeout"])
    amount_ms = int(found[1]) * _TIME_UNITS_MS[found[2]] if found else MAX_TIMEOUT_MS + 1
    if amount_ms > MAX_TIMEOUT_MS:
        raise BadRequest("timeout must be a number with ms, s or min, at most 15min")
    return amount_ms


def _query(params: Mapping[str, str], implied_order: OrderBy | None) -> Query | None:
    if not params.keys() & _RANGE:
        return None
    if "orderBy" in params:
        order_by, child = _ordering(params["orderBy"])
    elif implied_order:
        order_by, child = implied_order, ()
    else:
        raise BadRequest("orderBy must be defined when other query parameters are defined")
    start, end = _range(params, order_by)
    limit = _limit(params)
    return Query(order_by, child, start, end, limit, from_end="limitToLast" in params)


def _ordering(text: str) -> tuple[OrderBy, Path]:
    try:
        value = json.loads(text)
        if value in ("$key", "$value", "$priority"):
            return OrderBy(value), ()
        path = parse_path(value) if isinstance(value, str) else ()
    except (ValueError, RecursionError) as error:
        hint = f": {error}" if isinstance(error, BadKey) else '; like "price", with its quotes'
        raise BadRequest(f"orderBy must be a valid JSON encoded path{hint}") from error
    if not path:
        raise BadRequest('orderBy must be a valid JSON encoded path; like "price", with its quotes')
    return OrderBy.CHILD, path


def _range(params: Mapping[str, str], order_by: OrderBy) -> tuple[Bound | None, Bound | None]:
    names = ("startAt", "startAfter", "endAt", "endBefore", "equalTo")
    bounds = {name: _bound(name, params[name], order_by) for name in names if name in params}
    for group in (("startAt", "startAfter", "equalTo"), ("endAt", "endBefore", "equalTo")):
        given = [name for name in group if name in bounds]
        if len(given) > 1:
            raise BadRequest(f"{' and '.join(given)} cannot both be defined")
    start = bounds.get("startAt") or bounds.get("startAfter") or bounds.get("equalTo")
    return start, bounds.get("endAt") or bounds.get("endBefore") or bounds.get("equalTo")


def _bound(name: str, text: str, order_by: OrderBy) -> Bound:
    try:
        value, used = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text)
        key = json.loads(text[used + 1 :]) if text[used : used + 1] == "," else None
        if text[used:] and not isinstance(key, str):
            raise ValueError(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            f'{name} must be JSON: a string in quotes, a number, a boolean or null; or value,"key"'
        ) from error
    if isinstance(value, (dict, list)):
        raise BadRequest(f"{name} must be a string, a number, a boolean or null")
    if order_by is OrderBy.KEY and (not isinstance(value, str) or key is not None):
        raise BadRequest(f'{name} must be one string when orderBy is "$key"')
    return Bound(value, key, inclusive=name not in ("startAfter", "endBefore"))


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _limit(params: Mapping[str, str]) -> int | None:
    given = [name for name in ("limitToFirst", "limitToLast") if name in params]
    if len(given) == 2:
        raise BadRequest("limitToFirst and limitToLast cannot both be defined")
    if not given:
        return None
    text = params[given[0]]
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise BadRequest(f"{given[0]} must be a whole number above 0")
    return int(text)
