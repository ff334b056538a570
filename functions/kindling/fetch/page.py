"""What an answer's status and headers mean: a page, the way elsewhere, or a failure. Reads no body."""

from __future__ import annotations

from kindling.errors import FetchFailed
from kindling.fetch.faults import of_status
from kindling.fetch.retry_after import wait_s
from kindling.fetch.transport import Answer
from kindling.flow import Page, Validators

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGES = frozenset({200, 203})
"""203 is a 200 that a proxy changed. Others of 2xx have no page: 202 is what a guard answers, 206 a part."""

LONGEST_VALIDATOR = 1024
"""A longer ETag is not kept: it would be stored and sent with every request."""


def status_failure(answer: Answer, now_ms: int) -> FetchFailed:
    """The failure that a status says, with the time from which the site wants to be asked again, if it named one."""
    pause_s = wait_s(answer.header("Retry-After"), now_ms)
    return FetchFailed(
        f"http-{answer.status}",
        f"{answer.place.url}: {of_status(answer.status).meaning}.",
        url=answer.place.url,
        retry_at_ms=None if pause_s is None else now_ms + round(pause_s * 1000),
    )


def location(answer: Answer) -> str | None:
    """Where a redirect leads: bytes, read as Latin-1 like every header, are the UTF-8 that browsers take them for."""
    header = answer.header("Location")
    return None if header is None else header.encode("latin-1", "replace").decode("utf-8", "replace")


def page(answer: Answer, body: bytes, now_ms: int) -> Page:
    """The page of an answer whose body is `body`."""
    media_type, charset = content_type(answer.header("Content-Type") or "")
    return Page(
        url=answer.place.url,
        status=answer.status,
        media_type=media_type,
        charset=charset,
        body=body,
        fetched_ms=now_ms,
        etag=_short(answer.header("ETag")),
        last_modified=_short(answer.header("Last-Modified")),
        wire_bytes=answer.wire_bytes,
    )


def conditional(validators: Validators | None) -> dict[str, str]:
    """The headers that ask for a page only if it changed."""
    if validators is None:
        return {}
    asked = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in asked.items() if value}


def content_type(header: str) -> tuple[str, str | None]:
    """Media type in lower case and charset as sent: `Text/HTML; charset="x"` is `text/html` and `x`."""
    media_type, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and (charset := value.strip().strip("\"'")):
            return media_type.strip().lower(), charset
    return media_type.strip().lower(), None


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR else None
