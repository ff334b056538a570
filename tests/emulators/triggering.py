"""A trigger's registration, and what of an event the tests of triggers compare."""

from __future__ import annotations

from typing import Any


def registration(path: str, kind: str = "written", **fields: Any) -> dict[str, Any]:
    """A function's wish to be told of a place, as the CLI registers it."""
    return {
        "name": "projects/demo/locations/us-central1/triggers/us-central1-fn-0",
        "path": path,
        "event": f"google.firebase.database.ref.v1.{kind}",
        "topic": "projects/demo/topics/us-central1-fn-0",
        "namespacePattern": "*",
        **fields,
    }


def told(events: list[Any]) -> list[Any]:
    """Of each event: where, the value before, and what changed."""
    return [(event["ref"], event["data"]["data"], event["data"]["delta"]) for event in events]
