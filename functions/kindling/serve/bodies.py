"""JSON bodies in: read strictly, capped, every item judged, so that what is kept is what was sent."""

from __future__ import annotations

import json
import math
from typing import Any

from ..errors import ApiError
from ..flow import Document
from ..values import NotStorable, encode
from .answer import Call

ITEMS_MAX = 1_000  # one commit of the database carries them all, of at most 16 MB
ERRORS_MAX = 20  # mistakes one answer lists: more are of the same kind
JSON_TYPES = ("application/json",)
MERGE_TYPES = ("application/json", "application/merge-patch+json")


class _Twice(ValueError):
    """A name stands twice in one object; the message is the name."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too big")
    return number


def read_json(call: Call, types: tuple[str, ...] = JSON_TYPES) -> Any:
    """The body as JSON; ApiError 415 for another content type, 400 for what is not JSON or would lose something."""
    media_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in types:
        said = f"not {media_type}" if media_type else "and the request names no Content-Type"
        raise ApiError(
            415,
            f"The body must be {types[0]}, {said}; with curl add -H 'Content-Type: {types[0]}'.",
            kind="not-json",
            headers={"Accept-Post": ", ".join(types)} if call.method == "POST" else {},
        )
    body = call.body()
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite)
    except _Twice as error:
        detail = f"The name '{str(error)[:100]}' stands twice in one object; one of the two would be lost."
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    except RecursionError:
        detail = "The body is nested too deeply."
    except UnicodeDecodeError:
        detail = "The body is not UTF-8."
    except ValueError as error:
        detail = f"The body is not JSON that can be kept: {str(error)[:100]}."
    raise ApiError(400, detail, kind="bad-json")


def mistakes(item: Any, where: str) -> list[tuple[str, str]]:
    """What keeps `item` from being a document."""
    if not isinstance(item, dict):
        return [(where, "is no JSON object; a document is one")]
    hidden = [name for name in item if name.startswith("_")]
    if hidden:
        name = f"{where}.{hidden[0]}" if where else hidden[0]
        return [(name[:200], "names that start with _ are the API's own; leave it away or rename it")]
    try:
        encode(item)
    except NotStorable as error:
        return [(where, str(error))]
    return []


def document(call: Call, types: tuple[str, ...] = JSON_TYPES) -> Document:
    """The one document in the body; ApiError 400 for anything else."""
    found: Document = read_json(call, types)
    refuse_documents(mistakes(found, ""))
    return found


def documents(call: Call) -> tuple[list[Document], bool]:
    """The documents in the body, and whether they came as a list; ApiError 400 that names every bad item, 413."""
    found = read_json(call)
    if not isinstance(found, list):
        refuse_documents(mistakes(found, ""))
        return [found], False
    if len(found) > ITEMS_MAX:
        raise ApiError(413, f"{len(found)} items; send at most {ITEMS_MAX} at once.", kind="too-many-items")
    if not found:
        raise ApiError(400, "The list is empty; send at least one document.", kind="bad-document")
    refuse_documents([mistake for place, item in enumerate(found) for mistake in mistakes(item, f"[{place}]")])
    return found, True


def refuse_documents(errors: list[tuple[str, str]]) -> None:
    """Raises ApiError 400 that lists `errors`, if there are any."""
    if errors:
        where, what = errors[0]
        detail = f"{where}: {what}" if where else f"The document {what}"
        more = f" {len(errors)} mistakes in all; nothing was stored." if len(errors) > 1 else ""
        raise ApiError(400, f"{detail}.{more}", kind="bad-document", errors=tuple(errors[:ERRORS_MAX]))
