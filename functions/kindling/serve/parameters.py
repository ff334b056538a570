"""The query of a URL as parameters, capped and checked before any endpoint sees it.

Filters on fields are left to `query`, which knows the collection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote

from flask import Request

from ..errors import ApiError
from ..query.operators import flag
from ..query.plan import no_repeats, refuse, unknown_control
from .answer import Call
from .routing import Route

PLAIN = re.compile(r"[A-Za-z0-9_.~=&-]*")  # of a query in which `quote` would leave names and values as they are
QUERY_MAX_BYTES = 4_096  # what proxies and logs carry without cutting
PARAMETERS_MAX = 64  # more than there can be good ones, 20 filters and every control; each wrong one is told at length


def read_query(request: Request) -> list[tuple[str, str]]:
    """The parameters in the order they were sent; ApiError 400 for a query over a cap, or one that is no text."""
    if len(request.query_string) > QUERY_MAX_BYTES:
        raise ApiError(400, f"The query is over {QUERY_MAX_BYTES} bytes; ask for less at once.", kind="bad-query")
    try:
        text = request.query_string.decode()
        found = _plainly(text) or parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        wrong = f"%{error.object[error.start]:02X}"
        detail = f"The query is not UTF-8: {wrong} is part of no character; write é as %C3%A9."
        raise ApiError(400, detail, kind="bad-query") from error
    if len(found) > PARAMETERS_MAX:
        raise ApiError(400, f"{len(found)} parameters; at most {PARAMETERS_MAX}.", kind="bad-query")
    return found


def _plainly(text: str) -> list[tuple[str, str]]:
    """The parameters of a query in which no sign stands for another; none where one may."""
    if "%" in text or "+" in text:
        return []
    parts = (part.partition("=") for part in text.split("&") if part)
    return [(name, value) for name, _, value in parts]


def next_link(call: Call, takes: str, token: str) -> str:
    """The Link header that leads on: the same question with `token` for the parameter `takes`, relative to the path."""
    pairs = [pair for pair in call.parameters if pair[0] != takes]
    return f'<?{_query((*pairs, (takes, token)))}>; rel="next"'


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    text = "&".join([f"{name}={value}" for name, value in pairs])
    if PLAIN.fullmatch(text) and text.count("=") == text.count("&") + 1 == len(pairs):  # none is part of a value
        return text
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def check(route: Route, parameters: Sequence[tuple[str, str]]) -> None:
    """Raises ApiError 400 for what the route does not take. A route with filters reads its parameters itself."""
    if route.filters:
        return
    known = {parameter.name: parameter for parameter in route.parameters}
    errors = no_repeats(parameters)
    errors += [(name, unknown_control(name, known)) for name, _ in parameters if name not in known]
    refuse(errors)


def read_flag(call: Call, name: str) -> bool:
    """Whether the parameter `name` is 1; ApiError 400 for what is neither 1 nor 0."""
    try:
        return flag(call.parameter(name, "0"))
    except ValueError as error:
        raise ApiError(400, f"{name}: {error}.", kind="bad-query", errors=((name, str(error)),)) from error
