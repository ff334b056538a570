"""The endpoints of sources: their health, their definitions, and a look at what one would give.

`preview` loads the scraper, which no reader's function may pay for, so it is imported when first called.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import ApiError, FetchFailed, SourceInvalid
from ...fieldtypes import FIELD_TYPES
from ...store import store
from ...values import json_bytes
from ..access import demand_name
from ..answer import Answer, Call
from ..bodies import read_json
from ..callers import Scope
from ..routing import Body, Route
from ..schemas import OBJECT, Schema, held

if TYPE_CHECKING:
    from ...sources import Source

DEFINITION_TYPES = ("application/json", "application/yaml", "text/yaml", "application/x-yaml")


def get_sources(call: Call) -> Answer:
    """GET /get_sources: every source with its health; why it fails, and its definition, only to an administrator."""
    told = _told(call)
    public = told if call.caller.admin else [one for one in told if _readable(call, one)]
    return Answer(json_bytes({"sources": public}))


def get_source(call: Call) -> Answer:
    """GET /get_sources/{source}; to an administrator with the text that declares it."""
    from ... import known

    found = [source for source in _told(call) if source["name"] == call.names["source"]]
    if not found or not (call.caller.admin or _readable(call, found[0])):
        raise ApiError(404, "There is no such source; GET /get_sources lists them.", kind="unknown-source")
    more = {"yaml": known.written(store(), found[0]["name"])} if call.caller.admin else {}
    return Answer(json_bytes(found[0] | more))


def _readable(call: Call, told: dict[str, Any]) -> bool:
    """Whether the caller may know of a source: its collection decides. Takes away what only administrators are told."""
    return call.caller.reads(told["collection"], public=told.pop("public"))


def _told(call: Call) -> list[dict[str, Any]]:
    from ... import known, status
    from ...sources import definition

    found, states = known.known(store())
    counts = {collection.name: collection.count for collection in store().collections()}
    told = status.sources_json(found.sources, states, counts, call.now_ms, admin=call.caller.admin)
    for source in told:
        declared = found.sources[source["name"]]
        source["public"] = declared.public
        if call.caller.admin:
            source |= {"definition": definition(declared), "file": declared.name in found.files}
    if call.caller.admin:
        told += [
            {
                "name": name,
                "status": "failing",
                "reason": "\n".join(error.lines()),
                "public": False,
                "file": name in found.files,
            }
            for name, error in sorted(found.invalid.items())
        ]
    return told


def preview_source(call: Call) -> Answer:
    """POST /preview_source: what a definition would give, or with {"url"} alone what a page offers; stores nothing.

    A definition comes back as YAML, written the one way; with offers come the types that their fields can be given,
    each with its words.
    """
    from ... import extract, jobs
    from ...preview import offers, preview
    from ...sources import dump

    body, text = _definition(call)
    try:
        if isinstance(body, dict) and set(body) == {"url"} and isinstance(body["url"], str):
            types = {name: row.words for name, row in FIELD_TYPES.items()}
            return Answer(json_bytes({"offers": offers(body["url"], jobs.tools()), "types": types}))
        source = _parsed(text, "preview")
        return Answer(json_bytes({**preview(source, jobs.tools()).as_json(), "yaml": dump(source)}))
    except FetchFailed as error:
        raise ApiError(422, str(error), kind=f"fetch-{error.code}") from error
    except extract.Unreadable as error:
        raise ApiError(422, str(error), kind="unreadable") from error


def save_source(call: Call) -> Answer:
    """PUT /save_source/{source}: a source without a deploy, checked as files are."""
    from ... import known, status
    from ...flow import SourceState
    from ...store.runs import Runs

    name = demand_name(call.names["source"])
    _, text = _definition(call)
    source = _parsed(text, name)
    found, states = known.known(store())
    if name in found.files:
        raise ApiError(409, f"functions/sources/{name}.yaml exists; a file wins: edit it and deploy.", kind="is-a-file")
    owner = next((s.name for s in found.sources.values() if s.collection == source.collection and s.name != name), None)
    if owner:
        raise ApiError(409, f"The collection {source.collection} is fed by the source {owner}; name another.")
    Runs(store()).define(name, text)
    state = states.get(name, SourceState())
    fed = store().collection(source.collection)
    return Answer(
        json_bytes(status.source_json(source, state, fed.count if fed else 0, call.now_ms, admin=True)),
        status=200 if name in found.sources or name in found.invalid else 201,
    )


def pause_source(call: Call) -> Answer:
    """PATCH /save_source/{source}: {"paused": true} lets a source rest, a file's too; false lets it go on."""
    from ... import known
    from ...store.runs import Runs

    source = known.named(store(), call.names["source"])
    body = read_json(call)
    if not isinstance(body, dict) or set(body) != {"paused"} or not isinstance(body["paused"], bool):
        raise ApiError(400, 'Send {"paused": true} or {"paused": false}.', kind="bad-document")
    Runs(store()).set_state(source.name, paused=body["paused"] or None)
    told = next(told for told in _told(call) if told["name"] == source.name)
    return Answer(json_bytes(told))


def delete_source(call: Call) -> Answer:
    """DELETE /delete_source/{source}: forgets the source and keeps what it gathered."""
    from ... import known
    from ...store.runs import Runs

    name = call.names["source"]
    found, _ = known.known(store())
    if name in found.files:
        raise ApiError(409, f"functions/sources/{name}.yaml exists; delete the file and deploy.", kind="is-a-file")
    if name not in found.sources and name not in found.invalid:
        raise ApiError(404, f"There is no source {name}.", kind="unknown-source")
    Runs(store()).remove(name, now_ms=call.now_ms)
    return Answer(status=204)


def _definition(call: Call) -> tuple[Any, str]:
    """The body, as JSON where it is that, and as text in any case."""
    media_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type in DEFINITION_TYPES[1:]:
        try:
            return None, call.body().decode()
        except UnicodeDecodeError as error:
            raise ApiError(400, "The definition is not UTF-8.", kind="bad-definition") from error
    body = read_json(call, DEFINITION_TYPES)
    return body, call.body().decode()


def _parsed(text: str, name: str) -> Source:
    from ...sources import parse

    try:
        return parse(text, name, saved=True)
    except SourceInvalid as error:
        errors = tuple((problem.where, problem.what) for problem in error.problems)
        detail = "\n".join(error.lines())
        lines = [problem.line for problem in error.problems]
        raise ApiError(400, detail, kind="bad-definition", errors=errors, more={"lines": lines}) from error


_DEFINITION = Body(
    "A definition as JSON or YAML.",
    OBJECT,
    {
        "url": "/demo/users.html",
        "records": "li.person",
        "key": "email",
        "fields": {"name": ".name", "email": ".email"},
        "public": True,
    },
    ("application/json", "application/yaml"),
)
_PAUSE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["paused"],
    "properties": {"paused": {"type": "boolean"}},
}

ROUTES = (
    Route(
        "get_sources",
        "GET",
        "/get_sources",
        get_sources,
        "Every source with its health",
        {200: "The sources."},
        needs=Scope.READ,
        schema=held("sources"),
    ),
    Route(
        "get_sources",
        "GET",
        "/get_sources/{source}",
        get_source,
        "One source with its health",
        {200: "The source.", 404: "There is no such source."},
        needs=Scope.READ,
    ),
    Route(
        "preview_source",
        "POST",
        "/preview_source",
        preview_source,
        "What a definition would give, or what a page offers",
        {
            200: "Records, hits and rejects, or offers and the types of fields.",
            400: "The definition has mistakes.",
            422: "No page to read.",
        },
        needs=Scope.ADMIN,
        body=replace(_DEFINITION, help='A definition as JSON or YAML, or {"url": …} alone.'),
    ),
    Route(
        "save_source",
        "PUT",
        "/save_source/{source}",
        save_source,
        "Keep a source without a deploy",
        {
            200: "The source, replaced.",
            201: "The source, new.",
            400: "The definition has mistakes.",
            409: "A file of that name exists, or the collection is another source's.",
        },
        needs=Scope.ADMIN,
        body=_DEFINITION,
    ),
    Route(
        "save_source",
        "PATCH",
        "/save_source/{source}",
        pause_source,
        "Pause a source, or let it go on",
        {200: "The source.", 400: "The body says something else.", 404: "There is no such source."},
        needs=Scope.ADMIN,
        body=Body('{"paused": true} or {"paused": false}.', _PAUSE, {"paused": False}),
    ),
    Route(
        "delete_source",
        "DELETE",
        "/delete_source/{source}",
        delete_source,
        "Forget a source, keep what it gathered",
        {204: "Forgotten.", 404: "There is no such source.", 409: "It is a file."},
        needs=Scope.ADMIN,
    ),
)
