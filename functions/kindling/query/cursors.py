"""Cursors: opaque tokens that name a place in the order of one query.

A token holds the place itself, so it needs no memory of the server and stays good while data changes. It is bound to
its query and carries a checksum: garbage and another query's token are refused. It is no secret and grants nothing.

Pure.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from ..values import packed

CHECK_BYTES = 6  # an accident passes one time in 2^48
TOKEN_MAX = 4_096  # as long as a whole query may be

_SAFE = re.compile(r"[A-Za-z0-9_~-]+\Z")  # what ids, ranks and digests consist of: safe in a query of the database


class BadCursor(ValueError):
    """A text that is no cursor of this query."""


def digest(parts: Sequence[object]) -> str:
    """A short text that is equal for equal queries."""
    return hashlib.blake2b(packed(parts), digest_size=CHECK_BYTES).hexdigest()


def _check(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=CHECK_BYTES, person=b"cursor").digest()


def write(query: str, place: Sequence[str]) -> str:
    """The token of `place` in the query whose digest is `query`."""
    body = packed([query, *place])
    return urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def read(token: str, query: str, length: int) -> tuple[str, ...]:
    """The place of `length` texts that `token` names; raises BadCursor for another query's token and for garbage."""
    bound, *place = _opened(token)
    if bound != query or len(place) != length:
        raise BadCursor("it belongs to another query; send it with the parameters that it was given for")
    return tuple(place)


def _opened(token: str) -> list[str]:
    """What a token holds. The checksum has no key, so what it holds is judged as if a stranger had written it."""
    try:
        raw = urlsafe_b64decode(token[:TOKEN_MAX].encode() + b"=" * (-len(token) % 4))
        check, body = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
        parts = json.loads(body) if check == _check(body) else None
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or not parts or not all(isinstance(p, str) and _SAFE.match(p) for p in parts):
        raise BadCursor("it is no cursor of this API; take it from `next` as it is")
    return parts
