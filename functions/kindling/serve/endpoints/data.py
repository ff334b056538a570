"""`get_data`: the collections, a query of one, one document.

How a question is answered is `query`'s, how the answer is written is that of `formats`; here they meet HTTP.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ... import settings
from ...errors import ApiError
from ...fieldtypes import declared_as
from ...query import CONTROLS, fits, history, newest, parse, parse_one, search
from ...store import Collection, Record, store
from ...times import iso, iso_if
from ...values import canonical_id, json_bytes
from ..access import current, freshness, seconds, snapshots
from ..answer import Answer, Call
from ..callers import Scope
from ..formats import FORMATS, USUAL, choose, split_suffix
from ..http_cache import SHARED_SECONDS_MAX
from ..items import meta, shaped, whole
from ..pages import Page, page
from ..parameters import next_link
from ..remembered import Remembered
from ..routing import Parameter, Route
from ..schemas import DOCUMENT, LIMIT, PAGE, STRING, held

SAMPLE = 3  # documents of each collection that the list shows
SAMPLE_READ_MAX = 50  # documents read to find them where many are gone from their page

_remembered = Remembered()


def collections(call: Call) -> Answer:
    """Every collection the caller may read."""
    found = [one for one in store().collections() if call.caller.reads(one.name, public=one.public)]
    key = (
        "",
        tuple((one.name, one.version, one.updated_ms, one.status, one.fetched_ms, one.next_run_ms) for one in found),
    )
    kept = _remembered.get(key)
    if kept is None:
        kept = Answer(json_bytes({"collections": [told(one, _sample(one)) for one in found]}))
        kept = _remembered.keep(key, kept)
    last_ms = max((one.updated_ms for one in found), default=None)
    return replace(kept, seconds=0 if call.caller.credentials else SHARED_SECONDS_MAX, modified_ms=last_ms)


def told(collection: Collection, sample: list[Record] | None = None) -> dict[str, Any]:
    """A collection as the API tells it, with a sample where one is given."""
    path = f"/get_data/{collection.name}"
    fresh = {
        "fetched_at": iso_if(collection.fetched_ms),
        "status": collection.status,
        "next_run": iso_if(collection.next_run_ms),
    }
    links = {
        "items": path,
        **{name: f"{path}.{name}" for name in FORMATS},
        "changes": f"/get_changes/{collection.name}",
    }
    return {
        "name": collection.name,
        "count": collection.count,
        "public": collection.public,
        "source": collection.source,
        "fields": {path: "|".join(kinds) for path, kinds in sorted(_types(collection).items())},
        "kinds": _kinds(collection),
        "index": sorted(index.field for index in collection.indexes.values()),
        **_building(collection),
        "updated_at": iso(collection.updated_ms),
        "freshness": fresh if collection.source else None,
        **({} if sample is None else {"sample": [whole(one) for one in sample]}),
        "feeds": {form.name: form.feed for form in FORMATS.values() if form.feed},
        "links": {name: settings.get("SITE_URL").rstrip("/") + link for name, link in links.items()},
    }


def _building(collection: Collection) -> dict[str, Any]:
    """The indexes that cannot be used yet, while there are any."""
    fields = sorted(index.field for index in collection.indexes.values() if not index.ready)
    return {"building": fields} if fields else {}


def _types(collection: Collection) -> dict[str, tuple[str, ...]]:
    """The types of the fields: as declared, else the kinds that were seen."""
    return {**collection.fields, **{path: (kind,) for path, kind in collection.declared.items()}}


def _kinds(collection: Collection) -> dict[str, str]:
    """As what each declared field is filtered; a type that says nothing of it is left away."""
    told = {path: declared_as(kind).filtered_as for path, kind in sorted(collection.declared.items())}
    return {path: kinds for path, kinds in told.items() if kinds}


def _sample(collection: Collection) -> list[Record]:
    found = store().records(collection.name, limit=SAMPLE)
    if collection.kept > collection.count and any(one.gone_ms is not None for one in found):
        found = store().records(collection.name, limit=SAMPLE_READ_MAX)
    return [one for one in found if one.gone_ms is None][:SAMPLE]


def query(call: Call) -> Answer:
    """A page of a collection, in the format that was asked for."""
    name, suffix = split_suffix(call.names["collection"])
    return current(call, name, lambda collection: _queried(call, collection, suffix))


def _queried(call: Call, collection: Collection, suffix: str | None) -> Answer:
    format_name = choose(suffix, dict(call.parameters).get("_format"), call.headers)
    key = (collection.name, collection.version, collection.updated_ms, format_name, tuple(call.parameters))
    kept = _remembered.get(key)
    if kept is None:
        kept = _written(call, collection, format_name)
        if "_as_of" not in dict(call.parameters):  # a later retention may take back what was answered
            kept = _remembered.keep(key, kept, cheap=format_name == USUAL and fits(collection))
    return replace(
        kept,
        headers={**kept.headers, **freshness(collection)},
        seconds=seconds(call, collection),
        modified_ms=collection.updated_ms,
    )


def _written(call: Call, collection: Collection, format_name: str) -> Answer:
    form = FORMATS[format_name]
    plan = parse(collection, [pair for pair in call.parameters if pair[0] != "_format"] + _repeated_format(call))
    if plan.distinct:
        if format_name != "json":
            raise ApiError(400, "_distinct is answered as JSON only; leave the format away.", kind="bad-query")
        return Answer(json_bytes({"values": search(store(), collection, plan, snapshots).values}))
    find = newest if form.feed and not plan.sort and plan.after is None and plan.as_of_ms is None else search
    made = page(collection, plan, find(store(), collection, plan, snapshots))
    return Answer(form.write(made), form.media_type, headers=_page_headers(call, made, format_name))


def _repeated_format(call: Call) -> list[tuple[str, str]]:
    """`_format` given twice is a mistake like any other parameter given twice."""
    found = [pair for pair in call.parameters if pair[0] == "_format"]
    return found if len(found) > 1 else []


def _page_headers(call: Call, made: Page, format_name: str) -> dict[str, str]:
    headers = {}
    if made.next and not FORMATS[format_name].feed:
        headers["Link"] = next_link(call, "_after", made.next)
    if made.total is not None:
        headers["Kindling-Total"] = str(made.total)
    if FORMATS[format_name].download:
        headers["Content-Disposition"] = f'attachment; filename="{made.collection.name}.{format_name}"'
    return headers


def document(call: Call) -> Answer:
    """One document, now or as it was."""
    return current(call, call.names["collection"], lambda collection: _document(call, collection))


def _document(call: Call, collection: Collection) -> Answer:
    plan = parse_one(collection, call.parameters)
    key = canonical_id(call.names["id"])
    record = store().record(collection.name, key)
    if plan.as_of_ms is not None:
        then = history.document_at(store(), collection, record, key, plan.as_of_ms)
        record = None if then is None else Record(key, then, plan.as_of_ms, plan.as_of_ms)
    if record is None or (record.gone_ms is not None and not plan.gone):
        raise missing(collection.name, call.names["id"])
    body = shaped(record, plan) | ({"_meta": meta(record)} if plan.meta else {})
    return Answer(
        document_bytes(body),
        headers=freshness(collection),
        seconds=seconds(call, collection),
        modified_ms=record.changed_ms,
    )


def document_bytes(document: dict[str, Any]) -> bytes:
    """The bytes that answer for one document, whose ETag conditions of writes are about."""
    return json_bytes(document)


def missing(collection: str, key: str) -> ApiError:
    """The 404 of a document that is not there."""
    return ApiError(404, f"{collection} has no document '{key[:80]}'.", kind="no-document")


FORMAT = Parameter("_format", f"one of {', '.join(FORMATS)}", "json", values=tuple(FORMATS))
_QUERY = tuple(
    Parameter(name, control.help, control.example, LIMIT if name == "_limit" else STRING, control.values)
    for name, control in CONTROLS.items()
)
_ONE = tuple(one for one in _QUERY if CONTROLS[one.name].one_document)

ROUTES = (
    Route(
        "get_data",
        "GET",
        "/get_data",
        collections,
        "The collections, with samples",
        {200: "The collections."},
        needs=Scope.READ,
        schema=held("collections"),
    ),
    Route(
        "get_data",
        "GET",
        "/get_data/{collection}",
        query,
        "Ask a collection",
        {200: "A page of items.", 404: "No such collection.", 406: "No such format.", 422: "An index is needed."},
        (*_QUERY, FORMAT),
        needs=Scope.READ,
        filters=True,
        media_types=tuple(form.media_type.partition(";")[0] for form in FORMATS.values()),
        schema=PAGE,
    ),
    Route(
        "get_data",
        "GET",
        "/get_data/{collection}/{id}",
        document,
        "One document",
        {200: "The document.", 404: "No such collection or document."},
        _ONE,
        needs=Scope.READ,
        schema=DOCUMENT,
    ),
)
