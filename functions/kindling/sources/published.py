"""The JSON Schema of a definition, made from the tables that read it, so that editors complete and check the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import keys, names
from .keys import Key
from .kinds import Schema

TITLE = "A Kindling source: one page, or list of pages, and what to take from it"


def schema() -> Schema:
    """The JSON Schema (2020-12) of a source file."""
    fields = {"$ref": "#/$defs/fields"}
    expression = keys.EXPRESSION.schema
    also: dict[str, Schema] = {
        "fields": fields,
        "next": _said(
            "The next list page: CSS of its link, JMESPath of its address, or page numbers.",
            {"anyOf": [expression, _table(keys.PAGING_KEYS)]},
        ),
        "follow": _said(
            "Open each record's own page and add fields from it.",
            _table(keys.FOLLOW_KEYS, {"fields": fields}, ("fields",)),
        ),
        "limits": _said("What one run may take at most.", _table(keys.LIMIT_KEYS)),
    }
    field = {"anyOf": [expression, _table(keys.FIELD_KEYS, {"fields": fields}), {"type": "null"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        **_table(keys.SOURCE_KEYS, also),
        "$defs": {
            "field": field,
            "fields": {
                "type": "object",
                "description": "The fields of a record, by name.",
                "minProperties": 1,
                "maxProperties": keys.FIELDS_MAX,
                "propertyNames": {"pattern": f"^(?:{names.FIELD_NAME})$"},
                "additionalProperties": {"$ref": "#/$defs/field"},
            },
        },
    }


def _said(help_: str, schema_: Schema) -> Schema:
    return {"description": help_, **schema_}


def _table(table: Mapping[str, Key], also: Mapping[str, Any] | None = None, required: tuple[str, ...] = ()) -> Schema:
    needed = [name for name, key in table.items() if key.required] + list(required)
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**{name: _said(key.help, key.kind.schema) for name, key in table.items()}, **(also or {})},
    }
    return found | ({"required": needed} if needed else {})
