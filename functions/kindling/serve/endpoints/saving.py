"""`save_data`: documents in, one or many, all or nothing; and the settings of a collection.

What a write does to the records is the store's; here are its body, its conditions and its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from ... import settings
from ...errors import ApiError
from ...flow import Document
from ...store import Record, Write, look_up, split_path, store
from ...store.paths import SLOTS
from ...values import canonical_id, dumps, encode_id, json_bytes
from ..access import demand_name
from ..answer import Answer, Call
from ..bodies import ITEMS_MAX, MERGE_TYPES, document, documents, read_json, refuse_documents
from ..callers import Scope
from ..http_cache import demand_match, etag
from ..routing import Body, Parameter, Route
from ..schemas import DOCUMENT, STRING, Schema
from .data import document_bytes, missing, told

INDEX_MAX = len(SLOTS)


def save_many(call: Call) -> Answer:
    """One document or a list of them, each under a new id or under the value of a field."""
    name = demand_name(call.names["collection"])
    found, several = documents(call)
    key = dict(call.parameters).get("_key")
    ids: Sequence[str | None] = [None] * len(found) if key is None else _keys(found, key, several)
    writes = [Write("put", id=one, document=item) for one, item in zip(ids, found, strict=True)]
    saved = store().save(name, writes, by=call.caller.by, now_ms=call.now_ms)
    headers = {} if several else {"Location": _location(name, saved.ids[0])}
    return Answer(
        json_bytes({"ids": saved.ids, "created": saved.created, "replaced": saved.replaced}),
        status=201,
        headers=headers,
    )


def _location(name: str, key: str) -> str:
    return f"{settings.get('SITE_URL').rstrip('/')}/get_data/{name}/{key}"


def _keys(found: Sequence[Document], field: str, several: bool) -> list[str]:
    """The id of each document from its `field`; ApiError 400 for those that have none, or one that another has."""
    errors: list[tuple[str, str]] = []
    first: dict[str, int] = {}
    keys = []
    for place, item in enumerate(found):
        where = f"[{place}].{field}" if several else field
        absent, value = look_up(item, field)
        if absent or isinstance(value, list | dict) or value is None or value == "":
            errors.append((where, "is missing or no single value, and it is to be the id"))
            continue
        key = encode_id(value if isinstance(value, str) else dumps(value))
        if key in first:
            errors.append((where, f"is the same as that of [{first[key]}], and ids are unique"))
        first.setdefault(key, place)
        keys.append(key)
    refuse_documents(errors)
    return keys


def tag(record: Record | None) -> str | None:
    """The ETag that GET gives for a record; None where it would find nothing."""
    if record is None or record.gone_ms is not None:
        return None
    return etag(document_bytes(record.document))


def put_one(call: Call) -> Answer:
    """A document under an id of the client's choice."""
    return _one(call, Write("put", document=document(call)))


def merge_one(call: Call) -> Answer:
    """Some fields of a document; null removes one (RFC 7396)."""
    patch = document(call, MERGE_TYPES)
    return _one(call, Write("merge", document=patch), must_exist=True)


def _one(call: Call, write: Write, *, must_exist: bool = False) -> Answer:
    name, key = demand_name(call.names["collection"]), canonical_id(call.names["id"])

    def check(record: Record | None) -> None:
        demand_match(call.headers, tag(record))
        if must_exist and (record is None or record.gone_ms is not None):
            raise missing(name, call.names["id"])

    saved = store().save(
        name, [Write(write.op, id=key, document=write.document, check=check)], by=call.caller.by, now_ms=call.now_ms
    )
    body = document_bytes(saved.records[0].document)
    headers = {"ETag": etag(body)} | ({"Location": _location(name, key)} if saved.created else {})
    return Answer(body, status=201 if saved.created else 200, headers=headers, modified_ms=saved.records[0].changed_ms)


def configure(call: Call) -> Answer:
    """Who may read a collection, and which fields are indexed."""
    name = demand_name(call.names["collection"])
    body = read_json(call, MERGE_TYPES)
    if not isinstance(body, dict) or not body:
        _refuse_setting("", 'must be an object with "public" or "index"')
    for key, value in body.items():
        problem = _SETTINGS.get(key, lambda _: "there is no such setting; there are: public, index")(value)
        if problem:
            _refuse_setting(key, problem)
    made = store().settings(
        name, public=body.get("public"), index=body.get("index"), by=call.caller.by, now_ms=call.now_ms
    )
    return Answer(json_bytes(told(made)))


def _refuse_setting(where: str, what: str) -> NoReturn:
    detail = f"{where}: {what}" if where else f"The body {what}"
    raise ApiError(400, f"{detail}.", kind="bad-settings", errors=((where, what),))


def _public(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _index(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(one, str) and all(split_path(one)) for one in value):
        return 'must be a list of fields, such as ["price.amount", "title"]'
    return f"{len(value)} fields; at most {INDEX_MAX}" if len(value) > INDEX_MAX else None


_SETTINGS = {"public": _public, "index": _index}

_WRITE = {400: "The body is wrong.", 409: "A source feeds the collection.", 413: "Too much.", 415: "No JSON."}
_CONDITION = {412: "If-Match or If-None-Match does not hold."}
_CHANGE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "public": {"type": "boolean"},
        "index": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": INDEX_MAX},
    },
}
_SAVED: Schema = {
    "type": "object",
    "required": ["ids", "created", "replaced"],
    "properties": {
        "ids": {"type": "array", "items": STRING},
        "created": {"type": "integer"},
        "replaced": {"type": "integer"},
    },
}

ROUTES = (
    Route(
        "save_data",
        "POST",
        "/save_data/{collection}",
        save_many,
        "Save one document or a list",
        {201: "Saved.", **_WRITE},
        (Parameter("_key", "the field whose value becomes the id", "email"),),
        needs=Scope.WRITE,
        body=Body(
            f"One document, or a list of up to {ITEMS_MAX}.",
            {"anyOf": [DOCUMENT, {"type": "array", "items": DOCUMENT, "minItems": 1, "maxItems": ITEMS_MAX}]},
            [{"n": 1}, {"n": 2}],
        ),
        schema=_SAVED,
    ),
    Route(
        "save_data",
        "PUT",
        "/save_data/{collection}/{id}",
        put_one,
        "Save a document under an id",
        {200: "Replaced.", 201: "Created.", **_WRITE, **_CONDITION},
        needs=Scope.WRITE,
        body=Body("The document.", DOCUMENT, {"n": 1}),
        schema=DOCUMENT,
    ),
    Route(
        "save_data",
        "PATCH",
        "/save_data/{collection}/{id}",
        merge_one,
        "Change some fields of a document",
        {200: "Changed.", 404: "No such document.", **_WRITE, **_CONDITION},
        needs=Scope.WRITE,
        body=Body("The fields to change; null removes one.", DOCUMENT, {"n": 2}, MERGE_TYPES),
        schema=DOCUMENT,
    ),
    Route(
        "save_data",
        "PATCH",
        "/save_data/{collection}",
        configure,
        "Settings of a collection",
        {200: "The collection.", **_WRITE},
        needs=Scope.ADMIN,
        body=Body("Who may read it, and which fields are indexed.", _CHANGE, {"public": True}, MERGE_TYPES),
    ),
)
