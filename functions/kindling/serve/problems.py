"""Every error as RFC 9457 problem+json: one table from exceptions to answers, and no word of ours to a stranger.

A mistake of the client is told in full. A bug is logged with its traceback under an id, and the client gets the id.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from .. import logs
from ..errors import ApiError, Contended, QueueUnavailable, TooBig, Unavailable, Unsure
from ..values import NotStorable, json_bytes
from .answer import Answer

PROBLEM = "application/problem+json"
TYPE = "urn:kindling:problem:"  # followed by a word that docs/api.md explains

BODY_MAX_BYTES = 10 * 2**20  # our own cap, no server's: a body is held whole, and again as what it says
TOO_BIG = f"The body is over {BODY_MAX_BYTES // 2**20} MB; send it in parts."

UNSURE = "The database did not answer; this may have been written. Look before you send it again."

_FORESEEN: tuple[tuple[type[Exception], int, str, dict[str, str], str], ...] = (
    (Unsure, 503, "database-unavailable", {"Retry-After": "5"}, UNSURE),
    (Unavailable, 503, "database-unavailable", {"Retry-After": "5"}, "The database does not answer; try again."),
    (QueueUnavailable, 503, "queue-unavailable", {"Retry-After": "5"}, "The queue takes no run now; try again."),
    (Contended, 503, "contended", {"Retry-After": "1"}, "Others wrote at the same time; send it again."),
    (TooBig, 422, "too-big", {}, "More would have to be read than one answer may cost; ask for less."),
    (RequestEntityTooLarge, 413, "body-too-big", {}, TOO_BIG),
)


def problem(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    errors: tuple[tuple[str, str], ...] = (),
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Answer:
    """The problem document of one error."""
    body: dict[str, Any] = {
        "type": TYPE + kind if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"where": where, "what": what} for where, what in errors]
    return Answer(json_bytes(body | (more or {})), PROBLEM, status, headers or {})


def from_exception(error: Exception, where: str) -> Answer:
    """The answer that `error`, met in the endpoint `where`, becomes; what is our fault is logged under the id it tells.

    That a write lost its race, or that too much was asked for, is nobody's fault.
    """
    if isinstance(error, ApiError):
        return problem(
            error.status,
            error.detail,
            kind=error.kind,
            errors=error.errors,
            headers=error.headers,
            more=error.more,
        )
    if isinstance(error, NotStorable):
        return problem(400, str(error), kind="not-storable")
    for cause, status, kind, headers, detail in _FORESEEN:
        if isinstance(error, cause):
            more = {"id": _unavailable(where)} if issubclass(cause, Unavailable) else {}
            return problem(status, detail, kind=kind, headers=headers, more=more)
    if isinstance(error, HTTPException) and error.code and error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(error.code, HTTPStatus(error.code).description or "The request cannot be read.")
    return _bug(error, where)


def _unavailable(where: str) -> str:
    mark = new_mark()
    logs.tell("database-failed", f"the database failed {where}", id=mark, where=where, error=Unavailable.__name__)
    return mark


def _bug(error: Exception, where: str) -> Answer:
    mark = new_mark()
    logs.tell_bug(mark, error, where=where)
    return problem(
        500,
        f"Something went wrong here, not with the request. The operator finds it in the logs as {mark}.",
        kind="bug",
        more={"id": mark},
    )


def new_mark() -> str:
    """An id that ties what someone was told to a line of the logs."""
    return secrets.token_hex(8)
