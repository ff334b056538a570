"""The JSON Schemas that several endpoints share, and that of a collection, by the fields that were seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import naming
from ..fieldtypes import declared_as
from ..query.plan import LIMIT_MAX
from ..store.records import split_path

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
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX}
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


def listed(schema: Schema) -> Schema:
    """A page of what the schema says."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": schema}, "next": TOKEN, "total": {"type": "integer"}},
    }


def held(name: str) -> Schema:
    """A list under a name."""
    return {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": OBJECT}}}


PAGE: Schema = {
    "anyOf": [
        listed(OBJECT),
        {"type": "array", "items": OBJECT},
        {"type": "object", "required": ["values"], "properties": {"values": {"type": "array", "items": OBJECT}}},
    ]
}


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
    kinds = {*collection.fields.get(path, ()), *declared_as(collection.declared.get(path)).kinds}
    return {"type": sorted(JSON_KINDS[kind] for kind in kinds)} if kinds else {}
