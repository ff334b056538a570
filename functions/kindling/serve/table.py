"""The table of every endpoint. Dispatch, the specification, the check of the docs and the tests all read this."""

from __future__ import annotations

from .endpoints import changes, data, deleting, describe, health, hello, runs, saving, series, sources
from .routing import Route

TABLE: tuple[Route, ...] = (
    *hello.ROUTES,
    *data.ROUTES,
    *changes.ROUTES,
    *series.ROUTES,
    *saving.ROUTES,
    *deleting.ROUTES,
    *health.ROUTES,
    *describe.ROUTES,
    *sources.ROUTES,
    *runs.ROUTES,
)
