"""What a REST request on a path is answered: status, headers and body from a `Call`. Pure but for the database it asks.

Facts: a value's ETag is asked for by `X-Firebase-ETag: true` or by a condition; a missing value's is `null_etag`. A
failed `if-match` is 412 with the present value; PATCH and POST take no condition. `print=silent` answers 204.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from emulators.database.database import Database
from emulators.database.errors import BadRequest
from emulators.database.json_form import to_json
from emulators.database.keys import Path
from emulators.database.params import Params
from emulators.database.sizes import is_larger
from emulators.database.tokens import Access
from emulators.database.tree import View

NULL_ETAG = "null_etag"
TOO_MUCH = "Data to write exceeds the maximum size that can be modified with a single request."
NO_JSON = "Invalid data; couldn't parse JSON object, array, or value."
NO_OBJECT = "Invalid data; couldn't parse JSON object. Are you sending a JSON object with valid key names?"


@dataclass(frozen=True, slots=True)
class Call:
    """One request on a path of one database. Header names are found in either case."""

    method: str
    database: Database
    path: Path
    access: Access
    params: Params
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(call: Call) -> Answer:
    """Carry out the request. Raises what `Database` raises, and BadRequest."""
    return METHODS[call.method](call)


def etag(view: View) -> str:
    """A short text that changes when anything at the place changes, priorities included."""
    if view.is_empty:
        return NULL_ETAG
    data = msgspec.json.encode(to_json(view, export=True))
    return base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def decoded(body: bytes) -> Any:
    """The JSON value of a body. Raises BadRequest."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadRequest(NO_JSON) from error


def _json(call: Call, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    headers = dict(headers or {})
    if call.params.print == "silent" and status == 200:
        return Answer(status=204, headers=headers)
    body = msgspec.json.encode(value)
    return Answer(msgspec.json.format(body, indent=2) if call.params.print == "pretty" else body, status, headers)


def _get(call: Call) -> Answer:
    view = call.database.read(call.path, call.access, call.params.query)
    headers = {}
    condition = call.headers.get("if-none-match")
    if condition is not None or _wants_etag(call):
        if call.params.query or call.params.shallow:
            raise BadRequest("an ETag is of a whole value; it can't be combined with a query or shallow")
        headers["ETag"] = etag(view)
        if condition == headers["ETag"]:
            return Answer(status=304, headers=headers)
    if call.params.download is not None:
        headers["Content-Disposition"] = _attachment(call.params.download)
    if call.params.shallow and len(view):
        return _json(call, dict.fromkeys(view.keys(), True), headers=headers)
    return _json(call, to_json(view, export=call.params.export), headers=headers)


def _put(call: Call) -> Answer:
    return _replace(call, decoded(call.body))


def _delete(call: Call) -> Answer:
    return _replace(call, None)


def _replace(call: Call, value: Any) -> Answer:
    condition = call.headers.get("if-match")
    if condition is not None:
        present = call.database.read(call.path, call.access)
        if etag(present) != condition:
            return _json(call, to_json(present), status=412, headers={"ETag": etag(present)})
    _check_size(call, [call.path])
    stored = call.database.set(call.path, value, call.access, triggers=call.params.triggers)
    headers = {"ETag": etag(stored)} if condition is not None or _wants_etag(call) else {}
    return _json(call, to_json(stored), headers=headers)


def _patch(call: Call) -> Answer:
    _refuse_condition(call)
    children = decoded(call.body)
    if not isinstance(children, dict):
        raise BadRequest(NO_OBJECT)
    _check_size(call, [(*call.path, *key.split("/")) for key in children])
    stored = call.database.update(call.path, children, call.access, triggers=call.params.triggers)
    return _json(call, {key: to_json(view) for key, view in stored.items()})


def _post(call: Call) -> Answer:
    _refuse_condition(call)
    value = decoded(call.body)
    _check_size(call, [])
    key = call.database.push_id()
    call.database.set((*call.path, key), value, call.access, triggers=call.params.triggers)
    return _json(call, {"name": key})


def _wants_etag(call: Call) -> bool:
    return call.headers.get("x-firebase-etag", "").lower() == "true"


def _refuse_condition(call: Call) -> None:
    if "if-match" in call.headers:
        raise BadRequest(f"if-match is supported for PUT and DELETE, not for {call.method}")


def _check_size(call: Call, places: list[Path]) -> None:
    """Hold the write to its `writeSizeLimit`: what comes in, and what is there and goes."""
    limit = call.params.write_size_limit
    if limit is None:
        return
    replaced = [call.database.view(path) for path in places]
    if len(call.body) > limit or is_larger(replaced, limit - len(call.body)):
        raise BadRequest(TOO_MUCH)


def _attachment(name: str) -> str:
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name) or "export.json"
    return f'attachment; filename="{safe}"'


METHODS: dict[str, Callable[[Call], Answer]] = {
    "GET": _get,
    "PUT": _put,
    "PATCH": _patch,
    "POST": _post,
    "DELETE": _delete,
}
