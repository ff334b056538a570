"""From a reader and plans to records: ids, rejects and counts. Knows no format.

A record counts as seen whether it is taken or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ..flow import Document, Reject, Row
from ..values import dumps, encode_id, fingerprint
from .drafts import EXAMPLE_CHARS, Draft, Drafter
from .faults import Bad
from .reader import Plan, Reader

BLOCK_RECORDS = 256  # read together: more than most pages have, and what is found in them is small


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

    def documents(self, records: Sequence[Any]) -> list[Document | None]:
        """The document of each record, None if it is not taken."""
        drafts = self._drafts(records)
        for draft in drafts:
            self.rejects += draft.rejects
        return [None if draft.refused else draft.document for draft in drafts]

    def _drafts(self, records: Sequence[Any]) -> list[Draft]:
        self.seen += len(records)
        return Drafter(self.reader, self.key).drafts(records, self.plans, self.hits)

    def rows(self, follow: str | None, page_url: str, one: bool, most: int) -> tuple[Row, ...]:
        """The records of the page with their ids, the first of equal ones only; `one`: the page is one record.

        `follow` is the field that holds the address of a record's own page.
        """
        rows: dict[str, Row] = {}
        helped = any(plan.name.startswith("_") for plan in self.plans)
        records = iter(self.reader.records())
        while block := list(islice(records, min(BLOCK_RECORDS, most - self.seen))):
            for record, draft in zip(block, self._drafts(block), strict=True):
                self.rejects += draft.rejects
                id_ = None if draft.refused else self._id(record, draft.document, page_url, one)
                if id_ is None:
                    continue
                if id_ in rows:
                    self.rejects.append(Reject("duplicate key", example=id_[:EXAMPLE_CHARS]))
                    continue
                document = draft.document
                address = _web_address(reach(document, follow)) if follow else None
                rows[id_] = Row(id_, stored(document) if helped else document, address)
        return tuple(rows.values())

    def _id(self, record: Any, document: Document, page_url: str, one: bool) -> str | None:
        """The id of a record; None, counted as a reject, where there is nothing to make one of."""
        if not document:
            self.rejects.append(Reject("nothing found"))
            return None
        try:
            return encode_id(self._identity(record, document, page_url, one))
        except Bad as error:
            self.rejects.append(Reject(str(error), example=dumps(document)[:EXAMPLE_CHARS]))
            return None

    def _identity(self, record: Any, document: Document, page_url: str, one: bool) -> str:
        if len(self.key) == 1:
            return _scalar(self.key[0], reach(document, self.key[0]))
        if self.key:
            return key_text([_scalar(path, reach(document, path)) for path in self.key])
        return self.reader.identity(record) or (page_url if one else fingerprint(document))


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
