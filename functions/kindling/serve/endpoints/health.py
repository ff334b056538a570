"""`health`: whether the database answers, and whether every source is inside its deadline. Fetches nothing."""

from __future__ import annotations

from ...errors import StoreError
from ...store import store
from ...values import json_bytes
from ..answer import Answer, Call
from ..parameters import read_flag
from ..problems import problem
from ..routing import Parameter, Route


def health(call: Call) -> Answer:
    """ok, or degraded where a source is past its last-success deadline; 503 where the database does not answer."""
    strict = read_flag(call, "_strict")
    try:
        store().ping()
        late = _late(call.now_ms)
    except StoreError:
        return problem(503, "The database does not answer.", kind="database-unavailable", headers={"Retry-After": "5"})
    if late and strict:
        return problem(503, f"{late} sources are past their deadline.", kind="degraded", more={"late": late})
    return Answer(json_bytes({"status": "degraded" if late else "ok", "database": "ok", "late": late}))


def _late(now_ms: int) -> int:
    # imported here: it loads the definitions of sources, and this module is loaded by every reader
    from ...known import known
    from ...plan import is_late

    found, states = known(store())
    return sum(is_late(source, states[name], now_ms) for name, source in found.sources.items() if name in states)


ROUTES = (
    Route(
        "health",
        "GET",
        "/health",
        health,
        "Whether it works",
        {200: "The database answers.", 503: "It does not, or with _strict a source is late."},
        (Parameter("_strict", "1: 503 where a source is past its deadline", "1", values=("0", "1")),),
    ),
)
