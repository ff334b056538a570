"""How anything of a collection is written: one multi-path update that carries the whole change, or nothing of it.

The database has no conditional multi-path update. So each commit carries the collection's version + 1, and the rules
of database.rules.json refuse every other number: the one compare-and-set here. A refused commit is prepared again from
what is there now. A commit also leaves a token at its version: an update whose answer was lost, and that is refused
when it is sent again, is known as done by it, also when others have written since.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from msgspec import Struct

from ..errors import Contended, Denied, Unavailable, Unsure
from ..flow import Document
from ..values import KEY_MAX_BYTES, NotStorable, encode_key
from . import paths
from .client import Database
from .records import (
    Collection,
    Record,
    Slot,
    change_node,
    collection_from,
    differences,
    field_nodes,
    kinds,
    record_node,
)

TRIES = 25  # as many as the SDK's transactions: 25 writers at once each win within 25 rounds
PAUSE_S = 0.02  # a commit takes a few ms: longer pauses only spread the writers
FIELDS_MAX = 2_000  # a summary is read with every query and must stay small


class Put(Struct, frozen=True, gc=False):
    """One record as it shall be (None: deleted) beside what it was (None: new); `node` keeps its document, where that
    is known already."""

    id: str
    old: Record | None
    new: Record | None
    node: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Draft:
    """One commit in preparation: record changes, and whatever else must be written with them."""

    puts: list[Put] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    run: str | None = None


def commit(
    database: Database,
    name: str,
    prepare: Callable[[Collection | None], Draft],
    *,
    by: str,
    now_ms: int,
    pause: Callable[[float], None] = time.sleep,
) -> Collection | None:
    """Writes what `prepare` makes of the collection as it is; called again when another writer was faster.

    `prepare` must be free of effects. Returns the summary as written, None if nothing had to be. Raises Contended after
    TRIES lost races, Denied when the rules refuse though nothing moved, Unsure when it may have been done.
    """
    token = uuid4().hex
    for attempt in range(TRIES):
        node = database.get(paths.collection(name))
        summary = collection_from(name, node)
        draft = prepare(summary)
        if not (draft.puts or draft.summary or draft.extra):
            return summary
        version = (node or {}).get("version", 0) + 1
        after, update = _update(name, summary, draft, version, by=by, now_ms=now_ms)
        at = paths.token(name, version)
        update[at] = token
        try:
            database.update(update)
        except (Denied, Unsure) as error:
            if _holds(database, at, token):
                return after
            if isinstance(error, Unsure):
                raise
            if (database.get(paths.collection(name)) or {}).get("version", 0) == version - 1:
                raise
            pause(random.uniform(0, PAUSE_S * (attempt + 1)))  # noqa: S311 - spreads writers, keeps no secret
            continue
        return after
    raise Contended(f"{name} was written by others {TRIES} times in a row; try again")


def _holds(database: Database, at: str, token: str) -> bool:
    """Whether our commit is the one that left its token there. Raises Unsure where that cannot be seen."""
    try:
        return bool(database.get(at) == token)
    except Unavailable as error:
        raise Unsure(f"{error}, but look first: the write may have been done") from error


def _update(
    name: str, summary: Collection | None, draft: Draft, version: int, *, by: str, now_ms: int
) -> tuple[Collection, dict[str, Any]]:
    base = summary or Collection(name, 0, 0, 0, False, None, now_ms)
    indexes = _indexes(base, draft)
    update = dict(draft.extra)
    count, kept = base.count, base.kept
    changed = [put for put in draft.puts if put.old is not None or put.new is not None]
    seen = _kinds(put.new.document for put in changed if put.new)
    logged = 0
    for put in changed:
        update[paths.record(name, put.id)] = record_node(put.new, indexes, put.node) if put.new else None
        kept += (put.new is not None) - (put.old is not None)
        old, new = _served(put.old), _served(put.new)
        count += (new is not None) - (old is not None)
        differing = differences(old or {}, new or {})
        if differing or (old is None) != (new is None):
            op = "added" if old is None else "removed" if new is None else "changed"
            key = f"{version:010d}-{logged:05d}"
            update[paths.change(name, key)] = change_node(put.id, op, differing, at_ms=now_ms, by=by, run=draft.run)
            logged += 1
    fields = {path: tuple(sorted(seen.get(path, set()) | set(base.fields.get(path, ())))) for path in seen}
    fresh = {path: fields[path] for path in fields if fields[path] != base.fields.get(path)}
    after = replace(
        base, version=version, count=count, kept=kept, updated_ms=now_ms, fields=_bounded(name, base.fields, fresh)
    )
    update |= _summary_update(after, base, fresh, new=summary is None)
    update |= {f"{paths.collection(name)}/{key}": value for key, value in draft.summary.items()}
    return after, update


def _indexes(base: Collection, draft: Draft) -> dict[str, Slot]:
    """The indexes as they will be: a record written beside a new index has its slot from the start."""
    indexes = dict(base.indexes)
    for key, value in draft.summary.items():
        if key.startswith("slots/") and isinstance(value, dict):
            indexes[key.removeprefix("slots/")] = Slot(**value)
    return indexes


def _served(record: Record | None) -> Document | None:
    """What a reader is served of a record."""
    return record.document if record is not None and record.gone_ms is None else None


def _kinds(documents: Iterable[Document]) -> dict[str, set[str]]:
    """The kinds of value by path; a path longer than a key is no field anybody asks for."""
    return {path: found for path, found in kinds(*documents).items() if len(encode_key(path).encode()) <= KEY_MAX_BYTES}


def _bounded(
    name: str, known: Mapping[str, tuple[str, ...]], fresh: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    fields = {**known, **fresh}
    if len(fields) > FIELDS_MAX:
        raise NotStorable(
            f"{name} would have more than {FIELDS_MAX} different fields; keep changing names in a list, not as fields"
        )
    return fields


def _summary_update(
    after: Collection, base: Collection, fresh: Mapping[str, tuple[str, ...]], *, new: bool
) -> dict[str, Any]:
    at = paths.collection(after.name)
    update: dict[str, Any] = {
        f"{at}/version": after.version,
        f"{at}/count": after.count,
        f"{at}/kept": after.kept,
        f"{at}/updated": after.updated_ms,
    }
    if new:
        update |= {f"{at}/public": base.public, f"{at}/dropped": None, f"{at}/floor": after.updated_ms}
    return update | {f"{at}/fields/{key}": value for key, value in field_nodes(fresh).items()}
