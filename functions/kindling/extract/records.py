"""From a reader and plans to records: documents, ids, rejects and counts. Knows no format.

A value that is missing or bad costs the value; in a required field or one of the key, the record. A record counts as
seen whether it is taken or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..flow import Document, Reject, Row
from ..sources import UNSET
from ..values import dumps, encode_id, fingerprint
from .faults import Bad, Missing, NoMatch
from .reader import VALUES_MAX, Plan, Reader

EXAMPLE_CHARS = 200  # as flow.Reject says


class _Refused(Exception):
    """The record is not taken; the reject says why."""

    def __init__(self, reject: Reject) -> None:
        self.reject = reject


class _Counted(Exception):
    """The values of a field are bad, and are counted as rejects already."""


@dataclass(slots=True)
class Builder:
    """Builds the documents of one page and remembers what was not taken and how often each field was found."""

    reader: Reader
    plans: Sequence[Plan]
    key: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    def __post_init__(self) -> None:
        for path in _paths(self.plans):
            self.hits[path] = 0

    def document(self, record: Any) -> Document | None:
        """The document of a record, or None if it is not taken."""
        self.seen += 1
        found: set[str] = set()
        rejects: list[Reject] = []
        try:
            document = self._object(record, self.plans, found, rejects)
        except _Refused as error:
            document, rejects = None, [error.reject]
        self.rejects += rejects
        for path in found:
            self.hits[path] += 1
        return document

    def _object(self, record: Any, plans: Sequence[Plan], found: set[str], rejects: list[Reject]) -> Document:
        document: Document = {}
        for plan in plans:
            raw = None
            try:
                if plan.first is None:
                    document[plan.name] = self._field(record, plan, found, rejects)
                elif (raw := plan.first(record)) is None:
                    self._missing(plan, document)
                else:
                    document[plan.name] = plan.read(raw)
                    found.add(plan.path)
            except Missing:
                self._missing(plan, document)
            except _Counted:
                continue
            except Bad as error:
                self._bad(plan, error, raw, rejects)
                if isinstance(error, NoMatch):
                    self._missing(plan, document)
        return document

    def _missing(self, plan: Plan, document: Document) -> None:
        """Puts the default in place of what is missing; nothing stands for what is there and cannot be read."""
        if plan.field.default is not UNSET:
            document[plan.name] = plan.field.default
        elif plan.field.required or plan.path in self.key:
            raise _Refused(Reject(f"{plan.path}: missing", plan.path))

    def _field(self, record: Any, plan: Plan, found: set[str], rejects: list[Reject]) -> Any:
        """The value of a field that holds others, several values, or whether there is one. Raises Missing, Bad where
        the expression does not fit, _Counted where each value is bad."""
        find = self.reader.parts if plan.inner else self.reader.values
        raws = find(record, plan.expression, plan.field.many)
        if plan.field.type == "exists":
            found.update((plan.path,) if raws else ())
            return bool(raws)
        if len(raws) > VALUES_MAX:
            rejects.append(Reject(f"{plan.path}: more than {VALUES_MAX:,} values", plan.path))
        if plan.inner:
            objects = (self._object(part, plan.inner, found, rejects) for part in raws[:VALUES_MAX])
            values: list[Any] = [one for one in objects if one]
        else:
            values = self._values(plan, raws[:VALUES_MAX], rejects)
        if not values:
            raise Missing
        if not plan.inner:
            found.add(plan.path)
        return values if plan.field.many else values[0]

    def _values(self, plan: Plan, raws: list[Any], rejects: list[Reject]) -> list[Any]:
        """The values read, each bad one counted as a reject; raises _Counted where there is no other."""
        values, bad = [], False
        for raw in raws:
            try:
                values.append(plan.read(raw))
            except Missing:
                continue
            except Bad as error:
                self._bad(plan, error, raw, rejects)
                bad = bad or not isinstance(error, NoMatch)
        if bad and not values:
            raise _Counted
        return values

    def _bad(self, plan: Plan, error: Bad, raw: Any, rejects: list[Reject]) -> None:
        """Notes a bad value, which costs the record where it is required or of the key."""
        reject = Reject(f"{plan.path}: {error}", plan.path, _example(raw)[:EXAMPLE_CHARS])
        if plan.field.required or plan.path in self.key:
            raise _Refused(reject) from error
        rejects.append(reject)

    def rows(self, follow: str | None, page_url: str, one: bool, most: int) -> tuple[Row, ...]:
        """The records of the page with their ids, the first of equal ones only; `one`: the page is one record.

        `follow` is the field that holds the address of a record's own page.
        """
        rows: dict[str, Row] = {}
        helped = any(plan.name.startswith("_") for plan in self.plans)
        for record in self.reader.records():
            if self.seen >= most:
                break
            document = self.document(record)
            if document is None:
                continue
            if not document:
                self.rejects.append(Reject("nothing found"))
                continue
            try:
                id_ = encode_id(self._identity(record, document, page_url, one))
            except Bad as error:
                self.rejects.append(Reject(str(error), example=dumps(document)[:EXAMPLE_CHARS]))
                continue
            if id_ in rows:
                self.rejects.append(Reject("duplicate key", example=id_[:EXAMPLE_CHARS]))
                continue
            address = _web_address(reach(document, follow)) if follow else None
            rows[id_] = Row(id_, stored(document) if helped else document, address)
        return tuple(rows.values())

    def _identity(self, record: Any, document: Document, page_url: str, one: bool) -> str:
        if self.key:
            return key_text([_scalar(path, reach(document, path)) for path in self.key])
        return self.reader.identity(record) or (page_url if one else fingerprint(document))


def _example(raw: Any) -> str:
    """What could not be read, as text; empty where it was not even found."""
    if raw is None or isinstance(raw, str):
        return raw or ""
    return repr(raw)


def stored(document: Document) -> Document:
    """The document without its helper fields, whose names begin with `_`: they serve `key` and `follow` only."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def reach(document: Document, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    if "." not in path:
        return document.get(path)
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def key_text(parts: Sequence[str]) -> str:
    """One text for a key of several fields, different for different keys: joined by `_` where no part holds one."""
    if len(parts) == 1:
        return parts[0]
    joined = all(part and "_" not in part and part[0] != "[" for part in parts)
    return "_".join(parts) if joined else dumps(list(parts))


def _scalar(path: str, value: Any) -> str:
    if value is None or value == "":
        raise Bad(f"{path}: missing")
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise Bad(f"{path}: not a single value")
    return dumps(value)


def _web_address(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value if urlsplit(value).scheme in ("http", "https") else None


def _paths(plans: Sequence[Plan]) -> list[str]:
    return [path for plan in plans for path in (_paths(plan.inner) if plan.inner else [plan.path])]
