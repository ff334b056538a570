"""Which pages of other origins may read answers: reads are open to all, writes to the origins of CORS_ORIGINS."""

from __future__ import annotations

from collections.abc import Mapping

from .. import settings
from .routing import Route, methods

EXPOSED = (
    "ETag, Link, Location, Retry-After, Allow, Kindling-Fetched-At, Kindling-Status, Kindling-Next-Run, Kindling-Total"
)
ASKED_WITH = "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, X-API-Key"
MAX_AGE_S = 3_600  # how long a browser may remember a preflight; browsers cap it at two hours


def allow(routes: Mapping[str, Route], origin: str | None) -> dict[str, str]:
    """The headers that let a page of `origin` read an answer of these routes; none where it may not."""
    reads = not routes or "GET" in routes
    allowed = "*" if reads else origin if origin and origin in settings.listed("CORS_ORIGINS") else None
    if allowed is None:
        return {}
    return {"Access-Control-Allow-Origin": allowed, "Access-Control-Expose-Headers": EXPOSED}


def preflight(routes: Mapping[str, Route], origin: str | None) -> dict[str, str]:
    """The headers of an answer to OPTIONS."""
    headers = {"Allow": ", ".join(methods(routes))}
    granted = allow(routes, origin)
    if granted:
        headers |= granted | {
            "Access-Control-Allow-Methods": headers["Allow"],
            "Access-Control-Allow-Headers": ASKED_WITH,
            "Access-Control-Max-Age": str(MAX_AGE_S),
        }
    return headers
