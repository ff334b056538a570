"""`get_series`: one field's values over time, as JSON, CSV or a chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import ApiError
from ...query import history
from ...query.fields import field as field_of
from ...query.fields import unknown_field
from ...store import Collection, look_up, store
from ...times import iso
from ...values import canonical_id, json_bytes
from .. import charts, csv_format
from ..access import current, freshness, seconds
from ..answer import Answer, Call
from ..callers import Scope
from ..charts import Chart
from ..formats import MEDIA_TYPES, choose
from ..routing import Parameter, Route
from ..schemas import OBJECT, listed
from .data import missing

FORMATS = ("json", "csv", "svg")
DRAWN_MIN, DRAWN_MAX = 1e-300, 1e300  # beyond, the scale between two values is no double
POINTS_MAX = 1_000  # changes read: a chart shows no more, and 90 days of two-hourly runs are fewer


@dataclass(frozen=True, slots=True)
class Point:
    """The value of a field from a moment on; None where it has none."""

    at_ms: int
    value: Any


def series(call: Call) -> Answer:
    """The values of one field of one document, oldest first."""
    return current(call, call.names["collection"], lambda collection: _series(call, collection))


def _series(call: Call, collection: Collection) -> Answer:
    wanted = field_of(collection, call.names["field"])
    if wanted is None:
        raise ApiError(404, unknown_field(collection, call.names["field"]), kind="no-field")
    form = choose(None, dict(call.parameters).get("_format"), call.headers, FORMATS)
    found = points(collection, canonical_id(call.names["id"]), wanted.path)
    if found is None:
        raise missing(collection.name, call.names["id"])
    body = _WRITERS[form](f"{collection.name} {call.names['id']} {wanted.path}", found)
    return Answer(
        body,
        "text/csv; charset=utf-8" if form == "csv" else MEDIA_TYPES[form],
        headers={**freshness(collection), **_HEADERS.get(form, {})},
        seconds=seconds(call, collection),
        modified_ms=collection.updated_ms,
    )


def points(collection: Collection, key: str, path: str) -> list[Point] | None:
    """The values at `path`, oldest first; None for a document that never was."""
    record = store().record(collection.name, key)
    log = store().history(collection.name, key, limit=POINTS_MAX)
    if record is None and not log:
        return None
    document = record.document if record and record.gone_ms is None else None
    found: list[Point] = []
    for change in reversed(log):
        found.append(Point(change.at_ms, _value(document, path)))
        document = history.undo(document, change)
    if document is not None and record is not None:
        # the log does not reach back to the beginning
        found.append(Point(min(record.first_ms, found[-1].at_ms if found else record.first_ms), _value(document, path)))
    return _steps(found[::-1])


def _value(document: dict[str, Any] | None, path: str) -> Any:
    return None if document is None else look_up(document, path)[1]


def _steps(found: Sequence[Point]) -> list[Point]:
    """Only the points at which the value changed."""
    kept: list[Point] = []
    for point in found:
        if not kept or json_bytes(kept[-1].value) != json_bytes(point.value):
            kept.append(point)
    return kept


def _json(_: str, found: Sequence[Point]) -> bytes:
    return json_bytes({"items": [{"at": iso(point.at_ms), "value": point.value} for point in found], "next": None})


def _csv(_: str, found: Sequence[Point]) -> bytes:
    return csv_format.written(("at", "value"), ((iso(point.at_ms), point.value) for point in found))


def _svg(title: str, found: Sequence[Point]) -> bytes:
    line = [(point.at_ms, point.value) for point in found if _is_drawable(point.value)]
    if not line:
        raise ApiError(422, "A chart needs numbers, and this field has none; ask for csv or json.", kind="no-numbers")
    return Chart(title, {"": line}).svg()


def _is_drawable(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or DRAWN_MIN <= abs(value) <= DRAWN_MAX


_WRITERS: dict[str, Callable[[str, Sequence[Point]], bytes]] = {"json": _json, "csv": _csv, "svg": _svg}
_HEADERS = {"svg": charts.HEADERS}

ROUTES = (
    Route(
        "get_series",
        "GET",
        "/get_series/{collection}/{id}/{field}",
        series,
        "One field over time",
        {200: "The values.", 404: "No such collection, document or field.", 406: "No such format.", 422: "No numbers."},
        (Parameter("_format", f"one of {', '.join(FORMATS)}", "json", values=FORMATS),),
        needs=Scope.READ,
        media_types=tuple(MEDIA_TYPES[name] for name in FORMATS),
        schema=listed(OBJECT),
    ),
)
