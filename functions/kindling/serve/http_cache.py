"""ETags, conditions and caching headers (RFC 9110, 9111): what a client need not fetch again, and what none may keep.

An ETag names the bytes of the answer. A compressed body has its own, which conditions take for the same document: a
proxy that compresses marks tags as weak, and refusing those would refuse every client behind it. Pure.
"""

from __future__ import annotations

import hashlib

from ..errors import ApiError
from ..times import from_http_date, http_date
from .answer import Answer
from .sent import Sent

ETAG_BYTES = 12  # of SHA-256, for which processors have instructions; two answers share a tag one time in 2^96
SHARED_SECONDS_MAX = 60  # an answer of a shared cache is at most that old
VARY = "Accept, Authorization, X-API-Key, Origin"
GZIPPED = "-gzip"


def etag(body: bytes) -> str:
    """The strong ETag of `body`, quoted."""
    return f'"{hashlib.sha256(body).hexdigest()[: 2 * ETAG_BYTES]}"'


def shared_seconds(now_ms: int, next_run_ms: int | None) -> int:
    """How long shared caches may keep public data: until the next run, at most SHARED_SECONDS_MAX."""
    left = (next_run_ms - now_ms) // 1000 if next_run_ms else SHARED_SECONDS_MAX
    return left if 0 < left < SHARED_SECONDS_MAX else SHARED_SECONDS_MAX


def _tags(text: str) -> list[str]:
    return [tag.strip().removeprefix("W/").replace(f'{GZIPPED}"', '"') for tag in text.split(",")]


def unchanged(headers: Sent, tag: str, modified_ms: int | None) -> bool:
    """Whether the client has this answer already: If-None-Match, or without it If-Modified-Since."""
    known = headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or tag in _tags(known)
    said = headers.get("If-Modified-Since")
    since = from_http_date(said) if said else None
    return since is not None and modified_ms is not None and modified_ms // 1000 * 1000 <= since


def demand_match(headers: Sent, tag: str | None) -> None:
    """Raises ApiError 412 where If-Match or If-None-Match forbids a write; `tag` is None where nothing is there."""
    wanted = headers.get("If-Match")
    if wanted is not None and (tag is None or (wanted.strip() != "*" and tag not in _tags(wanted))):
        there = "is not there" if tag is None else "has changed"
        raise ApiError(412, f"The document {there}; GET it again and use its ETag.", kind="changed")
    refused = headers.get("If-None-Match")
    if refused is not None and tag is not None and (refused.strip() == "*" or tag in _tags(refused)):
        raise ApiError(412, "The document is there already.", kind="exists")


def caching(answer: Answer) -> dict[str, str]:
    """The caching headers of an answer."""
    kept = f"public, s-maxage={answer.seconds}, max-age=0" if answer.seconds else "no-store"
    headers = {"Cache-Control": kept, "Vary": VARY}
    if answer.modified_ms is not None:
        headers["Last-Modified"] = http_date(answer.modified_ms)
    return headers
