"""The JSON Schemas of what goes in and comes out, for the specification. The fields are those that were seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import naming
from ..fieldtypes import FIELD_TYPES
from ..query.plan import LIMIT_MAX
from ..store.records import split_path
from .bodies import ITEMS_MAX, MERGE_TYPES
from .endpoints.runs import WAIT_MAX_S
from .endpoints.saving import INDEX_MAX

if TYPE_CHECKING:
    from ..store import Collection

Schema = dict[str, Any]

JSON_KINDS = {
    "null": "null",
    "boolean": "boolean",
    "number": "number",
    "text": "string",
    "list": "array",
    "object": "object",
}
STRING: Schema = {"type": "string"}
TOKEN: Schema = {"type": ["string", "null"]}
OBJECT: Schema = {"type": "object"}
DOCUMENT: Schema = {
    "type": "object",
    "description": "A document; names that start with _ are refused at its top.",
    "propertyNames": {"not": {"pattern": "^_"}},
}
NAME: Schema = {"type": "string", "pattern": f"^{naming.NAME}$"}
ID: Schema = {"type": "string", "minLength": 1}  # the id, or the text that it stands for
FIELD: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_.-]+$"}
PATH_PARTS: Mapping[str, Schema] = {"collection": NAME, "id": ID, "field": FIELD, "source": NAME, "run": ID}
BOUNDS: Mapping[str, Schema] = {
    "_limit": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX},
    "_wait": {"type": "number", "minimum": 0, "maximum": WAIT_MAX_S},
}
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": STRING,
        "title": STRING,
        "status": {"type": "integer"},
        "detail": STRING,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"where": STRING, "what": STRING}},
        },
    },
}


def _listed(schema: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": schema}, "next": TOKEN, "total": {"type": "integer"}},
    }


def _held(name: str) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": OBJECT}}}


PAGE: Schema = {
    "anyOf": [
        _listed(OBJECT),
        {"type": "array", "items": OBJECT},
        {"type": "object", "required": ["values"], "properties": {"values": {"type": "array", "items": OBJECT}}},
    ]
}
SETTINGS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "public": {"type": "boolean"},
        "index": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": INDEX_MAX},
    },
}
SAVED: Schema = {
    "type": "object",
    "required": ["ids", "created", "replaced"],
    "properties": {
        "ids": {"type": "array", "items": STRING},
        "created": {"type": "integer"},
        "replaced": {"type": "integer"},
    },
}

# what a route answers with 200 or 201 as JSON, by method and path; OBJECT where nothing is said
ANSWERS: Mapping[tuple[str, str], Schema] = {
    ("GET", "/get_data"): _held("collections"),
    ("GET", "/get_data/{collection}"): PAGE,
    ("GET", "/get_data/{collection}/{id}"): DOCUMENT,
    ("GET", "/get_changes/{collection}"): _listed(OBJECT),
    ("GET", "/get_series/{collection}/{id}/{field}"): _listed(OBJECT),
    ("POST", "/save_data/{collection}"): SAVED,
    ("PUT", "/save_data/{collection}/{id}"): DOCUMENT,
    ("PATCH", "/save_data/{collection}/{id}"): DOCUMENT,
    ("GET", "/get_sources"): _held("sources"),
    ("GET", "/get_runs"): _held("runs"),
    ("GET", "/get_runs/{source}"): _held("runs"),
}

# what a route takes, by method and path: media types and schema
BODIES: Mapping[tuple[str, str], tuple[tuple[str, ...], Schema]] = {
    ("POST", "/save_data/{collection}"): (
        ("application/json",),
        {"anyOf": [DOCUMENT, {"type": "array", "items": DOCUMENT, "minItems": 1, "maxItems": ITEMS_MAX}]},
    ),
    ("PUT", "/save_data/{collection}/{id}"): (("application/json",), DOCUMENT),
    ("PATCH", "/save_data/{collection}/{id}"): (MERGE_TYPES, DOCUMENT),
    ("PATCH", "/save_data/{collection}"): (MERGE_TYPES, SETTINGS),
}
DEFINITION: tuple[tuple[str, ...], Schema] = (("application/json", "application/yaml"), OBJECT)


def of_collection(collection: Collection) -> Schema:
    """The schema of a collection's documents, from what is declared and what was seen; more fields may come."""
    root: Schema = {"type": "object", "properties": {"_id": STRING}}
    for path in sorted({*collection.fields, *collection.declared}):
        names = split_path(path)
        place = root
        for name in names[:-1]:
            place = place.setdefault("properties", {}).setdefault(name, {})
        place.setdefault("properties", {}).setdefault(names[-1], {}).update(_typed(collection, path))
    return root


def _typed(collection: Collection, path: str) -> Schema:
    kinds = set(collection.fields.get(path, ()))
    kinds |= FIELD_TYPES.get(collection.declared.get(path, "json"), frozenset())
    return {"type": sorted(JSON_KINDS[kind] for kind in kinds)} if kinds else {}
