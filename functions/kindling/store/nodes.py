"""How the types of a run lie in the database. Pure; the nodes hold no lists, so that a trigger may watch them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from ..flow import Lease, PageState, Print, Resume, RunRecord, SourceState, Validators
from ..values import dumps

# Kept as JSON text: they hold lists, or names that may be any text.
_TEXTS = {"fill", "resume", "rejects", "error", "warnings", "recent"}


def _flat(value: Any) -> dict[str, Any]:
    raw = {name: found for name, found in asdict(value).items() if found not in (None, (), {}, "")}
    return {name: dumps(found) if name in _TEXTS else found for name, found in raw.items()}


def _plain(node: Mapping[str, Any], kind: type) -> dict[str, Any]:
    known = {item.name for item in fields(kind)}
    return {name: json.loads(v) if name in _TEXTS else v for name, v in node.items() if name in known}


def state_node(state: SourceState) -> dict[str, Any]:
    """The node of a source's state."""
    return _flat(state)


def state_from(node: Mapping[str, Any] | None) -> SourceState:
    """The state kept in `node`; that of a source that never ran where there is none."""
    plain = _plain(node or {}, SourceState)
    if plain.get("resume"):
        plain["resume"] = Resume(plain["resume"]["url"], tuple(plain["resume"]["pages"]))
    plain["recent"] = tuple((status, records) for status, records in plain.get("recent", ()))
    return SourceState(**plain)


def run_node(record: RunRecord, fence: int | None) -> dict[str, Any]:
    """The node of a run; with a fence the rules refuse it once another run holds the lease."""
    return _flat(record) | ({"fence": fence} if fence is not None else {})


def run_from(node: Mapping[str, Any]) -> RunRecord:
    """The run kept in `node`."""
    plain = _plain(node, RunRecord)
    plain["rejects"] = tuple((reason, count, example) for reason, count, example in plain.get("rejects", ()))
    plain["warnings"] = tuple(plain.get("warnings", ()))
    if plain.get("error"):
        plain["error"] = tuple(plain["error"])
    return RunRecord(**plain)


def page_node(page: PageState) -> dict[str, Any]:
    """The node of a list page's state."""
    return {
        name: value
        for name, value in {
            "url": page.url,
            "digest": page.digest,
            "etag": page.validators.etag,
            "modified": page.validators.last_modified,
            "next": page.next,
            "due": page.due_ms,
            "count": page.count,
            "shared": page.shared or None,
        }.items()
        if value is not None
    }


def page_from(node: Mapping[str, Any]) -> PageState:
    """The page state kept in `node`."""
    return PageState(
        url=node.get("url", ""),
        digest=node.get("digest"),
        validators=Validators(node.get("etag"), node.get("modified")),
        next=node.get("next"),
        due_ms=node.get("due"),
        count=node.get("count", 0),
        shared=node.get("shared", False),
    )


def print_node(found: Print) -> str:
    """A print as one short text: a collection of 10,000 is read whole when a page changed."""
    return f"{found.document} {found.listed} {found.detail_ms}" if found.listed else found.document


def print_from(page: str, node: str) -> Print:
    """The print kept in `node`."""
    document, _, rest = node.partition(" ")
    listed, _, detail = rest.partition(" ")
    return Print(page, document, listed, int(detail or 0))


def lease_from(source: str, node: Mapping[str, Any]) -> Lease:
    """The lease kept in `node`."""
    return Lease(source, node["run"], node["fence"], node["until"])
