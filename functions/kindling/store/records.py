"""The types a reader of the store sees, and their nodes in the database. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from ..flow import Document
from ..slots import slot
from ..values import decode, decode_key, encode, encode_key, packed
from .paths import STAMPS

KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One index: the field it orders by, and whether every record has it yet; `upto` is how far a build has come."""

    field: str
    ready: bool = True
    upto: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """The summary of a collection.

    `count` is what a reader is served, `kept` includes records gone from their page. `fields` maps a dotted path (a
    literal dot is `\\.`) to the kinds seen there: null boolean number text list object; `declared` to the type a source
    declares. `slots` maps an indexed field to its ready slot. Freshness is that of the source, None without one.
    `floor_ms` is the time from which on the change log is whole.
    """

    name: str
    version: int
    count: int
    kept: int
    public: bool
    source: str | None
    updated_ms: int
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, Slot] = field(default_factory=dict)
    fetched_ms: int | None = None
    status: str | None = None
    next_run_ms: int | None = None
    floor_ms: int = 0

    @property
    def slots(self) -> dict[str, str]:
        """Indexed field to slot name, of the indexes that are ready."""
        return {index.field: name for name, index in self.indexes.items() if index.ready}


class Record(Struct, frozen=True, gc=False):
    """One kept document with its stamps; `gone_ms` and `last_ms` are set while it is gone from its page.

    `page` is the key of the list page a run found it on.
    """

    id: str
    document: Document
    first_ms: int
    changed_ms: int
    gone_ms: int | None = None
    last_ms: int | None = None
    page: str | None = None


class Records(list[Record]):
    """Records as one answer of the database brought them, in `size` bytes of JSON."""

    __slots__ = ("size",)

    def __init__(self, records: Iterable[Record], size: int) -> None:
        super().__init__(records)
        self.size = size


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log; `key` rises with every commit and is a cursor.

    `fields` maps each changed top-level field to {"old", "new"}; a side is absent where the field was.
    """

    key: str
    id: str
    op: str
    at_ms: int
    by: str
    run: str | None
    fields: Mapping[str, Mapping[str, Any]]


def collection_from(name: str, node: Mapping[str, Any] | None) -> Collection | None:
    """The summary kept in `node`; None where there is none or the collection was dropped."""
    if not node or "dropped" in node or "version" not in node:
        return None
    fresh = node.get("fresh") or {}
    return Collection(
        name=name,
        version=node["version"],
        count=node.get("count", 0),
        kept=node.get("kept", 0),
        public=node.get("public", False),
        source=node.get("source"),
        updated_ms=node.get("updated", 0),
        fields={decode_key(k): tuple(v.split("|")) for k, v in (node.get("fields") or {}).items()},
        declared={decode_key(k): v for k, v in (node.get("declared") or {}).items()},
        indexes={
            k: Slot(v["field"], v.get("ready", False), v.get("upto")) for k, v in (node.get("slots") or {}).items()
        },
        fetched_ms=fresh.get("fetched"),
        status=fresh.get("status"),
        next_run_ms=fresh.get("next"),
        floor_ms=node.get("floor", 0),
    )


def record_from(key: str, node: Mapping[str, Any] | None, *, plain: bool = False) -> Record | None:
    """The record kept in `node`, None where there is none; `plain` says that nothing in `node` is escaped."""
    if not node:
        return None
    stamps = node[STAMPS]
    kept = {k: v for k, v in node.items() if k[0] != "_"}
    document = kept if plain else {decode_key(k): decode(v) for k, v in kept.items()}
    return Record(
        key,
        document,
        stamps["first"],
        stamps["changed"],
        stamps.get("gone"),
        stamps.get("last"),
        stamps.get("page"),
    )


def record_node(
    record: Record, indexes: Mapping[str, Slot], document: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The node that keeps `record`, with its index slots; `document` is the node of its document, if that is known."""
    node = encode(record.document) if document is None else document
    stamps: dict[str, Any] = {"first": record.first_ms, "changed": record.changed_ms}
    if record.gone_ms is not None:
        stamps["gone"] = record.gone_ms
    if record.last_ms is not None:
        stamps["last"] = record.last_ms
    if record.page is not None:
        stamps["page"] = record.page
    return {**node, STAMPS: stamps, **slot_nodes(record, indexes)}


def slot_nodes(record: Record, indexes: Mapping[str, Slot]) -> dict[str, str]:
    """The index slots of `record`, by slot name."""
    found = {}
    for name, index in indexes.items():
        missing, value = look_up(record.document, index.field)
        found[name] = slot(value, record.id, missing=missing, gone=record.gone_ms is not None)
    return found


def change_from(key: str, node: Mapping[str, Any]) -> Change:
    """The change kept in `node`."""
    return Change(
        key, node["id"], node["op"], node["at"], node.get("by", ""), node.get("run"), json.loads(node["fields"])
    )


def change_node(
    record: str, op: str, fields: Mapping[str, Mapping[str, Any]], *, at_ms: int, by: str, run: str | None
) -> dict[str, Any]:
    """The node that keeps a change of a record: small and flat, so that a trigger may watch it; the fields as JSON."""
    node = {"id": record, "op": op, "at": at_ms, "by": by, "fields": packed(fields).decode()}
    if run is not None:
        node["run"] = run
    return node


def differences(old: Document, new: Document) -> dict[str, dict[str, Any]]:
    """Per top-level field that differs, its old and its new value; a side is absent where the field was."""
    if not old or not new:
        side, document = ("old", old) if old else ("new", new)
        return {name: {side: value} for name, value in document.items()}
    found: dict[str, dict[str, Any]] = {}
    for name in old.keys() | new.keys():
        if name in old and name in new and packed(old[name]) == packed(new[name]):
            continue
        sides = {"old": old.get(name), "new": new.get(name)}
        found[name] = {side: v for side, v in sides.items() if name in (old if side == "old" else new)}
    return found


def split_path(path: str) -> list[str]:
    """The names of a dotted path; `\\.` is a dot inside a name."""
    if "\\" not in path:
        return path.split(".")
    parts, name, escaped = [], "", False
    for char in path:
        if escaped or char not in "\\.":
            name, escaped = name + char, False
        elif char == "\\":
            escaped = True
        else:
            parts.append(name)
            name = ""
    return [*parts, name]


def join_path(names: Sequence[str]) -> str:
    """The dotted path of `names`; the reverse of `split_path`."""
    return ".".join(name.replace("\\", "\\\\").replace(".", "\\.") for name in names)


def look_up(document: Document, path: str) -> tuple[bool, Any]:
    """Whether the field at `path` is missing, and its value."""
    value: Any = document
    for name in split_path(path):
        if not isinstance(value, dict) or name not in value:
            return True, None
        value = value[name]
    return False, value


def kinds(*documents: Document) -> dict[str, set[str]]:
    """Per dotted path in any of `documents` the kinds of value seen there; fields of objects in lists count too."""
    return {join_path(names): found for names, found in _columns(documents, ())}


def _columns(
    objects: Iterable[Mapping[str, Any]], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """The names on the way to each field of `objects`, which stand `above`, and the kinds of all its values."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for one in objects:
        for name, value in one.items():
            columns[name].append(value)
    for name, values in columns.items():
        types = set(map(type, values))
        yield (*above, name), {KINDS[type_] for type_ in types}
        if dict in types or list in types:
            yield from _columns(_objects(values), (*above, name))


def _objects(values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The objects among `values` and in their lists."""
    for value in values:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            yield from _objects(value)


def field_nodes(fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """How a summary keeps its fields."""
    return {encode_key(path): "|".join(seen) for path, seen in fields.items()}


def declared_nodes(declared: Mapping[str, str]) -> dict[str, str]:
    """How a summary keeps the types a source declares."""
    return {encode_key(path): kind for path, kind in declared.items()}


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` after a JSON merge patch (RFC 7396): objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
