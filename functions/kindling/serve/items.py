"""Records as clients see them: with their id, the fields that were asked for, and on request what is known of them.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..flow import Document
from ..times import iso, iso_if
from ..values import decode_id

if TYPE_CHECKING:
    from ..query import Plan
    from ..store import Record

Paths = Sequence[Sequence[str]]
_NOTHING = object()


def pick(value: Any, paths: Paths) -> Any:
    """Only what `paths` lead to, nesting kept, also through lists of objects."""
    if any(not path for path in paths):
        return value
    if isinstance(value, list):
        inner = (pick(item, paths) for item in value)
        return [item for item in inner if item is not _NOTHING]
    if not isinstance(value, dict):
        return _NOTHING
    by_name: dict[str, list[Sequence[str]]] = {}
    for name, *rest in paths:
        by_name.setdefault(name, []).append(rest)
    found = {name: pick(value[name], by_name[name]) for name in value if name in by_name}
    return {name: inner for name, inner in found.items() if inner is not _NOTHING}


def drop(value: Any, paths: Paths) -> Any:
    """Everything but what `paths` lead to."""
    if isinstance(value, list):
        return [drop(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    by_name: dict[str, list[Sequence[str]]] = {}
    for name, *rest in paths:
        by_name.setdefault(name, []).append(rest)
    return {
        name: drop(inner, by_name[name]) if name in by_name else inner
        for name, inner in value.items()
        if [] not in by_name.get(name, ())
    }


def meta(record: Record) -> dict[str, Any]:
    """What is known of a record beside its document; times in ISO 8601, None for what did not happen."""
    return {
        "first_seen": iso(record.first_ms),
        "last_seen": iso_if(record.last_ms),
        "changed_at": iso(record.changed_ms),
        "gone_at": iso_if(record.gone_ms),
        "key": decode_id(record.id),
    }


def shaped(record: Record, plan: Plan) -> Document:
    """The fields of a record's document that `plan` asks for."""
    document = record.document
    if plan.select is not None:
        document = pick(document, [path for path in plan.select if path != ("_id",)])
    if plan.omit:
        document = drop(document, plan.omit)
    return document


def whole(record: Record) -> Document:
    """The item that shows all of a record's document and nothing else."""
    return {"_id": record.id, **record.document}


def item(record: Record, plan: Plan) -> Document:
    """One item of an answer: `_id`, the document, and `_meta` where it was asked for."""
    head = {} if ("_id",) in plan.omit else {"_id": record.id}
    tail = {"_meta": meta(record)} if plan.meta else {}
    return head | shaped(record, plan) | tail
