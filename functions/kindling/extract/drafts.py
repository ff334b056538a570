"""From records to documents: a field is read in all records of a block before the next one is. Knows no format.

A value that is missing or bad costs the value; in a required field or one of the key, the record, which is not looked
at any further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from ..flow import Document, Reject
from ..sources import UNSET
from .faults import Bad, Missing, NoMatch
from .reader import VALUES_MAX, Plan, Reader

EXAMPLE_CHARS = 200  # as flow.Reject says


class Draft(Struct, gc=False):
    """A record on its way to a document, and what was not taken of it; a `refused` one has one reject, which says
    why."""

    document: Document
    rejects: list[Reject]
    refused: bool = False


class _Refused(Exception):
    """A part of the record costs the record; the reject says why."""

    def __init__(self, reject: Reject) -> None:
        self.reject = reject


class _Counted(Exception):
    """The values of a field are bad, and are counted as rejects already."""


@dataclass(frozen=True, slots=True)
class Drafter:
    """Makes drafts of one page's records; `key` are the fields that a record cannot be without."""

    reader: Reader
    key: tuple[str, ...] = ()

    def drafts(self, records: Sequence[Any], plans: Sequence[Plan], hits: Counter[str]) -> list[Draft]:
        """A draft of each record. Adds to `hits` how many of the records each field was found in."""
        drafts = left = [Draft({}, []) for _ in records]
        for plan in plans:
            fill = self._fill if plan.column is None else self._fill_column
            if fill(plan, left, records, hits):
                kept = [pair for pair in zip(left, records, strict=True) if not pair[0].refused]
                left, records = [draft for draft, _ in kept], [record for _, record in kept]
        return drafts

    def _fill_column(self, plan: Plan, drafts: list[Draft], records: Sequence[Any], hits: Counter[str]) -> bool:
        """Reads a field of one value into the drafts of `records`; whether that refused one."""
        assert plan.column is not None
        name, read, found, refused = plan.name, plan.read, 0, False
        raws = plan.column(records)
        for draft in drafts:
            raw = None
            try:
                raw = next(raws)
                if raw is None:
                    refused |= self._missing(plan, draft)
                else:
                    draft.document[name] = read(raw)
                    found += 1
            except Missing:
                refused |= self._missing(plan, draft)
            except Bad as error:
                refused |= self._bad(plan, draft, error, raw)
        hits[plan.path] += found
        return refused

    def _fill(self, plan: Plan, drafts: list[Draft], records: Sequence[Any], hits: Counter[str]) -> bool:
        """As `_fill_column`, for a field that holds others, several values, or whether there is one."""
        refused = False
        for draft, record in zip(drafts, records, strict=True):
            try:
                draft.document[plan.name] = self._value(plan, record, draft, hits)
            except _Counted:
                continue
            except _Refused as error:
                refused |= _refuse(draft, error.reject)
            except Missing:
                refused |= self._missing(plan, draft)
            except Bad as error:
                refused |= self._bad(plan, draft, error, None)
        return refused

    def _value(self, plan: Plan, record: Any, draft: Draft, hits: Counter[str]) -> Any:
        """The value of such a field. Raises Missing, Bad where the expression does not fit, _Counted where each value
        is bad, _Refused."""
        find = self.reader.parts if plan.inner else self.reader.values
        raws = find(record, plan.expression, plan.field.many)
        if plan.field.type == "exists":
            hits[plan.path] += bool(raws)
            return bool(raws)
        if len(raws) > VALUES_MAX:
            draft.rejects.append(Reject(f"{plan.path}: more than {VALUES_MAX:,} values", plan.path))
            raws = raws[:VALUES_MAX]
        values = self._objects(plan, raws, draft, hits) if plan.inner else self._values(plan, raws, draft)
        if not values:
            raise Missing
        if not plan.inner:
            hits[plan.path] += 1
        return values if plan.field.many else values[0]

    def _objects(self, plan: Plan, parts: Sequence[Any], draft: Draft, hits: Counter[str]) -> list[Any]:
        """The documents of a record's parts that have anything; raises _Refused where one costs the record."""
        found: Counter[str] = Counter()
        objects = []
        try:
            for part in parts:
                (inner,) = self.drafts([part], plan.inner, found)
                if inner.refused:
                    raise _Refused(inner.rejects[0])
                draft.rejects += inner.rejects
                objects.append(inner.document)
        finally:
            hits.update(path for path, count in found.items() if count)
        return [one for one in objects if one]

    def _values(self, plan: Plan, raws: Sequence[Any], draft: Draft) -> list[Any]:
        """The values read, each bad one counted as a reject; raises _Counted where there is no other."""
        values, bad = [], False
        for raw in raws:
            try:
                values.append(plan.read(raw))
            except Missing:
                continue
            except Bad as error:
                reject = _reject(plan, error, raw)
                if self._needed(plan):
                    raise _Refused(reject) from error
                draft.rejects.append(reject)
                bad = bad or not isinstance(error, NoMatch)
        if bad and not values:
            raise _Counted
        return values

    def _missing(self, plan: Plan, draft: Draft) -> bool:
        """Puts the default in place of what is missing; nothing stands for what is there and cannot be read. Whether
        the draft is refused for it."""
        if plan.field.default is not UNSET:
            draft.document[plan.name] = plan.field.default
            return False
        return self._needed(plan) and _refuse(draft, Reject(f"{plan.path}: missing", plan.path))

    def _bad(self, plan: Plan, draft: Draft, error: Bad, raw: Any) -> bool:
        """Notes a bad value; whether the draft is refused for it."""
        reject = _reject(plan, error, raw)
        if self._needed(plan):
            return _refuse(draft, reject)
        draft.rejects.append(reject)
        return isinstance(error, NoMatch) and self._missing(plan, draft)

    def _needed(self, plan: Plan) -> bool:
        return plan.field.required or plan.path in self.key


def _refuse(draft: Draft, reject: Reject) -> bool:
    draft.refused, draft.rejects = True, [reject]
    return True


def _reject(plan: Plan, error: Bad, raw: Any) -> Reject:
    return Reject(f"{plan.path}: {error}", plan.path, _example(raw)[:EXAMPLE_CHARS])


def _example(raw: Any) -> str:
    """What could not be read, as text; empty where it was not even found."""
    if raw is None or isinstance(raw, str):
        return raw or ""
    return repr(raw)
