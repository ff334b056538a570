"""`openapi`: the API told to programs, as OpenAPI 3.1 and as a Postman collection, from the table and the live data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import settings
from ...store import Collection, store
from ...values import json_bytes
from .. import postman, schemas
from ..answer import Answer, Call
from ..callers import Scope
from ..http_cache import SHARED_SECONDS_MAX
from ..problems import PROBLEM
from ..routing import Parameter, Route

TITLE = "Kindling"
VERSION = "1.0.0"

READ_ERRORS = {304: "Not changed.", 400: "A parameter is wrong.", 401: "Wrong credentials.", 405: "Not this method."}
WRITE_ERRORS = {
    400: "A parameter or the body is wrong.",
    401: "No credentials, or wrong ones.",
    403: "Too little.",
    405: "Not this method.",
}
BODY_ERRORS = {413: "The body is too big.", 415: "Not this content type."}
SECURITY: Mapping[Scope, Sequence[Mapping[str, Sequence[str]]]] = {
    Scope.PUBLIC: (),
    Scope.READ: ({}, {"key": ["read"]}, {"user": ["admin"]}),
    Scope.WRITE: ({"key": ["write"]}, {"user": ["admin"]}),
    Scope.ADMIN: ({"key": ["admin"]}, {"user": ["admin"]}),
}
"""What each scope is in a specification: any one of these will do, and none where `{}` stands; in brackets the role."""
ANY_ERRORS = {500: "A bug; the answer names its id.", 503: "The database does not answer; Retry-After says when."}


def specification(call: Call) -> Answer:
    """OpenAPI 3.1 of every route, with the collections that the caller may read."""
    return _told(call, openapi)


def postman_collection(call: Call) -> Answer:
    """A Postman collection of every route, with the collections that the caller may read."""
    return _told(call, postman.collection)


def _told(call: Call, tell: Callable[[Sequence[Route], Sequence[Collection]], dict[str, Any]]) -> Answer:
    from ..table import TABLE  # here, because the table names this module too

    collections = [one for one in store().collections() if call.caller.reads(one.name, public=one.public)]
    return Answer(json_bytes(tell(TABLE, collections)), seconds=0 if call.caller.credentials else SHARED_SECONDS_MAX)


def openapi(routes: Sequence[Route], collections: Sequence[Collection]) -> dict[str, Any]:
    """The specification of `routes`, with a path of its own for each of `collections`."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    query = next((route for route in routes if route.filters), None)
    for one in collections:
        if query:
            paths[f"/get_data/{one.name}"] = {"get": _of_collection(query, one)}
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": "Web pages in, a JSON API out."},
        "servers": [{"url": settings.get("SITE_URL").rstrip("/") or "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": schemas.PROBLEM, **{one.name: schemas.of_collection(one) for one in collections}},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "Firebase ID token"},
            },
        },
    }


def operation(route: Route) -> dict[str, Any]:
    """The OpenAPI operation of one route."""
    found: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.function],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": schemas.PATH_PARTS.get(name, schemas.ID)}
                for name in route.names
            ),
            *(parameter(one) for one in route.parameters),
        ],
        "responses": {str(status): _response(route, status, text) for status, text in statuses(route).items()},
    }
    security = SECURITY[route.needs]
    if security:
        found["security"] = security
    if route.body:
        content = {media_type: {"schema": route.body.schema} for media_type in route.body.media_types}
        found["requestBody"] = {"description": route.body.help, "required": True, "content": content}
    return found


def _operation_id(route: Route) -> str:
    names = "_".join(part.strip("{}").replace(".", "_") for part in route.parts)
    return f"{route.method.lower()}_{route.function}" + (f"_{names}" if names else "")


def statuses(route: Route) -> dict[int, str]:
    """Every status a route can answer with, and what it means there."""
    found = (READ_ERRORS if route.method == "GET" else WRITE_ERRORS) | ANY_ERRORS | dict(route.answers)
    if route.needs > Scope.READ:
        found |= {status: WRITE_ERRORS[status] for status in (401, 403)}
    if route.body:
        found = BODY_ERRORS | found
    return dict(sorted(found.items()))


def _response(route: Route, status: int, text: str) -> dict[str, Any]:
    if status >= 400:
        return {"description": text, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    if status in (204, 304):
        return {"description": text}
    content = {one: {"schema": route.schema} if one == "application/json" else {} for one in route.media_types}
    return {"description": text, "content": content}


def parameter(one: Parameter) -> dict[str, Any]:
    """The OpenAPI parameter of one query parameter."""
    few = {"enum": list(one.values)} if one.values else {}
    found = {"name": one.name, "in": "query", "description": one.help, "schema": {**one.schema, **few}}
    return found | ({"example": one.example} if one.example else {})


def _of_collection(query: Route, collection: Collection) -> dict[str, Any]:
    """A query of one collection: its fields as filters, its documents as items."""
    found = operation(query)
    filters = [
        {
            "name": path,
            "in": "query",
            "description": "filter; also with __ and an operator",
            "schema": {"type": "string"},
        }
        for path in sorted({*collection.fields, *collection.declared})
    ]
    items = {"$ref": f"#/components/schemas/{collection.name}"}
    page = {"type": "object", "properties": {"items": {"type": "array", "items": items}, "next": schemas.TOKEN}}
    found |= {
        "operationId": f"query_{collection.name}",
        "summary": f"Ask {collection.name}",
        "parameters": [one for one in found["parameters"] if one["in"] == "query"] + filters,
    }
    found["responses"]["200"]["content"]["application/json"] = {"schema": {"anyOf": [page, *schemas.PAGE["anyOf"][1:]]}}
    return found


ROUTES = (
    Route(
        "openapi",
        "GET",
        "/openapi.json",
        specification,
        "The specification of this API",
        {200: "OpenAPI 3.1."},
        needs=Scope.READ,
    ),
    Route(
        "openapi",
        "GET",
        "/postman.json",
        postman_collection,
        "This API for Postman",
        {200: "A collection."},
        needs=Scope.READ,
    ),
)
