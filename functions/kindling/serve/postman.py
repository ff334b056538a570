"""The same routes as a Postman collection (format 2.1), to import and try. Reads settings, no data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import settings
from ..values import json_bytes
from .callers import Scope

if TYPE_CHECKING:
    from ..store import Collection
    from .routing import Route

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
LOCAL = "http://127.0.0.1:5000"  # where `dev.py serve` answers
SAMPLE_NAMES = {"collection": "tries", "field": "n", "source": "books", "run": "latest"}  # else "one"


def collection(routes: Sequence[Route], collections: Sequence[Collection]) -> dict[str, Any]:
    """A collection with one request a route, in folders by function, and one for each of `collections`.

    What deletes comes last, so that the whole of it can be run from top to bottom.
    """
    names = dict.fromkeys(name for route in routes for name in route.names)
    folders: dict[str, list[dict[str, Any]]] = {}
    for route in sorted(routes, key=lambda route: route.method == "DELETE"):
        folders.setdefault(route.function, []).append(_request(route))
    for one in collections:
        folders.setdefault("get_data", []).append(_item(f"Ask {one.name}", "GET", ["get_data", one.name]))
    return {
        "info": {"name": "Kindling", "schema": SCHEMA, "description": "Set the variable key to write."},
        "variable": [
            {"key": "base", "value": settings.get("SITE_URL").rstrip("/") or LOCAL},
            {"key": "key", "value": ""},
            *({"key": name, "value": SAMPLE_NAMES.get(name, "one")} for name in names),
        ],
        "item": [{"name": function, "item": items} for function, items in folders.items()],
    }


def _request(route: Route) -> dict[str, Any]:
    parts = [f"{{{part}}}" if part.startswith("{") else part for part in route.path.split("/")[1:] if part]
    made = _item(route.summary, route.method, parts)
    request = made["request"]
    request["url"]["query"] = [
        {"key": one.name, "value": one.example, "description": one.help, "disabled": True} for one in route.parameters
    ]
    if route.needs > Scope.READ:
        request["header"].append({"key": "X-API-Key", "value": "{{key}}"})
    if route.body:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": json_bytes(route.body.sample).decode()}
    return made


def _item(name: str, method: str, parts: Sequence[str]) -> dict[str, Any]:
    raw = "/".join(["{{base}}", *parts])
    return {
        "name": name,
        "request": {"method": method, "header": [], "url": {"raw": raw, "host": ["{{base}}"], "path": list(parts)}},
    }
